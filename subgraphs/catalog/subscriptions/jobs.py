"""Jobs of the worker as they go on. Any editor may watch any job, as any may ask for it."""

from collections.abc import AsyncGenerator
from contextlib import aclosing
from typing import Annotated
from uuid import UUID

import strawberry

from subgraphs.catalog.repository import bulk, exporting, imports
from subgraphs.catalog.types import bulk as bulk_types
from subgraphs.catalog.types import exports as export_types
from subgraphs.catalog.types import imports as import_types
from subgraphs.catalog.types.bulk import BulkOperation
from subgraphs.catalog.types.editorial import ADMIN
from subgraphs.catalog.types.exports import CatalogExport
from subgraphs.catalog.types.imports import CatalogImport
from subgraphs.catalog.types.words import Info
from subgraphs.shared.ids import decode_id
from subgraphs.shared.job_news import watch
from subgraphs.shared.postgres import ReadSession

ImportId = Annotated[strawberry.ID, strawberry.argument(description="Id of an import.")]
ExportId = Annotated[strawberry.ID, strawberry.argument(description="Id of an export.")]
BulkId = Annotated[strawberry.ID, strawberry.argument(description="Id of a bulk operation.")]


@strawberry.type
class JobSubscriptions:
    @strawberry.federation.field(
        is_subscription=True,
        tags=ADMIN,
        requires_scopes=[["cms:read"]],
        description="An import as it is, and whenever it has come further; ends with it, at once where there is none.",
    )
    async def catalog_import_updated(self, info: Info, id: ImportId) -> AsyncGenerator[CatalogImport, None]:
        context, own = info.context, decode_id(id, import_types.TYPE_NAME).uuid
        changes = watch(context.feed, context.database, own, read=imports.import_by_id)
        async with aclosing(changes) as jobs:
            async for job in jobs:
                yield CatalogImport.of(job)

    @strawberry.federation.field(
        is_subscription=True,
        tags=ADMIN,
        requires_scopes=[["cms:read"]],
        description="An export as it is, and whenever it has come further; ends with it, at once where there is none.",
    )
    async def catalog_export_updated(self, info: Info, id: ExportId) -> AsyncGenerator[CatalogExport, None]:
        context, own = info.context, decode_id(id, export_types.TYPE_NAME).uuid
        changes = watch(context.feed, context.database, own, read=exporting.export_by_id)
        async with aclosing(changes) as jobs:
            async for job in jobs:
                yield CatalogExport.of(job)

    @strawberry.federation.field(
        is_subscription=True,
        tags=ADMIN,
        requires_scopes=[["cms:read"]],
        description="A bulk operation as it is, and whenever it has come further; ends with it, at once where there "
        "is none.",
    )
    async def bulk_operation_updated(self, info: Info, id: BulkId) -> AsyncGenerator[BulkOperation, None]:
        context, own = info.context, decode_id(id, bulk_types.TYPE_NAME).uuid
        changes = watch(
            context.feed,
            context.database,
            own,
            read=_read_operation,
            is_finished=lambda job: job[0].finished_at is not None,
        )
        async with aclosing(changes) as jobs:
            async for operation, counts in jobs:
                yield BulkOperation.of(operation, counts)


async def _read_operation(session: ReadSession, own: UUID) -> tuple[bulk.BulkOperation, bulk.BulkCounts] | None:
    operation = await bulk.operation_by_id(session, own)
    return (operation, await bulk.counts(session, own)) if operation else None
