"""What the library says of films: what a source has, and what was made of it.

Paths are relative to the stream's folder.
"""

from dataclasses import dataclass
from fractions import Fraction
from pathlib import Path


@dataclass(frozen=True, slots=True)
class AudioStream:
    """A sound track of a source. `language` is a BCP 47 tag, None when the file does not say."""

    index: int
    codec: str
    language: str | None
    channels: int
    sample_rate: int
    title: str | None
    is_default: bool
    is_audio_description: bool


@dataclass(frozen=True, slots=True)
class Probe:
    """What a source has. Width and height are as shown: after rotation, in square pixels.

    `rotation` is clockwise in degrees: 0, 90, 180 or 270. `is_hdr` is HLG, which is shown as SDR.
    """

    container: str
    size_bytes: int
    duration_seconds: float
    video_index: int
    video_codec: str
    width: int
    height: int
    frame_rate: Fraction
    rotation: int
    is_interlaced: bool
    is_hdr: bool
    audio: tuple[AudioStream, ...]


@dataclass(frozen=True, slots=True)
class CaptionFile:
    """A SubRip or WebVTT file that comes with a film. The label is made from the language unless given."""

    path: Path
    language: str
    is_forced: bool = False
    is_closed_caption: bool = False
    label: str | None = None


@dataclass(frozen=True, slots=True)
class Rendition:
    """The picture in one quality (`P720`). The bitrate is the ladder's: sound included, never exceeded for long."""

    quality: str
    width: int
    height: int
    bitrate_kbps: int
    codec: str
    size_bytes: int


@dataclass(frozen=True, slots=True)
class AudioTrack:
    """A sound track of a stream. The language of one that nobody told is `mis`."""

    language: str
    label: str
    channels: int
    codec: str
    is_default: bool
    is_audio_description: bool


@dataclass(frozen=True, slots=True)
class SubtitleTrack:
    """Subtitles of a stream; the whole text lies in one WebVTT file too, at `vtt_path`."""

    language: str
    label: str
    is_default: bool
    is_forced: bool
    is_closed_caption: bool
    vtt_path: str


@dataclass(frozen=True, slots=True)
class Still:
    """A picture out of the film, not black: a candidate for its artwork."""

    path: str
    at_seconds: float
    width: int
    height: int


@dataclass(frozen=True, slots=True)
class Storyboard:
    """Small pictures of the whole film in one sprite, one each interval, and the WebVTT file that says where."""

    vtt_path: str
    sprite_path: str
    tile_width: int
    tile_height: int
    interval_ms: int


@dataclass(frozen=True, slots=True)
class Ingested:
    """A stream that is ready to be delivered; renditions lowest first, defaults first among the tracks."""

    probe: Probe
    renditions: tuple[Rendition, ...]
    audio_tracks: tuple[AudioTrack, ...]
    subtitle_tracks: tuple[SubtitleTrack, ...]
    stills: tuple[Still, ...]
    storyboard: Storyboard
