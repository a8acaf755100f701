"""Marks and rows of continue watching that are kept as objects: what a profile does shows at once, to itself alone."""

from typing import Any

from subgraphs.shared.identity import ANONYMOUS, Viewer
from tests.subgraphs.activity.conftest import DURATION, ActivityWorld, Known, make_viewer

HOME = """query($profiles: [_Any!]!, $titles: [_Any!]!) {
  _entities(representations: $profiles) { ... on Profile { continueWatching { edges { cursor node {
    id percent positionSeconds lastWatchedAt isNextEpisode title { id } playable { id }
  } } } } }
  titles: _entities(representations: $titles) { ... on Title { inWatchlist myRating } }
}"""


async def home(world: ActivityWorld, viewer: Viewer, *titles: Known) -> tuple[list[Any], list[Any]]:
    """Return items of continue watching and marks, read three times: they must be the same each time."""
    profiles = [] if viewer.profile_id is None else [{"__typename": "Profile", "id": viewer.profile_id}]
    references = [{"__typename": "Title", "id": title.title_id} for title in titles]
    first, *others = [await world.ask(viewer, HOME, profiles=profiles, titles=references) for _ in range(3)]
    assert others == [first, first]
    rows = [edge["node"] for each in first["_entities"] for edge in each["continueWatching"]["edges"]]
    return rows, first["titles"]


async def test_what_a_profile_does_shows_at_once_and_to_itself_alone(world: ActivityWorld) -> None:
    world.app.compile_known([HOME])
    viewer, other = make_viewer(), make_viewer()
    film, show = await world.title(), await world.title("Show")
    unmarked = {"inWatchlist": False, "myRating": 0}
    before = await home(world, viewer, film, show)

    await world.do(viewer, f'watchlistAdd(titleId: "{film.title_id}")')
    listed = await home(world, viewer, film, show)
    await world.do(viewer, f'titleRate(titleId: "{film.title_id}", value: 1)')
    await world.watch(viewer, show, DURATION // 2)
    rated = await home(world, viewer, film, show)
    await world.do(viewer, f'watchlistRemove(titleId: "{film.title_id}")')
    removed = await home(world, viewer, film, show)

    assert before == ([], [unmarked, unmarked])
    assert listed == ([], [{**unmarked, "inWatchlist": True}, unmarked])
    assert rated[1] == [{"inWatchlist": True, "myRating": 1}, unmarked]
    assert removed == (rated[0], [{"inWatchlist": False, "myRating": 1}, unmarked])
    assert [(row["title"]["id"], row["percent"]) for row in rated[0]] == [(show.title_id, 50.0)]
    assert await home(world, other, film, show) == before
    assert await home(world, ANONYMOUS, film) == ([], [{"inWatchlist": False, "myRating": None}])


async def test_a_row_moves_with_what_is_watched(world: ActivityWorld) -> None:
    world.app.compile_known([HOME])
    viewer = make_viewer()
    film = await world.title()
    await world.watch(viewer, film, DURATION // 4)
    [[earlier], _] = await home(world, viewer, film)

    world.clock.advance(minutes=10)
    await world.watch(viewer, film, DURATION // 2)
    [[later], _] = await home(world, viewer, film)

    changed = {name for name, value in later.items() if earlier[name] != value}
    assert changed == {"percent", "positionSeconds", "lastWatchedAt"}
