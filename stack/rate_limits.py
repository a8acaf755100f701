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

_DEMO_FACTOR = 20
_TRIED_OUT = ("login", "register", "letters")


def rate_limits(*, has_demo: bool) -> dict[str, dict[str, Any]]:
    """Return the limits; in a demo, where one person tries every account in turn, wider ones for signing in."""
    if not has_demo:
        return RATE_LIMITS
    wider = {name: {**RATE_LIMITS[name], "limit": RATE_LIMITS[name]["limit"] * _DEMO_FACTOR} for name in _TRIED_OUT}
    return {**RATE_LIMITS, **wider}
