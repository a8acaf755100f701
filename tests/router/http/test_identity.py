"""Access tokens and the viewer context: what is accepted, what is refused, what subgraphs get."""

import asyncio
import base64
import hmac
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path
from typing import Any

import orjson
import pytest
from joserfc import jwt
from joserfc.jwk import OctKey, RSAKey

from router.http.access_tokens import AccessTokens
from router.http.identity import MAX_SIGNED_CONTEXTS, ViewerContexts
from router.http.jwks import PublicKeys
from router.http.refusals import HttpRefusedError
from router.http.signing import signer
from tests.router.http.kit import app_in_memory, client_of, shop, supergraph_of

NOW = 1_800_000_000
ISSUER, AUDIENCE = "https://id.test", "api"
KEY = RSAKey.generate_key(2048, {"kid": "k1", "use": "sig"})
OTHER_KEY = RSAKey.generate_key(2048, {"kid": "k1"})
NEW_KEY = RSAKey.generate_key(2048, {"kid": "k2"})
CONTEXT_KEY = "0123456789abcdef0123456789abcdef"
GOOD = {"sub": "u1", "exp": NOW + 900, "iss": ISSUER, "aud": AUDIENCE, "scp": ["a"]}


def jwks(*keys: RSAKey) -> bytes:
    return orjson.dumps({"keys": [key.as_dict(private=False) for key in keys]})


def token(claims: dict[str, Any], key: Any = KEY, **header: Any) -> str:
    return jwt.encode({"alg": "RS256", "kid": "k1", **header}, claims, key, algorithms=["RS256", "HS256", "PS256"])


class Issuer:
    """Serves a JWKS and counts how often it is read."""

    def __init__(self, *keys: RSAKey) -> None:
        self.document: bytes | Exception = jwks(*keys)
        self.reads = 0

    async def read(self) -> bytes:
        self.reads += 1
        await asyncio.sleep(0)
        if isinstance(self.document, Exception):
            raise self.document
        return self.document


def tokens(issuer: Issuer, *, clock: Callable[[], float] = lambda: 0.0, now: float = NOW) -> AccessTokens:
    keys = PublicKeys(issuer.read, refresh_seconds=10.0, clock=clock)
    return AccessTokens(keys, issuer=ISSUER, audience=AUDIENCE, leeway_seconds=5, clock=lambda: now)


def unsigned(claims: dict[str, Any], algorithm: str = "none") -> str:
    return f"{encoded(orjson.dumps({'alg': algorithm, 'kid': 'k1'}))}.{encoded(orjson.dumps(claims))}."


def confused() -> str:
    """Return a token signed with the public key as if it were a shared secret."""
    message = unsigned(GOOD, "HS256")[:-1]
    digest = hmac.digest(KEY.as_pem(private=False), message.encode(), "sha256")
    return f"{message}.{encoded(digest)}"


def encoded(part: bytes) -> str:
    return base64.urlsafe_b64encode(part).rstrip(b"=").decode()


async def test_a_good_token_gives_its_claims_and_is_checked_once() -> None:
    issuer = Issuer(KEY)
    checked = tokens(issuer)
    header = f"Bearer {token(GOOD)}"

    assert await checked.claims(header) == GOOD
    assert await checked.claims(header) == GOOD
    assert issuer.reads == 1


async def test_no_token_is_anonymous() -> None:
    assert await tokens(Issuer(KEY)).claims(None) is None


async def test_an_audience_may_be_one_of_several() -> None:
    claims = {**GOOD, "aud": ["other", AUDIENCE]}

    assert await tokens(Issuer(KEY)).claims(f"Bearer {token(claims)}") == claims


@pytest.mark.requirement("NFR-SEC-001")
@pytest.mark.parametrize(
    "header",
    [
        "",
        "Bearer",
        "Bearer ",
        "Bearer x",
        "Bearer a.b.c",
        "Bearer ....",
        "Bearer " + "x" * 9000,
        "Basic dXNlcjpwYXNz",
        f"Bearer {unsigned(GOOD)}",
        f"Bearer {confused()}",
        f"Bearer {token(GOOD, OTHER_KEY)}",
        f"Bearer {token(GOOD, KEY, alg='PS256')}",
        f"Bearer {token(GOOD, KEY, kid='unknown')}",
        f"Bearer {token(GOOD)[:-6]}AAAAAA",
        f"Bearer {token({**GOOD, 'exp': NOW - 6})}",
        f"Bearer {token({**GOOD, 'exp': 'never'})}",
        f"Bearer {token({**GOOD, 'exp': None})}",
        f"Bearer {token({**GOOD, 'nbf': NOW + 60})}",
        f"Bearer {token({**GOOD, 'iss': 'https://evil.test'})}",
        f"Bearer {token({**GOOD, 'aud': 'other'})}",
        f"Bearer {token({'sub': 'u1'})}",
    ],
)
async def test_a_bad_forged_or_expired_token_is_refused(header: str) -> None:
    with pytest.raises(HttpRefusedError) as raised:
        await tokens(Issuer(KEY)).claims(header)

    assert (raised.value.status, raised.value.refusal_code) == (401, "UNAUTHENTICATED")


async def test_a_remembered_token_expires() -> None:
    now = [float(NOW)]
    keys = PublicKeys(Issuer(KEY).read, refresh_seconds=10.0, clock=lambda: 0.0)
    checked = AccessTokens(keys, issuer=ISSUER, audience=AUDIENCE, leeway_seconds=5, clock=lambda: now[0])
    header = f"Bearer {token(GOOD)}"
    await checked.claims(header)

    now[0] = NOW + 905

    with pytest.raises(HttpRefusedError):
        await checked.claims(header)


@pytest.mark.requirement("NFR-SEC-001")
async def test_an_unknown_key_is_looked_up_again_but_not_more_often_than_allowed() -> None:
    issuer, seconds = Issuer(KEY), [0.0]
    checked = tokens(issuer, clock=lambda: seconds[0])
    await checked.claims(f"Bearer {token(GOOD)}")
    issuer.document = jwks(KEY, NEW_KEY)
    rotated = f"Bearer {token(GOOD, NEW_KEY, kid='k2')}"

    for _ in range(5):
        with pytest.raises(HttpRefusedError):
            await checked.claims(rotated)
    assert issuer.reads == 1
    seconds[0] += 10.0

    assert await checked.claims(rotated) == GOOD
    assert issuer.reads == 2


async def test_all_who_wait_for_the_keys_share_one_read() -> None:
    issuer = Issuer(KEY)
    checked = tokens(issuer)

    await asyncio.gather(*(checked.claims(f"Bearer {token({**GOOD, 'n': n})}") for n in range(10)))

    assert issuer.reads == 1


async def test_without_any_keys_tokens_cannot_be_judged() -> None:
    issuer = Issuer()
    issuer.document = OSError("gone")

    with pytest.raises(HttpRefusedError) as raised:
        await tokens(issuer).claims(f"Bearer {token(GOOD)}")

    assert (raised.value.status, raised.value.refusal_code) == (503, "IDENTITY_UNAVAILABLE")


async def test_an_unreachable_issuer_signs_nobody_out() -> None:
    issuer, seconds = Issuer(KEY), [0.0]
    checked = tokens(issuer, clock=lambda: seconds[0])
    await checked.claims(f"Bearer {token(GOOD)}")
    issuer.document = OSError("gone")
    seconds[0] += 10_000.0

    assert await checked.claims(f"Bearer {token({**GOOD, 'n': 2})}") == {**GOOD, "n": 2}
    assert issuer.reads == 2


@pytest.mark.requirement("ST-01")
async def test_subgraphs_get_the_claims_in_a_signed_context_with_country_and_languages(tmp_path: Path) -> None:
    subgraphs = shop()
    keys = tmp_path / "jwks.json"
    keys.write_bytes(jwks(KEY))
    claims = {**GOOD, "exp": 4_000_000_000}
    app = app_in_memory(
        subgraphs,
        jwks=str(keys),
        jwt_issuer=ISSUER,
        jwt_audience=AUDIENCE,
        context_key=CONTEXT_KEY,
        country_header="CF-IPCountry",
        default_country="IN",
    )
    async with client_of(app) as client:
        headers = {"accept-language": "hi, en;q=0.5", "x-viewer-context": "forged", "x-correlation-id": "trace-0001"}
        for more in ({"authorization": f"Bearer {token(claims)}", "cf-ipcountry": "de"}, {"cf-ipcountry": "d3x"}):
            await client.post("/graphql", json={"query": "{ me { name } }"}, headers={**headers, **more})

    payloads = [
        jwt.decode(request.headers["x-viewer-context"], OctKey.import_key(CONTEXT_KEY), algorithms=["HS256"]).claims
        for request in subgraphs["accounts"].requests
    ]
    lives = [payload.pop("exp") - payload.pop("iat") for payload in payloads]
    assert lives == [60, 60]
    common = {"locale": "hi, en;q=0.5", "ip": "127.0.0.1"}
    assert payloads == [
        {**common, "claims": claims, "country": "DE"},
        {**common, "claims": None, "country": "IN"},
    ]


def contexts(clock: Callable[[], float], *, life_seconds: int = 60) -> ViewerContexts:
    return ViewerContexts(
        sign=signer(CONTEXT_KEY),
        life_seconds=life_seconds,
        country_header="cf-ipcountry",
        default_country="IN",
        clock=clock,
    )


def test_a_signed_context_serves_a_viewer_for_some_seconds_whatever_the_correlation_id() -> None:
    seconds = [float(NOW)]
    signing = contexts(lambda: seconds[0])

    def signed(correlation_id: str) -> str:
        headers = signing.headers({"authorization": "Bearer a"}, claims=GOOD, correlation_id=correlation_id)
        assert headers["x-correlation-id"] == correlation_id
        return headers["x-viewer-context"]

    first = signed("trace-0001")
    seconds[0] += 9.0
    again = signed("trace-0002")
    seconds[0] += 1.0
    later = signed("trace-0003")

    assert first == again != later


def test_a_signed_context_is_dropped_before_half_its_life_is_over() -> None:
    seconds = [float(NOW)]
    signing = contexts(lambda: seconds[0], life_seconds=6)
    first = signing.headers({}, claims=None, correlation_id="c")
    seconds[0] += 3.0

    assert signing.headers({}, claims=None, correlation_id="c") != first


def test_viewers_never_share_a_signed_context() -> None:
    signing = contexts(lambda: float(NOW))
    requests = [
        ({"authorization": "Bearer a"}, {"sub": "a"}),
        ({"authorization": "Bearer b"}, {"sub": "b"}),
        ({"authorization": "Bearer a", "cf-ipcountry": "DE"}, {"sub": "a"}),
        ({"authorization": "Bearer a", "accept-language": "hi"}, {"sub": "a"}),
        ({"authorization": "Bearer a"}, None),
    ]

    def signed() -> list[str]:
        return [
            signing.headers(request, claims=claims, correlation_id="c")["x-viewer-context"]
            for request, claims in requests
        ]

    first = signed()
    assert len(set(first)) == len(requests)
    assert signed() == first


def test_signed_contexts_do_not_pile_up() -> None:
    signing = contexts(lambda: float(NOW))

    for number in range(MAX_SIGNED_CONTEXTS + 10):
        signing.headers({"accept-language": str(number)}, claims=None, correlation_id="c")

    assert len(signing._signed) == MAX_SIGNED_CONTEXTS


@pytest.mark.requirement("ST-01")
async def test_with_a_bad_token_nothing_is_executed(tmp_path: Path) -> None:
    subgraphs = shop()
    keys = tmp_path / "jwks.json"
    keys.write_bytes(jwks(KEY))
    app = app_in_memory(subgraphs, jwks=str(keys), jwt_issuer=ISSUER, jwt_audience=AUDIENCE)
    async with client_of(app) as client:
        answer = await client.post(
            "/graphql",
            json={"query": 'mutation { rename(id: "1", name: "X") { id } }'},
            headers={"authorization": f"Bearer {token(GOOD, OTHER_KEY)}"},
        )

    assert answer.status_code == 401
    assert answer.headers["www-authenticate"] == "Bearer"
    assert answer.json()["errors"][0]["extensions"]["code"] == "UNAUTHENTICATED"
    assert sum(len(subgraph.requests) for subgraph in subgraphs.values()) == 0


async def test_a_router_without_keys_refuses_tokens_unless_it_forwards_them() -> None:
    subgraphs = shop()
    sent = {"json": {"query": "{ me { name } }"}, "headers": {"authorization": "Bearer x"}}
    async with client_of(app_in_memory(subgraphs)) as client:
        refused = await client.post("/graphql", **sent)  # type: ignore[arg-type]  # one dict for two calls
    async with client_of(app_in_memory(subgraphs, forward_headers=["authorization"])) as client:
        forwarded = await client.post("/graphql", **sent)  # type: ignore[arg-type]  # as above

    assert refused.status_code == 401
    assert forwarded.status_code == 200
    assert [request.headers["authorization"] for request in subgraphs["accounts"].requests] == ["Bearer x"]


def test_a_router_that_judges_and_signs_nothing_loads_no_cryptography(tmp_path: Path) -> None:
    file = tmp_path / "supergraph.graphql"
    file.write_text(supergraph_of(shop()))
    urls = dict.fromkeys(shop(), "http://127.0.0.1:1/graphql")
    script = (
        "import sys; from router.cli import create_app; from router.config import RouterSettings;"
        f"create_app(RouterSettings(supergraph={str(file)!r}, subgraph_urls={urls!r}));"
        "print(sorted({'joserfc', 'cryptography', 'redis'} & set(sys.modules)))"
    )

    ran = subprocess.run([sys.executable, "-c", script], capture_output=True, text=True, check=True)

    assert ran.stdout == "[]\n"
