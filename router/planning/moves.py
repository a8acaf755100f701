"""What can be done from where: the facts about moves between subgraphs, looked up by the chooser.

Derived once per supergraph from its tables and kept with it: through which keys objects of a type can be entered in
which graph, and which object types look exactly alike to the planner. Nothing here depends on an operation.
"""

from __future__ import annotations

from collections.abc import Hashable, Iterable, Iterator, Mapping
from dataclasses import dataclass
from weakref import WeakKeyDictionary

from router.supergraph import Supergraph
from router.supergraph.selections import Selection, SelectionSet
from router.supergraph.tables import GraphField, Key, TypeKind

_SHAPE_LIMIT = 10_000

_COMPOSITE = frozenset({TypeKind.OBJECT, TypeKind.INTERFACE, TypeKind.UNION})


@dataclass(frozen=True, slots=True, eq=False)
class Entrance:
    """A way into a graph for objects of some type.

    Attributes:
        graph: The graph entered.
        type_name: How that graph calls the type: the type's own name, or that of an `@interfaceObject`.
        keys: Keys that the graph resolves. Empty for root types, which are entered without a key.
    """

    graph: int
    type_name: str
    keys: tuple[Key, ...]


class Moves:
    """Moves between the graphs of one supergraph."""

    def __init__(self, supergraph: Supergraph) -> None:
        # The supergraph itself is not kept: it is the weak key under which this object lives.
        self.types = supergraph.types
        self.object_names = supergraph.object_names
        self.graph_count = len(supergraph.graphs)
        self.root_names = frozenset(supergraph.root_types.values())
        self.query_name = supergraph.root_types.get("query", "Query")
        self.mutation_name = supergraph.root_types.get("mutation")
        self.interface_object_masks = tuple(table.mask for table in supergraph.types.values() if table.interface_object)
        self.has_contexts = any(
            declared.contexts
            for table in supergraph.types.values()
            for field in table.fields.values()
            for declared in field.graphs.values()
        )
        self._partial_unions = frozenset(
            name
            for name, table in supergraph.types.items()
            if table.kind is TypeKind.UNION and len(set((table.possible_in or {}).values())) > 1
        )
        self._suppliers: dict[tuple[str, str], tuple[tuple[Entrance, GraphField], ...]] = {}
        self._entrances: dict[str, tuple[Entrance, ...]] = {}
        self._interfaces: dict[int, tuple[str, ...]] = {}
        self._shapes: dict[tuple[int, str], Mapping[int, str] | None] = {}
        self._type_likeness: dict[str, Hashable] = {}
        self._field_likeness: dict[tuple[str, str], Hashable] = {}

    def field(self, type_name: str, field_name: str, graph: int) -> GraphField | None:
        """Return the declaration of a field in one graph, if it has one."""
        field = self.types[type_name].fields.get(field_name)
        return None if field is None else field.graphs.get(graph)

    def is_external_key_field(self, type_name: str, field_name: str, graph: int) -> bool:
        """Whether a graph declares a field that it does not resolve as part of a key."""
        field = self.field(type_name, field_name, graph)
        if field is None or field.is_resolvable:
            return False
        keys = self.types[type_name].keys.get(graph, ())
        return any(item.name == field_name for key in keys for item in key.selections.items)

    def meets_partial_union(self, item: Selection) -> bool:
        """Whether a union whose members differ between graphs occurs below a field."""
        if item.selections is None or not self._partial_unions:
            return False
        return self.types[item.on].fields[item.name].type_name in self._partial_unions or any(
            self.meets_partial_union(inner) for inner in item.selections.items
        )

    def bits_of(self, mask: int) -> Iterator[tuple[int, str]]:
        """Yield bit and name of the object types in a mask."""
        while mask:
            bit = mask & -mask
            yield bit, self.object_names[bit.bit_length() - 1]
            mask ^= bit

    def shape(self, mask: int, field_name: str) -> Mapping[int, str] | None:
        """Return what a value of a field looks like in each graph; None if that differs between the types of `mask`.

        The shape is the type with its list and non-null marks, for objects without its name.
        """
        identity = (mask, field_name)
        if identity not in self._shapes:
            if len(self._shapes) >= _SHAPE_LIMIT:  # operations choose the masks, so there may be very many
                self._shapes.clear()
            self._shapes[identity] = self._find_shape(mask, field_name)
        return self._shapes[identity]

    def _find_shape(self, mask: int, field_name: str) -> Mapping[int, str] | None:
        shapes: dict[int, str] = {}
        for _, type_name in self.bits_of(mask):
            field = self.types[type_name].fields.get(field_name)
            for graph, declared in field.graphs.items() if field else ():
                shape = declared.type_text
                if self.is_composite(declared.type_name):
                    shape = shape.replace(declared.type_name, "")
                if shapes.setdefault(graph, shape) != shape:
                    return None
        return shapes

    def is_composite(self, type_name: str) -> bool:
        """Whether values of the type have fields."""
        table = self.types.get(type_name)
        return table is not None and table.kind in _COMPOSITE

    def interfaces_in(self, graph: int) -> tuple[str, ...]:
        """Return the interfaces that a graph knows as such, by name."""
        known = self._interfaces.get(graph)
        if known is None:
            known = self._interfaces[graph] = tuple(
                sorted(
                    name
                    for name, table in self.types.items()
                    if table.kind is TypeKind.INTERFACE and (table.graphs & ~table.interface_object) >> graph & 1
                )
            )
        return known

    def names_of(self, mask: int) -> tuple[str, ...]:
        """Return the names of the object types in a mask, sorted."""
        return tuple(name for _, name in self.bits_of(mask))

    def entrances(self, type_name: str) -> tuple[Entrance, ...]:
        """Return the ways into other graphs for objects of a type, in the order of graphs.

        For an object type these are its own keys and those of its interfaces where they are interface objects. For an
        interface, the concrete type being unknown, only graphs that know it as an interface object.
        """
        known = self._entrances.get(type_name)
        if known is None:
            known = self._entrances[type_name] = tuple(self._find_entrances(type_name))
        return known

    def suppliers(self, type_name: str, field_name: str) -> tuple[tuple[Entrance, GraphField], ...]:
        """Return the entrances to graphs that resolve a field, with its declarations there, in the order of graphs."""
        known = self._suppliers.get((type_name, field_name))
        if known is None:
            declared = (
                (entrance, self.field(entrance.type_name, field_name, entrance.graph))
                for entrance in self.entrances(type_name)
            )
            known = tuple((entrance, field) for entrance, field in declared if field and field.is_resolvable)
            self._suppliers[type_name, field_name] = known
        return known

    def discoveries(self, interface_name: str) -> tuple[Entrance, ...]:
        """Return the ways into graphs that can tell the concrete type of an interface object."""
        table = self.types[interface_name]
        return tuple(
            Entrance(graph, interface_name, keys)
            for graph in range(self.graph_count)
            if table.graphs >> graph & 1 and not table.interface_object >> graph & 1
            if (keys := self._resolvable_keys(interface_name, graph))
        )

    def type_likeness(self, type_name: str) -> Hashable:
        """Return a value that is equal for object types with the same graphs and entrances, and keys declared alike."""
        known = self._type_likeness.get(type_name)
        if known is None:
            known = (
                self.types[type_name].graphs,
                tuple(
                    (
                        entrance.graph,
                        None if entrance.type_name == type_name else entrance.type_name,
                        tuple(_likeness(key.selections) for key in entrance.keys),
                    )
                    for entrance in self.entrances(type_name)
                ),
                self._own_keys(type_name),
                self.wish_likeness(
                    type_name,
                    (
                        item.name
                        for entrance in self.entrances(type_name)
                        for key in entrance.keys
                        for item in key.selections.items
                    ),
                ),
            )
            self._type_likeness[type_name] = known
        return known

    def wish_likeness(self, type_name: str, field_names: Iterable[str]) -> Hashable:
        """Return a value that is equal for types that declare the named fields, and all they require, alike."""
        fields = self.types[type_name].fields
        found: dict[str, Hashable] = {}
        names = [name for name in field_names if name in fields]
        while names:
            name = names.pop()
            if name in found:
                continue
            found[name] = self.field_likeness(type_name, name)
            for _, declared in self.suppliers(type_name, name):
                if declared.requires is not None:
                    names.extend(item.name for item in declared.requires.items if item.name in fields)
        return frozenset(found.items())

    def field_likeness(self, type_name: str, field_name: str) -> Hashable:
        """Return a value that is equal for fields which every graph declares alike."""
        known = self._field_likeness.get((type_name, field_name))
        if known is None:
            field = self.types[type_name].fields[field_name]
            known = tuple(
                (
                    graph,
                    declared.type_name,
                    declared.list_depth,
                    declared.is_resolvable,
                    _likeness(declared.requires),
                    _likeness(declared.provides),
                    tuple((found.name, found.type_text, found.context, found.text) for found in declared.contexts),
                )
                for graph, declared in sorted(field.graphs.items())
            )
            self._field_likeness[type_name, field_name] = known
        return known

    def _own_keys(self, type_name: str) -> Hashable:
        return tuple(
            (graph, tuple(key.text for key in keys)) for graph, keys in sorted(self.types[type_name].keys.items())
        )

    def _find_entrances(self, type_name: str) -> list[Entrance]:
        table = self.types[type_name]
        graphs = range(self.graph_count)
        if type_name in self.root_names:
            return [Entrance(graph, type_name, ()) for graph in graphs if table.graphs >> graph & 1]
        found: list[Entrance] = []
        if table.is_abstract:
            wanted = [(type_name, table.interface_object)]
        else:
            wanted = [(type_name, table.graphs)]
            wanted.extend((name, self.types[name].interface_object) for name in table.interfaces)
        for name, mask in wanted:
            found.extend(
                Entrance(graph, name, keys)
                for graph in graphs
                if mask >> graph & 1 and (keys := self._resolvable_keys(name, graph))
            )
        return sorted(found, key=lambda entrance: entrance.graph)

    def _resolvable_keys(self, type_name: str, graph: int) -> tuple[Key, ...]:
        return tuple(key for key in self.types[type_name].keys.get(graph, ()) if key.resolvable)


def _likeness(selections: SelectionSet | None, *, is_nested: bool = False) -> Hashable:
    """Return a value equal for equal field sets; which type the outermost fields are read on does not matter."""
    if selections is None:
        return None
    return tuple(
        (item.key, item.name, item.arguments, item.mask if is_nested else 0, _likeness(item.selections, is_nested=True))
        for item in selections.items
    )


_moves: WeakKeyDictionary[Supergraph, Moves] = WeakKeyDictionary()


def moves_of(supergraph: Supergraph) -> Moves:
    """Return the moves of a supergraph; they live as long as it does."""
    moves = _moves.get(supergraph)
    if moves is None:
        moves = _moves[supergraph] = Moves(supergraph)
    return moves
