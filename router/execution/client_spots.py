"""What the client selects at a position of the response tree, by each type that an object there may have."""

from dataclasses import dataclass

from graphql import (
    FieldNode,
    GraphQLAbstractType,
    GraphQLObjectType,
    GraphQLOutputType,
    SelectionSetNode,
    get_named_type,
    is_abstract_type,
    is_composite_type,
    is_list_type,
    is_non_null_type,
)

from router.execution.client_selections import ClientSelections, InternalPath, ObjectType, keys_of
from router.planning.plan import PathStep


@dataclass(frozen=True, slots=True)
class Spot:
    """A position.

    Attributes:
        types: Of the objects that may stand there.
        steps: From the root, for objects of all types.
        abstract: The type of the position if it is none of an object.
    """

    types: tuple[ObjectType, ...]
    selection_sets: tuple[SelectionSetNode, ...]
    steps: tuple[PathStep, ...]
    abstract: GraphQLAbstractType | None = None

    @property
    def path(self) -> InternalPath:
        """Internal keys from the root."""
        return keys_of(self.steps)


class ClientSpots:
    """Finds positions in what an operation selects."""

    def __init__(self, selections: ClientSelections) -> None:
        self._selections = selections
        self.root = Spot((selections.root_type,), selections.root_selections, ())

    def at(self, path: InternalPath) -> Spot | None:
        """Return the position at a path; None where that depends on the types above, or the client selects nothing."""
        spot: Spot | None = self.root
        for key in path:
            spot = self.below(spot, key)
            if spot is None:
                return None
        return spot

    def below(self, spot: Spot | None, key: str) -> Spot | None:
        """Return the position one key down, None as above."""
        field = self.field(spot, key) if spot is not None else None
        if spot is None or field is None:
            return None
        type_, nodes = field
        named = get_named_type(type_)
        if not is_composite_type(named):
            return None
        sets = tuple(node.selection_set for node in nodes if node.selection_set is not None)
        steps = (*spot.steps, PathStep(key, _list_depth(type_)))
        if is_abstract_type(named):
            return Spot(tuple(self._selections.schema.get_possible_types(named)), sets, steps, named)
        assert isinstance(named, GraphQLObjectType)
        return Spot((named,), sets, steps)

    def field(self, spot: Spot, key: str) -> tuple[GraphQLOutputType, list[FieldNode]] | None:
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


def _list_depth(type_: GraphQLOutputType) -> int:
    if is_non_null_type(type_):
        return _list_depth(type_.of_type)
    return 1 + _list_depth(type_.of_type) if is_list_type(type_) else 0
