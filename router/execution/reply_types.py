"""What the reply to each fetch of an operation looks like, as types by which msgspec decodes and checks it at once.

A reply that is decoded by its type needs no second look at what the type promised. Objects that can be
(`object_forms.py`) become structs; all objects around them are dictionaries.

Where a type cannot promise anything, it is `Any`. Where a reply is not of its type, all replies are read without types
(`fetch_context.py`), and the response is projected by the ways that check everything (`quick_projection.py`,
`projection.py`).
"""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

from graphql import SelectionSetNode

from router.execution.client_selections import ClientSelections, InternalPath, keys_of
from router.execution.client_spots import ClientSpots, Spot
from router.execution.described_types import (
    ANYTHING,
    TYPE_NAME,
    TYPE_NAME_KEY,
    Described,
    collect_circles,
    decoder,
    dictionary,
    loosely_wrapped,
    one_name_of,
    struct,
    wrapped,
)
from router.execution.fetch_notes import FetchNotes, by_key, entity_selections
from router.execution.object_forms import Fields, Form, FormFinder, Forms
from router.execution.representations import Gather, compile_typed_gather
from router.execution.shared_objects import SharedPosition
from router.execution.transport import ReplyDecoder
from router.planning.plan import EntityEntry, EntityFetch, EntityTarget, QueryPlan, RootFetch

# Each time at least one more position turns out to hold dictionaries. Hardly any operation needs a third.
_MOST_ROUNDS = 8


@dataclass(frozen=True, slots=True)
class ReplyTypes:
    """The types of an operation's replies.

    Attributes:
        decoders: By the id of the fetch.
        forms: Of the positions that hold structs.
        parts: The structs in which entities come that complete structs, and their keys, by fetch and alias.
        repeated: Positions of values that several fetches bring.
    """

    decoders: dict[int, ReplyDecoder]
    forms: Forms
    parts: Mapping[tuple[int, str], Fields]
    repeated: frozenset[InternalPath]
    _gathers: dict[object, Gather] = field(default_factory=dict)

    def gather(self, targets: tuple[EntityTarget, ...], shared: Iterable[SharedPosition]) -> Gather:
        """Return the function that collects the representations of targets; the same one for the same targets."""
        if targets not in self._gathers:
            self._gathers[targets] = compile_typed_gather(targets, tuple(shared), self.forms)
        return self._gathers[targets]


def find_reply_types(
    selections: ClientSelections, fetches: Sequence[RootFetch | EntityFetch], *, plan: QueryPlan
) -> ReplyTypes | None:
    """Return the types, None for an operation of which nothing would stay as it is.

    Args:
        selections: Of the client.
        fetches: Those that are sent.
        plan: They are of.
    """
    if selections.denials is not None or plan.renames or plan.has_introspection:
        return None
    notes = FetchNotes()
    if not all(notes.note(fetch) for fetch in fetches):
        return None
    for _ in range(_MOST_ROUNDS):
        opened = len(notes.opened)
        finder = _ReplyFinder(selections, notes)
        replies = {fetch.id: finder.reply(fetch) for fetch in fetches}
        if len(notes.opened) == opened:
            break
    else:
        return None
    forms = finder.forms.found()
    if not forms:
        return None
    repeated = frozenset(path for path, bringers in notes.bringers.items() if len(bringers) > 1)
    types = ReplyTypes({id_: decoder(reply) for id_, reply in replies.items()}, forms, finder.parts, repeated)
    collect_circles()
    return types


class _ReplyFinder:
    """Finds the types of replies. Where structs do not fit together, it notes that they have to be dictionaries."""

    def __init__(self, selections: ClientSelections, notes: FetchNotes) -> None:
        self._notes = notes
        self._spots = ClientSpots(selections)
        self.forms = FormFinder(selections, notes, self._spots)
        self.parts: dict[tuple[int, str], Fields] = {}

    def reply(self, fetch: RootFetch | EntityFetch) -> Described:
        """Return the type of a whole reply."""
        return dictionary({"data": self._data(fetch), "errors": ANYTHING})

    def _data(self, fetch: RootFetch | EntityFetch) -> Described:
        selection_set = self._notes.selections[fetch.id]
        if isinstance(fetch, RootFetch):
            return ("leaf", dict[str, Any]) if fetch.path else self._object([selection_set], [self._spots.root])
        selected = entity_selections(selection_set)
        return dictionary(
            {
                entry.alias: ("list", ("or null", self._entity(fetch, entry, selected[entry.alias])))
                for entry in fetch.entries
            }
        )

    def _entity(self, fetch: EntityFetch, entry: EntityEntry, selected: SelectionSetNode) -> Described:
        paths = [keys_of(target.path) for target in entry.targets]
        spots = [spot for spot in map(self._spots.at, paths) if spot is not None]
        if len(spots) < len(paths):
            self._open(paths)
            for path in paths:
                self._notes.open_below(selected, path)
            return ANYTHING
        forms = [form for form in map(self.forms.form, spots) if form is not None]
        if len(forms) == len(spots):
            fields = _part(by_key(selected), spots, forms)
            if fields is not None:
                self.parts[fetch.id, entry.alias] = fields
                return struct("Entity", fields.items())
        if forms:
            self._open(paths)
        return self._object([selected], spots)

    def _object(self, selected: Sequence[SelectionSetNode], spots: Sequence[Spot]) -> Described:
        """Return the type of objects at all of the spots that are dictionaries."""
        entries: dict[str, Described] = {}
        for key, nodes in by_key(*selected).items():
            inner = [node.selection_set for node in nodes if node.selection_set is not None]
            entries[key] = self._value(key, inner, spots) if inner else ANYTHING
        return dictionary(entries)

    def _value(self, key: str, selected: Sequence[SelectionSetNode], spots: Sequence[Spot]) -> Described:
        """Return the type of a composite value in dictionaries."""
        below = [spot for spot in (self._spots.below(spot, key) for spot in spots) if spot is not None]
        fields = [self._spots.field(spot, key) for spot in spots]
        types = {str(field[0]): field[0] for field in fields if field is not None}
        if len(below) == len(spots) and len(types) == 1:
            type_ = next(iter(types.values()))
            forms = [form for form in map(self.forms.form, below) if form is not None]
            if len(forms) == len(below) and len({form.described for form in forms}) == 1:
                return wrapped(type_, forms[0].described)
            if forms:
                self._open([spot.path for spot in below])
            return loosely_wrapped(type_, self._object(selected, below))
        for spot in below:
            self._open([spot.path])
            for each in selected:
                self._notes.open_below(each, spot.path)
        return ANYTHING

    def _open(self, paths: Sequence[InternalPath]) -> None:
        self._notes.opened.update(path for path in paths if path)


def _part(keys: Iterable[str], spots: Sequence[Spot], forms: Sequence[Form]) -> Fields | None:
    """Return the fields of entities that complete structs, None if those disagree about them."""
    part: Fields = {}
    names = {frozenset(type_.name for type_ in spot.types) for spot in spots}
    for key in keys:
        if key == TYPE_NAME_KEY:
            if len(names) > 1:
                return None
            part[key] = one_name_of(next(iter(names)))
            continue
        found = {each.fields[key] for form in forms for each in form.structs.values() if key in each.fields} - {
            TYPE_NAME
        }
        if len(found) > 1:
            return None
        if found:
            part[key] = found.pop()
    return part
