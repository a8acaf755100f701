"""Merges replies into the response tree.

Objects merge key by key, lists of equal length by position, something wins over null, and otherwise what came first
stays. Data of the wrong shape never raise here: the projection complains about them.
"""

from typing import Any

import msgspec


def merge_object(target: dict[str, Any], source: dict[str, Any], *, copy: bool) -> None:
    """Merge `source` into `target`.

    Args:
        copy: Give `target` copies of the objects and lists of `source`. Needed when the same source is merged into
            several places and a later reply may add to one of them.
    """
    for key, value in source.items():
        present = target.get(key)
        if present is None:
            target[key] = copied(value) if copy else value
        elif present.__class__ is dict and value.__class__ is dict:
            merge_object(present, value, copy=copy)
        elif present.__class__ is list and value.__class__ is list:
            _merge_list(present, value, copy=copy)


def _merge_list(target: list[Any], source: list[Any], *, copy: bool) -> None:
    if len(target) != len(source):
        return
    for index, value in enumerate(source):
        present = target[index]
        if present is None:
            target[index] = copied(value) if copy else value
        elif present.__class__ is dict and value.__class__ is dict:
            merge_object(present, value, copy=copy)
        elif present.__class__ is list and value.__class__ is list:
            _merge_list(present, value, copy=copy)


def copied(value: Any) -> Any:
    """Return a copy of a JSON value that shares no object or list with it."""
    if value.__class__ is dict:
        return {key: copied(inner) for key, inner in value.items()}
    if value.__class__ is list:
        return [copied(inner) for inner in value]
    if isinstance(value, msgspec.Struct):
        return value.__class__(**{name: copied(getattr(value, name)) for name in value.__struct_fields__})
    return value
