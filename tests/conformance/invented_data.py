"""One merged set of data, made up on demand, and its views: for a single executor and for each subgraph.

Every value follows from a hash of the object, the field, its arguments and a seed, so the data need no room and are the
same for whoever asks. An object is its identity: `"Film:2"` for an entity, `"Size:8f0c…"` for a value, whose identity
follows from how it was reached. A field with `@requires` also depends on the required values, which a subgraph takes
from the representation: a wrong representation gives a wrong value.

Conventions for the subgraphs: keys are made of `id`, `code` and `ref { tag }`; an object type with one of these keys is
an entity.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from functools import cached_property
from hashlib import blake2b
from typing import Any

from graphql import (
    FieldNode,
    GraphQLError,
    GraphQLResolveInfo,
    InlineFragmentNode,
    ListTypeNode,
    NonNullTypeNode,
    SelectionSetNode,
    TypeNode,
    value_from_ast_untyped,
)

from tests.conformance.subgraph_model import ROOTS, FieldModel, SubgraphModel, named_type

REFERENCE = "Ref"
SCALARS = ("Int", "String", "Boolean", "Float", "ID")
POOL = 3
"""Entities of each type."""


@dataclass(frozen=True, slots=True)
class Faults:
    """Which fields fail.

    Attributes:
        one_in: One in so many values of a field that may fail does; 0 for none.
        non_null: Fields that may not be null fail too.
    """

    one_in: int = 0
    non_null: bool = False


@dataclass(frozen=True, slots=True)
class Thing:
    """An object of the merged data."""

    identity: str

    @property
    def type_name(self) -> str:
        """Its concrete type."""
        return self.identity.partition(":")[0]


@dataclass(frozen=True, eq=False)
class _MergedField:
    """A field as all subgraphs that resolve it declare it together."""

    types: tuple[TypeNode, ...]
    possible: frozenset[str]
    requires: SelectionSetNode | None
    defaults: Mapping[str, Any]


class InventedData:
    """The merged data of some subgraphs.

    Attributes:
        seed: Of all values; another seed makes other data of the same shape.
        faults: Which fields fail.
    """

    def __init__(self, models: Sequence[SubgraphModel], *, seed: int = 0, faults: Faults | None = None) -> None:
        self.models = models
        self.seed = seed
        self.faults = faults or Faults()
        self._fields: dict[tuple[str, str], _MergedField] = {}
        self._enums: dict[tuple[str, str], list[str]] = {}

    def value(self, thing: Thing, field_name: str, arguments: Mapping[str, Any], *, required: object = None) -> Any:
        """Return the value of a field: plain data, `Thing`s, and lists of them.

        Args:
            thing: The object.
            field_name: The field.
            arguments: With defaults applied.
            required: The values that `@requires` asks for; None to look them up.

        Raises:
            GraphQLError: The field is one that fails.
        """
        if field_name in {"id", "code", "ref", "tag"} and thing.type_name not in ROOTS:
            return self._key_value(thing, field_name)
        merged = self._field(thing.type_name, field_name)
        if merged.requires is not None and required is None:
            required = self.required(thing, merged.requires)
        given = tuple(sorted((name, repr(_ordered(value))) for name, value in arguments.items()))
        if self._fails(thing, field_name, merged):
            raise GraphQLError(f"{thing.type_name}.{field_name} fails")
        return self._make(merged.types, merged.possible, (thing.identity, field_name, given, repr(required)))

    def required(self, thing: Thing, selections: SelectionSetNode) -> dict[str, Any]:
        """Return the values that a `@requires` selects of an object."""
        found: dict[str, Any] = {}
        for node in selections.selections:
            if isinstance(node, InlineFragmentNode):
                assert node.type_condition is not None
                if self.is_a(thing.type_name, node.type_condition.name.value):
                    join_values(found, self.required(thing, node.selection_set))
                continue
            assert isinstance(node, FieldNode)
            if node.name.value == "__typename":
                continue
            given = {argument.name.value: value_from_ast_untyped(argument.value) for argument in node.arguments or ()}
            defaults = {} if node.name.value in {"id", "code", "ref", "tag"} else self._defaults(thing, node.name.value)
            value = self.value(thing, node.name.value, {**defaults, **given})
            join_values(found, {node.name.value: self._required_below(value, node.selection_set)})
        return found

    def is_a(self, type_name: str, condition: str) -> bool:
        """Whether an object type fulfils a type condition, by what any subgraph says."""
        if type_name == condition:
            return True
        return any(
            condition in model.types[type_name].interfaces
            or (condition in model.types and type_name in model.types[condition].members)
            for model in self.models
            if type_name in model.types
        )

    @cached_property
    def interface_objects(self) -> frozenset[str]:
        """Names of the interfaces that some subgraph knows as an object type."""
        return frozenset(
            name for model in self.models for name, table in model.types.items() if table.is_interface_object
        )

    def _key_value(self, thing: Thing, name: str) -> Any:
        if name == "ref":
            return Thing(f"{REFERENCE}:{thing.identity}")
        if name == "tag":
            return self._key_text(thing.identity.partition(":")[2])
        text = self._key_text(thing.identity)
        return text if name == "id" else f"c-{text}"

    def _key_text(self, identity: str) -> str:
        """Return what keys say of an object: equal things for different types, unless the type is told by them."""
        type_name, _, number = identity.partition(":")
        return identity if type_name in self._told_by_key else number

    @cached_property
    def _told_by_key(self) -> frozenset[str]:
        """Names of the types whose objects are looked up as those of an interface."""
        interfaces = {
            table.name
            for model in self.models
            for table in model.types.values()
            if table.keys and (table.is_interface_object or not table.is_object)
        }
        return frozenset(
            table.name
            for model in self.models
            for table in model.types.values()
            if any(self.is_a(table.name, interface) for interface in interfaces)
        )

    def is_overridden(self, model: SubgraphModel, type_name: str, field_name: str) -> bool:
        """Whether another subgraph has taken a field over."""
        declared = (other.types.get(type_name) for other in self.models if other is not model)
        return any(
            table.fields[field_name].override_from == model.name
            for table in declared
            if table is not None and field_name in table.fields
        )

    def _defaults(self, thing: Thing, field_name: str) -> Mapping[str, Any]:
        return self._field(thing.type_name, field_name).defaults

    def _required_below(self, value: Any, selections: SelectionSetNode | None) -> Any:
        if isinstance(value, list):
            return [self._required_below(item, selections) for item in value]
        if isinstance(value, Thing):
            assert selections is not None
            return self.required(value, selections)
        return value

    def _field(self, type_name: str, field_name: str) -> _MergedField:
        known = self._fields.get((type_name, field_name))
        if known is None:
            known = self._fields[type_name, field_name] = self._merge(type_name, field_name)
        return known

    def _merge(self, type_name: str, field_name: str) -> _MergedField:
        declared = list(self._declarations(type_name, field_name))
        possible = frozenset.intersection(
            *(self._possible(model, field.type_name) for model, field in declared), self._everything
        )
        requires = next((field.requires for _, field in declared if field.requires is not None), None)
        return _MergedField(tuple(field.type for _, field in declared), possible, requires, declared[0][1].defaults)

    def _declarations(self, type_name: str, field_name: str) -> Iterable[tuple[SubgraphModel, FieldModel]]:
        """Yield the declarations that resolve a field, on the type itself or on an interface object of it."""
        for model in self.models:
            for name, table in model.types.items():
                if field_name not in table.fields or table.fields[field_name].is_external:
                    continue
                is_own = name == type_name and not self.is_overridden(model, type_name, field_name)
                if is_own or (table.is_interface_object and self.is_a(type_name, name)):
                    yield model, table.fields[field_name]

    def _possible(self, model: SubgraphModel, type_name: str) -> frozenset[str]:
        table = model.types.get(type_name)
        if table is None:
            return self._everything  # a leaf
        if table.is_interface_object:
            return frozenset(name for name in self._everything if self.is_a(name, type_name))
        return model.possible_types(type_name)

    @cached_property
    def _everything(self) -> frozenset[str]:
        names = {name for model in self.models for name, table in model.types.items() if table.is_object}
        return frozenset(names - self.interface_objects)

    @cached_property
    def _never_failing(self) -> frozenset[str]:
        """Names of the fields that the router may read of objects of which the client did not ask for them.

        They are what keys and requirements name, and fields of interface objects: those wanted for one type only are
        read before the type is known, so that one for another type can be seen to fail.
        """
        objects = (t for model in self.models for t in model.types.values() if t.is_interface_object)
        return self._needed | {name for table in objects for name in table.fields} | {"id", "code", "ref", "tag"}

    @cached_property
    def _needed(self) -> frozenset[str]:
        """Names in requirements and provisions."""
        return frozenset(
            name
            for model in self.models
            for table in model.types.values()
            for field in table.fields.values()
            for selections in (field.requires, field.provides)
            for name in names_in(selections)
        )

    @cached_property
    def _uniform(self) -> frozenset[str]:
        """Names of the fields that have the same nullability wherever they are declared, interfaces included.

        Where an object becomes null for another field of a subgraph, the others cannot tell how far null would go. That
        also depends on the fields on the way, so none counts if a field that leads to objects is declared differently;
        nor if objects are required or provided, since null for what a client wants of them spoils what others want.
        """
        found: dict[str, set[str]] = {}
        for model in self.models:
            for table in model.types.values():
                for field in table.fields.values():
                    found.setdefault(field.name, set()).add(_nullability(field.type))
        uniform = frozenset(name for name, kinds in found.items() if len(kinds) == 1)
        return uniform if uniform >= self._leading and not self._leading & self._needed else frozenset()

    @cached_property
    def _leading(self) -> frozenset[str]:
        """Names of the fields that lead to objects."""
        return frozenset(
            field.name
            for model in self.models
            for table in model.types.values()
            for field in table.fields.values()
            if field.type_name in self._composite_names
        )

    def _fails(self, thing: Thing, field_name: str, merged: _MergedField) -> bool:
        faults = self.faults
        if not faults.one_in or thing.type_name in ROOTS or field_name in self._never_failing:
            return False
        may_be_null = not any(isinstance(node, NonNullTypeNode) for node in merged.types)
        if not (may_be_null or (faults.non_null and field_name in self._uniform)):
            return False
        return self._hash("fails", thing.identity, field_name) % faults.one_in == 0

    def _hash(self, *parts: object) -> int:
        return int.from_bytes(blake2b(repr((self.seed, *parts)).encode(), digest_size=6).digest(), "big")

    def _make(self, types: tuple[TypeNode, ...], possible: frozenset[str], origin: tuple[object, ...]) -> Any:
        """Return a value that fits all declared types."""
        number = self._hash(origin)
        is_nullable = not any(isinstance(node, NonNullTypeNode) for node in types)
        if is_nullable and number % 7 == 0:
            return None
        inner = tuple(node.type if isinstance(node, NonNullTypeNode) else node for node in types)
        if isinstance(inner[0], ListTypeNode):
            items: tuple[TypeNode, ...] = tuple(node.type for node in inner if isinstance(node, ListTypeNode))
            return [self._make(items, possible, (*origin, index)) for index in range(number % 3)]
        name = named_type(inner[0])
        if name in SCALARS or name not in self._composite_names:
            if name in SCALARS:
                return _leaf(name, number)
            values = self._values(name, str(origin[1]))
            return values[number % len(values)]
        if not possible:
            if is_nullable:
                return None
            raise NoValueError(f"no type fits {origin}")
        concrete = sorted(possible)[number % len(possible)]
        if concrete in ROOTS:
            return Thing(concrete)
        suffix = number // 7 % POOL if concrete in self._entity_names else f"{number:x}"
        return Thing(f"{concrete}:{suffix}")

    @cached_property
    def _composite_names(self) -> frozenset[str]:
        return frozenset(name for model in self.models for name in model.types)

    def _values(self, enum: str, field_name: str) -> list[str]:
        """Return the values of an enum that all subgraphs know which declare a field."""
        known = self._enums.get((enum, field_name))
        if known is None:
            declared = (
                m.enums.get(enum, ()) for m in self.models if any(field_name in t.fields for t in m.types.values())
            )
            common = set[str].intersection(*map(set, declared))
            if not common:
                raise NoValueError(f"no value of {enum} fits {field_name}")
            known = self._enums[enum, field_name] = sorted(common)
        return known

    @cached_property
    def _entity_names(self) -> frozenset[str]:
        return frozenset(name for model in self.models for name, table in model.types.items() if table.keys)


class NoValueError(Exception):
    """The subgraphs leave a non-null field no value that all of them could return: there are no data to compare."""


class WholeResolver:
    """The view of a single executor."""

    def __init__(self, data: InventedData) -> None:
        self._data = data

    def field(self, source: Any, info: GraphQLResolveInfo[Any], /, **arguments: Any) -> Any:
        """Return the value of a field."""
        thing = source if isinstance(source, Thing) else Thing(info.parent_type.name)
        return self._data.value(thing, info.field_name, arguments)

    def type_of(self, value: Thing) -> str:
        """Return the concrete type."""
        return value.type_name


def join_values(target: dict[str, Any], source: Mapping[str, Any]) -> None:
    """Merge what is required twice: objects key by key, lists by position."""
    for name, value in source.items():
        target[name] = _joined(target[name], value) if name in target else value


def _joined(one: Any, other: Any) -> Any:
    if isinstance(one, dict) and isinstance(other, dict):
        join_values(one, other)
        return one
    if isinstance(one, list) and isinstance(other, list):
        return [_joined(left, right) for left, right in zip(one, other, strict=True)]
    return one


def names_in(selections: SelectionSetNode | None) -> set[str]:
    names: set[str] = set()
    for node in selections.selections if selections else ():
        if isinstance(node, FieldNode):
            names.add(node.name.value)
        below: Any = getattr(node, "selection_set", None)
        names |= names_in(below)
    return names


def _nullability(node: TypeNode) -> str:
    if isinstance(node, NonNullTypeNode):
        return _nullability(node.type) + "!"
    return f"[{_nullability(node.type)}]" if isinstance(node, ListTypeNode) else ""


def _leaf(name: str, number: int) -> Any:
    if name == "Int":
        return number % 10
    if name == "Boolean":
        return number % 2 == 0
    if name == "Float":
        return number % 100 / 4
    return f"s{number % 1000}"


def _ordered(value: Any) -> Any:
    """Return a value of which the order of the keys says nothing."""
    return dict(sorted(value.items())) if isinstance(value, dict) else value
