"""How often somebody may ask the platform for what. The router counts; this says which fields belong together.

A network address may be a whole office: the classes that count by it are the ones that guess secrets or send letters.
"""

from typing import Any

RATE_LIMITS: dict[str, dict[str, Any]] = {
    "login": {
        "limit": 5,
        "seconds": 900,
        "by": "client",
        "fields": ["Mutation.login", "Mutation.loginWithProvider", "Mutation.otpVerify", "Mutation.passwordReset"],
    },
    "register": {"limit": 3, "seconds": 3600, "by": "client", "fields": ["Mutation.register"]},
    "letters": {
        "limit": 5,
        "seconds": 3600,
        "by": "client",
        "fields": [
            "Mutation.emailVerificationResend",
            "Mutation.passwordResetRequest",
            "Mutation.otpRequest",
            "Mutation.grievanceSubmit",
        ],
    },
    "stream": {
        "limit": 50,
        "seconds": 60,
        "fields": [
            "Mutation.playbackStart",
            "Mutation.playbackHeartbeat",
            "Mutation.playbackStop",
            "Query.playbackSession",
        ],
    },
    "cms": {"limit": 200, "seconds": 60, "fields": ["@admin"]},
    # Everything else. Whole requests: one page of a client is one request, however many fields it needs.
    "catalog": {
        "limit": 100,
        "seconds": 60,
        "count": "requests",
        "fields": ["Query.*", "Mutation.*", "Subscription.*"],
    },
}

PLAIN_RATE_LIMITS: dict[str, dict[str, Any]] = {
    # Each form of the pages counts, so that a person who signs in and allows an app has room, and a guesser has little.
    "oauth-pages": {"limit": 10, "seconds": 900, "methods": ["POST"], "paths": ["/oauth/authorize", "/oauth/device"]},
    "oauth-tokens": {"limit": 60, "seconds": 60, "methods": ["POST"], "paths": ["/oauth/token", "/oauth/revoke"]},
    # Servers ask about the tokens of all their visitors, from one address.
    "oauth-introspection": {"limit": 3000, "seconds": 60, "paths": ["/oauth/introspect", "/oauth/userinfo"]},
    "exports": {"limit": 30, "seconds": 60, "paths": ["/exports/", "/catalog-exports/"]},
    "imports": {"limit": 30, "seconds": 60, "paths": ["/imports/"]},
    # The parts of large files, several at once; a film takes hundreds. Whoever sends one is kept from nothing else.
    "uploads": {"limit": 1200, "seconds": 60, "paths": ["/uploads/"]},
    # A home page shows a hundred pictures, a player takes segments ahead: this stops machines only.
    "files": {"limit": 6000, "seconds": 60, "paths": ["/artwork/", "/v/"]},
    "plain": {"limit": 600, "seconds": 60, "paths": ["/"]},
}
"""What is served beside GraphQL, by client; the first class that a request fits counts it."""

_DEMO_FACTOR = 20
_TRIED_OUT = ("login", "register", "letters", "oauth-pages")


def rate_limits(*, has_demo: bool) -> dict[str, dict[str, Any]]:
    """Return the limits of operations; in a demo, where one person tries every account in turn, wider ones for
    signing in."""
    return _widened(RATE_LIMITS) if has_demo else RATE_LIMITS


def plain_rate_limits(*, has_demo: bool) -> dict[str, dict[str, Any]]:
    """Return the limits of what is served beside GraphQL; wider ones in a demo, as above."""
    return _widened(PLAIN_RATE_LIMITS) if has_demo else PLAIN_RATE_LIMITS


def _widened(limits: dict[str, dict[str, Any]]) -> dict[str, dict[str, Any]]:
    return {
        name: {**limit, "limit": limit["limit"] * _DEMO_FACTOR} if name in _TRIED_OUT else limit
        for name, limit in limits.items()
    }
