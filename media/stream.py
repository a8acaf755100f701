"""A stream out of a film that FFmpeg can open: encoded, packaged, pictured; whole or not at all."""

import shutil
import tempfile
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

from media.ladder import RUNGS, Rung, choose_ladder, steady_frame_rate
from media.package import Picture, package
from media.results import CaptionFile, Ingested, Probe, Rendition
from media.thumbnails import choose_moments, plan_tiles, take_stills, write_storyboard
from media.tracks import name_voices, read_texts, subtitle_track, write_texts
from media.transcode import Job, Sound, transcode, video_kbps

MOST_SOUNDS = 16

_ENCODING_ENDS_AT = 0.9  # of the progress; packaging and pictures are the rest
_PACKAGING_ENDS_AT = 0.97


@dataclass(frozen=True, slots=True)
class Film:
    """What to make a stream of: what it has, FFmpeg's arguments that open it, and FFmpeg's names of its tracks.

    `sounds` name the tracks of `found.audio`, in its order.
    """

    found: Probe
    inputs: Sequence[str]
    video: str
    sounds: Sequence[str]


def make_stream(
    film: Film,
    folder: Path,
    *,
    captions: Sequence[CaptionFile] = (),
    default_language: str | None = None,
    on_progress: Callable[[float], None] | None = None,
    is_cancelled: Callable[[], bool] | None = None,
    preset: str = "veryfast",
    rungs: Sequence[Rung] = RUNGS,
) -> Ingested:
    """Make a stream of the film in the folder; see `media.ingest.ingest`."""
    found = film.found
    texts = read_texts(captions, duration_seconds=found.duration_seconds)
    job = _job(film, preset=preset, rungs=rungs)
    with _beside(folder) as (work, stream):
        report = None if on_progress is None else _scaled(on_progress, _ENCODING_ENDS_AT)
        encoded = transcode(job, work, on_progress=report, is_cancelled=is_cancelled)
        tracks, voices = name_voices(found.audio[:MOST_SOUNDS], encoded.sounds, default_language=default_language)
        subtitles = write_texts(texts, stream)
        pictures = [
            Picture(file, step.rung, video_kbps(step, has_sound=bool(voices)))
            for file, step in zip(encoded.pictures, job.steps, strict=True)
        ]
        codecs = package(stream, pictures=pictures, voices=voices, texts=subtitles, is_cancelled=is_cancelled)
        _tell(on_progress, _PACKAGING_ENDS_AT)
        best = job.steps[-1]
        stills = take_stills(
            encoded.pictures[-1],
            choose_moments(encoded.sprite, tiles=job.tiles, duration_seconds=found.duration_seconds),
            stream,
            width=best.width,
            height=best.height,
            is_cancelled=is_cancelled,
        )
        storyboard = write_storyboard(encoded.sprite, stream, tiles=job.tiles, duration_seconds=found.duration_seconds)
        renditions = _renditions(job, stream, codecs)
    _tell(on_progress, 1.0)
    return Ingested(found, renditions, tracks, tuple(subtitle_track(text) for text in subtitles), stills, storyboard)


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
        _replace(folder, stream, aside=Path(temporary) / "replaced")


def _replace(place: Path, new: Path, *, aside: Path) -> None:
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


def _job(film: Film, *, preset: str, rungs: Sequence[Rung]) -> Job:
    found = film.found
    channels = (each.channels for each in found.audio)
    return Job(
        inputs=film.inputs,
        video=film.video,
        sounds=[Sound(*each) for each in zip(film.sounds, channels, strict=True)][:MOST_SOUNDS],
        steps=choose_ladder(found.width, found.height, rungs=rungs),
        frame_rate=steady_frame_rate(found.frame_rate),
        duration_seconds=found.duration_seconds,
        tiles=plan_tiles(found.width, found.height, duration_seconds=found.duration_seconds),
        filters=_preparations(found),
        preset=preset,
    )


def _preparations(found: Probe) -> list[str]:
    """Return the filters that make an ordinary picture of it: whole pictures instead of fields, SDR."""
    filters = []
    if found.is_interlaced:
        filters.append("bwdif=mode=send_frame")
    if found.is_hdr:  # HLG was made to look right on SDR screens as it is
        filters.append("scale=in_color_matrix=bt2020:out_color_matrix=bt709")
        filters.append("setparams=color_primaries=bt709:color_trc=bt709:colorspace=bt709")
    return filters


def _renditions(job: Job, stream: Path, codecs: Mapping[str, str]) -> tuple[Rendition, ...]:
    return tuple(
        Rendition(
            quality=step.rung.quality,
            width=step.width,
            height=step.height,
            bitrate_kbps=step.rung.bitrate_kbps,
            codec=codecs[step.rung.quality],
            size_bytes=sum(file.stat().st_size for file in (stream / step.rung.folder).iterdir()),
        )
        for step in job.steps
    )


def _scaled(on_progress: Callable[[float], None], end: float) -> Callable[[float], None]:
    return lambda share: on_progress(share * end)


def _tell(on_progress: Callable[[float], None] | None, share: float) -> None:
    if on_progress is not None:
        on_progress(share)
