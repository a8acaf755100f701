"""Who signed in on the pages below /oauth, and that a form came from one of these pages.

A cookie names a short record in Valkey: a secret that every form repeats (against forged requests from other sites),
and, after signing in, the account. Signing in makes a new cookie, so that nobody can plant one beforehand.
"""

import secrets
from dataclasses import dataclass
from datetime import UTC, datetime
from urllib.parse import urlsplit
from uuid import UUID

from starlette.requests import Request
from starlette.responses import Response

from subgraphs.users.config import OAUTH_SIGN_IN_LIFETIME
from subgraphs.users.repository.one_time import OneTimeStore

COOKIE = "reelgraph_oauth"
_PATH = "/oauth"


@dataclass(frozen=True, slots=True)
class Visit:
    """A browser on these pages."""

    secret: str
    csrf: str
    user_id: UUID | None = None
    signed_in_at: datetime | None = None


class Visits:
    """The browsers on these pages."""

    def __init__(self, store: OneTimeStore) -> None:
        self._store = store

    async def current(self, request: Request, *, now: datetime) -> Visit | None:
        """Return the visit that the cookie names."""
        secret = request.cookies.get(COOKIE)
        value = await self._store.look(secret, now=now) if secret else None
        if secret is None or value is None:
            return None
        user, signed_in_at = value["user"], value["signed_in_at"]
        return Visit(
            secret,
            value["csrf"],
            UUID(user) if user else None,
            datetime.fromtimestamp(signed_in_at, UTC) if signed_in_at else None,
        )

    async def begin(self, *, now: datetime, user_id: UUID | None = None) -> Visit:
        """Return a new visit: of nobody yet, or of who just signed in."""
        visit = Visit(secrets.token_urlsafe(32), secrets.token_urlsafe(32), user_id, now if user_id else None)
        value = {
            "csrf": visit.csrf,
            "user": str(user_id) if user_id else None,
            "signed_in_at": now.timestamp() if user_id else None,
        }
        await self._store.keep(visit.secret, value, now=now)
        return visit

    async def end(self, visit: Visit, *, now: datetime) -> None:
        """Forget the visit."""
        await self._store.take(visit.secret, now=now)


def is_own_form(request: Request, visit: Visit | None, csrf: str, *, issuer: str) -> bool:
    """Whether a posted form came from one of our pages, in the browser that the page was made for."""
    origin = request.headers.get("origin")
    parts = urlsplit(issuer)
    if origin is not None and origin != f"{parts.scheme}://{parts.netloc}":
        return False
    return visit is not None and secrets.compare_digest(visit.csrf.encode(), csrf.encode("utf-8", "surrogatepass"))


def remember(response: Response, visit: Visit, *, is_secure: bool) -> None:
    """Give the browser the visit's cookie."""
    response.set_cookie(
        COOKIE,
        visit.secret,
        max_age=int(OAUTH_SIGN_IN_LIFETIME.total_seconds()),
        path=_PATH,
        secure=is_secure,
        httponly=True,
        samesite="lax",
    )
