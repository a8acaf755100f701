"""Sessions and tokens through the whole platform, together in one process; apart: see test_apart."""

import asyncio
import base64
import hmac
from collections.abc import Mapping
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import orjson
import pytest
from joserfc import jwt
from joserfc.jwk import RSAKey

from stack.seed.accounts import demo_viewer
from subgraphs.shared.ids import encode_id
from subgraphs.users.service.tokens import mint_access_token
from tests.e2e.platform import Platform
from tests.e2e.sessions import (
    REFRESH,
    WHO,
    goes_on_with_a_cookie,
    login,
    post,
    result_of,
    signs_out_at_once_and_for_good,
    tells_of_an_ended_session,
)

SWITCH = "mutation ($id: ID!) { profileSwitch(id: $id) { __typename } }"


@pytest.fixture
def key(environment: dict[str, str]) -> RSAKey:
    """The key that signs access tokens."""
    return RSAKey.import_key(Path(environment["ACCESS_TOKEN_KEY_FILE"]).read_bytes())


def parts_of(token: str) -> tuple[dict[str, Any], dict[str, Any], str]:
    header, payload, signature = token.split(".")
    return _decoded(header), _decoded(payload), signature


def _decoded(part: str) -> dict[str, Any]:
    decoded: dict[str, Any] = orjson.loads(base64.urlsafe_b64decode(part + "=" * (-len(part) % 4)))
    return decoded


def _encoded(value: Mapping[str, Any] | bytes) -> str:
    raw = value if isinstance(value, bytes) else orjson.dumps(value)
    return base64.urlsafe_b64encode(raw).rstrip(b"=").decode()


def forgeries(platform: Platform, key: RSAKey) -> dict[str, str]:
    """Return tokens that must be refused, by what is wrong with them."""
    good = platform.token("monthly")
    header, claims, signature = parts_of(good)
    now = datetime.now(UTC)
    expired = mint_access_token(platform.signer, demo_viewer("monthly"), now=now - timedelta(minutes=15, seconds=6))
    public = key.as_pem(private=False)
    confused = f"{_encoded({**header, 'alg': 'HS256'})}.{_encoded(claims)}"
    other = RSAKey.generate_key(2048)

    def signed(changed: Mapping[str, Any], by: RSAKey = key, **named: Any) -> str:
        return jwt.encode({**header, **named}, {**claims, **changed}, by, algorithms=["RS256"])

    return {
        "algorithm none": f"{_encoded({**header, 'alg': 'none'})}.{_encoded(claims)}.",
        "HS256 with the public key": f"{confused}.{_encoded(hmac.digest(public, confused.encode(), 'sha256'))}",
        "expired": expired,
        "for another audience": signed({"aud": "somebody-else"}),
        "of another issuer": signed({"iss": "somebody-else"}),
        "unknown key id": signed({}, by=other, kid="unknown"),
        "another key under our id": signed({}, by=other),
        "altered payload": f"{_encoded(header)}.{_encoded({**claims, 'scp': ['users:write']})}.{signature}",
        "no signature": good.rsplit(".", 1)[0] + ".",
    }


@pytest.mark.requirement("NFR-SEC-001", "FR-UM-002.1", "ST-01")
async def test_forged_expired_and_foreign_tokens_are_refused(platform: Platform, key: RSAKey) -> None:
    platform.calls.clear()

    answers = {}
    for what, token in forgeries(platform, key).items():
        answer = await post(platform, WHO, headers={"authorization": f"Bearer {token}"})
        answers[what] = (answer.status_code, answer.json()["errors"][0]["extensions"]["code"])

    assert set(answers.values()) == {(401, "UNAUTHENTICATED")}, answers
    assert platform.calls == []
    assert (await platform.data(WHO, token=platform.token("monthly")))["viewer"]["account"] is not None


@pytest.mark.requirement("FR-UM-003.5", "NFR-SEC-001")
async def test_another_accounts_profile_is_refused(platform: Platform) -> None:
    tokens = result_of(await login(platform, "monthly"))

    answer = await platform.send(SWITCH, {"id": demo_profile("quarterly")}, token=tokens["accessToken"])

    assert [error["extensions"]["code"] for error in answer["errors"]] == ["FORBIDDEN"]


@pytest.mark.requirement("FR-UM-002.4", "IN-8.1-d")
async def test_signs_out_at_once_and_for_good(platform: Platform) -> None:
    await signs_out_at_once_and_for_good(platform, "monthly")


@pytest.mark.requirement("NFR-SEC-001")
async def test_goes_on_with_a_cookie(platform: Platform) -> None:
    await goes_on_with_a_cookie(platform, "monthly")


@pytest.mark.requirement("FR-UM-002.2")
async def test_of_twenty_clients_with_one_refresh_token_one_wins_and_its_tokens_die(platform: Platform) -> None:
    tokens = result_of(await login(platform, "monthly"))

    answers = await asyncio.gather(*(post(platform, REFRESH, token=tokens["refreshToken"]) for _ in range(20)))

    winners = [result for result in map(result_of, answers) if result["__typename"] == "AuthTokens"]
    assert len(winners) == 1
    assert result_of(await post(platform, REFRESH, token=winners[0]["refreshToken"]))["__typename"] == "TokenInvalid"
    async with asyncio.timeout(20):
        while (await post(platform, WHO, headers=bearer(winners[0]))).status_code == 200:  # noqa: ASYNC110 - by the stream
            await asyncio.sleep(0.005)


def bearer(tokens: dict[str, Any]) -> dict[str, str]:
    return {"authorization": f"Bearer {tokens['accessToken']}"}


def demo_profile(key: str) -> str:
    """Return the global id of a demo person's first profile."""
    profile = demo_viewer(key).profile
    assert profile is not None
    return encode_id("Profile", profile.profile_id)


@pytest.mark.requirement("FR-UM-002.3")
async def test_tells_of_an_ended_session(platform: Platform) -> None:
    await tells_of_an_ended_session(platform, "monthly")
