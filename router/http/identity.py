"""Who asks: checks the access token, and signs the viewer context that subgraphs trust.

The claims of the token are forwarded as they are; what they mean is the subgraphs' business. Nothing that a client
sends reaches a subgraph as a header, except by configuration.
"""

import base64
import binascii
import re
import time
from collections import OrderedDict
from collections.abc import Callable, Collection, Mapping
from dataclasses import dataclass, field
from typing import Any, Protocol, TypeGuard

import orjson
from joserfc import jwt
from joserfc.errors import JoseError
from joserfc.jwk import OctKey

from router.http.denials import DeniedTokens
from router.http.jwks import KeysUnavailableError, PublicKeys
from router.http.refusals import IDENTITY_UNAVAILABLE, HttpRefusedError, UnauthenticatedError
from router.telemetry import CORRELATION_HEADER

VIEWER_CONTEXT_HEADER = "x-viewer-context"
_TOLD_OTHERWISE = frozenset({VIEWER_CONTEXT_HEADER, CORRELATION_HEADER})

ALGORITHM = "RS256"
MAX_TOKEN_CHARACTERS = 8_192
MAX_REMEMBERED_TOKENS = 10_000
MAX_LOCALE_CHARACTERS = 200
MAX_SIGNED_CONTEXTS = 4_096

# One signature serves the requests of a viewer for this long, so that neither side computes one per request.
REUSE_SECONDS = 10.0

_COUNTRY = re.compile(r"[A-Za-z]{2}")

Claims = Mapping[str, Any]
Headers = Mapping[str, str]


class TokenCheck(Protocol):
    """Judges the `Authorization` header."""

    async def claims(self, authorization: str | None) -> Claims | None:
        """Return the claims of the token, None without one.

        Raises:
            HttpRefusedError: The token is not good, or cannot be judged now.
        """
        ...


class NoTokens:
    """For a router without a JWKS: a token that cannot be checked is refused, not ignored."""

    async def claims(self, authorization: str | None) -> Claims | None:
        """Return None without a token.

        Raises:
            UnauthenticatedError: There is one.
        """
        if authorization is None:
            return None
        raise UnauthenticatedError("This router is not set up to check access tokens.")


class IgnoredTokens:
    """For a router that hands the `Authorization` header to its subgraphs, which judge it."""

    async def claims(self, authorization: str | None) -> Claims | None:  # noqa: ARG002 - that is its meaning
        """Return None."""
        return None


class AccessTokens:
    """Checks RS256 access tokens: signature, `exp`, `nbf`, `iss` and `aud`. Good ones are remembered until they expire.

    Args:
        keys: Who may sign.
        issuer: Required `iss`.
        audience: Required `aud`, alone or in a list.
        leeway_seconds: Clock difference tolerated.
        denied: Tokens that are refused all the same; None refuses none.
        clock: Seconds since the epoch.
    """

    def __init__(
        self,
        keys: PublicKeys,
        *,
        issuer: str,
        audience: str,
        leeway_seconds: int = 5,
        denied: DeniedTokens | None = None,
        clock: Callable[[], float] = time.time,
    ) -> None:
        self._keys = keys
        self._denied = denied
        self._issuer = issuer
        self._audience = audience
        self._leeway_seconds = leeway_seconds
        self._clock = clock
        self._good: OrderedDict[str, tuple[float, Claims]] = OrderedDict()

    async def claims(self, authorization: str | None) -> Claims | None:
        """Return the claims of a bearer token, None without an `Authorization` header.

        Raises:
            UnauthenticatedError: The header is not a good bearer token.
            HttpRefusedError: No keys could be read; 503.
        """
        if authorization is None:
            return None
        scheme, _, token = authorization.partition(" ")
        token = token.strip()
        if scheme.lower() != "bearer" or not token:
            raise UnauthenticatedError("The Authorization header is not a bearer token.")
        known = self._good.get(token)
        if known is not None and self._clock() < known[0]:
            claims = known[1]
        else:
            claims = await self._checked(token)
            self._good[token] = (claims["exp"] + self._leeway_seconds, claims)
            if len(self._good) > MAX_REMEMBERED_TOKENS:
                self._good.popitem(last=False)
        if self._denied is not None:
            await self._refuse_denied(self._denied, claims)
        return claims

    @staticmethod
    async def _refuse_denied(denied: DeniedTokens, claims: Claims) -> None:
        if not denied.is_following:
            await denied.follow()
        if denied.is_stale:
            message = "Access tokens cannot be checked at the moment. Try again."
            raise HttpRefusedError(503, IDENTITY_UNAVAILABLE, message)
        if denied.refuses(claims):
            raise UnauthenticatedError("The session of the access token has ended, or the token is outdated.")

    async def _checked(self, token: str) -> Claims:
        header = _header(token)
        if header.get("alg") != ALGORITHM:
            raise UnauthenticatedError(f"The access token is not signed with {ALGORITHM}.")
        key_id = header.get("kid")
        try:
            key = await self._keys.key(key_id if isinstance(key_id, str) else None)
        except KeysUnavailableError as error:
            message = "Access tokens cannot be checked at the moment. Try again."
            raise HttpRefusedError(503, IDENTITY_UNAVAILABLE, message) from error
        if key is None:
            raise UnauthenticatedError("The access token is signed with an unknown key.")
        try:
            claims = jwt.decode(token, key, algorithms=[ALGORITHM]).claims
        except (JoseError, ValueError) as error:
            raise UnauthenticatedError("The access token is not valid.") from error
        self._check_claims(claims)
        return claims

    def _check_claims(self, claims: Claims) -> None:
        now = self._clock()
        expires_at, not_before = claims.get("exp"), claims.get("nbf", 0)
        if not (_is_number(expires_at) and _is_number(not_before)):
            raise UnauthenticatedError("The access token has no valid lifetime.")
        if now >= expires_at + self._leeway_seconds:
            raise UnauthenticatedError("The access token has expired.")
        if now < not_before - self._leeway_seconds:
            raise UnauthenticatedError("The access token is not valid yet.")
        audience = claims.get("aud")
        audiences = audience if isinstance(audience, list) else [audience]
        if claims.get("iss") != self._issuer or self._audience not in audiences:
            raise UnauthenticatedError("The access token was issued by or for somebody else.")


def audience_by(claims: Collection[str]) -> Callable[[Headers], bytes]:
    """Return what tells apart for whom a subgraph's answers differ: by country, languages and the named claims.

    Headers that are passed on as they come count whole; the correlation id does not.
    """

    def audience(headers: Headers) -> bytes:
        rest = sorted((name, value) for name, value in headers.items() if name not in _TOLD_OTHERWISE)
        context = headers.get(VIEWER_CONTEXT_HEADER, "")
        encoded = context.partition(".")[2].partition(".")[0]  # our own, so nobody has to check it here
        payload = orjson.loads(base64.urlsafe_b64decode(encoded + "=" * (-len(encoded) % 4))) if encoded else {}
        held = payload.get("claims") or {}
        told = [payload.get("country"), payload.get("locale"), [held.get(name) for name in sorted(claims)]]
        return orjson.dumps([rest, told])

    return audience


@dataclass(frozen=True, slots=True, kw_only=True)
class ViewerContexts:
    """Makes the headers that go to the subgraphs with one request.

    A signed context is used again for requests with the same token, country, languages and address: at most
    `REUSE_SECONDS` and half its life. The correlation id is not part of it.

    Attributes:
        key: Shared with the subgraphs; None sends no viewer context.
        life_seconds: From signing to expiry.
        country_header: Set by a trusted edge; None trusts nobody.
        default_country: Where no edge says one.
        forwarded: Client headers passed on, lower-case names.
        clock: Seconds since the epoch.
    """

    key: OctKey | None
    life_seconds: int
    country_header: str | None
    default_country: str
    forwarded: tuple[str, ...] = ()
    clock: Callable[[], float] = time.time
    _signed: OrderedDict[tuple[str | None, str, str, str | None], tuple[float, str]] = field(
        default_factory=OrderedDict, init=False, repr=False
    )

    def headers(
        self, request: Headers, *, claims: Claims | None, correlation_id: str, client_address: str | None = None
    ) -> dict[str, str]:
        """Return the headers for the subgraphs: correlation id, signed context, and those configured."""
        headers = {name: request[name] for name in self.forwarded if name in request}
        headers[CORRELATION_HEADER] = correlation_id
        if self.key is not None:
            headers[VIEWER_CONTEXT_HEADER] = self._context(self.key, request, claims, client_address)
        return headers

    def _context(self, key: OctKey, request: Headers, claims: Claims | None, client_address: str | None) -> str:
        country = self._country(request)
        locale = request.get("accept-language", "")[:MAX_LOCALE_CHARACTERS]
        now = self.clock()
        viewer = (request.get("authorization") if claims is not None else None, country, locale, client_address)
        known = self._signed.get(viewer)
        if known is not None and now < known[0]:
            return known[1]
        payload = {
            "iat": int(now),
            "exp": int(now) + self.life_seconds,
            "claims": claims,
            "country": country,
            "locale": locale,
            "ip": client_address,
        }
        signed = jwt.encode({"alg": "HS256"}, payload, key)
        self._signed[viewer] = (now + min(REUSE_SECONDS, self.life_seconds / 2), signed)
        self._signed.move_to_end(viewer)
        if len(self._signed) > MAX_SIGNED_CONTEXTS:
            self._signed.popitem(last=False)
        return signed

    def _country(self, request: Headers) -> str:
        said = request.get(self.country_header, "") if self.country_header is not None else ""
        return said.upper() if _COUNTRY.fullmatch(said) else self.default_country


def subject_of(claims: Claims | None) -> str | None:
    """Return whom a token is about; None for nobody."""
    subject = (claims or {}).get("sub")
    return subject if isinstance(subject, str) else None


def _header(token: str) -> Mapping[str, Any]:
    """Return the token's header, unverified: it only says which key to try."""
    if len(token) > MAX_TOKEN_CHARACTERS:
        raise UnauthenticatedError("The access token is too long.")
    encoded = token.partition(".")[0]
    try:
        header = orjson.loads(base64.urlsafe_b64decode(encoded + "=" * (-len(encoded) % 4)))
    except (binascii.Error, ValueError) as error:
        raise UnauthenticatedError("The access token is not a JWT.") from error
    if not isinstance(header, dict):
        raise UnauthenticatedError("The access token is not a JWT.")
    return header


def _is_number(value: object) -> TypeGuard[float]:
    return isinstance(value, int | float) and not isinstance(value, bool)
