"""ImageUpload: a place to which an editor sends a picture."""

from datetime import datetime

import strawberry

from subgraphs.catalog.types.editorial import ADMIN
from subgraphs.shared.graphql.scalars import URL


@strawberry.federation.type(tags=ADMIN, description="A place for one picture. Send its bytes to `url`, then name `id`.")
class ImageUpload:
    id: strawberry.ID = strawberry.field(description="Opaque id, for the `uploadId` of what is to show it.")
    url: URL = strawberry.field(
        description="Where to PUT the bytes of a JPEG, PNG or WebP file. The answer is 201 with its size, or an error "
        "with a `code`: IMAGE_TYPE, IMAGE_SIZE, IMAGE_DAMAGED, UPLOAD_EXPIRED, UPLOAD_DONE."
    )
    expires_at: datetime = strawberry.field(description="When the address stops taking a picture.")
    max_bytes: int = strawberry.field(description="Largest file that it takes.")
