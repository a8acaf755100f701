"""What an operation selects at each position, under given values of its `@skip` and `@include` variables.

Both ways to project (`projection.py`, `quick_projection.py`) read the operation through this, so that they cannot
differ in what they answer.
"""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from typing import Any

from graphql import (
    FieldNode,
    FragmentDefinitionNode,
    FragmentSpreadNode,
    GraphQLAbstractType,
    GraphQLInterfaceType,
    GraphQLObjectType,
    GraphQLOutputType,
    GraphQLSchema,
    InlineFragmentNode,
    OperationDefinitionNode,
    SelectionSetNode,
    is_abstract_type,
)

from router.execution.authorization import Denials
from router.execution.conditions import Conditions, is_included
from router.planning.plan import PathStep, Rename

INTROSPECTION_FIELDS = ("__schema", "__type")

InternalPath = tuple[str, ...]
ObjectType = GraphQLObjectType | GraphQLInterfaceType
Fields = dict[str, list[FieldNode]]


def keys_of(path: Iterable[PathStep]) -> InternalPath:
    """Return the keys of a path."""
    return tuple([step.key for step in path])


@dataclass(frozen=True, slots=True)
class Position:
    """A value to be completed: its type, the fields merged there, and how the client is told of it.

    Attributes:
        keys: Internal keys from the root of the response tree to the value.
    """

    type: GraphQLOutputType
    nodes: tuple[FieldNode, ...]
    coordinate: str
    keys: InternalPath

    def of(self, inner: GraphQLOutputType) -> "Position":
        """Return the position of what the value wraps: an item, or the same without non-null."""
        return Position(inner, self.nodes, self.coordinate, self.keys)

    @property
    def selection_sets(self) -> tuple[SelectionSetNode, ...]:
        """What the fields select of the value."""
        return tuple(node.selection_set for node in self.nodes if node.selection_set is not None)


class ClientSelections:
    """Reads one operation of a valid document.

    Attributes:
        schema: The API schema.
        root_type: Where the operation starts.
        root_selections: Its selection set.
        denials: What its viewer may not read; None is nothing.
    """

    def __init__(
        self,
        schema: GraphQLSchema,
        operation: OperationDefinitionNode,
        fragments: Mapping[str, FragmentDefinitionNode],
        *,
        conditions: Conditions,
        renames: Iterable[Rename] = (),
        denials: Denials | None = None,
    ) -> None:
        root_type = schema.get_root_type(operation.operation)
        assert root_type is not None
        self.schema = schema
        self.root_type = root_type
        self.root_selections = (operation.selection_set,)
        self.denials = denials
        self._fragments = fragments
        self._conditions = conditions
        self._fields: dict[tuple[str, tuple[int, ...]], Fields] = {}
        self._internal_keys = {(r.path, r.type_name, r.key): r.internal_key for r in renames}

    def shape_key(self, type_: ObjectType, selection_sets: tuple[SelectionSetNode, ...], keys: InternalPath) -> object:
        """Return a key that is equal where objects are answered in the same way.

        Without renames the same selections give the same answer wherever they stand.
        """
        return type_.name, tuple(map(id, selection_sets)), keys if self._internal_keys else ()

    def internal_key(self, keys: InternalPath, type_name: str, response_key: str) -> str:
        """Return the key under which the response tree has a field of an object at `keys`."""
        return self._internal_keys.get((keys, type_name, response_key), response_key)

    def denies_field(self, type_: ObjectType, nodes: Iterable[FieldNode]) -> bool:
        """Return whether the viewer may not read the field."""
        return self.denials is not None and self.denials.denies_field(type_.name, tuple(nodes))

    def denies_type(self, type_name: str) -> bool:
        """Return whether the viewer may not read objects of the type."""
        return self.denials is not None and self.denials.denies_type(type_name)

    def denies_any(self, type_: ObjectType, selection_sets: tuple[SelectionSetNode, ...]) -> bool:
        """Return whether the viewer may not read objects of the type, or a field that they answer."""
        return self.denials is not None and any(self._denied(type_, self.fields(type_, selection_sets)))

    def fields(self, type_: ObjectType, selection_sets: tuple[SelectionSetNode, ...]) -> Fields:
        """Return the fields that an object of `type_` answers, by response key, in the order of the operation."""
        key = (type_.name, tuple(map(id, selection_sets)))
        known = self._fields.get(key)
        if known is None:
            known = self._fields[key] = {}
            visited: set[str] = set()
            for selection_set in selection_sets:
                self._collect(known, type_, selection_set, visited=visited)
        return known

    def stand_in(
        self, abstract: GraphQLAbstractType, selection_sets: tuple[SelectionSetNode, ...]
    ) -> ObjectType | None:
        """Return the type as which to answer for an object without `__typename`, None if its type has to be known.

        It need not be known if objects of every possible type answer the same, and not their type.
        """
        candidates: list[ObjectType] = [*self.schema.get_possible_types(abstract)]
        if isinstance(abstract, GraphQLInterfaceType) and (
            not candidates or self.fields(abstract, selection_sets) == self.fields(candidates[0], selection_sets)
        ):
            candidates.insert(0, abstract)  # its field types promise the least
        first, *others = [self.fields(type_, selection_sets) for type_ in candidates]
        if any(nodes[0].name.value == "__typename" for nodes in first.values()):
            return None
        if len({self._denied(type_, first) for type_ in candidates}) > 1:
            return None
        return candidates[0] if all(fields == first for fields in others) else None

    def _denied(self, type_: ObjectType, fields: Fields) -> tuple[bool, ...]:
        """Return whether the type itself is denied, and each of its fields."""
        if self.denials is None:
            return ()
        return self.denies_type(type_.name), *(self.denies_field(type_, nodes) for nodes in fields.values())

    def _collect(
        self, fields: Fields, type_: ObjectType, selection_set: SelectionSetNode, *, visited: set[str]
    ) -> None:
        for selection in selection_set.selections:
            if selection.directives and not is_included(selection, self._conditions):
                continue
            if isinstance(selection, FieldNode):
                response_key = (selection.alias or selection.name).value
                fields.setdefault(response_key, []).append(selection)
                continue
            fragment: InlineFragmentNode | FragmentDefinitionNode
            if isinstance(selection, FragmentSpreadNode):
                if selection.name.value in visited:
                    continue
                visited.add(selection.name.value)
                fragment = self._fragments[selection.name.value]
            else:
                assert isinstance(selection, InlineFragmentNode)
                fragment = selection
            if self._applies(fragment, type_):
                self._collect(fields, type_, fragment.selection_set, visited=visited)

    def _applies(self, fragment: InlineFragmentNode | FragmentDefinitionNode, type_: ObjectType) -> bool:
        if fragment.type_condition is None:
            return True
        condition: Any = self.schema.get_type(fragment.type_condition.name.value)
        return condition is type_ or (is_abstract_type(condition) and self.schema.is_sub_type(condition, type_))
