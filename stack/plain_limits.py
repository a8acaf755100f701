"""How often a client may ask for what is served beside GraphQL: pages, tokens, files. The router counts."""

from collections.abc import Awaitable, Callable, Mapping
from typing import Any

from starlette.responses import JSONResponse, PlainTextResponse, Response

from router.execution.rate_limits import RateClass, RateLimitedError
from router.http.asgi import Scope, request_headers

Limits = Mapping[str, Mapping[str, Any]]
"""Classes as in stack/rate_limits.py; a request belongs to the first that it fits."""

Admit = Callable[[Scope, RateClass], Awaitable[None]]


async def refusal(limits: Limits, scope: Scope, admit: Admit) -> Response | None:
    """Return the answer to a client that asks too often, status 429 with `Retry-After`; None when it may go on."""
    found = _class_of(limits, scope["method"], scope["path"])
    if found is None:
        return None
    try:
        await admit(scope, found)
    except RateLimitedError as error:
        return _too_many(scope, error)
    return None


def _class_of(limits: Limits, method: str, path: str) -> RateClass | None:
    if method == "OPTIONS":  # a browser's question, answered without looking at anything
        return None
    for name, limit in limits.items():
        if path.startswith(tuple(limit["paths"])) and method in limit.get("methods", (method,)):
            return RateClass(name=name, limit=limit["limit"], seconds=limit["seconds"], fields=(), per_client=True)
    return None


def _too_many(scope: Scope, error: RateLimitedError) -> Response:
    headers = {"retry-after": str(error.retry_after_seconds), "cache-control": "no-store"}
    if "text/html" in request_headers(scope).get("accept", ""):
        return PlainTextResponse(error.message, status_code=429, headers=headers)
    body = {"error": "rate_limited", "error_description": error.message}
    # Pages of other origins may call the token endpoint; they are to see why it refuses.
    return JSONResponse(body, status_code=429, headers={**headers, "access-control-allow-origin": "*"})
