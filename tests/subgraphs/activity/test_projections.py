"""What workers tell activity: titles twice and late, marks given elsewhere; the indexes behind it."""

from dataclasses import replace

import pytest
from pymongo import MongoClient

from subgraphs.activity.events import Engagement, EngagementKind
from subgraphs.activity.models.documents import PlayableFacts, TitleDocument
from subgraphs.activity.repository import titles
from subgraphs.activity.service import ProjectedPlayable, ProjectedTitle
from subgraphs.shared.values import MaturityRating
from tests.subgraphs.activity.conftest import ActivityWorld, make_viewer

PLAYABLE = ProjectedPlayable("playable-1", 1000, MaturityRating.U)
TITLE = ProjectedTitle("title-1", 5, published=True, maturity_rating=MaturityRating.U, playables=[PLAYABLE])


async def version_of(title_id: str) -> int:
    return (await titles.find_titles([title_id]))[title_id].version


async def test_the_highest_version_of_a_title_wins_however_it_comes(world: ActivityWorld) -> None:
    await world.batches.project_titles([replace(TITLE, version=6), TITLE])
    await world.batches.project_titles([TITLE])

    assert await version_of("title-1") == 6

    await world.batches.project_titles([replace(TITLE, version=7, published=False)])

    stored = (await titles.find_titles(["title-1"]))["title-1"]
    assert (stored.version, stored.published) == (7, False)


@pytest.mark.usefixtures("world")
async def test_a_title_that_somebody_else_stored_meanwhile_keeps_its_version() -> None:
    def title(title_id: str, version: int) -> TitleDocument:
        facts = PlayableFacts(playable_id="playable", duration_seconds=None, age_floor=18)
        return TitleDocument(id=title_id, version=version, published=True, age_floor=18, playables=[facts])

    await titles.insert_titles([title("newer", 3), title("older", 1)])
    await titles.insert_titles([title("newer", 2), title("older", 2), title("new", 2)])

    assert [await version_of(each) for each in ("newer", "older", "new")] == [3, 2, 2]


async def test_empty_batches_do_nothing(world: ActivityWorld) -> None:
    await world.batches.project_titles([])
    await world.batches.record_watching([])
    await world.batches.record_marks([])


async def test_marks_given_elsewhere_count_like_those_given_here(world: ActivityWorld) -> None:
    viewer = make_viewer()
    film = await world.title()
    profile_id, at = viewer.require_profile(), world.clock.now
    said = [
        Engagement(EngagementKind.WATCHLISTED, profile_id, film.title_id, None, at),
        Engagement(EngagementKind.RATED, profile_id, film.title_id, -1, at),
        Engagement(EngagementKind.HISTORY_CLEARED, profile_id, None, None, at),
    ]

    await world.batches.record_marks([*said, *said])

    [marks] = await world.marks(viewer, film)
    assert (marks["inWatchlist"], marks["myRating"]) == (True, -1)
    assert await world.watchlist(viewer) == [film.title_id]


async def test_a_profile_has_a_history_once_it_has_begun_something(world: ActivityWorld) -> None:
    viewer = make_viewer()
    film = await world.title()
    await world.watch(viewer, film, 30)
    before = await world.batches.has_history(viewer.require_profile())
    await world.watch(viewer, film, 31)

    assert (before, await world.batches.has_history(viewer.require_profile())) == (False, True)


@pytest.mark.requirement("IN-DB-14")
async def test_every_list_of_a_profile_has_its_index(world: ActivityWorld) -> None:
    with MongoClient[dict[str, object]](world.settings.mongodb_url, directConnection=True) as client:
        database = client[world.settings.activity_mongo_database]
        indexes = {
            name: {tuple(field for field, _ in index["key"]) for index in database[name].index_information().values()}
            for name in ("watch_states", "history", "watchlist", "ratings", "dismissals")
        }

    assert indexes == {
        "watch_states": {("_id",), ("profile_id", "title_id"), ("title_id",)},
        "history": {("_id",), ("profile_id", "watched_at", "_id"), ("title_id", "watched_at")},
        "watchlist": {("_id",), ("profile_id",)},
        "ratings": {("_id",), ("profile_id",), ("title_id", "value")},
        "dismissals": {("_id",), ("profile_id",)},
    }
