"""Ranked rows: ids with what is needed to hide them in time, and why they are there. Valkey holds them as JSON.

A Board is all the generic rows of one page for one age limit; PersonalRows are those of one profile. None of them ever
changes, so what is made of their rows for answers is kept with them (`made`), in the process alone.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any, TypeVar
from uuid import UUID

import orjson

from subgraphs.recommendations.models.targeting import Targeting
from subgraphs.recommendations.models.words import ReasonKind, RowSource, Segment, TrayKind, TrayLayout

Made = dict[Any, Any]
"""Written to no document: orjson leaves out names that begin with an underscore."""


@dataclass(frozen=True, slots=True)
class ReasonNote:
    """Why a title is in a row. `subject` is what they share (a genre, person, language, heading), by locale;
    `because_id` the title that the viewer watched, with its names."""

    kind: ReasonKind
    subject: Mapping[str, str] | None = None
    because_id: str | None = None
    because_names: Mapping[str, str] | None = None


@dataclass(slots=True)  # not frozen: that triples what making one takes, and a profile has hundreds
class RowEntry:
    """A ranked title. The window is half-open, in epoch seconds; `countries` None means everywhere."""

    title_id: str
    score: float
    available_from: float | None = None
    available_until: float | None = None
    countries: Sequence[str] | None = None
    reason: ReasonNote | None = None

    def is_open(self, at: float, country: str) -> bool:
        """Whether the title is available at that moment in that country."""
        return (
            (self.available_from is None or self.available_from <= at)
            and (self.available_until is None or at < self.available_until)
            and (self.countries is None or country in self.countries)
        )

    @property
    def is_unrestricted(self) -> bool:
        """True when the title is available always and everywhere."""
        return self.available_from is None and self.available_until is None and self.countries is None


@dataclass(slots=True)
class Window:
    """When and where something is available, half-open, in epoch seconds; `countries` None means everywhere."""

    available_from: float | None = None
    available_until: float | None = None
    countries: Sequence[str] | None = None

    def is_open(self, at: float, country: str) -> bool:
        """Whether it is available at that moment in that country."""
        return (
            (self.available_from is None or self.available_from <= at)
            and (self.available_until is None or at < self.available_until)
            and (self.countries is None or country in self.countries)
        )


@dataclass(slots=True)
class CollectionEntry:
    """An editors' collection in a tray. The windows are those of its titles within the age limit, each once: while one
    of them is open, viewers get the collection."""

    collection_id: str
    windows: Sequence[Window]

    @property
    def reason(self) -> None:
        """No reason but the tray's."""

    def is_open(self, at: float, country: str) -> bool:
        """Whether one of its titles is available at that moment in that country."""
        return any(window.is_open(at, country) for window in self.windows)

    @property
    def is_unrestricted(self) -> bool:
        """True when one of its titles is available always and everywhere."""
        return Window() in self.windows


Entry = RowEntry | CollectionEntry
"""What stands in a tray."""
AnyEntry = TypeVar("AnyEntry", bound=Entry)


def item_id(entry: Entry) -> str:
    """Return the global id of the title or collection."""
    return entry.title_id if isinstance(entry, RowEntry) else entry.collection_id


@dataclass(frozen=True, slots=True)
class Row:
    """A tray definition with its ranked titles, or its collections; a personal one has none here, see PersonalRows.

    `targeting` None is for everybody, always.
    """

    definition_id: UUID
    kind: TrayKind
    layout: TrayLayout
    headings: Mapping[str, str]
    source: RowSource
    size: int
    min_items: int
    ad_after: int | None
    entries: Sequence[RowEntry]
    targeting: Targeting | None = None
    collections: Sequence[CollectionEntry] = ()
    _made: "Made" = field(default_factory=dict, compare=False, repr=False)

    @property
    def made(self) -> "Made":
        """What is kept with the row."""
        return self._made


@dataclass(frozen=True, slots=True)
class Board:
    """The rows of a page in order, and when they were ranked."""

    built_at: datetime
    rows: Sequence[Row]


@dataclass(frozen=True, slots=True)
class BecauseRow:
    """Titles like one that the profile watched."""

    title_id: str
    names: Mapping[str, str]
    entries: Sequence[RowEntry]
    _made: "Made" = field(default_factory=dict, compare=False, repr=False)

    @property
    def made(self) -> "Made":
        """What is kept with the row."""
        return self._made


@dataclass(frozen=True, slots=True)
class PersonalRows:
    """What is ranked for one profile under one age limit; empty for a profile that has watched nothing yet.

    `avoided` are the titles that it played or disliked lately, kept out of whatever stands in for empty rows.
    """

    built_at: datetime
    age_limit: int
    generation: str
    recommended: Sequence[RowEntry]
    because: Sequence[BecauseRow]
    avoided: Sequence[str]
    _made: "Made" = field(default_factory=dict, compare=False, repr=False)

    @property
    def made(self) -> "Made":
        """What is kept with the recommended titles."""
        return self._made

    @property
    def segment(self) -> Segment:
        """The segment of the profile."""
        return Segment.REGULAR if self.recommended or self.because or self.avoided else Segment.NEWCOMER


def visible_entries(entries: Sequence[AnyEntry], *, at: datetime, country: str) -> Sequence[AnyEntry]:
    """Return the entries that are available, in order."""
    moment = at.timestamp()
    return [entry for entry in entries if entry.is_unrestricted or entry.is_open(moment, country)]


def dump_rows(rows: Board | PersonalRows) -> str:
    """Return the JSON document of a board or of a profile's rows."""
    return orjson.dumps(rows).decode()


def load_board(document: str) -> Board:
    """Return the board of a document that `dump_rows` made."""
    raw = orjson.loads(document)
    return Board(built_at=datetime.fromisoformat(raw["built_at"]), rows=tuple(map(_row, raw["rows"])))


def load_personal_rows(document: str) -> PersonalRows:
    """Return the rows of a document that `dump_rows` made."""
    raw = orjson.loads(document)
    return PersonalRows(
        built_at=datetime.fromisoformat(raw["built_at"]),
        age_limit=raw["age_limit"],
        generation=raw["generation"],
        recommended=_entries(raw["recommended"]),
        because=tuple(BecauseRow(row["title_id"], row["names"], _entries(row["entries"])) for row in raw["because"]),
        avoided=raw["avoided"],
    )


def _row(raw: dict[str, Any]) -> Row:
    return Row(
        definition_id=UUID(raw["definition_id"]),
        kind=TrayKind(raw["kind"]),
        layout=TrayLayout(raw["layout"]),
        headings=raw["headings"],
        source=RowSource(raw["source"]),
        size=raw["size"],
        min_items=raw["min_items"],
        ad_after=raw["ad_after"],
        entries=_entries(raw["entries"]),
        targeting=None if raw["targeting"] is None else Targeting(**raw["targeting"]),
        # A board that an older release ranked has none.
        collections=tuple(
            CollectionEntry(each["collection_id"], [Window(**window) for window in each["windows"]])
            for each in raw.get("collections", ())
        ),
    )


def _entries(raw: list[dict[str, Any]]) -> Sequence[RowEntry]:
    return tuple(
        RowEntry(
            entry["title_id"],
            entry["score"],
            entry["available_from"],
            entry["available_until"],
            entry["countries"],
            _reason(entry["reason"]),
        )
        for entry in raw
    )


def _reason(raw: dict[str, Any] | None) -> ReasonNote | None:
    return None if raw is None else ReasonNote(**{**raw, "kind": ReasonKind(raw["kind"])})
