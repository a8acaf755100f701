"""Who asks, and the signed viewer context in which subgraphs are told. Tokens are checked by `access_tokens.py`.

The claims of the token are forwarded as they are; what they mean is the subgraphs' business. Nothing that a client
sends reaches a subgraph as a header, except by configuration.
"""

import base64
import re
import time
from collections import OrderedDict
from collections.abc import Callable, Collection, Mapping
from dataclasses import dataclass, field
from typing import Any, Protocol

import orjson

from router.http.refusals import UnauthenticatedError
from router.telemetry import CORRELATION_HEADER

VIEWER_CONTEXT_HEADER = "x-viewer-context"
_TOLD_OTHERWISE = frozenset({VIEWER_CONTEXT_HEADER, CORRELATION_HEADER})

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
        sign: Makes a compact JWS, with the key shared with the subgraphs; None sends no viewer context.
        life_seconds: From signing to expiry.
        country_header: Set by a trusted edge; None trusts nobody.
        default_country: Where no edge says one.
        forwarded: Client headers passed on, lower-case names.
        clock: Seconds since the epoch.
    """

    sign: Callable[[dict[str, Any]], str] | None
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
        headers = {CORRELATION_HEADER: correlation_id}
        if self.forwarded:
            headers = {**{name: request[name] for name in self.forwarded if name in request}, **headers}
        if self.sign is not None:
            headers[VIEWER_CONTEXT_HEADER] = self._context(self.sign, request, claims, client_address)
        return headers

    def _context(
        self,
        sign: Callable[[dict[str, Any]], str],
        request: Headers,
        claims: Claims | None,
        client_address: str | None,
    ) -> str:
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
        signed = sign(payload)
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
