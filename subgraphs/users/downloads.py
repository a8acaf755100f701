"""GET /exports/<id>: the file of a data export, for whoever has its signed link, until it expires."""

import asyncio
from uuid import UUID

import structlog
from starlette.requests import Request
from starlette.responses import PlainTextResponse, Response
from starlette.routing import Route

from subgraphs.shared.clock import Clock
from subgraphs.shared.ids import encode_id
from subgraphs.shared.postgres import Database
from subgraphs.users.models import AuditAction, ExportStatus
from subgraphs.users.repository import privacy
from subgraphs.users.service import audit
from subgraphs.users.service.privacy.exports import PATH, ExportFiles

_HEADERS = {
    "cache-control": "no-store",
    "x-content-type-options": "nosniff",
    "referrer-policy": "no-referrer",
    "content-security-policy": "sandbox; default-src 'none'",
}


class Downloads:
    """Serves export files while the subgraph runs."""

    def __init__(self, clock: Clock) -> None:
        self._clock = clock
        self._files: ExportFiles | None = None
        self._database: Database | None = None
        self.route = Route(f"{PATH}/{{export_id:uuid}}", self._answer)

    def hold(self, files: ExportFiles, database: Database) -> None:
        """Serve from these until `let_go`."""
        self._files, self._database = files, database

    def let_go(self) -> None:
        """Serve nothing any more."""
        self._files = self._database = None

    async def _answer(self, request: Request) -> Response:
        export_id: UUID = request.path_params["export_id"]
        if self._files is None or self._database is None:
            return PlainTextResponse("Not available.", status_code=503, headers=_HEADERS)
        link = {name: request.query_params.get(name, "") for name in ("expires", "signature")}
        if not self._files.admits(export_id, now=self._clock(), **link):
            # The same answer for a wrong, an expired and an unknown link: nothing is to be learnt from it.
            return _missing()
        content = await self._read(self._files, self._database, export_id)
        if content is None:
            return _missing()
        name = f"reelgraph-data-{str(export_id)[:8]}.json"
        headers = {**_HEADERS, "content-disposition": f'attachment; filename="{name}"'}
        return Response(content, media_type="application/json", headers=headers)

    async def _read(self, files: ExportFiles, database: Database, export_id: UUID) -> bytes | None:
        async with database.reading() as session:
            export = await privacy.export_by_id(session, export_id)
        if export is None or export.status is not ExportStatus.READY:
            return None
        content = await asyncio.to_thread(files.read, export_id)
        if content is not None:
            async with database.writing() as session:
                await audit.record(
                    session,
                    AuditAction.DATA_EXPORT_READ,
                    origin=audit.Origin(correlation_id=structlog.contextvars.get_contextvars().get("correlation_id")),
                    now=self._clock(),
                    subject=encode_id("User", export.user_id),
                )
        return content


def _missing() -> Response:
    return PlainTextResponse("There is no such file, or its link has expired.", status_code=404, headers=_HEADERS)
