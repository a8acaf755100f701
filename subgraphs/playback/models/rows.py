"""What the statements return: plain values, cheap to make by the hundred."""

import math
from collections.abc import Sequence
from dataclasses import dataclass, field, replace
from datetime import datetime
from typing import Any

from subgraphs.playback.models.contents import Contents
from subgraphs.playback.models.facts import LicenceTerms
from subgraphs.shared.values import MaturityRating, Quality, Tier


@dataclass(slots=True)  # not frozen: that triples what making one for each title of a page takes
class Rights:
    """All that the decision on access needs of a playable.

    Where there are licences, see `under_terms_of`. `asset_qualities` is None when there is no stream to play, else what
    the stream has.
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
    licences: Sequence[LicenceTerms] = ()

    def under_terms_of(self, country: str, *, now: datetime) -> "Rights":
        """Return the rights under the licence that serves the country best at the moment; as they are without licences.

        One that has begun goes before one that has not, and that before one that is over; of those that have begun, the
        free before the paid and then the longest. Without a licence in the country they hold nowhere.
        """
        if not self.licences:
            return self
        there = [each for each in self.licences if each.countries is None or country in each.countries]
        if not there:
            return replace(self, countries=())
        best = min(there, key=lambda each: _preference(each, now))
        return replace(
            self,
            required_tier=best.required_tier,
            available_from=best.available_from,
            available_until=best.available_until,
            countries=best.countries,
        )


def _preference(terms: LicenceTerms, now: datetime) -> tuple[int, float, bool, float]:
    """Return what sorts licences, the best first."""
    begin = -math.inf if terms.available_from is None else terms.available_from.timestamp()
    end = math.inf if terms.available_until is None else terms.available_until.timestamp()
    is_paid = terms.required_tier is not Tier.FREE
    if end <= now.timestamp():
        return (2, -end, is_paid, 0.0)
    if begin > now.timestamp():
        return (1, begin, is_paid, -end)
    return (0, 0.0, is_paid, -end)


@dataclass(frozen=True, slots=True)
class ActiveTier:
    """The tier of the viewer's account as far as we were told; whether it still holds depends on the moment."""

    tier: Tier
    until: datetime | None


@dataclass(slots=True)
class Licence:
    """Rights and entitlement, read together. Rights are None for a known title without anything to play.

    Never changed: pages get the same object as long as they read the same row. `decided` holds what was decided for
    viewers on whom the same is decided.
    """

    rights: Rights | None
    entitlement: ActiveTier | None
    decided: dict[Any, Any] = field(default_factory=dict, compare=False, repr=False)

    def moments(self) -> list[datetime]:
        """Return every moment at which a decision on access may change by itself."""
        rights = self.rights
        windows: list[Rights | LicenceTerms] = [] if rights is None else [rights, *rights.licences]
        moments = [each for window in windows for each in (window.available_from, window.available_until)]
        if self.entitlement is not None:
            moments.append(self.entitlement.until)
        return [each for each in moments if each is not None]


@dataclass(frozen=True, slots=True)
class ChosenTracks:
    """What the profile last chose in the title. `subtitle` None is none at all."""

    audio: str
    subtitle: str | None


@dataclass(frozen=True, slots=True)
class Playing:
    """All that starting or going on with a viewing needs to know."""

    licence: Licence
    contents: Contents
    chosen: ChosenTracks | None


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
