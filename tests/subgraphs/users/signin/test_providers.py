"""Signing in with Google and Facebook, over HTTP against the mock provider, honest and lying."""

import asyncio
import base64
import hashlib
import hmac
from datetime import timedelta
from typing import Any

import orjson
import pytest
import sqlalchemy as sa
from joserfc import jwt
from joserfc.jwk import RSAKey

from stack.mock_provider.app import MockProvider
from subgraphs.shared.postgres import Database
from subgraphs.users.app import create_app
from subgraphs.users.config import Settings
from tests.subgraphs.users.conftest import TurnedClock
from tests.subgraphs.users.signin.support import (
    FINISH,
    IDENTITIES,
    LINK,
    REDIRECT_URI,
    START,
    UNLINK,
    ForgingProvider,
    Person,
    challenge_of,
)
from tests.subgraphs.users.support import PASSWORD, Client

ASHA, NEHA, UMAR, TARA = (f"10000000000000000000{number}" for number in range(1, 5))
NEHAS_ADDRESS = "neha@people.reelgraph.example"
INVALID_GRANT = {
    "__typename": "InvalidGrant",
    "code": "INVALID_GRANT",
    "message": "The authorization code is not valid, has expired or was used before. Begin again.",
    "path": None,
}


async def counts(database: Database) -> tuple[int, int]:
    """Return how many accounts and linked identities there are."""
    async with database.reading() as session:
        users = await session.scalar(sa.text("SELECT count(*) FROM users"))
        identities = await session.scalar(sa.text("SELECT count(*) FROM identities"))
    return int(users or 0), int(identities or 0)


@pytest.mark.requirement("CL-05")
@pytest.mark.requirement("FR-UM-001.4")
@pytest.mark.parametrize("name", ["GOOGLE", "FACEBOOK"])
async def test_a_verified_newcomer_gets_an_account_with_a_profile(
    client: Client, provider: ForgingProvider, database: Database, name: str
) -> None:
    tokens = await Person(client, name).sign_in(NEHA)

    assert tokens["__typename"] == "AuthTokens"
    assert tokens["account"]["email"] == NEHAS_ADDRESS
    assert tokens["profile"]["name"] == "neha"
    assert await counts(database) == (1, 1)
    response = await client.run("{ viewer { account { emailVerified roles } } }", client.viewer_of(tokens))
    assert response["data"]["viewer"]["account"] == {"emailVerified": True, "roles": ["USER"]}


@pytest.mark.requirement("CL-05")
async def test_a_known_person_signs_in_to_the_same_account(person: Person, database: Database) -> None:
    first = await person.sign_in(NEHA)
    second = await person.sign_in(NEHA)

    assert second["account"]["id"] == first["account"]["id"]
    assert second["refreshToken"] != first["refreshToken"]
    assert await counts(database) == (1, 1)


async def test_ten_sign_ins_of_a_newcomer_at_once_make_one_account(
    client: Client, person: Person, database: Database
) -> None:
    inputs = [await person.come_back(NEHA) for _ in range(10)]

    results = await asyncio.gather(*(client.result(FINISH, input=given) for given in inputs))

    assert {result["__typename"] for result in results} == {"AuthTokens"}
    assert len({result["account"]["id"] for result in results}) == 1
    assert await counts(database) == (1, 1)


@pytest.mark.requirement("CL-05")
async def test_a_verified_address_links_the_person_to_its_account(
    client: Client, person: Person, database: Database
) -> None:
    account = (await client.register(NEHAS_ADDRESS))["user"]

    tokens = await person.sign_in(NEHA)

    assert tokens["account"]["id"] == account["id"]
    assert (await client.login(NEHAS_ADDRESS))["__typename"] == "AuthTokens"
    assert await counts(database) == (1, 1)


async def test_an_account_whose_address_nobody_confirmed_goes_to_who_proves_it_without_its_password(
    client: Client, person: Person, database: Database
) -> None:
    squatted = (await client.register(NEHAS_ADDRESS, verified=False))["user"]

    tokens = await person.sign_in(NEHA)

    assert tokens["account"]["id"] == squatted["id"]
    assert (await client.login(NEHAS_ADDRESS, PASSWORD))["__typename"] == "InvalidCredentials"


@pytest.mark.requirement("CL-05")
@pytest.mark.parametrize("subject", [UMAR, TARA])
@pytest.mark.parametrize("name", ["GOOGLE", "FACEBOOK"])
async def test_an_unverified_or_missing_address_links_and_makes_nothing(
    client: Client, provider: ForgingProvider, database: Database, name: str, subject: str
) -> None:
    await client.register("monthly@demo.reelgraph.example")

    result = await Person(client, name).sign_in(subject)

    assert (result["__typename"], result["code"]) == ("ProviderNotLinked", "PROVIDER_EMAIL_UNVERIFIED")
    assert await counts(database) == (1, 0)


async def test_an_address_that_passed_to_another_person_does_not_let_that_person_in(
    client: Client, person: Person, provider: ForgingProvider, database: Database
) -> None:
    await person.sign_in(NEHA)
    provider.forge = lambda honest, claims: MockProvider.sign(honest, {**claims, "sub": "somebody-else"})

    result = await person.sign_in(NEHA)

    assert (result["__typename"], result["code"]) == ("ProviderNotLinked", "PROVIDER_ALREADY_LINKED")
    assert await counts(database) == (1, 1)


@pytest.mark.requirement("CL-05")
@pytest.mark.parametrize("name", ["GOOGLE", "FACEBOOK"])
async def test_a_replayed_code_is_an_invalid_grant(
    client: Client, provider: ForgingProvider, database: Database, name: str
) -> None:
    person = Person(client, name)
    given = await person.come_back(NEHA)
    await client.result(FINISH, input=given)

    assert await client.result(FINISH, input=given) == INVALID_GRANT
    # With a state of another sign-in, only the provider can know that the code was used.
    fresh = await person.begin()
    assert await client.result(FINISH, input={**given, "state": fresh["state"]}) == INVALID_GRANT
    assert await counts(database) == (1, 1)


@pytest.mark.requirement("CL-05")
@pytest.mark.parametrize(
    "change",
    [
        {"codeVerifier": "w" * 43},
        {"codeVerifier": ""},
        {"code": "made-up"},
        {"code": ""},
        {"state": "made-up"},
        {"redirectUri": "http://127.0.0.1:4000/other"},
        {"provider": "FACEBOOK"},
    ],
    ids=str,
)
async def test_whatever_does_not_belong_together_is_an_invalid_grant(
    client: Client, person: Person, database: Database, change: dict[str, str]
) -> None:
    given = await person.come_back(NEHA)

    assert await client.result(FINISH, input={**given, **change}) == INVALID_GRANT
    assert await counts(database) == (0, 0)


async def test_the_state_is_spent_by_a_failed_try(client: Client, person: Person) -> None:
    given = await person.come_back(NEHA)
    await client.result(FINISH, input={**given, "codeVerifier": "w" * 43})

    assert await client.result(FINISH, input=given) == INVALID_GRANT


async def test_a_sign_in_must_end_within_ten_minutes(client: Client, person: Person, clock: TurnedClock) -> None:
    in_time, late = await person.come_back(NEHA), await person.come_back(NEHA)

    clock.turn(timedelta(minutes=9, seconds=59))
    assert (await client.result(FINISH, input=in_time))["__typename"] == "AuthTokens"
    clock.turn(timedelta(seconds=1))
    assert await client.result(FINISH, input=late) == INVALID_GRANT


async def test_two_sign_ins_that_are_mixed_up_fail_by_the_nonce(client: Client, person: Person) -> None:
    """Same client, same verifier, both states fresh: only the nonce tells the codes apart."""
    one, other = await person.come_back(NEHA), await person.come_back(ASHA)

    assert await client.result(FINISH, input={**one, "state": other["state"]}) == INVALID_GRANT


def _signed(**changes: Any) -> Any:
    return lambda honest, claims: MockProvider.sign(honest, {**claims, **changes})


def _without(name: str) -> Any:
    return lambda honest, claims: MockProvider.sign(honest, {k: v for k, v in claims.items() if k != name})


def _encoded(*parts: dict[str, Any]) -> str:
    return ".".join(base64.urlsafe_b64encode(orjson.dumps(part)).rstrip(b"=").decode() for part in parts)


def _unsigned(honest: MockProvider, claims: dict[str, Any]) -> str:
    return _encoded({"alg": "none", "kid": honest.key.kid}, claims) + "."


def _hs256_with_the_public_key(honest: MockProvider, claims: dict[str, Any]) -> str:
    signed = _encoded({"alg": "HS256", "kid": honest.key.kid}, claims)
    mac = hmac.new(honest.key.as_pem(private=False), signed.encode(), hashlib.sha256).digest()
    return f"{signed}.{base64.urlsafe_b64encode(mac).rstrip(b'=').decode()}"


def _signed_by_another_key(honest: MockProvider, claims: dict[str, Any]) -> str:
    return jwt.encode({"alg": "RS256", "kid": honest.key.kid}, claims, RSAKey.generate_key(2048))


def _signed_by_an_unknown_key(_honest: MockProvider, claims: dict[str, Any]) -> str:
    return jwt.encode({"alg": "RS256", "kid": "unknown"}, claims, RSAKey.generate_key(2048))


@pytest.mark.requirement("CL-05")
@pytest.mark.parametrize(
    "forge",
    [
        _signed(iss="https://accounts.google.com.evil.example"),
        _signed(aud="somebody-else"),
        _signed(aud=["reelgraph-test", "somebody-else"]),
        _signed(aud=["reelgraph-test", "somebody-else"], azp="somebody-else"),
        _signed(nonce="another"),
        _signed(exp=1),
        _signed(sub=""),
        _signed(at_hash="AAAAAAAAAAAAAAAAAAAAAA"),
        _without("nonce"),
        _without("exp"),
        _without("aud"),
        _unsigned,
        _hs256_with_the_public_key,
        _signed_by_another_key,
        _signed_by_an_unknown_key,
        lambda honest, claims: "not.a.token",
    ],
    ids=[
        *("issuer", "audience", "two-audiences", "authorized-party", "nonce", "expired", "no-subject", "access-token"),
        *("no-nonce", "no-end", "no-audience", "alg-none", "hs256", "other-key", "unknown-key", "no-token"),
    ],
)
async def test_a_forged_id_token_lets_nobody_in(
    person: Person, provider: ForgingProvider, database: Database, forge: Any
) -> None:
    provider.forge = forge

    assert await person.sign_in(NEHA) == INVALID_GRANT
    assert await counts(database) == (0, 0)


@pytest.mark.parametrize("said", ["true", 1, None, False])
async def test_only_the_word_true_verifies_an_address(
    person: Person, provider: ForgingProvider, database: Database, said: object
) -> None:
    provider.forge = _signed(email_verified=said)

    assert (await person.sign_in(NEHA))["code"] == "PROVIDER_EMAIL_UNVERIFIED"
    assert await counts(database) == (0, 0)


async def test_keys_that_the_provider_changed_are_read_again(
    person: Person, provider: ForgingProvider, clock: TurnedClock
) -> None:
    await person.sign_in(NEHA)
    provider.key = RSAKey.generate_key(2048, parameters={"use": "sig", "alg": "RS256"}, auto_kid=True)
    clock.turn(timedelta(minutes=2))

    assert (await person.sign_in(NEHA))["__typename"] == "AuthTokens"


async def test_a_foreign_address_to_return_to_is_refused(person: Person, client: Client) -> None:
    for uri in ("https://evil.example/", REDIRECT_URI + "/", REDIRECT_URI + "?x=1", ""):
        given = {"provider": "GOOGLE", "redirectUri": uri, "codeChallenge": challenge_of("x")}
        response = await client.run(START, input=given)
        assert [error["extensions"]["code"] for error in response["errors"]] == ["BAD_USER_INPUT"]


async def test_a_challenge_that_is_no_sha256_is_refused(client: Client) -> None:
    given = {"provider": "GOOGLE", "redirectUri": REDIRECT_URI, "codeChallenge": "plain-verifier"}

    response = await client.run(START, input=given)

    assert [error["extensions"]["cause"] for error in response["errors"]] == ["CODE_CHALLENGE_INVALID"]


async def test_a_provider_that_is_down_is_unavailable(settings: Settings, clock: TurnedClock) -> None:
    configured = settings.model_copy(
        update={
            "google_client_id": "x",
            "google_client_secret": "y",
            "google_issuer": "http://127.0.0.1:1",
            "facebook_client_id": "",
            "provider_redirect_uris": [REDIRECT_URI],
        }
    )
    app = create_app(configured, clock=clock)
    async with app.running():
        client = Client(app, configured)
        given = {"provider": "GOOGLE", "redirectUri": REDIRECT_URI, "codeChallenge": challenge_of("x")}
        response = await client.run(START, input=given)

        assert [error["extensions"]["code"] for error in response["errors"]] == ["SERVICE_UNAVAILABLE"]
        assert await client.run("{ signInProviders }") == {"data": {"signInProviders": ["GOOGLE"]}}
        facebook = await client.run(START, input={**given, "provider": "FACEBOOK"})
        assert [error["extensions"]["cause"] for error in facebook["errors"]] == ["PROVIDER_NOT_CONFIGURED"]


async def test_a_signed_in_viewer_links_an_identity_whatever_its_address(
    client: Client, person: Person, database: Database
) -> None:
    viewer = await client.newcomer()
    given = await person.come_back(UMAR, viewer)

    assert await client.result(LINK, viewer, input=given) == {"ok": True, "errors": []}
    linked = (await client.result(IDENTITIES, viewer))["account"]["identities"]
    assert [(identity["provider"], identity["subject"]) for identity in linked] == [("GOOGLE", UMAR)]
    assert (await person.sign_in(UMAR))["account"]["id"] == viewer.user_id
    assert await counts(database) == (1, 1)


async def test_nobody_links_with_what_another_account_began(client: Client, person: Person, database: Database) -> None:
    attacker, victim = await client.newcomer("evil@example.com"), await client.newcomer()
    began_by_attacker = await person.come_back(UMAR, attacker)
    began_by_nobody = await person.come_back(UMAR)

    for given in (began_by_attacker, began_by_nobody):
        result = await client.result(LINK, victim, input=given)
        assert result == {"ok": False, "errors": [{"code": "INVALID_GRANT", "path": None}]}
    assert await counts(database) == (2, 0)


async def test_a_person_is_linked_to_one_account_only(client: Client, person: Person, database: Database) -> None:
    first, second = await client.newcomer("first@example.com"), await client.newcomer("second@example.com")
    await client.result(LINK, first, input=await person.come_back(UMAR, first))

    result = await client.result(LINK, second, input=await person.come_back(UMAR, second))

    assert result == {"ok": False, "errors": [{"code": "PROVIDER_ALREADY_LINKED", "path": None}]}
    assert await counts(database) == (2, 1)


async def test_an_identity_is_unlinked_unless_it_is_the_only_way_to_sign_in(
    client: Client, person: Person, database: Database
) -> None:
    with_password = await client.newcomer()
    await client.result(LINK, with_password, input=await person.come_back(UMAR, with_password))
    without = client.viewer_of(await person.sign_in(NEHA))

    assert await client.result(UNLINK, with_password, provider="GOOGLE") == {"ok": True, "errors": []}
    again = await client.result(UNLINK, with_password, provider="GOOGLE")
    only = await client.result(UNLINK, without, provider="GOOGLE")

    assert again == {"ok": False, "errors": [{"code": "IDENTITY_UNKNOWN", "path": None}]}
    assert only == {"ok": False, "errors": [{"code": "LAST_SIGN_IN_METHOD", "path": None}]}
    assert await counts(database) == (2, 1)


async def test_linking_and_unlinking_need_a_signed_in_viewer(client: Client, person: Person) -> None:
    given = await person.come_back(UMAR)

    for query, variables in ((LINK, {"input": given}), (UNLINK, {"provider": "GOOGLE"})):
        response = await client.run(query, **variables)
        assert [error["extensions"]["code"] for error in response["errors"]] == ["UNAUTHENTICATED"]


@pytest.mark.requirement("FF-02")
async def test_every_attempt_is_recorded_without_codes_or_addresses(
    client: Client, person: Person, database: Database
) -> None:
    given = await person.come_back(NEHA)
    tokens = await client.result(FINISH, input=given)
    await client.result(FINISH, input=given)

    async with database.reading() as session:
        select = sa.text("SELECT outcome, reason, subject_id FROM audit_entries ORDER BY outcome DESC")
        rows = (await session.execute(select)).all()
        everything = str((await session.execute(sa.text("SELECT * FROM audit_entries"))).all())
    assert [tuple(row) for row in rows] == [
        ("SUCCESS", None, tokens["account"]["id"]),
        ("FAILURE", "INVALID_GRANT", None),
    ]
    assert given["code"] not in everything
    assert NEHAS_ADDRESS not in everything
