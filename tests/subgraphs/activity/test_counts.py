"""What all profiles together watched and rated."""

import pytest

from tests.subgraphs.activity.conftest import ActivityWorld, make_viewer

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
