"""Where a router can be, and where it can go from there.

A position is a value in a subgraph: the subgraph, the type that the subgraph knows it as, and the external fields that
were provided on the way there. The runtime type of the value is always one object type of the supergraph; it differs
from the position's type only where the subgraph has an interface object.

`reach` is the least fixpoint of hops from one position: a hop is possible when the fields of its key can be selected
from what is reached already. So keys may be collected from several subgraphs, and requirements that need each other in
a circle are never met.

Contexts come from above: what the objects on the way down have set is given to the questions that need it. The
conditions of hops (keys and requirements) are asked without any.
"""

from collections.abc import Iterable, Iterator
from typing import NamedTuple

from graphql import FieldNode, InlineFragmentNode, SelectionSetNode

from router.composition.contexts import (
    contextual_arguments,
    contextual_arguments_of,
    parse_context_selection,
    setters,
)
from router.composition.field_sets import parse_field_set
from router.composition.merged_model import MergedSchema
from router.composition.model import ROOT_TYPES, Kind, OutputField, SubgraphSchema, TypeDefinition
from router.composition.type_text import named_type


class Provided(NamedTuple):
    """An external field that a path provides: on which type, and what is provided below it."""

    type_name: str
    field: str
    below: frozenset["Provided"]


class Position(NamedTuple):
    """A value in a subgraph."""

    subgraph: str
    type_name: str
    provided: frozenset[Provided]


class FieldMove(NamedTuple):
    """What a subgraph does with a field: the type of its value there, and on what conditions it answers."""

    name: str
    value_type: str
    is_external: bool
    requires: SelectionSetNode | None
    provides: frozenset[Provided]
    takes: "Contexts"


class Entry(NamedTuple):
    """A key by which a subgraph can be entered at a type."""

    subgraph: str
    type_name: str
    key: SelectionSetNode
    key_text: str


class ContextValue(NamedTuple):
    """What some argument of a subgraph takes from one of its contexts."""

    subgraph: str
    context: str
    selection_text: str


Positions = frozenset[Position]
Contexts = frozenset[ContextValue]
NO_CONTEXTS: Contexts = frozenset()
_NOTHING: frozenset[Provided] = frozenset()


class Moves:
    """Answers where a router can go in one merged schema. Remembers every answer."""

    def __init__(self, schema: MergedSchema, *, labels: frozenset[str] = frozenset()) -> None:
        """Take the schema as it is for the requests that exactly these override labels choose."""
        self.schema = schema
        self.overridden = schema.overridden | {
            override.source if override.label in labels else override.target for override in schema.labelled
        }
        self.subgraphs = {subgraph.name: subgraph for subgraph in schema.subgraphs}
        self._reached: dict[tuple[Position, str], Positions] = {}
        self._entries: dict[str, list[Entry]] = {}
        self._fields: dict[tuple[str, str], dict[str, FieldMove]] = {}
        self._possible_types: dict[str, list[str]] = {}
        self._interfaces = {name: frozenset(merged.interfaces) for name, merged in schema.types.items()}
        self._growing: dict[tuple[Position, str], set[Position]] = {}
        self._pending: set[tuple[str, str, str]] = set()
        self._cut_short = 0
        self._context_values = _context_values(schema)

    def roots(self, root: str) -> Positions:
        """Return where an operation can begin: in every subgraph that has fields of the root type."""
        return frozenset(
            Position(subgraph.name, root, _NOTHING)
            for subgraph, definition in self.schema.sources(root)
            if definition.fields
        )

    def reach(self, position: Position, runtime_type: str) -> Positions:
        """Return every position that can be reached from one, itself included, for a value of a runtime type."""
        if runtime_type in ROOT_TYPES:
            return self.roots(runtime_type)
        question = (position, runtime_type)
        known = self._reached.get(question)
        if known is not None:
            return known
        if question in self._growing:
            self._cut_short += 1
            return frozenset(self._growing[question])
        cut_short_before = self._cut_short
        outermost = not self._growing and not self._pending
        reached = self._growing[question] = {position}
        while self._hop_once(reached, runtime_type):
            pass
        del self._growing[question]
        answer = frozenset(reached)
        # An answer that leant on an unfinished one may be too small: good for now, not to be remembered.
        if outermost or self._cut_short == cut_short_before:
            self._reached[question] = answer
        return answer

    def _hop_once(self, reached: set[Position], runtime_type: str) -> bool:
        """Add what one more hop reaches; whether there was any."""
        inside = {(position.subgraph, position.type_name) for position in reached}
        found = set()
        for entry in self.entries(runtime_type):
            landing = self._landing(entry, runtime_type, reached)
            if landing is None or (landing.subgraph, landing.type_name) in inside:
                continue
            if self.can_select(entry.key, runtime_type, frozenset(reached)):
                found.add(landing)
        reached |= found
        return bool(found)

    def entries(self, runtime_type: str) -> list[Entry]:
        """Return the resolvable keys of an object type: its own, and those of the interfaces that it implements."""
        known = self._entries.get(runtime_type)
        if known is None:
            names = [runtime_type, *self.schema.types[runtime_type].interfaces]
            known = self._entries[runtime_type] = [
                Entry(subgraph.name, name, key.selection, key.fields)
                for subgraph in self.schema.subgraphs
                for name in names
                for key in subgraph.keys.get(name, ())
                if key.is_resolvable
            ]
        return known

    def _landing(self, entry: Entry, runtime_type: str, reached: Iterable[Position]) -> Position | None:
        """Return where an entry leads, None when what is known of the value's type does not allow it.

        A subgraph is asked for an object by its type, so that type has to be known: an interface object's `__typename`
        is the interface's, and only a subgraph that has the interface can name the real one. Until then nothing says
        that the value is also one of another interface.
        """
        stands_for = {at.type_name for at in reached}
        if entry.type_name == runtime_type or self._is_interface_object(entry):
            is_known = runtime_type in stands_for or entry.type_name in stands_for
            return Position(entry.subgraph, entry.type_name, _NOTHING) if is_known else None
        if entry.type_name in stands_for and runtime_type in self.subgraphs[entry.subgraph].types:
            return Position(entry.subgraph, runtime_type, _NOTHING)
        return None

    def _is_interface_object(self, entry: Entry) -> bool:
        return self.subgraphs[entry.subgraph].types[entry.type_name].is_interface_object

    def advance(
        self, position: Position, field_name: str, runtime_type: str, contexts: Contexts = NO_CONTEXTS
    ) -> Position | None:
        """Return the position at a field's value, before its runtime type is known; None when it cannot be had here."""
        move = self._moves_of(position.subgraph, position.type_name).get(field_name)
        if move is None:
            return None
        below = self._provided_below(position, field_name) if position.provided else None
        if move.is_external and below is None:
            return None
        if move.requires is not None and not self._requirement_met(position, move, runtime_type):
            return None
        if move.takes and not self._contexts_met(position, move, runtime_type, contexts):
            return None
        return Position(position.subgraph, move.value_type, move.provides | below if below else move.provides)

    def _moves_of(self, subgraph_name: str, type_name: str) -> dict[str, FieldMove]:
        """Return what a subgraph does with each field of a type; a field that was overridden is not there."""
        known = self._fields.get((subgraph_name, type_name))
        if known is None:
            subgraph = self.subgraphs[subgraph_name]
            known = self._fields[subgraph_name, type_name] = {
                field.name: _field_move(field, subgraph.types[type_name], subgraph)
                for field in subgraph.types[type_name].fields.values()
                if (subgraph_name, type_name, field.name) not in self.overridden
            }
        return known

    def _provided_below(self, position: Position, field_name: str) -> frozenset[Provided] | None:
        subgraph = self.subgraphs[position.subgraph]
        found = [
            item.below
            for item in position.provided
            if item.field == field_name
            and (item.type_name == position.type_name or position.type_name in subgraph.possible_types(item.type_name))
        ]
        return frozenset().union(*found) if found else None

    def _requirement_met(self, position: Position, move: FieldMove, runtime_type: str) -> bool:
        """Whether a field's `@requires` can be collected from here, and brought back here by a key.

        From here, not from where the value was first met: then a router needs not know in advance what it will have to
        carry along. Never while the requirement is itself part of the answer.
        """
        coordinate = (position.subgraph, position.type_name, move.name)
        if move.requires is None or coordinate in self._pending:
            self._cut_short += 1
            return False
        self._pending.add(coordinate)
        try:
            reached = self.reach(position, runtime_type)
            return self.can_select(move.requires, runtime_type, reached) and self._can_come_back(
                position, runtime_type, reached
            )
        finally:
            self._pending.discard(coordinate)

    def _contexts_met(self, position: Position, move: FieldMove, runtime_type: str, contexts: Contexts) -> bool:
        """Whether the objects above have set what the field takes, and a key leads here with it."""
        return move.takes <= contexts and self._can_come_back(
            position, runtime_type, self.reach(position, runtime_type)
        )

    def contexts_below(self, runtime_type: str, reached: Positions, contexts: Contexts) -> Contexts:
        """Return what is set for the fields below an object: what was set above, but for what the object itself sets.

        The nearest object that sets a context counts, even when a value cannot be had from it.
        """
        set_here = self._context_values.get(runtime_type)
        if set_here is None:
            return contexts
        had = {value for value, selection in set_here.items() if self.can_select(selection, runtime_type, reached)}
        return (contexts - set_here.keys()) | had

    def _can_come_back(self, position: Position, runtime_type: str, reached: Positions) -> bool:
        return any(
            entry.subgraph == position.subgraph
            and entry.type_name in (position.type_name, runtime_type)
            and self.can_select(entry.key, runtime_type, reached)
            for entry in self.entries(runtime_type)
        )

    def can_select(self, selection: SelectionSetNode, runtime_type: str, reached: Positions) -> bool:
        """Whether all of a selection can be had for a value of a runtime type from the positions that are reached."""
        return all(self._can_select_node(node, runtime_type, reached) for node in selection.selections)

    def _can_select_node(self, node: object, runtime_type: str, reached: Positions) -> bool:
        if isinstance(node, InlineFragmentNode):
            condition = node.type_condition.name.value if node.type_condition else runtime_type
            if runtime_type not in self.possible_types(condition):
                return True
            return self.can_select(node.selection_set, runtime_type, reached)
        assert isinstance(node, FieldNode)
        name = node.name.value
        if name == "__typename":
            return True
        values = self.values(name, runtime_type, reached)
        if not values or node.selection_set is None:
            return bool(values)
        return all(
            self.can_select_from_any(node.selection_set, child, positions)
            for child, positions in self.by_runtime_type(values, runtime_type, name)
        )

    def values(
        self, field_name: str, runtime_type: str, reached: Positions, contexts: Contexts = NO_CONTEXTS
    ) -> Positions:
        """Return the positions at a field's value, one for each reached position that has the field."""
        advanced = (self.advance(position, field_name, runtime_type, contexts) for position in reached)
        return frozenset(position for position in advanced if position is not None)

    def reach_all(self, positions: Positions, runtime_type: str) -> Positions:
        """Return what can be reached from any of several positions."""
        return frozenset().union(*(self.reach(position, runtime_type) for position in positions))

    def can_select_from_any(self, selection: SelectionSetNode, runtime_type: str, positions: Positions) -> bool:
        """Whether all of a selection can be had from what several positions reach."""
        return self.can_select(selection, runtime_type, self.reach_all(positions, runtime_type))

    def can_name_type(self, positions: Positions, runtime_type: str) -> bool:
        """Whether a position is reached that knows the runtime type, and not only an interface object."""
        return any(at.type_name == runtime_type for at in self.reach_all(positions, runtime_type))

    def runtime_types(self, value: Position, owner: str, field_name: str) -> frozenset[str]:
        """Return the object types that a field's value may have at one position."""
        return frozenset(name for name, _ in self.by_runtime_type(frozenset([value]), owner, field_name))

    def by_runtime_type(self, values: Positions, owner: str, field_name: str) -> Iterator[tuple[str, Positions]]:
        """Yield each object type that a field's value may have, with the positions that can hold such a value."""
        declared = named_type(self.schema.types[owner].fields[field_name].type)
        for runtime_type in self.possible_types(declared):
            held = frozenset(
                narrowed for value in values if (narrowed := self._narrow(value, runtime_type)) is not None
            )
            if held:
                yield runtime_type, held

    def can_be(self, value: Position, runtime_type: str) -> bool:
        """Whether a subgraph may return an object of a runtime type for a value."""
        return self._narrow(value, runtime_type) is not None

    def _narrow(self, value: Position, runtime_type: str) -> Position | None:
        subgraph = self.subgraphs[value.subgraph]
        definition = subgraph.types.get(value.type_name)
        if definition is None:
            return None
        if definition.is_interface_object:
            return value if value.type_name in self._interfaces[runtime_type] else None
        if runtime_type in subgraph.possible_types(value.type_name):
            return value._replace(type_name=runtime_type)
        return self._narrow_through_member(value, runtime_type, subgraph)

    def _narrow_through_member(self, value: Position, runtime_type: str, subgraph: SubgraphSchema) -> Position | None:
        """An abstract type may contain an interface object, which stands for the runtime type."""
        for member in subgraph.possible_types(value.type_name):
            if subgraph.types[member].is_interface_object and member in self._interfaces[runtime_type]:
                return value._replace(type_name=member)
        return None

    def possible_types(self, type_name: str) -> list[str]:
        """Return the object types that a value of a type of the supergraph may have."""
        known = self._possible_types.get(type_name)
        if known is None:
            known = self._possible_types[type_name] = self.schema.possible_types(type_name)
        return known

    def is_abstract(self, value: Position) -> bool:
        """Whether a subgraph knows a value as an interface or a union."""
        return self.subgraphs[value.subgraph].types[value.type_name].kind is not Kind.OBJECT

    def is_composite(self, type_name: str) -> bool:
        """Whether a type of the supergraph has fields or members."""
        found = self.schema.types.get(type_name)
        return found is not None and found.kind in (Kind.OBJECT, Kind.INTERFACE, Kind.UNION)


def _context_values(schema: MergedSchema) -> dict[str, dict[ContextValue, SelectionSetNode]]:
    """Return what is taken from the contexts that each object type sets, by itself or as one of an abstract type."""
    found: dict[str, dict[ContextValue, SelectionSetNode]] = {}
    for subgraph in schema.subgraphs:
        for argument in contextual_arguments(subgraph):
            context = argument.context or ""
            value = ContextValue(subgraph.name, context, argument.selection_text)
            selection = parse_context_selection(argument.selection_text)
            for setter in setters(context, subgraph):
                for name in schema.possible_types(setter.name):
                    found.setdefault(name, {})[value] = selection
    return found


def _field_move(field: OutputField, owner: TypeDefinition, subgraph: SubgraphSchema) -> FieldMove:
    value_type = named_type(field.type)
    requires, provides = field.applied("requires"), field.applied("provides")
    promised = parse_field_set(provides.text("fields") or "") if provides else None
    return FieldMove(
        field.name,
        value_type,
        field.uses("external"),
        parse_field_set(requires.text("fields") or "") if requires else None,
        frozenset(_provided(promised, value_type, subgraph)) if promised else _NOTHING,
        frozenset(
            ContextValue(subgraph.name, argument.context or "", argument.selection_text)
            for argument in contextual_arguments_of(owner, field)
        ),
    )


def _provided(selection: SelectionSetNode, of: str, subgraph: SubgraphSchema) -> Iterator[Provided]:
    for node in selection.selections:
        if isinstance(node, InlineFragmentNode):
            condition = node.type_condition.name.value if node.type_condition else of
            yield from _provided(node.selection_set, condition, subgraph)
        elif isinstance(node, FieldNode):
            field = subgraph.field(of, node.name.value)
            below = _NOTHING
            if field is not None and node.selection_set is not None:
                below = frozenset(_provided(node.selection_set, named_type(field.type), subgraph))
            yield Provided(of, node.name.value, below)
