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
"""

from __future__ import annotations

from collections.abc import Hashable, Iterable
from dataclasses import replace

from router.errors import QueryPlanningBudgetExceededError
from router.planning.assign_fields import assign_fields
from router.planning.choices import Choice, Entry, GroupOutcome, PositionOutcome, Source
from router.planning.moves import Entrance, Moves
from router.supergraph.selections import Selection, SelectionSet, merge_selections
from router.supergraph.tables import TypeKind

STEP_BUDGET = 50_000
"""Outcomes and choices tried per operation; a home page needs a few hundred."""

_EMPTY = SelectionSet(())

# Fields whose requirements are being looked for: (type, field, graph).
_Pending = frozenset[tuple[str, str, int]]
_NOTHING_PENDING: _Pending = frozenset()


class GraphChooser:
    """Solves the positions of one operation and remembers what it solved."""

    def __init__(self, moves: Moves, *, budget: int = STEP_BUDGET) -> None:
        self.moves = moves
        self.types = moves.types
        self._width = moves.graph_count
        self._budget = budget
        self._steps_left = budget
        self._wanted: dict[tuple[SelectionSet, tuple[int, ...]], SelectionSet] = {}
        self._views: dict[tuple[SelectionSet, ...], SelectionSet] = {}
        self._positions: dict[tuple[SelectionSet, str, int, SelectionSet | None, _Pending], PositionOutcome] = {}
        self._groups: dict[tuple[str, int, SelectionSet, tuple[Source, ...], int, _Pending], GroupOutcome] = {}
        self._entries: dict[tuple[str, int, str, tuple[Source, ...], int, _Pending], Entry | None] = {}

    def spend_step(self) -> None:
        """Count one step.

        Raises:
            QueryPlanningBudgetExceededError: It was one too many.
        """
        self._steps_left -= 1
        if self._steps_left < 0:
            raise QueryPlanningBudgetExceededError(budget=self._budget)

    def solve_root(self, type_name: str, wanted: SelectionSet) -> GroupOutcome:
        """Return how the fields of a root type are supplied."""
        mask = self.types[type_name].mask
        return self._solve_group(type_name, mask, self._wanted_of(wanted, mask), (), 0, _NOTHING_PENDING)

    # Positions

    def _solve_position(
        self, wanted: SelectionSet, type_name: str, graph: int, view: SelectionSet | None, pending: _Pending
    ) -> PositionOutcome:
        identity = (wanted, type_name, graph, view, pending)
        known = self._positions.get(identity)
        if known is None:
            self.spend_step()
            table = self.types[type_name]
            if table.kind is TypeKind.OBJECT:
                known = self._solve_object(wanted, type_name, graph, view, pending)
            elif table.interface_object >> graph & 1:
                known = self._solve_interface_object(wanted, type_name, graph, view, pending)
            else:
                mask = (table.possible_in or {}).get(graph, 0)
                groups = self._solve_types(wanted, mask, (Source(graph, type_name, view),), pending)
                known = self._position(graph, type_name, mask, groups)
            self._positions[identity] = known
        return known

    def _solve_object(
        self, wanted: SelectionSet, type_name: str, graph: int, view: SelectionSet | None, pending: _Pending
    ) -> PositionOutcome:
        mask = self.types[type_name].mask
        group = self._solve_group(
            type_name, mask, self._wanted_of(wanted, mask), (Source(graph, type_name, view),), 0, pending
        )
        return self._position(graph, type_name, mask, (group,))

    def _solve_types(
        self, wanted: SelectionSet, mask: int, sources: tuple[Source, ...], pending: _Pending
    ) -> tuple[GroupOutcome, ...]:
        """Solve an abstract position whose source tells the concrete type, once per kind of type.

        The first source's type name is the abstract one; each group sees it under the concrete name.
        """
        masks: dict[Hashable, int] = {}
        solved: dict[Hashable, tuple[str, SelectionSet]] = {}
        for bit, name in enumerate(self.moves.object_names):
            if not mask >> bit & 1:
                continue
            mine = self._wanted_of(wanted, 1 << bit)
            if not mine.items:
                continue
            likeness: Hashable = (
                mine,
                self.moves.type_likeness(name),
                tuple(self.moves.field_likeness(name, item.name) for item in mine.items),
                tuple(
                    tuple(item.mask >> bit & 1 for item in source.view.items)
                    for source in sources
                    if source.view is not None
                ),
            )
            masks[likeness] = masks.get(likeness, 0) | 1 << bit
            solved.setdefault(likeness, (name, mine))
        groups = []
        for likeness, (name, mine) in solved.items():
            first = Source(sources[0].graph, name, sources[0].view, sources[0].wave)
            groups.append(self._solve_group(name, masks[likeness], mine, (first, *sources[1:]), 0, pending))
        return tuple(groups)

    def _solve_interface_object(
        self, wanted: SelectionSet, type_name: str, graph: int, view: SelectionSet | None, pending: _Pending
    ) -> PositionOutcome:
        """Solve a position whose graph cannot tell concrete types, entering one that can where that matters."""
        here = Source(graph, type_name, view)
        every_type = self.types[type_name].mask
        common = self._wanted_of(wanted, every_type)
        typed = [item for item in wanted.items if item.mask & every_type != every_type or item.name == "__typename"]
        everything = self._solve_group(type_name, every_type, common, (here,), 0, pending)
        if not everything.residual and not typed:
            return self._position(graph, type_name, every_type, (everything,), is_opaque=True)
        # Fields common to all types need not wait for the concrete type, unless the graph that tells it has them too.
        at_hand = SelectionSet(choice.selection for choice in everything.choices if choice.requests == 0)
        groups = [everything, self._solve_group(type_name, every_type, at_hand, (here,), 0, pending)]
        found = [
            self._discover(wanted, group, entrance, here, pending)
            for entrance in self.moves.discoveries(type_name)
            for group in groups
        ]
        possible = [outcome for outcome in found if outcome is not None]
        if possible:
            return min(possible, key=_position_cost)
        # No graph can tell the type: what needs it is left over, the rest is still worth having.
        outcome = self._position(graph, type_name, every_type, (everything,), is_opaque=True)
        residual = SelectionSet((*(outcome.residual or _EMPTY).items, *typed))
        return replace(outcome, residual=residual if residual.items else None)

    def _discover(
        self, wanted: SelectionSet, common: GroupOutcome, entrance: Entrance, here: Source, pending: _Pending
    ) -> PositionOutcome | None:
        """Return how a position is supplied if `entrance` tells the concrete types and `common` is read before that."""
        type_name = here.type_name
        entry = self._enter(type_name, entrance, (here,), 0, pending)
        if entry is None:
            return None
        rest = _rest_of(wanted, common, self.types[type_name].mask)
        mask = (self.types[type_name].possible_in or {}).get(entrance.graph, 0)
        sources = (Source(entrance.graph, type_name, None, entry.wave), here)
        groups = self._solve_types(rest, mask, sources, pending)
        done = replace(common, residual=())
        return self._position(here.graph, type_name, mask, (done, *groups), is_opaque=True, discovery=entry)

    def _position(
        self,
        graph: int,
        type_name: str,
        mask: int,
        groups: tuple[GroupOutcome, ...],
        *,
        is_opaque: bool = False,
        discovery: Entry | None = None,
    ) -> PositionOutcome:
        requests = 0
        residual: list[Selection] = []
        for group in groups:
            requests |= group.requests
            residual.extend(group.residual)
        if discovery is not None:
            requests |= discovery.requests | self._request(discovery.wave, discovery.entrance.graph)
        left = SelectionSet(residual) if residual else None
        return PositionOutcome(graph, type_name, is_opaque, mask, groups, requests, left, discovery)

    # Groups: objects of one concrete type, or of several that are alike

    def _solve_group(
        self,
        type_name: str,
        mask: int,
        wanted: SelectionSet,
        sources: tuple[Source, ...],
        closed: int,
        pending: _Pending,
    ) -> GroupOutcome:
        """Return how `wanted` is supplied for objects of `type_name`, which stands for all types of `mask`.

        Args:
            closed: Graphs that may not be entered, because this is about the key for entering them.
            pending: Fields that may not be entered, because this is about what they require.
        """
        identity = (type_name, mask, wanted, sources, closed, pending)
        known = self._groups.get(identity)
        if known is None:
            self.spend_step()
            alternatives = [
                (item, self._alternatives(type_name, item, sources, closed, pending)) for item in wanted.items
            ]
            choices, residual = assign_fields(
                alternatives,
                width=self._width,
                narrow=lambda item: self._alternatives(type_name, item, sources, closed, pending),
                # A mutation happens once, whatever is wanted below it.
                may_share=type_name != self.moves.mutation_name,
                spend_step=self.spend_step,
            )
            requests = 0
            for choice in choices:
                requests |= choice.requests
            residual = [item.with_selections(item.selections, mask=item.mask & mask or mask) for item in residual]
            known = GroupOutcome(type_name, mask, sources, tuple(choices), requests, tuple(residual))
            self._groups[identity] = known
        return known

    def _alternatives(
        self, type_name: str, item: Selection, sources: tuple[Source, ...], closed: int, pending: _Pending
    ) -> list[Choice]:
        """Return every way to have one field, sources first."""
        found = [
            choice
            for index, source in enumerate(sources)
            if (choice := self._read(type_name, item, source, index, pending)) is not None
        ]
        for entrance in self.moves.entrances(type_name):
            if not closed >> entrance.graph & 1:
                choice = self._enter_and_read(type_name, item, entrance, sources, closed, pending)
                if choice is not None:
                    found.append(choice)
        return found

    def _read(self, type_name: str, item: Selection, source: Source, index: int, pending: _Pending) -> Choice | None:
        """Return the choice to read a field from a source, if it can supply it."""
        declared = self.moves.field(source.type_name, item.name, source.graph)
        if declared is None:
            return None
        provided = _provided(item, source.view, self.types[type_name].mask)
        if provided is None and (not declared.is_resolvable or declared.requires is not None):
            return None
        below = None
        requests = self._request(source.wave, source.graph) if source.wave else 0
        if item.selections is not None:
            view = self._join_views([*(provided or ()), declared.provides])
            below = self._solve_position(item.selections, declared.type_name, source.graph, view, pending)
            requests |= below.requests << source.wave * self._width
        return Choice(
            selection=item,
            field=declared,
            graph=source.graph,
            source=index,
            entry=None,
            requires=None,
            below=below,
            wave=source.wave,
            requests=requests,
            residual=below.residual if below else None,
        )

    def _enter_and_read(
        self,
        type_name: str,
        item: Selection,
        entrance: Entrance,
        sources: tuple[Source, ...],
        closed: int,
        pending: _Pending,
    ) -> Choice | None:
        """Return the choice to enter a graph for a field, if it resolves it and can be entered."""
        declared = self.moves.field(entrance.type_name, item.name, entrance.graph)
        if declared is None or not declared.is_resolvable:
            return None
        if declared.requires is None and any(
            source.graph == entrance.graph and source.type_name == entrance.type_name for source in sources
        ):
            return None
        marker = (type_name, item.name, entrance.graph)
        if declared.requires is not None and marker in pending:
            return None
        entry = self._enter(type_name, entrance, sources, closed, pending)
        if entry is None:
            return None
        wave, requests, requires = entry.wave, entry.requests, None
        if declared.requires is not None:
            requires = self._solve_group(
                type_name,
                self.types[type_name].mask,
                self._wanted_of(declared.requires, self.types[type_name].mask),
                sources,
                closed,
                pending | {marker},
            )
            if requires.residual:
                return None
            requests |= requires.requests
            wave = max(wave, self._depth(requires.requests) + 1)
        requests |= self._request(wave, entrance.graph)
        below = None
        if item.selections is not None:
            below = self._solve_position(
                item.selections, declared.type_name, entrance.graph, declared.provides, pending
            )
            requests |= below.requests << wave * self._width
        return Choice(
            selection=item,
            field=declared,
            graph=entrance.graph,
            source=None,
            entry=entry,
            requires=requires,
            below=below,
            wave=wave,
            requests=requests,
            residual=below.residual if below else None,
        )

    def _enter(
        self, type_name: str, entrance: Entrance, sources: tuple[Source, ...], closed: int, pending: _Pending
    ) -> Entry | None:
        """Return the cheapest way to enter a graph; None if no key can be had."""
        if type_name in self.moves.root_names:
            is_possible = not sources or type_name == self.moves.query_name
            return Entry(entrance, 1 if sources else 0, None, None, 0) if is_possible else None
        identity = (type_name, entrance.graph, entrance.type_name, sources, closed, pending)
        if identity in self._entries:
            return self._entries[identity]
        mask = self.types[type_name].mask
        closed |= 1 << entrance.graph
        best: Entry | None = None
        for key in entrance.keys:
            fields = self._solve_group(type_name, mask, self._wanted_of(key.selections, mask), sources, closed, pending)
            if fields.residual:
                continue
            # Not before the first source: it gives the objects, and tells their type.
            wave = max(self._depth(fields.requests), sources[0].wave) + 1
            entry = Entry(entrance, wave, key, fields, fields.requests)
            if best is None or _entry_cost(entry) < _entry_cost(best):
                best = entry
        self._entries[identity] = best
        return best

    # Small things

    def _wanted_of(self, wanted: SelectionSet, mask: int) -> SelectionSet:
        """Return the fields wanted for all types of `mask`, joined; the same object for types that want the same."""
        indices = tuple(
            index for index, item in enumerate(wanted.items) if item.mask & mask == mask and item.name != "__typename"
        )
        known = self._wanted.get((wanted, indices))
        if known is None:
            items = _drop_redundant(wanted.items[index] for index in indices)
            known = self._wanted[wanted, indices] = SelectionSet(items)
        return known

    def _join_views(self, views: Iterable[SelectionSet | None]) -> SelectionSet | None:
        present = tuple(view for view in views if view is not None)
        if len(present) < 2:
            return present[0] if present else None
        known = self._views.get(present)
        if known is None:
            known = SelectionSet(merge_selections(item for view in present for item in view.items))
            self._views[present] = known
        return known

    def _request(self, wave: int, graph: int) -> int:
        return 1 << wave * self._width + graph

    def _depth(self, requests: int) -> int:
        """Return the wave of the last request."""
        return (requests.bit_length() - 1) // self._width if requests else 0


def _rest_of(wanted: SelectionSet, common: GroupOutcome, every_type: int) -> SelectionSet:
    """Return what is still wanted after the fields common to all types were had as far as `common` says."""
    asked = {_identity(choice.selection) for choice in common.choices}
    rest = [
        item
        for item in wanted.items
        if item.name != "__typename" and not (item.mask & every_type == every_type and _identity(item) in asked)
    ]
    return SelectionSet((*rest, *common.residual))


def _identity(item: Selection) -> Hashable:
    return item.key, item.name, item.arguments, item.guards


def _position_cost(outcome: PositionOutcome) -> tuple[int, int, int]:
    left = outcome.residual.leaf_count() if outcome.residual else 0
    return left, outcome.requests.bit_count(), outcome.requests.bit_length()


def _entry_cost(entry: Entry) -> tuple[int, int]:
    return entry.requests.bit_count(), entry.wave


def _provided(item: Selection, view: SelectionSet | None, mask: int) -> list[SelectionSet] | None:
    """Return what a view provides below a field; None if it does not provide the field."""
    if view is None:
        return None
    matches = [
        offer
        for offer in view.items
        if offer.name == item.name and offer.arguments == item.arguments and offer.mask & mask
    ]
    return [offer.selections for offer in matches if offer.selections is not None] if matches else None


def _drop_redundant(items: Iterable[Selection]) -> list[Selection]:
    """Join equal fields whatever type they were selected on, and drop a leaf that is also wanted unconditionally."""
    found = list(items)
    if len(found) < 2:
        return found
    same_mask = [item.with_selections(item.selections, mask=-1) for item in found]
    merged = merge_selections(same_mask)
    certain = {(item.key, item.name, item.arguments) for item in merged if not item.guards and item.selections is None}
    return [
        item
        for item in merged
        if not item.guards or item.selections is not None or (item.key, item.name, item.arguments) not in certain
    ]
