"""Reads manifests as a strict player would: what is missing or unknown fails the test."""

import re
import xml.etree.ElementTree as ET
from dataclasses import dataclass
from pathlib import Path

_ATTRIBUTE = re.compile(r'([A-Z0-9-]+)=("[^"]*"|[^",]+)(?:,|$)')
_DASH = "{urn:mpeg:dash:schema:mpd:2011}"


@dataclass(frozen=True)
class Variant:
    """An EXT-X-STREAM-INF with its address."""

    bandwidth: int
    average_bandwidth: int
    codecs: str
    resolution: str
    audio: str | None
    subtitles: str | None
    uri: str


@dataclass(frozen=True)
class Track:
    """An EXT-X-MEDIA."""

    kind: str
    group: str
    language: str
    name: str
    is_default: bool
    is_forced: bool
    characteristics: str | None
    uri: str


@dataclass(frozen=True)
class Master:
    """A master playlist."""

    variants: tuple[Variant, ...]
    tracks: tuple[Track, ...]
    iframes: tuple[str, ...]


@dataclass(frozen=True)
class Segment:
    """A segment of a media playlist."""

    uri: str
    seconds: float
    byte_range: str | None


@dataclass(frozen=True)
class Representation:
    """A representation; `segments` are its start and length in seconds."""

    bandwidth: int
    codecs: str | None
    width: int | None
    height: int | None
    initialization: str | None
    base_url: str | None
    segments: tuple[tuple[float, float], ...]


@dataclass(frozen=True)
class AdaptationSet:
    """An adaptation set."""

    kind: str
    language: str | None
    roles: tuple[str, ...]
    label: str | None
    representations: tuple[Representation, ...]


@dataclass(frozen=True)
class Mpd:
    """A DASH manifest of one period."""

    duration: str
    sets: tuple[AdaptationSet, ...]

    def of(self, kind: str) -> list[Representation]:
        """Return the representations of all sets of the kind."""
        return [each for found in self.sets if found.kind == kind for each in found.representations]


def read_master(path: Path) -> Master:
    """Return the master playlist; every address in it must lead to a file."""
    lines = path.read_text(encoding="utf-8").splitlines()
    assert lines[0] == "#EXTM3U"
    assert "#EXT-X-INDEPENDENT-SEGMENTS" in lines
    variants, tracks, iframes = [], [], []
    for line, following in zip(lines, [*lines[1:], ""], strict=True):
        tag, _, rest = line.partition(":")
        given = _attributes(rest)
        if tag == "#EXT-X-STREAM-INF":
            assert given["CLOSED-CAPTIONS"] == "NONE"
            variants.append(
                Variant(
                    bandwidth=int(given["BANDWIDTH"]),
                    average_bandwidth=int(given["AVERAGE-BANDWIDTH"]),
                    codecs=given["CODECS"],
                    resolution=given["RESOLUTION"],
                    audio=given.get("AUDIO"),
                    subtitles=given.get("SUBTITLES"),
                    uri=following,
                )
            )
        elif tag == "#EXT-X-MEDIA":
            tracks.append(
                Track(
                    kind=given["TYPE"],
                    group=given["GROUP-ID"],
                    language=given["LANGUAGE"],
                    name=given["NAME"],
                    is_default=given["DEFAULT"] == "YES",
                    is_forced=given.get("FORCED") == "YES",
                    characteristics=given.get("CHARACTERISTICS"),
                    uri=given["URI"],
                )
            )
        elif tag == "#EXT-X-I-FRAME-STREAM-INF":
            iframes.append(given["URI"])
    for uri in [*(each.uri for each in variants), *(each.uri for each in tracks), *iframes]:
        assert (path.parent / uri).is_file()
    return Master(tuple(variants), tuple(tracks), tuple(iframes))


def read_playlist(path: Path) -> list[Segment]:
    """Return the segments of a whole media playlist; every one must be a file."""
    lines = path.read_text(encoding="utf-8").splitlines()
    assert lines[0] == "#EXTM3U"
    assert lines[-1] == "#EXT-X-ENDLIST"
    assert "#EXT-X-PLAYLIST-TYPE:VOD" in lines
    target = next(int(line.partition(":")[2]) for line in lines if line.startswith("#EXT-X-TARGETDURATION"))
    segments: list[Segment] = []
    seconds, byte_range = 0.0, None
    for line in lines:
        if line.startswith("#EXTINF:"):
            seconds = float(line.removeprefix("#EXTINF:").rstrip(","))
            assert round(seconds) <= target
        elif line.startswith("#EXT-X-BYTERANGE:"):
            byte_range = line.partition(":")[2]
        elif line and not line.startswith("#"):
            assert (path.parent / line).is_file()
            segments.append(Segment(line, seconds, byte_range))
            byte_range = None
    return segments


def read_mpd(path: Path) -> Mpd:
    """Return the DASH manifest; whatever it names must be a file."""
    root = ET.parse(path).getroot()
    assert root.tag == f"{_DASH}MPD"
    assert root.get("type") == "static"
    (period,) = root.findall(f"{_DASH}Period")
    sets = tuple(_adaptation_set(each, path.parent) for each in period.findall(f"{_DASH}AdaptationSet"))
    return Mpd(root.get("mediaPresentationDuration", ""), sets)


def _adaptation_set(element: ET.Element, folder: Path) -> AdaptationSet:
    return AdaptationSet(
        kind=element.get("contentType", ""),
        language=element.get("lang"),
        roles=tuple(role.get("value", "") for role in element.findall(f"{_DASH}Role")),
        label=element.findtext(f"{_DASH}Label"),
        representations=tuple(_representation(each, folder) for each in element.findall(f"{_DASH}Representation")),
    )


def _representation(element: ET.Element, folder: Path) -> Representation:
    template = element.find(f"{_DASH}SegmentTemplate")
    base_url = element.findtext(f"{_DASH}BaseURL")
    if base_url is not None:
        assert (folder / base_url).is_file()
    return Representation(
        bandwidth=int(element.get("bandwidth", "0")),
        codecs=element.get("codecs"),
        width=None if element.get("width") is None else int(element.get("width", "")),
        height=None if element.get("height") is None else int(element.get("height", "")),
        initialization=None if template is None else template.get("initialization"),
        base_url=base_url,
        segments=() if template is None else tuple(_timeline(template, folder)),
    )


def _timeline(template: ET.Element, folder: Path) -> list[tuple[float, float]]:
    assert (folder / template.get("initialization", "")).is_file()
    scale, number = int(template.get("timescale", "1")), int(template.get("startNumber", "1"))
    times: list[tuple[float, float]] = []
    at = 0
    for entry in template.iter(f"{_DASH}S"):
        at = int(entry.get("t", at))
        for _ in range(1 + int(entry.get("r", "0"))):
            length = int(entry.get("d", "0"))
            times.append((at / scale, length / scale))
            at += length
            media = template.get("media", "").replace("$Number%05d$", f"{number:05}")
            assert (folder / media).is_file()
            number += 1
    return times


def _attributes(text: str) -> dict[str, str]:
    return {name: value.strip('"') for name, value in _ATTRIBUTE.findall(text)}
