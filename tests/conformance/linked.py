"""The `@link` that the SDL of tests starts with."""

from __future__ import annotations

_NAMES = (
    *("@key", "@shareable", "@external", "@requires", "@provides"),
    *("@override", "@inaccessible", "@interfaceObject", "@extends"),
)


_CONTEXT_NAMES = ("@context", "@fromContext")


def linked(sdl: str) -> str:
    """Return the SDL as Federation 2 with every directive imported that the tests use."""
    version, used = ("v2.8", (*_NAMES, *_CONTEXT_NAMES)) if "@context" in sdl else ("v2.5", _NAMES)
    names = ", ".join(f'"{name}"' for name in used)
    return f'extend schema @link(url: "https://specs.apollo.dev/federation/{version}", import: [{names}])\n{sdl}'
