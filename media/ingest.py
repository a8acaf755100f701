"""From a file to a stream: probed, encoded, packaged, pictured; whole or not at all."""

import shutil
import tempfile
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import replace
from pathlib import Path

from media.captions import fit_to_film, read_captions, write_webvtt
from media.errors import MediaError, MediaFault
from media.ladder import choose_ladder, steady_frame_rate
from media.languages import language_name, language_tag
from media.package import WHOLE_TEXT, Picture, Text, Voice, package
from media.probe import INPUT_GUARDS, probe
from media.results import AudioTrack, CaptionFile, Ingested, Probe, Rendition, Still, SubtitleTrack
from media.thumbnails import choose_moments, plan_tiles, take_stills, write_storyboard
from media.transcode import Encoded, Job, Sound, transcode, video_kbps

MOST_SOUNDS = 16

_ENCODING_ENDS_AT = 0.9  # of the progress; packaging and pictures are the rest
_PACKAGING_ENDS_AT = 0.97
_AUDIO_CODEC = "mp4a.40.2"
_VIDEO_CODEC = "h264"


def ingest(
    source: Path,
    folder: Path,
    *,
    captions: Sequence[CaptionFile] = (),
    default_language: str = "en",
    on_progress: Callable[[float], None] | None = None,
    is_cancelled: Callable[[], bool] | None = None,
    preset: str = "veryfast",
) -> Ingested:
    """Make a stream of the source in the folder and return what it has. Blocks for about the length of the film.

    The folder appears when everything is done; what was there before is replaced. Doing it again is safe, and clears
    away what a run that was killed left behind.

    Args:
        source: A film as somebody sent it; not changed.
        folder: Where the stream will lie: `streams/<asset>` of the object store. Its parent is made if need be.
        captions: Subtitles that come with it.
        default_language: Of sound tracks that do not say theirs; also the track that plays unless one is chosen.
        on_progress: Called in this thread with the share that is done, 0.0 to 1.0, growing.
        is_cancelled: Asked a few times a second; True ends the work.
        preset: What x264 spends on a picture: `ultrafast` to `veryslow`.

    Raises:
        MediaError: See its code; nothing is left behind and what was in the folder is untouched.
    """
    found = probe(source)
    texts = _read_texts(captions, found)
    job = _job(source, found, preset=preset)
    with _beside(folder) as (work, stream):
        encoded = transcode(job, work, on_progress=_scaled(on_progress, _ENCODING_ENDS_AT), is_cancelled=is_cancelled)
        tracks, voices = _voices(found, encoded, default_language=default_language)
        subtitles = _write_texts(texts, stream)
        pictures = [
            Picture(file, step.rung, video_kbps(step, has_sound=bool(voices)))
            for file, step in zip(encoded.pictures, job.steps, strict=True)
        ]
        package(stream, pictures=pictures, voices=voices, texts=subtitles, is_cancelled=is_cancelled)
        _tell(on_progress, _PACKAGING_ENDS_AT)
        stills = _stills(source, found, encoded, job, stream, is_cancelled=is_cancelled)
        storyboard = write_storyboard(encoded.sprite, stream, tiles=job.tiles, duration_seconds=found.duration_seconds)
        ingested = Ingested(
            probe=found,
            renditions=_renditions(job, stream),
            audio_tracks=tracks,
            subtitle_tracks=tuple(_subtitle(text) for text in subtitles),
            stills=stills,
            storyboard=storyboard,
        )
    _tell(on_progress, 1.0)
    return ingested


@contextmanager
def _beside(folder: Path) -> Iterator[tuple[Path, Path]]:
    """Give a folder to work in and one for the stream, which takes the place of `folder` when the block ends well."""
    folder.parent.mkdir(parents=True, exist_ok=True)
    prefix = f".making-{folder.name}-"
    for abandoned in folder.parent.glob(f"{prefix}*"):
        shutil.rmtree(abandoned, ignore_errors=True)
    with tempfile.TemporaryDirectory(dir=folder.parent, prefix=prefix) as temporary:
        work, stream = Path(temporary) / "work", Path(temporary) / "stream"
        work.mkdir()
        stream.mkdir()
        yield work, stream
        replace_folder(stream, folder, aside=Path(temporary) / "replaced")


def replace_folder(new: Path, place: Path, *, aside: Path) -> None:
    """Put the new folder in the place; what was there goes aside, and back if the new one cannot take it."""
    had_one = place.exists()
    if had_one:
        place.rename(aside)
    try:
        new.rename(place)
    except OSError:
        if had_one:
            aside.rename(place)
        raise


def _job(source: Path, found: Probe, *, preset: str) -> Job:
    return Job(
        inputs=_open_at(source, 0.0),
        video=f"0:{found.video_index}",
        sounds=[Sound(f"0:{each.index}", each.channels) for each in found.audio[:MOST_SOUNDS]],
        steps=choose_ladder(found.width, found.height),
        frame_rate=steady_frame_rate(found.frame_rate),
        duration_seconds=found.duration_seconds,
        tiles=plan_tiles(found.width, found.height, duration_seconds=found.duration_seconds),
        filters=("bwdif=mode=send_frame",) if found.is_interlaced else (),
        preset=preset,
    )


def _open_at(source: Path, seconds: float) -> list[str]:
    seek = ["-ss", f"{seconds:.3f}"] if seconds > 0 else []
    return [*INPUT_GUARDS, *seek, "-i", str(source.resolve())]


def _read_texts(captions: Sequence[CaptionFile], found: Probe) -> list[tuple[CaptionFile, str]]:
    """Return each caption file with its WebVTT, before anything is encoded: a fault in one is told at once."""
    read: list[tuple[CaptionFile, str]] = []
    for caption in captions:
        language = language_tag(caption.language)
        if language is None:
            message = f"{caption.language!r} is no language tag."
            raise MediaError(MediaFault.CAPTIONS_INVALID, f"The caption file cannot be used. {message}")
        cues = fit_to_film(read_captions(caption.path), found.duration_seconds)
        read.append((replace(caption, language=language), write_webvtt(cues)))
    return read


def _write_texts(texts: Sequence[tuple[CaptionFile, str]], stream: Path) -> list[Text]:
    written: list[Text] = []
    for caption, webvtt in texts:
        kind = "-forced" if caption.is_forced else "-cc" if caption.is_closed_caption else ""
        name = _free(f"text-{caption.language.lower()}{kind}", [text.folder for text in written])
        (stream / name).mkdir()
        file = stream / name / WHOLE_TEXT
        file.write_text(webvtt, encoding="utf-8")
        label = _free(_plain(caption.label or _text_label(caption)), [text.label for text in written])
        written.append(Text(file, name, caption.language, label, caption.is_forced, caption.is_closed_caption))
    return written


def _text_label(caption: CaptionFile) -> str:
    name = language_name(caption.language)
    return f"{name} [CC]" if caption.is_closed_caption else name


def _subtitle(text: Text) -> SubtitleTrack:
    return SubtitleTrack(
        language=text.language,
        label=text.label,
        is_default=False,
        is_forced=text.is_forced,
        is_closed_caption=text.is_closed_caption,
        vtt_path=f"{text.folder}/{WHOLE_TEXT}",
    )


def _voices(found: Probe, encoded: Encoded, *, default_language: str) -> tuple[tuple[AudioTrack, ...], list[Voice]]:
    """Return the sound tracks, the default one first, as viewers see them and as they are packaged."""
    tracks: list[AudioTrack] = []
    voices: list[Voice] = []
    heard = [replace(each, language=each.language or default_language) for each in found.audio[: len(encoded.sounds)]]
    order = sorted(
        range(len(heard)),
        key=lambda i: (heard[i].is_audio_description, heard[i].language != default_language, not heard[i].is_default),
    )
    for place, number in enumerate(order):
        audio = heard[number]
        language = audio.language or default_language
        name = language_name(language) + (" (audio description)" if audio.is_audio_description else "")
        label = _free(_plain(name), [track.label for track in tracks])
        kind = "-ad" if audio.is_audio_description else ""
        folder = _free(f"audio-{language.lower()}{kind}", [voice.folder for voice in voices])
        channels = Sound("", audio.channels).kept_channels
        voices.append(Voice(encoded.sounds[number], folder, language, label, place == 0, audio.is_audio_description))
        tracks.append(AudioTrack(language, label, channels, _AUDIO_CODEC, place == 0, audio.is_audio_description))
    return tuple(tracks), voices


def _renditions(job: Job, stream: Path) -> tuple[Rendition, ...]:
    return tuple(
        Rendition(
            quality=step.rung.quality,
            width=step.width,
            height=step.height,
            bitrate_kbps=step.rung.bitrate_kbps,
            codec=_VIDEO_CODEC,
            size_bytes=sum(file.stat().st_size for file in (stream / step.rung.folder).iterdir()),
        )
        for step in job.steps
    )


def _stills(
    source: Path,
    found: Probe,
    encoded: Encoded,
    job: Job,
    stream: Path,
    *,
    is_cancelled: Callable[[], bool] | None,
) -> tuple[Still, ...]:
    moments = choose_moments(encoded.sprite, tiles=job.tiles, duration_seconds=found.duration_seconds)
    return take_stills(
        lambda moment: _open_at(source, moment),
        job.video,
        moments,
        stream,
        width=found.width,
        height=found.height,
        is_cancelled=is_cancelled,
    )


def _free(name: str, taken: Sequence[str]) -> str:
    """Return the name, with a number behind it if it is taken."""
    number = 1
    free = name
    while free in taken:
        number += 1
        free = f"{name} {number}" if " " in name or not name.isascii() else f"{name}-{number}"
    return free


def _plain(label: str) -> str:
    """Return the label without what separates words in manifests and in the packager's language."""
    return " ".join("".join(" " if char in ',="<>&\r\n\t' else char for char in label).split())


def _scaled(on_progress: Callable[[float], None] | None, end: float) -> Callable[[float], None] | None:
    return None if on_progress is None else lambda share: on_progress(share * end)


def _tell(on_progress: Callable[[float], None] | None, share: float) -> None:
    if on_progress is not None:
        on_progress(share)


__all__ = ["Ingested", "MediaError", "MediaFault", "ingest"]
