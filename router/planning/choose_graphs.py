"""Chooses the graph that supplies each field.

Idea. A position is a place in the response where objects of one type stand, reached by some fetch. For everything
wanted there the question is the same: which of the wanted fields can be had from the graph at hand (a *source*), which
from other graphs that can be entered with a key, and what is left over because neither is possible? What is left over
is handed up as the *residual*: whoever chose the field above then asks another graph for that field too, and both
answers are merged. So the way back to the nearest ancestor that can be fetched again needs no rule of its own, and
neither has a field that several graphs share with different parts below.

Everything that has to be known before a graph can be entered (a key, the fields of a `@requires`) is itself a wish at
the same position, solved by the same function. Two guards end the recursion: a graph is not entered to find the key
for entering it, and a field is not entered to find what it requires.

Choosing between graphs compares sets of requests (see `choices.py`): fewer requests, then fewer waves, then the graph
at hand, then the order of graphs. Outcomes are remembered, and the number of steps is bounded.

Here are positions with known types and the groups of types in them. How single fields can be had is in
`find_alternatives.py`, which of the ways is taken in `assign_fields.py`, positions of unknown type in `tell_types.py`.
"""

from __future__ import annotations

from collections.abc import Hashable
from dataclasses import replace

from router.planning.assign_fields import assign_fields
from router.planning.budget import Budget
from router.planning.choices import (
    NO_PEERS,
    NOTHING_PENDING,
    Discovery,
    Entry,
    GroupOutcome,
    Peers,
    Pending,
    PositionOutcome,
    Source,
    Standpoint,
)
from router.planning.find_alternatives import find_alternatives
from router.planning.moves import Moves
from router.planning.tell_types import solve_interface_object
from router.planning.wishes import Wishes
from router.supergraph.selections import Selection, SelectionSet
from router.supergraph.tables import TypeKind


class GraphChooser:
    """Solves the positions of one operation and remembers what it solved."""

    def __init__(self, moves: Moves, budget: Budget) -> None:
        self.moves = moves
        self.types = moves.types
        self.wishes = Wishes()
        self.entries: dict[tuple[int, str, Standpoint], Entry | None] = {}
        self._width = moves.graph_count
        self.spend_step = budget.spend_step
        self._positions: dict[tuple[SelectionSet, str, int, SelectionSet | None, Peers, Pending], PositionOutcome] = {}
        self._groups: dict[tuple[SelectionSet, int, Standpoint], GroupOutcome] = {}

    def solve_root(self, type_name: str, wanted: SelectionSet) -> GroupOutcome:
        """Return how the fields of a root type are supplied."""
        mask = self.types[type_name].mask
        return self.solve_group(self.wishes.common_to(wanted, mask), mask, Standpoint(type_name, ()))

    # Positions

    def solve_position(
        self,
        wanted: SelectionSet,
        source: Source,
        *,
        peers: Peers = NO_PEERS,
        pending: Pending = NOTHING_PENDING,
    ) -> PositionOutcome:
        """Return how `wanted` is supplied at a position that `source` reaches.

        Args:
            source: The graph that reaches it, with its own type for the position, in wave 0.
            peers: Every graph that could reach the position; empty where that is of no interest.
            pending: Fields that may not be entered, because this is about what they require.
        """
        identity = (wanted, source.type_name, source.graph, source.view, peers, pending)
        known = self._positions.get(identity)
        if known is None:
            self.spend_step()
            table = self.types[source.type_name]
            if table.kind is TypeKind.OBJECT:
                mine = self.wishes.common_to(wanted, table.mask)
                standpoint = Standpoint(source.type_name, (source,), peers, 0, pending)
                known = self.position(source, table.mask, (self.solve_group(mine, table.mask, standpoint),))
            elif table.interface_object >> source.graph & 1:
                known = solve_interface_object(self, wanted, source, pending)
            else:
                known = self._solve_abstract(wanted, source, peers, pending)
            self._positions[identity] = known
        return known

    def _solve_abstract(self, wanted: SelectionSet, source: Source, peers: Peers, pending: Pending) -> PositionOutcome:
        table = self.types[source.type_name]
        possible = (table.possible_in or {}).get(source.graph, 0)
        if table.kind is TypeKind.INTERFACE and not table.mask:
            # Nothing implements it, so there is only the interface itself to ask about.
            standpoint = Standpoint(source.type_name, (source,), NO_PEERS, 0, pending)
            group = self.solve_group(self.wishes.common_to(wanted, 0), 0, standpoint)
            return self.position(source, 0, (group,))
        # Graphs that share a field must agree about its value: a member of the union that one of them does not know
        # cannot come from the others either.
        mask = possible
        for graph, type_name in peers:
            peer = self.types[type_name]
            mask &= peer.possible_in.get(graph, 0) if peer.possible_in and peer.is_abstract_in(graph) else peer.mask
        groups = self.solve_types(wanted, mask, (source,), peers=peers, pending=pending)
        return self.position(source, possible, self._without_half_answers(groups, wanted, source.graph))

    def solve_types(
        self,
        wanted: SelectionSet,
        mask: int,
        sources: tuple[Source, ...],
        *,
        peers: Peers = NO_PEERS,
        pending: Pending = NOTHING_PENDING,
    ) -> tuple[GroupOutcome, ...]:
        """Solve an abstract position whose first source tells the concrete type, once per kind of type.

        The first source's type name is the abstract one; each group sees it under the concrete name.
        """
        masks: dict[Hashable, int] = {}
        members: dict[Hashable, tuple[str, SelectionSet]] = {}
        for bit, name in self.moves.bits_of(mask):
            mine = self.wishes.common_to(wanted, bit)
            if mine.items:
                likeness = self._likeness(name, bit, mine, sources)
                masks[likeness] = masks.get(likeness, 0) | bit
                members.setdefault(likeness, (name, mine))
        groups: list[GroupOutcome] = []
        for likeness, (name, mine) in members.items():
            known_sources = (sources[0]._replace(type_name=name), *sources[1:])
            standpoint = Standpoint(name, known_sources, peers, 0, pending)
            groups.append(self.solve_group(mine, masks[likeness], standpoint))
        return tuple(groups)

    def _likeness(self, name: str, bit: int, mine: SelectionSet, sources: tuple[Source, ...]) -> Hashable:
        """Return a value that is equal for types about which the same is wanted and decided."""
        return (
            mine,
            self.moves.type_likeness(name),
            self.moves.wish_likeness(name, (item.name for item in mine.items)),
            tuple(
                tuple(bool(item.mask & bit) for item in source.view.items)
                for source in sources
                if source.view is not None
            ),
        )

    def _without_half_answers(
        self, groups: tuple[GroupOutcome, ...], wanted: SelectionSet, graph: int
    ) -> tuple[GroupOutcome, ...]:
        """Hand up a field of an interface for all types if it is an external part of the key for some of them.

        Such a graph cannot tell the key of what it returns. To take the field from it for the other types, and from
        another graph for these, would ask two graphs for one object without knowing that it is the same one.
        """
        lost = {
            item.identity
            for group in groups
            for item in group.residual
            if item.selections is None
            if self.moves.is_external_key_field(group.type_name, item.name, graph)
        }
        partly = [item for item in wanted.items if item.identity in lost and self.types[item.on].is_abstract]
        if not partly:
            return groups
        names = {item.identity for item in partly}
        return tuple(
            replace(
                group,
                choices=tuple(choice for choice in group.choices if choice.selection.identity not in names),
                residual=(
                    *(item for item in group.residual if item.identity not in names),
                    *(item.narrowed(item.mask & group.mask) for item in partly if item.mask & group.mask),
                ),
            )
            for group in groups
        )

    def position(
        self,
        source: Source,
        mask: int,
        groups: tuple[GroupOutcome, ...],
        *,
        is_opaque: bool = False,
        discovery: Discovery | None = None,
    ) -> PositionOutcome:
        """Return the outcome of a position from those of its groups."""
        requests = 0
        residual: list[Selection] = []
        for group in groups:
            requests |= group.requests
            residual.extend(group.residual)
        if discovery is not None:
            entry = discovery.entry
            requests |= entry.requests | self.request(entry.wave, entry.entrance.graph)
        left = SelectionSet(residual) if residual else None
        return PositionOutcome(source.graph, source.type_name, is_opaque, mask, groups, requests, left, discovery)

    # Groups: objects of one concrete type, or of several that are alike

    def solve_group(self, wanted: SelectionSet, mask: int, standpoint: Standpoint) -> GroupOutcome:
        """Return how `wanted` is supplied for objects of the standpoint's type, which stands for those of `mask`."""
        identity = (wanted, mask, standpoint)
        known = self._groups.get(identity)
        if known is None:
            self.spend_step()
            choices, residual = assign_fields(
                [(item, find_alternatives(self, item, standpoint)) for item in wanted.items],
                width=self._width,
                narrow=lambda item: find_alternatives(self, item, standpoint),
                # A mutation happens once, whatever is wanted below it.
                may_share=standpoint.type_name != self.moves.mutation_name,
                spend_step=self.spend_step,
            )
            requests = 0
            for choice in choices:
                requests |= choice.requests
            left = tuple(item.narrowed(item.mask & mask or mask) for item in residual)
            known = GroupOutcome(standpoint.type_name, mask, standpoint.sources, tuple(choices), requests, left)
            self._groups[identity] = known
        return known

    # Sets of requests

    def request(self, wave: int, graph: int) -> int:
        """Return the set with one request."""
        return 1 << wave * self._width + graph

    def later(self, requests: int, waves: int) -> int:
        """Return the requests, each some waves later."""
        return requests << waves * self._width

    def last_wave(self, requests: int) -> int:
        """Return the wave of the last request; 0 if there is none."""
        return (requests.bit_length() - 1) // self._width if requests else 0
