"""Walks the API schema from each root with the set of all positions that a router could be in at once.

A state is a runtime type, the positions that hold such a value, and the contexts that were set on the way. A field
keeps every position that can go on, so a state fails only when none can. Going on with more positions can never be
worse: a state is skipped when one with the same type and fewer positions (and contexts) was walked already. That keeps
the walk near linear in the size of the schema; what a schema may cost beyond that is bounded by the number of positions
looked at.
"""

from collections import deque
from collections.abc import Iterator
from dataclasses import dataclass
from itertools import combinations

from router.composition.errors import Report
from router.composition.merged_model import MergedField, MergedSchema
from router.composition.model import ROOT_TYPES
from router.composition.satisfiability.explain import TYPENAME, Step, explain_dead_end
from router.composition.satisfiability.moves import NO_CONTEXTS, Contexts, Moves, Positions
from router.composition.satisfiability.shared_runtime_types import check_shared_runtime_types, have_common_types
from router.composition.type_text import named_type

_LABELS_COMBINED = 4


@dataclass(frozen=True, slots=True)
class _State:
    runtime_type: str
    positions: Positions
    path: tuple[Step, ...]
    contexts: Contexts = NO_CONTEXTS


@dataclass(frozen=True, slots=True)
class _DeadEnd:
    state: _State
    field: str


class _TooManyPositionsError(Exception):
    """The walk has looked at more positions than it may."""


@dataclass(slots=True)
class _Budget:
    """How many positions may still be looked at, over all walks of a composition."""

    left: int

    def spend(self, positions: int) -> None:
        self.left -= positions
        if self.left < 0:
            raise _TooManyPositionsError


def check_satisfiability(schema: MergedSchema, *, max_subgraph_paths: int, report: Report) -> None:
    """Add a SATISFIABILITY_ERROR for every field of an object type that some operation could not get.

    Args:
        max_subgraph_paths: How many positions in subgraphs may be looked at in all; beyond it, the check gives up with
            an error, since the time that it takes grows with them.
    """
    try:
        _check(schema, _Budget(max_subgraph_paths), report)
    except _TooManyPositionsError:
        report.error(
            "MAX_VALIDATION_SUBGRAPH_PATHS_EXCEEDED",
            f"Whether every operation can be answered was not found out within {max_subgraph_paths} paths through the"
            " subgraphs: many subgraphs share many types without keys. Allow more paths, or let fewer subgraphs resolve"
            " the same fields.",
            subgraphs=[subgraph.name for subgraph in schema.subgraphs],
        )


def _check(schema: MergedSchema, budget: _Budget, report: Report) -> None:
    reported: set[tuple[str, str]] = set()
    for labels in _label_choices({override.label for override in schema.labelled}):
        moves = Moves(schema, labels=labels)
        walk = _walk_roots(moves, budget)
        check_shared_runtime_types(moves, walk.shared, report=report)
        for element, found in walk.dead_ends.items():
            if element not in reported:
                reported.add(element)
                _report(moves, found, report)


def _label_choices(labels: set[str]) -> Iterator[frozenset[str]]:
    """Yield the sets of override labels that a request may have.

    All of them while they are few; else none, each, all but each, and all, so that the time stays bounded.
    """
    ordered = sorted(labels)
    few = len(ordered) <= _LABELS_COMBINED
    sizes = range(len(ordered) + 1) if few else (0, 1, len(ordered) - 1, len(ordered))
    for size in sizes:
        yield from map(frozenset, combinations(ordered, size))


def _report(moves: Moves, found: _DeadEnd, report: Report) -> None:
    state = found.state
    report.error(
        "SATISFIABILITY_ERROR",
        explain_dead_end(moves, state.runtime_type, found.field, positions=state.positions, path=state.path),
        subgraphs=[subgraph.name for subgraph in moves.schema.subgraphs],
    )


def _walk_roots(moves: Moves, budget: _Budget) -> "_Walk":
    walk = _Walk(moves, budget)
    for root in ROOT_TYPES:
        if root == "Mutation":
            _walk_mutations(walk, moves, budget)
        elif root in moves.schema.types:
            walk.go_from(_State(root, moves.roots(root), ()))
    return walk


def _walk_mutations(walk: "_Walk", moves: Moves, budget: _Budget) -> None:
    """A mutation is called once: all that is asked of its result has to follow from one of its subgraphs."""
    if "Mutation" not in moves.schema.types:
        return
    positions = moves.roots("Mutation")
    for field in moves.schema.types["Mutation"].fields.values():
        callable_in = [at for at in sorted(positions) if moves.values(field.name, "Mutation", frozenset([at]))]
        states = [_State("Mutation", frozenset([at]), ()) for at in callable_in]
        if len(states) == 1:
            walk.go_along(states[0], field)
            continue
        attempts = [_Walk(moves, budget) for _ in states]
        for attempt, state in zip(attempts, states, strict=True):
            attempt.go_along(state, field)
        if attempts and all(attempt.dead_ends for attempt in attempts):
            walk.add_dead_ends(attempts[0])


class _Walk:
    """One walk, over any number of beginnings: what was proved for one holds for the next."""

    def __init__(self, moves: Moves, budget: _Budget) -> None:
        self.dead_ends: dict[tuple[str, str], _DeadEnd] = {}
        self.shared: dict[tuple[str, str], Positions] = {}  # fields that several subgraphs answer
        self._moves = moves
        self._budget = budget
        self._walked: dict[str, list[tuple[Positions, Contexts]]] = {}
        self._queue: deque[_State] = deque()

    def go_from(self, state: _State) -> None:
        """Walk everything below a state."""
        self._queue.append(state)
        while self._queue:
            self._step(self._queue.popleft())

    def go_along(self, state: _State, field: MergedField) -> None:
        """Walk everything below one field of a state."""
        values = self._moves.values(field.name, state.runtime_type, state.positions)
        below = self._moves.contexts_below(state.runtime_type, state.positions, state.contexts)
        self._follow_values(state, field, values, below)
        while self._queue:
            self._step(self._queue.popleft())

    def add_dead_ends(self, other: "_Walk") -> None:
        """Take over what another walk found."""
        self.dead_ends = other.dead_ends | self.dead_ends

    def _step(self, state: _State) -> None:
        walked = self._walked.setdefault(state.runtime_type, [])
        if any(fewer <= state.positions and contexts <= state.contexts for fewer, contexts in walked):
            return
        walked.append((state.positions, state.contexts))
        self._budget.spend(len(state.positions))
        if not self._moves.can_name_type(state.positions, state.runtime_type):
            self.dead_ends.setdefault((state.runtime_type, TYPENAME), _DeadEnd(state, TYPENAME))
            return
        reached = self._moves.reach_all(state.positions, state.runtime_type)
        below = self._moves.contexts_below(state.runtime_type, reached, state.contexts)
        for field in self._moves.schema.types[state.runtime_type].fields.values():
            if not field.uses("inaccessible") and not self._is_hidden(named_type(field.type)):
                values = self._moves.values(field.name, state.runtime_type, reached, state.contexts)
                self._follow_values(state, field, values, below)

    def _is_hidden(self, type_name: str) -> bool:
        found = self._moves.schema.types.get(type_name)
        return found is not None and found.is_inaccessible

    def _follow_values(self, state: _State, field: MergedField, values: Positions, below: Contexts) -> None:
        if not values:
            self.dead_ends.setdefault((state.runtime_type, field.name), _DeadEnd(state, field.name))
            return
        if not self._moves.is_composite(named_type(field.type)):
            return
        if len(values) > 1:
            self.shared.setdefault((state.runtime_type, field.name), values)
            if not have_common_types(self._moves, state.runtime_type, field.name, values):
                self.shared[state.runtime_type, field.name] = values
                return  # an error already, and nothing can be said about what is below
        for runtime_type, positions in self._moves.by_runtime_type(values, state.runtime_type, field.name):
            # Whoever may answer a shared field returns the same object, so only one of a type that all of them know.
            is_common = all(self._moves.can_be(value, runtime_type) for value in values)
            if is_common and not self._is_hidden(runtime_type):
                step = Step(state.runtime_type, field, runtime_type)
                self._queue.append(_State(runtime_type, positions, (*state.path, step), below))
