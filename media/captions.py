"""Captions: SubRip and WebVTT files as people send them, checked and written as plain WebVTT.

Styling is kept only where every player knows it: italics, bold, underline, voices. Positions are dropped.
"""

import html
import re
from collections.abc import Iterator
from dataclasses import dataclass
from itertools import pairwise
from pathlib import Path

from media.errors import MediaError, MediaFault

LARGEST_BYTES = 2 * 1024 * 1024
MOST_CUES = 20_000
LONGEST_CUE_SECONDS = 120
LONGEST_TEXT = 2_000

_TIME = r"(?:(\d{1,3}):)?([0-5]?\d):([0-5]?\d)[.,](\d{1,3})"
_TIMING = re.compile(rf"\s*{_TIME}\s*-->\s*{_TIME}(?:\s.*)?")
_TAG = re.compile(r"<(/?)([a-zA-Z]+|\d[\d:.]*)([^<>]*)>")
_ASS_OVERRIDE = re.compile(r"\{\\[^{}]*\}")
_KEPT_TAGS = frozenset({"i", "b", "u", "v"})
_VTT_HEADER = re.compile(r"WEBVTT(?:[ \t].*)?")
_VTT_BLOCKS = ("NOTE", "STYLE", "REGION")


@dataclass(frozen=True, slots=True)
class Cue:
    """A text with its time in milliseconds. The text is WebVTT markup, of one line or more."""

    start_ms: int
    end_ms: int
    text: str


def read_captions(path: Path) -> tuple[Cue, ...]:
    """Return the cues of a SubRip or WebVTT file, in the order of their time; which one it is, its content says.

    UTF-8 with or without a mark, UTF-16 with one. Cues without text are dropped.

    Raises:
        MediaError: SOURCE_MISSING, or CAPTIONS_INVALID with the line at fault.
    """
    try:
        with path.open("rb") as file:
            data = file.read(LARGEST_BYTES + 1)
    except OSError as error:
        raise MediaError(MediaFault.SOURCE_MISSING, "There is no such caption file.") from error
    if len(data) > LARGEST_BYTES:
        raise _invalid(f"A caption file may have {LARGEST_BYTES // 1024 // 1024} MiB at most.")
    return parse_captions(_decode(data))


def parse_captions(text: str) -> tuple[Cue, ...]:
    """Return the cues of a SubRip or WebVTT text; see `read_captions`."""
    lines = text.replace("\r\n", "\n").replace("\r", "\n").split("\n")
    if "\x00" in text:
        raise _invalid("It is no text.")
    is_vtt = bool(_VTT_HEADER.fullmatch(lines[0]))
    cues = sorted(_cues(lines, is_vtt=is_vtt), key=lambda cue: cue.start_ms)
    if not cues:
        raise _invalid("There is no cue in it: neither SubRip nor WebVTT.")
    if len(cues) > MOST_CUES:
        raise _invalid(f"It may have {MOST_CUES} cues at most.")
    return tuple(cues)


def write_webvtt(cues: tuple[Cue, ...]) -> str:
    """Return the cues as a WebVTT file."""
    blocks = [f"{webvtt_time(cue.start_ms)} --> {webvtt_time(cue.end_ms)}\n{cue.text}\n" for cue in cues]
    return "\n".join(["WEBVTT\n", *blocks])


def fit_to_film(cues: tuple[Cue, ...], duration_seconds: float) -> tuple[Cue, ...]:
    """Return the cues that begin within the film, ending with it at the latest.

    Raises:
        MediaError: CAPTIONS_INVALID when none does: they belong to another film.
    """
    end_ms = round(duration_seconds * 1000)
    kept = tuple(Cue(cue.start_ms, min(cue.end_ms, end_ms), cue.text) for cue in cues if cue.start_ms < end_ms)
    if not kept:
        raise _invalid("Every cue begins after the end of the film.")
    return kept


def _cues(lines: list[str], *, is_vtt: bool) -> Iterator[Cue]:
    for number, block in _blocks(lines):
        if is_vtt and (number == 1 or block[0].split(" ", 1)[0].split("\t", 1)[0] in _VTT_BLOCKS):
            continue
        at = next((index for index, line in enumerate(block[:2]) if "-->" in line), None)
        if at is None:
            raise _invalid(f"Line {number}: a cue needs its time, `00:00:01,000 --> 00:00:02,500`.")
        cue = _cue(block[at], block[at + 1 :], line=number + at)
        if cue is not None:
            yield cue


def _blocks(lines: list[str]) -> Iterator[tuple[int, list[str]]]:
    """Yield runs of lines that are not blank, each with the number of its first line."""
    edges = [-1, *(index for index, line in enumerate(lines) if not line.strip()), len(lines)]
    for before, after in pairwise(edges):
        if after - before > 1:
            yield before + 2, lines[before + 1 : after]


def _cue(timing: str, texts: list[str], *, line: int) -> Cue | None:
    match = _TIMING.fullmatch(timing)
    if match is None:
        raise _invalid(f"Line {line}: the time is malformed.")
    start, end = _milliseconds(match.groups()[:4]), _milliseconds(match.groups()[4:])
    if end <= start:
        raise _invalid(f"Line {line}: the cue ends before it begins.")
    if end - start > LONGEST_CUE_SECONDS * 1000:
        raise _invalid(f"Line {line}: a cue may last {LONGEST_CUE_SECONDS} seconds at most.")
    text = _markup("\n".join(texts))
    if len(text) > LONGEST_TEXT:
        raise _invalid(f"Line {line}: a cue may have {LONGEST_TEXT} characters at most.")
    return Cue(start, end, text) if _TAG.sub("", text).strip() else None


def _milliseconds(parts: tuple[str | None, ...]) -> int:
    hours, minutes, seconds, fraction = parts
    whole = int(hours or 0) * 3600 + int(minutes or 0) * 60 + int(seconds or 0)
    return whole * 1000 + int((fraction or "0").ljust(3, "0"))


def _markup(text: str) -> str:
    """Return the text as WebVTT: known tags kept and closed, all other markup taken away, the rest escaped."""
    text = _ASS_OVERRIDE.sub("", text)
    parts: list[str] = []
    open_tags: list[str] = []
    end = 0
    for tag in _TAG.finditer(text):
        parts.append(_escaped(text[end : tag.start()]))
        end = tag.end()
        parts.append(_kept_tag(tag, open_tags))
    parts.append(_escaped(text[end:]))
    parts.extend(f"</{name}>" for name in reversed(open_tags))
    lines = (line.strip() for line in "".join(parts).split("\n"))
    return "\n".join(line for line in lines if line)


def _kept_tag(tag: re.Match[str], open_tags: list[str]) -> str:
    closes, name = tag[1] == "/", tag[2].lower()
    if name not in _KEPT_TAGS:
        return ""
    if closes:
        if not open_tags or open_tags[-1] != name:
            return ""
        return f"</{open_tags.pop()}>"
    open_tags.append(name)
    voice = _escaped(tag[3].strip()) if name == "v" else ""
    return f"<{name} {voice}>" if voice else f"<{name}>"


def _escaped(text: str) -> str:
    """Escape once, whether the file escaped already (WebVTT) or not (SubRip). An arrow may not stand in a text."""
    return html.escape(html.unescape(text), quote=False)


def webvtt_time(milliseconds: int) -> str:
    """Return the time as WebVTT writes it: `00:01:02.500`."""
    seconds, rest = divmod(milliseconds, 1000)
    return f"{seconds // 3600:02}:{seconds // 60 % 60:02}:{seconds % 60:02}.{rest:03}"


def _decode(data: bytes) -> str:
    has_wide_mark = data[:2] in (b"\xff\xfe", b"\xfe\xff")
    try:
        return data.decode("utf-16" if has_wide_mark else "utf-8-sig")
    except UnicodeDecodeError as error:
        raise _invalid("It is not UTF-8. Save it as UTF-8 and send it again.") from error


def _invalid(message: str) -> MediaError:
    return MediaError(MediaFault.CAPTIONS_INVALID, f"The caption file cannot be used. {message}")
