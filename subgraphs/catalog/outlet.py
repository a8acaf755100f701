"""`/catalog-exports/…` over HTTP: the files that editors had made. What makes them is in service/exports."""

import asyncio
from pathlib import Path

from starlette.requests import Request
from starlette.responses import FileResponse, JSONResponse, Response
from starlette.routing import Route

from subgraphs.catalog.service.exports import PATH, folder_of, is_signed
from subgraphs.shared.clock import Clock

_TYPES = {"jsonl": "application/x-ndjson", "csv": "text/csv; charset=utf-8", "mrss": "application/rss+xml"}


class OutletRoutes:
    """The route to the files."""

    def __init__(self, objects_dir: Path, *, signing_key: str, clock: Clock) -> None:
        self._folder = folder_of(objects_dir)
        self._signing_key = signing_key
        self._clock = clock
        path = f"{PATH}/{{export:uuid}}/{{expiry:int}}/{{signature}}/titles.{{suffix}}"
        self.routes = [Route(path, self._give_out, methods=["GET"])]

    async def _give_out(self, request: Request) -> Response:
        own, expiry, suffix = (request.path_params[name] for name in ("export", "expiry", "suffix"))
        signature = request.path_params["signature"]
        if not is_signed(own, expiry, signature, now=self._clock(), key=self._signing_key):
            return _refusal(403, "LINK_EXPIRED", "The address is not signed, or no longer.")
        path = self._folder / str(own)
        if suffix not in _TYPES or not await asyncio.to_thread(path.is_file):
            return _refusal(404, "FILE_GONE", "There is no such file any more.")
        return FileResponse(
            path,
            media_type=_TYPES[suffix],
            filename=f"titles.{suffix}",
            headers={"cache-control": "private, no-store"},
        )


def _refusal(status: int, code: str, message: str) -> Response:
    return JSONResponse({"error": message, "code": code}, status_code=status)
