"""Progressive overrides: which labels are on for a request, and what it then asks of whom."""

from collections import Counter
from collections.abc import Collection, Mapping
from typing import Any

import pytest

from router.composition import Subgraph, compose
from router.config import RouterSettings
from router.execution.memory_transport import InMemoryTransport
from router.execution.override_labels import OverrideLabels, OverrideRules
from router.execution.rate_limits import Caller
from router.execution.requests import GraphQLRequest
from router.execution.transport import SubgraphRequest
from router.http import RouterApp, create_app
from router.supergraph import Supergraph
from tests.router.http.kit import client_of, post

LINK = 'extend schema @link(url: "https://specs.apollo.dev/federation/v2.7", import: ["@key", "@override"])\n'
OLD = LINK + 'type Query { film: Film } type Film @key(fields: "id") { id: ID! name: String stars: Int }'
NEW = (
    LINK
    + """
    type Film @key(fields: "id") {
      id: ID!
      name: String @override(from: "old", label: "percent(25)")
      stars: Int @override(from: "old", label: "beta")
    }
    """
)


def labels_of(*labels: str, point: float = 0.5) -> OverrideLabels:
    return OverrideLabels(labels, OverrideRules(draw=lambda: point))


@pytest.mark.parametrize(
    ("point", "active"),
    [
        (0.0, {"percent(5)", "percent(50)", "percent(50.0)", "percent(100)"}),
        (0.0499, {"percent(5)", "percent(50)", "percent(50.0)", "percent(100)"}),
        (0.05, {"percent(50)", "percent(50.0)", "percent(100)"}),
        (0.5, {"percent(100)"}),
        (0.9999999, {"percent(100)"}),
    ],
)
def test_percentages_are_on_below_their_limit(point: float, active: set[str]) -> None:
    labels = labels_of("percent(0)", "percent(5)", "percent(50)", "percent(50.0)", "percent(100)", point=point)

    assert labels.active(subject=None, asked=()) == active


def test_a_viewer_stays_on_one_side_and_the_shares_are_as_said() -> None:
    labels = labels_of("percent(25)")

    sides = [labels.active(subject=f"viewer {number}", asked=()) for number in range(4000)]

    assert sides == [labels.active(subject=f"viewer {number}", asked=()) for number in range(4000)]
    assert 900 < Counter(sides)[frozenset({"percent(25)"})] < 1100


def test_other_labels_are_on_when_they_are_named_and_unknown_ones_do_no_harm() -> None:
    labels = labels_of("beta", "percent(25)")

    assert labels.active(subject=None, asked=["beta", "percent(25)", "other"]) == {"beta"}
    assert labels.active(subject=None, asked=()) == frozenset()


def test_without_labels_nothing_is_drawn() -> None:
    def draw() -> float:
        raise AssertionError("drawn")

    labels = OverrideLabels((), OverrideRules(draw=draw))

    assert not labels.exist
    assert labels.active(subject=None, asked=["beta"]) == frozenset()


class Films:
    """A router over a subgraph and the one that takes its fields over."""

    def __init__(self, **options: Any) -> None:
        self.calls: list[str] = []
        composed = compose([Subgraph("old", "", OLD), Subgraph("new", "", NEW)])
        assert composed.errors == ()
        settings = options.pop("settings", {})
        self.app: RouterApp = create_app(
            RouterSettings(**settings),
            transports={"old": InMemoryTransport(self._old), "new": InMemoryTransport(self._new)},
            supergraph=Supergraph.from_sdl(composed.supergraph_sdl),
            **options,
        )

    async def _old(self, request: SubgraphRequest) -> Mapping[str, Any]:
        self.calls.append("old")
        known = {"id": "1", "name": "old", "stars": 1}
        return {"data": {"film": {name: value for name, value in known.items() if name in request.document}}}

    async def _new(self, request: SubgraphRequest) -> Mapping[str, Any]:
        self.calls.append("new")
        return {"data": {"_entities": [{"name": "new", "stars": 2}]}}

    async def film(self, subject: str | None = None, asked: Collection[str] = ()) -> Any:
        request = GraphQLRequest(query="{ film { name stars } }", caller=Caller(subject), asked_labels=asked)
        return (await self.app.engine.execute(request)).body["data"]["film"]


async def test_requests_are_planned_by_their_labels_and_each_plan_is_kept() -> None:
    films = Films()
    labels = labels_of("percent(25)")
    subjects = [f"viewer {number}" for number in range(20)]
    moved = {subject for subject in subjects if labels.active(subject=subject, asked=())}

    found = {subject: await films.film(subject) for subject in subjects}
    both = await films.film(min(moved), asked=["beta"])

    assert 0 < len(moved) < 20
    assert found == {subject: {"name": "new" if subject in moved else "old", "stars": 1} for subject in subjects}
    assert both == {"name": "new", "stars": 2}
    assert films.calls.count("old") == 21
    assert films.calls.count("new") == len(moved) + 1
    assert len(films.app.engine._cache) == 3
    await films.app.aclose()


async def test_a_trusted_header_names_labels_and_no_other_does() -> None:
    query = "{ film { stars } }"
    trusting, careful = Films(settings={"override_labels_header": "X-Labels"}), Films()
    async with client_of(trusting.app) as client:
        named = await post(client, query, headers={"x-labels": "alpha, beta"})
        silent = await post(client, query)
    async with client_of(careful.app) as client:
        unheard = await post(client, query, headers={"x-labels": "beta"})

    assert named == {"data": {"film": {"stars": 2}}}
    assert silent == unheard == {"data": {"film": {"stars": 1}}}


async def test_a_program_may_decide() -> None:
    def decide(claims: Mapping[str, Any] | None, headers: Mapping[str, str]) -> Collection[str]:
        return ["beta"] if headers.get("x-tester") == "yes" and claims is None else []

    films = Films(override_labels=decide)
    async with client_of(films.app) as client:
        tester = await post(client, "{ film { stars } }", headers={"x-tester": "yes"})
        other = await post(client, "{ film { stars } }")

    assert (tester, other) == ({"data": {"film": {"stars": 2}}}, {"data": {"film": {"stars": 1}}})


async def test_plans_for_labels_are_warmed_for_a_changed_supergraph() -> None:
    before, after = Films(), Films()
    labels = labels_of("percent(25)")
    viewer = next(name for name in map(str, range(100)) if not labels.active(subject=name, asked=()))
    await before.film(viewer, asked=["beta"])

    assert after.app.engine.warm_like(before.app.engine, count=10) == 1
    assert await after.film(viewer, asked=["beta"]) == {"name": "old", "stars": 2}
    assert len(after.app.engine._cache) == 1
    await before.app.aclose()
    await after.app.aclose()
