"""Assigns each wanted field of a position to one of its alternatives, so that all together need the fewest requests.

Which alternatives a field has is found in `choose_graphs.py`. Here only sets of requests are compared. Fields with one
way are settled first; a field that needs no further request then costs nothing and is settled too. What remains is
searched by branch and bound, which ends with the best found once its own small limit is reached.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable

from router.planning.choices import Choice
from router.supergraph.selections import Selection

SEARCH_LIMIT = 200
"""Branches per position; beyond it the best assignment so far is taken, never none."""


def assign_fields(
    alternatives: Iterable[tuple[Selection, list[Choice]]],
    *,
    width: int,
    narrow: Callable[[Selection], list[Choice]],
    may_share: bool,
    spend_step: Callable[[], None],
) -> tuple[list[Choice], list[Selection]]:
    """Return the choices in the order of the fields, and what cannot be had.

    A field that no single graph supplies completely is taken from several.

    Args:
        alternatives: Each field with its alternatives, preferred ones first.
        width: Number of graphs, to tell waves apart in sets of requests.
        narrow: Returns the alternatives for a field of which less is wanted below.
        may_share: Whether one field may be taken from several graphs.
        spend_step: Called per branch tried.
    """
    settled: list[list[Choice]] = []
    open_fields: list[tuple[int, list[Choice]]] = []
    residual: list[Selection] = []
    requests = 0
    for item, choices in alternatives:
        complete = [choice for choice in choices if choice.residual is None]
        if complete and (complete[0].requests == 0 or len(complete) == 1):
            taken = [complete[0]]
        elif complete:
            open_fields.append((len(settled), complete))
            taken = []
        else:
            taken, left = _share(item, choices, narrow if may_share else _no_alternatives)
            if left is not None:
                residual.append(left)
        settled.append(taken)
        for choice in taken:
            requests |= choice.requests
    if open_fields:
        search = _Search([choices for _, choices in open_fields], width, spend_step)
        for (index, _), choice in zip(open_fields, search.best(requests), strict=True):
            settled[index] = [choice]
    return [choice for taken in settled for choice in taken], residual


def _share(
    item: Selection, choices: list[Choice], narrow: Callable[[Selection], list[Choice]]
) -> tuple[list[Choice], Selection | None]:
    """Take a field from several graphs until nothing more of it can be had; return also what is left."""
    taken: list[Choice] = []
    used: set[int] = set()
    wanted = item
    while choices and wanted.selections is not None:
        best = min(choices, key=_share_cost)
        left = best.residual
        if left is not None and left.wish_count() >= wanted.selections.wish_count():
            break
        taken.append(best)
        if left is None:
            return taken, None
        used.add(best.graph)
        wanted = wanted.with_selections(left)
        choices = [choice for choice in narrow(wanted) if choice.graph not in used]
    return taken, wanted


def _no_alternatives(_: Selection) -> list[Choice]:
    return []


def _share_cost(choice: Choice) -> tuple[int, int, int]:
    left = choice.residual.wish_count() if choice.residual else 0
    return left, choice.requests.bit_count(), choice.requests.bit_length()


class _Search:
    """Branch and bound over the alternatives of the fields that are still open."""

    def __init__(self, fields: list[list[Choice]], width: int, spend_step: Callable[[], None]) -> None:
        # Fields with few alternatives first: they decide the most.
        self._order = sorted(range(len(fields)), key=lambda index: len(fields[index]))
        self._fields = fields
        self._width = width
        self._spend_step = spend_step
        self._branches = 0
        self._best: list[Choice] | None = None
        self._best_cost = (0, 0)
        self._current: dict[int, Choice] = {}

    def best(self, requests: int) -> list[Choice]:
        self._descend(0, requests)
        assert self._best is not None
        return self._best

    def _descend(self, depth: int, requests: int) -> None:
        self._spend_step()
        self._branches += 1
        if self._best is not None and (self._cost(requests) >= self._best_cost or self._branches > SEARCH_LIMIT):
            return
        if depth == len(self._order):
            self._best = [self._current[index] for index in range(len(self._fields))]
            self._best_cost = self._cost(requests)
            return
        field = self._order[depth]
        for choice in self._ranked(self._fields[field], requests):
            self._current[field] = choice
            self._descend(depth + 1, requests | choice.requests)
            if not choice.requests & ~requests:
                return  # it came for nothing, so nothing can be better

    def _ranked(self, choices: list[Choice], requests: int) -> list[Choice]:
        def cost(choice: Choice) -> tuple[int, int, int]:
            after = requests | choice.requests
            return after.bit_count(), after.bit_length() // self._width, choice.source is None

        return sorted(choices, key=cost)

    def _cost(self, requests: int) -> tuple[int, int]:
        return requests.bit_count(), (requests.bit_length() - 1) // self._width
