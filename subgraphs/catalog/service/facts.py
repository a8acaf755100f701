"""What a title is at a moment: its availability, its badges, the state of a live event. Facts, no viewer decision."""

from collections.abc import Sequence
from datetime import datetime, timedelta
from enum import Enum

from subgraphs.catalog.models import PlayableKind
from subgraphs.catalog.repository.cards import Fixture, PlayableFacts, TitleCard
from subgraphs.shared.values import Tier

NEW_FOR = timedelta(days=30)
LEAVING_SOON_WITHIN = timedelta(days=14)


class AvailabilityStatus(Enum):
    """Whether a visible title can be watched already. What is over is not visible."""

    AVAILABLE = "AVAILABLE"
    COMING_SOON = "COMING_SOON"


class TitleBadge(Enum):
    """A mark on a title's card."""

    NEW = "NEW"
    LEAVING_SOON = "LEAVING_SOON"
    COMING_SOON = "COMING_SOON"
    LIVE = "LIVE"
    PREMIUM = "PREMIUM"


class Watching(Enum):
    """Whether somebody could watch a title."""

    PLAYS = "PLAYS"
    NEEDS_SUBSCRIPTION = "NEEDS_SUBSCRIPTION"
    COMING_SOON = "COMING_SOON"
    NOT_SHOWN = "NOT_SHOWN"


class LiveState(Enum):
    """Where a sports event stands."""

    UPCOMING = "UPCOMING"
    LIVE = "LIVE"
    ENDED = "ENDED"
    REPLAY = "REPLAY"


def availability_status(card: TitleCard, *, now: datetime) -> AvailabilityStatus:
    """Return COMING_SOON before the window begins, else AVAILABLE; the beginning belongs to the window."""
    if card.available_from is not None and now < card.available_from:
        return AvailabilityStatus.COMING_SOON
    return AvailabilityStatus.AVAILABLE


def watching(card: TitleCard | None, *, tier: Tier, now: datetime) -> Watching:
    """Return whether somebody with that tier could watch the title at that moment; None is one that they do not see."""
    if card is None:
        return Watching.NOT_SHOWN
    if availability_status(card, now=now) is AvailabilityStatus.COMING_SOON:
        return Watching.COMING_SOON
    is_enough = card.required_tier is Tier.FREE or tier is Tier.PREMIUM
    return Watching.PLAYS if is_enough else Watching.NEEDS_SUBSCRIPTION


def live_state(fixture: Fixture, playables: Sequence[PlayableFacts], *, now: datetime) -> LiveState:
    """Return the state at that moment; afterwards REPLAY if there is one to play, else ENDED."""
    if now < fixture.starts_at:
        return LiveState.UPCOMING
    if now < fixture.ends_at:
        return LiveState.LIVE
    has_replay = any(playable.kind is PlayableKind.REPLAY for playable in playables)
    return LiveState.REPLAY if has_replay else LiveState.ENDED


def badges(card: TitleCard, *, now: datetime) -> list[TitleBadge]:
    """Return the marks in the order in which a card shows them."""
    found: list[TitleBadge] = []
    if card.fixture is not None and live_state(card.fixture, card.playables, now=now) is LiveState.LIVE:
        found.append(TitleBadge.LIVE)
    if availability_status(card, now=now) is AvailabilityStatus.COMING_SOON:
        found.append(TitleBadge.COMING_SOON)
    elif now - card.published_at < NEW_FOR:
        found.append(TitleBadge.NEW)
    if card.available_until is not None and card.available_until - now <= LEAVING_SOON_WITHIN:
        found.append(TitleBadge.LEAVING_SOON)
    if card.required_tier is Tier.PREMIUM:
        found.append(TitleBadge.PREMIUM)
    return found


def badges_change_at(card: TitleCard, *, now: datetime) -> datetime | None:
    """Return the next moment from which its badges may be others; None when none is known."""
    moments = [card.available_from, card.published_at + NEW_FOR]
    if card.available_until is not None:
        moments.append(card.available_until - LEAVING_SOON_WITHIN)
    if card.fixture is not None:
        moments += [card.fixture.starts_at, card.fixture.ends_at]
    return min((each for each in moments if each is not None and each > now), default=None)
