"""The engine: refusals with stable codes, introspection, the operation cache, warming, time limits."""

import asyncio
from collections.abc import Mapping
from typing import Any

import pytest
from graphql import build_client_schema, get_introspection_query, print_schema

from router.errors import ClientError
from router.execution.engine import EngineOptions
from router.execution.limits import Limits
from router.execution.operation_cache import OperationCache
from router.execution.requests import GraphQLRequest
from router.execution.transport import SubgraphRequest
from router.planning.plan import PathStep
from tests.router.execution.kit import FakeSubgraph, engine, entity_fetch, entry, query_plan, root_fetch, run, target

SDL = """
    type Query { me: User user(id: ID!, size: Size, box: Box): User }
    type User { id: ID! name: String friends: [User!] }
    enum Size { BIG }
    input Box { width: Int! = 3, height: Int }
    type Mutation { rename(name: String!): User }
    type Subscription { changed: User }
"""
ME = query_plan(root_fetch(0, "users", "me"))


@pytest.mark.parametrize(
    ("query", "variables", "code"),
    [
        ("{ me {", {}, "GRAPHQL_PARSE_FAILED"),
        ("", {}, "GRAPHQL_PARSE_FAILED"),
        ("{ nobody }", {}, "GRAPHQL_VALIDATION_FAILED"),
        ("{ me { } }", {}, "GRAPHQL_PARSE_FAILED"),
        ("{ me { __secret: name } }", {}, "GRAPHQL_VALIDATION_FAILED"),
        ("query ($id: ID!) { user(id: $id) { id } }", {}, "BAD_USER_INPUT"),
        ("query ($id: ID!) { user(id: $id) { id } }", {"id": {"a": 1}}, "BAD_USER_INPUT"),
        ('query ($s: Size) { user(id: "1", size: $s) { id } }', {"s": "SMALL"}, "BAD_USER_INPUT"),
        ('query ($b: Box) { user(id: "1", box: $b) { id } }', {"b": {"depth": 1}}, "BAD_USER_INPUT"),
        ("query A { me { id } } query B { me { id } }", {}, "OPERATION_RESOLUTION_FAILURE"),
        ("fragment F on User { id }", {}, "GRAPHQL_VALIDATION_FAILED"),
        ("subscription { changed { id } }", {}, "OPERATION_NOT_SUPPORTED"),
        ("{ me { ...F @defer } } fragment F on User { id }", {}, "OPERATION_NOT_SUPPORTED"),
        ("{ me { friends @stream { id } } }", {}, "OPERATION_NOT_SUPPORTED"),
        ("{ me { id @deferred } } # @defer", {}, "GRAPHQL_VALIDATION_FAILED"),
        ("{" + " ".join(f"a{n}: me {{ id }}" for n in range(101)) + "}", {}, "ALIAS_LIMIT_EXCEEDED"),
        ("{ me " + "{ friends " * 20 + "{ id }" + " }" * 21, {}, "DEPTH_LIMIT_EXCEEDED"),
        ("{ me " + "{ friends " * 2000 + "{ id }" + " }" * 2001, {}, "DEPTH_LIMIT_EXCEEDED"),
        ("{" + "me { id } " * 51 + "}", {}, "ROOT_FIELD_LIMIT_EXCEEDED"),
        ("{ me { " + "id " * 10_001 + "} }", {}, "TOKEN_LIMIT_EXCEEDED"),
        ("{ me { " + "id " * 5_001 + "} }", {}, "SELECTION_LIMIT_EXCEEDED"),
        ("{ me { ...A } } fragment A on User { ...B } fragment B on User { ...A }", {}, "GRAPHQL_VALIDATION_FAILED"),
    ],
)
async def test_refuses_what_the_client_can_mend_with_a_code_and_calls_nobody(
    query: str, variables: Mapping[str, Any], code: str
) -> None:
    users = FakeSubgraph()

    response = await engine(SDL, ME, {"users": users}).execute(GraphQLRequest(query=query, variables=variables))

    assert response.refused_code == code
    assert "data" not in response.body
    assert {error["extensions"]["code"] for error in response.body["errors"]} == {code}
    assert users.requests == []


async def test_fragments_that_multiply_are_counted_before_they_are_followed() -> None:
    fragments = " ".join(
        f"fragment F{n} on User {{ a: friends {{ ...F{n + 1} }} b: friends {{ ...F{n + 1} }} }}" for n in range(18)
    )
    users = FakeSubgraph()

    response = await engine(SDL, ME, {"users": users}).execute(
        GraphQLRequest(query=f"{{ me {{ ...F0 }} }} {fragments} fragment F18 on User {{ id }}")
    )

    assert response.refused_code == "ALIAS_LIMIT_EXCEEDED"
    assert users.requests == []


async def test_a_syntax_error_says_where() -> None:
    body = await run(engine(SDL, ME, {"users": FakeSubgraph()}), "{ me { id }")

    assert body["errors"][0]["locations"] == [{"line": 1, "column": 12}]


async def test_introspection_is_answered_from_the_api_schema_beside_data() -> None:
    users = FakeSubgraph({"data": {"me": {"id": "1"}}})
    plan = query_plan(root_fetch(0, "users", "me"), has_introspection=True)

    body = await run(
        engine(SDL, plan, {"users": users}),
        "query ($n: String!) { t: __typename me { id } ...I k: __type(name: $n) { kind } } "
        'fragment I on Query { __type(name: "Size") { enumValues { name } } }',
        {"n": "Box"},
    )

    assert body == {
        "data": {
            "t": "Query",
            "me": {"id": "1"},
            "__type": {"enumValues": [{"name": "BIG"}]},
            "k": {"kind": "INPUT_OBJECT"},
        }
    }


async def test_the_standard_introspection_query_gives_the_schema_without_any_call() -> None:
    served = engine(SDL, query_plan(has_introspection=True), {"users": FakeSubgraph()})

    first = await run(served, get_introspection_query())
    second = await run(served, get_introspection_query())

    assert print_schema(build_client_schema(first["data"])) == print_schema(served.supergraph.api_schema)
    assert second == first


async def test_introspection_can_be_switched_off() -> None:
    served = engine(
        SDL, query_plan(has_introspection=True), {"users": FakeSubgraph()}, options=EngineOptions(introspection=False)
    )

    response = await served.execute(GraphQLRequest(query="{ __schema { queryType { name } } }"))

    assert response.refused_code == "GRAPHQL_VALIDATION_FAILED"


async def test_input_defaults_are_filled_in_before_anything_is_sent() -> None:
    users = FakeSubgraph({"data": {"user": None}})
    plan = query_plan(root_fetch(0, "users", "user", variables=("box",)))

    await run(engine(SDL, plan, {"users": users}), 'query ($box: Box) { user(id: "1", box: $box) { id } }', {"box": {}})

    assert users.variables == [{"box": {"width": 3}}]


async def test_a_bug_shows_nothing_of_itself() -> None:
    def broken(request: SubgraphRequest) -> Mapping[str, Any]:
        raise ZeroDivisionError("secret")

    response = await engine(SDL, ME, {"users": FakeSubgraph(broken)}).execute(GraphQLRequest(query="{ me { id } }"))

    assert response.failed_code == "INTERNAL"
    assert "secret" not in str(response.body)
    assert "data" not in response.body


async def test_a_request_ends_at_its_time_limit() -> None:
    class Endless(FakeSubgraph):
        async def send(self, request: SubgraphRequest) -> Mapping[str, Any]:
            await asyncio.Event().wait()
            raise AssertionError

    served = engine(SDL, ME, {"users": Endless()}, options=EngineOptions(request_timeout_seconds=0.05))

    response = await served.execute(GraphQLRequest(query="{ me { id } }"))

    assert response.failed_code == "REQUEST_TIMEOUT"


async def test_a_mutation_is_refused_where_it_is_not_allowed() -> None:
    users = FakeSubgraph()

    response = await engine(SDL, ME, {"users": users}).execute(
        GraphQLRequest(query='mutation { rename(name: "x") { id } }', allow_mutation=False)
    )

    assert response.refused_code == "MUTATION_NOT_ALLOWED"
    assert users.requests == []


def test_warming_prepares_each_operation_without_an_event_loop() -> None:
    served = engine(SDL, ME, {"users": FakeSubgraph()})

    count = served.warm(["query A { me { id } } query B { me { name } }", "query C { me { id } }"])

    assert count == 3


def test_warming_names_what_is_not_valid() -> None:
    served = engine(SDL, ME, {"users": FakeSubgraph()})

    with pytest.raises(ClientError):
        served.warm(["{ nobody }"])


class Prepared:
    def __init__(self, text: str) -> None:
        self.text = text
        self.uses = 0
        self.to_compile: set[tuple[bool, ...]] = set()

    def warm(self) -> None:
        """Have nothing to compile."""


def cache(prepare: Any, *, entries: int = 10, size: int = 10**9) -> OperationCache:
    return OperationCache(prepare, max_entries=entries, max_bytes=size)


async def test_a_miss_is_prepared_once_for_all_who_wait() -> None:
    calls: list[str] = []

    def prepare(text: str, name: str | None, unmet: int, labels: frozenset[str]) -> Any:
        calls.append(text)
        return Prepared(text)

    kept = cache(prepare)

    found = await asyncio.gather(*(kept.get("{a}", None) for _ in range(20)))

    assert calls == ["{a}"]
    assert len(set(map(id, found))) == 1
    kept.close()


async def test_a_waiter_that_gives_up_does_not_stop_the_others() -> None:
    kept = cache(lambda text, name, unmet, labels: Prepared(text))
    leaving = asyncio.ensure_future(kept.get("{a}", None))
    staying = asyncio.ensure_future(kept.get("{a}", None))
    await asyncio.sleep(0)

    leaving.cancel()

    assert (await staying).text == "{a}"  # type: ignore[attr-defined]  # the fake of this test
    kept.close()


async def test_failures_are_not_kept() -> None:
    def prepare(text: str, name: str | None, unmet: int, labels: frozenset[str]) -> Any:
        raise ClientError("no")

    kept = cache(prepare)

    for _ in range(2):
        with pytest.raises(ClientError):
            await kept.get("{a}", None)

    assert len(kept) == 0
    kept.close()


@pytest.mark.parametrize("bounds", [{"entries": 2}, {"size": 8_000}])
async def test_the_least_recently_used_operation_goes_first(bounds: dict[str, int]) -> None:
    kept = cache(lambda text, name, unmet, labels: Prepared(text), **bounds)
    await kept.get("{a}", None)
    await kept.get("{b}", None)

    await kept.get("{a}", None)
    await kept.get("{c}", None)

    assert kept.known("{a}", None) is not None
    assert kept.known("{b}", None) is None
    assert len(kept) == 2
    kept.close()


async def test_limits_that_are_met_exactly_are_allowed() -> None:
    options = EngineOptions(
        limits=Limits(max_tokens=9, max_depth=2, max_aliases=1, max_root_fields=1, max_selections=2)
    )

    body = await run(
        engine(SDL, ME, {"users": FakeSubgraph({"data": {"me": {"x": "1"}}})}, options=options), "{ me { x: id } }"
    )

    assert body == {"data": {"me": {"x": "1"}}}


async def test_a_warmed_operation_answers_and_asks_as_one_that_comes_for_the_first_time() -> None:
    sdl = "type Query { films: [Film!] } type Film { id: ID! name: String! }"
    plan = query_plan(
        root_fetch(0, "lists", "films"),
        entity_fetch(1, "films", entry(target((PathStep("films", 1),), "Film"), keys=("name",)), depends_on=(0,)),
    )
    bodies, asked = [], []
    for is_warm in (False, True):
        lists = FakeSubgraph({"data": {"films": [{"id": "1"}, {"id": "2"}, {"id": "1"}]}})
        films = FakeSubgraph({"data": {"_entities": [{"name": "Up"}, None]}})
        served = engine(sdl, plan, {"lists": lists, "films": films})
        if is_warm:
            served.warm(["{ films { id name } }"])

        bodies.append(await run(served, "{ films { id name } }"))
        asked.append(films.variables)

    assert bodies[0] == bodies[1]
    assert bodies[0]["data"] == {"films": None}
    assert [error["path"] for error in bodies[0]["errors"]] == [["films", 1, "name"]]
    assert asked[0] == asked[1]
    assert len(asked[0][0]["representations"]) == 2
