"""Values for the project's own graph, made up from names: the same object and field always have the same value.

Objects are rows of `__typename`, `id` and a seed; ids come from pools, so that subgraphs which have never heard of each
other speak of the same titles, and trays share some of them.
"""

import zlib
from collections.abc import Callable, Mapping
from typing import Any

from graphql import (
    GraphQLEnumType,
    GraphQLInterfaceType,
    GraphQLNamedType,
    GraphQLObjectType,
    GraphQLOutputType,
    GraphQLResolveInfo,
    GraphQLUnionType,
    get_named_type,
    get_nullable_type,
    is_leaf_type,
    is_list_type,
    is_non_null_type,
)

from benchmarks.gateways.answers import Row

_POOL = 150
_LIST_LENGTH = 2
_ONE_LEAF_IN_THIS_MANY_IS_NULL = 8
_ONE_ITEM_IN_THIS_MANY_IS_AN_AD = 10
_TITLE = "Title"
_KINDS_OF_TITLE = ("Movie", "Show", "SportsEvent")
_SCALARS: Mapping[str, Callable[[int], Any]] = {
    "Int": lambda seed: seed % 1000,
    "Float": lambda seed: seed % 1000 / 10,
    "Boolean": lambda seed: seed % 2 == 0,
    "Locale": lambda seed: ("en", "hi", "ta")[seed % 3],
    "CountryCode": lambda seed: ("IN", "US")[seed % 2],
    "Date": lambda seed: f"20{seed % 20 + 10}-0{seed % 9 + 1}-1{seed % 10}",
    "DateTime": lambda seed: f"2026-0{seed % 9 + 1}-1{seed % 10}T10:00:00+00:00",
    "URL": lambda seed: f"https://media.example/pictures/{seed}.webp",
}


class HomeSource:
    """Values for any subgraph of the project."""

    def entity(self, representation: Mapping[str, Any]) -> Row | None:
        """Return the object of that id."""
        return _row(representation["__typename"], representation["id"])

    def type_name(self, row: Row, info: GraphQLResolveInfo[Any]) -> str:
        """Return the object type of a row; which kind of title it is, its id decides."""
        name = str(row["__typename"])
        if isinstance(info.schema.get_type(name), GraphQLInterfaceType):
            return _KINDS_OF_TITLE[row["seed"] % len(_KINDS_OF_TITLE)]
        return name

    def value(self, parent: Row | None, info: GraphQLResolveInfo[Any], arguments: Mapping[str, Any]) -> Any:
        """Return a field's value; of leaves that may be null, some are."""
        if parent is not None and info.field_name == "id":
            return parent["id"]
        # Neither a picture's width nor a language changes which thing is meant.
        said = [f"{name}={value}" for name, value in sorted(arguments.items()) if name in ("role", "slug", "period")]
        seed = _seed(f"{parent['seed'] if parent else 'root'}.{info.field_name}{said}")
        length = arguments.get("first") or (parent or {}).get("length") or _LIST_LENGTH
        return _value(info.return_type, seed, info.field_name, length)


def _value(type_: GraphQLOutputType, seed: int, field: str, length: int) -> Any:
    bare = get_nullable_type(type_)
    if is_list_type(bare):
        return [_value(bare.of_type, _seed(f"{seed}/{index}"), field, length) for index in range(length)]
    named = get_named_type(bare)
    if is_leaf_type(named):
        may_be_null = not is_non_null_type(type_)
        return None if may_be_null and seed % _ONE_LEAF_IN_THIS_MANY_IS_NULL == 0 else _leaf(named, seed, field)
    assert isinstance(named, GraphQLObjectType | GraphQLInterfaceType | GraphQLUnionType)
    return _object(named, seed, length)


def _leaf(type_: GraphQLNamedType, seed: int, field: str) -> Any:
    if isinstance(type_, GraphQLEnumType):
        names = sorted(type_.values)
        return names[seed % len(names)]
    make = _SCALARS.get(type_.name)
    return make(seed) if make else f"{field} number {seed}"


def _object(type_: GraphQLObjectType | GraphQLInterfaceType | GraphQLUnionType, seed: int, length: int) -> Row:
    name = type_.name
    if isinstance(type_, GraphQLUnionType):
        members = sorted(member.name for member in type_.types)
        is_ad = seed % _ONE_ITEM_IN_THIS_MANY_IS_AN_AD == 0
        name = ("AdItem" if is_ad else "TitleItem") if "AdItem" in members else members[seed % len(members)]
    if name in _KINDS_OF_TITLE:
        name = _TITLE
    has_id = isinstance(type_, GraphQLUnionType) or "id" in type_.fields
    row = _row(name, f"{name}:{seed % _POOL}") if has_id else {"__typename": name, "seed": seed}
    return {**row, "length": length}


def _row(type_name: str, id_: str) -> Row:
    return {"__typename": type_name, "id": id_, "seed": _seed(id_)}


def _seed(text: str) -> int:
    return zlib.crc32(text.encode())
