"""Continue watching and what plays next."""

from uuid import uuid4

import pytest

from subgraphs.shared.telemetry import count_statements
from subgraphs.shared.values import MaturityRating
from tests.subgraphs.activity.conftest import ActivityWorld, Known, make_viewer


def ids(items: list[dict[str, dict[str, str]]]) -> list[str]:
    return [item["title"]["id"] for item in items]


@pytest.mark.requirement("FR-PR-001.1")
@pytest.mark.parametrize(("position", "is_shown"), [(30, False), (31, True), (899, True), (900, False)])
async def test_a_film_shows_between_thirty_seconds_and_ninety_percent(
    world: ActivityWorld, position: int, is_shown: bool
) -> None:
    viewer = make_viewer()
    film = await world.title()

    await world.watch(viewer, film, position)

    expected = {
        "title": {"id": film.title_id},
        "playable": {"id": film.playable_id},
        "percent": position / 10,
        "positionSeconds": position,
        "lastWatchedAt": world.clock.now.isoformat(),
        "isNextEpisode": False,
    }
    assert await world.continuing(viewer) == ([expected] if is_shown else [])


@pytest.mark.requirement("FR-PR-001.1")
async def test_a_finished_episode_gives_way_to_the_next(world: ActivityWorld) -> None:
    viewer = make_viewer()
    show = await world.title("Show", episodes=3)

    await world.watch(viewer, show, 950, episode=0)
    world.clock.advance(seconds=10)
    await world.watch(viewer, show, 10, episode=1)  # too little to count as begun

    [item] = await world.continuing(viewer)
    assert (item["playable"]["id"], item["positionSeconds"], item["isNextEpisode"]) == (show.playable_ids[1], 10, True)


async def test_episodes_seen_before_are_passed_over(world: ActivityWorld) -> None:
    viewer = make_viewer()
    show = await world.title("Show", episodes=3)
    for episode in (1, 0):
        world.clock.advance(minutes=1)
        await world.watch(viewer, show, 1000, episode=episode)

    [item] = await world.continuing(viewer)
    assert item["playable"]["id"] == show.playable_ids[2]


async def test_a_finished_show_is_not_continued_until_there_is_a_new_episode(world: ActivityWorld) -> None:
    viewer = make_viewer()
    show = await world.title("Show", episodes=2)
    for episode in (0, 1):
        world.clock.advance(minutes=1)
        await world.watch(viewer, show, 1000, episode=episode)
    before = await world.continuing(viewer)

    longer = Known(show.title_id, [*show.playable_ids, "new-episode"])
    await world.project(longer, version=2)

    assert before == []
    [item] = await world.continuing(viewer)
    assert (item["playable"]["id"], item["isNextEpisode"]) == ("new-episode", True)


async def test_an_item_has_an_id_of_its_own_for_each_profile_and_title(world: ActivityWorld) -> None:
    viewers = [make_viewer(), make_viewer()]
    film = await world.title()
    for viewer in viewers:
        await world.watch(viewer, film, 100)
    fields = "continueWatching { edges { node { id title { id } } } }"

    first, again, other = [await world.of_profile(viewer, fields) for viewer in (viewers[0], *viewers)]

    [item_id] = [edge["node"]["id"] for edge in first["continueWatching"]["edges"]]
    assert again == first
    assert len({item_id, other["continueWatching"]["edges"][0]["node"]["id"], film.title_id}) == 3


async def test_the_most_recent_comes_first(world: ActivityWorld) -> None:
    viewer = make_viewer()
    films = [await world.title() for _ in range(3)]
    for film in (films[0], films[1], films[2], films[0]):
        world.clock.advance(minutes=1)
        await world.watch(viewer, film, 100)

    assert ids(await world.continuing(viewer)) == [films[0].title_id, films[2].title_id, films[1].title_id]


@pytest.mark.requirement("FR-PR-001.2")
async def test_the_row_ends_after_twenty(world: ActivityWorld) -> None:
    viewer = make_viewer()
    films = [await world.title() for _ in range(21)]
    for film in films:
        world.clock.advance(minutes=1)
        await world.watch(viewer, film, 100)

    shown = ids(await world.continuing(viewer, "(first: 100)"))

    assert shown == [film.title_id for film in reversed(films[1:])]


async def test_pages_follow_each_other(world: ActivityWorld) -> None:
    viewer = make_viewer()
    films = [await world.title() for _ in range(3)]
    for film in films:
        world.clock.advance(minutes=1)
        await world.watch(viewer, film, 100)
    fields = "edges { cursor node { title { id } } } pageInfo { hasNextPage hasPreviousPage endCursor }"

    first = (await world.of_profile(viewer, f"c: continueWatching(first: 2) {{ {fields} }}"))["c"]
    cursor = first["pageInfo"]["endCursor"]
    second = (await world.of_profile(viewer, f'c: continueWatching(first: 2, after: "{cursor}") {{ {fields} }}'))["c"]

    assert ids([edge["node"] for edge in first["edges"]]) == [films[2].title_id, films[1].title_id]
    assert ids([edge["node"] for edge in second["edges"]]) == [films[0].title_id]
    assert (first["pageInfo"]["hasNextPage"], second["pageInfo"]["hasNextPage"]) == (True, False)


@pytest.mark.requirement("FR-PR-001.3")
async def test_what_is_dismissed_comes_back_when_it_is_played_again(world: ActivityWorld) -> None:
    viewer = make_viewer()
    film = await world.title()
    await world.watch(viewer, film, 100)

    answer = await world.do(viewer, f'continueWatchingDismiss(titleId: "{film.title_id}")')
    await world.watch(viewer, film, 100)  # the same moment again: a late copy
    hidden = await world.continuing(viewer)
    kept = await world.history(viewer)
    world.clock.advance(seconds=10)
    await world.watch(viewer, film, 110)

    assert answer == {"ok": True, "errors": []}
    assert hidden == []
    assert len(kept) == 2
    assert ids(await world.continuing(viewer)) == [film.title_id]


async def test_dismissing_what_is_no_title_is_an_error(world: ActivityWorld) -> None:
    answer = await world.do(make_viewer(), 'continueWatchingDismiss(titleId: "nonsense")')

    assert answer == {"ok": False, "errors": [{"code": "INVALID_ID", "path": ["titleId"]}]}


async def test_nothing_above_the_limit_of_the_profile_shows(world: ActivityWorld) -> None:
    viewer = make_viewer()
    film = await world.title(rating=MaturityRating.UA_16)
    await world.watch(viewer, film, 100)
    limited = make_viewer(maturity_limit=MaturityRating.UA_13)
    child = type(viewer)(user_id=viewer.user_id, profile_id=viewer.profile_id, maturity_limit=limited.maturity_limit)

    assert ids(await world.continuing(viewer)) == [film.title_id]
    assert await world.continuing(child) == []


async def test_what_is_unpublished_is_not_continued(world: ActivityWorld) -> None:
    viewer = make_viewer()
    film = await world.title()
    await world.watch(viewer, film, 100)

    await world.project(film, version=2, published=False)

    assert await world.continuing(viewer) == []


async def test_watching_before_the_title_is_known_shows_once_it_is(world: ActivityWorld) -> None:
    viewer = make_viewer()
    film = Known("TW92aWU6", ["playable"])
    await world.watch(viewer, film, 100)
    before = await world.continuing(viewer)

    await world.project(film)

    assert before == []
    assert ids(await world.continuing(viewer)) == [film.title_id]


async def test_two_profiles_of_one_account_never_mix(world: ActivityWorld) -> None:
    account = uuid4()
    first, second = make_viewer(user=account), make_viewer(user=account)
    film = await world.title()

    await world.watch(first, film, 100)
    await world.do(first, f'watchlistAdd(titleId: "{film.title_id}")')
    await world.do(first, f'titleRate(titleId: "{film.title_id}", value: 1)')

    assert await world.continuing(second) == []
    assert await world.history(second) == []
    assert await world.watchlist(second) == []
    [marks] = await world.marks(second, film)
    assert (marks["inWatchlist"], marks["myRating"]) == (False, 0)


async def test_entries_that_come_twice_or_late_change_nothing(world: ActivityWorld) -> None:
    viewer = make_viewer()
    film = await world.title()
    session = uuid4()
    early = world.entry(viewer, film, 100, session=session)
    world.clock.advance(seconds=10)
    late = world.entry(viewer, film, 110, session=session)

    await world.batches.record_watching([late])
    await world.batches.record_watching([early, late, early])

    [item] = await world.continuing(viewer)
    [entry] = await world.history(viewer)
    assert item["positionSeconds"] == 110
    assert (entry["watchSeconds"], entry["completionPercent"]) == (110, 11.0)


class TestUpNext:
    """What the play button plays."""

    async def next_of(self, world: ActivityWorld, show: Known, *watched: tuple[int, int]) -> int:
        viewer = make_viewer()
        for episode, position in watched:
            world.clock.advance(minutes=1)
            await world.watch(viewer, show, position, episode=episode)
        [marks] = await world.marks(viewer, show)
        return list(show.playable_ids).index(marks["upNext"]["id"])

    @pytest.mark.parametrize(
        ("watched", "expected"),
        [
            ([], 0),
            ([(1, 100)], 1),
            ([(0, 1000)], 1),
            ([(2, 100), (0, 1000)], 2),
            ([(0, 100), (1, 100)], 1),
            ([(2, 1000)], 0),
            ([(0, 1000), (0, 100)], 0),
        ],
        ids=["nothing", "unfinished", "after finished", "unfinished first", "newest unfinished", "over", "again"],
    )
    async def test_the_next_episode(self, world: ActivityWorld, watched: list[tuple[int, int]], expected: int) -> None:
        show = await world.title("Show", episodes=3)

        assert await self.next_of(world, show, *watched) == expected

    async def test_a_title_without_playables_has_nothing_next(self, world: ActivityWorld) -> None:
        title = await world.title("SportsEvent", episodes=0)

        [marks] = await world.marks(make_viewer(), title)

        assert marks["upNext"] is None


async def test_continue_watching_is_one_round_trip(world: ActivityWorld) -> None:
    viewer = make_viewer()
    await world.watch(viewer, await world.title(), 100)
    await world.continuing(viewer)  # builds the read model

    with count_statements() as statements:
        await world.continuing(viewer)

    assert statements == {"redis": 1}
