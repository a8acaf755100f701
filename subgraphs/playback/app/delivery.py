"""The signed streams over HTTP: `GET /v/…` out of the local object store. In production a CDN stands before it."""

import asyncio

from starlette.requests import Request
from starlette.responses import FileResponse, PlainTextResponse, Response
from starlette.routing import Route

from media.delivery import DeliveryError, Manifest, find_object
from subgraphs.playback.config import Settings
from subgraphs.shared.clock import Clock

# Players run on pages of other origins. The link itself is the permission.
_OPEN_TO_ALL_ORIGINS = {"access-control-allow-origin": "*", "x-content-type-options": "nosniff"}


def stream_route(settings: Settings, *, clock: Clock) -> Route:
    """Return the route that serves what a signed path allows; byte ranges of segments included."""

    async def answer(request: Request) -> Response:
        try:
            found = await asyncio.to_thread(
                find_object,
                request.path_params["path"],
                key=settings.media_signing_key,
                now=clock(),
                objects_dir=settings.objects_dir,
            )
        except DeliveryError as error:
            headers = {"cache-control": "no-store", **_OPEN_TO_ALL_ORIGINS}
            return PlainTextResponse(str(error), status_code=error.status, headers=headers)
        headers = {"cache-control": found.cache_control, **_OPEN_TO_ALL_ORIGINS}
        if isinstance(found, Manifest):
            return Response(found.text, media_type=found.content_type, headers=headers)
        return FileResponse(found.path, media_type=found.content_type, headers=headers)

    return Route("/v/{path:path}", answer, methods=["GET"])
