"""The tables that a supergraph is read into: which subgraph knows, and can resolve, what.

Only immutable values live here. Graphs are small integers (indices into `Supergraph.graphs`), sets of graphs and sets
of object types are bit masks, because the planner compares them all the time. Reading SDL into these tables is the
work of `read_supergraph.py`.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from enum import StrEnum

from router.supergraph.selections import SelectionSet


class TypeKind(StrEnum):
    """Kind of a type in the supergraph."""

    OBJECT = "OBJECT"
    INTERFACE = "INTERFACE"
    UNION = "UNION"
    ENUM = "ENUM"
    SCALAR = "SCALAR"
    INPUT_OBJECT = "INPUT_OBJECT"


@dataclass(frozen=True, slots=True)
class Graph:
    """One subgraph.

    Attributes:
        index: Place in `Supergraph.graphs`. The order comes from what the subgraphs contain, so that plans depend
            neither on their names nor on the order in which they were listed.
        name: As registered.
        url: As registered; may be empty.
        enum_value: Its value of the `join__Graph` enum.
    """

    index: int
    name: str
    url: str
    enum_value: str


@dataclass(frozen=True, slots=True)
class Authorization:
    """What `@authenticated`, `@requiresScopes` and `@policy` together demand of the viewer.

    Attributes:
        authenticated: Somebody has to be signed in; a demand for scopes implies it.
        scopes: Any of (all of …); empty when no scope is needed.
        policies: The same of policies.
    """

    authenticated: bool = True
    scopes: tuple[tuple[str, ...], ...] = ()
    policies: tuple[tuple[str, ...], ...] = ()


@dataclass(frozen=True, slots=True, eq=False)
class Key:
    """A `@key` of a type in one graph."""

    text: str
    selections: SelectionSet
    resolvable: bool


@dataclass(frozen=True, slots=True, eq=False)
class ContextArgument:
    """An argument whose value comes from the nearest object above that sets a context, and that clients do not see.

    Attributes:
        name: Of the argument.
        type_text: Its type, such as `[String]`.
        context: As the supergraph calls it.
        text: What is taken from the object, as it is written.
        values: What is taken, by the object types that set the context: a path of fields to one value.
        setters: Mask of these types.
    """

    name: str
    type_text: str
    context: str
    text: str
    values: tuple[tuple[int, SelectionSet], ...]
    setters: int


@dataclass(frozen=True, slots=True, eq=False)
class GraphField:
    """A field as one graph declares it.

    Attributes:
        type_text: Its type there, such as `[Title!]!`.
        type_name: The innermost named type.
        list_depth: Number of list levels in the type.
        is_resolvable: False for external and overridden declarations. Such a field may still be had from there
            through the `@provides` of a parent field.
        requires: Field set of `@requires`, against the type in this graph.
        provides: Field set of `@provides`, against the field's type in this graph.
        contexts: Arguments that take their values from contexts.
    """

    type_text: str
    type_name: str
    list_depth: int
    is_resolvable: bool
    requires: SelectionSet | None = None
    provides: SelectionSet | None = None
    contexts: tuple[ContextArgument, ...] = ()


@dataclass(frozen=True, slots=True, eq=False)
class FieldTable:
    """A field of the supergraph and all its declarations.

    Attributes:
        authorization: What a viewer needs to read it; None for nothing.
        graphs: Its declarations by graph. A field that an object type has only through an `@interfaceObject` has none:
            look at the interface.
    """

    name: str
    type_text: str
    type_name: str
    list_depth: int
    graphs: Mapping[int, GraphField]
    is_inaccessible: bool = False
    authorization: Authorization | None = None


@dataclass(frozen=True, slots=True, eq=False)
class TypeTable:
    """A type of the supergraph and what each graph knows of it.

    Attributes:
        mask: Object types that a value may have at run time, in any graph; for an object type its own bit.
        graphs: Mask of the graphs that declare it.
        keys: Keys by graph.
        interface_object: Mask of the graphs that know this interface as an object type.
        possible_in: For abstract types, the object types that a value may have in a graph (0 for interface objects).
        interfaces: Interfaces of an object or interface type.
        authorization: What a viewer needs to read anything of this type; None for nothing.
    """

    name: str
    kind: TypeKind
    mask: int
    graphs: int
    keys: Mapping[int, tuple[Key, ...]]
    fields: Mapping[str, FieldTable]
    interface_object: int = 0
    possible_in: Mapping[int, int] | None = None
    interfaces: tuple[str, ...] = ()
    is_inaccessible: bool = False
    authorization: Authorization | None = None

    @property
    def is_abstract(self) -> bool:
        """Whether it is an interface or a union."""
        return self.kind is TypeKind.INTERFACE or self.kind is TypeKind.UNION

    def is_abstract_in(self, graph: int) -> bool:
        """Whether a graph knows it as an interface or a union: not as an interface object, and not at all."""
        return self.is_abstract and bool((self.graphs & ~self.interface_object) >> graph & 1)
