"""GraphQL over HTTP: methods, media types, statuses, bad requests, browsers, limits, correlation ids."""

import json
import re
from collections.abc import AsyncIterator
from pathlib import Path
from typing import Any

import httpx
import pytest

from tests.router.http.kit import PythonSubgraph, app_in_memory, client_of, shop

GRAPHQL = "application/graphql-response+json"
JSON = "application/json"
BROWSER = "Mozilla/5.0 (X11; Linux x86_64)"
QUERY = "{ me { name } }"
ANN = {"data": {"me": {"name": "Ann"}}}


@pytest.fixture
def subgraphs() -> dict[str, PythonSubgraph]:
    return shop()


@pytest.fixture
async def client(subgraphs: dict[str, PythonSubgraph]) -> AsyncIterator[httpx.AsyncClient]:
    app = app_in_memory(subgraphs, cors_origins=["https://app.test"], max_body_bytes=4096)
    async with client_of(app) as client:
        yield client


def calls(subgraphs: dict[str, PythonSubgraph]) -> int:
    return sum(len(subgraph.requests) for subgraph in subgraphs.values())


def code(answer: httpx.Response) -> str:
    body = answer.json()
    assert "data" not in body
    codes = {error["extensions"]["code"] for error in body["errors"]}
    assert len(codes) == 1
    return str(codes.pop())


@pytest.mark.parametrize(
    ("accept", "expected"),
    [
        ("*/*", JSON),
        ("application/*", JSON),
        (JSON, JSON),
        (GRAPHQL, GRAPHQL),
        (f"{GRAPHQL}, {JSON}", JSON),
        (f"{GRAPHQL}, {JSON};q=0.9", GRAPHQL),
        (f"{JSON};q=0.5, {GRAPHQL};q=0.4", JSON),
        (f"{GRAPHQL}, */*;q=0.1", GRAPHQL),
        ("text/html, */*;q=0.1", JSON),
    ],
)
async def test_answers_a_post_in_the_media_type_that_the_client_prefers(
    client: httpx.AsyncClient, accept: str, expected: str
) -> None:
    answer = await client.post("/graphql", json={"query": QUERY}, headers={"accept": accept})

    assert (answer.status_code, answer.json()) == (200, ANN)
    assert answer.headers["content-type"] == f"{expected}; charset=utf-8"


@pytest.mark.parametrize(
    ("body", "accept", "status", "expected"),
    [
        ({"query": "{ me {"}, JSON, 200, "GRAPHQL_PARSE_FAILED"),
        ({"query": "{ me {"}, GRAPHQL, 400, "GRAPHQL_PARSE_FAILED"),
        ({"query": "{ nobody }"}, JSON, 200, "GRAPHQL_VALIDATION_FAILED"),
        ({"query": "{ nobody }"}, GRAPHQL, 400, "GRAPHQL_VALIDATION_FAILED"),
        ({"query": "query ($n: Int!) { topProducts(first: $n) { id } }"}, JSON, 200, "BAD_USER_INPUT"),
        (
            {"query": "query ($n: Int) { topProducts(first: $n) { id } }", "variables": {"n": "x"}},
            GRAPHQL,
            400,
            "BAD_USER_INPUT",
        ),
        ({"query": QUERY, "operationName": "Other"}, GRAPHQL, 400, "OPERATION_RESOLUTION_FAILURE"),
        ({}, JSON, 400, "BAD_REQUEST"),
        ({"query": 5}, JSON, 400, "BAD_REQUEST"),
        ({"query": " "}, JSON, 400, "BAD_REQUEST"),
        ({"query": QUERY, "variables": []}, JSON, 400, "BAD_REQUEST"),
        ({"query": QUERY, "operationName": 1}, JSON, 400, "BAD_REQUEST"),
        ({"query": QUERY, "extensions": "x"}, JSON, 400, "BAD_REQUEST"),
        ([{"query": QUERY}], JSON, 400, "BAD_REQUEST"),
        ("text", JSON, 400, "BAD_REQUEST"),
        ({"query": QUERY}, "image/png", 406, "NOT_ACCEPTABLE"),
    ],
)
async def test_bad_requests_get_a_status_and_a_code_and_reach_no_subgraph(
    client: httpx.AsyncClient,
    subgraphs: dict[str, PythonSubgraph],
    body: Any,
    accept: str,
    status: int,
    expected: str,
) -> None:
    answer = await client.post("/graphql", json=body, headers={"accept": accept})

    assert (answer.status_code, code(answer)) == (status, expected)
    assert calls(subgraphs) == 0


@pytest.mark.parametrize(
    ("content", "content_type", "status", "expected"),
    [
        (b"{not json", JSON, 400, "BAD_REQUEST"),
        (b"", JSON, 400, "BAD_REQUEST"),
        (b'{"query": "\xff"}', JSON, 400, "BAD_REQUEST"),
        (b"[" * 4000, JSON, 400, "BAD_REQUEST"),
        (b'{"query":"{me{name}}"}', "text/plain", 415, "UNSUPPORTED_MEDIA_TYPE"),
        (b'{"query":"{me{name}}"}', "application/json; charset=latin-1", 415, "UNSUPPORTED_MEDIA_TYPE"),
        (b"query=%7Bme%7Bname%7D%7D", "application/x-www-form-urlencoded", 415, "UNSUPPORTED_MEDIA_TYPE"),
        (b'{"query":"{me{name}}"}', None, 415, "UNSUPPORTED_MEDIA_TYPE"),
        (b'{"query":"' + b"x" * 5000 + b'"}', JSON, 413, "REQUEST_TOO_LARGE"),
    ],
)
async def test_bodies_that_cannot_be_read_are_refused(
    client: httpx.AsyncClient,
    subgraphs: dict[str, PythonSubgraph],
    content: bytes,
    content_type: str | None,
    status: int,
    expected: str,
) -> None:
    headers = {"content-type": content_type} if content_type else {}

    answer = await client.post("/graphql", content=content, headers=headers)

    assert (answer.status_code, code(answer)) == (status, expected)
    assert calls(subgraphs) == 0


async def test_a_body_without_announced_length_is_cut_off_at_the_limit(client: httpx.AsyncClient) -> None:
    async def endless() -> AsyncIterator[bytes]:
        for _ in range(100):
            yield b"x" * 1000

    answer = await client.post("/graphql", content=endless(), headers={"content-type": JSON})

    assert (answer.status_code, code(answer)) == (413, "REQUEST_TOO_LARGE")


async def test_a_query_of_two_megabytes_is_refused_with_the_default_settings(
    subgraphs: dict[str, PythonSubgraph],
) -> None:
    async with client_of(app_in_memory(subgraphs)) as client:
        answer = await client.post("/graphql", json={"query": "{ me { " + "name " * 400_000 + "} }"})

    assert (answer.status_code, code(answer)) == (413, "REQUEST_TOO_LARGE")
    assert calls(subgraphs) == 0


async def test_answers_a_get_with_variables(client: httpx.AsyncClient) -> None:
    parameters = {
        "query": "query A($n: Int) { topProducts(first: $n) { name } }",
        "variables": '{"n": 1}',
        "operationName": "A",
    }

    answer = await client.get("/graphql", params=parameters)

    assert (answer.status_code, answer.json()) == (200, {"data": {"topProducts": [{"name": "Dune"}]}})


@pytest.mark.parametrize("variables", ["{", "[]", "5"])
async def test_variables_in_a_url_must_be_a_json_object(client: httpx.AsyncClient, variables: str) -> None:
    answer = await client.get("/graphql", params={"query": QUERY, "variables": variables})

    assert (answer.status_code, code(answer)) == (400, "BAD_REQUEST")


async def test_a_mutation_by_get_is_refused_and_changes_nothing(
    client: httpx.AsyncClient, subgraphs: dict[str, PythonSubgraph]
) -> None:
    answer = await client.get("/graphql", params={"query": 'mutation { rename(id: "1", name: "X") { id } }'})

    assert (answer.status_code, code(answer)) == (405, "MUTATION_NOT_ALLOWED")
    assert answer.headers["allow"] == "POST"
    assert calls(subgraphs) == 0


@pytest.mark.parametrize("method", ["PUT", "DELETE", "PATCH"])
async def test_other_methods_are_refused(client: httpx.AsyncClient, method: str) -> None:
    answer = await client.request(method, "/graphql", json={"query": QUERY})

    assert (answer.status_code, code(answer)) == (405, "METHOD_NOT_ALLOWED")
    assert answer.headers["allow"] == "GET, POST"


@pytest.mark.parametrize(
    "headers",
    [
        {"user-agent": BROWSER},
        {"user-agent": BROWSER, "accept": JSON},
        {"user-agent": BROWSER, "sec-fetch-site": "cross-site"},
        {"sec-fetch-site": "same-site"},
        {"origin": "https://evil.test"},
    ],
)
async def test_a_get_that_any_page_could_make_a_browser_send_is_refused(
    client: httpx.AsyncClient, subgraphs: dict[str, PythonSubgraph], headers: dict[str, str]
) -> None:
    answer = await client.get("/graphql", params={"query": QUERY}, headers=headers)

    assert (answer.status_code, code(answer)) == (403, "CSRF_PREVENTED")
    assert calls(subgraphs) == 0


@pytest.mark.parametrize(
    "headers",
    [
        {"user-agent": BROWSER, "x-graphql-require-preflight": "1"},
        {"user-agent": BROWSER, "sec-fetch-site": "same-origin"},
        {"user-agent": "curl/8"},
    ],
)
async def test_a_get_that_cannot_be_forged_is_answered(client: httpx.AsyncClient, headers: dict[str, str]) -> None:
    answer = await client.get("/graphql", params={"query": QUERY}, headers=headers)

    assert answer.json() == ANN


async def test_only_allowed_origins_may_read(client: httpx.AsyncClient) -> None:
    asked = {"access-control-request-method": "POST", "access-control-request-headers": "content-type"}
    ours = await client.options("/graphql", headers={"origin": "https://app.test", **asked})
    theirs = await client.options("/graphql", headers={"origin": "https://evil.test", **asked})
    answer = await client.post("/graphql", json={"query": QUERY}, headers={"origin": "https://app.test"})

    assert ours.status_code == 204
    assert ours.headers["access-control-allow-origin"] == "https://app.test"
    assert "authorization" in ours.headers["access-control-allow-headers"]
    assert "access-control-allow-origin" not in theirs.headers
    assert answer.headers["access-control-allow-origin"] == "https://app.test"
    assert answer.headers["access-control-allow-credentials"] == "true"


@pytest.mark.parametrize(("sent", "is_kept"), [("trace-0001.a:b", True), ("short", False), ("a b c d e f g", False)])
async def test_a_sane_correlation_id_is_kept_and_reaches_the_subgraph(
    client: httpx.AsyncClient, subgraphs: dict[str, PythonSubgraph], sent: str, is_kept: bool
) -> None:
    answer = await client.post("/graphql", json={"query": QUERY}, headers={"x-correlation-id": sent})

    returned = answer.headers["x-correlation-id"]
    assert (returned == sent) is is_kept
    assert subgraphs["accounts"].requests[0].headers == {"x-correlation-id": returned}


@pytest.mark.requirement("IN-GW-01")
async def test_headers_of_the_client_do_not_reach_subgraphs_unless_configured(
    subgraphs: dict[str, PythonSubgraph],
) -> None:
    async with client_of(app_in_memory(subgraphs, forward_headers=["X-Tenant"])) as client:
        await client.post(
            "/graphql", json={"query": QUERY}, headers={"x-tenant": "t1", "x-viewer-context": "forged", "cookie": "c"}
        )

    sent = dict(subgraphs["accounts"].requests[0].headers)
    sent.pop("x-correlation-id")
    assert sent == {"x-tenant": "t1"}


@pytest.mark.parametrize("path", ["/health", "/ready"])
async def test_says_that_it_is_there(client: httpx.AsyncClient, path: str) -> None:
    assert (await client.get(path)).status_code == 200


async def test_other_paths_are_not_found(client: httpx.AsyncClient) -> None:
    for path in ("/other", "/graphql/assets/start.py", "/graphql/assets/../app.py", "/graphql/"):
        answer = await client.get(path)
        assert (answer.status_code, code(answer)) == (404, "NOT_FOUND")


async def test_a_browser_gets_graphiql_with_the_configured_start_and_its_own_policy(
    subgraphs: dict[str, PythonSubgraph], tmp_path: Any
) -> None:
    operation = tmp_path / "home.graphql"
    operation.write_text("query Home { me { name } } # </script>", encoding="utf-8")
    app = app_in_memory(subgraphs, default_operation_file=operation, default_headers={"Authorization": "Bearer demo"})
    async with client_of(app) as client:
        page = await client.get("/graphql", headers={"accept": "text/html,*/*;q=0.8", "user-agent": BROWSER})
        assets = [
            await client.get(f"/graphql/assets/{name}")
            for name in ("graphiql.min.js", "graphiql.min.css", "react.production.min.js", "start.js")
        ]
        root = await client.get("/")

    assert page.status_code == 200
    assert page.headers["content-type"] == "text/html; charset=utf-8"
    assert "script-src 'self';" in page.headers["content-security-policy"]
    assert "query Home { me { name } } # \\u003c/script>" in page.text
    assert '"Authorization":"Bearer demo"' in page.text
    assert [asset.status_code for asset in assets] == [200] * 4
    assert (root.status_code, root.headers["location"]) == (307, "/graphql")


@pytest.mark.parametrize(("saved", "opened"), [(0, 0), (2, 2), (12, 12), (13, 0)])
async def test_graphiql_opens_the_default_operation_and_then_the_saved_ones_unless_they_are_many(
    subgraphs: dict[str, PythonSubgraph], tmp_path: Path, saved: int, opened: int
) -> None:
    texts = [f"query Saved{number:02} {{ me {{ name }} }}" for number in range(saved)]
    for number, text in enumerate(texts):
        (tmp_path / f"{number:02}.graphql").write_text(text, encoding="utf-8")
    first = tmp_path / "home.txt"
    first.write_text("query Home { me { id } }", encoding="utf-8")
    app = app_in_memory(subgraphs, default_operation_file=first, operations=tmp_path)

    async with client_of(app) as client:
        page = await client.get("/graphql", headers={"accept": "text/html"})

    assert _page_settings(page.text)["operations"] == ["query Home { me { id } }", *texts[:opened]]


async def test_graphiql_opens_an_operation_that_is_also_saved_once(
    subgraphs: dict[str, PythonSubgraph], tmp_path: Path
) -> None:
    for name in ("account", "home"):
        (tmp_path / f"{name}.graphql").write_text(f"query {name} {{ me {{ id }} }}", encoding="utf-8")
    app = app_in_memory(subgraphs, default_operation_file=tmp_path / "home.graphql", operations=tmp_path)

    async with client_of(app) as client:
        page = await client.get("/graphql", headers={"accept": "text/html"})

    assert _page_settings(page.text)["operations"] == ["query home { me { id } }", "query account { me { id } }"]


def _page_settings(page: str) -> dict[str, Any]:
    embedded = re.search(r'<script type="application/json" id="graphiql-settings">(.*?)</script>', page)
    assert embedded is not None
    settings: dict[str, Any] = json.loads(embedded[1])
    return settings


async def test_graphiql_can_be_switched_off(subgraphs: dict[str, PythonSubgraph]) -> None:
    async with client_of(app_in_memory(subgraphs, graphiql=False)) as client:
        answer = await client.get("/graphql", headers={"accept": "text/html"})
        asset = await client.get("/graphql/assets/start.js")

    assert (answer.status_code, code(answer)) == (406, "NOT_ACCEPTABLE")
    assert asset.status_code == 404


async def test_who_asks_for_the_query_plan_sees_it_with_the_cost(client: httpx.AsyncClient) -> None:
    asked = await client.post("/graphql", json={"query": QUERY}, headers={"x-query-plan": "text"})
    unasked = await client.post("/graphql", json={"query": QUERY})

    shown = asked.json()["extensions"]["queryPlan"]
    assert "accounts" in shown["text"]
    assert [fetch["subgraph"] for fetch in shown["plan"]["fetches"]] == ["accounts"]
    assert shown["cost"] == 1
    assert "extensions" not in unasked.json()


async def test_plans_can_be_kept_from_clients(subgraphs: dict[str, PythonSubgraph]) -> None:
    async with client_of(app_in_memory(subgraphs, query_plan=False)) as client:
        answer = await client.post("/graphql", json={"query": QUERY}, headers={"x-query-plan": "text"})
        page = await client.get("/graphql", headers={"accept": "text/html"})

    assert "extensions" not in answer.json()
    assert _page_settings(page.text)["queryPlan"] is False
