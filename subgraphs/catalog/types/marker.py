"""Marker: a moment or stretch of a playable."""

from typing import Annotated
from uuid import uuid5

import strawberry

from subgraphs.catalog.models import MarkerKind
from subgraphs.catalog.repository.playables import MarkerCard
from subgraphs.catalog.service.timecode import FrameRate, timecode
from subgraphs.shared.ids import encode_id

AskedRate = Annotated[FrameRate, strawberry.argument(description="Frame rate of the picture that it is to name.")]


@strawberry.type(description="A moment or stretch of what plays: an intro to skip, a place for ads, a chapter.")
class Marker:
    card: strawberry.Private[MarkerCard]
    kind: MarkerKind = strawberry.field(description="What it marks.")
    start_ms: int = strawberry.field(description="Where it begins, in milliseconds from the start.")
    end_ms: int | None = strawberry.field(description="Where it ends, excluded; null for a moment.")
    label: str | None = strawberry.field(description="Its name: that of a chapter.")

    @strawberry.field(description="Opaque id; it changes when the markers are set anew.")
    def id(self) -> strawberry.ID:
        return strawberry.ID(encode_id("Marker", uuid5(self.card.playable_id, f"marker:{self.card.position}")))

    @strawberry.field(description="Its begin as an SMPTE timecode, `HH:MM:SS:FF`; `;` where labels are dropped.")
    def timecode(self, frame_rate: AskedRate = FrameRate.F25) -> str:
        return timecode(self.start_ms, frame_rate)


def marker_of(card: MarkerCard) -> Marker:
    """Return the marker with these facts."""
    return Marker(card=card, kind=card.kind, start_ms=card.start_ms, end_ms=card.end_ms, label=card.label)
