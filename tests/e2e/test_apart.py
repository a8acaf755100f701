"""Router and subgraphs apart, over HTTP: the same answers as together, and what is left when a subgraph is dead."""

from collections.abc import AsyncIterator
from typing import Any

import pytest

from stack.services import SUBGRAPHS
from tests.e2e.apart import SubgraphServers, open_apart, subgraph_servers
from tests.e2e.home_page import HOME, begin_a_film, cards_of, edges_of, slots_of, trays_of
from tests.e2e.platform import OPERATIONS, Platform, operation
from tests.e2e.sessions import goes_on_with_a_cookie, signs_out_at_once_and_for_good, tells_of_an_ended_session

NAMES = [subgraph.name for subgraph in SUBGRAPHS]


@pytest.fixture(scope="module")
async def servers(environment: dict[str, str]) -> AsyncIterator[SubgraphServers]:
    """All servers; the two whose pages are looked at have begun a film."""
    with subgraph_servers(environment) as running:
        async with open_apart(running) as apart:
            for person in ("viewer", "annual"):
                await begin_a_film(apart, apart.token(person))
        yield running


@pytest.mark.parametrize("name", sorted(path.stem for path in OPERATIONS.glob("*.graphql")))
async def test_saved_operations_answer_alike_together_and_apart(
    name: str, platform: Platform, servers: SubgraphServers
) -> None:
    viewers = [None, platform.token("viewer"), platform.token("annual"), platform.token("family", profile=3)]

    async with open_apart(servers) as apart:
        for token in viewers:
            together = await platform.send(operation(name), token=token)
            separately = await apart.send(operation(name), token=token)

            assert errors_of(separately) == errors_of(together)
            assert together["data"] is not None
            assert without_moments(separately["data"]) == without_moments(together["data"])


@pytest.mark.requirement("NFR-REL-003")
@pytest.mark.requirement("IN-AR-01")
@pytest.mark.parametrize("dead", NAMES)
async def test_a_dead_subgraph_takes_only_its_own_part_of_the_home_page(dead: str, servers: SubgraphServers) -> None:
    async with open_apart(servers, dead=dead) as apart:
        free = await apart.send(HOME, token=apart.token("viewer"))
        subscriber = await apart.send(HOME, token=apart.token("annual"))

    errors = free.get("errors", []) + subscriber.get("errors", [])
    named = set() if dead == "relay" else {(dead, "SERVICE_UNAVAILABLE")}  # the home page needs no relay
    assert {(error["extensions"]["service"], error["extensions"]["code"]) for error in errors} == named
    assert all(error["path"] for error in errors)
    assert what_is_there(free["data"]) == EVERYTHING - OWNED[dead] - {"plan"}
    assert what_is_there(subscriber["data"]) == EVERYTHING - OWNED[dead] - {"ads"}


@pytest.mark.requirement("FR-UM-002.4", "NFR-SEC-001")
async def test_sessions_end_and_cookies_travel_over_http_as_well(servers: SubgraphServers) -> None:
    async with open_apart(servers) as apart:
        await signs_out_at_once_and_for_good(apart, "annual")
        await goes_on_with_a_cookie(apart, "annual")
        await tells_of_an_ended_session(apart, "annual")


@pytest.mark.requirement("NFR-REL-003")
async def test_a_subgraph_killed_between_two_requests_is_missed_once_and_alone(servers: SubgraphServers) -> None:
    async with open_apart(servers) as apart:
        before = await apart.send(HOME, token=apart.token("viewer"))
        servers.kill("activity")
        after = await apart.send(HOME, token=apart.token("viewer"))

    assert "errors" not in before
    assert what_is_there(before["data"]) == EVERYTHING - {"plan"}
    assert what_is_there(after["data"]) == EVERYTHING - {"plan"} - OWNED["activity"]


EVERYTHING = {"viewer", "continue watching", "plan", "page", "titles", "progress", "access", "list", "ratings", "ads"}
"""Of which a free viewer has no plan, and a subscriber no ads."""

OWNED = {
    "users": {"viewer", "continue watching", "plan"},
    "catalog": {"titles", "progress", "access", "list", "ratings"},
    "playback": {"progress", "access"},
    "activity": {"continue watching", "list", "ratings"},
    "billing": {"plan"},
    "ads": {"ads"},
    "recommendations": {"page", "titles", "progress", "access", "list", "ratings", "ads"},
    "relay": set(),
}
"""What a viewer misses without the subgraph. A card without the catalogue has no name, so it is null as a whole, with
what others know of it."""


def what_is_there(data: dict[str, Any]) -> set[str]:
    """Name the parts of a home page that are answered."""
    viewer = data["viewer"] or {}
    profile, account = viewer.get("profile") or {}, viewer.get("account") or {}
    page = data["page"]
    cards = [card for card in cards_of(data) if card] if page else []
    slots = slots_of(data) if page else []
    there = {
        "viewer": bool(profile.get("name")),
        "continue watching": bool(profile.get("continueWatching")),
        "plan": account.get("daysLeft") is not None,
        "page": bool(page) and all(len(edges_of(tray)) > 0 for tray in trays_of(data)),
        "titles": any(card["name"] for card in cards),
        "progress": any(card["progress"] for card in cards),
        "access": any(card["access"] for card in cards),
        "list": any(card["inWatchlist"] is not None for card in cards),
        "ratings": any(card["myRating"] is not None for card in cards),
        "ads": any(slot["decision"] for slot in slots),
    }
    return {part for part, is_there in there.items() if is_there}


def without_moments(value: Any) -> Any:
    """Leave out what differs from one moment to the next."""
    if isinstance(value, dict):
        return {key: without_moments(part) for key, part in value.items() if key not in {"refreshAfter", "expiresAt"}}
    if isinstance(value, list):
        return [without_moments(part) for part in value]
    return value


def errors_of(answer: dict[str, Any]) -> list[tuple[str, str, str]]:
    return sorted(
        (str(error.get("path")), error["extensions"]["code"], error["message"]) for error in answer.get("errors", [])
    )
