"""Watchlist, ratings and history; who may read them; what a lost Valkey costs."""

from dataclasses import replace
from datetime import timedelta
from typing import Any
from uuid import UUID, uuid4

import pytest

from subgraphs.activity.repository import durable
from subgraphs.activity.service import ProjectedPlayable, ProjectedTitle, saying
from subgraphs.shared.graphql.pagination import encode_cursor
from subgraphs.shared.identity import ANONYMOUS, Viewer
from subgraphs.shared.ids import encode_id
from subgraphs.shared.telemetry import count_statements
from subgraphs.shared.values import MaturityRating
from tests.subgraphs.activity.conftest import DURATION, NOW, ActivityWorld, make_viewer


def codes(response: dict[str, Any]) -> list[str]:
    return [error["extensions"]["code"] for error in response["errors"]]


@pytest.mark.requirement("FR-PR-005.1")
async def test_a_title_is_put_on_the_list_once_and_keeps_its_place(world: ActivityWorld) -> None:
    viewer = make_viewer()
    first, second = await world.title(), await world.title("Show")

    answer = await world.do(viewer, f'watchlistAdd(titleId: "{first.title_id}")')
    world.clock.advance(minutes=1)
    await world.do(viewer, f'watchlistAdd(titleId: "{second.title_id}")')
    world.clock.advance(minutes=1)
    await world.do(viewer, f'watchlistAdd(titleId: "{first.title_id}")')

    assert answer == {"title": {"id": first.title_id, "inWatchlist": True, "myRating": 0}, "errors": []}
    assert await world.watchlist(viewer) == [second.title_id, first.title_id]


@pytest.mark.requirement("FR-PR-005.1")
async def test_a_title_is_taken_off_the_list_as_often_as_one_likes(world: ActivityWorld) -> None:
    viewer = make_viewer()
    film = await world.title()
    await world.do(viewer, f'watchlistAdd(titleId: "{film.title_id}")')

    for _ in range(2):
        answer = await world.do(viewer, f'watchlistRemove(titleId: "{film.title_id}")')
        assert answer == {"title": {"id": film.title_id, "inWatchlist": False, "myRating": 0}, "errors": []}

    assert await world.watchlist(viewer) == []


@pytest.mark.parametrize("mutation", ["watchlistAdd(titleId: {id})", "titleRate(titleId: {id}, value: 1)"])
async def test_a_title_that_the_viewer_must_not_know_is_not_found(world: ActivityWorld, mutation: str) -> None:
    viewer = make_viewer(maturity_limit=MaturityRating.UA_13)
    hidden = await world.title(rating=MaturityRating.A)
    unrated = await world.title(rating=None)
    unpublished = await world.title(published=False)
    unknown = encode_id("Movie", uuid4())

    for title_id in (hidden.title_id, unrated.title_id, unpublished.title_id, unknown):
        answer = await world.do(viewer, mutation.replace("{id}", f'"{title_id}"'))
        assert answer == {"title": None, "errors": [{"code": "TITLE_NOT_FOUND", "path": ["titleId"]}]}

    assert await world.watchlist(viewer) == []
    assert world.engagement() == []


@pytest.mark.parametrize(
    "mutation", ["watchlistAdd(titleId: {id})", "watchlistRemove(titleId: {id})", "titleRate(titleId: {id}, value: 1)"]
)
@pytest.mark.parametrize("bad", ["", "nonsense", encode_id("Person", UUID(int=1))])
async def test_an_id_of_no_title_is_reported_in_the_payload(world: ActivityWorld, mutation: str, bad: str) -> None:
    answer = await world.do(make_viewer(), mutation.replace("{id}", f'"{bad}"'))

    assert answer == {"title": None, "errors": [{"code": "INVALID_ID", "path": ["titleId"]}]}


@pytest.mark.requirement("CS-11")
async def test_a_rating_is_stored_changed_and_taken_away(world: ActivityWorld) -> None:
    viewer = make_viewer()
    film = await world.title()

    for value in (1, -1, 0):
        answer = await world.do(viewer, f'titleRate(titleId: "{film.title_id}", value: {value})')
        assert answer == {"title": {"id": film.title_id, "inWatchlist": False, "myRating": value}, "errors": []}


@pytest.mark.requirement("CS-11")
@pytest.mark.parametrize("value", [-2, 2, 5])
async def test_a_rating_out_of_range_changes_nothing(world: ActivityWorld, value: int) -> None:
    viewer = make_viewer()
    film = await world.title()
    await world.do(viewer, f'titleRate(titleId: "{film.title_id}", value: -1)')

    answer = await world.do(viewer, f'titleRate(titleId: "{film.title_id}", value: {value})')

    assert answer == {"title": None, "errors": [{"code": "RATING_OUT_OF_RANGE", "path": ["value"]}]}
    [marks] = await world.marks(viewer, film)
    assert marks["myRating"] == -1
    assert len(world.engagement()) == 1


async def test_workers_are_told_what_profiles_say(world: ActivityWorld) -> None:
    viewer = make_viewer()
    film = await world.title()
    of_title = f'titleId: "{film.title_id}"'

    await world.do(viewer, f"watchlistAdd({of_title})")
    await world.do(viewer, f"watchlistRemove({of_title})")
    await world.do(viewer, f"titleRate({of_title}, value: -1)")
    await world.do(viewer, "historyClear")

    at = NOW.isoformat()
    common = {"profile_id": viewer.profile_id, "title_id": film.title_id, "value": None, "at": at}
    assert world.engagement() == [
        {**common, "kind": "WATCHLISTED"},
        {**common, "kind": "UNWATCHLISTED"},
        {**common, "kind": "RATED", "value": -1},
        {**common, "kind": "HISTORY_CLEARED", "title_id": None},
    ]


async def test_the_watchlist_comes_in_pages_even_for_titles_of_one_moment(world: ActivityWorld) -> None:
    viewer = make_viewer()
    films = [await world.title() for _ in range(5)]
    for film in films:
        await world.do(viewer, f'watchlistAdd(titleId: "{film.title_id}")')
    fields = "edges { node { id } addedAt } pageInfo { hasNextPage endCursor } totalCount"

    pages, after = [], "null"
    for _ in range(3):
        page = (await world.of_profile(viewer, f"w: watchlist(first: 2, after: {after}) {{ {fields} }}"))["w"]
        pages.append([edge["node"]["id"] for edge in page["edges"]])
        after = f'"{page["pageInfo"]["endCursor"]}"'

    newest_first = sorted((film.title_id for film in films), reverse=True)
    assert pages == [newest_first[:2], newest_first[2:4], newest_first[4:]]
    assert (page["pageInfo"]["hasNextPage"], page["totalCount"]) == (False, 5)


class TestHistory:
    """What was watched."""

    @pytest.mark.requirement("FR-VP-004.3")
    async def test_a_viewing_is_one_entry_however_many_heartbeats_it_has(self, world: ActivityWorld) -> None:
        viewer = make_viewer()
        film = await world.title()
        session = uuid4()
        for position in (10, 31, 500, 950, 1000):
            world.clock.advance(seconds=10)
            await world.watch(viewer, film, position, session=session)

        assert await world.history(viewer) == [
            {
                "id": encode_id("HistoryEntry", session),
                "title": {"id": film.title_id},
                "playable": {"id": film.playable_id},
                "watchedAt": world.clock.now.isoformat(),
                "completionPercent": 100.0,
                "watchSeconds": 1000,
                "device": "TV",
            }
        ]

    async def test_an_abandoned_viewing_is_an_entry_but_a_glance_is_none(self, world: ActivityWorld) -> None:
        viewer = make_viewer()
        film = await world.title()
        await world.watch(viewer, film, 30)
        world.clock.advance(minutes=1)
        await world.watch(viewer, film, 400)

        [entry] = await world.history(viewer)
        assert entry["completionPercent"] == 40.0

    @pytest.mark.requirement("FR-PR-002.1")
    async def test_days_and_completion_filter(self, world: ActivityWorld) -> None:
        viewer = make_viewer()
        film = await world.title()
        watched_at = []
        for position in (950, 500, 900):
            await world.watch(viewer, film, position)
            watched_at.append(world.clock.now.isoformat())
            world.clock.advance(days=1)

        async def times(arguments: str) -> list[str]:
            return [entry["watchedAt"] for entry in await world.history(viewer, arguments)]

        assert await times("") == watched_at[::-1]
        assert await times('(filter: {from: "2026-05-02"})') == watched_at[:0:-1]
        assert await times('(filter: {to: "2026-05-02"})') == watched_at[1::-1]
        assert await times('(filter: {from: "2026-05-02", to: "2026-05-02"})') == [watched_at[1]]
        assert await times("(filter: {completedOnly: true})") == [watched_at[2], watched_at[0]]
        assert await times('(filter: {from: "0001-01-01", to: "9999-12-31"})') == watched_at[::-1]

    async def test_pages_follow_each_other_and_count_all(self, world: ActivityWorld) -> None:
        viewer = make_viewer()
        film = await world.title()
        for _ in range(3):  # all at one moment: the session decides
            await world.watch(viewer, film, 500)
        fields = "edges { node { id } } pageInfo { hasNextPage endCursor } totalCount"

        first = (await world.of_profile(viewer, f"h: history(first: 2) {{ {fields} }}"))["h"]
        cursor = first["pageInfo"]["endCursor"]
        second = (await world.of_profile(viewer, f'h: history(first: 2, after: "{cursor}") {{ {fields} }}'))["h"]

        ids = [edge["node"]["id"] for page in (first, second) for edge in page["edges"]]
        assert len(set(ids)) == len(ids) == 3
        assert (first["pageInfo"]["hasNextPage"], second["pageInfo"]["hasNextPage"]) == (True, False)
        assert first["totalCount"] == second["totalCount"] == 3

    @pytest.mark.requirement("FR-PR-002.1")
    async def test_a_cleared_history_does_not_come_back_with_late_entries(self, world: ActivityWorld) -> None:
        viewer, other = make_viewer(), make_viewer()
        film = await world.title()
        entry = await world.watch(viewer, film, 500)
        await world.watch(other, film, 500)
        world.clock.advance(seconds=1)

        answer = await world.do(viewer, "historyClear")
        await world.batches.record_watching([entry])
        cleared = await world.history(viewer)
        world.clock.advance(seconds=1)
        await world.watch(viewer, film, 600)

        assert answer == {"ok": True, "errors": []}
        assert cleared == []
        assert len(await world.history(viewer)) == 1
        assert len(await world.history(other)) == 1
        assert len(await world.continuing(viewer)) == 1


class TestWhoMayRead:
    """Only the active profile."""

    FIELDS = "continueWatching { edges { cursor } } history { edges { cursor } } watchlist { totalCount }"

    @pytest.mark.parametrize(
        ("viewer", "code"),
        [
            (make_viewer(), "FORBIDDEN"),
            (Viewer(user_id=encode_id("User", uuid4())), "FORBIDDEN"),
            (ANONYMOUS, "UNAUTHENTICATED"),
        ],
    )
    async def test_another_profile_reads_as_null(self, world: ActivityWorld, viewer: Viewer, code: str) -> None:
        query = f"query($r: [_Any!]!) {{ _entities(representations: $r) {{ ... on Profile {{ id {self.FIELDS} }} }} }}"
        other = encode_id("Profile", uuid4())

        response = await world.app.execute_as(viewer, query, variables={"r": [{"__typename": "Profile", "id": other}]})

        nothing = {"continueWatching": None, "history": None, "watchlist": None}
        assert response["data"] == {"_entities": [{"id": other, **nothing}]}
        assert codes(response) == [code] * 3

    @pytest.mark.parametrize(
        "mutation",
        [
            "watchlistAdd(titleId: {id}) { errors { code } }",
            "watchlistRemove(titleId: {id}) { errors { code } }",
            "titleRate(titleId: {id}, value: 1) { errors { code } }",
            "continueWatchingDismiss(titleId: {id}) { ok }",
            "historyClear { ok }",
        ],
    )
    async def test_nobody_says_anything_without_a_profile(self, world: ActivityWorld, mutation: str) -> None:
        film = await world.title()
        document = "mutation { " + mutation.replace("{id}", f'"{film.title_id}"') + " }"

        anonymous = await world.app.execute_as(ANONYMOUS, document)
        without = await world.app.execute_as(Viewer(user_id=encode_id("User", uuid4())), document)

        assert (codes(anonymous), codes(without)) == (["UNAUTHENTICATED"], ["FORBIDDEN"])
        assert world.engagement() == []

    async def test_anonymous_viewers_see_no_marks_but_what_to_play(self, world: ActivityWorld) -> None:
        show = await world.title("Show", episodes=2)

        with count_statements() as statements:
            [marks] = await world.marks(ANONYMOUS, show)

        assert marks == {
            "id": show.title_id,
            "inWatchlist": False,
            "myRating": None,
            "upNext": {"id": show.playable_id},
        }
        assert statements == {}


@pytest.mark.parametrize("bad", ["first: -1", "first: 101", 'after: "nonsense"'])
@pytest.mark.parametrize("name", ["continueWatching", "history", "watchlist"])
async def test_bad_pages_are_refused(world: ActivityWorld, name: str, bad: str) -> None:
    viewer = make_viewer()
    fields = f"... on Profile {{ {name}({bad}) {{ edges {{ cursor }} }} }}"
    query = f"query($r: [_Any!]!) {{ _entities(representations: $r) {{ {fields} }} }}"

    response = await world.app.execute_as(
        viewer, query, variables={"r": [{"__typename": "Profile", "id": viewer.profile_id}]}
    )

    assert codes(response) == ["BAD_USER_INPUT"]


@pytest.mark.parametrize("milliseconds", [10**18, -(10**18), -62_135_596_800_001, "x", None])
async def test_a_forged_cursor_of_the_history_is_refused(world: ActivityWorld, milliseconds: int | str | None) -> None:
    viewer = make_viewer()
    cursor = encode_cursor("history", milliseconds, str(uuid4()))
    query = "query($r: [_Any!]!, $a: String) { _entities(representations: $r) { ... on Profile { history(after: $a) {"

    response = await world.app.execute_as(
        viewer,
        f"{query} totalCount }} }} }} }}",
        variables={"r": [{"__typename": "Profile", "id": viewer.profile_id}], "a": cursor},
    )

    assert [error["extensions"]["cause"] for error in response["errors"]] == ["INVALID_CURSOR"]


async def test_references_keep_order_and_length_in_one_round_trip(world: ActivityWorld) -> None:
    viewer = make_viewer()
    film, show = await world.title(), await world.title("Show")
    await world.do(viewer, f'watchlistAdd(titleId: "{show.title_id}")')
    await world.marks(viewer, film)  # builds the read model
    unknown = encode_id("Movie", uuid4())
    given = [show.title_id, "no id", film.title_id, unknown, show.title_id, "", viewer.profile_id]
    query = "query($r: [_Any!]!) { _entities(representations: $r) { ... on Title { id inWatchlist } } }"

    with count_statements() as statements:
        data = await world.ask(viewer, query, r=[{"__typename": "Title", "id": each} for each in given])

    listed = {"id": show.title_id, "inWatchlist": True}
    assert data["_entities"] == [
        listed,
        None,
        {"id": film.title_id, "inWatchlist": False},
        {"id": unknown, "inWatchlist": False},  # whether it exists is the catalogue's to know
        listed,
        None,
        None,
    ]
    assert statements == {"redis": 1}


async def test_profile_references_keep_order_and_length(world: ActivityWorld) -> None:
    viewer = make_viewer()
    other = encode_id("Profile", uuid4())
    given = [viewer.profile_id, "no id", other, viewer.profile_id, encode_id("Movie", uuid4())]
    query = "query($r: [_Any!]!) { _entities(representations: $r) { ... on Profile { id } } }"

    with count_statements() as statements:
        data = await world.ask(viewer, query, r=[{"__typename": "Profile", "id": each} for each in given])

    own = {"id": viewer.profile_id}
    assert data["_entities"] == [own, None, {"id": other}, own, None]
    assert statements == {}


@pytest.mark.parametrize("size", [2, 20])
async def test_the_marks_of_a_page_are_one_round_trip_to_valkey(world: ActivityWorld, size: int) -> None:
    viewer = make_viewer()
    titles = [await world.title() for _ in range(size)]
    await world.marks(viewer, *titles)

    with count_statements() as statements:
        marks = await world.marks(viewer, *titles)

    assert len(marks) == size
    assert statements == {"redis": 1}


async def test_ids_that_are_made_up_leave_nothing_behind(world: ActivityWorld) -> None:
    viewer = make_viewer()
    unknown = encode_id("Movie", uuid4())
    await world.watchlist(viewer)  # builds the read model

    with count_statements() as statements:
        removed = await world.do(viewer, f'watchlistRemove(titleId: "{unknown}")')
        dismissed = await world.ask(viewer, f'mutation {{ d: continueWatchingDismiss(titleId: "{unknown}") {{ ok }} }}')

    assert removed["errors"] == []
    assert dismissed == {"d": {"ok": True}}
    # Both looked the title up, and that was all; one round trip more read the title's marks.
    assert statements == {"mongo": 2, "redis": 1}
    assert world.engagement() == []


class TestLimitedProfiles:
    """A profile whose limit was lowered finds nothing above it in its own lists, not even an id or a count."""

    @staticmethod
    def limited(viewer: Viewer) -> Viewer:
        return replace(viewer, maturity_limit=MaturityRating.UA_7, is_kids=True)

    async def test_the_watchlist_is_as_long_as_what_it_shows(self, world: ActivityWorld) -> None:
        viewer = make_viewer()
        mild, strict, unrated, other = [
            await world.title(rating=rating)
            for rating in (MaturityRating.U, MaturityRating.A, None, MaturityRating.UA_7)
        ]
        for film in (mild, strict, unrated, other):
            await world.do(viewer, f'watchlistAdd(titleId: "{film.title_id}")')
        kid = self.limited(viewer)
        fields = "edges { node { id } } pageInfo { hasNextPage endCursor } totalCount"

        first = (await world.of_profile(kid, f"w: watchlist(first: 1) {{ {fields} }}"))["w"]
        cursor = first["pageInfo"]["endCursor"]
        second = (await world.of_profile(kid, f'w: watchlist(first: 1, after: "{cursor}") {{ {fields} }}'))["w"]

        shown = [edge["node"]["id"] for page in (first, second) for edge in page["edges"]]
        assert sorted(shown) == sorted([mild.title_id, other.title_id])
        assert [page["totalCount"] for page in (first, second)] == [2, 2]
        assert [page["pageInfo"]["hasNextPage"] for page in (first, second)] == [True, False]
        assert len(await world.watchlist(viewer)) == 4

    async def test_the_history_counts_no_viewing_above_the_limit(self, world: ActivityWorld) -> None:
        viewer = make_viewer()
        mild, strict, show = await world.title(), await world.title(rating=MaturityRating.A), await world.title("Show")
        gone = await world.title()
        for film in (mild, strict, show, gone):
            await world.watch(viewer, film, 500)
        harder = ProjectedPlayable(show.playable_id, DURATION, MaturityRating.UA_16)
        await world.batches.project_titles([ProjectedTitle(show.title_id, 2, True, MaturityRating.U, [harder])])
        await world.project(gone, version=2, rating=None)

        found = await world.of_profile(
            self.limited(viewer), "history { totalCount edges { node { title { id } playable { id } } } }"
        )

        own = {"title": {"id": mild.title_id}, "playable": {"id": mild.playable_id}}
        assert found["history"] == {"totalCount": 1, "edges": [{"node": own}]}
        assert len(await world.history(viewer)) == 4

    @pytest.mark.parametrize(("limit", "extra"), [(None, 0), (MaturityRating.UA_7, 2)])
    async def test_only_a_limit_costs_statements(
        self, world: ActivityWorld, limit: MaturityRating | None, extra: int
    ) -> None:
        viewer = replace(make_viewer(), maturity_limit=limit)
        await world.watchlist(viewer)  # builds the read model

        with count_statements() as of_history:
            await world.history(viewer)
        with count_statements() as of_watchlist:
            await world.watchlist(viewer)

        assert of_history == {"mongo": 1 + extra}
        assert (of_watchlist["redis"], of_watchlist["mongo"]) == (1, extra // 2)


class TestTwoDevicesAtOnce:
    """What MongoDB heard last is what every later look shows, in whatever order the read model was told.

    Once with as many attempts as there are, and once where the only one is spoilt: then all is built again.
    """

    @pytest.fixture(params=[1, saying._ATTEMPTS], autouse=True)
    def attempts(self, request: pytest.FixtureRequest, monkeypatch: pytest.MonkeyPatch) -> None:
        monkeypatch.setattr(saying, "_ATTEMPTS", request.param)

    @pytest.mark.parametrize("last", [-1, 0])
    async def test_the_last_rating_counts(
        self, world: ActivityWorld, monkeypatch: pytest.MonkeyPatch, last: int
    ) -> None:
        viewer = make_viewer()
        film = await world.title()
        await world.marks(viewer, film)  # builds the read model
        write = durable.set_rating

        async def write_and_be_overtaken(*arguments: Any, **options: Any) -> None:
            monkeypatch.setattr(durable, "set_rating", write)
            await write(*arguments, **options)
            await world.do(viewer, f'titleRate(titleId: "{film.title_id}", value: {last})')

        monkeypatch.setattr(durable, "set_rating", write_and_be_overtaken)
        await world.do(viewer, f'titleRate(titleId: "{film.title_id}", value: 1)')

        [marks] = await world.marks(viewer, film)
        assert marks["myRating"] == last

    async def test_a_title_that_was_taken_off_last_is_off_the_list(
        self, world: ActivityWorld, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        viewer = make_viewer()
        film = await world.title()
        await world.marks(viewer, film)  # builds the read model
        write = durable.add_to_watchlist

        async def write_and_be_overtaken(*arguments: Any, **options: Any) -> Any:
            added_at = await write(*arguments, **options)
            await world.do(viewer, f'watchlistRemove(titleId: "{film.title_id}")')
            return added_at

        monkeypatch.setattr(durable, "add_to_watchlist", write_and_be_overtaken)
        await world.do(viewer, f'watchlistAdd(titleId: "{film.title_id}")')

        assert await world.watchlist(viewer) == []

    async def test_a_title_that_was_put_back_last_is_on_the_list(
        self, world: ActivityWorld, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        viewer = make_viewer()
        film = await world.title()
        await world.do(viewer, f'watchlistAdd(titleId: "{film.title_id}")')
        write = durable.remove_from_watchlist

        async def write_and_be_overtaken(*arguments: Any, **options: Any) -> None:
            await write(*arguments, **options)
            await world.do(viewer, f'watchlistAdd(titleId: "{film.title_id}")')

        monkeypatch.setattr(durable, "remove_from_watchlist", write_and_be_overtaken)
        await world.do(viewer, f'watchlistRemove(titleId: "{film.title_id}")')

        assert await world.watchlist(viewer) == [film.title_id]


class TestLostValkey:
    """A lost Valkey loses nothing but the time to build it again."""

    async def all_of(self, world: ActivityWorld, viewer: Viewer, *titles: Any) -> list[Any]:
        return [
            await world.continuing(viewer),
            await world.history(viewer),
            await world.watchlist(viewer),
            await world.marks(viewer, *titles),
        ]

    async def test_everything_comes_back(self, world: ActivityWorld) -> None:
        viewer = make_viewer()
        film, show, dismissed = await world.title(), await world.title("Show", episodes=3), await world.title()
        for title, position in ((film, 100), (show, 950), (dismissed, 100)):
            world.clock.advance(minutes=1)
            await world.watch(viewer, title, position)
        await world.do(viewer, f'continueWatchingDismiss(titleId: "{dismissed.title_id}")')
        for title in (show, film):
            world.clock.advance(seconds=1)
            await world.do(viewer, f'watchlistAdd(titleId: "{title.title_id}")')
        await world.do(viewer, f'titleRate(titleId: "{film.title_id}", value: 1)')
        before = await self.all_of(world, viewer, film, show, dismissed)

        world.lose_valkey()
        after = await self.all_of(world, viewer, film, show, dismissed)

        assert after == before
        assert [item["title"]["id"] for item in after[0]] == [show.title_id, film.title_id]
        assert after[2] == [film.title_id, show.title_id]

    async def test_what_is_said_before_it_is_built_again_is_not_lost(self, world: ActivityWorld) -> None:
        viewer = make_viewer()
        first, second = await world.title(), await world.title()
        await world.do(viewer, f'watchlistAdd(titleId: "{first.title_id}")')
        world.lose_valkey()
        world.clock.advance(seconds=1)

        await world.do(viewer, f'watchlistAdd(titleId: "{second.title_id}")')
        await world.watch(viewer, second, 100)

        assert await world.watchlist(viewer) == [second.title_id, first.title_id]
        assert len(await world.continuing(viewer)) == 1

    async def test_it_is_built_once(self, world: ActivityWorld) -> None:
        viewer = make_viewer()
        film = await world.title()

        with count_statements() as building:
            await world.marks(viewer, film)
        with count_statements() as serving:
            await world.marks(viewer, film)

        assert (building["redis"], building["mongo"]) == (4, 5)
        assert serving == {"redis": 1}


async def test_a_value_computed_before_somebody_else_wrote_is_not_stored(world: ActivityWorld) -> None:
    from subgraphs.activity.repository.read_model import Changes, ReadModel
    from subgraphs.shared.redis import Cache

    viewer = make_viewer()
    profile_id = viewer.require_profile()
    film = await world.title()
    cache = Cache(world.settings.redis_url, "activity")
    read_model = ReadModel(cache)
    [revision] = await read_model.revisions([profile_id])
    await world.do(viewer, f'watchlistAdd(titleId: "{film.title_id}")')

    stored = await read_model.apply([(profile_id, revision, Changes(states={}, rows={}, whole=True))])
    await cache.close()

    assert stored == [False]
    assert await world.watchlist(viewer) == [film.title_id]


async def test_a_dismissal_older_than_the_last_play_hides_nothing(world: ActivityWorld) -> None:
    viewer = make_viewer()
    film = await world.title()
    await world.do(viewer, f'continueWatchingDismiss(titleId: "{film.title_id}")')
    world.clock.now = NOW + timedelta(seconds=1)
    await world.watch(viewer, film, 100)
    world.lose_valkey()

    assert len(await world.continuing(viewer)) == 1
