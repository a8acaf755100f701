"""Encoding: one run of FFmpeg reads the film once and writes every picture size, every sound track and the storyboard.

The bitrate of a size is a ceiling, not a goal: easy scenes take less. The buffer is small, so that no segment goes more
than a tenth over what the manifests declare.
"""

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from fractions import Fraction
from math import ceil
from pathlib import Path

from media.ladder import AUDIO_KBPS, Step, frames_per_group
from media.tools import find_tool, run_tool

STORYBOARD_SPRITE = "sprite.jpg"

_QUALITY_FACTOR = 21
_PEAK_SHARE, _BUFFER_SHARE = 0.9, 0.4  # of the bitrate: two seconds hold at most 0.9 + 0.4 / 2 of it per second
_SAMPLE_RATE = 48_000
_MOST_CHANNELS = 2
_PATIENCE_SECONDS = 120.0


@dataclass(frozen=True, slots=True)
class Sound:
    """A sound track to encode: FFmpeg's name of it (`0:1`), and its channels in the source."""

    stream: str
    channels: int


@dataclass(frozen=True, slots=True)
class Tiles:
    """The storyboard's sprite: small pictures row by row, the first one of each interval."""

    width: int
    height: int
    columns: int
    rows: int
    interval_seconds: float


@dataclass(frozen=True, slots=True)
class Job:
    """What to encode. `inputs` are FFmpeg's arguments up to the last `-i`; `filters` prepare the picture."""

    inputs: Sequence[str]
    video: str
    sounds: Sequence[Sound]
    steps: Sequence[Step]
    frame_rate: Fraction
    duration_seconds: float
    tiles: Tiles
    filters: Sequence[str] = ()
    preset: str = "veryfast"


@dataclass(frozen=True, slots=True)
class Encoded:
    """The files of one run, in the order of the job's steps and sounds."""

    pictures: tuple[Path, ...]
    sounds: tuple[Path, ...]
    sprite: Path


def transcode(
    job: Job,
    folder: Path,
    *,
    on_progress: Callable[[float], None] | None = None,
    is_cancelled: Callable[[], bool] | None = None,
) -> Encoded:
    """Encode the job into the folder and return the files.

    Raises:
        MediaError: TOOL_MISSING, TOOL_FAILED, TOOL_TIMEOUT or CANCELLED.
    """
    encoded = Encoded(
        pictures=tuple(folder / f"{step.rung.folder}.mp4" for step in job.steps),
        sounds=tuple(folder / f"sound{number}.mp4" for number in range(len(job.sounds))),
        sprite=folder / STORYBOARD_SPRITE,
    )
    command = [
        *(find_tool("ffmpeg"), "-hide_banner", "-loglevel", "error", "-nostdin", "-nostats", "-y"),
        *("-progress", "pipe:1"),
        *job.inputs,
        *("-filter_complex", _filters(job)),
        *(argument for index, step in enumerate(job.steps) for argument in _picture(job, index, step)),
        *(argument for index, sound in enumerate(job.sounds) for argument in _sound(index, sound)),
        *("-map", "[tiles]", "-frames:v", "1", "-q:v", "5", STORYBOARD_SPRITE),
    ]
    report = None if on_progress is None else _reporter(on_progress, job.duration_seconds)
    run_tool(command, timeout_seconds=_patience(job), folder=folder, on_line=report, is_cancelled=is_cancelled)
    return encoded


def _filters(job: Job) -> str:
    tiles = job.tiles
    prepare = ",".join([*job.filters, f"fps={job.frame_rate}", "format=yuv420p"])
    branches = [f"s{index}" for index in range(len(job.steps))]
    graph = [f"[{job.video}]{prepare},split={len(branches) + 1}" + "".join(f"[{name}]" for name in [*branches, "t"])]
    for index, step in enumerate(job.steps):
        graph.append(f"[s{index}]scale={step.width}:{step.height}:flags=fast_bilinear,setsar=1[v{index}]")
    bucket = f"floor(t/{tiles.interval_seconds:.3f})"
    before = f"floor(prev_selected_t/{tiles.interval_seconds:.3f})"
    graph.append(
        f"[t]select='isnan(prev_selected_t)+gt({bucket},{before})',"
        f"scale={tiles.width}:{tiles.height}:flags=fast_bilinear,setsar=1,tile={tiles.columns}x{tiles.rows}[tiles]"
    )
    return ";".join(graph)


def _picture(job: Job, index: int, step: Step) -> list[str]:
    bits = video_kbps(step, has_sound=bool(job.sounds)) * 1000
    group = str(frames_per_group(job.frame_rate))
    return [
        *("-map", f"[v{index}]", "-c:v", "libx264", "-preset", job.preset, "-crf", str(_QUALITY_FACTOR)),
        *("-maxrate", str(int(bits * _PEAK_SHARE)), "-bufsize", str(int(bits * _BUFFER_SHARE))),
        # Equal, closed groups in every size: players switch at any segment.
        *("-g", group, "-keyint_min", group, "-sc_threshold", "0", "-flags", "+cgop"),
        *("-map_metadata", "-1", "-map_chapters", "-1", f"{step.rung.folder}.mp4"),
    ]


def _sound(index: int, sound: Sound) -> list[str]:
    return [
        *("-map", sound.stream, "-c:a", "aac", "-b:a", f"{AUDIO_KBPS}k"),
        *("-ac", str(kept_channels(sound.channels)), "-ar", str(_SAMPLE_RATE)),
        # Sound that begins late or has holes keeps its place beside the picture.
        *("-af", "aresample=async=1:first_pts=0", "-map_metadata", "-1", "-map_chapters", "-1", f"sound{index}.mp4"),
    ]


def video_kbps(step: Step, *, has_sound: bool) -> int:
    """Return the share of the rung's bitrate that its picture may take."""
    return step.rung.bitrate_kbps - (AUDIO_KBPS if has_sound else 0)


def kept_channels(channels: int) -> int:
    """Return how many channels are left after encoding: surround is mixed down to stereo."""
    return min(channels, _MOST_CHANNELS)


def _reporter(on_progress: Callable[[float], None], duration_seconds: float) -> Callable[[str], None]:
    """Return what turns FFmpeg's progress lines into shares, growing, at most 1.0."""
    furthest = 0.0

    def report(line: str) -> None:
        nonlocal furthest
        name, _, value = line.partition("=")
        if name != "out_time_us" or not value.strip().lstrip("-").isdigit() or duration_seconds <= 0:
            return
        share = min(1.0, int(value) / 1_000_000 / duration_seconds)
        if share > furthest:
            furthest = share
            on_progress(share)

    return report


def _patience(job: Job) -> float:
    """Return how long the run may take: a slow, busy machine encodes the whole ladder at a tenth of its speed."""
    return _PATIENCE_SECONDS + ceil(job.duration_seconds) * 10.0 * max(1, len(job.steps))
