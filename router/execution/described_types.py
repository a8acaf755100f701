"""Types of JSON values as descriptions, and the decoders that msgspec makes of them.

Types are large and hold themselves in circles. So they are described first, by tuples, which can be compared and
forgotten; classes are made where a decoder is really wanted, once for all operations that want the same.
"""

import gc
from collections.abc import Mapping
from functools import lru_cache
from types import GenericAlias
from typing import Annotated, Any, Literal, Optional, TypedDict

import msgspec
from graphql import GraphQLEnumType, GraphQLLeafType, GraphQLList, GraphQLNonNull, GraphQLOutputType

from router.execution.projection import GREATEST_INT, LEAST_INT
from router.execution.transport import ReplyDecoder

# A value of a scalar that only its service knows, when it must not be null.
_SOMETHING: Any = bool | int | float | str | list[Any] | dict[str, Any]
_LEAF_TYPES: dict[str, Any] = {
    "String": str,
    "ID": str,
    "Boolean": bool,
    "Float": int | float,
    "Int": Annotated[int, msgspec.Meta(ge=LEAST_INT, le=GREATEST_INT)],
}

_MOST_DECODERS = 256
_MOST_TYPES = 512
_CLASSES_PER_COLLECTION = 1_000

Described = tuple[Any, ...]
"""A type, as something that can be compared: its kind, and what that needs."""

ANYTHING: Described = ("leaf", Any)
TYPE_NAME: Described = ("name of the type",)

_made_classes: list[str] = []


def wrapped(type_: GraphQLOutputType, inner: Described | GraphQLLeafType) -> Described:
    """Return the type of a value whose innermost one, a leaf or an object, is given."""
    if isinstance(type_, GraphQLNonNull):
        return _wrapped_non_null(type_.of_type, inner, is_non_null=True)
    found = _wrapped_non_null(type_, inner, is_non_null=False)
    return found if found == ANYTHING else ("or null", found)


def _wrapped_non_null(type_: GraphQLOutputType, inner: Described | GraphQLLeafType, *, is_non_null: bool) -> Described:
    if isinstance(type_, GraphQLList):
        return "list", wrapped(type_.of_type, inner)
    return inner if isinstance(inner, tuple) else _leaf(inner, is_non_null=is_non_null)


def _leaf(type_: GraphQLLeafType, *, is_non_null: bool) -> Described:
    if isinstance(type_, GraphQLEnumType):
        return "leaf", Literal[tuple(type_.values)]
    known = _LEAF_TYPES.get(type_.name)
    if known is not None:
        return "leaf", known
    return ("leaf", _SOMETHING) if is_non_null else ANYTHING


def loosely_wrapped(type_: GraphQLOutputType, inner: Described) -> Described:
    """Return the type of a value of which only the form is promised: null may stand anywhere."""
    if isinstance(type_, GraphQLNonNull):
        return loosely_wrapped(type_.of_type, inner)
    if isinstance(type_, GraphQLList):
        return "or null", ("list", loosely_wrapped(type_.of_type, inner))
    return "or null", inner


def dictionary(entries: Mapping[str, Described]) -> Described:
    """Return the type of a dictionary in which every key may be missing, and others are left out."""
    return "dictionary", tuple(entries.items())


@lru_cache(maxsize=_MOST_DECODERS)
def decoder(described: Described) -> ReplyDecoder:
    """Return the decoder of a type; the same one for the same type."""
    return msgspec.json.Decoder(_made(described))


@lru_cache(maxsize=_MOST_TYPES)
def _made(described: Described) -> Any:
    kind, *rest = described
    if kind == "leaf":
        return rest[0]
    if kind == "list":
        return GenericAlias(list, (_made(rest[0]),))
    if kind == "or null":
        return Optional[_made(rest[0])]  # noqa: UP045 - a value, not an annotation
    _made_classes.append(kind)
    if kind == "dictionary":
        entries = {key: _made(value) for key, value in rest[0]}
        return TypedDict("Object", entries, total=False)  # type: ignore[operator]  # made at run time
    type_name, fields = rest
    return msgspec.defstruct(
        type_name,
        [_definition(f"f{place}", value, type_name) for place, (_, value) in enumerate(fields)],
        rename={f"f{place}": key for place, (key, _) in enumerate(fields)},
        kw_only=True,
        gc=False,  # nothing out of JSON holds itself
    )


def _definition(name: str, described: Described, type_name: str) -> tuple[str, Any] | tuple[str, Any, Any]:
    """Return the definition of a field of a struct. What may be null may be absent."""
    if described == TYPE_NAME:
        return name, Literal[type_name], type_name
    made = _made(described)
    return (name, made, None) if described == ANYTHING or described[0] == "or null" else (name, made)


def collect_circles() -> None:
    """Look for types that nobody uses any more: classes hold themselves, and a server hardly looks for such."""
    if len(_made_classes) >= _CLASSES_PER_COLLECTION:
        _made_classes.clear()
        gc.collect()
