"""Turns the chooser's decisions into fetches with selections, targets and dependencies.

A walk down the outcomes. At every position it knows the path and the fetches that answer there; a field read from one
of them is added to its selection, a field from elsewhere to the fetch of that graph and wave, together with a
representation of the object. Whatever supplies a value for the representation becomes a dependency.

A fetch is found by (segment, wave, graph), as the cost model of `choices.py` has it. A segment is one root field of a
mutation; queries have a single one.
"""

from __future__ import annotations

from collections.abc import Collection, Hashable, Iterable
from dataclasses import dataclass

from router.planning.ask_contexts import is_context_key
from router.planning.choices import Choice, Entry, GroupOutcome, PositionOutcome
from router.planning.context_values import ContextValues, in_order
from router.planning.drafts import FetchDraft, Path, TargetDraft
from router.planning.fetch_selection import ENTITY, FetchField, FetchSelection
from router.planning.moves import Moves
from router.planning.name_responses import Keys, ResponseNames
from router.planning.plan import PathStep, RepresentationField
from router.planning.postpone_fetches import postpone_fetches
from router.supergraph.selections import NO_GUARDS, Guards, Selection, SelectionSet


@dataclass(frozen=True, slots=True, eq=False)
class _Spot:
    """A position of the response.

    Attributes:
        path: Way to it, without a type filter on the last step.
        mask: Object types that may stand there.
        is_typed: The concrete type can be told by `__typename`.
        wave: Wave of the first fetch that answers here.
        parent: The position above, None at the root.
        parent_mask: Types of the objects above that lead here.
    """

    path: Path
    keys: Keys
    mask: int
    is_typed: bool
    wave: int
    parent: _Spot | None = None
    parent_mask: int = 0

    def path_for(self, types: tuple[str, ...] | None) -> Path:
        """Return the way to objects of some types only."""
        if types is None or not self.path:
            return self.path
        last = self.path[-1]
        return (*self.path[:-1], PathStep(last.key, last.list_depth, types))


@dataclass(frozen=True, slots=True, eq=False)
class _Answer:
    """A fetch that answers at a spot, and its selection there."""

    fetch: FetchDraft
    selection: FetchSelection


@dataclass(slots=True, eq=False)
class _Read:
    """A field to be read at a spot, for the types of one or more groups."""

    key: str
    mask: int
    choice: Choice
    type_name: str
    answer: _Answer


@dataclass(frozen=True, slots=True)
class _Purpose:
    """Why fields are fetched: for the client, or as a value for a representation, wanted under conditions."""

    is_internal: bool = False
    guards: Guards = NO_GUARDS


_FOR_CLIENT = _Purpose()

_Suppliers = set[FetchDraft]


class FetchBuilder:
    """Builds the fetches of one operation."""

    def __init__(self, moves: Moves, names: ResponseNames, *, taken_variables: Collection[str] = ()) -> None:
        self._moves = moves
        self._names = names
        self._contexts = ContextValues(names, moves, taken_variables=taken_variables)
        self._segment = 0
        self._drafts: dict[tuple[int, int, int, Path | None], FetchDraft] = {}

    @property
    def context_variables(self) -> dict[str, str]:
        """Type of each variable that takes its value from a context."""
        return self._contexts.types

    @property
    def drafts(self) -> list[FetchDraft]:
        """All fetches, in an order in which they can run."""
        drafts = sorted(
            self._drafts.values(),
            key=lambda draft: (draft.segment, draft.wave, draft.graph, [step.key for step in draft.path]),
        )
        return in_order(drafts) if self._moves.has_contexts else drafts

    def build_segment(self, segment: int, outcome: GroupOutcome) -> None:
        """Add the fetches for fields of a root type. They run after those of the segments before."""
        self._segment = segment
        before = [draft for draft in self._drafts.values() if draft.segment < segment]
        spot = _Spot(path=(), keys=(), mask=outcome.mask, is_typed=False, wave=0)
        self._build_groups((outcome,), spot, (), _FOR_CLIENT)
        self._postpone(segment)
        for draft in self._drafts.values():
            if draft.segment == segment:
                draft.depends_on.update(before)

    def _postpone(self, segment: int) -> None:
        mine = [draft for draft in self.drafts if draft.segment == segment]
        gone = set(mine) - set(postpone_fetches(mine))
        self._drafts = {identity: draft for identity, draft in self._drafts.items() if draft not in gone}

    def _build_position(self, outcome: PositionOutcome, spot: _Spot, answer: _Answer, purpose: _Purpose) -> _Suppliers:
        """Add everything wanted at a position; returns the fetches that supply it."""
        suppliers = {answer.fetch}
        answers: tuple[_Answer, ...] = (answer,)
        typed_spot = spot
        if outcome.discovery is not None:
            found = self._discover(outcome, spot, answer, purpose)
            suppliers.add(found.fetch)
            answers = (found, answer)
            typed_spot = _Spot(spot.path, spot.keys, outcome.mask, is_typed=True, wave=spot.wave)
        opaque = [group for group in outcome.groups if outcome.is_opaque and group.type_name == outcome.type_name]
        typed = [group for group in outcome.groups if group not in opaque]
        suppliers |= self._build_groups(opaque, spot, (answer,), purpose)
        suppliers |= self._build_groups(typed, typed_spot, answers, purpose)
        return suppliers

    def _discover(self, outcome: PositionOutcome, spot: _Spot, answer: _Answer, purpose: _Purpose) -> _Answer:
        """Enter a graph that tells the concrete type of interface objects."""
        assert outcome.discovery is not None
        entry = outcome.discovery.entry
        fetch = self._fetch(spot.wave + entry.wave, entry.entrance.graph)
        target = self._represent(entry, None, fetch, group=None, spot=spot, answers=(answer,), purpose=purpose)
        selection = target.entities.get(outcome.type_name)
        if selection is None:
            selection = target.entities[outcome.type_name] = FetchSelection(
                self._moves, outcome.type_name, graph=fetch.graph, mask=outcome.mask, is_typed=True
            )
        selection.typename_guards |= {guards | purpose.guards for guards in outcome.discovery.guards}
        return _Answer(fetch, selection)

    def _build_groups(
        self, groups: Iterable[GroupOutcome], spot: _Spot, answers: tuple[_Answer, ...], purpose: _Purpose
    ) -> _Suppliers:
        """Add the fields of all groups of a spot. What is read alike for several groups is added once for all."""
        suppliers: _Suppliers = set()
        reads: dict[Hashable, _Read] = {}
        for group in groups:
            for choice in group.choices:
                answer = self._answer(choice, group, spot, answers, purpose)
                suppliers.add(answer.fetch)
                keys = self._names.keys_of(choice.selection, group.mask, spot.keys, is_internal=purpose.is_internal)
                for key, mask in keys:
                    contexts = tuple((found.name, found.context, found.text) for found in choice.field.contexts)
                    identity = (key, *choice.selection.identity[1:], id(choice.below), id(answer.selection), contexts)
                    read = reads.get(identity)
                    if read is None:
                        reads[identity] = _Read(key, mask, choice, group.type_name, answer)
                    else:
                        read.mask |= mask
        # What contexts supply first: whoever needs it, further down, then knows what to wait for.
        for read in sorted(reads.values(), key=lambda read: not is_context_key(read.choice.selection)):
            below = self._add_field(read, spot, purpose)
            if is_context_key(read.choice.selection):
                self._contexts.note_suppliers(spot.keys, read.key, {read.answer.fetch, *below})
            suppliers |= below
        return suppliers

    def _add_field(self, read: _Read, spot: _Spot, purpose: _Purpose) -> _Suppliers:
        """Add one field to the selection it is read with, and everything below it."""
        choice, item = read.choice, read.choice.selection
        arguments, variables = self._contexts.with_variables(item, choice.field.contexts)
        added = read.answer.selection.add_field(
            read.key,
            item.name,
            arguments=arguments,
            variables=variables,
            guards=item.guards | purpose.guards,
            mask=read.mask,
        )
        if choice.below is None:
            return set()
        # Interface objects carry no type to filter by until another graph has told it: follow all of them.
        types = None if choice.source else self._types(read.mask, spot)
        below_spot = _Spot(
            path=(*spot.path_for(types), PathStep(read.key, choice.field.list_depth)),
            keys=(*spot.keys, read.key),
            mask=choice.below.mask,
            is_typed=not choice.below.is_opaque and self._moves.types[choice.below.type_name].is_abstract,
            wave=read.answer.fetch.wave if choice.field.contexts else spot.wave + choice.wave,
            parent=spot,
            parent_mask=read.mask,
        )
        below = _Answer(read.answer.fetch, self._selection_below(added, choice.below, below_spot))
        if not choice.below.is_opaque and self._is_abstract_to_client(item, read.type_name):
            below.selection.asks_typename = True
        return self._build_position(choice.below, below_spot, below, _Purpose(is_internal=purpose.is_internal))

    def _selection_below(self, added: FetchField, outcome: PositionOutcome, spot: _Spot) -> FetchSelection:
        if added.below is None:
            added.below = FetchSelection(
                self._moves,
                outcome.type_name,
                graph=outcome.graph,
                mask=(self._moves.types[outcome.type_name].possible_in or {}).get(outcome.graph, spot.mask),
                is_typed=spot.is_typed,
            )
        return added.below

    def _is_abstract_to_client(self, item: Selection, type_name: str) -> bool:
        """Whether the concrete type below a field must be told, even if the graph knows only one."""
        names = {self._moves.types[name].fields[item.name].type_name for name in (item.on, type_name)}
        return any(self._moves.types[name].is_abstract for name in names)

    def _answer(
        self, choice: Choice, group: GroupOutcome, spot: _Spot, answers: tuple[_Answer, ...], purpose: _Purpose
    ) -> _Answer:
        """Return the fetch and selection that a field is read with, entering the graph if need be."""
        if choice.source is not None:
            return answers[choice.source]
        assert choice.entry is not None
        wave = spot.wave + choice.wave
        if choice.entry.key is None:
            return self._enter_root(choice, spot, wave, answers)
        contexts = self._contexts.found_above(choice.field.contexts, spot)
        wave = max([wave, *(supplier.wave + 1 for found in contexts for supplier in found.suppliers)])
        fetch = self._fetch(wave, choice.graph)
        inner = _Purpose(is_internal=True, guards=purpose.guards | choice.selection.guards)
        target = self._represent(choice.entry, choice, fetch, group=group, spot=spot, answers=answers, purpose=inner)
        for found in contexts:
            target.contexts[found.variable] = found.candidates
            fetch.depends_on |= found.suppliers
        entered = choice.entry.entrance.type_name
        is_concrete = not self._moves.types[entered].is_abstract
        name = ENTITY if is_concrete else entered
        selection = target.entities.get(name)
        if selection is None:
            selection = target.entities[name] = FetchSelection(
                self._moves, name, graph=choice.graph, mask=0, is_typed=False
            )
        selection.mask |= group.mask
        return _Answer(fetch, selection)

    def _enter_root(self, choice: Choice, spot: _Spot, wave: int, answers: tuple[_Answer, ...]) -> _Answer:
        identity = (self._segment, wave, choice.graph, spot.path)
        fetch = self._drafts.get(identity)
        if fetch is None:
            assert choice.entry is not None
            root = FetchSelection(
                self._moves, choice.entry.entrance.type_name, graph=choice.graph, mask=spot.mask, is_typed=False
            )
            fetch = FetchDraft(self._segment, wave, choice.graph, path=spot.path, root=root)
            self._drafts[identity] = fetch
        fetch.depends_on.update(answer.fetch for answer in answers)
        assert fetch.root is not None
        return _Answer(fetch, fetch.root)

    def _fetch(self, wave: int, graph: int) -> FetchDraft:
        identity = (self._segment, wave, graph, None)
        draft = self._drafts.get(identity)
        if draft is None:
            draft = self._drafts[identity] = FetchDraft(self._segment, wave, graph)
        return draft

    # Representations

    def _represent(
        self,
        entry: Entry,
        choice: Choice | None,
        fetch: FetchDraft,
        *,
        group: GroupOutcome | None,
        spot: _Spot,
        answers: tuple[_Answer, ...],
        purpose: _Purpose,
    ) -> TargetDraft:
        """Have the values for a representation fetched, and return the target that it is a template of."""
        inner = _Purpose(is_internal=True, guards=purpose.guards)
        mask = group.mask if group else spot.mask
        fetch.depends_on.add(answers[0].fetch)
        assert entry.key is not None
        assert entry.key_fields is not None
        needed: list[tuple[GroupOutcome, SelectionSet, bool]] = [(entry.key_fields, entry.key.selections, True)]
        if choice is not None and choice.requires is not None:
            assert choice.field.requires is not None
            needed.append((choice.requires, choice.field.requires, False))
        values: list[RepresentationField] = []
        for outcome, selections, is_key in needed:
            local = GroupOutcome(
                outcome.type_name, mask, outcome.sources, outcome.choices, outcome.requests, outcome.residual
            )
            fetch.depends_on |= self._build_groups((local,), spot, answers, inner)
            like = self._moves.types[outcome.type_name].mask
            values.extend(self._template(selections, like, mask, spot.keys, is_key))
        types = self._types(mask, spot) if group else None
        key = (types, self._sent_typename(entry, spot))
        all_types = frozenset(self._moves.names_of(spot.mask))
        # Of an interface object every field is asked for all types; one that tells types has its type conditions.
        is_opaque = choice is not None and self._moves.types[entry.entrance.type_name].is_abstract
        return fetch.target_for(spot.path, key, values, all_types=all_types, guards=purpose.guards, is_opaque=is_opaque)

    def _sent_typename(self, entry: Entry, spot: _Spot) -> str | None:
        entered = entry.entrance.type_name
        if not self._moves.types[entered].is_abstract and spot.is_typed:
            return None
        return entered

    def _template(
        self,
        selections: SelectionSet,
        like: int,
        mask: int,
        keys: Keys,
        is_key: bool,  # noqa: FBT001  # plain recursion
    ) -> list[RepresentationField]:
        """Return what to copy into a representation of objects of `mask`, for which the types of `like` stand."""
        values: list[RepresentationField] = []
        for item in selections.items:
            if not item.mask & like or item.name == "__typename":
                continue
            for key, part in self._names.keys_of(item, mask, keys, is_internal=True):
                below = None
                if item.selections is not None:
                    below = tuple(self._nested_template(item, (*keys, key), is_key))
                values.append(
                    RepresentationField(
                        item.name,
                        key,
                        fields=below,
                        types=None if part == mask else self._moves.names_of(part),
                        is_key=is_key,
                    )
                )
        return values

    def _nested_template(
        self,
        item: Selection,
        keys: Keys,
        is_key: bool,  # noqa: FBT001  # plain recursion
    ) -> list[RepresentationField]:
        """Return what to copy of the objects below a field."""
        assert item.selections is not None
        type_name = self._moves.types[item.on].fields[item.name].type_name
        table = self._moves.types[type_name]
        values: list[RepresentationField] = []
        # A requirement asks for the type itself where the subgraph needs it.
        if (table.is_abstract and is_key) or any(inner.name == "__typename" for inner in item.selections.items):
            values.append(RepresentationField("__typename", "__typename", is_key=is_key))
        for inner in item.selections.items:
            part = inner.mask & table.mask
            for value in self._template(SelectionSet((inner,)), part, part, keys, is_key):
                is_partial = value.types is None and part != table.mask
                values.append(
                    RepresentationField(
                        value.name,
                        value.key,
                        fields=value.fields,
                        types=self._moves.names_of(part) if is_partial else value.types,
                        is_key=is_key,
                    )
                )
        return values

    def _types(self, mask: int, spot: _Spot) -> tuple[str, ...] | None:
        """Return the names of some of the types of a spot; None for all of them."""
        if not spot.is_typed or not spot.mask & ~mask:
            return None
        return self._moves.names_of(mask)
