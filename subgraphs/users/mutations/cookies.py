"""Refresh tokens in a cookie, for web pages: scripts there cannot read it, so that none can steal it.

A page asks for it with the header `X-Session-Mode: cookie`. Only with that header is a cookie set, read or removed, and
only the page's own origin, and those that the router allows, can send it: a browser asks first. Together with
`SameSite=Strict` and the content type that every mutation must have, no other page can use the cookie (CSRF).
"""

from http.cookies import CookieError, SimpleCookie

from subgraphs.users.config import REFRESH_TOKEN_LIFETIME
from subgraphs.users.context import Context

MODE_HEADER = "x-session-mode"
_COOKIE_MODE = "cookie"


def wants_cookie(context: Context) -> bool:
    """Return whether the client keeps its refresh token in a cookie."""
    return context.exchange.request.get(MODE_HEADER, "").lower() == _COOKIE_MODE


def keep_token(context: Context, refresh_token: str) -> None:
    """Have the browser keep the token instead of the one before."""
    _set(context, refresh_token, max_age_seconds=int(REFRESH_TOKEN_LIFETIME.total_seconds()))


def forget_token(context: Context) -> None:
    """Have the browser of a client that keeps its token in a cookie forget it."""
    if wants_cookie(context):
        _set(context, "", max_age_seconds=0)


def kept_token(context: Context) -> str | None:
    """Return the token of a client that keeps it in a cookie; None without one."""
    if not wants_cookie(context):
        return None
    try:
        cookies: SimpleCookie = SimpleCookie(context.exchange.request.get("cookie", ""))
    except CookieError:
        return None
    found = cookies.get(_name(context))
    return found.value if found is not None else None


def _set(context: Context, value: str, *, max_age_seconds: int) -> None:
    parts = [f"{_name(context)}={value}", f"Max-Age={max_age_seconds}", "Path=/", "HttpOnly", "SameSite=Strict"]
    if context.cookie_is_secure:
        parts.append("Secure")
    context.exchange.response.append(("set-cookie", "; ".join(parts)))


def _name(context: Context) -> str:
    # With this beginning, browsers take the cookie from nobody but this very host, over TLS.
    return "__Host-refresh" if context.cookie_is_secure else "refresh"
