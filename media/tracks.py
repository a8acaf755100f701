"""Sound tracks and subtitles of a stream: in which order, under which names, in which folders."""

from collections.abc import Sequence
from dataclasses import replace
from pathlib import Path

from media.captions import Cue, fit_to_film, read_captions, write_webvtt
from media.errors import MediaError, MediaFault
from media.languages import UNKNOWN, language_name, language_tag
from media.package import WHOLE_TEXT, Text, Voice
from media.results import AudioStream, AudioTrack, CaptionFile, SubtitleTrack
from media.transcode import kept_channels

AUDIO_CODEC = "mp4a.40.2"

_LONGEST_TITLE = 60
_FIRST = "en"
_SEPARATORS = ',="<>&\r\n\t'


def name_voices(
    heard: Sequence[AudioStream], files: Sequence[Path], *, default_language: str | None
) -> tuple[tuple[AudioTrack, ...], list[Voice]]:
    """Return the sound tracks as viewers see them and as they are packaged, the default one first.

    That is the source's own default of those in the default language; else its default; never a description of the
    picture unless there is nothing else. A track that does not say its language keeps the title that it has; the only
    one is in the default language, where that is known. Where it is not, English plays first.
    """
    tracks: list[AudioTrack] = []
    voices: list[Voice] = []
    for audio, file in sorted(
        zip(heard, files, strict=True), key=lambda each: _rank(each[0], default_language or _FIRST)
    ):
        language = audio.language or (default_language if len(heard) == 1 else None) or UNKNOWN
        is_description, is_default = audio.is_audio_description, not tracks
        title = (audio.title or "")[:_LONGEST_TITLE] if language == UNKNOWN else ""
        name = (title or language_name(language)) + (" (audio description)" if is_description else "")
        label = _unique_label(name, [track.label for track in tracks])
        folder = _unique_folder(
            f"audio-{language.lower()}{'-ad' if is_description else ''}", [voice.folder for voice in voices]
        )
        voices.append(Voice(file, folder, language, label, is_default, is_description))
        channels = kept_channels(audio.channels)
        tracks.append(AudioTrack(language, label, channels, AUDIO_CODEC, is_default, is_description))
    return tuple(tracks), voices


def read_texts(
    captions: Sequence[CaptionFile], *, duration_seconds: float
) -> list[tuple[CaptionFile, tuple[Cue, ...]]]:
    """Return the cues of each caption file that fall into the film.

    Raises:
        MediaError: CAPTIONS_INVALID or SOURCE_MISSING, for the first file that cannot be used.
    """
    read: list[tuple[CaptionFile, tuple[Cue, ...]]] = []
    for caption in captions:
        language = language_tag(caption.language)
        if language is None:
            message = f"The caption file cannot be used. {caption.language!r} is no language tag."
            raise MediaError(MediaFault.CAPTIONS_INVALID, message)
        cues = fit_to_film(read_captions(caption.path), duration_seconds)
        read.append((replace(caption, language=language), cues))
    return read


def write_texts(texts: Sequence[tuple[CaptionFile, tuple[Cue, ...]]], stream: Path) -> list[Text]:
    """Write the cues as WebVTT into folders of the stream, and return what is to be packaged."""
    written: list[Text] = []
    for caption, cues in texts:
        kind = "-forced" if caption.is_forced else "-cc" if caption.is_closed_caption else ""
        folder = _unique_folder(f"text-{caption.language.lower()}{kind}", [text.folder for text in written])
        (stream / folder).mkdir()
        file = stream / folder / WHOLE_TEXT
        file.write_text(write_webvtt(cues), encoding="utf-8")
        name = caption.label or language_name(caption.language) + (" [CC]" if caption.is_closed_caption else "")
        label = _unique_label(name, [text.label for text in written])
        written.append(Text(file, folder, caption.language, label, caption.is_forced, caption.is_closed_caption))
    return written


def subtitle_track(text: Text) -> SubtitleTrack:
    """Return the track as viewers see it. None is shown unless somebody wants it."""
    return SubtitleTrack(
        language=text.language,
        label=text.label,
        is_default=False,
        is_forced=text.is_forced,
        is_closed_caption=text.is_closed_caption,
        vtt_path=f"{text.folder}/{WHOLE_TEXT}",
    )


def _rank(audio: AudioStream, default_language: str) -> tuple[bool, bool, bool]:
    return audio.is_audio_description, audio.language != default_language, not audio.is_default


def _unique_folder(name: str, taken: Sequence[str]) -> str:
    numbered = (f"{name}-{number}" for number in range(2, len(taken) + 3))
    return name if name not in taken else next(each for each in numbered if each not in taken)


def _unique_label(name: str, taken: Sequence[str]) -> str:
    """Return the name without what separates words in manifests and in the packager's language; numbered if taken."""
    plain = " ".join("".join(" " if char in _SEPARATORS else char for char in name).split()) or "?"
    numbered = (f"{plain} {number}" for number in range(2, len(taken) + 3))
    return plain if plain not in taken else next(each for each in numbered if each not in taken)
