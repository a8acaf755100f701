"""Signing in with Google: OpenID Connect with the authorization code, PKCE and a nonce.

The discovery document and the published keys are kept for an hour; a token signed with a key that is not among them
makes us read the keys again, at most once a minute, because providers change keys before the hour is over.
"""

from dataclasses import dataclass
from datetime import datetime, timedelta

from authlib.oidc.core import CodeIDToken
from joserfc import jwt
from joserfc.errors import InvalidKeyIdError
from joserfc.jwk import KeySet, RSAKey
from joserfc.jws import extract_compact

from subgraphs.shared.clock import Clock
from subgraphs.users.gateways.provider_calls import ProviderCalls, translated_failures
from subgraphs.users.gateways.providers import ProviderAnswer, ProviderPerson

DISCOVERY_PATH = "/.well-known/openid-configuration"
ALGORITHM = "RS256"
LEEWAY_SECONDS = 60
_KEPT_FOR = timedelta(hours=1)
_KEYS_READ_AT_MOST_EVERY = timedelta(minutes=1)
_SCOPES = "openid email profile"


@dataclass(frozen=True, slots=True)
class _Endpoints:
    issuer: str
    authorization: str
    token: str
    keys: str
    read_at: datetime


@dataclass(frozen=True, slots=True)
class _Keys:
    keys: KeySet
    read_at: datetime


class GoogleSignIn:
    """A `SignInProvider` for Google, or any issuer that speaks its protocol.

    Args:
        calls: Our credentials, and the connections.
        issuer: Its `iss`; the discovery document is below it.
        clock: Judges the life of its tokens.
    """

    def __init__(self, calls: ProviderCalls, *, issuer: str, clock: Clock) -> None:
        self._calls = calls
        self._issuer = issuer.rstrip("/")
        self._clock = clock
        self._endpoints: _Endpoints | None = None
        self._keys: _Keys | None = None

    async def authorization_url(self, *, redirect_uri: str, state: str, nonce: str, code_challenge: str) -> str:
        """Return where to send the person; see the port."""
        endpoints = await self._discovered()
        url, _state = self._calls.oauth().create_authorization_url(
            endpoints.authorization,
            state=state,
            redirect_uri=redirect_uri,
            scope=_SCOPES,
            nonce=nonce,
            code_challenge=code_challenge,
            code_challenge_method="S256",
            # Who uses a shared computer chooses the account each time.
            prompt="select_account",
        )
        return str(url)

    async def person(self, answer: ProviderAnswer) -> ProviderPerson:
        """Return who came back; see the port."""
        endpoints = await self._discovered()
        async with translated_failures():
            token = await self._calls.oauth().fetch_token(
                endpoints.token,
                grant_type="authorization_code",
                code=answer.code,
                code_verifier=answer.code_verifier,
                redirect_uri=answer.redirect_uri,
            )
            claims = await self._checked(str(token["id_token"]), token["access_token"], answer.nonce)
        email = claims.get("email")
        return ProviderPerson(
            subject=str(claims["sub"]),
            email=email if isinstance(email, str) else None,
            # Only the word itself: "false" is a text that is true.
            email_is_verified=claims.get("email_verified") is True,
        )

    async def close(self) -> None:
        """Close the connections."""
        await self._calls.close()

    async def _checked(self, id_token: str, access_token: str, nonce: str) -> CodeIDToken:
        """Return the claims of an id_token that is Google's, for us, for this sign-in, and of now."""
        header = extract_compact(id_token.encode()).headers()
        decoded = jwt.decode(id_token, await self._key(str(header.get("kid"))), algorithms=[ALGORITHM])
        # Google itself also writes its issuer without the scheme.
        issuers = [self._issuer, self._issuer.removeprefix("https://")]
        claims = CodeIDToken(
            decoded.claims,
            decoded.header,
            options={
                "iss": {"essential": True, "values": issuers},
                "aud": {"essential": True, "value": self._calls.client_id},
                "nonce": {"essential": True, "value": nonce},
                "sub": {"essential": True, "allow_blank": False},
            },
            params={"nonce": nonce, "client_id": self._calls.client_id, "access_token": access_token},
        )
        claims.validate(now=int(self._clock().timestamp()), leeway=LEEWAY_SECONDS)
        return claims

    async def _discovered(self) -> _Endpoints:
        now = self._clock()
        if self._endpoints is None or now - self._endpoints.read_at > _KEPT_FOR:
            document = await self._calls.json(self._issuer + DISCOVERY_PATH)
            async with translated_failures():
                if document["issuer"] != self._issuer:
                    # Mix-up: whoever answers there speaks for somebody else (OpenID Connect Discovery, 4.3).
                    raise ValueError("The discovery document names another issuer.")
                self._endpoints = _Endpoints(
                    issuer=self._issuer,
                    authorization=str(document["authorization_endpoint"]),
                    token=str(document["token_endpoint"]),
                    keys=str(document["jwks_uri"]),
                    read_at=now,
                )
        return self._endpoints

    async def _key(self, key_id: str) -> RSAKey:
        """Return the published key.

        Raises:
            InvalidKeyIdError: Google has no such key.
        """
        now = self._clock()
        if self._keys is None or now - self._keys.read_at > _KEPT_FOR:
            self._keys = await self._read_keys(now)
        key = _find(self._keys.keys, key_id)
        if key is None and now - self._keys.read_at > _KEYS_READ_AT_MOST_EVERY:
            self._keys = await self._read_keys(now)
            key = _find(self._keys.keys, key_id)
        if key is None:
            raise InvalidKeyIdError(f"No key with the id {key_id[:80]}")
        return key

    async def _read_keys(self, now: datetime) -> _Keys:
        document = await self._calls.json((await self._discovered()).keys)
        return _Keys(KeySet.import_key_set(document), now)  # type: ignore[arg-type]  # refuses what is no key set


def _find(keys: KeySet, key_id: str) -> RSAKey | None:
    return next((key for key in keys.keys if isinstance(key, RSAKey) and key.kid == key_id), None)
