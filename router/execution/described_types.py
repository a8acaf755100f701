"""Types of JSON values as descriptions, and the decoders that msgspec makes of them.

Types are large and hold themselves in circles. So they are described first, by tuples, which can be compared and
forgotten; classes are made where a decoder is really wanted, once for all operations that want the same.
"""

import gc
from collections.abc import Iterable, Mapping
from functools import lru_cache
from threading import RLock
from types import GenericAlias
from typing import Annotated, Any, Literal, Optional, TypedDict, Union
from weakref import WeakValueDictionary

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
TYPE_NAME_KEY = "__typename"


class _Missing:
    """What stands in a field that must not be null as long as nobody brought it. It cannot be written as JSON."""

    __slots__ = ()


MISSING = _Missing()

_made_classes: list[str] = []
# Equal descriptions have one class as long as anybody uses it: code that was generated for one knows it by identity.
_structs: WeakValueDictionary[Described, type[msgspec.Struct]] = WeakValueDictionary()
_making = RLock()


def attribute(key: str) -> str:
    """Return the name of the attribute that holds a key in a struct: never a keyword, or a name of the struct's own."""
    return f"f_{key}"


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


def struct(type_name: str, fields: Iterable[tuple[str, Described]], *, is_tagged: bool = False) -> Described:
    """Return the type of a struct in which any key may be absent: then it is null, or `MISSING` if it must not be.

    Args:
        type_name: Of the objects, for fields that are `TYPE_NAME`.
        fields: By their keys, in the order in which they are written.
        is_tagged: Whether `__typename` tells it from other structs. It is written first.
    """
    return "struct", type_name, tuple(fields), is_tagged


def one_of(structs: Iterable[Described]) -> Described:
    """Return the type of objects that are one of several tagged structs."""
    return "union", tuple(structs)


def one_name_of(names: Iterable[str]) -> Described:
    """Return the type of a name that may be absent."""
    return "or null", ("leaf", Literal[tuple(sorted(names))])


def decoder(described: Described) -> ReplyDecoder:
    """Return the decoder of a type; the same one for the same type."""
    with _making:
        return _decoder(described)


def class_of(described: Described) -> type[msgspec.Struct]:
    """Return the class of a struct."""
    with _making:
        return _struct_class(described)


@lru_cache(maxsize=_MOST_DECODERS)
def _decoder(described: Described) -> ReplyDecoder:
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
    if kind == "union":
        return Union[tuple(map(_struct_class, rest[0]))]  # noqa: UP007 - as above
    if kind == "struct":
        return _struct_class(described)
    _made_classes.append(kind)
    entries = {key: _made(value) for key, value in rest[0]}
    return TypedDict("Object", entries, total=False)  # type: ignore[operator]  # made at run time


def _struct_class(described: Described) -> type[msgspec.Struct]:
    known = _structs.get(described)
    if known is None:
        _made_classes.append("struct")
        _, type_name, fields, is_tagged = described
        known = _structs[described] = msgspec.defstruct(
            type_name,
            [_definition(attribute(key), value, type_name) for key, value in fields],
            rename={attribute(key): key for key, _ in fields},
            tag_field=TYPE_NAME_KEY if is_tagged else None,
            tag=type_name if is_tagged else None,
            gc=False,  # nothing out of JSON holds itself
        )
    return known


def _definition(name: str, described: Described, type_name: str) -> tuple[str, Any, Any]:
    """Return the definition of a field of a struct."""
    if described == TYPE_NAME:
        return name, Literal[type_name], type_name
    may_be_null = described == ANYTHING or described[0] == "or null"
    return name, _made(described), None if may_be_null else MISSING


def collect_circles() -> None:
    """Look for types that nobody uses any more: classes hold themselves, and a server hardly looks for such."""
    if len(_made_classes) >= _CLASSES_PER_COLLECTION:
        _made_classes.clear()
        gc.collect()
