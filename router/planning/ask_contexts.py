"""Contexts: adds to an operation what fields below need of the objects above them.

A field whose argument takes its value from a context is asked for by an entity fetch of its own subgraph, once the
value is there. So the value becomes a wish at the position of the object that sets the context, under a key that no
client can use; who supplies it is then found as for any other field. Here is also who sets the context of a field:
the nearest object above it whose type does. That may differ between the objects of an abstract type, so there may be
several candidates, the nearest first.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field

from router.supergraph.selections import NO_GUARDS, Guards, Selection, SelectionSet, merge_selections
from router.supergraph.tables import ContextArgument, TypeTable

_RESERVED = "__"


def is_context_key(item: Selection) -> bool:
    """Whether a selection was added here."""
    return item.key.startswith(_RESERVED) and item.name != "__typename"


def context_selections(argument: ContextArgument, mask: int, guards: Guards = NO_GUARDS) -> Iterator[Selection]:
    """Yield what an argument takes from objects of the types of `mask`, each selection for some of them."""
    key = _RESERVED + re.sub(r"\W+", "_", argument.text).strip("_")
    for setters, selections in argument.values:
        for item in selections.items:
            part = item.mask & setters & mask
            if part:
                yield Selection(
                    key,
                    item.name,
                    arguments=item.arguments,
                    variables=item.variables,
                    guards=guards,
                    mask=part,
                    on=item.on,
                    selections=item.selections,
                )


def ask_contexts(wanted: SelectionSet, types: Mapping[str, TypeTable], object_names: tuple[str, ...]) -> SelectionSet:
    """Return what is wanted with the values that contexts have to supply; those come first at each position."""
    return _Asker(types, object_names).visit(wanted)


@dataclass(slots=True)
class _Level:
    """A position on the way down, with the field that is followed from it."""

    mask: int = 0
    guards: Guards = NO_GUARDS
    added: list[Selection] = field(default_factory=list)


class _Asker:
    def __init__(self, types: Mapping[str, TypeTable], object_names: tuple[str, ...]) -> None:
        self._types = types
        self._object_names = object_names
        self._levels: list[_Level] = []

    def visit(self, wanted: SelectionSet) -> SelectionSet:
        level = _Level()
        items: list[Selection] = []
        for item in wanted.items:
            level.mask, level.guards = item.mask, item.guards
            for argument in self._arguments(item):
                self._ask(argument, item.guards)
            if item.selections is None:
                items.append(item)
                continue
            self._levels.append(level)
            below = self.visit(item.selections)
            self._levels.pop()
            items.append(item if below is item.selections else item.with_selections(below))
        if not level.added and all(new is old for new, old in zip(items, wanted.items, strict=True)):
            return wanted
        return SelectionSet([*merge_selections(level.added), *items])

    def _arguments(self, item: Selection) -> list[ContextArgument]:
        """Return the contextual arguments of a field, in any graph and for any type that it is wanted for."""
        found: dict[ContextArgument, None] = {}
        mask = item.mask
        while mask:
            bit = mask & -mask
            mask ^= bit
            declared = self._types[self._object_names[bit.bit_length() - 1]].fields.get(item.name)
            for graph_field in declared.graphs.values() if declared is not None else ():
                found.update(dict.fromkeys(graph_field.contexts))
        return list(found)

    def _ask(self, argument: ContextArgument, guards: Guards) -> None:
        """Ask the nearest object above for the value; above it as well where that may be of another type."""
        for level in reversed(self._levels):
            guards |= level.guards
            if any((name, not value) in guards for name, value in guards):
                return  # never wanted at all
            level.added.extend(context_selections(argument, level.mask, guards))
            if not level.mask & ~argument.setters:
                return
