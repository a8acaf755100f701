"""Names and sizes of drawn pictures: which widths there are, the path of each, and back again."""

import re
from dataclasses import dataclass
from uuid import UUID

from subgraphs.catalog.models import ImageRole

WIDTHS_PX = (160, 320, 480, 640, 960, 1280)
"""Widths that are drawn besides a picture's own: few, so that a stranger cannot fill the disk."""

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
