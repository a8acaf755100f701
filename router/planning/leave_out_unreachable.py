"""Takes fields that no graph can supply out of an operation, so that the rest of it can be answered.

Composition proves that there are none; but a supergraph may come from elsewhere, and a key may lead one way only.
"""

from __future__ import annotations

from collections.abc import Hashable

from router.planning.moves import Moves
from router.planning.name_responses import Keys, ResponseNames
from router.planning.plan import Unreachable
from router.supergraph.selections import Selection, SelectionSet


def find_unreachable(left: SelectionSet, *, names: ResponseNames, moves: Moves, keys: Keys = ()) -> list[Unreachable]:
    """Return the leaves of what is left over, with their places in the response."""
    found: list[Unreachable] = []
    for item in left.items:
        table = moves.types[item.on]
        mask = item.mask & table.mask
        if item.selections is not None and item.selections.items and item.name in table.fields:
            for key, _ in names.keys_of(item, mask, keys, is_internal=False):
                found.extend(find_unreachable(item.selections, names=names, moves=moves, keys=(*keys, key)))
            continue
        types = None if mask == table.mask else moves.names_of(mask)
        found.append(Unreachable(keys, types, item.key, f"{item.on}.{item.name}"))
    return found


def leave_out(wanted: SelectionSet, left: SelectionSet) -> SelectionSet:
    """Return `wanted` without the leaves of `left`; fields above them stay, even if nothing is wanted below them."""
    kept: list[Selection] = []
    for item in wanted.items:
        lost = [other for other in left.items if _identity(other) == _identity(item) and other.mask & item.mask]
        if not lost:
            kept.append(item)
            continue
        if item.selections is None:
            mask = item.mask
            for other in lost:
                mask &= ~other.mask
            if mask:
                kept.append(item.with_selections(None, mask=mask))
            continue
        below = item.selections
        for other in lost:
            if other.selections is not None:
                below = leave_out(below, other.selections)
        kept.append(item.with_selections(below))
    return SelectionSet(kept)


def _identity(item: Selection) -> Hashable:
    return item.key, item.name, item.arguments, item.guards
