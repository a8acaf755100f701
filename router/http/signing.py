"""Signs viewer contexts. Imports the JOSE library and with it OpenSSL, 9 MB: a router without a key needs neither."""

from collections.abc import Callable
from typing import Any

from joserfc import jwt
from joserfc.jwk import OctKey


def signer(key: str) -> Callable[[dict[str, Any]], str]:
    """Return what makes a compact JWS (HS256) of a payload."""
    signing_key = OctKey.import_key(key)

    def sign(payload: dict[str, Any]) -> str:
        return jwt.encode({"alg": "HS256"}, payload, signing_key)

    return sign
