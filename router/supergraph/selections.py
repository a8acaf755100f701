"""Selections in normal form: what is wanted of the objects at one position.

Client operations and the field sets of `@key`, `@requires` and `@provides` take the same form: a flat list of fields,
each with the set of concrete types that it is wanted for. Fragments disappear into these sets, `@skip` and `@include`
into conditions. Choosing subgraphs for the fields is not done here.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import TYPE_CHECKING

from graphql import (
    ArgumentNode,
    BooleanValueNode,
    FieldNode,
    FragmentDefinitionNode,
    FragmentSpreadNode,
    InlineFragmentNode,
    ListValueNode,
    ObjectValueNode,
    SelectionNode,
    SelectionSetNode,
    ValueNode,
    VariableNode,
    parse,
    print_ast,
)

from router.errors import InvalidSupergraphError

if TYPE_CHECKING:
    from router.supergraph.tables import TypeTable

Guards = frozenset[tuple[str, bool]]
"""All of these Boolean variables must have these values. Empty: always."""

NO_GUARDS: Guards = frozenset()


class Selection:
    """One wanted field.

    Attributes:
        key: Response key.
        name: Field name.
        arguments: Printed arguments with parentheses and sorted by name, or the empty string.
        variables: Names of the variables in the arguments.
        guards: `@skip`/`@include` of the field and of the fragments around it.
        mask: Concrete types, as bits of `Supergraph.object_names`, for which the field is wanted.
        on: The type that the field was selected on.
        selections: What is wanted below; None for a leaf.
    """

    __slots__ = ("arguments", "guards", "key", "mask", "name", "on", "selections", "variables")

    def __init__(
        self,
        key: str,
        name: str,
        *,
        arguments: str,
        variables: tuple[str, ...],
        guards: Guards,
        mask: int,
        on: str,
        selections: SelectionSet | None,
    ) -> None:
        self.key = key
        self.name = name
        self.arguments = arguments
        self.variables = variables
        self.guards = guards
        self.mask = mask
        self.on = on
        self.selections = selections

    def with_selections(self, selections: SelectionSet | None, *, mask: int | None = None) -> Selection:
        """Return the same field with something else wanted below it, and perhaps for other types."""
        return Selection(
            self.key,
            self.name,
            arguments=self.arguments,
            variables=self.variables,
            guards=self.guards,
            mask=self.mask if mask is None else mask,
            on=self.on,
            selections=selections,
        )

    def guarded(self, guards: Guards, selections: SelectionSet | None) -> Selection:
        """Return the same field under other conditions and with something else wanted below it."""
        return Selection(
            self.key,
            self.name,
            arguments=self.arguments,
            variables=self.variables,
            guards=guards,
            mask=self.mask,
            on=self.on,
            selections=selections,
        )

    def narrowed(self, mask: int) -> Selection:
        """Return the same field wanted for other types."""
        return self if mask == self.mask else self.with_selections(self.selections, mask=mask)

    @property
    def identity(self) -> tuple[str, str, str, Guards]:
        """What makes two selections of one position the same field, whatever types they are wanted for."""
        return self.key, self.name, self.arguments, self.guards

    def wish_count(self) -> int:
        """Return how much is wanted here: fields, each as often as there are types that it is wanted for."""
        return max(self.mask.bit_count(), 1) + (self.selections.wish_count() if self.selections else 0)

    def __repr__(self) -> str:
        return f"{self.key}:{self.name}{self.arguments}" + (f" {self.selections!r}" if self.selections else "")


class SelectionSet:
    """The fields wanted at one position. Compared by identity, so that it can key caches."""

    __slots__ = ("items",)

    def __init__(self, items: Iterable[Selection]) -> None:
        self.items = tuple(items)

    def wish_count(self) -> int:
        """Return how much is wanted here and below."""
        return sum(item.wish_count() for item in self.items)

    def __repr__(self) -> str:
        return "{" + " ".join(map(repr, self.items)) + "}"


def parse_field_set(text: str, type_name: str, *, types: Mapping[str, TypeTable]) -> SelectionSet:
    """Return the field set `text` of a federation directive in normal form, read against `type_name`.

    Raises:
        InvalidSupergraphError: It does not parse, or names a field that the type does not have.
    """
    try:
        document = parse("{" + text + "}", no_location=True)
    except Exception as error:
        raise InvalidSupergraphError(f'The field set "{text}" of {type_name} does not parse: {error}') from error
    definition = document.definitions[0]
    node: SelectionSetNode = definition.selection_set  # type: ignore[attr-defined]  # it is an operation by construction
    return SelectionBuilder(types).build(node, type_name)


def ask_types(wanted: SelectionSet, *, types: Mapping[str, TypeTable], graph: int) -> SelectionSet:
    """Return the selections with `__typename` below every field whose type is abstract to a graph."""
    items: list[Selection] = []
    for item in wanted.items:
        if item.selections is None:
            items.append(item)
            continue
        table = types[types[item.on].fields[item.name].type_name]
        below = ask_types(item.selections, types=types, graph=graph)
        if table.is_abstract_in(graph):
            below = SelectionSet((*below.items, _typename(table)))
        items.append(item.with_selections(below))
    return SelectionSet(items)


def _typename(table: TypeTable) -> Selection:
    return Selection(
        "__typename",
        "__typename",
        arguments="",
        variables=(),
        guards=NO_GUARDS,
        mask=table.mask,
        on=table.name,
        selections=None,
    )


def merge_selections(items: Iterable[Selection]) -> list[Selection]:
    """Return the selections with equal fields joined: same key, field, arguments, guards and types become one."""
    merged: dict[tuple[str, str, str, Guards, int], Selection] = {}
    for item in _with_guards_below(tuple(items)):
        identity = (item.key, item.name, item.arguments, item.guards, item.mask)
        known = merged.get(identity)
        if known is None:
            merged[identity] = item
        elif known.selections is not None and item.selections is not None and known.selections is not item.selections:
            below = merge_selections((*known.selections.items, *item.selections.items))
            merged[identity] = known.with_selections(SelectionSet(below))
    return list(merged.values())


def _with_guards_below(items: tuple[Selection, ...]) -> Iterable[Selection]:
    """Hand the guards of a field down where the same field is wanted under other guards too.

    Its objects are there then although the guards do not hold, so what is wanted below has to know of them.
    """
    alike: dict[tuple[str, str, str], list[Selection]] = {}
    for item in items:
        if item.selections is not None:
            alike.setdefault((item.key, item.name, item.arguments), []).append(item)
    if all(len({item.guards for item in group}) < 2 for group in alike.values()):
        return items
    return [
        _handed_down(item, alike[item.key, item.name, item.arguments]) if item.selections else item for item in items
    ]


def _handed_down(item: Selection, alike: list[Selection]) -> Selection:
    others = [other for other in alike if other.guards != item.guards and other.mask & item.mask]
    if not item.guards or not others or item.selections is None:
        return item
    below = [
        inner.guarded(inner.guards | item.guards, inner.selections)
        for inner in item.selections.items
        if not any((name, not value) in item.guards for name, value in inner.guards)
    ]
    # Where the field is wanted anyway, its own guards say no more than those below.
    wider = (other.guards for other in others if other.guards < item.guards and other.mask & item.mask == item.mask)
    return item.guarded(min(wider, key=len, default=item.guards), SelectionSet(below))


class SelectionBuilder:
    """Turns selection sets of a document into normal form.

    Variables in `@skip`/`@include` become guards; literal values are decided at once.
    """

    def __init__(
        self, types: Mapping[str, TypeTable], *, fragments: Mapping[str, FragmentDefinitionNode] | None = None
    ) -> None:
        self._types = types
        self._fragments = fragments or {}

    def build(self, node: SelectionSetNode, type_name: str) -> SelectionSet:
        """Return what `node` wants of objects of `type_name`. Introspection fields of the root are left out."""
        items: list[Selection] = []
        self._collect(node, type_name, self._types[type_name].mask, NO_GUARDS, items)
        return SelectionSet(merge_selections(items))

    def _collect(
        self, node: SelectionSetNode, type_name: str, mask: int, guards: Guards, items: list[Selection]
    ) -> None:
        for selection in node.selections:
            inner_guards = _add_guards(selection, guards) if selection.directives else guards
            if inner_guards is None:
                continue
            if isinstance(selection, FieldNode):
                item = self._field(selection, type_name, mask, inner_guards)
                if item is not None:
                    items.append(item)
                continue
            if isinstance(selection, FragmentSpreadNode):
                fragment = self._fragments[selection.name.value]
                condition, inner = fragment.type_condition.name.value, fragment.selection_set
            else:
                assert isinstance(selection, InlineFragmentNode)
                condition = selection.type_condition.name.value if selection.type_condition else type_name
                inner = selection.selection_set
            inner_mask = mask & self._type(condition).mask
            if inner_mask:
                self._collect(inner, condition, inner_mask, inner_guards, items)

    def _field(self, node: FieldNode, type_name: str, mask: int, guards: Guards) -> Selection | None:
        name = node.name.value
        if name.startswith("__") and name != "__typename":
            return None
        arguments, variables = _print_arguments(node.arguments) if node.arguments else ("", ())
        selections = None
        if node.selection_set is not None:
            field = self._type(type_name).fields.get(name)
            if field is None:
                raise InvalidSupergraphError(f"{type_name} has no field {name}.")
            selections = self.build(node.selection_set, field.type_name)
        elif name != "__typename" and name not in self._type(type_name).fields:
            raise InvalidSupergraphError(f"{type_name} has no field {name}.")
        return Selection(
            node.alias.value if node.alias else name,
            name,
            arguments=arguments,
            variables=variables,
            guards=guards,
            mask=mask,
            on=type_name,
            selections=selections,
        )

    def _type(self, name: str) -> TypeTable:
        table = self._types.get(name)
        if table is None:
            raise InvalidSupergraphError(f"There is no type {name}.")
        return table


def _add_guards(node: SelectionNode, guards: Guards) -> Guards | None:
    """Return `guards` and those of the node's own directives; None if it can never be wanted."""
    added = set(guards)
    for directive in node.directives or ():
        if directive.name.value not in {"skip", "include"}:
            continue
        wanted = directive.name.value == "include"
        (argument,) = directive.arguments or ()
        value = argument.value
        if isinstance(value, VariableNode):
            if (value.name.value, not wanted) in added:
                return None
            added.add((value.name.value, wanted))
        elif isinstance(value, BooleanValueNode) and value.value is not wanted:
            return None
    return frozenset(added)


def _print_arguments(nodes: Iterable[ArgumentNode]) -> tuple[str, tuple[str, ...]]:
    variables: list[str] = []
    printed = sorted(f"{node.name.value}: {_print_value(node.value, variables)}" for node in nodes)
    return f"({', '.join(printed)})", tuple(dict.fromkeys(variables))


def _print_value(node: ValueNode, variables: list[str]) -> str:
    if isinstance(node, VariableNode):
        variables.append(node.name.value)
        return f"${node.name.value}"
    if isinstance(node, ListValueNode):
        return f"[{', '.join(_print_value(value, variables) for value in node.values)}]"
    if isinstance(node, ObjectValueNode):
        fields = (f"{field.name.value}: {_print_value(field.value, variables)}" for field in node.fields)
        return f"{{{', '.join(fields)}}}"
    return print_ast(node)
