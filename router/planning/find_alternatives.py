"""Finds every way to have one field: read it from a source, or enter another graph for it."""

from __future__ import annotations

from typing import TYPE_CHECKING

from router.planning.choices import NO_PEERS, Choice, Entry, Peers, Source, Standpoint
from router.planning.moves import Entrance
from router.supergraph.selections import Selection, SelectionSet
from router.supergraph.tables import GraphField

if TYPE_CHECKING:
    from router.planning.choose_graphs import GraphChooser


def find_alternatives(chooser: GraphChooser, item: Selection, standpoint: Standpoint) -> list[Choice]:
    """Return every way to have a field from a standpoint, sources first, then in the order of graphs.

    The search ends with the first one that is complete and needs no request: nothing can be better.
    """
    peers = NO_PEERS
    if item.selections is not None and chooser.moves.meets_partial_union(item):
        peers = _peers_below(chooser, item, standpoint)
    found: list[Choice] = []
    for index, source in enumerate(standpoint.sources):
        choice = _read(chooser, item, standpoint, index, source, peers)
        if choice is not None:
            if choice.residual is None and choice.requests == 0:
                return [choice]
            found.append(choice)
    for entrance, declared in chooser.moves.suppliers(standpoint.type_name, item.name):
        if not standpoint.closed >> entrance.graph & 1:
            choice = _enter_and_read(chooser, item, standpoint, entrance, declared, peers)
            if choice is not None:
                found.append(choice)
    return found


def enter(chooser: GraphChooser, entrance: Entrance, standpoint: Standpoint) -> Entry | None:
    """Return the cheapest way to enter a graph; None if no key can be had."""
    sources = standpoint.sources
    if standpoint.type_name in chooser.moves.root_names:
        is_possible = not sources or standpoint.type_name == chooser.moves.query_name
        return Entry(entrance, 1 if sources else 0, None, None, 0) if is_possible else None
    identity = (entrance.graph, entrance.type_name, standpoint)
    if identity in chooser.entries:
        return chooser.entries[identity]
    mask = chooser.types[standpoint.type_name].mask
    inner = standpoint._replace(peers=NO_PEERS, closed=standpoint.closed | 1 << entrance.graph)
    best: Entry | None = None
    for key in entrance.keys:
        fields = chooser.solve_group(chooser.wishes.common_to(key.selections, mask), mask, inner)
        if fields.residual:
            continue
        # Not before the first source: it gives the objects, and tells their type.
        wave = max(chooser.last_wave(fields.requests), sources[0].wave) + 1
        entry = Entry(entrance, wave, key, fields, fields.requests)
        if best is None or _cost(entry) < _cost(best):
            best = entry
    chooser.entries[identity] = best
    return best


def _cost(entry: Entry) -> tuple[int, int]:
    return entry.requests.bit_count(), entry.wave


def _read(
    chooser: GraphChooser, item: Selection, standpoint: Standpoint, index: int, source: Source, peers: Peers
) -> Choice | None:
    """Return the choice to read a field from a source, if it can supply it."""
    declared = chooser.moves.field(source.type_name, item.name, source.graph)
    if declared is None:
        return None
    provided = None
    if source.view is not None:
        provided = _provided(item, source.view, chooser.types[standpoint.type_name].mask)
    if declared.contexts:
        return None  # the values of its arguments are not known before the objects above are there
    if provided is None and (not declared.is_resolvable or declared.requires is not None):
        return None
    below = None
    requests = chooser.request(source.wave, source.graph) if source.wave else 0
    if item.selections is not None:
        view = chooser.wishes.joined([*(provided or ()), declared.provides])
        place = Source(source.graph, declared.type_name, view)
        below = chooser.solve_position(item.selections, place, peers=peers, pending=standpoint.pending)
        requests |= chooser.later(below.requests, source.wave)
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
    chooser: GraphChooser,
    item: Selection,
    standpoint: Standpoint,
    entrance: Entrance,
    declared: GraphField,
    peers: Peers,
) -> Choice | None:
    """Return the choice to enter a graph for a field that it resolves, if it can be entered."""
    marker = (standpoint.type_name, item.name, entrance.graph)
    if declared.requires is None and not declared.contexts:
        if any(
            source.graph == entrance.graph and source.type_name == entrance.type_name for source in standpoint.sources
        ):
            return None
    elif marker in standpoint.pending:
        return None
    entry = enter(chooser, entrance, standpoint)
    if entry is None:
        return None
    wave, requests, requires = entry.wave, entry.requests, None
    if declared.requires is not None:
        mask = chooser.types[standpoint.type_name].mask
        inner = standpoint._replace(peers=NO_PEERS, pending=standpoint.pending | {marker})
        requires = chooser.solve_group(chooser.wishes.common_to(declared.requires, mask), mask, inner)
        if requires.residual:
            return None
        requests |= requires.requests
        wave = max(wave, chooser.last_wave(requires.requests) + 1)
    requests |= chooser.request(wave, entrance.graph)
    below = None
    if item.selections is not None:
        place = Source(entrance.graph, declared.type_name, declared.provides)
        below = chooser.solve_position(item.selections, place, peers=peers, pending=standpoint.pending)
        requests |= chooser.later(below.requests, wave)
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


def _peers_below(chooser: GraphChooser, item: Selection, standpoint: Standpoint) -> Peers:
    """Return every graph that could supply a field here, with its type for it."""
    places = {(source.graph, source.type_name) for source in standpoint.sources}
    places.update((graph, _known_as(chooser, graph, name, standpoint.type_name)) for graph, name in standpoint.peers)
    places.update(
        (entrance.graph, entrance.type_name)
        for entrance in chooser.moves.entrances(standpoint.type_name)
        if not standpoint.closed >> entrance.graph & 1
        if enter(chooser, entrance, standpoint) is not None
    )
    declared = ((graph, chooser.moves.field(name, item.name, graph)) for graph, name in places)
    return frozenset((graph, field.type_name) for graph, field in declared if field and field.is_resolvable)


def _known_as(chooser: GraphChooser, graph: int, static: str, concrete: str) -> str:
    """Return the type that a graph sees in an object: what it can tell of an interface it may not of its types."""
    is_told = chooser.types[static].is_abstract_in(graph) and chooser.types[concrete].graphs >> graph & 1
    return concrete if is_told else static


def _provided(item: Selection, view: SelectionSet, mask: int) -> list[SelectionSet] | None:
    """Return what a view provides below a field; None if it does not provide the field."""
    matches = [
        offer
        for offer in view.items
        if offer.name == item.name and offer.arguments == item.arguments and offer.mask & mask
    ]
    return [offer.selections for offer in matches if offer.selections is not None] if matches else None
