"""Jobs of the worker that editors watch: imports and exports."""

from typing import Annotated
from uuid import UUID

import strawberry

from subgraphs.catalog.repository import exporting, imports
from subgraphs.catalog.types import exports as export_types
from subgraphs.catalog.types import imports as types
from subgraphs.catalog.types.editorial import ADMIN
from subgraphs.catalog.types.exports import CatalogExport
from subgraphs.catalog.types.imports import CatalogImport, CatalogImportConnection, CatalogImportEdge
from subgraphs.catalog.types.words import Info
from subgraphs.shared.graphql.pagination import (
    After,
    First,
    check_page_size,
    cursor_moment,
    decode_cursor,
    encode_cursor,
    make_page,
)
from subgraphs.shared.ids import decode_id

ImportId = Annotated[strawberry.ID, strawberry.argument(description="Id of an import.")]
ExportId = Annotated[strawberry.ID, strawberry.argument(description="Id of an export.")]
Feed = Annotated[str | None, strawberry.argument(description="Only those of the feed of this name.")]


@strawberry.type
class JobQueries:
    @strawberry.federation.field(
        tags=ADMIN,
        requires_scopes=[["cms:read"]],
        description="An import and how far it has come. Null when there is none.",
    )
    async def cms_import(self, info: Info, id: ImportId) -> CatalogImport | None:
        own = decode_id(id, types.TYPE_NAME).uuid
        async with info.context.database.reading() as session:
            row = await imports.import_by_id(session, own)
        return CatalogImport.of(row) if row else None

    @strawberry.federation.field(
        tags=ADMIN,
        requires_scopes=[["cms:read"]],
        description="An export, how far it has come, and where its file is. Null when there is none.",
    )
    async def cms_export(self, info: Info, id: ExportId) -> CatalogExport | None:
        own = decode_id(id, export_types.TYPE_NAME).uuid
        async with info.context.database.reading() as session:
            row = await exporting.export_by_id(session, own)
        return CatalogExport.of(row) if row else None

    @strawberry.federation.field(
        tags=ADMIN, requires_scopes=[["cms:read"]], description="Imports of editors and feeds, newest first."
    )
    async def cms_imports(
        self, info: Info, feed: Feed = None, first: First = 20, after: After = None
    ) -> CatalogImportConnection | None:
        key = decode_cursor(after, "cmsImports", cursor_moment, UUID)
        async with info.context.database.reading() as session:
            rows = await imports.imports_page(
                session, feed=feed, limit=check_page_size(first) + 1, after=(key[0], key[1]) if key else None
            )
        page = make_page(
            rows, first, lambda row: encode_cursor("cmsImports", row.created_at.isoformat(), str(row.id)), after=after
        )
        return CatalogImportConnection(
            edges=[
                CatalogImportEdge(cursor=cursor, node=CatalogImport.of(row))
                for row, cursor in zip(page.rows, page.cursors, strict=True)
            ],
            page_info=page.page_info,
        )
