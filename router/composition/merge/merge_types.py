"""The type of a field or input in the supergraph, from the types that the subgraphs give it.

An output has to hold whatever any subgraph returns: the least common supertype. An input has to be accepted by every
subgraph: the most restrictive type.
"""

from collections.abc import Sequence

from router.composition.merged_model import MergedSchema
from router.composition.type_text import is_list, is_non_null, item_type, nullable


def merge_output_types(types: Sequence[str], schema: MergedSchema) -> str | None:
    """Return the narrowest of the types that holds all others, None when there is none.

    Nullability is merged level by level, so `[A!]` and `[A]!` give `[A]`.
    """
    distinct = list(dict.fromkeys(types))
    # Which type is the common one may only be known at the last: try each as the beginning.
    for _ in distinct:
        merged = _fold(distinct, schema)
        if merged is not None:
            return merged
        distinct = [*distinct[1:], distinct[0]]
    return None


def _fold(types: Sequence[str], schema: MergedSchema) -> str | None:
    merged: str | None = types[0]
    for other in types[1:]:
        merged = None if merged is None else _common_supertype(merged, other, schema)
    return merged


def _common_supertype(first: str, second: str, schema: MergedSchema) -> str | None:
    mark = "!" if is_non_null(first) and is_non_null(second) else ""
    first, second = nullable(first), nullable(second)
    if is_list(first) and is_list(second):
        inner = _common_supertype(item_type(first), item_type(second), schema)
        return None if inner is None else f"[{inner}]{mark}"
    if is_list(first) or is_list(second):
        return None
    if schema.is_subtype(second, first):
        return first + mark
    if schema.is_subtype(first, second):
        return second + mark
    return None


def is_output_subtype(candidate: str, of: str, schema: MergedSchema) -> bool:
    """Whether every value of the first type is also one of the second."""
    return _common_supertype(candidate, of, schema) == of


def merge_input_types(types: Sequence[str]) -> str | None:
    """Return the most restrictive of compatible input types, None when they are not compatible."""

    merged: str | None = types[0]
    for other in types[1:]:
        merged = None if merged is None else _common_subtype(merged, other)
    return merged


def _common_subtype(first: str, second: str) -> str | None:
    mark = "!" if is_non_null(first) or is_non_null(second) else ""
    first, second = nullable(first), nullable(second)
    if is_list(first) and is_list(second):
        inner = _common_subtype(item_type(first), item_type(second))
        return None if inner is None else f"[{inner}]{mark}"
    return first + mark if first == second else None
