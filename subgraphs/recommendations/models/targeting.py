"""Whom a tray is for, and when: one predicate, asked at the moment of reading, so that schedules hold to the second."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime

from subgraphs.shared.identity import Viewer
from subgraphs.shared.values import DeviceType, Tier


@dataclass(frozen=True, slots=True)
class Spectator:
    """For whom a page is put together, and when. `tier` and `device` are None where they are not known."""

    at: datetime
    country: str
    age_limit: int
    is_kids: bool = False
    locale: str = "en"
    tier: Tier | None = None
    device: DeviceType | None = None


def spectator_of(viewer: Viewer, *, at: datetime, tier: Tier | None, device: DeviceType | None) -> Spectator:
    """Return the viewer as trays are aimed: the language is the profile's, else the browser's, else English."""
    return Spectator(at, viewer.country, viewer.age_limit, viewer.is_kids, viewer.locales()[0], tier, device)


@dataclass(frozen=True, slots=True)
class Targeting:
    """Whom a tray is for; None narrows nothing. The schedule is half-open, in epoch seconds.

    `age_limits` are those of profiles, 18 for one without a limit. A language admits its variants: hi admits hi-Latn.
    """

    starts_at: float | None = None
    ends_at: float | None = None
    countries: Sequence[str] | None = None
    tiers: Sequence[str] | None = None
    devices: Sequence[str] | None = None
    languages: Sequence[str] | None = None
    age_limits: Sequence[int] | None = None
    kids: bool | None = None

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
        )


EVERYBODY = Targeting()
"""Always, and for everybody."""
