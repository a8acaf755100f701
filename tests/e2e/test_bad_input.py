"""Whatever a client sends, it gets a clear error with a stable code, never a traceback, and nothing changes."""

import base64
import hmac
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any
from uuid import uuid4

import httpx
import orjson
import pytest
from joserfc import jwt
from joserfc.jwk import RSAKey

from subgraphs.shared.ids import encode_id
from tests.e2e.platform import Platform, operation

WATCHLIST = "query { viewer { profile { watchlist { totalCount } } } }"


async def post(platform: Platform, body: bytes, **headers: str) -> httpx.Response:
    return await platform.http.post("/graphql", content=body, headers={"content-type": "application/json", **headers})


def codes(answer: dict[str, Any]) -> list[str]:
    return [error["extensions"]["code"] for error in answer["errors"]]


def assert_says_nothing_internal(text: str) -> None:
    assert "Traceback" not in text
    assert "asyncpg" not in text
    assert "sqlalchemy" not in text.lower()
    assert "/subgraphs/" not in text


@pytest.mark.parametrize(
    ("body", "status", "code"),
    [
        (b"not json", 400, "BAD_REQUEST"),
        (b'["not", "a", "request"]', 400, "BAD_REQUEST"),
        (b'{"query": 7}', 400, "BAD_REQUEST"),
        (b'{"query": "this is no graphql {"}', 400, "GRAPHQL_PARSE_FAILED"),
        (b'{"query": "{ viewer { nothingLikeThis } }"}', 400, "GRAPHQL_VALIDATION_FAILED"),
        (b'{"query": "query($first: Int!) { titles(first: $first) { totalCount } }"}', 400, "BAD_USER_INPUT"),
        (
            b'{"query": "query($first: Int!) { titles(first: $first) { totalCount } }", "variables": {"first": "ten"}}',
            400,
            "BAD_USER_INPUT",
        ),
    ],
    ids=["text", "list", "number", "not graphql", "unknown field", "missing variable", "wrong variable"],
)
async def test_refuses_what_is_no_valid_request(platform: Platform, body: bytes, status: int, code: str) -> None:
    response = await post(platform, body, accept="application/graphql-response+json")

    assert response.status_code == status
    assert codes(response.json()) == [code]
    assert_says_nothing_internal(response.text)


async def test_refuses_a_query_of_two_megabytes(platform: Platform) -> None:
    body = b'{"query": "{ viewer { isAnonymous } }' + b" " * 2_000_000 + b'"}'

    response = await post(platform, body)

    assert response.status_code == 413
    assert codes(response.json()) == ["REQUEST_TOO_LARGE"]


@pytest.mark.requirement("FR-UM-002.1")
async def test_refuses_forged_expired_and_altered_tokens_and_runs_nothing(
    platform: Platform, environment: dict[str, str]
) -> None:
    for name, token in bad_tokens(environment, good=platform.token("viewer")).items():
        platform.calls.clear()
        response = await platform.http.post(
            "/graphql", json={"query": WATCHLIST}, headers={"authorization": f"Bearer {token}"}
        )

        assert response.status_code == 401, name
        assert codes(response.json()) == ["UNAUTHENTICATED"], name
        assert platform.calls == [], name


def bad_tokens(environment: dict[str, str], *, good: str) -> dict[str, str]:
    """Access tokens that are almost right."""
    head, payload, signature = good.split(".")
    stolen = encoded(b'{"sub":"somebody else"}')
    key = RSAKey.import_key(Path(environment["ACCESS_TOKEN_KEY_FILE"]).read_bytes())
    header = {"alg": "RS256", "kid": key.thumbprint()}
    hour = timedelta(hours=1)
    claims: dict[str, Any] = {
        "iss": environment["ACCESS_TOKEN_ISSUER"],
        "aud": environment["ACCESS_TOKEN_AUDIENCE"],
        "sub": "somebody",
        "exp": int((datetime.now(UTC) + hour).timestamp()),
    }
    expired = claims | {"exp": int((datetime.now(UTC) - hour).timestamp())}
    unsigned = f"{encoded(orjson.dumps({'alg': 'none'}))}.{encoded(orjson.dumps(claims))}."
    by_hmac = f"{encoded(orjson.dumps({'alg': 'HS256', 'kid': key.thumbprint()}))}.{encoded(orjson.dumps(claims))}"
    digest = hmac.digest(key.as_pem(private=False), by_hmac.encode(), "sha256")
    return {
        "rubbish": "rubbish",
        "altered payload": f"{head}.{stolen}.{signature}",
        "cut signature": f"{head}.{payload}.{signature[:-8]}",
        "foreign key": jwt.encode(header, claims, RSAKey.generate_key(2048)),
        "hmac with the public key": f"{by_hmac}.{encoded(digest)}",
        "unsigned": unsigned,
        "expired": jwt.encode(header, expired, key),
        "foreign audience": jwt.encode(header, claims | {"aud": "another platform"}, key),
    }


def encoded(part: bytes) -> str:
    return base64.urlsafe_b64encode(part).rstrip(b"=").decode()


async def test_a_client_cannot_name_its_own_viewer(platform: Platform) -> None:
    forged = {"x-viewer-context": "eyJhbGciOiJub25lIn0.eyJjbGFpbXMiOnsic3ViIjoieCJ9fQ."}

    answer = await platform.send("{ viewer { isAnonymous } }", headers=forged)

    assert answer == {"data": {"viewer": {"isAnonymous": True}}}


@pytest.mark.parametrize(
    ("query", "code", "cause"),
    [
        ('{ title(id: "not an id") { id } }', "BAD_USER_INPUT", "INVALID_ID"),
        ('{ node(id: "bm90IGFuIGlk") { id } }', "BAD_USER_INPUT", "INVALID_ID"),
        ('{ titles(first: 5, after: "from elsewhere") { totalCount } }', "BAD_USER_INPUT", "INVALID_CURSOR"),
        ("{ titles(first: 101) { totalCount } }", "BAD_USER_INPUT", "PAGE_SIZE"),
        ("{ titles(first: -1) { totalCount } }", "BAD_USER_INPUT", "PAGE_SIZE"),
        ('{ search(query: "  ", first: 5) { totalCount } }', "BAD_USER_INPUT", "EMPTY_QUERY"),
    ],
    ids=["malformed id", "no node id", "foreign cursor", "page too large", "page below zero", "empty search"],
)
async def test_says_what_to_mend_in_arguments(platform: Platform, query: str, code: str, cause: str) -> None:
    answer = await platform.send(query)

    assert [(error["extensions"]["code"], error["extensions"]["cause"]) for error in answer["errors"]] == [
        (code, cause)
    ]
    assert all(error["path"] for error in answer["errors"])
    assert_says_nothing_internal(str(answer))


async def test_a_cursor_of_another_order_is_refused(platform: Platform) -> None:
    query = """query($sort: TitleSort!, $after: String) {
      titles(sort: $sort, first: 2, after: $after) { pageInfo { endCursor } }
    }"""
    by_name = await platform.data(query, {"sort": "NAME_ASC"})

    answer = await platform.send(
        query, {"sort": "RELEASE_DATE_DESC", "after": by_name["titles"]["pageInfo"]["endCursor"]}
    )

    assert [error["extensions"]["cause"] for error in answer["errors"]] == ["INVALID_CURSOR"]


@pytest.mark.requirement("FF-07")
async def test_an_unknown_id_is_null_without_an_error(platform: Platform) -> None:
    data = await platform.data("query($id: ID!) { title(id: $id) { name } }", {"id": encode_id("Movie", uuid4())})

    assert data == {"title": None}


async def test_an_unknown_title_is_not_put_on_the_watchlist(platform: Platform) -> None:
    token = platform.token("quarterly")
    before = await platform.data(WATCHLIST, token=token)

    answer = await platform.data(
        "mutation($id: ID!) { watchlistAdd(titleId: $id) { errors { code } } }",
        {"id": encode_id("Movie", uuid4())},
        token=token,
    )

    assert answer == {"watchlistAdd": {"errors": [{"code": "TITLE_NOT_FOUND"}]}}
    assert await platform.data(WATCHLIST, token=token) == before


async def test_writing_without_a_token_is_refused_and_changes_nothing(platform: Platform) -> None:
    title = (await platform.data("{ titles(first: 1) { edges { node { id } } } }"))["titles"]["edges"][0]["node"]["id"]

    answer = await platform.send("mutation($id: ID!) { watchlistAdd(titleId: $id) { errors { code } } }", {"id": title})

    assert codes(answer) == ["UNAUTHENTICATED"]
    assert answer["data"] is None


async def test_a_browser_that_could_not_ask_first_is_refused(platform: Platform) -> None:
    response = await platform.http.post(
        "/graphql", content=b'{"query": "{ viewer { isAnonymous } }"}', headers={"content-type": "text/plain"}
    )

    assert response.status_code in {400, 415}
    assert len(response.json()["errors"]) == 1


@pytest.mark.parametrize("name", ["home", "title-detail", "search", "continue-watching", "my-account", "plans"])
async def test_every_saved_operation_runs_by_one_click(name: str, platform: Platform) -> None:
    for token in (None, platform.token("viewer"), platform.token("family", profile=1)):
        data = await platform.data(operation(name), token=token)

        assert any(value is not None for value in data.values())
