"""The view that one subgraph has of the invented data. It refuses what a real subgraph could not answer rightly."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass
from typing import Any

from graphql import FieldNode, GraphQLResolveInfo, InlineFragmentNode, SelectionSetNode

from tests.conformance.invented_data import InventedData, Thing, join_values, names_in
from tests.conformance.subgraph_model import FieldModel, SubgraphModel

_IsA = Callable[[str], bool]


@dataclass(frozen=True, eq=False)
class SubgraphObject:
    """An object as one subgraph knows it.

    Attributes:
        type_name: How the subgraph calls its type.
        representation: What the router sent to enter here.
        view: What the fields above provide.
    """

    thing: Thing
    type_name: str
    representation: Mapping[str, Any] | None = None
    view: tuple[SelectionSetNode, ...] = ()


class MisuseError(Exception):
    """The router asked a subgraph for something that it must not ask for."""


class InventedSubgraph:
    """The view of one subgraph. It refuses what a real one could not answer rightly."""

    def __init__(self, data: InventedData, model: SubgraphModel) -> None:
        self._data = data
        self._model = model
        self._types = model.types

    def field(self, source: Any, info: GraphQLResolveInfo[Any], /, **arguments: Any) -> Any:
        """Return the value of a field.

        Raises:
            MisuseError: It is external and not provided here, overridden, or lacks what it requires.
        """
        parent = info.parent_type.name
        me = source if isinstance(source, SubgraphObject) else SubgraphObject(Thing(parent), parent)
        declared = self._types[parent].fields[info.field_name]
        self._check(me, declared)
        required = None
        if declared.requires is not None and not self._is_provided(me, declared.name):
            if me.representation is None:
                raise MisuseError(f"{parent}.{declared.name} was asked for without what it requires")
            required = self._from_representation(me.representation, declared.requires, me.thing.type_name)
        value = self._data.value(me.thing, declared.name, arguments, required=required)
        view = (*_view_below(me.view, declared.name, lambda name: self._data.is_a(me.thing.type_name, name)),)
        if declared.provides is not None:
            view = (*view, declared.provides)
        return self._objects(value, declared.type_name, view)

    def entity(self, representation: Mapping[str, Any]) -> Any:
        """Return the object that a representation describes.

        Raises:
            MisuseError: It has no complete key by which this subgraph can be entered, or names another type.
        """
        type_name = representation["__typename"]
        table = self._types[type_name]
        identities = {
            identity for key in table.resolvable_keys if (identity := _identity(representation, key)) is not None
        }
        if len(identities) != 1:
            raise MisuseError(f"{representation} is no reference to one {type_name} of {self._model.name}")
        identity = identities.pop()
        thing = Thing(identity if ":" in identity else f"{type_name}:{identity}")
        if not self._data.is_a(thing.type_name, type_name):
            raise MisuseError(f"{representation} is no {type_name}")
        own_name = type_name if table.is_interface_object else thing.type_name
        if own_name not in self._types:
            raise MisuseError(f"{self._model.name} does not know {own_name}")
        return SubgraphObject(thing, own_name, representation)

    def type_of(self, value: SubgraphObject) -> str:
        """Return the name by which the subgraph knows the object's type."""
        return value.type_name

    def _check(self, me: SubgraphObject, declared: FieldModel) -> None:
        where = f"{self._model.name}: {me.type_name}.{declared.name}"
        if declared.is_external and not self._is_provided(me, declared.name):
            keys = self._types[me.type_name].keys
            if not any(declared.name in names_in(key) for key in keys):
                raise MisuseError(f"{where} is external")
        if self._data.is_overridden(self._model, me.type_name, declared.name):
            raise MisuseError(f"{where} is overridden")

    def _is_provided(self, me: SubgraphObject, name: str) -> bool:
        return any(
            found is not None
            for selections in me.view
            for found in _find(selections, name, lambda condition: self._data.is_a(me.thing.type_name, condition))
        )

    def _objects(self, value: Any, type_name: str, view: tuple[SelectionSetNode, ...]) -> Any:
        if isinstance(value, list):
            return [self._objects(item, type_name, view) for item in value]
        if isinstance(value, Thing):
            table = self._types[type_name]
            return SubgraphObject(value, type_name if table.is_interface_object else value.type_name, view=view)
        return value

    def _from_representation(
        self, source: Mapping[str, Any], selections: SelectionSetNode, type_name: str
    ) -> dict[str, Any]:
        found: dict[str, Any] = {}
        for node in selections.selections:
            if isinstance(node, InlineFragmentNode):
                assert node.type_condition is not None
                if self._data.is_a(type_name, node.type_condition.name.value):
                    join_values(found, self._from_representation(source, node.selection_set, type_name))
                continue
            assert isinstance(node, FieldNode)
            name = node.name.value
            if name == "__typename":
                continue
            if name not in source:
                raise MisuseError(f"the representation {dict(source)} lacks {name}")
            below = self._static_type(type_name, name)
            join_values(found, {name: self._copy(source[name], node.selection_set, below)})
        return found

    def _static_type(self, type_name: str, field_name: str) -> str:
        tables = [self._types[type_name]] if type_name in self._types else []
        tables += [table for table in self._types.values() if table.is_interface_object or not table.is_object]
        declared = next(table.fields[field_name] for table in tables if field_name in table.fields)
        return declared.type_name

    def _copy(self, value: Any, selections: SelectionSetNode | None, static: str) -> Any:
        if isinstance(value, list):
            return [self._copy(item, selections, static) for item in value]
        if not isinstance(value, Mapping):
            return value
        assert selections is not None
        type_name = static if self._types[static].is_object else value["__typename"]
        return self._from_representation(value, selections, type_name)


def _identity(representation: Mapping[str, Any], key: SelectionSetNode) -> str | None:
    """Return the identity that the fields of a key tell; None if any is missing or they differ."""
    found: set[str] = set()
    for node in key.selections:
        assert isinstance(node, FieldNode)
        value = representation.get(node.name.value)
        if isinstance(value, Mapping):
            value = value.get("tag")
        if not isinstance(value, str):
            return None
        found.add(value.removeprefix("c-"))
    return found.pop() if len(found) == 1 else None


def _find(selections: SelectionSetNode, name: str, is_a: _IsA) -> Iterable[FieldNode]:
    for node in selections.selections:
        if isinstance(node, InlineFragmentNode):
            assert node.type_condition is not None
            if is_a(node.type_condition.name.value):
                yield from _find(node.selection_set, name, is_a)
        elif isinstance(node, FieldNode) and node.name.value == name:
            yield node


def _view_below(view: tuple[SelectionSetNode, ...], name: str, is_a: _IsA) -> Iterable[SelectionSetNode]:
    for selections in view:
        for node in _find(selections, name, is_a):
            if node.selection_set is not None:
                yield node.selection_set
