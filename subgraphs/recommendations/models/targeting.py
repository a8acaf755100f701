"""Whom a tray is for, and when: one predicate, asked at the moment of reading, so that schedules hold to the second."""

import hashlib
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime

from subgraphs.recommendations.models.words import Segment
from subgraphs.shared.identity import Viewer
from subgraphs.shared.values import DeviceType, Tier

BUCKETS = 10_000
"""Into how many equal parts an experiment divides accounts."""


def bucket_of(experiment: str, account: str) -> int:
    """Return the bucket of an account in an experiment, from 0: the same for ever, and not that of another one."""
    digest = hashlib.sha256(f"{experiment}:{account}".encode()).digest()
    return int.from_bytes(digest[:8], "big") % BUCKETS


@dataclass(frozen=True, slots=True)
class Spectator:
    """For whom a page is put together, and when. `tier`, `device` and `segment` are None where they are not known.

    Experiments go by `account`, None for who has none; in a preview by the `bucket` that it is of.
    """

    at: datetime
    country: str
    age_limit: int
    is_kids: bool = False
    locale: str = "en"
    tier: Tier | None = None
    device: DeviceType | None = None
    segment: Segment | None = None
    account: str | None = None
    bucket: int | None = None

    def bucket_in(self, experiment: str) -> int | None:
        """Return in which bucket of the experiment they are; None for who is in none."""
        if self.bucket is not None or self.account is None:
            return self.bucket
        return bucket_of(experiment, self.account)


def spectator_of(
    viewer: Viewer, *, at: datetime, tier: Tier | None, device: DeviceType | None, segment: Segment | None
) -> Spectator:
    """Return the viewer as trays are aimed: the language is the profile's, else the browser's, else English. Kids are
    in no experiment."""
    account = None if viewer.is_kids else viewer.user_id
    return Spectator(
        at, viewer.country, viewer.age_limit, viewer.is_kids, viewer.locales()[0], tier, device, segment, account
    )


@dataclass(frozen=True, slots=True)
class Targeting:
    """Whom a tray is for; None narrows nothing. The schedule is half-open, in epoch seconds.

    `age_limits` are those of profiles, 18 for one without a limit. A language admits its variants: hi admits hi-Latn.
    The buckets of an experiment are half-open, too.
    """

    starts_at: float | None = None
    ends_at: float | None = None
    countries: Sequence[str] | None = None
    tiers: Sequence[str] | None = None
    devices: Sequence[str] | None = None
    languages: Sequence[str] | None = None
    age_limits: Sequence[int] | None = None
    kids: bool | None = None
    segments: Sequence[str] | None = None
    experiment: str | None = None
    bucket_from: int = 0
    bucket_until: int = BUCKETS

    def admits(self, who: Spectator) -> bool:
        """Whether the spectator is to get the tray now. What is not known of them is not what it asks for."""
        moment = who.at.timestamp()
        return (
            (self.starts_at is None or self.starts_at <= moment)
            and (self.ends_at is None or moment < self.ends_at)
            and (self.countries is None or who.country in self.countries)
            and (self.tiers is None or (who.tier is not None and who.tier.value in self.tiers))
            and (self.devices is None or (who.device is not None and who.device.value in self.devices))
            and (self.age_limits is None or who.age_limit in self.age_limits)
            and (self.kids is None or who.is_kids is self.kids)
            and (self.languages is None or not {who.locale, who.locale.partition("-")[0]}.isdisjoint(self.languages))
            and (self.segments is None or (who.segment is not None and who.segment.value in self.segments))
            and (self.experiment is None or self._has_bucket(who.bucket_in(self.experiment)))
        )

    def _has_bucket(self, bucket: int | None) -> bool:
        return bucket is not None and self.bucket_from <= bucket < self.bucket_until


EVERYBODY = Targeting()
"""Always, and for everybody."""
