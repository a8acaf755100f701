"""Uploaded pictures in drafts: each must be there, and have a shape of its role."""

from uuid import UUID

from subgraphs.catalog.errors import FieldRefusal
from subgraphs.catalog.repository.uploads import sizes_of_uploads
from subgraphs.catalog.service.artwork import RATIOS, fits
from subgraphs.catalog.service.drafts import DraftImage, TitleDraft
from subgraphs.shared.postgres import WriteSession


async def measured(session: WriteSession, draft: TitleDraft) -> tuple[TitleDraft, list[FieldRefusal]]:
    """Return the draft with the sizes of its uploaded pictures, and what is wrong with them."""
    wanted = {image.upload_id for image in draft.images if image.upload_id is not None}
    if not wanted:
        return draft, []
    sizes = await sizes_of_uploads(session, wanted)
    refusals = [refusal for image in draft.images if (refusal := _refusal(image, sizes))]
    images = tuple(
        image.model_copy(update=dict(zip(("width", "height"), sizes[image.upload_id], strict=True)))
        if image.upload_id in sizes
        else image
        for image in draft.images
    )
    return draft.model_copy(update={"images": images}), refusals


def _refusal(image: DraftImage, sizes: dict[UUID, tuple[int, int]]) -> FieldRefusal | None:
    if image.upload_id is None:
        return None
    size = sizes.get(image.upload_id)
    path = ("images", image.role.value)
    if size is None:
        return FieldRefusal("UNKNOWN_UPLOAD", "No picture was uploaded under this id.", path)
    if not fits(image.role, *size):
        shapes = " or ".join(ratio.value[1:].replace("_", ":") for ratio in RATIOS[image.role])
        message = f"A {image.role.value.lower()} is {shapes}, and this is {size[0]}×{size[1]} pixels."
        return FieldRefusal("IMAGE_RATIO", message, path)
    return None
