"""What a file is: read by ffprobe, refused with a stable code when it is no film.

Files come from strangers. Only containers that hold their media inside are opened: a playlist or a concat list could
name other files of this machine, or addresses in its network.
"""

import json
import re
from contextlib import suppress
from dataclasses import replace
from fractions import Fraction
from math import inf, isfinite
from pathlib import Path
from typing import Any

from media.errors import MediaError, MediaFault
from media.languages import language_tag
from media.results import AudioStream, Probe
from media.tools import PROBE_TIMEOUT_SECONDS, find_tool, run_tool

LONGEST_SECONDS = 12 * 3600
LARGEST_SIDE = 8192

INPUT_GUARDS = (
    *("-protocol_whitelist", "file"),
    *("-format_whitelist", "mov,mp4,m4a,3gp,3g2,mj2,matroska,webm,avi,mpeg,mpegts,mxf,flv,asf,ogg"),
)
"""Options that stand before `-i` of every file that somebody sent."""

_REFUSAL = "The file is no film that can be read: MP4, MOV, MKV, WebM, AVI, MPEG, MXF and their like are."
_STILL_PICTURES = frozenset({"mjpeg", "png", "gif", "bmp", "webp", "tiff", "ansi"})
_HLG, _PQ = "arib-std-b67", "smpte2084"
_INTERLACED = frozenset({"tt", "bb", "tb", "bt"})
_TRUNCATION_WORDS = ("moov atom not found", "partial file", "Truncating packet", "File ended prematurely")
_FIRST_BOXES = frozenset({b"ftyp", b"moov", b"mdat", b"free", b"wide", b"skip"})
_FALLBACK_FRAME_RATE = Fraction(25)
_CLOCK = re.compile(r"(\d+):(\d\d):(\d\d(?:\.\d+)?)")
_HIGHEST_FRAME_RATE = 240
# A file whose last packet lies further than this before the end that its header promises was cut off.
_MISSING_SECONDS = 1.0
_MISSING_SHARE = 0.02


def probe(source: Path, *, timeout_seconds: float = PROBE_TIMEOUT_SECONDS) -> Probe:
    """Return what the file has: the first picture that is no cover art, and every sound track.

    Raises:
        MediaError: SOURCE_MISSING, NOT_MEDIA, NO_VIDEO, TRUNCATED, UNSUPPORTED; or a tool's own fault.
    """
    if not source.is_file():
        raise MediaError(MediaFault.SOURCE_MISSING, "There is no such file.")
    size = source.stat().st_size
    facts = _ask(source, timeout_seconds=timeout_seconds)
    streams = [each for each in facts.get("streams", []) if isinstance(each, dict)]
    video = _picture(streams)
    if video is None:
        raise MediaError(MediaFault.NO_VIDEO, "The file has no moving picture.")
    if video.get("color_transfer") == _PQ:
        # Without tone mapping it looks washed out, and FFmpeg's own takes seconds for each picture.
        message = "The picture is in HDR10 (PQ). Send it in SDR, or in HLG."
        raise MediaError(MediaFault.UNSUPPORTED, message)
    found = _assemble(facts, video, streams, size_bytes=size)
    found = _whole(source, found, promised=_promised_seconds(video) or found.duration_seconds, timeout=timeout_seconds)
    _refuse_extremes(found)
    return found


def _ask(source: Path, *, timeout_seconds: float) -> dict[str, Any]:
    command = [
        *(find_tool("ffprobe"), "-hide_banner", "-loglevel", "error", *INPUT_GUARDS),
        *("-show_format", "-show_streams", "-of", "json", "-i", str(source.resolve())),
    ]
    try:
        told = json.loads(run_tool(command, timeout_seconds=timeout_seconds))
    except MediaError as error:
        if error.code is not MediaFault.TOOL_FAILED:
            raise
        if _begins_like_a_film(source) and any(words in error.detail for words in _TRUNCATION_WORDS):
            raise _cut_off(error.detail) from error
        raise MediaError(MediaFault.NOT_MEDIA, _REFUSAL, detail=error.detail) from error
    except ValueError as error:  # more than anybody would say of a film
        raise MediaError(MediaFault.NOT_MEDIA, _REFUSAL) from error
    return told if isinstance(told, dict) else {}


def _begins_like_a_film(source: Path) -> bool:
    """Whether it begins as MP4 and MOV do; ffprobe believes the name's ending, whatever is inside."""
    with source.open("rb") as file:
        return file.read(12)[4:8] in _FIRST_BOXES


def _picture(streams: list[dict[str, Any]]) -> dict[str, Any] | None:
    for stream in streams:
        is_cover = stream.get("disposition", {}).get("attached_pic") == 1
        if stream.get("codec_type") == "video" and not is_cover:
            frames = stream.get("nb_frames")
            if stream.get("codec_name") in _STILL_PICTURES and frames in (None, "1"):
                continue
            return stream
    return None


def _assemble(facts: dict[str, Any], video: dict[str, Any], streams: list[dict[str, Any]], *, size_bytes: int) -> Probe:
    rotation = _rotation(video)
    width, height = int(video.get("width") or 0), int(video.get("height") or 0)
    pixel = _fraction(video.get("sample_aspect_ratio")) or Fraction(1)
    width = round(width * pixel)
    if rotation in (90, 270):
        width, height = height, width
    return Probe(
        container=str(facts.get("format", {}).get("format_name", "")),
        size_bytes=size_bytes,
        duration_seconds=_duration(facts, video),
        video_index=int(video["index"]),
        video_codec=str(video.get("codec_name", "unknown")),
        width=width,
        height=height,
        frame_rate=_frame_rate(video),
        rotation=rotation,
        is_interlaced=video.get("field_order") in _INTERLACED,
        is_hdr=video.get("color_transfer") == _HLG,
        audio=tuple(_audio(each) for each in streams if _is_sound(each)),
    )


def _is_sound(stream: dict[str, Any]) -> bool:
    return stream.get("codec_type") == "audio" and bool(stream.get("channels")) and "codec_name" in stream


def _audio(stream: dict[str, Any]) -> AudioStream:
    tags = {str(name).lower(): str(value) for name, value in stream.get("tags", {}).items()}
    disposition = stream.get("disposition", {})
    return AudioStream(
        index=int(stream["index"]),
        codec=str(stream["codec_name"]),
        language=language_tag(tags.get("language")),
        channels=int(stream["channels"]),
        sample_rate=int(stream.get("sample_rate") or 0),
        title=tags.get("title"),
        is_default=disposition.get("default") == 1,
        is_audio_description=disposition.get("visual_impaired") == 1 or disposition.get("descriptions") == 1,
    )


def _rotation(video: dict[str, Any]) -> int:
    """Return by how much the picture must be turned clockwise; the display matrix counts the other way round."""
    for data in video.get("side_data_list", []):
        if "rotation" in data:
            return round(-float(data["rotation"]) / 90) * 90 % 360
    return 0


def _duration(facts: dict[str, Any], video: dict[str, Any]) -> float:
    for told in (facts.get("format", {}).get("duration"), video.get("duration")):
        try:
            seconds = float(str(told))
        except ValueError:
            continue
        if seconds > 0 and isfinite(seconds):
            return seconds
    return 0.0


def _frame_rate(video: dict[str, Any]) -> Fraction:
    for name in ("avg_frame_rate", "r_frame_rate"):
        rate = _fraction(video.get(name))
        if rate is not None and rate <= _HIGHEST_FRAME_RATE:
            return rate
    return _FALLBACK_FRAME_RATE


def _fraction(text: object) -> Fraction | None:
    """Return the positive fraction that `24000/1001` or `4:3` says, None for anything else."""
    if not isinstance(text, str):
        return None
    try:
        value = Fraction(text.replace(":", "/"))
    except (ValueError, ZeroDivisionError):
        return None
    return value if value > 0 else None


def _refuse_extremes(found: Probe) -> None:
    if found.video_codec == "unknown" or min(found.width, found.height) < 1:
        raise MediaError(MediaFault.UNSUPPORTED, "The picture is in a codec that cannot be read.")
    if max(found.width, found.height) > LARGEST_SIDE:
        raise MediaError(MediaFault.UNSUPPORTED, f"No side of the picture may be over {LARGEST_SIDE} pixels.")
    if found.duration_seconds > LONGEST_SECONDS:
        raise MediaError(MediaFault.UNSUPPORTED, f"A film may last {LONGEST_SECONDS // 3600} hours at most.")


def _promised_seconds(video: dict[str, Any]) -> float:
    """Return how long the picture lasts by its own header, 0.0 where that does not say; the sound may last longer."""
    try:
        return float(str(video.get("duration")))
    except ValueError:
        pass
    tags = {str(name).upper(): str(value) for name, value in video.get("tags", {}).items()}
    clock = _CLOCK.fullmatch(tags.get("DURATION", ""))
    return 0.0 if clock is None else int(clock[1]) * 3600 + int(clock[2]) * 60 + float(clock[3])


def _whole(source: Path, found: Probe, *, promised: float, timeout: float) -> Probe:
    """Return the film with its length, having looked whether the picture goes on to the end that its header promises.

    Reads the last packets only; all of them where nothing is promised, as in recordings that a browser made. Such a
    file is as long as it is.
    """
    frame = float(1 / found.frame_rate)
    missing = max(_MISSING_SECONDS, promised * _MISSING_SHARE) + frame
    begin = max(0.0, promised - 4 * missing)
    command = [
        *(find_tool("ffprobe"), "-hide_banner", "-loglevel", "error", *INPUT_GUARDS),
        *("-select_streams", str(found.video_index), "-read_intervals", f"{begin:.3f}%"),
        *("-show_entries", "packet=pts_time", "-of", "csv=p=0", "-i", str(source.resolve())),
    ]
    first, last = inf, -inf

    def look(line: str) -> None:
        nonlocal first, last
        with suppress(ValueError):
            at = float(line.strip(","))
            first, last = min(first, at), max(last, at)

    run_tool(command, timeout_seconds=timeout, on_line=look)
    if last < first or last < promised - missing:
        raise _cut_off(f"The last picture is at {last:.3f} of {promised:.3f} s.")
    return found if found.duration_seconds > 0.0 else replace(found, duration_seconds=round(last - first + frame, 3))


def _cut_off(detail: str) -> MediaError:
    return MediaError(MediaFault.TRUNCATED, "The file ends before its end. Upload it again.", detail=detail)
