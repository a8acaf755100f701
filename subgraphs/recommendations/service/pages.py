"""Which trays and items a viewer gets to see of the ranked rows. Pure: everything was read before.

Ids are stable: a page's follows from its slug, a tray's from its definition and, for "because you watched", from the
title; an ad slot's from its tray and place.
"""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import UTC, datetime
from functools import cache, lru_cache
from uuid import UUID, uuid5

from subgraphs.recommendations.config import ROW_LIFETIME
from subgraphs.recommendations.models.rows import (
    AnyEntry,
    BecauseRow,
    Board,
    Entry,
    Made,
    PersonalRows,
    ReasonNote,
    Row,
    RowEntry,
    item_id,
    visible_entries,
)
from subgraphs.recommendations.models.targeting import Spectator
from subgraphs.recommendations.models.words import PageSlug, ReasonKind, RowSource, TrayKind, TrayLayout
from subgraphs.shared.ids import encode_id

_NAMESPACE = UUID("0c0f6f2e-6a0a-4a2b-9a38-5f1f0c7c9d11")

_MOST_TRAYS = 4
"""Of one row: with and without an ad, and where titles are not available everywhere, for some countries."""

_REASON_OF_SOURCE = {RowSource.TRENDING: ReasonKind.TRENDING, RowSource.NEW_RELEASES: ReasonKind.NEW_FOR_YOU}


@cache
def page_id(slug: PageSlug) -> str:
    """Return the global id of a page."""
    return encode_id("Page", uuid5(_NAMESPACE, slug.value))


PAGES_BY_ID = {page_id(slug): slug for slug in PageSlug}


@dataclass(frozen=True, slots=True)
class ShownTray:
    """A tray as one viewer sees it. `because` are the names of the title that a "because you watched" tray is about;
    `reason` holds for every entry that has none of its own; `ad_at` is the place of the ad slot, from 0. `made` is what
    answers make of it: it is the same object for all who see the same."""

    uuid: UUID
    kind: TrayKind
    layout: TrayLayout
    headings: Mapping[str, str]
    because: Mapping[str, str] | None
    is_personalised: bool
    reason: ReasonNote | None
    entries: Sequence[Entry]
    ad_at: int | None
    made: Made = field(default_factory=dict, compare=False, repr=False)

    @property
    def id(self) -> str:
        """The global id of the tray."""
        return encode_id("Tray", self.uuid)

    def __len__(self) -> int:
        return len(self.entries) + (self.ad_at is not None)


@dataclass(slots=True)  # not frozen: that triples what making one for each item of a page takes
class ShownItem:
    """An entry of a tray at its rank (from 1); an ad slot has an id in place of an entry."""

    rank: int
    entry: Entry | None
    slot_id: str | None


def shown_trays(
    board: Board, personal: PersonalRows | None, *, spectator: Spectator, with_ads: bool
) -> list[ShownTray]:
    """Return the trays of a page in order; those for others, and with too few titles for this viewer, are left out."""
    at, country = spectator.at, spectator.country
    return [
        tray
        for row in board.rows
        if row.targeting is None or row.targeting.admits(spectator)
        for tray in _trays_of(row, personal, at=at, country=country, with_ads=with_ads)
        if tray.entries and len(tray.entries) >= row.min_items
    ]


def next_change(board: Board, *, after: datetime) -> datetime | None:
    """Return when the schedule of a tray next begins or ends, None when none does while the rows are in use."""
    moment = after.timestamp()
    changes = [
        each
        for row in board.rows
        if row.targeting is not None
        for each in (row.targeting.starts_at, row.targeting.ends_at)
        if each is not None and moment < each < (board.built_at + ROW_LIFETIME).timestamp()
    ]
    return datetime.fromtimestamp(min(changes), UTC) if changes else None


def _trays_of(
    row: Row, personal: PersonalRows | None, *, at: datetime, country: str, with_ads: bool
) -> Iterator[ShownTray]:
    if row.source is RowSource.BECAUSE_YOU_WATCHED:
        for because in personal.because if personal else ():
            alike = _visible(because.entries, because.made, row.size, at=at, country=country)
            yield _kept(because.made, row, alike, None) or _because_tray(row, because, alike)
        return
    entries: Sequence[Entry] = row.collections or row.entries
    made = row.made
    if row.source is RowSource.RECOMMENDED:
        entries, made = (personal.recommended, personal.made) if personal else ((), {})
    visible = _visible(entries, made, row.size, at=at, country=country)
    has_ad = with_ads and row.ad_after is not None and len(visible) >= row.ad_after
    ad_at = row.ad_after if has_ad else None
    known = _kept(made, row, visible, ad_at)
    if known is None:
        known = ShownTray(
            uuid=row.definition_id,
            kind=row.kind,
            layout=row.layout,
            headings=row.headings,
            because=None,
            is_personalised=row.source.is_personal,
            reason=None if row.source.is_personal else generic_reason(row.source, row.headings),
            entries=visible,
            ad_at=ad_at,
        )
        _keep(made, row, known)
    yield known


def _because_tray(row: Row, because: BecauseRow, visible: Sequence[RowEntry]) -> ShownTray:
    tray = ShownTray(
        uuid=uuid5(row.definition_id, because.title_id),
        kind=row.kind,
        layout=row.layout,
        headings=row.headings,
        because=because.names,
        is_personalised=True,
        reason=ReasonNote(ReasonKind.BECAUSE_YOU_WATCHED, because_id=because.title_id, because_names=because.names),
        entries=visible,
        ad_at=None,
    )
    _keep(because.made, row, tray)
    return tray


def _visible(entries: Sequence[AnyEntry], made: Made, size: int, *, at: datetime, country: str) -> Sequence[AnyEntry]:
    """Return the first entries that are available; the same sequence each time where all of them always are."""
    known = made.get(size)
    if known is None:
        is_open = all(entry.is_unrestricted for entry in entries)
        known = made[size] = (is_open, entries[:size])
    is_always_open, first = known
    return first if is_always_open else visible_entries(entries, at=at, country=country)[:size]


def _kept(made: Made, row: Row, visible: Sequence[Entry], ad_at: int | None) -> ShownTray | None:
    """Return the tray that was made before of the same row, entries and place of the ad."""
    for known_row, tray in made.get("trays", ()):
        # Entries that are compared are the same objects, nearly always: it takes no time.
        if known_row is row and tray.ad_at == ad_at and tray.entries == visible:
            return tray  # type: ignore[no-any-return]  # `_keep` put it there
    return None


def _keep(made: Made, row: Row, tray: ShownTray) -> None:
    made["trays"] = [(row, tray), *made.get("trays", ())][:_MOST_TRAYS]


def generic_reason(source: RowSource, headings: Mapping[str, str]) -> ReasonNote:
    """Return why a title is in a row that is the same for everyone."""
    kind = _REASON_OF_SOURCE.get(source, ReasonKind.EDITORIAL)
    return ReasonNote(kind, headings if kind is ReasonKind.EDITORIAL else None)


def items_of(tray: ShownTray, *, start: int, count: int) -> list[ShownItem]:
    """Return up to `count` items from place `start` (from 0); the ad slot takes a place of its own."""
    items = []
    for place in range(start, min(start + count, len(tray))):
        if place == tray.ad_at:
            items.append(ShownItem(place + 1, None, _slot_id(tray.uuid, place)))
            continue
        passed_ad = tray.ad_at is not None and place > tray.ad_at
        items.append(ShownItem(place + 1, tray.entries[place - passed_ad], None))
    return items


@lru_cache(maxsize=1024)
def _slot_id(tray: UUID, place: int) -> str:
    return encode_id("AdSlot", uuid5(tray, str(place)))


def place_after(tray: ShownTray, *, rank: int, seen_id: str) -> int:
    """Return the place that follows an item seen before: after its title or collection, if that is still there, else
    its rank."""
    for index, entry in enumerate(tray.entries):
        if item_id(entry) == seen_id:
            return index + 1 + (tray.ad_at is not None and index >= tray.ad_at)
    return max(0, rank)


def recommended_entries(
    board: Board, personal: PersonalRows | None, *, at: datetime, country: str
) -> Sequence[RowEntry]:
    """Return the titles recommended to a profile; without personal ones, the page's trending row stands in."""
    if personal is not None and personal.recommended:
        return visible_entries(personal.recommended, at=at, country=country)
    trending: Sequence[RowEntry] = next((row.entries for row in board.rows if row.source is RowSource.TRENDING), ())
    avoided = set(personal.avoided) if personal else set()
    return visible_entries([entry for entry in trending if entry.title_id not in avoided], at=at, country=country)
