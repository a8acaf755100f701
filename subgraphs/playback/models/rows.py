"""What the statements return: plain values, cheap to make by the hundred."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime

from subgraphs.shared.values import MaturityRating, Quality, Tier


@dataclass(frozen=True, slots=True)
class Rights:
    """All that the decision on access needs of a playable.

    `asset_qualities` is None when there is no stream to play, else what the stream has.
    """

    playable_id: str
    title_id: str
    duration_seconds: int | None
    maturity_rating: MaturityRating | None
    required_tier: Tier
    available_from: datetime | None
    available_until: datetime | None
    countries: Sequence[str] | None
    audio_languages: Sequence[str]
    subtitle_languages: Sequence[str]
    asset_id: str
    asset_qualities: Sequence[Quality] | None


@dataclass(frozen=True, slots=True)
class ActiveTier:
    """The tier of the viewer's account as far as we were told; whether it still holds depends on the moment."""

    tier: Tier
    until: datetime | None


@dataclass(frozen=True, slots=True)
class Licence:
    """Rights and entitlement, read together. Rights are None for a known title without anything to play."""

    rights: Rights | None
    entitlement: ActiveTier | None


@dataclass(frozen=True, slots=True)
class Progress:
    """How far a profile has come in a playable; `duration_seconds` 0 is an unknown length."""

    playable_id: str
    title_id: str
    position_seconds: int
    duration_seconds: int
    watched: bool
    updated_at: datetime

    @property
    def percent(self) -> float:
        """The position as a percentage of the duration, to one decimal; 0 for an unknown length.

        Cut off, not rounded: 90.0 must not appear before the playable counts as watched.
        """
        if self.duration_seconds <= 0:
            return 0.0
        return (self.position_seconds * 1000 // self.duration_seconds) / 10
