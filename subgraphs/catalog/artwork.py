"""`/artwork/…` over HTTP: pictures of the catalogue and of ad creatives, drawn on first request and kept as files.

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
from subgraphs.catalog.repository.artwork import Sketch, sketch_of
from subgraphs.catalog.service.artwork import parse_artwork_name, scaled_height
from subgraphs.shared.errors import ServiceUnavailableError
from subgraphs.shared.postgres import Database

_CACHE_HEADERS = {"cache-control": "public, max-age=31536000, immutable"}
_DRAWN_AT_ONCE = 2
_AD_DESIGNS = 256
"""Ad creatives are not known here, so any id is answered, each with one of so many pictures: the disk stays bounded."""
_AD_SIZE_PX = (800, 450)


class ArtworkRoutes:
    """The routes, and the folder in which pictures are kept. `database` is set while the subgraph runs."""

    def __init__(self, objects_dir: Path) -> None:
        self.database: Database | None = None
        self._folder = objects_dir / "artwork"
        self._drawing = asyncio.Semaphore(_DRAWN_AT_ONCE)
        self.routes = [
            Route("/artwork/ads/{creative}", self._answer_ad),
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
            await self._keep(path, lambda: _draw(sketch, width))
        return _picture(path)

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


def _draw(sketch: Sketch, width: int) -> bytes:
    height = scaled_height(width, own_width=sketch.width, own_height=sketch.height)
    return draw_artwork(sketch.seed, sketch.name, size=(width, height))


def _draw_to(path: Path, draw: Callable[[], bytes]) -> None:
    if path.is_file():
        return
    path.parent.mkdir(parents=True, exist_ok=True)
    partial = path.with_name(f".{path.name}.{uuid4().hex}")
    try:
        partial.write_bytes(draw())
        os.replace(partial, path)  # noqa: PTH105  # the atomic one
    finally:
        partial.unlink(missing_ok=True)


def _picture(path: Path) -> Response:
    return FileResponse(path, media_type="image/webp", headers=_CACHE_HEADERS)


def _not_found() -> Response:
    return JSONResponse({"error": "There is no such picture."}, status_code=404)
