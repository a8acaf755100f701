"""Uploaded pictures, in drafts and of people: each must be there, and have a shape of its role."""

from collections.abc import Iterable, Iterator
from uuid import UUID

from subgraphs.catalog.errors import FieldRefusal
from subgraphs.catalog.models import ImageRole
from subgraphs.catalog.repository.uploads import sizes_of_uploads
from subgraphs.catalog.service.artwork import RATIOS, fits
from subgraphs.catalog.service.drafts import DraftImage, DraftSeason, TitleDraft
from subgraphs.shared.postgres import WriteSession

Sizes = dict[UUID, tuple[int, int]]


async def measure(session: WriteSession, drafts: Iterable[TitleDraft]) -> Sizes:
    """Return the sizes of the uploaded pictures of all drafts, in one statement; none where there are none."""
    wanted = {image.upload_id for draft in drafts for _, image in _pictures(draft) if image.upload_id is not None}
    return await sizes_of_uploads(session, wanted) if wanted else {}


def measured(draft: TitleDraft, sizes: Sizes) -> tuple[TitleDraft, list[FieldRefusal]]:
    """Return the draft with the sizes of its uploaded pictures, and what is wrong with them."""
    pictures = list(_pictures(draft))
    if all(image.upload_id is None for _, image in pictures):
        return draft, []
    refusals = [refusal for path, image in pictures if (refusal := _refusal(image, sizes, path))]
    changes = {
        "images": tuple(_sized(image, sizes) for image in draft.images),
        "seasons": tuple(_with_sizes(season, sizes) for season in draft.seasons),
    }
    return draft.model_copy(update=changes), refusals


def _pictures(draft: TitleDraft) -> Iterator[tuple[tuple[str, ...], DraftImage]]:
    """Yield every picture of the draft with its place."""
    for image in draft.images:
        yield ("images", image.role.value), image
    for season in draft.seasons:
        for episode in season.episodes:
            if episode.still is not None:
                yield ("seasons", str(season.number), "episodes", str(episode.number), "thumbnail"), episode.still


def _sized(image: DraftImage, sizes: Sizes) -> DraftImage:
    size = sizes.get(image.upload_id) if image.upload_id is not None else None
    return image if size is None else image.model_copy(update={"width": size[0], "height": size[1]})


def _with_sizes(season: DraftSeason, sizes: Sizes) -> DraftSeason:
    if all(episode.still is None for episode in season.episodes):
        return season
    episodes = tuple(
        episode.model_copy(update={"still": _sized(episode.still, sizes)}) if episode.still else episode
        for episode in season.episodes
    )
    return season.model_copy(update={"episodes": episodes})


def _refusal(image: DraftImage, sizes: Sizes, path: tuple[str, ...]) -> FieldRefusal | None:
    if image.upload_id is None:
        return None
    return picture_problem(image.role, sizes.get(image.upload_id), path)


def picture_problem(role: ImageRole, size: tuple[int, int] | None, path: tuple[str, ...]) -> FieldRefusal | None:
    """Return what is wrong with a picture of that width and height, None for one that nobody uploaded, in a role."""
    if size is None:
        return FieldRefusal("UNKNOWN_UPLOAD", "No picture was uploaded under this id.", path)
    if not fits(role, *size):
        shapes = " or ".join(ratio.value[1:].replace("_", ":") for ratio in RATIOS[role])
        article = "An" if role is ImageRole.AVATAR else "A"
        message = f"{article} {role.value.lower()} is {shapes}, and this is {size[0]}×{size[1]} pixels."
        return FieldRefusal("IMAGE_RATIO", message, path)
    return None
