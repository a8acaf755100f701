"""Figures of titles: every viewing counted once, for analysts alone."""

from dataclasses import replace
from typing import Any
from uuid import uuid4

import pytest

from subgraphs.shared.identity import ANONYMOUS, Viewer
from subgraphs.shared.telemetry import count_statements
from tests.subgraphs.activity.conftest import DURATION, ActivityWorld, make_viewer

ANALYST = make_viewer(scopes=frozenset({"analytics:read"}))
ALL = "views uniqueViewers averageWatchSeconds completionRate dropOff byCountry { key count } byDevice { key count }"
QUERY = f"""query($r: [_Any!]!, $from: Date!, $to: Date!) {{
  _entities(representations: $r) {{ ... on Title {{ analytics(range: {{from: $from, to: $to}}) {{ {ALL} }} }} }}
}}"""
NOTHING = {
    "views": 0,
    "uniqueViewers": 0,
    "averageWatchSeconds": 0.0,
    "completionRate": 0.0,
    "dropOff": [],
    "byCountry": [],
    "byDevice": [],
}


async def answer(
    world: ActivityWorld, *title_ids: str, viewer: Viewer = ANALYST, first: str = "2026-05-01", last: str = "2026-05-01"
) -> dict[str, Any]:
    references = [{"__typename": "Title", "id": each} for each in title_ids]
    return await world.app.execute_as(viewer, QUERY, variables={"r": references, "from": first, "to": last})


async def figures(
    world: ActivityWorld, *title_ids: str, first: str = "2026-05-01", last: str = "2026-05-01"
) -> list[Any]:
    """Return the figures of the titles for analysts."""
    response = await answer(world, *title_ids, first=first, last=last)
    assert "errors" not in response, response["errors"]
    return [each["analytics"] for each in response["data"]["_entities"]]


@pytest.mark.requirement("FR-CMS-006")
async def test_figures_are_exactly_what_was_watched(world: ActivityWorld) -> None:
    film, other = await world.title(), await world.title("Show", episodes=2)
    asha, ravi = make_viewer(), make_viewer()
    session = uuid4()
    beats = [
        replace(world.entry(asha, film, 400, session=session), country="IN"),
        replace(world.entry(asha, film, 950, session=session), country="IN"),
        replace(world.entry(asha, film, 100), country="IN", device_type="WEB"),
        replace(world.entry(ravi, film, 250), country="US"),
        replace(world.entry(ravi, film, 30), country="US"),
        world.entry(ravi, other, DURATION, episode=1),
    ]
    for _ in range(2):
        await world.batches.record_watching(beats)

    found = await figures(world, film.title_id, other.title_id, film.title_id)

    assert found[0] == found[2]
    assert found[0] == {
        "views": 3,
        "uniqueViewers": 2,
        "averageWatchSeconds": (950 + 100 + 250) / 3,
        "completionRate": 1 / 3,
        "dropOff": [1.0, 1.0, 2 / 3, *[1 / 3] * 7, 0.0],
        "byCountry": [{"key": "IN", "count": 2}, {"key": "US", "count": 1}],
        "byDevice": [{"key": "TV", "count": 2}, {"key": "WEB", "count": 1}],
    }
    assert found[1] == {
        "views": 1,
        "uniqueViewers": 1,
        "averageWatchSeconds": float(DURATION),
        "completionRate": 1.0,
        "dropOff": [1.0] * 11,
        "byCountry": [{"key": "ZZ", "count": 1}],
        "byDevice": [{"key": "TV", "count": 1}],
    }


@pytest.mark.requirement("FR-CMS-006")
async def test_the_drop_off_counts_how_far_each_viewing_came_at_the_furthest(world: ActivityWorld) -> None:
    film, viewer = await world.title(), make_viewer()
    session = uuid4()
    positions = [DURATION * percent // 100 for percent in (5, 10, 49, 50, 90, 100)]
    beats = [world.entry(viewer, film, position) for position in positions]
    # One that came to 70 % and went back is one that came to 70 %.
    beats += [world.entry(viewer, film, DURATION * percent // 100, session=session) for percent in (70, 20)]
    await world.batches.record_watching(beats)

    [found] = await figures(world, film.title_id)

    reached = [7, 6, 5, 5, 5, 4, 3, 3, 2, 2, 1]
    assert found["views"] == reached[0]
    assert found["dropOff"] == [count / 7 for count in reached]
    assert found["completionRate"] == found["dropOff"][9]


async def test_a_viewing_of_unknown_length_is_in_no_drop_off(world: ActivityWorld) -> None:
    film, viewer = await world.title(), make_viewer()
    entries = [world.entry(viewer, film, 500), replace(world.entry(viewer, film, 600), duration_seconds=0)]
    await world.batches.record_watching(entries)

    [found] = await figures(world, film.title_id)

    assert (found["views"], found["dropOff"]) == (2, [1.0] * 6 + [0.0] * 5)


async def test_a_viewing_counts_on_the_utc_day_on_which_it_ended(world: ActivityWorld) -> None:
    film, viewer = await world.title(), make_viewer()
    world.clock.advance(hours=12, seconds=-1)
    await world.batches.record_watching([world.entry(viewer, film, 100)])
    world.clock.advance(seconds=1)
    await world.batches.record_watching([world.entry(viewer, film, 200)])

    [first] = await figures(world, film.title_id)
    [second] = await figures(world, film.title_id, first="2026-05-02", last="2026-05-02")
    [both] = await figures(world, film.title_id, first="2026-05-01", last="2026-05-02")
    [before] = await figures(world, film.title_id, first="2026-04-01", last="2026-04-30")

    assert [each["averageWatchSeconds"] for each in (first, second)] == [100.0, 200.0]
    assert (both["views"], both["uniqueViewers"], before) == (2, 1, NOTHING)


@pytest.mark.parametrize("count", [2, 20])
async def test_figures_of_any_number_of_titles_are_two_statements(world: ActivityWorld, count: int) -> None:
    titles = [(await world.title()).title_id for _ in range(count)]
    await figures(world, *titles)

    with count_statements() as statements:
        found = await figures(world, *titles)

    assert found == [NOTHING] * count
    assert statements["mongo"] == 2


@pytest.mark.requirement("FR-CMS-006", "IN-RBAC-2")
@pytest.mark.parametrize(
    ("viewer", "code"), [(ANONYMOUS, "UNAUTHENTICATED"), (make_viewer(), "FORBIDDEN")], ids=["nobody", "viewer"]
)
async def test_only_analysts_read_figures(world: ActivityWorld, viewer: Viewer, code: str) -> None:
    film = await world.title()

    response = await answer(world, film.title_id, viewer=viewer)

    assert [error["extensions"]["code"] for error in response["errors"]] == [code]
    assert response["data"]["_entities"] == [{"analytics": None}]


@pytest.mark.parametrize("days", [("2026-05-02", "2026-05-01"), ("2025-01-01", "2026-01-02")])
async def test_days_that_make_no_range_are_refused(world: ActivityWorld, days: tuple[str, str]) -> None:
    film = await world.title()

    response = await answer(world, film.title_id, first=days[0], last=days[1])

    assert [error["extensions"]["code"] for error in response["errors"]] == ["BAD_USER_INPUT"]


async def test_a_year_is_a_range(world: ActivityWorld) -> None:
    film = await world.title()

    assert await figures(world, film.title_id, first="2024-01-01", last="2024-12-31") == [NOTHING]
