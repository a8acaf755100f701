"""Names and sizes of pictures: which widths there are, the path of each, and back again; which shapes each role has."""

import re
from collections.abc import Mapping
from dataclasses import dataclass
from enum import Enum
from uuid import UUID

from subgraphs.catalog.models import ImageRole

WIDTHS_PX = (160, 320, 480, 640, 960, 1280)
"""Widths that are drawn besides a picture's own: few, so that a stranger cannot fill the disk."""


class ImageRatio(Enum):
    """The shape of a picture: width to height."""

    R16_9 = "R16_9"
    R4_3 = "R4_3"
    R2_3 = "R2_3"
    R1_1 = "R1_1"
    R12_5 = "R12_5"

    @property
    def value_of(self) -> float:
        """Width divided by height."""
        width, height = self.value[1:].split("_")
        return int(width) / int(height)


RATIOS: Mapping[ImageRole, tuple[ImageRatio, ...]] = {
    ImageRole.POSTER: (ImageRatio.R16_9, ImageRatio.R2_3),
    ImageRole.THUMBNAIL: (ImageRatio.R4_3, ImageRatio.R16_9),
    ImageRole.SPOTLIGHT: (ImageRatio.R12_5, ImageRatio.R16_9),
    ImageRole.STILL: (ImageRatio.R16_9, ImageRatio.R4_3),
    ImageRole.AVATAR: (ImageRatio.R1_1,),
}
"""Shapes that a picture of each role may have, the preferred one first."""

_RATIO_TOLERANCE = 0.01
"""Share by which a shape may be missed: whole pixels seldom meet it exactly."""

_NAME = re.compile(r"(?P<id>[0-9a-f-]{36})-(?P<role>[a-z]+)(-w(?P<width>\d{1,5}))?\.webp")


@dataclass(frozen=True, slots=True)
class ArtworkName:
    """A picture in one width; None is its own width."""

    image_id: UUID
    role: ImageRole
    width: int | None

    @property
    def file_name(self) -> str:
        """`<image id>-<role>[-w<width>].webp`."""
        suffix = "" if self.width is None else f"-w{self.width}"
        return f"{self.image_id}-{self.role.value.lower()}{suffix}.webp"


def ratio_of(width: int, height: int) -> ImageRatio:
    """Return the shape that is nearest."""
    return min(ImageRatio, key=lambda ratio: abs(width / height / ratio.value_of - 1))


def fits(role: ImageRole, width: int, height: int) -> bool:
    """Return whether a picture of that size has a shape of the role, to one part in a hundred."""
    return any(abs(width / height / ratio.value_of - 1) <= _RATIO_TOLERANCE for ratio in RATIOS[role])


def drawn_width(asked: int | None, *, own_width: int) -> int | None:
    """Return the smallest drawn width that is at least the one asked for; None for the picture's own."""
    if asked is None:
        return None
    return next((width for width in WIDTHS_PX if asked <= width < own_width), None)


def scaled_height(width: int, *, own_width: int, own_height: int) -> int:
    """Return the height in pixels that keeps the picture's shape."""
    return max(1, round(own_height * width / own_width))


def parse_artwork_name(file_name: str) -> ArtworkName | None:
    """Return what a file name asks for; None for a name or width that is never given out."""
    match = _NAME.fullmatch(file_name)
    if match is None:
        return None
    width = int(match["width"]) if match["width"] else None
    if width is not None and width not in WIDTHS_PX:
        return None
    try:
        return ArtworkName(UUID(match["id"]), ImageRole(match["role"].upper()), width)
    except ValueError:
        return None
