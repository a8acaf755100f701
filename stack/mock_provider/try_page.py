"""/dev/sign-in: starts each way to sign in as a client would, and shows what comes back. For one machine only."""

import os
from collections.abc import Awaitable, Callable
from pathlib import Path

from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import Route

from stack.mock_provider import PAGE_VARIABLE, PATH

_FOLDER = Path(__file__).with_name("static")
_HEADERS = {
    "cache-control": "no-store",
    "content-security-policy": "default-src 'none'; script-src 'self'; style-src 'self'; connect-src 'self'; "
    "base-uri 'none'; form-action 'none'; frame-ancestors 'none'",
    "x-content-type-options": "nosniff",
    "referrer-policy": "no-referrer",
}
_FILES = {"": ("try.html", "text/html"), "/try.js": ("try.js", "text/javascript"), "/try.css": ("try.css", "text/css")}


def sign_in_routes() -> list[Route]:
    """Return the routes where the environment says that the mock provider runs; none elsewhere."""
    if os.environ.get(PAGE_VARIABLE) != "1":
        return []
    return [Route(PATH + path, _endpoint(*file)) for path, file in _FILES.items()]


def _endpoint(name: str, media_type: str) -> Callable[[Request], Awaitable[Response]]:
    content = (_FOLDER / name).read_bytes()

    async def answer(_request: Request) -> Response:
        return Response(content, media_type=media_type, headers=_HEADERS)

    return answer
