"""What a stream contains, kept as JSON beside it: the part of what encoding made (media.results) that players need."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

import orjson

from media.results import AudioTrack, Rendition, Storyboard, SubtitleTrack


@dataclass(frozen=True, slots=True)
class Contents:
    """The tracks of a stream; renditions lowest first. All are empty for a stream of which nothing is known."""

    renditions: tuple[Rendition, ...] = ()
    audio_tracks: tuple[AudioTrack, ...] = ()
    subtitle_tracks: tuple[SubtitleTrack, ...] = ()
    storyboard: Storyboard | None = None


def pack_contents(facts: Mapping[str, Any] | None) -> str | None:
    """Return what is kept of media.results.Ingested as JSON; None for None."""
    if facts is None:
        return None
    return orjson.dumps({name: facts[name] for name in Contents.__dataclass_fields__}).decode()


def unpack_contents(text: str | None) -> Contents:
    """Return what was kept."""
    return read_contents(None if text is None else orjson.loads(text))


def read_contents(facts: Mapping[str, Any] | None) -> Contents:
    """Return what media.results.Ingested, or the part of it that is kept, says as JSON."""
    if facts is None:
        return Contents()
    storyboard = facts["storyboard"]
    return Contents(
        renditions=tuple(Rendition(**each) for each in facts["renditions"]),
        audio_tracks=tuple(AudioTrack(**each) for each in facts["audio_tracks"]),
        subtitle_tracks=tuple(SubtitleTrack(**each) for each in facts["subtitle_tracks"]),
        storyboard=None if storyboard is None else Storyboard(**storyboard),
    )
