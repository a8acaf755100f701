"""Image: a picture of a title or an episode."""

from collections.abc import Sequence

import strawberry

from subgraphs.catalog.models import ImageRole
from subgraphs.catalog.repository.cards import ImageFacts
from subgraphs.catalog.service.artwork import ArtworkName, ImageRatio, drawn_width, ratio_of, scaled_height
from subgraphs.shared.graphql.kept import keeps_answers
from subgraphs.shared.graphql.scalars import URL


@keeps_answers()
@strawberry.type(description="A picture.")
class Image:
    url: URL = strawberry.field(description="Where the picture is; it never changes under the same address.")
    width: int = strawberry.field(description="Width in pixels.")
    height: int = strawberry.field(description="Height in pixels.")
    role: ImageRole = strawberry.field(description="Where the picture is meant to be shown.")
    ratio: ImageRatio = strawberry.field(description="Its shape, to the nearest of these.")
    alt: str | None = strawberry.field(description="What the picture shows, for people who cannot see it.")


def image_of(facts: ImageFacts, *, asked_width: int | None, alt: str, public_url: str) -> Image:
    """Return the picture in the drawn width next above the one asked for."""
    name = ArtworkName(facts.id, facts.role, drawn_width(asked_width, own_width=facts.width))
    width = name.width or facts.width
    return Image(
        url=URL(f"{public_url}/artwork/{name.file_name}"),
        width=width,
        height=scaled_height(width, own_width=facts.width, own_height=facts.height),
        role=facts.role,
        ratio=ratio_of(facts.width, facts.height),
        alt=alt,
    )


def still_of(images: Sequence[ImageFacts], *, asked_width: int | None, alt: str, public_url: str) -> Image | None:
    """Return the lying picture of a playable or an episode; None when it has none."""
    for facts in images:
        if facts.role in (ImageRole.STILL, ImageRole.THUMBNAIL):
            return image_of(facts, asked_width=asked_width, alt=alt, public_url=public_url)
    return None
