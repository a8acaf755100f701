"""Signing in, access tokens, refresh tokens and their reuse."""

import asyncio
from datetime import datetime, timedelta
from typing import Any

import httpx
import pytest
import redis
import sqlalchemy as sa
from joserfc import jwt
from joserfc.jwk import KeySet

from subgraphs.shared.graphql.app import SubgraphApp
from subgraphs.shared.identity import Viewer
from subgraphs.shared.ids import decode_id
from subgraphs.shared.postgres import Database
from subgraphs.users.config import Settings
from subgraphs.users.service.scopes import ROLE_SCOPES, scopes_of
from tests.subgraphs.users.conftest import TurnedClock
from tests.subgraphs.users.support import CREATE_PROFILE, DELETE_PROFILE, PASSWORD, SWITCH, Client

LOGOUT = "mutation { logout { ok errors { code } } }"


async def suspend(database: Database) -> None:
    async with database.writing() as session:
        await session.execute(sa.text("UPDATE users SET status = 'SUSPENDED'"))


@pytest.mark.requirement("ST-08", "IN-8.1-b", "CL-17")
async def test_signing_in_returns_tokens_for_the_first_profile(client: Client, clock: TurnedClock) -> None:
    user = (await client.register())["user"]

    tokens = await client.login("ASHA@example.com")

    assert tokens["__typename"] == "AuthTokens"
    assert tokens["account"]["id"] == user["id"]
    assert tokens["profile"] == {"id": user["profiles"][0]["id"], "name": "asha"}
    assert datetime.fromisoformat(tokens["account"]["lastLoginAt"]) == clock.now


@pytest.mark.requirement("FR-UM-002.1")
async def test_an_access_token_carries_the_viewer_for_15_minutes(client: Client, clock: TurnedClock) -> None:
    await client.register(locale="hi")
    tokens = await client.login()

    claims = client.claims(tokens)

    assert claims.pop("jti")
    assert claims.pop("sid") == tokens["refreshToken"].split(".")[0]
    assert claims == {
        "iss": "reelgraph",
        "aud": "reelgraph",
        "sub": tokens["account"]["id"],
        "pid": tokens["profile"]["id"],
        "scp": [],
        "kid": False,
        "loc": "hi",
        "iat": int(clock.now.timestamp()),
        "exp": int(clock.now.timestamp()) + 900,
    }
    assert datetime.fromisoformat(tokens["accessExpiresAt"]) == clock.now + timedelta(minutes=15)
    assert datetime.fromisoformat(tokens["refreshExpiresAt"]) == clock.now + timedelta(days=7)


async def test_the_published_key_checks_the_tokens(client: Client, app: SubgraphApp) -> None:
    await client.register()
    tokens = await client.login()

    async with httpx.AsyncClient(transport=httpx.ASGITransport(app), base_url="http://users") as http:
        published: Any = (await http.get("/.well-known/jwks.json")).json()

    token = jwt.decode(tokens["accessToken"], KeySet.import_key_set(published), algorithms=["RS256"])
    assert token.claims["sub"] == tokens["account"]["id"]
    assert [sorted(key) for key in published["keys"]] == [["alg", "e", "kid", "kty", "n", "use"]]
    assert token.header["kid"] == published["keys"][0]["kid"]


@pytest.mark.parametrize(
    ("email", "password"),
    [("asha@example.com", "Wrong-Horse-7"), ("nobody@example.com", PASSWORD), ("no address", PASSWORD)],
)
async def test_wrong_credentials_are_all_answered_alike(client: Client, email: str, password: str) -> None:
    await client.register()

    assert await client.login(email, password) == {
        "__typename": "InvalidCredentials",
        "code": "INVALID_CREDENTIALS",
        "message": "E-mail or password is wrong.",
        "path": None,
    }


async def test_a_suspended_account_is_told_only_with_the_right_password(client: Client, database: Database) -> None:
    await client.register()
    await suspend(database)

    assert (await client.login())["__typename"] == "AccountSuspended"
    assert (await client.login(password="Wrong-Horse-7"))["__typename"] == "InvalidCredentials"


@pytest.mark.requirement("CS-09")
async def test_a_suspended_account_cannot_refresh(client: Client, database: Database) -> None:
    await client.register()
    tokens = await client.login()
    await suspend(database)

    assert (await client.refresh(tokens["refreshToken"]))["__typename"] == "AccountSuspended"
    assert (await client.refresh(tokens["refreshToken"]))["__typename"] == "TokenInvalid"


@pytest.mark.requirement("FR-UM-002.2")
async def test_refreshing_rotates_the_token_and_keeps_the_session(client: Client, clock: TurnedClock) -> None:
    await client.register()
    first = await client.login()
    clock.turn(timedelta(days=6))

    second = await client.refresh(first["refreshToken"])
    clock.turn(timedelta(days=6))
    third = await client.refresh(second["refreshToken"])

    assert third["__typename"] == "AuthTokens"
    assert len({tokens["refreshToken"] for tokens in (first, second, third)}) == 3
    assert len({client.claims(tokens)["sid"] for tokens in (first, second, third)}) == 1
    assert third["profile"] == first["profile"]


@pytest.mark.requirement("FR-UM-002.2")
async def test_a_used_token_revokes_the_whole_session(client: Client) -> None:
    await client.register()
    first = await client.login()
    second = await client.refresh(first["refreshToken"])

    reused = await client.refresh(first["refreshToken"])

    assert (reused["__typename"], reused["code"], reused["reuseDetected"]) == ("TokenInvalid", "TOKEN_INVALID", True)
    after = await client.refresh(second["refreshToken"])
    assert (after["__typename"], after["reuseDetected"]) == ("TokenInvalid", False)


@pytest.mark.requirement("FR-UM-002.2", "IN-8.1-c")
async def test_of_twenty_that_bring_one_refresh_token_one_wins_and_the_session_ends(client: Client) -> None:
    await client.register()
    first = await client.login()

    results = await asyncio.gather(*(client.refresh(first["refreshToken"]) for _ in range(20)))

    winners = [result for result in results if result["__typename"] == "AuthTokens"]
    assert len(winners) == 1
    assert sum(result.get("reuseDetected", False) for result in results) == 1
    assert (await client.refresh(winners[0]["refreshToken"]))["__typename"] == "TokenInvalid"


@pytest.mark.requirement("FR-UM-002.2")
async def test_a_refresh_token_ends_after_seven_days(client: Client, clock: TurnedClock) -> None:
    await client.register()
    tokens = await client.login()
    clock.turn(timedelta(days=7))

    result = await client.refresh(tokens["refreshToken"])

    assert (result["__typename"], result["reuseDetected"]) == ("TokenInvalid", False)


async def test_a_made_up_token_is_refused_and_harms_nobody(client: Client) -> None:
    await client.register()
    tokens = await client.login()
    session_id, family, secret = tokens["refreshToken"].split(".")

    for made_up in ("", "x", "a.b.c", f"{session_id}.x.{secret}", f"{family}.{family}.{secret}", "é.é.é", "x." * 500):
        result = await client.refresh(made_up)
        assert (result["__typename"], result["reuseDetected"]) == ("TokenInvalid", False)
    assert (await client.refresh(tokens["refreshToken"]))["__typename"] == "AuthTokens"


@pytest.mark.requirement("FR-UM-002.3")
async def test_a_session_is_kept_for_seven_days_without_the_token_itself(client: Client, settings: Settings) -> None:
    await client.register()
    tokens = await client.login()

    with redis.Redis.from_url(settings.redis_url, decode_responses=True) as store:
        keys: Any = store.keys("users:session:*")
        lifetime_seconds = store.ttl(keys[0])
        stored: Any = store.hgetall(keys[0])
    assert keys == [f"users:session:{client.claims(tokens)['sid']}"]
    assert 0 <= 7 * 86_400 - int(str(lifetime_seconds)) <= 5
    assert tokens["refreshToken"].split(".")[2] not in str(stored)


async def test_logging_out_ends_the_session_and_leaves_others(client: Client) -> None:
    await client.register()
    here, elsewhere = await client.login(), await client.login()

    response = await client.run(LOGOUT, client.viewer_of(here))

    assert response == {"data": {"logout": {"ok": True, "errors": []}}}
    assert (await client.refresh(here["refreshToken"]))["__typename"] == "TokenInvalid"
    assert (await client.refresh(elsewhere["refreshToken"]))["__typename"] == "AuthTokens"


async def test_logging_out_needs_someone_to_be_signed_in(client: Client) -> None:
    response = await client.run(LOGOUT)

    assert response["data"] is None
    assert [error["extensions"] for error in response["errors"]] == [
        {"code": "UNAUTHENTICATED", "cause": "UNAUTHENTICATED"}
    ]


@pytest.mark.requirement("FR-UM-003.5")
async def test_switching_the_profile_keeps_the_session_and_uses_up_its_token(client: Client) -> None:
    await client.register()
    tokens = await client.login()
    viewer = client.viewer_of(tokens)
    kid = (await client.run(CREATE_PROFILE, viewer, input={"name": "Mini", "isKids": True, "language": "hi"}))["data"]
    kid_id = kid["profileCreate"]["profile"]["id"]

    switched = await client.result(SWITCH, viewer, id=kid_id)

    before, after = client.claims(tokens), client.claims(switched)
    assert {key: after[key] for key in ("sub", "sid", "pid", "kid", "lim", "loc")} == {
        "sub": before["sub"],
        "sid": before["sid"],
        "pid": kid_id,
        "kid": True,
        "lim": "UA_7",
        "loc": "hi",
    }
    assert (await client.refresh(switched["refreshToken"]))["profile"]["id"] == kid_id
    assert (await client.refresh(tokens["refreshToken"]))["reuseDetected"] is True


@pytest.mark.requirement("FR-CC-005.2")
async def test_a_token_says_what_the_profile_listens_to_and_reads_unless_that_is_its_language(client: Client) -> None:
    await client.register()
    viewer = client.viewer_of(await client.login())
    wanted = {"name": "Polyglot", "language": "hi", "audioLanguages": ["ta", "hi"], "subtitleLanguage": "en"}
    profile = (await client.run(CREATE_PROFILE, viewer, input=wanted))["data"]["profileCreate"]["profile"]

    claims = client.claims(await client.result(SWITCH, viewer, id=profile["id"]))

    assert (claims["loc"], claims["aul"], claims["sul"]) == ("hi", ["ta", "hi"], "en")


@pytest.mark.requirement("FR-UM-003.5")
async def test_switching_to_a_foreign_profile_is_forbidden(client: Client) -> None:
    foreign = await client.newcomer("ravi@example.com")
    await client.register()
    tokens = await client.login()

    response = await client.run(SWITCH, client.viewer_of(tokens), id=foreign.profile_id)

    assert response["data"] is None
    assert [error["extensions"]["code"] for error in response["errors"]] == ["FORBIDDEN"]
    assert (await client.refresh(tokens["refreshToken"]))["__typename"] == "AuthTokens"


async def test_switching_in_an_ended_session_gives_no_tokens(client: Client) -> None:
    viewer = await client.newcomer()
    await client.run(LOGOUT, viewer)

    assert (await client.result(SWITCH, viewer, id=viewer.profile_id))["__typename"] == "TokenInvalid"


@pytest.mark.requirement("FR-UM-003.4")
async def test_a_deleted_profile_gives_way_to_none_however_often_its_session_is_refreshed(client: Client) -> None:
    await client.register()
    viewer = client.viewer_of(await client.login())
    created = await client.run(CREATE_PROFILE, viewer, input={"name": "Child", "isKids": True})
    child = created["data"]["profileCreate"]["profile"]["id"]
    switched = await client.result(SWITCH, client.viewer_of(await client.login()), id=child)

    deleted = await client.run(DELETE_PROFILE, viewer, id=child)
    refreshed = await client.refresh(switched["refreshToken"])
    again = await client.refresh(refreshed["refreshToken"])
    chosen = await client.result(SWITCH, Viewer(**whose(client, again)), id=viewer.profile_id)

    assert deleted["data"]["profileDelete"] == {"ok": True, "errors": []}
    # The other profile has no limit: a child's television must not come by it.
    for tokens in (refreshed, again):
        assert tokens["profile"] is None
        assert client.claims(tokens)["lim"] == "U"
    assert chosen["profile"]["id"] == viewer.profile_id


def whose(client: Client, tokens: dict[str, Any]) -> dict[str, Any]:
    """Return what a token without a profile says of its viewer."""
    claims = client.claims(tokens)
    return {"user_id": claims["sub"], "session_id": claims["sid"]}


@pytest.mark.requirement("IN-RBAC-1")
async def test_roles_become_scopes_in_the_token(client: Client, database: Database) -> None:
    user = (await client.register())["user"]
    async with database.writing() as session:
        await session.execute(
            sa.text("UPDATE users SET roles = '{USER,CREATOR,REVIEWER}' WHERE id = :id"),
            {"id": decode_id(user["id"]).uuid},
        )

    tokens = await client.login()

    assert client.claims(tokens)["scp"] == [
        *("cms:create", "cms:edit", "cms:read", "cms:review", "media:read", "media:write"),
    ]


def test_an_admin_has_every_scope_of_every_role() -> None:
    every = frozenset[str]().union(*ROLE_SCOPES.values())

    assert scopes_of(["ADMIN"]) == sorted(every)
