"""SubgraphApp and FederatedSchema: references in batches, errors with codes, the same answer by both ways."""

import asyncio
from collections.abc import AsyncIterator, Sequence
from contextlib import asynccontextmanager
from datetime import UTC, datetime, timedelta
from typing import Any, ClassVar, Self

import httpx
import pytest
import strawberry
from structlog.testing import capture_logs

from subgraphs.shared.errors import ForbiddenError, ServiceUnavailableError
from subgraphs.shared.graphql.app import Runtime, SubgraphApp
from subgraphs.shared.graphql.payloads import InputError
from subgraphs.shared.graphql.refusals import AsMember
from subgraphs.shared.graphql.schema import FederatedSchema, Reference
from subgraphs.shared.identity import CORRELATION_HEADER, VIEWER_CONTEXT_HEADER, Viewer, sign_viewer_context

NOW = datetime(2026, 3, 1, 9, 30, tzinfo=UTC)
KEY = "k" * 32
SECRET = "password=hunter2"


class Calls:
    """The context of these tests: what the types were asked for."""

    batches: ClassVar[list[list[str]]] = []

    def __init__(self, viewer: Viewer) -> None:
        self.viewer = viewer
        self.batches.clear()


@strawberry.federation.type(keys=["id"])
class Apple:
    id: strawberry.ID

    @classmethod
    async def resolve_references(cls, references: list[Reference], info: strawberry.Info) -> Sequence[Self | None]:
        ids = [reference["id"] for reference in references]
        info.context.batches.append(ids)
        return [None if apple_id == "eaten" else cls(id=strawberry.ID(apple_id)) for apple_id in ids]


@strawberry.federation.type(keys=["id"])
class Pear:
    id: strawberry.ID

    @classmethod
    async def resolve_references(cls, references: list[Reference], info: strawberry.Info) -> Sequence[Self | None]:
        raise ServiceUnavailableError("The orchard is closed.")


@strawberry.type
class Basket:
    size: int


class TooManyError(ForbiddenError):
    """A refusal of these tests."""


@strawberry.type
class Query:
    @strawberry.field
    def viewer_id(self, info: strawberry.Info) -> str | None:
        user_id: str | None = info.context.viewer.user_id
        return user_id

    @strawberry.field
    def forbidden(self) -> str | None:
        raise TooManyError

    @strawberry.field
    def broken(self) -> str | None:
        raise ValueError(SECRET)

    @strawberry.field
    def basket(self) -> Basket | InputError:
        raise TooManyError


schema = FederatedSchema(query=Query, types=[Apple, Pear], exception_handlers=[AsMember(TooManyError, InputError)])


@asynccontextmanager
async def open_runtime() -> AsyncIterator[Runtime]:
    async def check_stores() -> None:
        raise ServiceUnavailableError("The orchard is closed.")

    yield Runtime(context_for=Calls, check_stores=check_stores)


@pytest.fixture
async def app() -> AsyncIterator[SubgraphApp]:
    app = SubgraphApp("orchard", schema=schema, open_runtime=open_runtime, viewer_context_key=KEY, clock=lambda: NOW)
    async with app.running():
        yield app


@pytest.fixture
async def http(app: SubgraphApp) -> AsyncIterator[httpx.AsyncClient]:
    async with httpx.AsyncClient(transport=httpx.ASGITransport(app), base_url="http://orchard") as client:
        yield client


async def entities(app: SubgraphApp, *representations: Any) -> dict[str, Any]:
    query = """query ($r: [_Any!]!) {
      _entities(representations: $r) { __typename ... on Apple { id } ... on Pear { id } }
    }"""
    return await app.execute_as(Viewer(), query, variables={"r": list(representations)})


def apple(apple_id: str) -> dict[str, str]:
    return {"__typename": "Apple", "id": apple_id}


async def test_references_of_a_type_are_resolved_in_one_call_and_keep_their_places(app: SubgraphApp) -> None:
    response = await entities(app, apple("a"), apple("eaten"), apple("b"), apple("a"))

    assert response == {"data": {"_entities": [apple("a"), None, apple("b"), apple("a")]}}
    assert Calls.batches == [["a", "eaten", "b", "a"]]


async def test_what_is_no_reference_is_an_error_at_its_place_only(app: SubgraphApp) -> None:
    odd = [{"__typename": "Basket", "id": "x"}, {"__typename": "Nothing", "id": "x"}, {"__typename": "Apple"}]
    more = [{"id": "x"}, {"__typename": "Apple", "id": 7}, "apple"]

    response = await entities(app, *odd, apple("a"), *more)

    assert response["data"]["_entities"] == [None] * 3 + [apple("a")] + [None] * 3
    assert Calls.batches == [["a"]]
    assert [error["path"][1] for error in response["errors"]] == [0, 1, 2, 4, 5, 6]
    assert {error["extensions"]["code"] for error in response["errors"]} == {"BAD_USER_INPUT"}


async def test_a_type_that_fails_leaves_the_others_alone(app: SubgraphApp) -> None:
    response = await entities(app, {"__typename": "Pear", "id": "p"}, apple("a"), {"__typename": "Pear", "id": "q"})

    assert response["data"]["_entities"] == [None, apple("a"), None]
    assert [(error["path"], error["extensions"]["code"]) for error in response["errors"]] == [
        (["_entities", 0], "SERVICE_UNAVAILABLE"),
        (["_entities", 2], "SERVICE_UNAVAILABLE"),
    ]


def test_an_entity_without_a_batch_is_refused_when_the_schema_is_built() -> None:
    @strawberry.federation.type(keys=["id"])
    class Plum:
        id: strawberry.ID

    with pytest.raises(TypeError, match="Plum has no method resolve_references"):
        FederatedSchema(query=Query, types=[Plum])


async def test_a_refusal_keeps_its_text_code_and_cause(app: SubgraphApp) -> None:
    response = await app.execute_as(Viewer(), "{ forbidden }", correlation_id="c-1")

    assert response["data"] == {"forbidden": None}
    assert [(error["message"], error["extensions"]) for error in response["errors"]] == [
        (
            "You are not allowed to do this.",
            {"code": "FORBIDDEN", "cause": "TOO_MANY", "correlationId": "c-1"},
        )
    ]


async def test_an_unexpected_error_is_masked_and_logged_with_the_correlation_id(app: SubgraphApp) -> None:
    with capture_logs() as logs:
        response = await app.execute_as(Viewer(), "{ broken }", correlation_id="c-1")

    assert SECRET not in str(response)
    assert [(error["message"], error["extensions"], error["path"]) for error in response["errors"]] == [
        ("An unexpected error occurred.", {"code": "INTERNAL", "correlationId": "c-1"}, ["broken"])
    ]
    assert [(entry["subgraph"], entry["correlation_id"], str(entry["exc_info"])) for entry in logs] == [
        ("orchard", "c-1", SECRET)
    ]


async def test_a_refusal_becomes_a_member_of_the_fields_union(app: SubgraphApp) -> None:
    response = await app.execute_as(Viewer(), "{ basket { ... on InputError { code path } } }")

    assert response == {"data": {"basket": {"code": "TOO_MANY", "path": None}}}


@pytest.mark.parametrize("query", ["{", "{ nothing }", "query ($a: Int!) { viewerId }"])
async def test_a_faulty_document_is_told_what_is_wrong(app: SubgraphApp, query: str) -> None:
    response = await app.execute_as(Viewer(), query)

    assert response["data"] is None
    assert {error["extensions"]["code"] for error in response["errors"]} == {"GRAPHQL_VALIDATION_FAILED"}


async def test_both_ways_give_the_same_answer(app: SubgraphApp, http: httpx.AsyncClient) -> None:
    context = sign_viewer_context({"claims": {"sub": "asha"}}, key=KEY, expires_at=NOW + timedelta(minutes=1))
    query = "{ viewerId forbidden }"

    in_memory = await app.execute(query, viewer_context=context, correlation_id="trace-1")
    headers = {VIEWER_CONTEXT_HEADER: context, CORRELATION_HEADER: "trace-1"}
    over_http = await http.post("/graphql", json={"query": query}, headers=headers)

    assert in_memory["data"]["viewerId"] == "asha"
    assert [error["extensions"]["correlationId"] for error in in_memory["errors"]] == ["trace-1"]
    assert over_http.json() == in_memory


async def test_a_forged_context_executes_nothing(http: httpx.AsyncClient) -> None:
    forged = sign_viewer_context({"claims": {"sub": "asha"}}, key="f" * 32, expires_at=NOW + timedelta(minutes=1))

    response = await http.post("/graphql", json={"query": "{ viewerId }"}, headers={VIEWER_CONTEXT_HEADER: forged})

    assert response.json()["data"] is None
    assert [error["extensions"]["code"] for error in response.json()["errors"]] == ["UNAUTHENTICATED"]


@pytest.mark.parametrize(
    "body",
    [
        *(b"", b"{", b"[]", b"null", b'"{ viewerId }"', b"{}", b'{"query":""}', b'{"query":7}'),
        b'{"query":"{ viewerId }","variables":"x"}',
        b'{"query":"{ viewerId }","operationName":7}',
    ],
)
async def test_a_body_that_is_no_request_is_refused(http: httpx.AsyncClient, body: bytes) -> None:
    response = await http.post("/graphql", content=body)

    assert response.status_code == 400
    assert [error["extensions"]["code"] for error in response.json()["errors"]] == ["BAD_USER_INPUT"]


async def test_a_subgraph_lives_while_its_stores_are_away_but_is_not_ready(http: httpx.AsyncClient) -> None:
    with capture_logs() as logs:
        health, ready = await http.get("/health"), await http.get("/ready")

    assert (health.status_code, health.json()) == (200, {"status": "ok", "subgraph": "orchard"})
    assert (ready.status_code, ready.json()) == (503, {"status": "unavailable", "subgraph": "orchard"})
    assert [entry["event"] for entry in logs] == ["not ready"]


async def test_how_operations_ran_is_told_to_prometheus(http: httpx.AsyncClient) -> None:
    line = 'compiled_execution_runs_total{how="fallback",reason="introspection",subgraph="orchard"}'
    query = "{ __schema { queryType { name } mutationType { name } } }"

    for _ in range(200):  # until a thread has looked at the operation
        await http.post("/graphql", json={"query": query})
        text = (await http.get("/metrics")).text
        if line in text:
            break
        await asyncio.sleep(0.01)

    assert line in text
    assert 'compiled_execution_plans_total{subgraph="orchard"}' in text
