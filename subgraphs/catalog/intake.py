"""`/imports/…` over HTTP: the addresses to which editors send files of titles. What becomes of them is in
service/imports.
"""

import asyncio
import hashlib
from pathlib import Path
from typing import IO
from uuid import UUID, uuid4

from starlette.requests import ClientDisconnect, Request
from starlette.responses import JSONResponse, Response
from starlette.routing import Route

from subgraphs.catalog.repository.imports import fill_upload
from subgraphs.catalog.service.import_uploads import PATH, is_signed
from subgraphs.catalog.service.imports import MOST_FILE_BYTES, folder_of
from subgraphs.shared.clock import Clock
from subgraphs.shared.errors import ServiceUnavailableError
from subgraphs.shared.postgres import Database

_WRITE_BYTES = 1024 * 1024


class IntakeRoutes:
    """The route, and the folder in which files are kept. `database` is set while the subgraph runs."""

    def __init__(self, objects_dir: Path, *, signing_key: str, clock: Clock) -> None:
        self.database: Database | None = None
        self._folder = folder_of(objects_dir)
        self._signing_key = signing_key
        self._clock = clock
        self.routes = [Route(f"{PATH}/{{upload:uuid}}/{{expiry:int}}/{{signature}}", self._take_in, methods=["PUT"])]

    async def _take_in(self, request: Request) -> Response:
        """Keep the file under its upload's id, complete or not at all, and note its size and digest."""
        upload, expiry = request.path_params["upload"], request.path_params["expiry"]
        signature = request.path_params["signature"]
        if not is_signed(upload, expiry, signature, now=self._clock(), key=self._signing_key):
            return _refusal(403, "UPLOAD_EXPIRED", "The address is not signed, or no longer.")
        self._folder.mkdir(mode=0o700, parents=True, exist_ok=True)
        partial = self._folder / f".{upload}.{uuid4().hex}"
        try:
            size, digest = await _receive(request, partial)
            if not 0 < size <= MOST_FILE_BYTES:
                code, status = ("FILE_EMPTY", 422) if size == 0 else ("FILE_TOO_LARGE", 413)
                return _refusal(status, code, f"A file has 1 to {MOST_FILE_BYTES:,} bytes.")
            return await self._store(upload, partial, size=size, digest=digest)
        except ClientDisconnect:
            return _refusal(400, "FILE_DAMAGED", "The file did not come to its end.")
        except ServiceUnavailableError as error:
            return JSONResponse({"error": error.message}, status_code=503)
        finally:
            await asyncio.to_thread(partial.unlink, missing_ok=True)

    async def _store(self, upload: UUID, partial: Path, *, size: int, digest: str) -> Response:
        if self.database is None:
            return _refusal(503, "UNAVAILABLE", "The catalog does not run.")
        # The row is locked by its update until the file is there, so that two senders cannot mix.
        async with self.database.writing() as session:
            if not await fill_upload(session, upload, size_bytes=size, digest=digest):
                return _refusal(409, "UPLOAD_DONE", "There is a file already.")
            await asyncio.to_thread(partial.replace, self._folder / str(upload))
        return JSONResponse({"bytes": size, "sha256": digest}, status_code=201)


async def _receive(request: Request, path: Path) -> tuple[int, str]:
    """Write the body to the file and return its size and SHA-256; of one that is too large only a part is read."""
    size, digest, waiting = 0, hashlib.sha256(), bytearray()
    with await asyncio.to_thread(path.open, "xb") as file:
        async for chunk in request.stream():
            size += len(chunk)
            if size > MOST_FILE_BYTES:
                break
            waiting += chunk
            if len(waiting) >= _WRITE_BYTES:
                await asyncio.to_thread(_write, file, digest, bytes(waiting))
                waiting.clear()
        await asyncio.to_thread(_write, file, digest, bytes(waiting))
    return size, digest.hexdigest()


def _write(file: IO[bytes], digest: "hashlib._Hash", data: bytes) -> None:
    file.write(data)
    digest.update(data)


def _refusal(status: int, code: str, message: str) -> Response:
    return JSONResponse({"error": message, "code": code}, status_code=status)
