"""Files of titles: places for them, and taking them in. The bytes themselves come over plain HTTP: see intake."""

from typing import Annotated

import strawberry

from subgraphs.catalog.errors import EditorialError
from subgraphs.catalog.mutations.steps import editor_of, user_errors
from subgraphs.catalog.service.import_uploads import open_place
from subgraphs.catalog.service.imports import MOST_FILE_BYTES, SCOPE, ImportRequest, request_import
from subgraphs.catalog.types.editorial import ADMIN
from subgraphs.catalog.types.imports import (
    UPLOAD,
    CatalogImport,
    CatalogImportInput,
    CatalogImportPayload,
    ImportUpload,
)
from subgraphs.catalog.types.words import Info
from subgraphs.shared.graphql.scalars import URL
from subgraphs.shared.ids import decode_id, encode_id

File = Annotated[CatalogImportInput, strawberry.argument(description="The file, and what to do with it.")]


@strawberry.type
class ImportMutations:
    @strawberry.federation.mutation(
        tags=ADMIN, requires_scopes=[[SCOPE]], description="Make a place to which a file of titles can be sent."
    )
    async def import_upload_create(self, info: Info) -> ImportUpload:
        context = info.context
        async with context.database.writing() as session:
            ticket = await open_place(session, editor_of(context), now=context.now, key=context.signing_key)
        return ImportUpload(
            id=strawberry.ID(encode_id(UPLOAD, ticket.id)),
            url=URL(f"{context.public_url}{ticket.path}"),
            expires_at=ticket.expires_at,
            max_bytes=MOST_FILE_BYTES,
        )

    @strawberry.federation.mutation(
        tags=ADMIN,
        requires_scopes=[[SCOPE]],
        description="Take a file of titles into the catalogue, or say what that would change. The worker does it; ask "
        "`cmsImport` how far it has come, or subscribe to `catalogImportUpdated`.",
    )
    async def catalog_import(self, info: Info, input: File) -> CatalogImportPayload:
        context = info.context
        request = ImportRequest(
            editor=editor_of(context),
            upload_id=decode_id(input.upload_id, UPLOAD).uuid,
            format=input.format,
            dry_run=input.dry_run,
            idempotency_key=str(input.idempotency_key),
            now=context.now,
        )
        try:
            async with context.database.writing() as session:
                job = await request_import(session, request)
        except EditorialError as error:
            return CatalogImportPayload(catalog_import=None, errors=user_errors(error))
        return CatalogImportPayload(catalog_import=CatalogImport.of(job), errors=[])
