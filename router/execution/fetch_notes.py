"""What the fetches of an operation read of the response tree, and what each of them brings."""

from graphql import FieldNode, InlineFragmentNode, OperationDefinitionNode, SelectionSetNode, parse

from router.execution.client_selections import InternalPath, keys_of
from router.execution.described_types import TYPE_NAME_KEY
from router.execution.quick_parse import quick_parse
from router.planning.plan import EntityFetch, EntityTarget, RepresentationField, RootFetch

_MOST_TOKENS = 10**6


class FetchNotes:
    """Notes about all fetches.

    Attributes:
        read: The keys that are read of objects at a position, and of which types; None is all.
        bringers: Who brings the value at a position.
        opened: The positions whose objects have to be dictionaries.
        selections: What each fetch selects, by its id.
    """

    def __init__(self) -> None:
        self.read: dict[InternalPath, set[tuple[str, tuple[str, ...] | None]]] = {}
        self.bringers: dict[InternalPath, set[object]] = {}
        self.opened: set[InternalPath] = set()
        self.selections: dict[int, SelectionSetNode] = {}

    def note(self, fetch: RootFetch | EntityFetch) -> bool:
        """Take note of a fetch; return whether its document says all of it."""
        selection_set = self.selections[fetch.id] = _operation(fetch.document).selection_set
        if isinstance(fetch, RootFetch):
            path = keys_of(fetch.path)
            self._note_brought(selection_set, path, bringer=fetch.id)
            if path:
                self.opened.update(path[:length] for length in range(1, len(path) + 1))
                self.open_below(selection_set, path)
            return True
        selected = entity_selections(selection_set)
        for entry in fetch.entries:
            if entry.alias not in selected:
                return False
            for target in entry.targets:
                self._note_target(target)
                self._note_brought(selected[entry.alias], keys_of(target.path), bringer=(fetch.id, entry.alias))
        return True

    def keys_read(self, path: InternalPath, type_name: str) -> set[str]:
        """Return the keys that are read of objects of a type."""
        return {key for key, types in self.read.get(path, ()) if types is None or type_name in types}

    def open_below(self, selection_set: SelectionSetNode, path: InternalPath) -> None:
        """Have all that is selected of objects at a path be dictionaries."""
        for key, inner in _composites(selection_set):
            self.opened.add((*path, key))
            self.open_below(inner, (*path, key))

    def _note_target(self, target: EntityTarget) -> None:
        path: InternalPath = ()
        types: tuple[str, ...] | None = None
        for step in target.path:
            self._note_read(path, step.key, types)
            path, types = (*path, step.key), step.types
            if types is not None:
                self._note_read(path, TYPE_NAME_KEY)
        for template in target.representations:
            if template.types is not None or template.typename is None:
                self._note_read(path, TYPE_NAME_KEY)
            for field in template.fields:
                self._note_field(path, field, types if template.types is None else template.types)

    def _note_field(self, path: InternalPath, field: RepresentationField, types: tuple[str, ...] | None) -> None:
        self._note_read(path, field.key, types)
        if field.types is not None:
            self._note_read(path, TYPE_NAME_KEY)
        if field.fields is not None:
            self.opened.add((*path, field.key))
            for inner in field.fields:
                self._note_field((*path, field.key), inner, None)

    def _note_read(self, path: InternalPath, key: str, types: tuple[str, ...] | None = None) -> None:
        self.read.setdefault(path, set()).add((key, types))

    def _note_brought(self, selection_set: SelectionSetNode, path: InternalPath, *, bringer: object) -> None:
        for key in by_key(selection_set):
            self.bringers.setdefault((*path, key), set()).add(bringer)
        for key, inner in _composites(selection_set):
            self._note_brought(inner, (*path, key), bringer=bringer)


def entity_selections(selection_set: SelectionSetNode) -> dict[str, SelectionSetNode]:
    """Return what each `_entities` field of an operation selects, by its alias."""
    return {
        (node.alias or node.name).value: node.selection_set
        for node in selection_set.selections
        if isinstance(node, FieldNode) and node.selection_set is not None
    }


def by_key(*selection_sets: SelectionSetNode) -> dict[str, list[FieldNode]]:
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


def _composites(selection_set: SelectionSetNode) -> list[tuple[str, SelectionSetNode]]:
    return [
        (key, node.selection_set)
        for key, nodes in by_key(selection_set).items()
        for node in nodes
        if node.selection_set is not None
    ]


def _operation(text: str) -> OperationDefinitionNode:
    document = quick_parse(text, _MOST_TOKENS) or parse(text, no_location=True)
    (operation,) = document.definitions
    assert isinstance(operation, OperationDefinitionNode)
    return operation
