"""Where a fetch finds the values of contexts, and by which variables it takes them along."""

from __future__ import annotations

from collections.abc import Collection, Iterable
from dataclasses import dataclass
from typing import ClassVar, Protocol

from router.errors import ClientError
from router.planning.ask_contexts import context_selections
from router.planning.drafts import FetchDraft
from router.planning.moves import Moves
from router.planning.name_responses import Keys, ResponseNames
from router.planning.plan import ContextCandidate, RepresentationField
from router.supergraph.selections import Selection
from router.supergraph.tables import ContextArgument


class ContextCycleError(ClientError):
    """The value of a context can only be had after the field that needs it."""

    code: ClassVar[str] = "UNREACHABLE_FIELD"


class Spot(Protocol):
    """A position of the response, as `build_fetches.py` has it."""

    @property
    def keys(self) -> Keys: ...
    @property
    def parent(self) -> Spot | None: ...
    @property
    def parent_mask(self) -> int: ...


@dataclass(frozen=True, slots=True)
class FoundContext:
    """The value of one argument, as seen from one position."""

    variable: str
    candidates: tuple[ContextCandidate, ...]
    suppliers: set[FetchDraft]


class ContextValues:
    """The context values of one plan.

    Args:
        names: Internal keys.
        moves: The facts.
        taken_variables: Names of the client's variables.

    Attributes:
        types: Type of each variable used.
    """

    def __init__(self, names: ResponseNames, moves: Moves, *, taken_variables: Collection[str]) -> None:
        self._names = names
        self._moves = moves
        self._prefix = "_c"
        while any(name.startswith(self._prefix) for name in taken_variables):
            self._prefix += "_"
        self._variables: dict[tuple[str, str, str], str] = {}
        self._suppliers: dict[tuple[Keys, str], set[FetchDraft]] = {}
        self.types: dict[str, str] = {}

    def note_suppliers(self, keys: Keys, key: str, suppliers: set[FetchDraft]) -> None:
        """Remember which fetches supply the value under a key of a position."""
        self._suppliers.setdefault((keys, key), set()).update(suppliers)

    def with_variables(self, item: Selection, arguments: Iterable[ContextArgument]) -> tuple[str, tuple[str, ...]]:
        """Return the printed arguments and the variables of a field, those from contexts included."""
        added = {argument.name: self._variable(argument) for argument in arguments}
        if not added:
            return item.arguments, item.variables
        own = [item.arguments[1:-1]] if item.arguments else []
        printed = ", ".join([*own, *(f"{name}: ${variable}" for name, variable in added.items())])
        return f"({printed})", (*item.variables, *added.values())

    def found_above(self, arguments: Iterable[ContextArgument], spot: Spot) -> list[FoundContext]:
        """Return where each argument of a field at a spot finds its value."""
        return [self._find(argument, spot) for argument in arguments]

    def _find(self, argument: ContextArgument, spot: Spot) -> FoundContext:
        candidates: list[ContextCandidate] = []
        suppliers: set[FetchDraft] = set()
        here = spot
        while here.parent is not None:
            mask, here = here.parent_mask, here.parent
            for item in context_selections(argument, mask):
                types = None if item.mask == mask else self._moves.names_of(item.mask)
                for value in self._values(item, item.mask, here.keys):
                    suppliers |= self._suppliers.get((here.keys, value.key), set())
                    candidates.append(ContextCandidate(len(here.keys), value.types or types, value))
            if not mask & ~argument.setters:
                break
        return FoundContext(self._variable(argument), tuple(candidates), suppliers)

    def _values(self, item: Selection, mask: int, keys: Keys) -> list[RepresentationField]:
        """Return how a value is read; as several parts where its key differs between types."""
        values: list[RepresentationField] = []
        for key, part in self._names.keys_of(item, mask, keys, is_internal=False):
            below = None
            if item.selections is not None:
                table = self._moves.types[self._moves.types[item.on].fields[item.name].type_name]
                below = tuple(
                    value
                    for inner in item.selections.items
                    for value in self._values(inner, inner.mask & table.mask, (*keys, key))
                )
            types = None if part == mask else self._moves.names_of(part)
            values.append(RepresentationField(item.name, key, fields=below, types=types))
        return values

    def _variable(self, argument: ContextArgument) -> str:
        identity = (argument.context, argument.text, argument.type_text)
        name = self._variables.get(identity)
        if name is None:
            name = self._variables[identity] = f"{self._prefix}{len(self._variables)}"
            self.types[name] = argument.type_text
        return name


def in_order(drafts: list[FetchDraft]) -> list[FetchDraft]:
    """Return the drafts, nearly in order as they are, so that each comes after all that it depends on.

    Raises:
        ContextCycleError: Some wait for each other.
    """
    done: set[FetchDraft] = set()
    ordered: list[FetchDraft] = []
    waiting = list(drafts)
    while waiting:
        ready = next((draft for draft in waiting if draft.depends_on <= done), None)
        if ready is None:
            raise ContextCycleError("The value of a context depends on a field that needs it.")
        waiting.remove(ready)
        done.add(ready)
        ordered.append(ready)
    return ordered
