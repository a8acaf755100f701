"""`PUT /uploads/…` over HTTP: parts of files into the local object store.

An address names its upload, part and size, is signed, and holds until its upload ends. A part may come again; the last
one that came whole counts. Bytes go to disk as they come, never more than were promised.
"""

import asyncio
from collections.abc import AsyncGenerator
from contextlib import aclosing

from starlette.requests import ClientDisconnect, Request
from starlette.responses import JSONResponse, Response
from starlette.routing import Route

from media.storage import PART_PATH, LocalStore, Part, PartAddress, Receiving, UploadGoneError
from subgraphs.playback.repository.uploads import upload_by_id
from subgraphs.playback.service.signatures import LONGEST_BEGINNING, fits
from subgraphs.shared.clock import Clock
from subgraphs.shared.errors import ServiceUnavailableError
from subgraphs.shared.postgres import Database

SILENCE_SECONDS = 30.0
"""How long a sender may send nothing."""
LONGEST_SECONDS = 1800.0
"""How long a part may take in all."""

_WRITE_BYTES = 1024 * 1024
# Editors' pages of other origins may send, and read what they need for uploadComplete. The address is the permission.
_OPEN_TO_ALL_ORIGINS = {
    "access-control-allow-origin": "*",
    "access-control-allow-methods": "PUT",
    "access-control-allow-headers": "content-type",
    "access-control-expose-headers": "etag",
    "cache-control": "no-store",
}


class _RefusedError(Exception):
    def __init__(self, status: int, code: str, message: str) -> None:
        super().__init__(message)
        self.status = status
        self.code = code


class PartRoutes:
    """The route. `database` is set while the subgraph runs."""

    def __init__(self, store: LocalStore, *, clock: Clock) -> None:
        self.database: Database | None = None
        self._store = store
        self._clock = clock
        path = f"{PART_PATH}/{{upload:uuid}}/{{number:int}}/{{size:int}}/{{expiry:int}}/{{signature}}"
        self.routes = [Route(path, self._answer, methods=["PUT", "OPTIONS"])]

    async def _answer(self, request: Request) -> Response:
        if request.method == "OPTIONS":  # a browser asks whether a page of another origin may
            return Response(status_code=204, headers=_OPEN_TO_ALL_ORIGINS)
        try:
            part = await self._take_in(request)
        except _RefusedError as error:
            refusal = {"error": str(error), "code": error.code}
            return JSONResponse(refusal, status_code=error.status, headers=_OPEN_TO_ALL_ORIGINS)
        body = {"number": part.number, "bytes": part.size_bytes, "etag": part.etag}
        return JSONResponse(body, headers={**_OPEN_TO_ALL_ORIGINS, "etag": f'"{part.etag}"'})

    async def _take_in(self, request: Request) -> Part:
        given = request.path_params
        address = PartAddress(str(given["upload"]), given["number"], given["size"], given["expiry"])
        if not self._store.is_signed(address, given["signature"], now=self._clock()):
            raise _RefusedError(403, "UPLOAD_EXPIRED", "The address is not signed, or no longer.")
        promised = request.headers.get("content-length")
        if promised is not None and promised != str(address.size_bytes):
            raise _wrong_size(address)
        content_type = await self._content_type(request)
        try:
            receiving = await asyncio.to_thread(self._store.receive, address.upload, address.number)
            with receiving:
                await _receive(request, receiving, address, content_type=content_type)
                return await asyncio.to_thread(receiving.keep)
        except UploadGoneError as error:
            raise _RefusedError(409, "UPLOAD_DONE", "The upload takes no more parts.") from error
        except (ClientDisconnect, TimeoutError) as error:
            raise _RefusedError(408, "PART_INCOMPLETE", "The part did not come to its end.") from error
        except OSError as error:
            raise _RefusedError(503, "UNAVAILABLE", "The part could not be stored.") from error

    async def _content_type(self, request: Request) -> str:
        """Return what the upload is to be."""
        if self.database is None:
            raise _RefusedError(503, "UNAVAILABLE", "Playback does not run.")
        try:
            async with self.database.reading() as session:
                upload = await upload_by_id(session, request.path_params["upload"])
        except ServiceUnavailableError as error:
            raise _RefusedError(503, "UNAVAILABLE", error.message) from error
        if upload is None or upload.completed_at is not None:
            raise _RefusedError(409, "UPLOAD_DONE", "The upload takes no more parts.")
        return upload.content_type


async def _receive(request: Request, receiving: Receiving, address: PartAddress, *, content_type: str) -> None:
    """Write the body, and look at its beginning, which says what kind of file it is."""
    size, waiting, is_looked_at = 0, bytearray(), address.number != 1
    async with asyncio.timeout(LONGEST_SECONDS), aclosing(request.stream()) as chunks:
        while (chunk := await _next(chunks)) is not None:
            size += len(chunk)
            if size > address.size_bytes:
                raise _wrong_size(address)
            waiting += chunk
            if len(waiting) < _WRITE_BYTES:
                continue
            if not is_looked_at:
                _check_beginning(waiting, content_type)
                is_looked_at = True
            await asyncio.to_thread(receiving.write, bytes(waiting))
            waiting.clear()
    if size != address.size_bytes:
        raise _wrong_size(address)
    if not is_looked_at:
        _check_beginning(waiting, content_type)
    await asyncio.to_thread(receiving.write, bytes(waiting))


async def _next(chunks: AsyncGenerator[bytes, None]) -> bytes | None:
    async with asyncio.timeout(SILENCE_SECONDS):
        return await anext(chunks, None)


def _check_beginning(data: bytearray, content_type: str) -> None:
    if not fits(bytes(data[:LONGEST_BEGINNING]), content_type):
        raise _RefusedError(415, "CONTENT_MISMATCH", f"The file does not begin as {content_type} does.")


def _wrong_size(address: PartAddress) -> _RefusedError:
    return _RefusedError(413, "PART_SIZE", f"Part {address.number} has exactly {address.size_bytes:,} bytes.")
