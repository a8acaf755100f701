"""`/artwork/…` over HTTP: pictures of the catalogue and of ad creatives, drawn on first request and kept as files, and
the addresses to which editors upload pictures.

Nothing here is GraphQL. The names of the files are made in service/artwork.py, the pictures in media.artwork.
"""

import asyncio
import os
from collections.abc import Callable
from pathlib import Path
from uuid import UUID, uuid4

from starlette.requests import Request
from starlette.responses import FileResponse, JSONResponse, Response
from starlette.routing import Route

from media.artwork import draw_artwork
from media.pictures import MOST_BYTES, PictureError, normalize_picture, resize_picture
from subgraphs.catalog.repository.artwork import Sketch, sketch_of
from subgraphs.catalog.repository.uploads import fill_upload
from subgraphs.catalog.service.artwork import parse_artwork_name, scaled_height
from subgraphs.catalog.service.uploads import is_signed
from subgraphs.shared.clock import Clock
from subgraphs.shared.errors import ServiceUnavailableError
from subgraphs.shared.postgres import Database

_CACHE_HEADERS = {"cache-control": "public, max-age=31536000, immutable"}
_DRAWN_AT_ONCE = 2
_AD_DESIGNS = 256
"""Ad creatives are not known here, so any id is answered, each with one of so many pictures: the disk stays bounded."""
_AD_SIZE_PX = (800, 450)


class ArtworkRoutes:
    """The routes, and the folder in which pictures are kept. `database` is set while the subgraph runs."""

    def __init__(self, objects_dir: Path, *, signing_key: str, clock: Clock) -> None:
        self.database: Database | None = None
        self._folder = objects_dir / "artwork"
        self._originals = self._folder / "originals"
        self._signing_key = signing_key
        self._clock = clock
        self._drawing = asyncio.Semaphore(_DRAWN_AT_ONCE)
        self.routes = [
            Route("/artwork/ads/{creative}", self._answer_ad),
            Route("/artwork/uploads/{upload:uuid}/{expiry:int}/{signature}", self._take_in, methods=["PUT"]),
            Route("/artwork/{name}", self._answer_image),
        ]

    async def _answer_image(self, request: Request) -> Response:
        name = parse_artwork_name(request.path_params["name"])
        if name is None or self.database is None:
            return _not_found()
        path = self._folder / name.file_name
        if not await asyncio.to_thread(path.is_file):
            try:
                async with self.database.reading() as session:
                    sketch = await sketch_of(session, name.image_id, name.role)
            except ServiceUnavailableError as error:
                return JSONResponse({"error": error.message}, status_code=503)
            if sketch is None or (name.width is not None and name.width >= sketch.width):
                return _not_found()
            width = name.width or sketch.width
            await self._keep(path, lambda: self._draw(sketch, width))
        return _picture(path)

    async def _take_in(self, request: Request) -> Response:
        """Keep an editor's picture under its upload's id, and note its size."""
        upload, expiry = request.path_params["upload"], request.path_params["expiry"]
        signature = request.path_params["signature"]
        if not is_signed(upload, expiry, signature, now=self._clock(), key=self._signing_key):
            return _refusal(403, "UPLOAD_EXPIRED", "The address is not signed, or no longer.")
        data = await _body_of(request)
        try:
            async with self._drawing:
                stored, width, height = await asyncio.to_thread(normalize_picture, data)
            return await self._store(upload, stored, width, height)
        except PictureError as error:
            return _refusal(422, error.code, error.message)
        except ServiceUnavailableError as error:
            return JSONResponse({"error": error.message}, status_code=503)

    async def _store(self, upload: UUID, stored: bytes, width: int, height: int) -> Response:
        if self.database is None:
            return _not_found()
        # The row is locked by its update until the file is there, so that two senders cannot mix.
        async with self.database.writing() as session:
            if not await fill_upload(session, upload, width=width, height=height):
                return _refusal(409, "UPLOAD_DONE", "There is a picture already.")
            await asyncio.to_thread(_write, self._originals / f"{upload}.webp", stored)
        return JSONResponse({"width": width, "height": height}, status_code=201)

    def _draw(self, sketch: Sketch, width: int) -> bytes:
        size = (width, scaled_height(width, own_width=sketch.width, own_height=sketch.height))
        if sketch.upload_id is None:
            return draw_artwork(sketch.seed, sketch.name, size=size)
        return resize_picture((self._originals / f"{sketch.upload_id}.webp").read_bytes(), size=size)

    async def _answer_ad(self, request: Request) -> Response:
        try:
            design = UUID(request.path_params["creative"].removesuffix(".webp")).int % _AD_DESIGNS
        except ValueError:
            return _not_found()
        path = self._folder / "ads" / f"{design}.webp"
        if not await asyncio.to_thread(path.is_file):
            await self._keep(path, lambda: draw_artwork(design, "", size=_AD_SIZE_PX))
        return _picture(path)

    async def _keep(self, path: Path, draw: Callable[[], bytes]) -> None:
        """Draw the picture in a thread and put it in its place in one step, so that nobody reads half a file."""
        async with self._drawing:
            await asyncio.to_thread(_draw_to, path, draw)


async def _body_of(request: Request) -> bytes:
    """Return the body; of one that is too large for a picture only as much as says so."""
    body = bytearray()
    async for chunk in request.stream():
        body += chunk
        if len(body) > MOST_BYTES:
            break
    return bytes(body)


def _draw_to(path: Path, draw: Callable[[], bytes]) -> None:
    if path.is_file():
        return
    _write(path, draw())


def _write(path: Path, data: bytes) -> None:
    path.parent.mkdir(parents=True, exist_ok=True)
    partial = path.with_name(f".{path.name}.{uuid4().hex}")
    try:
        partial.write_bytes(data)
        os.replace(partial, path)  # noqa: PTH105  # the atomic one
    finally:
        partial.unlink(missing_ok=True)


def _picture(path: Path) -> Response:
    return FileResponse(path, media_type="image/webp", headers=_CACHE_HEADERS)


def _refusal(status: int, code: str, message: str) -> Response:
    return JSONResponse({"error": message, "code": code}, status_code=status)


def _not_found() -> Response:
    return JSONResponse({"error": "There is no such picture."}, status_code=404)
