"""Catalogues of others for one machine: three files of invented offers, which the worker reads as it would a partner's.

Some of the films are those of the demo catalogue: the same number of the studio is on both (`studio_number`).
"""

from pathlib import Path

_FOLDER = Path(__file__).parent
_NAMES = ("netflix", "prime", "cinema-nova")
STUDIO = "studio"
"""The scheme of the numbers."""


def studio_number(movie: int) -> str:
    """Return the number that the studio gave to a movie of the demo catalogue."""
    return f"RG-{movie:04}"


def partner_catalogues() -> list[dict[str, str]]:
    """Return what EXTERNAL_CATALOGUES says of them."""
    return [{"name": name, "adapter": "jsonl", "url": (_FOLDER / f"{name}.jsonl").as_uri()} for name in _NAMES]
