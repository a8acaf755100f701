"""Checks access tokens. Imports the JOSE library and with it OpenSSL, 9 MB: a router without a JWKS needs neither."""

import base64
import binascii
import time
from collections import OrderedDict
from collections.abc import Callable, Mapping
from typing import Any, TypeGuard

import orjson
from joserfc import jwt
from joserfc.errors import JoseError

from router.http.denials import DeniedTokens
from router.http.identity import Claims
from router.http.jwks import KeysUnavailableError, PublicKeys
from router.http.refusals import IDENTITY_UNAVAILABLE, HttpRefusedError, UnauthenticatedError

ALGORITHM = "RS256"
MAX_TOKEN_CHARACTERS = 8_192
MAX_REMEMBERED_TOKENS = 10_000


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
