"""Headers that protect people whose browser shows what we answer."""

from collections.abc import Mapping, MutableMapping
from typing import Any

from router.http.client_address import ClientAddresses

FORWARDED_PROTO_HEADER = "x-forwarded-proto"

# An answer is data: no browser should run, frame or load anything for it. Pages bring a policy of their own.
_ALWAYS = {
    "x-content-type-options": "nosniff",
    "content-security-policy": "default-src 'none'; frame-ancestors 'none'",
    "x-frame-options": "DENY",
    "referrer-policy": "no-referrer",
    "cross-origin-opener-policy": "same-origin",
}
_OVER_TLS = {**_ALWAYS, "strict-transport-security": "max-age=31536000; includeSubDomains; preload"}


class SecurityHeaders:
    """Chooses the headers of an answer.

    Args:
        clients: Knows which proxies may say that the client came over TLS.
    """

    def __init__(self, clients: ClientAddresses) -> None:
        self._clients = clients

    def of(self, scope: MutableMapping[str, Any], headers: Mapping[str, str]) -> Mapping[str, str]:
        """Return the headers; `Strict-Transport-Security` only over TLS, where browsers heed it."""
        return _OVER_TLS if self.is_tls(scope, headers) else _ALWAYS

    def is_tls(self, scope: MutableMapping[str, Any], headers: Mapping[str, str]) -> bool:
        """Return whether the client came over TLS: to this server, or to a proxy of ours that says so."""
        if scope.get("scheme") in ("https", "wss"):
            return True
        said = headers.get(FORWARDED_PROTO_HEADER, "").rpartition(",")[2].strip().lower()
        return said == "https" and self._clients.trusts_peer(scope)
