"""Months of plausible viewing, so that rows, charts, similar titles and personal rows have something true to show.

Every profile has tastes: it likes two or three genres, watches what it likes to the end and gives up on the rest, and
goes on with a show it likes. Titles have their days too: for a while everybody watches one. What a profile may not
play, it did not watch.

The demo profiles get everything: positions, history, lists, ratings. Beside them are neighbours, ids without accounts,
who only count in charts and tastes: nobody can sign in as them.

The same catalogue and the same day give the same viewing; nothing is watched in the future.
"""

import random
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from itertools import accumulate
from math import exp
from uuid import UUID, uuid5

from stack.seed.accounts import DEMO_PEOPLE
from subgraphs.activity.events import Engagement, EngagementKind
from subgraphs.activity.service import Watching
from subgraphs.catalog.models import TYPE_NAMES
from subgraphs.catalog.service.records import StoredTitle, TitleRecord
from subgraphs.playback.service import Heartbeat
from subgraphs.recommendations.service import Play
from subgraphs.shared.ids import encode_id
from subgraphs.shared.values import MaturityRating, Tier, age_floor
from workers.draining import drain_all
from workers.services import Services

NEIGHBOURS = 150
DAYS = 120
_WISHES = 8

_NAMESPACE = UUID("0b8c2f5e-6f0e-5b39-8a55-3f2f6a1d7c90")
_BATCH = 2000
_EVENING_BEGINS = timedelta(hours=12, minutes=30)  # 18:00 in India
_EVENING_SECONDS = 5 * 3600
_UNLIMITED_AGE = 18
_DEVICES = ("TV", "TV", "MOBILE", "WEB", "TABLET")


@dataclass(frozen=True, slots=True)
class WatchablePlayable:
    """Something to watch; its rating as an age in years."""

    playable_id: str
    duration_seconds: int
    age_floor: int


@dataclass(frozen=True, slots=True)
class WatchableTitle:
    """A title that can have been watched since `since`; playables in playing order."""

    title_id: str
    genres: Sequence[str]
    is_premium: bool
    since: datetime
    playables: Sequence[WatchablePlayable]


@dataclass(frozen=True, slots=True)
class ViewerProfile:
    """Who watches. `premium_since` None is a free account."""

    profile_id: str
    age_limit: int
    premium_since: datetime | None


@dataclass(frozen=True, slots=True)
class Viewing:
    """One sitting with one playable, at its end."""

    profile_id: str
    title_id: str
    playable: WatchablePlayable
    session_id: str
    position_seconds: int
    device_type: str
    at: datetime


def watchable_titles(records: Sequence[TitleRecord], *, now: datetime) -> list[WatchableTitle]:
    """Return those of the titles that viewers in India can have watched by now."""
    return [title for record in records for title in _watchable(record, now)]


def _watchable(record: TitleRecord, now: datetime) -> Iterator[WatchableTitle]:
    playables = [
        WatchablePlayable(encode_id("Playable", each.id), each.duration_seconds, age_floor(each.maturity_rating))
        for each in StoredTitle(record, 1, record.slug).playables
        if each.duration_seconds
    ]
    since = max(filter(None, (record.published_at, record.available_from)), default=None)
    is_here = record.countries is None or "IN" in record.countries
    if playables and is_here and since is not None and since < now:
        yield WatchableTitle(
            title_id=encode_id(TYPE_NAMES[record.kind], record.id),
            genres=[genre.slug for genre in record.genres],
            is_premium=record.required_tier is Tier.PREMIUM,
            since=since,
            playables=playables,
        )


def demo_profiles(*, now: datetime) -> list[ViewerProfile]:
    """Return the profiles of the demo people, premium for as long as their plan runs."""
    return [
        ViewerProfile(
            profile_id=encode_id("Profile", profile.profile_id),
            age_limit=_UNLIMITED_AGE if profile.maturity_limit is None else profile.maturity_limit.age_floor,
            premium_since=None if person.plan is None else now - timedelta(days=person.plan_days_ago),
        )
        for person in DEMO_PEOPLE
        for profile in person.profiles
    ]


def neighbour_profiles(*, now: datetime) -> list[ViewerProfile]:
    """Return the profiles without accounts: two in five pay, one in ten is a child."""
    return [
        ViewerProfile(
            profile_id=encode_id("Profile", uuid5(_NAMESPACE, f"neighbour:{number}")),
            age_limit=MaturityRating.UA_7.age_floor if number % 10 == 9 else _UNLIMITED_AGE,
            premium_since=now - timedelta(days=DAYS) if number % 5 < 2 else None,
        )
        for number in range(NEIGHBOURS)
    ]


async def seed_viewing(
    services: Services, *, titles: Sequence[WatchableTitle], profiles: Sequence[ViewerProfile], now: datetime
) -> int:
    """Write the viewing of the profiles and their neighbours; return how many viewings: 0 when they were there already.

    The titles must have reached the services (`drain_all`) before. Afterwards the charts are computed.
    """
    if not profiles or not titles or await services.activity.has_history(profiles[-1].profile_id):
        return 0
    neighbours = plan_viewing(titles, neighbour_profiles(now=now), now=now)
    own = plan_viewing(titles, profiles, now=now)
    for part in _batches([*neighbours, *own]):
        await services.recommendations.record_plays([_play(each) for each in part])
    await services.activity.record_marks([*_ratings(own, now=now), *plan_wishes(titles, profiles, now=now)])
    for part in _batches(own):
        await services.playback.persist_progress([_heartbeat(each) for each in part])
    for part in _batches(own):
        await services.activity.record_watching([_watching(each) for each in part])
    await drain_all(services)
    await services.recommendations.compute_trending()
    await drain_all(services)
    return len(neighbours) + len(own)


def plan_viewing(
    titles: Sequence[WatchableTitle], profiles: Sequence[ViewerProfile], *, now: datetime
) -> list[Viewing]:
    """Return all that the profiles watched in the last months, one profile after the other, each oldest first."""
    theatre = _Theatre(titles, now)
    return [viewing for profile in profiles for viewing in _Habit(theatre, profile).viewings()]


def plan_wishes(
    titles: Sequence[WatchableTitle], profiles: Sequence[ViewerProfile], *, now: datetime
) -> list[Engagement]:
    """Return what each profile put on its list in the last days: what it would like and has not begun."""
    theatre = _Theatre(titles, now)
    return [wish for profile in profiles for wish in _Habit(theatre, profile).wishes()]


def _batches(viewings: Sequence[Viewing]) -> Iterator[Sequence[Viewing]]:
    for start in range(0, len(viewings), _BATCH):
        yield viewings[start : start + _BATCH]


class _Theatre:
    """All titles with what makes people choose them."""

    def __init__(self, titles: Sequence[WatchableTitle], now: datetime) -> None:
        self.titles = titles
        self.now = now
        dice = random.Random("reelgraph viewing 1")  # noqa: S311  # must repeat, not be secret
        ranks = list(range(1, len(titles) + 1))
        dice.shuffle(ranks)
        self.popularity = [rank**-0.6 for rank in ranks]
        self.peak_days = [dice.randint(0, DAYS) for _ in titles]
        self.genres = sorted({genre for title in titles for genre in title.genres})

    def appeal(self, likes: dict[str, float]) -> list[float]:
        """Return the running sum of what each title means to somebody with these likes."""
        weights = (
            popularity * max((likes.get(genre, 0.15) for genre in title.genres), default=0.15)
            for title, popularity in zip(self.titles, self.popularity, strict=True)
        )
        return list(accumulate(weights))


class _Habit:
    """One profile day by day."""

    def __init__(self, theatre: _Theatre, profile: ViewerProfile) -> None:
        self._theatre = theatre
        self._profile = profile
        self._dice = random.Random(f"reelgraph viewing {profile.profile_id}")  # noqa: S311  # must repeat, not be secret
        favourites = self._dice.sample(theatre.genres, min(3, len(theatre.genres)))
        self._likes = dict(zip(favourites, (3.0, 2.0, 1.2), strict=False))
        self._appeal = theatre.appeal(self._likes)
        self._eagerness = self._dice.uniform(0.25, 0.6)
        self._next_playable: dict[str, int] = {}
        self._ongoing: WatchableTitle | None = None

    def viewings(self) -> Iterator[Viewing]:
        midnight = self._theatre.now.replace(hour=0, minute=0, second=0, microsecond=0)
        for days_ago in range(DAYS, -1, -1):
            begins = self._dice.randrange(_EVENING_SECONDS)
            if self._dice.random() < self._eagerness:
                at = midnight - timedelta(days=days_ago) + _EVENING_BEGINS + timedelta(seconds=begins)
                yield from self._sitting(at, days_ago)

    def wishes(self) -> Iterator[Engagement]:
        """Yield titles that the profile would choose next; to be asked instead of its viewings, not after them."""
        seen = {viewing.title_id for viewing in self.viewings()}
        for days_ago in range(_WISHES, 0, -1):
            at = self._theatre.now - timedelta(days=days_ago)
            title = self._choose(at, days_ago)
            if title is not None and title.title_id not in seen:
                seen.add(title.title_id)
                yield Engagement(EngagementKind.WATCHLISTED, self._profile.profile_id, title.title_id, None, at)

    def _sitting(self, at: datetime, days_ago: int) -> Iterator[Viewing]:
        title = self._ongoing if self._dice.random() < 0.7 else None
        title = title or self._choose(at, days_ago)
        if title is None:
            return
        is_liked = any(genre in self._likes for genre in title.genres)
        device = self._dice.choice(_DEVICES)
        for _episode in range(self._dice.randint(1, 3)):
            number = self._next_playable.get(title.title_id, 0)
            if number >= len(title.playables):
                break
            playable = title.playables[number]
            finishes = self._dice.random() < (0.8 if is_liked else 0.3)
            share = self._dice.uniform(0.92, 1.0) if finishes else self._dice.uniform(0.05, 0.85)
            position = int(playable.duration_seconds * share)
            at += timedelta(seconds=position)
            if at >= self._theatre.now or playable.age_floor > self._profile.age_limit:
                break
            yield Viewing(
                profile_id=self._profile.profile_id,
                title_id=title.title_id,
                playable=playable,
                session_id=str(uuid5(_NAMESPACE, f"{self._profile.profile_id}:{playable.playable_id}:{days_ago}")),
                position_seconds=position,
                device_type=device,
                at=at,
            )
            if not finishes:
                break
            self._next_playable[title.title_id] = number + 1
        has_more = self._next_playable.get(title.title_id, 0) < len(title.playables)
        self._ongoing = title if is_liked and has_more else None

    def _choose(self, at: datetime, days_ago: int) -> WatchableTitle | None:
        """Return something that the profile may play and has not finished; None when nothing comes to mind."""
        indices = self._dice.choices(range(len(self._appeal)), cum_weights=self._appeal, k=12)
        for index in indices:
            title = self._theatre.titles[index]
            # For some days around its peak a title is what everybody talks about.
            buzz = 0.4 + 0.6 * exp(-abs(days_ago - self._theatre.peak_days[index]) / 6)
            if self._dice.random() < buzz and self._may_play(title, at):
                return title
        return None

    def _may_play(self, title: WatchableTitle, at: datetime) -> bool:
        since = self._profile.premium_since
        is_paid = not title.is_premium or (since is not None and since <= at)
        is_new = self._next_playable.get(title.title_id, 0) < len(title.playables)
        return is_paid and is_new and title.since <= at and title.playables[0].age_floor <= self._profile.age_limit


def _ratings(viewings: Sequence[Viewing], *, now: datetime) -> list[Engagement]:
    """Return likes of a third of what was finished, and dislikes of a fifth of what was soon given up."""
    said: list[Engagement] = []
    for viewing in {(each.profile_id, each.title_id): each for each in viewings}.values():
        chance = random.Random(f"rating {viewing.session_id}").random()  # noqa: S311  # must repeat, not be secret
        share = viewing.position_seconds / viewing.playable.duration_seconds
        is_liked, is_disliked = share >= 0.9 and chance < 1 / 3, share < 0.3 and chance < 1 / 5
        if is_liked or is_disliked:
            at = min(now, viewing.at + timedelta(minutes=1))
            value = 1 if is_liked else -1
            said.append(Engagement(EngagementKind.RATED, viewing.profile_id, viewing.title_id, value, at))
    return said


def _play(viewing: Viewing) -> Play:
    return Play(
        profile_id=viewing.profile_id,
        title_id=viewing.title_id,
        position_seconds=viewing.position_seconds,
        duration_seconds=viewing.playable.duration_seconds,
        at=viewing.at,
    )


def _heartbeat(viewing: Viewing) -> Heartbeat:
    return Heartbeat(
        profile_id=viewing.profile_id,
        title_id=viewing.title_id,
        playable_id=viewing.playable.playable_id,
        position_seconds=viewing.position_seconds,
        duration_seconds=viewing.playable.duration_seconds,
        at=viewing.at,
    )


def _watching(viewing: Viewing) -> Watching:
    return Watching(
        profile_id=viewing.profile_id,
        title_id=viewing.title_id,
        playable_id=viewing.playable.playable_id,
        session_id=viewing.session_id,
        position_seconds=viewing.position_seconds,
        duration_seconds=viewing.playable.duration_seconds,
        watch_seconds=viewing.position_seconds,
        device_type=viewing.device_type,
        at=viewing.at,
        country="IN",
    )
