"""Titles that are kept with their licences, and with them their answers: never longer than the decision holds."""

from datetime import UTC, datetime, timedelta
from typing import Any

from subgraphs.playback.repository.rights import KnownLicences
from subgraphs.shared.identity import ANONYMOUS, Viewer
from subgraphs.shared.values import Tier
from tests.subgraphs.playback.conftest import NOW, Film, PlaybackWorld, make_viewer

CARDS = """query($r: [_Any!]!) { _entities(representations: $r) { ... on Title {
  progress { percent positionSeconds watched } access { canPlay reason withAds }
} } }"""


async def cards(world: PlaybackWorld, viewer: Viewer, *films: Film) -> list[Any]:
    """Return what cards show, read three times: it must be the same each time."""
    references = [{"__typename": "Title", "id": film.title_id} for film in films]
    first, *others = [(await world.ask(viewer, CARDS, r=references))["_entities"] for _ in range(3)]
    assert others == [first, first]
    return list(first)


def row(
    title_id: str, *, duration: int = 60, tier: str | None = None, until: datetime | None = None
) -> tuple[Any, ...]:
    rights: tuple[Any, ...] = (
        "p" + title_id,
        title_id,
        duration,
        None,
        "FREE",
        None,
        None,
        None,
        None,
        [],
        [],
        "asset",
        None,
    )
    return (title_id, *rights, tier, until)


async def test_kept_titles_change_to_the_second_and_for_each_viewer(world: PlaybackWorld) -> None:
    world.app.compile_known([CARDS])
    free, premium = await world.film(), await world.film(tier=Tier.PREMIUM)
    subscriber, other = make_viewer(), make_viewer()
    end = NOW + timedelta(hours=2)
    await world.subscribe(subscriber, until=end)
    plays = {"canPlay": True, "reason": "FREE", "withAds": True}
    refused = {"canPlay": False, "reason": "UPGRADE_REQUIRED", "withAds": False}
    of_free = [{"progress": None, "access": plays}, {"progress": None, "access": refused}]

    before = await cards(world, subscriber, free, premium)
    of_other, of_nobody = await cards(world, other, free, premium), await cards(world, ANONYMOUS, premium)
    world.clock.now = end
    after = await cards(world, subscriber, free, premium)

    assert before == [
        {"progress": None, "access": {"canPlay": True, "reason": "FREE", "withAds": False}},
        {"progress": None, "access": {"canPlay": True, "reason": "SUBSCRIPTION", "withAds": False}},
    ]
    assert of_other == after == of_free
    assert of_nobody == [{"progress": None, "access": {"canPlay": False, "reason": "LOGIN_REQUIRED", "withAds": False}}]


async def test_progress_shows_at_once_and_to_its_profile_alone(world: PlaybackWorld) -> None:
    world.app.compile_known([CARDS])
    film = await world.film()
    viewer, other = make_viewer(), make_viewer()
    nothing = await cards(world, viewer, film)

    session = (await world.start(viewer, film.playable_id))["id"]
    await world.beat(viewer, session, 300, seq=1)

    [begun], of_other = await cards(world, viewer, film), await cards(world, other, film)
    assert begun == {**nothing[0], "progress": {"percent": 50.0, "positionSeconds": 300, "watched": False}}
    assert of_other == nothing


def test_equal_rows_have_one_licence_and_others_their_own() -> None:
    known = KnownLicences()
    until = datetime(2026, 3, 1, tzinfo=UTC)

    first = known.of_rows([row("a"), row("b")])
    again, changed = known.of_rows([row("a"), row("b")]), known.of_rows([row("a", duration=61)])
    [of_subscriber] = known.of_rows([row("a", tier="PREMIUM", until=until)]).values()

    assert known.of_rows([]) == {}
    assert all(again[each] is first[each] for each in "ab")
    assert (changed["a"].rights is not None and changed["a"].rights.duration_seconds) == 61
    assert of_subscriber.entitlement is not None
    assert of_subscriber.entitlement.until == until
    assert known.of_rows([row("b")])["b"] is first["b"]


def test_licences_of_who_was_not_there_for_longest_go_where_there_is_no_room() -> None:
    known = KnownLicences(most=3)
    moments = [datetime(2026, 3, day, tzinfo=UTC) for day in (1, 2, 3)]

    def licence(until: datetime) -> Any:
        return known.of_rows([row("a", tier="PREMIUM", until=until)])["a"]

    first, second = licence(moments[0]), licence(moments[1])
    licence(moments[0])
    known.of_rows([row("a", tier="PREMIUM", until=moments[2]), row("b", tier="PREMIUM", until=moments[2])])

    assert licence(moments[0]) is first
    assert licence(moments[1]) is not second


async def test_what_holds_a_comma_is_no_title_and_leaves_its_neighbours_alone(world: PlaybackWorld) -> None:
    film, other = await world.film(), await world.film()
    ids = [f"{film.title_id},{other.title_id}", other.title_id, "", ",", f"{other.title_id},"]
    query = "query($r: [_Any!]!) { _entities(representations: $r) { ... on Title { id access { reason } } } }"

    data = await world.ask(ANONYMOUS, query, r=[{"__typename": "Title", "id": each} for each in ids])

    shown = {"id": other.title_id, "access": {"reason": "FREE"}}
    assert data["_entities"] == [None, shown, None, None, None]
