"""Headers that protect browsers: on every answer, whatever became of the request."""

import httpx
import pytest

from tests.router.http.kit import PythonSubgraph, app_in_memory, client_of, shop

ORIGINS = ["https://app.test", "https://tv.test", "https://admin.test"]
ALWAYS = {
    "x-content-type-options": "nosniff",
    "content-security-policy": "default-src 'none'; frame-ancestors 'none'",
    "x-frame-options": "DENY",
    "referrer-policy": "no-referrer",
    "cross-origin-opener-policy": "same-origin",
}
HSTS = "max-age=31536000; includeSubDomains; preload"


@pytest.fixture
def subgraphs() -> dict[str, PythonSubgraph]:
    return shop()


@pytest.mark.requirement("IN-HDR-1", "NFR-SEC-003")
@pytest.mark.parametrize(
    ("method", "path", "body", "status"),
    [
        ("POST", "/graphql", b'{"query": "{ me { name } }"}', 200),
        ("POST", "/graphql", b"{", 400),
        ("DELETE", "/graphql", b"", 405),
        ("OPTIONS", "/graphql", b"", 204),
        ("GET", "/health", b"", 200),
        ("GET", "/metrics", b"", 200),
        ("GET", "/nowhere", b"", 404),
    ],
)
async def test_every_answer_forbids_sniffing_framing_and_loading(
    subgraphs: dict[str, PythonSubgraph], method: str, path: str, body: bytes, status: int
) -> None:
    async with client_of(app_in_memory(subgraphs)) as client:
        answer = await client.request(method, path, content=body, headers={"content-type": "application/json"})

    assert answer.status_code == status
    assert {name: answer.headers[name] for name in ALWAYS} == ALWAYS
    assert "strict-transport-security" not in answer.headers


@pytest.mark.requirement("IN-HDR-1")
async def test_the_page_has_a_policy_of_its_own_and_all_other_headers(subgraphs: dict[str, PythonSubgraph]) -> None:
    async with client_of(app_in_memory(subgraphs)) as client:
        page = await client.get("/graphql", headers={"accept": "text/html"})

    policy = page.headers["content-security-policy"]
    assert "script-src 'self';" in policy
    assert "frame-ancestors 'none'" in policy
    assert "unsafe-eval" not in policy
    others = {name: value for name, value in ALWAYS.items() if name != "content-security-policy"}
    assert {name: page.headers[name] for name in others} == others


@pytest.mark.requirement("IN-HDR-1")
@pytest.mark.parametrize(
    ("base_url", "proxies", "forwarded", "is_tls"),
    [
        ("https://api.test", [], None, True),
        ("http://api.test", [], None, False),
        ("http://api.test", ["127.0.0.1"], "https", True),
        ("http://api.test", ["127.0.0.1"], "http", False),
        ("http://api.test", ["127.0.0.1"], "https, http", False),
        ("http://api.test", [], "https", False),
    ],
)
async def test_browsers_are_bound_to_tls_where_there_is_tls(
    subgraphs: dict[str, PythonSubgraph], base_url: str, proxies: list[str], forwarded: str | None, is_tls: bool
) -> None:
    app = app_in_memory(subgraphs, trusted_proxies=proxies)
    headers = {"x-forwarded-proto": forwarded} if forwarded else {}
    async with httpx.AsyncClient(transport=httpx.ASGITransport(app=app), base_url=base_url) as client:
        answer = await client.get("/health", headers=headers)
    await app.aclose()

    assert answer.headers.get("strict-transport-security") == (HSTS if is_tls else None)


@pytest.mark.requirement("IN-CORS-1", "NFR-SEC-003")
@pytest.mark.parametrize("origin", ORIGINS)
async def test_a_named_origin_may_ask_with_credentials_and_remember_it_for_a_day(
    subgraphs: dict[str, PythonSubgraph], origin: str
) -> None:
    asked = {"access-control-request-method": "POST", "access-control-request-headers": "content-type,authorization"}
    async with client_of(app_in_memory(subgraphs, cors_origins=ORIGINS)) as client:
        preflight = await client.options("/graphql", headers={"origin": origin, **asked})
        answer = await client.post("/graphql", json={"query": "{ me { name } }"}, headers={"origin": origin})

    assert preflight.status_code == 204
    assert preflight.headers["access-control-allow-origin"] == origin
    assert preflight.headers["access-control-allow-credentials"] == "true"
    assert preflight.headers["access-control-max-age"] == "86400"
    assert preflight.headers["access-control-allow-methods"] == "GET, POST"
    assert {"content-type", "authorization"} <= set(preflight.headers["access-control-allow-headers"].split(", "))
    assert preflight.headers["vary"] == "Origin"
    assert answer.headers["access-control-allow-origin"] == origin
    assert answer.headers["access-control-allow-credentials"] == "true"
    assert "retry-after" in answer.headers["access-control-expose-headers"]


@pytest.mark.requirement("IN-CORS-1")
@pytest.mark.parametrize("origin", ["https://evil.test", "https://app.test.evil.test", "http://app.test", "null"])
async def test_any_other_origin_is_told_nothing(subgraphs: dict[str, PythonSubgraph], origin: str) -> None:
    async with client_of(app_in_memory(subgraphs, cors_origins=ORIGINS)) as client:
        preflight = await client.options("/graphql", headers={"origin": origin})
        answer = await client.post("/graphql", json={"query": "{ me { name } }"}, headers={"origin": origin})

    for headers in (preflight.headers, answer.headers):
        assert [name for name in headers if name.startswith("access-control-")] == []
        assert headers["vary"] == "Origin"


async def test_whoever_is_allowed_by_the_star_may_send_no_cookies(subgraphs: dict[str, PythonSubgraph]) -> None:
    async with client_of(app_in_memory(subgraphs, cors_origins=["*"])) as client:
        answer = await client.post("/graphql", json={"query": "{ me { name } }"}, headers={"origin": "https://a.test"})

    assert answer.headers["access-control-allow-origin"] == "*"
    assert "access-control-allow-credentials" not in answer.headers
