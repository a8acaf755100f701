"""The errors of one response: where they came from, what of them a client may read, and which nulls they explain."""

from collections.abc import Iterable, Mapping, Sequence
from typing import Any

PathKey = str | int
ResponsePath = tuple[PathKey, ...]

# Generated code builds paths as linked pairs: a pair costs less than a new tuple per object.
LinkedPath = tuple["LinkedPath", PathKey] | None

INTERNAL = "INTERNAL"
INTERNAL_MESSAGE = "Something went wrong on our side. Please quote the correlation id when you report it."
INVALID_DATA = "SERVICE_INVALID_DATA"

# One broken subgraph under a long list must not make the response many times its size.
MAX_ERRORS = 500


class ResponseErrors:
    """Collects errors in the order they were found.

    Coverage: a null that an error already explains gets no second error. An error explains the nulls at its own
    path, below it (nothing arrived there) and above it (a subgraph nulled its parents already).

    Args:
        denial: Code and message where the viewer may not read something.
    """

    def __init__(self, *, denial: tuple[str, str] = ("", "")) -> None:
        self._denial_code, self._denial_message = denial
        self.formatted: list[dict[str, Any]] = []
        self._paths: set[ResponsePath] = set()
        self._prefixes: set[ResponsePath] = set()

    def add(
        self, message: str, *, code: str, path: ResponsePath | None, extensions: Mapping[str, Any] | None = None
    ) -> None:
        """Record one error. Beyond `MAX_ERRORS` only its coverage is kept."""
        if path is not None:
            self._cover(path)
        if len(self.formatted) >= MAX_ERRORS:
            return
        error: dict[str, Any] = {"message": message}
        if path is not None:
            error["path"] = list(path)
        error["extensions"] = {**(extensions or {}), "code": code}
        self.formatted.append(error)

    def covers(self, path: ResponsePath) -> bool:
        """Return whether an error at, above or below `path` was recorded."""
        if not self._paths:
            return False
        return path in self._prefixes or any(path[:length] in self._paths for length in range(len(path) + 1))

    def seen_in(self, data: Mapping[str, Any] | None) -> list[dict[str, Any]]:
        """Return the errors but for those at fields that the client did not ask of the object there.

        What is wanted for one type of an interface object is read before its type is known, so that it may fail for
        objects of another type.
        """
        return [error for error in self.formatted if _is_seen(error.get("path", ()), data)]

    # Called by generated projection code, where data does not fit the API schema.

    def null(self, path: LinkedPath, coordinate: str) -> None:
        """Record that the non-nullable field `coordinate` holds nothing at `path`, unless that is explained."""
        where = unlink(path)
        if not self.covers(where):
            self.add(f"Cannot return null for non-nullable field {coordinate}.", code=INVALID_DATA, path=where)

    def unfit(self, value: object, path: LinkedPath, coordinate: str, expected: str) -> None:
        """Record that `value` is not the nullable `expected`. None is, and the value itself is never shown."""
        if value is not None:
            self.add(f"{coordinate} did not resolve to {expected}.", code=INVALID_DATA, path=unlink(path))

    def unfit_non_null(self, value: object, path: LinkedPath, coordinate: str, expected: str) -> None:
        """Record that `value` is not the non-nullable `expected`."""
        if value is None:
            self.null(path, coordinate)
        else:
            self.unfit(value, path, coordinate, expected)

    def unknown_type(self, path: LinkedPath, coordinate: str, abstract: str) -> None:
        """Record an object whose runtime type the API schema does not have, unless that is explained."""
        where = unlink(path)
        if not self.covers(where):
            self.add(f"{coordinate} did not resolve to a type of {abstract}.", code=INVALID_DATA, path=where)

    def denied(self, path: LinkedPath, coordinate: str) -> None:
        """Record a field or object that the viewer may not read."""
        message = self._denial_message.format(coordinate=coordinate)
        self.add(message, code=self._denial_code, path=unlink(path))

    def _cover(self, path: ResponsePath) -> None:
        self._paths.add(path)
        self._prefixes.update(path[:length] for length in range(len(path) + 1))


def unlink(path: LinkedPath) -> ResponsePath:
    """Return a linked path as a tuple, outermost key first."""
    keys: list[PathKey] = []
    while path is not None:
        path, key = path
        keys.append(key)
    return tuple(reversed(keys))


def _is_seen(path: Sequence[PathKey], value: Any) -> bool:
    """Whether a path leads to a place in the data, or to a null that hides it."""
    for key in path:
        if isinstance(value, dict):
            if key not in value:
                return False
            value = value[key]
        elif isinstance(value, list) and isinstance(key, int) and 0 <= key < len(value):
            value = value[key]
        else:
            return True
    return True


def code_of(extensions: object) -> str | None:
    """Return `extensions.code` if it is a usable string."""
    if isinstance(extensions, Mapping):
        code = extensions.get("code")
        if isinstance(code, str) and code:
            return code
    return None


def as_path(raw: object) -> ResponsePath | None:
    """Return a path as a subgraph sent it, or None if it is none."""
    if isinstance(raw, Sequence) and not isinstance(raw, str) and _are_keys(raw):
        return tuple(raw)
    return None


def _are_keys(keys: Iterable[object]) -> bool:
    return all(isinstance(key, str | int) and not isinstance(key, bool) for key in keys)
