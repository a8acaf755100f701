"""Exports that editors ask for. The worker makes the files."""

from typing import Annotated

import strawberry

from subgraphs.catalog.errors import EditorialError
from subgraphs.catalog.mutations.steps import editor_of, user_errors
from subgraphs.catalog.service.exports import SCOPE, ExportRequest, request_export
from subgraphs.catalog.types.editorial import ADMIN
from subgraphs.catalog.types.exports import CatalogExport, CatalogExportInput, CatalogExportPayload
from subgraphs.catalog.types.words import Info

What = Annotated[CatalogExportInput, strawberry.argument(description="What to export.")]


@strawberry.type
class ExportMutations:
    @strawberry.federation.mutation(
        tags=ADMIN,
        requires_scopes=[[SCOPE]],
        description="Have the published titles written into a file. The worker does it; ask `cmsExport` how far it has "
        "come and where the file is, or subscribe to `catalogExportUpdated`. Of one editor, three at most may be "
        "unfinished; another is refused as TOO_MANY_EXPORTS.",
    )
    async def catalog_export(self, info: Info, input: What) -> CatalogExportPayload:
        context = info.context
        request = ExportRequest(
            editor=editor_of(context),
            format=input.format.as_import,
            idempotency_key=str(input.idempotency_key),
            now=context.now,
        )
        try:
            async with context.database.writing() as session:
                job = await request_export(session, request)
        except EditorialError as error:
            return CatalogExportPayload(catalog_export=None, errors=user_errors(error))
        return CatalogExportPayload(catalog_export=CatalogExport.of(job), errors=[])
