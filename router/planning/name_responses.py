"""Finds the internal key of every field that is fetched.

A client's field keeps its response key, unless that would make a subgraph refuse the request: two fields under one key
must have the same shape even if they are selected on different types, and a subgraph may declare shapes that differ
where those of the API schema do not. A graph with an interface object reads every field for objects of all types, so
there one key cannot mean one thing for one type and something else for another. Fields that only the router needs take
their own name, or a reserved one if the client uses that name for something else.

Names are given in the order of asking: the client's fields first, all of them, before any other.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field

from router.planning.moves import Moves
from router.planning.plan import Rename
from router.supergraph.selections import Selection, SelectionSet

Keys = tuple[str, ...]
"""Internal keys from the root down to a position."""


@dataclass(slots=True)
class _Claim:
    """What one internal key means at one position, for some types."""

    mask: int
    name: str
    arguments: str
    shapes: Mapping[int, str]


@dataclass(slots=True)
class _Position:
    claims: dict[str, list[_Claim]] = field(default_factory=dict)
    found: dict[tuple[str, str, str, int, bool], tuple[tuple[str, int], ...]] = field(default_factory=dict)


class ResponseNames:
    """The internal keys of one operation."""

    def __init__(self, moves: Moves) -> None:
        self._moves = moves
        self._positions: dict[Keys, _Position] = {}
        self.renames: list[Rename] = []

    def claim_operation(self, wanted: SelectionSet, keys: Keys = ()) -> None:
        """Give every field of the client's operation its internal key."""
        for item in wanted.items:
            if item.name == "__typename":
                continue
            for key, _ in self.keys_of(item, item.mask, keys, is_internal=False):
                if item.selections is not None:
                    self.claim_operation(item.selections, (*keys, key))

    def keys_of(self, item: Selection, mask: int, keys: Keys, *, is_internal: bool) -> tuple[tuple[str, int], ...]:
        """Return the internal keys of a field at a position, each with the types that it is used for.

        Args:
            item: The field.
            mask: Types of the objects.
            keys: The position.
            is_internal: The field is not the client's own.
        """
        position = self._positions.get(keys)
        if position is None:
            position = self._positions[keys] = _Position()
        identity = (item.key, item.name, item.arguments, mask, is_internal)
        found = position.found.get(identity)
        if found is None:
            found = position.found[identity] = tuple(self._find_keys(item, mask, position, is_internal=is_internal))
            if not is_internal:
                self._note_renames(item, keys, found)
        return found

    def _find_keys(
        self, item: Selection, mask: int, position: _Position, *, is_internal: bool
    ) -> list[tuple[str, int]]:
        found: dict[str, int] = {}
        for part in self._uniform_parts(mask, item.name):
            key = self._claim(item, part, position, is_internal=is_internal)
            found[key] = found.get(key, 0) | part
        return list(found.items())

    def _claim(self, item: Selection, mask: int, position: _Position, *, is_internal: bool) -> str:
        wanted = _Claim(mask, item.name, item.arguments, self._moves.shape(mask, item.name) or {})
        first = item.name if is_internal else item.key
        number = 0
        key = first
        while not self._is_free(key, wanted, position):
            number += 1
            key = f"_{first}_{number}"
        claims = position.claims.setdefault(key, [])
        if not any(
            claim.name == wanted.name and claim.arguments == wanted.arguments and claim.mask & mask == mask
            for claim in claims
        ):
            claims.append(wanted)
        return key

    def _is_free(self, key: str, wanted: _Claim, position: _Position) -> bool:
        if key == "__typename":
            return False  # reserved for the runtime type
        for claim in position.claims.get(key, ()):
            is_same = claim.name == wanted.name and claim.arguments == wanted.arguments
            if not is_same and (claim.mask & wanted.mask or self._are_told_late(claim.mask, wanted.mask)):
                return False
            if any(claim.shapes.get(graph, shape) != shape for graph, shape in wanted.shapes.items()):
                return False
        return True

    def _are_told_late(self, one: int, other: int) -> bool:
        """Whether a graph may have to answer for both kinds of types before it is known of which kind an object is."""
        return any(mask & one and mask & other for mask in self._moves.interface_object_masks)

    def _uniform_parts(self, mask: int, name: str) -> list[int]:
        """Return the types as one set if each graph declares the field alike for all, else one by one."""
        if mask & (mask - 1) == 0 or self._moves.shape(mask, name) is not None:
            return [mask]
        return [bit for bit, _ in self._moves.bits_of(mask)]

    def _note_renames(self, item: Selection, keys: Keys, found: tuple[tuple[str, int], ...]) -> None:
        for key, mask in found:
            if key == item.key:
                continue
            for type_name in self._moves.names_of(mask):
                rename = Rename(keys, type_name, item.key, key)
                if rename not in self.renames:
                    self.renames.append(rename)
