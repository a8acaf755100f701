"""Headers that go with mutations to one subgraph, and from its answer back to the client."""

from collections.abc import Mapping
from typing import Any

import httpx
import pytest

from router.config import RouterSettings
from router.execution.memory_transport import InMemoryTransport
from router.execution.transport import SubgraphRequest
from router.http import RouterApp, create_app
from router.http.engines import ConfigurationError
from router.supergraph import Supergraph
from tests.router.http.kit import PythonSubgraph, app_in_memory, client_of, served_over_http, shop, supergraph_of

RENAME = 'mutation { rename(id: "1", name: "New") { name reviews { body } } }'
REVIEW = 'mutation { review(product: "1", body: "Good.") { body } }'
READ = '{ product(id: "1") { name } }'
SETTINGS: dict[str, Any] = {
    "mutation_request_headers": {"products": ["Cookie", "X-Session-Mode"]},
    "mutation_response_headers": {"products": ["Set-Cookie"]},
}
SENT = {"cookie": "a=1; b=2", "x-session-mode": "cookie", "x-other": "no"}
COOKIES = [("set-cookie", "a=2; Path=/"), ("set-cookie", "b=; Max-Age=0")]


def app_with_cookies(subgraphs: Mapping[str, PythonSubgraph], **settings: Any) -> RouterApp:
    """Return a router over subgraphs that answer everything with two cookies and another header."""

    def transport(subgraph: PythonSubgraph) -> InMemoryTransport:
        async def call(request: SubgraphRequest) -> Mapping[str, Any]:
            if request.received_headers is not None:
                request.received_headers.extend([*COOKIES, ("x-internal", "secret")])
            return await subgraph.call(request)

        return InMemoryTransport(call)

    return create_app(
        RouterSettings(**settings),
        transports={name: transport(subgraph) for name, subgraph in subgraphs.items()},
        supergraph=Supergraph.from_sdl(supergraph_of(subgraphs)),
    )


async def answer_to(client: httpx.AsyncClient, query: str) -> httpx.Response:
    answer = await client.post("/graphql", json={"query": query}, headers=SENT)
    assert answer.status_code == 200
    assert "errors" not in answer.json()
    return answer


def extra(request: SubgraphRequest) -> dict[str, str]:
    return {name: value for name, value in request.headers.items() if name in SENT}


@pytest.mark.requirement("NFR-SEC-001")
async def test_a_mutation_carries_the_named_headers_to_its_subgraph_and_back() -> None:
    subgraphs = shop()
    async with client_of(app_with_cookies(subgraphs, **SETTINGS)) as client:
        answer = await answer_to(client, RENAME)

    [mutation] = subgraphs["products"].requests
    assert extra(mutation) == {"cookie": "a=1; b=2", "x-session-mode": "cookie"}
    assert [extra(request) for request in subgraphs["reviews"].requests] == [{}]
    assert answer.headers.get_list("set-cookie") == ["a=2; Path=/", "b=; Max-Age=0"]
    assert "x-internal" not in answer.headers


@pytest.mark.parametrize("query", [READ, REVIEW])
async def test_queries_and_other_subgraphs_carry_none(query: str) -> None:
    subgraphs = shop()
    async with client_of(app_with_cookies(subgraphs, **SETTINGS)) as client:
        answer = await answer_to(client, query)

    assert [extra(request) for subgraph in subgraphs.values() for request in subgraph.requests] == [{}]
    assert "set-cookie" not in answer.headers


async def test_by_default_nothing_is_passed_on() -> None:
    subgraphs = shop()
    async with client_of(app_with_cookies(subgraphs)) as client:
        answer = await answer_to(client, RENAME)

    assert extra(subgraphs["products"].requests[0]) == {}
    assert "set-cookie" not in answer.headers


async def test_over_http_they_travel_as_well(monkeypatch: pytest.MonkeyPatch) -> None:
    subgraphs = shop()
    async with served_over_http({"products": subgraphs["products"]}) as addresses:
        settings = {**SETTINGS, "subgraph_urls": addresses}
        app = create_app(
            RouterSettings(**settings),
            transports={name: InMemoryTransport(subgraphs[name].call) for name in ("reviews", "accounts")},
            supergraph=Supergraph.from_sdl(supergraph_of(subgraphs)),
        )
        subgraphs["products"].answer_headers = COOKIES
        async with client_of(app) as client:
            answer = await answer_to(client, RENAME)
            read = await answer_to(client, READ)

    lines = [line for line in subgraphs["products"].header_lines if line.partition(":")[0] in SENT]
    assert lines == ["cookie: a=1; b=2", "x-session-mode: cookie"]
    assert answer.headers.get_list("set-cookie") == ["a=2; Path=/", "b=; Max-Age=0"]
    assert "set-cookie" not in read.headers


@pytest.mark.requirement("IN-CORS-1")
async def test_an_allowed_origin_may_send_the_named_headers() -> None:
    async with client_of(app_in_memory(shop(), cors_origins=["https://web.test"], **SETTINGS)) as client:
        answer = await client.options("/graphql", headers={"origin": "https://web.test"})

    allowed = answer.headers["access-control-allow-headers"].split(", ")
    assert "x-session-mode" in allowed
    assert "cookie" not in allowed


async def test_headers_of_the_router_itself_cannot_be_passed_on() -> None:
    with pytest.raises(ConfigurationError, match="x-viewer-context"):
        app_in_memory(shop(), mutation_request_headers={"products": ["X-Viewer-Context"]})
