"""Joins what several fields need of one object into one representation."""

from __future__ import annotations

from collections.abc import Iterable

from router.planning.plan import RepresentationField


def conflict(one: RepresentationField, other: RepresentationField) -> bool:
    """Whether two values cannot stand in one representation: they have one name but are read from different places.

    That is so if two fields require the same field with different arguments.
    """
    if one.name != other.name or (one.types and other.types and not set(one.types) & set(other.types)):
        return False
    if one.key != other.key:
        return True
    return any(conflict(inner, against) for inner in one.fields or () for against in other.fields or ())


def join_values(values: Iterable[RepresentationField]) -> list[RepresentationField]:
    """Return the values with those of the same place joined: of an object, everything that any of them needs."""
    joined: dict[tuple[str, str, tuple[str, ...] | None], RepresentationField] = {}
    for value in values:
        identity = (value.name, value.key, value.types)
        known = joined.get(identity)
        if known is None:
            joined[identity] = value
            continue
        fields = known.fields
        if known.fields is not None and value.fields is not None:
            fields = tuple(join_values((*known.fields, *value.fields)))
        joined[identity] = RepresentationField(
            value.name, value.key, fields=fields, types=value.types, is_key=known.is_key or value.is_key
        )
    return list(joined.values())
