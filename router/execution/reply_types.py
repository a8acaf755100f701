"""What the reply to each fetch of an operation looks like, as types by which msgspec decodes and checks it at once.

A reply that is decoded by its type needs no second look at what the type promised. Objects that belong to the client
whole - one fetch brings all of them, no other fetch looks into them - become structs whose fields are the client's, in
the client's order: they stay as they are until they are written. All objects around them are dictionaries, in which
the rest of execution finds what it always does.

Where a type cannot promise anything, it is `Any`. Where a reply is not of its type, it is read without one, and the
response is projected by the ways that check everything (`quick_projection.py`, `projection.py`).
"""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from typing import Any

from graphql import (
    FieldNode,
    GraphQLObjectType,
    GraphQLOutputType,
    InlineFragmentNode,
    OperationDefinitionNode,
    SelectionSetNode,
    get_named_type,
    is_abstract_type,
    is_composite_type,
    is_leaf_type,
    parse,
)

from router.execution.client_selections import ClientSelections, InternalPath, ObjectType
from router.execution.conditions import Conditions, is_included
from router.execution.described_types import (
    ANYTHING,
    TYPE_NAME,
    Described,
    collect_circles,
    decoder,
    dictionary,
    loosely_wrapped,
    wrapped,
)
from router.execution.quick_parse import quick_parse
from router.execution.transport import ReplyDecoder
from router.planning.plan import EntityFetch, EntityTarget, QueryPlan, RepresentationField, RootFetch

_MOST_TOKENS = 10**6


@dataclass(frozen=True, slots=True)
class ReplyTypes:
    """The types of an operation's replies.

    Attributes:
        decoders: By the id of the fetch.
        whole: Internal keys from the root to each value that needs no projection where all replies had their types.
    """

    decoders: dict[int, ReplyDecoder]
    whole: frozenset[InternalPath]


@dataclass(frozen=True, slots=True)
class _Spot:
    """A position in the response tree: what the client selects there, by each type that an object there may have.

    Attributes:
        is_abstract: Whether objects tell their types, of which the client may not know all.
    """

    types: tuple[ObjectType, ...]
    selection_sets: tuple[SelectionSetNode, ...]
    path: InternalPath
    is_abstract: bool = False


def find_reply_types(
    selections: ClientSelections,
    fetches: Sequence[RootFetch | EntityFetch],
    *,
    plan: QueryPlan,
    conditions: Conditions,
) -> ReplyTypes | None:
    """Return the types, None for an operation of which nothing would stay as it is.

    Args:
        selections: Of the client.
        fetches: Those that are sent.
        plan: They are of.
        conditions: Values of the variables in `@skip` and `@include`.
    """
    if selections.denials is not None or plan.renames or plan.has_introspection:
        return None
    finder = _Finder(selections, conditions)
    if not all(finder.note(fetch) for fetch in fetches):
        return None
    replies = {fetch.id: finder.reply(fetch) for fetch in fetches}
    if not finder.whole:
        return None
    types = ReplyTypes({id_: decoder(reply) for id_, reply in replies.items()}, frozenset(finder.whole))
    collect_circles()
    return types


class _Finder:
    """Reads the fetches twice: first for what they touch and who writes what, then for their types."""

    def __init__(self, selections: ClientSelections, conditions: Conditions) -> None:
        self._selections = selections
        self._conditions = conditions
        self._touched: set[InternalPath] = set()
        self._writers: dict[InternalPath, set[object]] = {}
        self._documents: dict[int, SelectionSetNode] = {}
        self.whole: set[InternalPath] = set()

    # First

    def note(self, fetch: RootFetch | EntityFetch) -> bool:
        """Take note of what a fetch reads and writes; return whether its document says all of it."""
        selection_set = _operation(fetch.document).selection_set
        self._documents[fetch.id] = selection_set
        if isinstance(fetch, RootFetch):
            self._touch(_keys(fetch.path))
            self._note_writes(selection_set, _keys(fetch.path), writer=fetch.id)
            return True
        selected = _entity_selections(selection_set)
        for entry in fetch.entries:
            if entry.alias not in selected:
                return False
            for target in entry.targets:
                self._touch_target(target)
                self._note_writes(selected[entry.alias], _keys(target.path), writer=(fetch.id, entry.alias))
        return True

    def _touch(self, path: InternalPath) -> None:
        self._touched.update(path[:length] for length in range(len(path) + 1))

    def _touch_target(self, target: EntityTarget) -> None:
        path = _keys(target.path)
        self._touch(path)
        for template in target.representations:
            for field in template.fields:
                self._touch_field(path, field)

    def _touch_field(self, path: InternalPath, field: RepresentationField) -> None:
        for inner in field.fields or ():
            self._touch((*path, field.key))
            self._touch_field((*path, field.key), inner)

    def _note_writes(self, selection_set: SelectionSetNode, path: InternalPath, *, writer: object) -> None:
        for key, nodes in _by_key(selection_set).items():
            inner = [node.selection_set for node in nodes if node.selection_set is not None]
            if inner:
                self._writers.setdefault((*path, key), set()).add(writer)
                for each in inner:
                    self._note_writes(each, (*path, key), writer=writer)

    # Then

    def reply(self, fetch: RootFetch | EntityFetch) -> Described:
        """Return the type of a whole reply."""
        return dictionary({"data": self._data(fetch), "errors": ANYTHING})

    def _data(self, fetch: RootFetch | EntityFetch) -> Described:
        selection_set = self._documents[fetch.id]
        if isinstance(fetch, RootFetch):
            if fetch.path:
                return "leaf", dict[str, Any]
            spot = _Spot((self._selections.root_type,), self._selections.root_selections, ())
            return self._object([selection_set], [spot])
        selected = _entity_selections(selection_set)
        entries: dict[str, Described] = {}
        for entry in fetch.entries:
            spots = [self._spot_at(_keys(target.path)) for target in entry.targets]
            found = [spot for spot in spots if spot is not None]
            entity = self._object([selected[entry.alias]], found) if len(found) == len(spots) else ANYTHING
            entries[entry.alias] = "list", ("or null", entity)
        return dictionary(entries)

    def _spot_at(self, path: InternalPath) -> _Spot | None:
        """Return what the client selects at a path; None where that depends on the types above."""
        spot: _Spot | None = _Spot((self._selections.root_type,), self._selections.root_selections, ())
        for key in path:
            spot = self._below(spot, key)
            if spot is None:
                return None
        return spot

    def _below(self, spot: _Spot | None, key: str) -> _Spot | None:
        field = self._field(spot, key) if spot is not None else None
        if spot is None or field is None:
            return None
        type_, nodes = field
        named = get_named_type(type_)
        if not is_composite_type(named):
            return None
        sets = tuple(node.selection_set for node in nodes if node.selection_set is not None)
        path = (*spot.path, key)
        if is_abstract_type(named):
            return _Spot(tuple(self._selections.schema.get_possible_types(named)), sets, path, is_abstract=True)
        assert isinstance(named, GraphQLObjectType)
        return _Spot((named,), sets, path)

    def _field(self, spot: _Spot, key: str) -> tuple[GraphQLOutputType, list[FieldNode]] | None:
        """Return the client's field; None if there is none, or it is not the same for all types of the spot."""
        found: dict[object, tuple[GraphQLOutputType, list[FieldNode]]] = {}
        for type_ in spot.types:
            nodes = self._selections.fields(type_, spot.selection_sets).get(key)
            if nodes is None:
                continue
            field = type_.fields.get(nodes[0].name.value)
            if field is None:  # __typename
                return None
            found[str(field.type), tuple(map(id, nodes))] = (field.type, nodes)
        return next(iter(found.values())) if len(found) == 1 else None

    def _object(self, selected: Sequence[SelectionSetNode], spots: Sequence[_Spot]) -> Described:
        """Return the type of objects at all of the spots: dictionaries, since something looks into them."""
        entries: dict[str, Described] = {}
        for key, nodes in _by_key(*selected).items():
            inner = [node.selection_set for node in nodes if node.selection_set is not None]
            entries[key] = self._value(key, inner, spots) if inner else ANYTHING
        return dictionary(entries)

    def _value(self, key: str, selected: Sequence[SelectionSetNode], spots: Sequence[_Spot]) -> Described:
        """Return the type of a composite value."""
        below = [self._below(spot, key) for spot in spots]
        found = [spot for spot in below if spot is not None]
        if len(found) != len(below):
            return ANYTHING
        fields = [self._field(spot, key) for spot in spots]
        types = {str(field[0]): field[0] for field in fields if field is not None}
        if len(types) != 1:
            return ANYTHING
        type_ = next(iter(types.values()))
        structs = [self._whole(spot, selected) for spot in found]
        if structs[0] is not None and all(struct == structs[0] for struct in structs):
            self.whole.update(spot.path for spot in found)
            return wrapped(type_, structs[0])
        return loosely_wrapped(type_, self._object(selected, found))

    def _whole(self, spot: _Spot, selected: Sequence[SelectionSetNode]) -> Described | None:
        """Return the struct of objects that are the client's as they come, None if they are not."""
        if spot.path in self._touched or len(self._writers[spot.path]) != 1 or spot.is_abstract:
            return None
        (type_,) = spot.types
        brought: dict[str, list[FieldNode]] | None = {}
        for selection_set in selected:
            brought = self._certainly(selection_set, type_, brought)
        if brought is None:
            return None
        fields: list[tuple[str, Described]] = []
        for key, nodes in self._selections.fields(type_, spot.selection_sets).items():
            found = self._whole_field(spot, type_, key, nodes, brought)
            if found is None:
                return None
            fields.append((key, found))
        return "struct", type_.name, tuple(fields)

    def _whole_field(
        self,
        spot: _Spot,
        type_: ObjectType,
        key: str,
        nodes: Sequence[FieldNode],
        brought: dict[str, list[FieldNode]],
    ) -> Described | None:
        name = nodes[0].name.value
        if name == "__typename":
            return TYPE_NAME
        if key not in brought or name not in type_.fields:
            return None
        field_type = type_.fields[name].type
        named = get_named_type(field_type)
        if is_leaf_type(named):
            return wrapped(field_type, named)
        below = self._below(spot, key)
        inner = [node.selection_set for node in brought[key] if node.selection_set is not None]
        struct = self._whole(below, inner) if below is not None and inner else None
        return wrapped(field_type, struct) if struct is not None else None

    def _certainly(
        self, selection_set: SelectionSetNode, type_: ObjectType, found: dict[str, list[FieldNode]] | None
    ) -> dict[str, list[FieldNode]] | None:
        """Add what is selected of an object of a type, whatever the variables; None where that cannot be told."""
        for selection in selection_set.selections:
            if found is None:
                return None
            if selection.directives:
                try:
                    if not is_included(selection, self._conditions):
                        continue
                except KeyError:
                    return None
            if isinstance(selection, FieldNode):
                found.setdefault((selection.alias or selection.name).value, []).append(selection)
            elif isinstance(selection, InlineFragmentNode):
                condition = selection.type_condition
                if condition is not None and condition.name.value != type_.name:
                    return None
                found = self._certainly(selection.selection_set, type_, found)
            else:
                return None
        return found


def _operation(text: str) -> OperationDefinitionNode:
    document = quick_parse(text, _MOST_TOKENS) or parse(text, no_location=True)
    (operation,) = document.definitions
    assert isinstance(operation, OperationDefinitionNode)
    return operation


def _entity_selections(selection_set: SelectionSetNode) -> dict[str, SelectionSetNode]:
    return {
        (node.alias or node.name).value: node.selection_set
        for node in selection_set.selections
        if isinstance(node, FieldNode) and node.selection_set is not None
    }


def _by_key(*selection_sets: SelectionSetNode) -> dict[str, list[FieldNode]]:
    """Return all fields that may come, by their keys, whatever the type of the object and the variables."""
    found: dict[str, list[FieldNode]] = {}
    waiting: list[SelectionSetNode] = list(selection_sets)
    while waiting:
        for selection in waiting.pop(0).selections:
            if isinstance(selection, FieldNode):
                found.setdefault((selection.alias or selection.name).value, []).append(selection)
            else:
                assert isinstance(selection, InlineFragmentNode)  # plans have no named fragments
                waiting.append(selection.selection_set)
    return found


def _keys(path: Iterable[Any]) -> InternalPath:
    return tuple(step.key for step in path)
