"""What the chooser decides: which graph supplies which field, as values that the builder turns into fetches.

The same outcome may be part of many others (the chooser remembers what it solved), so outcomes know neither where in
the response they are used nor how their fields are finally called.

Cost: a set of requests, as bits. Bit `wave * graph_count + graph` stands for the request to `graph` that can start
after `wave` others have followed one another. All entity fetches to one graph in one wave become one request, so the
union of two sets is what both need together, and its number of bits is the number of requests.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import NamedTuple

from router.planning.moves import Entrance
from router.supergraph.selections import Guards, Selection, SelectionSet
from router.supergraph.tables import GraphField, Key

Peers = frozenset[tuple[int, str]]
"""Graphs that could supply the same position, each with its type for it. Only kept where it matters."""

NO_PEERS: Peers = frozenset()

Pending = frozenset[tuple[str, str, int]]
"""Fields whose requirements are being looked for: (type, field, graph)."""

NOTHING_PENDING: Pending = frozenset()


class Source(NamedTuple):
    """A graph that already answers at a position.

    Attributes:
        graph: The graph.
        type_name: How it calls the type there (an interface's name for an interface object).
        view: Fields that it can supply here though it cannot elsewhere, by `@provides` of a field above.
        wave: Waves after the first source of the position; its own is 0.
    """

    graph: int
    type_name: str
    view: SelectionSet | None
    wave: int = 0


class Standpoint(NamedTuple):
    """From where fields are looked for.

    Attributes:
        type_name: Type of the objects; the interface's name for objects of unknown concrete type.
        sources: Graphs that answer here already; the first one gives the objects.
        peers: Graphs that could be the first source.
        closed: Mask of graphs that may not be entered, because this is about the key for entering them.
        pending: Fields that may not be entered, because this is about what they require.
    """

    type_name: str
    sources: tuple[Source, ...]
    peers: Peers = NO_PEERS
    closed: int = 0
    pending: Pending = NOTHING_PENDING


@dataclass(frozen=True, slots=True, eq=False)
class Entry:
    """Entering a graph at a position.

    Attributes:
        wave: Waves after the position's first source at which this can start.
        key: Key to send; None at a root type.
        key_fields: Where the key's fields come from.
        requests: Requests needed before.
    """

    entrance: Entrance
    wave: int
    key: Key | None
    key_fields: GroupOutcome | None
    requests: int


@dataclass(frozen=True, slots=True, eq=False)
class Choice:
    """One field, or a part of what is wanted below it, taken from one graph.

    Attributes:
        selection: The field.
        field: Its declaration in the chosen graph.
        source: Index of the source it is read from; None if the graph is entered for it.
        entry: How the graph is entered; None if it is a source.
        requires: Where the fields of its `@requires` come from.
        below: How the selections below are supplied; None for a leaf.
        wave: Waves after the position's first source at which the request that reads it starts.
        requests: All requests needed for it and below.
        residual: What is wanted below but cannot be had this way; None if nothing.
    """

    selection: Selection
    field: GraphField
    graph: int
    source: int | None
    entry: Entry | None
    requires: GroupOutcome | None
    below: PositionOutcome | None
    wave: int
    requests: int
    residual: SelectionSet | None


@dataclass(frozen=True, slots=True, eq=False)
class GroupOutcome:
    """The decisions for objects of some concrete types that are alike to the planner.

    Attributes:
        type_name: One of the types, which stands for all; the interface's name for objects of unknown concrete type.
        mask: The concrete types.
        sources: Where the graphs with an index come from.
        residual: Fields, or parts of them, that no graph can supply from here.
    """

    type_name: str
    mask: int
    sources: tuple[Source, ...]
    choices: tuple[Choice, ...]
    requests: int
    residual: tuple[Selection, ...]


@dataclass(frozen=True, slots=True, eq=False)
class Discovery:
    """Entering a graph that tells the concrete type of interface objects.

    Attributes:
        guards: Conditions under which something depends on the type.
    """

    entry: Entry
    guards: frozenset[Guards]


@dataclass(frozen=True, slots=True, eq=False)
class PositionOutcome:
    """The decisions for everything that is wanted at one position of one fetch.

    Attributes:
        graph: The graph whose fetch reaches the position.
        type_name: Type of the position in that graph.
        is_opaque: The graph knows the interface as an object type and so cannot tell the concrete type.
        mask: Object types that the graph may return here.
        groups: One per kind of concrete type about which something is wanted.
        discovery: How the concrete type is found out; its fetch is source 0 of every group.
    """

    graph: int
    type_name: str
    is_opaque: bool
    mask: int
    groups: tuple[GroupOutcome, ...]
    requests: int
    residual: SelectionSet | None
    discovery: Discovery | None = None
