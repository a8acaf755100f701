"""The `@link` that the SDL of tests starts with."""

from __future__ import annotations

_NAMES = (
    *("@key", "@shareable", "@external", "@requires", "@provides"),
    *("@override", "@inaccessible", "@interfaceObject", "@extends"),
)


def linked(sdl: str) -> str:
    """Return the SDL as Federation 2 with every directive imported that the tests use."""
    names = ", ".join(f'"{name}"' for name in _NAMES)
    return f'extend schema @link(url: "https://specs.apollo.dev/federation/v2.5", import: [{names}])\n{sdl}'
