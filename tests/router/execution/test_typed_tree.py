"""Structs that other fetches look into and complete; how a request begins again without them, asking nobody twice."""

import asyncio
from collections.abc import Callable, Mapping
from functools import cache
from typing import Any

import orjson
import pytest

from router.composition import Subgraph, compose
from router.execution.engine import Engine
from router.execution.requests import GraphQLRequest, GraphQLResponse
from router.execution.shared_calls import SharedCalls
from router.execution.transport import SubgraphRequest, TransportError, UnreachableError, dump_json
from router.planning import plan_operation
from router.supergraph import Supergraph

LINK = (
    'extend schema @link(url: "https://specs.apollo.dev/federation/v2.6", '
    'import: ["@key", "@external", "@requires", "@shareable", "@inaccessible"])'
)
SDL = {
    "trays": """
type Query { tray: Tray top: Film me: User ghost: Ghost }
interface Ghost { name: String }
type Spirit implements Ghost @inaccessible { name: String }
type Tray { items: [Item!] best: Film watched: [Watched!]! }
type Watched { film: Film! }
union Item = FilmItem | AdItem | Nothing
type FilmItem { rank: Int! film: Film! }
type AdItem { rank: Int! ad: Ad }
type Nothing { rank: Int! }
type Film @key(fields: "id") { id: ID! }
type Ad @key(fields: "code") { code: String! text: String }
type User @key(fields: "id") { id: ID! }
""",
    "films": """
type Film @key(fields: "id") { id: ID! name: String! size: Size cast: [Person] parent: Film year: Int }
type Size { minutes: Int! }
interface Person { name: String }
type Actor implements Person { name: String role: String }
type Crew implements Person { name: String job: String }
type User @key(fields: "id") { id: ID! name: String! }
""",
    "ads": 'type Ad @key(fields: "code") { code: String! price: Int! }',
    "stars": """
type Film @key(fields: "id") { id: ID! year: Int @external stars: Int! age: Int @requires(fields: "year") }
""",
}
FILMS: Mapping[str, Mapping[str, Any]] = {
    "1": {"name": "A", "size": {"minutes": 90}, "year": 1990, "cast": [{"__typename": "Actor", "name": "x"}, None]},
    "2": {"name": "B", "size": None, "year": None, "cast": None},
}
TRAY = {
    "items": [
        {"__typename": "FilmItem", "rank": 1, "film": {"id": "1"}},
        {"__typename": "AdItem", "rank": 2, "ad": {"code": "c", "text": None}},
        {"__typename": "FilmItem", "rank": 3, "film": {"id": "2"}},
        {"__typename": "FilmItem", "rank": 4, "film": {"id": "1"}},
        {"__typename": "Nothing", "rank": 5},
        {"__typename": "AdItem", "rank": 6, "ad": None},
    ],
    "best": {"id": "2"},
    "watched": [{"film": {"id": "1"}}],
}
HOME = """{
  tray {
    items {
      __typename
      ... on FilmItem { rank film { name id stars } }
      ... on AdItem { rank ad { text price } }
    }
  }
}"""

Answer = Callable[[Mapping[str, Any]], Any]


def trays(_: Mapping[str, Any]) -> Any:
    return {"data": {"tray": TRAY, "top": {"id": "1"}, "me": {"id": "9"}, "ghost": None}}


def entities(complete: Answer) -> Answer:
    """Return what answers each representation of each list that is asked for."""

    def answer(variables: Mapping[str, Any]) -> Any:
        lists = {name.replace("_r", "_e"): [complete(each) for each in given] for name, given in variables.items()}
        return {"data": lists if len(lists) > 1 else {"_entities": next(iter(lists.values()))}}

    return answer


films = entities(lambda each: {"__typename": each["__typename"], **FILMS.get(each["id"], {"name": "U"})})
ads = entities(lambda _: {"price": 5})
stars = entities(lambda each: {"stars": int(each["id"]) + 3, "age": each.get("year")})
FAULTLESS: Mapping[str, Answer] = {"trays": trays, "films": films, "ads": ads, "stars": stars}


class ByteSubgraph:
    """A transport whose replies come as bytes, some turns of the event loop later."""

    def __init__(self, name: str, answer: Answer, *, turns: int, log: list[tuple[str, Any]]) -> None:
        self.name = name
        self.has_types = True
        self._answer = answer
        self._turns = turns
        self._log = log

    async def send(self, request: SubgraphRequest) -> Mapping[str, Any]:
        self._log.append((self.name, request.variables))
        for _ in range(self._turns):
            await asyncio.sleep(0)
        reply = self._answer(request.variables)
        if isinstance(reply, TransportError):
            raise reply
        body = dump_json(reply)
        found = request.typed_reply(body)
        self.has_types = found is not None
        return orjson.loads(body) if found is None else found


@cache
def supergraph() -> Supergraph:
    result = compose([Subgraph(name, f"http://{name}", LINK + sdl) for name, sdl in SDL.items()])
    assert result.errors == ()
    return Supergraph.from_sdl(result.supergraph_sdl)


class Answered:
    """What an engine said with types and without, whom it asked each time, and which replies were of their types."""

    def __init__(self, typed: GraphQLResponse, untyped: GraphQLResponse, asked: tuple[Any, Any], misfits: set[str]):
        self.typed = typed
        self.untyped = untyped
        self.asked, self.asked_untyped = asked
        self.misfits = misfits


async def ask(operation: str, *, turns: Mapping[str, int] | None = None, **answers: Answer) -> Answered:
    log: list[tuple[str, Any]] = []
    subgraphs = {
        name: ByteSubgraph(name, answers.get(name, answer), turns=(turns or {}).get(name, 0), log=log)
        for name, answer in FAULTLESS.items()
    }
    engine = Engine(supergraph(), subgraphs, planner=lambda text, name: plan_operation(supergraph(), text, name))
    engine.warm([operation])
    try:
        typed = await engine.execute(GraphQLRequest(query=operation, as_json=True))
        misfits = {name for name, subgraph in subgraphs.items() if not subgraph.has_types}
        asked = sorted(log, key=repr)
        log.clear()
        untyped = await engine.execute(GraphQLRequest(query=operation))
        return Answered(typed, untyped, (asked, sorted(log, key=repr)), misfits)
    finally:
        engine.close()


def assert_written_at_once(answered: Answered) -> None:
    assert answered.misfits == set()
    assert answered.typed.json == dump_json(answered.untyped.body)
    assert answered.asked == answered.asked_untyped


def assert_begun_again(answered: Answered) -> None:
    assert answered.typed.json is None
    assert answered.typed.body == answered.untyped.body
    assert answered.asked == answered.asked_untyped


async def test_objects_that_others_complete_are_written_in_the_order_of_the_client() -> None:
    answered = await ask(HOME)

    assert_written_at_once(answered)
    assert answered.untyped.body["data"]["tray"]["items"] == [
        {"__typename": "FilmItem", "rank": 1, "film": {"name": "A", "id": "1", "stars": 4}},
        {"__typename": "AdItem", "rank": 2, "ad": {"text": None, "price": 5}},
        {"__typename": "FilmItem", "rank": 3, "film": {"name": "B", "id": "2", "stars": 5}},
        {"__typename": "FilmItem", "rank": 4, "film": {"name": "A", "id": "1", "stars": 4}},
        {"__typename": "Nothing"},
        {"__typename": "AdItem", "rank": 6, "ad": None},
    ]
    assert [name for name, _ in answered.asked] == ["ads", "films", "stars", "trays"]


WRITTEN_AT_ONCE = {
    "keys that the client does not see": "{ tray { items { __typename ... on FilmItem { film { name stars } } } } }",
    "what is required between two others": "{ top { age size { minutes } } }",
    "a name of a type that the client sees": "{ top { stars t: __typename name __typename } }",
    "objects of all types that answer alike": "{ top { cast { name } } }",
    "objects of types that answer differently": "{ top { cast { __typename ... on Actor { role } name } } }",
    "several places of one kind": "{ tray { best { name stars } watched { film { stars name } } } top { name } }",
    "a selection that depends on nothing": "{ top @include(if: true) { name @skip(if: false) stars } }",
    "an interface without types": "{ top { name } ghost { name } }",
    "another way to the same object": "{ me { name id } tray { best { id year } } }",
}


@pytest.mark.parametrize("operation", WRITTEN_AT_ONCE.values(), ids=WRITTEN_AT_ONCE)
async def test_a_faultless_response_is_what_it_is_without_types(operation: str) -> None:
    assert_written_at_once(await ask(operation))


async def test_a_type_that_is_not_told_first_is_projected() -> None:
    operation = "{ tray { items { ... on FilmItem { rank film { name } } __typename } best { name } } }"

    assert_written_at_once(await ask(operation))


def no_entity(_: Mapping[str, Any]) -> Any:
    return {"data": {"_entities": [None, {"name": "B", "stars": 1, "price": 1}]}}


def too_many(_: Mapping[str, Any]) -> Any:
    return {"data": {"_entities": [{"name": "B", "stars": 1, "price": 1}] * 3}}


def wrong(_: Mapping[str, Any]) -> Any:
    return {"data": {"_entities": [{"name": 1, "stars": "1", "price": True}, {"name": "B"}]}}


def absent(_: Mapping[str, Any]) -> Any:
    return {"data": {"_entities": [{}, {"name": "B", "stars": 1, "price": 1}]}}


def half(_: Mapping[str, Any]) -> Any:
    error = {"message": "half", "path": ["_entities", 0], "extensions": {"code": "HALF"}}
    return {"data": {"_entities": [None, None]}, "errors": [error]}


def gone(_: Mapping[str, Any]) -> Any:
    return UnreachableError("gone")


FAULTS = {each.__name__: each for each in (no_entity, too_many, wrong, absent, half, gone)}
TURNS: tuple[Mapping[str, int], ...] = ({}, {"films": 9}, {"stars": 9}, {"films": 5, "stars": 9, "ads": 1}, {"ads": 20})


@pytest.mark.parametrize("turns", TURNS, ids=map(str, TURNS))
@pytest.mark.parametrize("faulty", ["films", "stars", "ads"])
@pytest.mark.parametrize("fault", FAULTS)
async def test_a_faulty_reply_is_answered_as_without_types_whatever_is_under_way(
    fault: str, faulty: str, turns: Mapping[str, int]
) -> None:
    answered = await ask(HOME, turns=turns, **{faulty: FAULTS[fault]})

    assert_begun_again(answered)


async def test_what_comes_after_a_faulty_reply_still_asks_for_what_it_needs() -> None:
    def rubbish(_: Mapping[str, Any]) -> Any:
        return {"data": {"tray": TRAY, "top": {"id": "1"}, "me": {"id": 9}}}

    answered = await ask("{ me { name id } top { age } tray { best { name } } }", trays=rubbish)

    assert answered.misfits >= {"trays"}
    assert_begun_again(answered)


async def test_an_unknown_type_is_looked_at() -> None:
    strange = entities(lambda _: {"cast": [{"__typename": "Ghost", "name": "x"}]})

    answered = await ask("{ top { cast { name } } }", films=strange)

    assert_begun_again(answered)
    assert [error["path"] for error in answered.typed.body["errors"]] == [["top", "cast", 0]]


async def test_who_shares_a_call_gets_objects_of_its_own() -> None:
    log: list[tuple[str, Any]] = []
    subgraphs = {name: SharedCalls(ByteSubgraph(name, answer, turns=3, log=log)) for name, answer in FAULTLESS.items()}
    engine = Engine(supergraph(), subgraphs, planner=lambda text, name: plan_operation(supergraph(), text, name))
    engine.warm([HOME])
    try:
        request = GraphQLRequest(query=HOME, as_json=True)
        answers = await asyncio.gather(*(engine.execute(request) for _ in range(3)))
        untyped = await engine.execute(GraphQLRequest(query=HOME))
    finally:
        engine.close()

    assert [name for name, _ in log[:4]].count("trays") == 1
    assert {answer.json for answer in answers} == {dump_json(untyped.body)}
