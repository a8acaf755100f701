"""VideoAsset, of which playback has all but the id."""

from typing import Self
from uuid import UUID

import strawberry
from strawberry.federation.schema_directives import Key
from strawberry.federation.types import FieldSet

from subgraphs.catalog.service.videos import VIDEO
from subgraphs.shared.ids import encode_id


@strawberry.federation.type(
    keys=[Key(fields=FieldSet("id"), resolvable=False)],
    tags=["admin"],
    description="A film as it was sent and encoded. Who may read media sees it; else null.",
)
class VideoAsset:
    id: strawberry.ID = strawberry.field(
        description="Opaque global id, for `TitleInput.videoAssetId` and `EpisodeInput.videoAssetId`."
    )

    @classmethod
    def of(cls, own: UUID | None) -> Self | None:
        """Return the film; None for none."""
        return None if own is None else cls(id=strawberry.ID(encode_id(VIDEO, own)))
