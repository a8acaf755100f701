"""The selection set of one fetch: grows while the plan is built, then prints itself.

Fields are added for sets of concrete types. Printing finds the shortest way to say this to the subgraph: on the type
itself where all possible types want the field and the type has it, through an interface that covers exactly these
types, else once per type.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass

from router.planning.moves import Moves
from router.supergraph.selections import Guards

ENTITY = "_Entity"
"""Type of a position directly below `_entities` with concrete types; a union of whatever is asked for."""


class FetchField:
    """One field of a fetch, under its internal key."""

    __slots__ = ("arguments", "below", "guards", "key", "mask", "name", "variables")

    def __init__(
        self, key: str, name: str, arguments: str, variables: tuple[str, ...], guards: Guards, mask: int
    ) -> None:
        self.key = key
        self.name = name
        self.arguments = arguments
        self.variables = variables
        self.guards = guards
        self.mask = mask
        self.below: FetchSelection | None = None


class FetchSelection:
    """What is asked of the objects at one position of a fetch.

    Attributes:
        type_name: Type of the position in the graph.
        graph: The graph.
        mask: Object types that may occur; grows for `_Entity`.
        is_typed: The type is an interface or a union and the graph tells the concrete one.
        asks_typename: `__typename` is selected.
        typename_guards: Conditions under which the concrete type is of interest for itself.
    """

    def __init__(self, moves: Moves, type_name: str, *, graph: int, mask: int, is_typed: bool) -> None:
        self._moves = moves
        self.type_name = type_name
        self.graph = graph
        self.mask = mask
        self.is_typed = is_typed
        self.asks_typename = is_typed
        self.typename_guards: set[Guards] = set()
        self._fields: dict[tuple[str, int, Guards], FetchField] = {}

    def add_field(
        self,
        key: str,
        name: str,
        *,
        arguments: str,
        variables: tuple[str, ...],
        guards: Guards,
        mask: int,
    ) -> FetchField:
        """Ask for a field under an internal key, for the types of `mask`; return it, the same one if asked twice."""
        identity = (key, mask, guards)
        field = self._fields.get(identity)
        if field is None:
            field = self._fields[identity] = FetchField(key, name, arguments, variables, guards, mask)
        return field

    def absorb(self, other: FetchSelection) -> None:
        """Ask also for everything that another selection of the same position asks for."""
        self.mask |= other.mask
        self.asks_typename |= other.asks_typename
        self.typename_guards |= other.typename_guards
        for identity, field in other._fields.items():
            known = self._fields.setdefault(identity, field)
            if known is not field and known.below is not None and field.below is not None:
                known.below.absorb(field.below)

    @property
    def keys(self) -> tuple[str, ...]:
        """Internal keys asked for, in order."""
        return tuple(dict.fromkeys(field.key for field in self._fields.values()))

    @property
    def guards(self) -> frozenset[Guards]:
        """Conditions of all that is asked; any of them makes the selection worth sending."""
        return frozenset(field.guards for field in self._fields.values()) | self.typename_guards

    def print_fields(self, variables: dict[str, None]) -> str:
        """Return the selections without braces, and note the variables used."""
        bare: list[str] = ["__typename"] if self.asks_typename else []
        bound: dict[int, list[_Printed]] = {}
        for printed in self._print_distinct(variables):
            if printed.is_bare:
                bare.append(printed.text)
            else:
                bound.setdefault(printed.mask, []).append(printed)
        fragments: dict[str, list[str]] = {}
        for mask, group in bound.items():
            for name in self._conditions(mask, group):
                fragments.setdefault(name, []).extend(printed.text for printed in group)
        parts = [*bare, *(f"... on {name} {{ {' '.join(texts)} }}" for name, texts in fragments.items())]
        return " ".join(parts) or self._nothing()

    def _nothing(self) -> str:
        """Return a selection that adds nothing. An interface object's own `__typename` is not the runtime type."""
        is_opaque = self.type_name != ENTITY and self._moves.types[self.type_name].is_abstract and not self.is_typed
        return "__nothing: __typename" if is_opaque else "__typename"

    def _print_distinct(self, variables: dict[str, None]) -> list[_Printed]:
        """Return each distinct text once, with all types that it is for."""
        found: dict[str, _Printed] = {}
        certain = {(field.key, field.mask) for field in self._fields.values() if not field.guards and not field.below}
        for field in self._fields.values():
            if field.guards and not field.below and (field.key, field.mask) in certain:
                continue
            text = _print_field(field, variables)
            type_below = field.below.type_name if field.below else None
            printed = found.setdefault(text, _Printed(text, field.key, field.name, type_below))
            printed.mask |= field.mask
        for printed in found.values():
            printed.is_bare = self._can_stand_bare(printed)
        # One key both bare and under a condition could differ in nullability: then it is always bound.
        bound_keys = {printed.key for printed in found.values() if not printed.is_bare}
        for printed in found.values():
            printed.is_bare = printed.key not in bound_keys
        return list(found.values())

    def _can_stand_bare(self, printed: _Printed) -> bool:
        if self.type_name == ENTITY:
            return False
        if not self.is_typed:
            return True
        return not self.mask & ~printed.mask and self._fits(printed, self.type_name)

    def _fits(self, printed: _Printed, type_name: str) -> bool:
        """Whether a field can be selected on an interface: it may be missing there, or be of a wider type."""
        declared = self._moves.field(type_name, printed.name, self.graph)
        return declared is not None and printed.type_below in {None, declared.type_name}

    def _conditions(self, mask: int, fields: list[_Printed]) -> Iterable[str]:
        """Return the type conditions that together select the types of `mask`: one interface, or each type."""
        mask &= self.mask
        if mask & (mask - 1):
            for interface in self._moves.interfaces_in(self.graph):
                table = self._moves.types[interface]
                if (table.possible_in or {}).get(self.graph, 0) & self.mask == mask and all(
                    self._fits(printed, interface) for printed in fields
                ):
                    return (interface,)
        return self._moves.names_of(mask)


@dataclass(slots=True)
class _Printed:
    text: str
    key: str
    name: str
    type_below: str | None
    mask: int = 0
    is_bare: bool = False


def _print_field(field: FetchField, variables: dict[str, None]) -> str:
    variables.update(dict.fromkeys(field.variables))
    text = field.name if field.key == field.name else f"{field.key}: {field.name}"
    text += field.arguments
    wrappers: list[str] = []
    used: set[bool] = set()
    for variable, value in sorted(field.guards):
        variables[variable] = None
        directive = f"@{'include' if value else 'skip'}(if: ${variable})"
        if value in used:  # a directive may stand only once at a field
            wrappers.append(directive)
        else:
            text += f" {directive}"
            used.add(value)
    if field.below is not None:
        text += f" {{ {field.below.print_fields(variables)} }}"
    for directive in wrappers:
        text = f"... {directive} {{ {text} }}"
    return text
