"""Reads `@cost` and `@listSize` out of supergraph SDL. What they mean for an operation is not decided here."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field

from graphql import DefinitionNode, InterfaceTypeDefinitionNode, ObjectTypeDefinitionNode, parse

from router.supergraph.type_facts import KINDS, arguments_of


@dataclass(frozen=True, slots=True, kw_only=True)
class ListSize:
    """What `@listSize` says of a field.

    Attributes:
        assumed: Size where no argument tells it; None for none.
        slicing_arguments: Arguments whose value is the size; the greatest counts.
        sized_fields: Lists one level below that have this size; empty: the field itself is the list.
        requires_one_argument: Exactly one of the slicing arguments has to be given.
    """

    assumed: int | None
    slicing_arguments: tuple[str, ...]
    sized_fields: tuple[str, ...]
    requires_one_argument: bool


@dataclass(frozen=True, slots=True)
class Costs:
    """Weights and sizes of a supergraph.

    Attributes:
        types: Weight by type name.
        fields: Weight by type and field name.
        arguments: Weight by type, field and argument name.
        list_sizes: By type and field name.
    """

    types: dict[str, int] = field(default_factory=dict)
    fields: dict[tuple[str, str], int] = field(default_factory=dict)
    arguments: dict[tuple[str, str, str], int] = field(default_factory=dict)
    list_sizes: dict[tuple[str, str], ListSize] = field(default_factory=dict)


def read_costs(sdl: str) -> Costs:
    """Return what the SDL says; nothing, and without parsing it, if neither directive occurs."""
    costs = Costs()
    if "@cost" not in sdl and "@listSize" not in sdl:
        return costs
    for node in parse(sdl, no_location=True).definitions:
        if type(node) in KINDS:
            _read_type(node, costs)
    return costs


def _read_type(node: DefinitionNode, costs: Costs) -> None:
    name: str = node.name.value  # type: ignore[attr-defined]  # every type definition has one
    weight = _weight(node)
    if weight is not None:
        costs.types[name] = weight
    if not isinstance(node, ObjectTypeDefinitionNode | InterfaceTypeDefinitionNode):
        return
    for field_node in node.fields or ():
        field_name = field_node.name.value
        weight = _weight(field_node)
        if weight is not None:
            costs.fields[name, field_name] = weight
        for argument in field_node.arguments or ():
            weight = _weight(argument)
            if weight is not None:
                costs.arguments[name, field_name, argument.name.value] = weight
        for given in arguments_of(field_node, "listSize"):
            costs.list_sizes[name, field_name] = _list_size(given)


def _weight(node: object) -> int | None:
    for given in arguments_of(node, "cost"):
        weight = given.get("weight")
        if isinstance(weight, int):
            return weight
    return None


def _list_size(given: Mapping[str, object]) -> ListSize:
    assumed = given.get("assumedSize")
    return ListSize(
        assumed=assumed if isinstance(assumed, int) else None,
        slicing_arguments=_names(given.get("slicingArguments")),
        # "edges.node" sizes what the first name leads to.
        sized_fields=tuple(name.partition(".")[0] for name in _names(given.get("sizedFields"))),
        requires_one_argument=given.get("requireOneSlicingArgument", True) is True,
    )


def _names(value: object) -> tuple[str, ...]:
    return tuple(str(name) for name in value) if isinstance(value, list) else ()
