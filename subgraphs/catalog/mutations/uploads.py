"""Places for pictures. The bytes themselves come over plain HTTP: see artwork."""

import strawberry

from subgraphs.catalog.mutations.steps import editor_of
from subgraphs.catalog.service.uploads import MOST_UPLOAD_BYTES, open_upload
from subgraphs.catalog.types.drafts import UPLOAD
from subgraphs.catalog.types.editorial import ADMIN
from subgraphs.catalog.types.upload import ImageUpload
from subgraphs.catalog.types.words import Info
from subgraphs.shared.graphql.scalars import URL
from subgraphs.shared.ids import encode_id


@strawberry.type
class UploadMutations:
    @strawberry.federation.mutation(
        tags=ADMIN, requires_scopes=[["cms:edit"]], description="Make a place to which a picture can be uploaded."
    )
    async def image_upload_create(self, info: Info) -> ImageUpload:
        context = info.context
        async with context.database.writing() as session:
            ticket = await open_upload(session, editor_of(context), now=context.now, key=context.signing_key)
        return ImageUpload(
            id=strawberry.ID(encode_id(UPLOAD, ticket.id)),
            url=URL(f"{context.public_url}{ticket.path}"),
            expires_at=ticket.expires_at,
            max_bytes=MOST_UPLOAD_BYTES,
        )
