"""What other domains tell this one. Each may come twice and in any order; workers make them from events and streams."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any
from uuid import UUID

from subgraphs.shared.values import MaturityRating, Tier


@dataclass(frozen=True, slots=True)
class PlayableRights:
    """Something to play. `maturity_rating` None is unrated; a missing duration is one nobody knows yet; without a film
    of its own a stand-in plays."""

    playable_id: str
    kind: str
    duration_seconds: int | None
    maturity_rating: MaturityRating | None
    video_asset_id: UUID | None = None


@dataclass(frozen=True, slots=True)
class LicenceTerms:
    """A right to show a title: where (None is everywhere), from when until when (excluded), to whom."""

    countries: Sequence[str] | None
    available_from: datetime | None
    available_until: datetime | None
    required_tier: Tier


@dataclass(frozen=True, slots=True)
class TitleRights:
    """Who may play a title (catalog.title_changed). The highest `version` of a title wins.

    `countries` None means everywhere. Where there are licences, one of them must serve the viewer, and the title's own
    terms are only their envelope. Playables come in playing order: the first one stands for the title.
    """

    title_id: str
    version: int
    published: bool
    required_tier: Tier
    available_from: datetime | None = None
    available_until: datetime | None = None
    countries: Sequence[str] | None = None
    audio_languages: Sequence[str] = ()
    subtitle_languages: Sequence[str] = ()
    playables: Sequence[PlayableRights] = ()
    licences: Sequence[LicenceTerms] = ()


@dataclass(frozen=True, slots=True)
class Entitlement:
    """The tier that an account has, until when (billing.entitlement_changed). The highest `version` wins."""

    user_id: str
    tier: Tier
    until: datetime | None
    version: int


@dataclass(frozen=True, slots=True)
class Heartbeat:
    """How far a profile has come (an entry of playback:heartbeats)."""

    profile_id: str
    title_id: str
    playable_id: str
    position_seconds: int
    duration_seconds: int
    at: datetime


@dataclass(frozen=True, slots=True)
class Asset:
    """A stream in the object store, ready to be delivered; qualities are named `P144` and so on.

    `facts` are what encoding made (media.results.Ingested as JSON); without them its tracks are unknown.
    """

    asset_id: str
    qualities: Sequence[str]
    facts: Mapping[str, Any] | None = None
