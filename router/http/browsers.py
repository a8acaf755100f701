"""Protection of people whose browser is made to send requests: CSRF prevention and CORS."""

from collections.abc import Mapping
from dataclasses import dataclass

from router.http.refusals import CSRF_PREVENTED, HttpRefusedError
from router.telemetry import CORRELATION_HEADER

# Any of these makes a browser ask with a preflight before it sends the request from another site.
PREFLIGHTED_HEADERS = ("authorization", "x-graphql-require-preflight", "apollo-require-preflight", CORRELATION_HEADER)

# Longer than any browser remembers: each keeps to its own greatest value.
_PREFLIGHT_SECONDS = "86400"
_EXPOSED_HEADERS = f"{CORRELATION_HEADER}, retry-after"


def refuse_forgeable(headers: Mapping[str, str]) -> None:
    """Refuse a GET that any web page could make a visitor's browser send.

    A POST needs none of this: its content type, `application/json`, is preflighted. A GET passes if it carries a
    header that is, or if the browser says that the page is ours. What does not come from a browser at all cannot be
    forged this way; browsers are told by `Origin`, `Sec-Fetch-Site` and a `User-Agent` that begins with `Mozilla/`,
    which pages cannot take away.

    Raises:
        HttpRefusedError: 403.
    """
    if any(name in headers for name in PREFLIGHTED_HEADERS):
        return
    site = headers.get("sec-fetch-site")
    if site in ("same-origin", "none"):
        return
    is_browser = site is not None or "origin" in headers or headers.get("user-agent", "").startswith("Mozilla/")
    if is_browser:
        raise HttpRefusedError(
            403,
            CSRF_PREVENTED,
            "A web page could make a browser send this request without being asked. Send a POST with the content "
            f"type application/json, or the header {PREFLIGHTED_HEADERS[1]}.",
        )


def is_foreign_socket(headers: Mapping[str, str], cors: "Cors") -> bool:
    """Return whether a WebSocket was opened by a web page of another site, to which no origin is allowed.

    Browsers let any page connect to anywhere, without a preflight; what they do is to say whose page it is.
    """
    origin = headers.get("origin")
    if origin is None or "*" in cors.origins or origin in cors.origins:
        return False
    return origin.partition("://")[2] != headers.get("host")


@dataclass(frozen=True, slots=True)
class Cors:
    """Which other origins may read responses. Those that are named may send cookies; with `*`, nobody may.

    `request_headers` may be sent beside those that every request may have.
    """

    origins: frozenset[str]
    request_headers: tuple[str, ...] = ()

    def headers(self, origin: str | None) -> dict[str, str]:
        """Return the headers for a response to a request from `origin`."""
        if not self.origins:
            return {}
        if "*" in self.origins:
            return {"access-control-allow-origin": "*", "access-control-expose-headers": _EXPOSED_HEADERS}
        if origin is None or origin not in self.origins:
            return {"vary": "Origin"}
        return {
            "access-control-allow-origin": origin,
            "access-control-allow-credentials": "true",
            "access-control-expose-headers": _EXPOSED_HEADERS,
            "vary": "Origin",
        }

    def preflight_headers(self, origin: str | None) -> dict[str, str]:
        """Return the headers for the answer to a preflight; without permission if the origin is not allowed."""
        headers = self.headers(origin)
        if "access-control-allow-origin" in headers:
            headers["access-control-allow-methods"] = "GET, POST"
            headers["access-control-allow-headers"] = ", ".join(
                ("content-type", "accept", *PREFLIGHTED_HEADERS, *self.request_headers)
            )
            headers["access-control-max-age"] = _PREFLIGHT_SECONDS
        return headers
