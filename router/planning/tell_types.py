"""Solves positions of interface objects, whose graph cannot tell the concrete type of what it returns.

What is wanted for every type can be had as usual, from this graph and from others that know the interface as an
object. For a type condition or `__typename`, a graph that knows the interface as an interface is entered with the
interface's key; it tells the type, and from then on the position is an ordinary one with two sources.
"""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING

from router.planning.choices import NO_PEERS, Discovery, GroupOutcome, Pending, PositionOutcome, Source, Standpoint
from router.planning.find_alternatives import enter
from router.planning.moves import Entrance
from router.supergraph.selections import SelectionSet

if TYPE_CHECKING:
    from router.planning.choose_graphs import GraphChooser


def solve_interface_object(
    chooser: GraphChooser, wanted: SelectionSet, here: Source, pending: Pending
) -> PositionOutcome:
    """Return how `wanted` is supplied at a position of an interface object."""
    every_type = chooser.types[here.type_name].mask
    standpoint = Standpoint(here.type_name, (here,), NO_PEERS, 0, pending)
    typed = [item for item in wanted.items if item.mask & every_type != every_type or item.name == "__typename"]
    common = chooser.solve_group(chooser.wishes.common_to(wanted, every_type), every_type, standpoint)
    if not common.residual and not typed:
        return chooser.position(here, every_type, (common,), is_opaque=True)
    # Fields common to all types need not wait for the concrete type, unless the graph that tells it has them too.
    at_hand = SelectionSet(choice.selection for choice in common.choices if choice.requests == 0)
    only_at_hand = chooser.solve_group(at_hand, every_type, standpoint)
    found = [
        outcome
        for entrance in chooser.moves.discoveries(here.type_name)
        for before in (common, only_at_hand)
        if (outcome := _discover(chooser, wanted, before, entrance, standpoint)) is not None
    ]
    if found:
        return min(found, key=_cost)
    # No graph can tell the type: what needs it is left over, the rest is still worth having.
    outcome = chooser.position(here, every_type, (common,), is_opaque=True)
    left = SelectionSet((*common.residual, *typed))
    return replace(outcome, residual=left if left.items else None)


def _discover(
    chooser: GraphChooser,
    wanted: SelectionSet,
    before: GroupOutcome,
    entrance: Entrance,
    standpoint: Standpoint,
) -> PositionOutcome | None:
    """Return how a position is supplied if `entrance` tells the concrete types and `before` is read without them."""
    entry = enter(chooser, entrance, standpoint)
    if entry is None:
        return None
    (here,) = standpoint.sources
    table = chooser.types[here.type_name]
    asked = {choice.selection.identity for choice in before.choices}
    rest = [
        item
        for item in wanted.items
        if item.name != "__typename" and not (item.mask & table.mask == table.mask and item.identity in asked)
    ]
    mask = (table.possible_in or {}).get(entrance.graph, 0)
    teller = Source(entrance.graph, here.type_name, None, entry.wave)
    groups = chooser.solve_types(
        SelectionSet((*rest, *before.residual)), mask, (teller, here), pending=standpoint.pending
    )
    done = replace(before, residual=())
    depending = [*rest, *before.residual, *(item for item in wanted.items if item.name == "__typename")]
    discovery = Discovery(entry, frozenset(item.guards for item in depending))
    return chooser.position(here, mask, (done, *groups), is_opaque=True, discovery=discovery)


def _cost(outcome: PositionOutcome) -> tuple[int, int, int]:
    """Return what is left over, then requests, then waves."""
    left = outcome.residual.wish_count() if outcome.residual else 0
    return left, outcome.requests.bit_count(), outcome.requests.bit_length()
