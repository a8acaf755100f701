"""Names of sound tracks: which one plays by default, and what viewers read of each."""

from pathlib import Path

import pytest

from media.languages import language_tag
from media.results import AudioStream
from media.tracks import name_voices


def heard(
    language: str | None, *, title: str | None = None, is_default: bool = False, describes: bool = False
) -> AudioStream:
    """Return a sound track of a source."""
    return AudioStream(1, "aac", language, 6, 48_000, title, is_default=is_default, is_audio_description=describes)


def named(*sounds: AudioStream, default_language: str | None = "en") -> list[tuple[str, str, str, bool]]:
    """Return language, label, folder and whether it is the default of each track."""
    files = [Path(f"sound{number}.mp4") for number in range(len(sounds))]
    tracks, voices = name_voices(sounds, files, default_language=default_language)
    assert [(each.language, each.label, each.is_default) for each in tracks] == [
        (each.language, each.label, each.is_default) for each in voices
    ]
    return [(each.language, each.label, each.folder, each.is_default) for each in voices]


def test_the_default_is_in_the_default_language_and_first() -> None:
    sounds = (heard("hi", is_default=True), heard("en"), heard("ta"))

    assert [each[0] for each in named(*sounds)] == ["en", "hi", "ta"]
    assert [each[0] for each in named(*sounds, default_language="kn")] == ["hi", "en", "ta"]
    assert [each[3] for each in named(*sounds)] == [True, False, False]


def test_a_description_of_the_picture_comes_last_and_says_so() -> None:
    assert named(heard("en", describes=True, is_default=True), heard("hi")) == [
        ("hi", "हिन्दी", "audio-hi", True),
        ("en", "English (audio description)", "audio-en-ad", False),
    ]


def test_tracks_of_one_language_are_numbered() -> None:
    assert named(heard("en", is_default=True), heard("en"), heard("en")) == [
        ("en", "English", "audio-en", True),
        ("en", "English 2", "audio-en-2", False),
        ("en", "English 3", "audio-en-3", False),
    ]


def test_a_track_that_does_not_say_its_language_is_not_taken_for_any() -> None:
    assert named(heard(None, title='Director, "live"'), heard(None), heard("en")) == [
        ("en", "English", "audio-en", True),
        ("mis", "Director live", "audio-mis", False),
        ("mis", "Unknown language", "audio-mis-2", False),
    ]


def test_the_only_track_is_in_the_films_language_where_that_is_known() -> None:
    assert named(heard(None, title="Stereo"), default_language="hi") == [("hi", "हिन्दी", "audio-hi", True)]
    assert named(heard("ta"), default_language="hi") == [("ta", "தமிழ்", "audio-ta", True)]
    assert named(heard(None, title="Stereo"), default_language=None) == [("mis", "Stereo", "audio-mis", True)]
    assert [each[0] for each in named(heard(None), heard(None), default_language="hi")] == ["mis", "mis"]


def test_english_plays_first_where_nobody_knows_the_films_language() -> None:
    assert [each[0] for each in named(heard("hi", is_default=True), heard("en"), default_language=None)] == ["en", "hi"]


@pytest.mark.parametrize(
    ("told", "tag"),
    [
        ("eng", "en"),
        ("hin", "hi"),
        ("hi", "hi"),
        ("pt_BR", "pt-BR"),
        ("hi-Latn", "hi-Latn"),
        ("bho", "bho"),
        ("ENG", "en"),
        ("und", None),
        ("zz", None),
        ("English", None),
        ("../en", None),
        ("", None),
        (None, None),
    ],
)
def test_what_containers_say_becomes_a_language_tag(told: str | None, tag: str | None) -> None:
    assert language_tag(told) == tag
