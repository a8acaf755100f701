"""What all profiles together watched and rated."""

from datetime import timedelta

import pytest

from subgraphs.activity.models.documents import HistoryEntry, PastViews
from tests.subgraphs.activity.conftest import ActivityWorld, Known, make_viewer

FIGURES = """query($r: [_Any!]!) { _entities(representations: $r) { ... on Title {
  ratingSummary { up down average5 } viewCount
} } }"""


@pytest.mark.requirement("IN-API-07")
async def test_a_title_says_how_often_it_was_watched_and_what_all_think_of_it(world: ActivityWorld) -> None:
    liked, watched, unknown = await world.title(), await world.title("Show", episodes=2), await world.title()
    for value in (1, 1, 1, -1):
        await world.do(make_viewer(), f'titleRate(titleId: "{liked.title_id}", value: {value})')
    await world.do(make_viewer(), f'titleRate(titleId: "{watched.title_id}", value: -1)')
    for episode in (0, 1, 1):
        await world.watch(make_viewer(), watched, 500, episode=episode)

    references = [{"__typename": "Title", "id": each.title_id} for each in (liked, watched, unknown, liked)]
    found = (await world.ask(make_viewer(), FIGURES, r=references))["_entities"]

    liked_by_three = {"ratingSummary": {"up": 3, "down": 1, "average5": 4.0}, "viewCount": 0}
    assert found == [
        liked_by_three,
        {"ratingSummary": {"up": 0, "down": 1, "average5": 1.0}, "viewCount": 3},
        {"ratingSummary": {"up": 0, "down": 0, "average5": None}, "viewCount": 0},
        liked_by_three,
    ]


@pytest.mark.requirement("IN-API-07")
async def test_a_rating_that_is_taken_away_counts_no_more(world: ActivityWorld) -> None:
    viewer, film = make_viewer(), await world.title()
    for value in (1, -1, 0):
        await world.do(viewer, f'titleRate(titleId: "{film.title_id}", value: {value})')

    found = (await world.ask(viewer, FIGURES, r=[{"__typename": "Title", "id": film.title_id}]))["_entities"]

    assert found == [{"ratingSummary": {"up": 0, "down": 0, "average5": None}, "viewCount": 0}]


@pytest.mark.requirement("IN-API-07")
async def test_a_title_stays_watched_when_those_who_watched_it_clear_their_history_or_leave(
    world: ActivityWorld,
) -> None:
    film, other = await world.title(), await world.title()
    clearing, leaving, staying = make_viewer(), make_viewer(), make_viewer()
    for viewer in (clearing, clearing, leaving, staying):
        await world.watch(viewer, film, 500)
    await world.watch(clearing, other, 500)

    await world.do(clearing, "historyClear")
    await world.do(clearing, "historyClear")
    await world.batches.forget_profiles([leaving.require_profile()])
    after_two_left = await _view_counts(world, film, other)
    world.clock.now += timedelta(days=1)
    await world.watch(clearing, film, 500)
    await world.batches.forget_history(before=world.clock.now)

    assert after_two_left == [4, 1]
    assert await _view_counts(world, film, other) == [5, 1]


async def test_what_is_kept_of_viewings_that_were_deleted_is_a_number_alone(world: ActivityWorld) -> None:
    viewer, film = make_viewer(), await world.title()
    await world.watch(viewer, film, 500)

    await world.do(viewer, "historyClear")

    assert await HistoryEntry.find({"title_id": film.title_id}).count() == 0
    kept = await PastViews.get_pymongo_collection().find({"_id": film.title_id}).to_list()
    assert kept == [{"_id": film.title_id, "views": 1}]


@pytest.mark.parametrize(("counted", "deleted"), [(0, 0), (2, 0), (3, 0), (3, 1), (3, 3)])
async def test_a_deletion_that_broke_off_and_is_done_again_counts_every_viewing_once(
    world: ActivityWorld, counted: int, deleted: int
) -> None:
    viewer, film, other = make_viewer(), await world.title(), await world.title()
    for _ in range(3):
        await world.watch(viewer, film, 500)
    await world.watch(viewer, other, 500)
    entries = await HistoryEntry.find({"title_id": film.title_id}).sort("_id").to_list()
    # So far a deletion had come: the first of them were counted, and the first of these deleted.
    if counted:
        await PastViews(id=film.title_id, views=counted, counted=[each.id for each in entries[:counted]]).insert()
    for each in entries[:deleted]:
        await each.delete()

    await world.do(viewer, "historyClear")

    assert await _view_counts(world, film, other) == [3, 1]
    assert await HistoryEntry.find({"profile_id": viewer.require_profile()}).count() == 0


async def test_more_viewings_than_are_deleted_at_once_are_counted_and_deleted(world: ActivityWorld) -> None:
    viewer, film = make_viewer(), await world.title()
    await world.watch(viewer, film, 500)
    [entry] = await HistoryEntry.find({"title_id": film.title_id}).to_list()
    await HistoryEntry.insert_many([entry.model_copy(update={"id": f"viewing-{number}"}) for number in range(1_000)])

    await world.do(viewer, "historyClear")

    assert await HistoryEntry.find({"title_id": film.title_id}).count() == 0
    kept = await PastViews.get_pymongo_collection().find({"_id": film.title_id}).to_list()
    assert kept == [{"_id": film.title_id, "views": 1_001}]


async def _view_counts(world: ActivityWorld, *titles: Known) -> list[int]:
    references = [{"__typename": "Title", "id": each.title_id} for each in titles]
    found = (await world.ask(make_viewer(), FIGURES, r=references))["_entities"]
    return [each["viewCount"] for each in found]
