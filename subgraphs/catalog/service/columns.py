"""A film as named columns of text: what CSV and MRSS share, to read and to write.

Lists have bars between their entries. A row with an id of the source's own is a film of that source; one with a global
id of ours amends that title, and only where a column says something else than the title does: a file that was exported
and comes back as it was changes nothing, though it has not all of a title.
"""

from collections.abc import Collection, Mapping
from dataclasses import dataclass, replace
from datetime import date, datetime
from typing import Any
from uuid import UUID

from subgraphs.catalog.models import TYPE_NAMES, CreditRole, TitleKind
from subgraphs.catalog.repository.cards import Text
from subgraphs.catalog.service.checks import LAST_YEAR, LONGEST_DESCRIPTION, LONGEST_DURATION_MINUTES, LONGEST_NAME
from subgraphs.catalog.service.genres import genre_named
from subgraphs.catalog.service.importing import DUPLICATE, RowError, checked_text
from subgraphs.catalog.service.records import CreditRecord, GenreRecord, TitleRecord, slug_of, title_id
from subgraphs.catalog.service.videos import VIDEO
from subgraphs.shared.errors import InvalidIdError
from subgraphs.shared.ids import decode_id, encode_id
from subgraphs.shared.values import MaturityRating, Tier, language_tag

TITLE_UNKNOWN = "TITLE_UNKNOWN"
LICENSED = "ROW_LICENSED"

ROLES = {
    "cast": CreditRole.ACTOR,
    "directors": CreditRole.DIRECTOR,
    "writers": CreditRole.WRITER,
    "producers": CreditRole.PRODUCER,
}
"""The columns of people, in the order in which a new film has them after its directors."""
COLUMNS = (
    *("id", "title", "title_hi", "description", "description_hi", "release_date", "release_year"),
    *("duration_minutes", "maturity_rating", "genres", "directors", "cast", "writers", "producers"),
    *("audio_languages", "subtitle_languages", "countries", "tier", "available_from", "available_until"),
    "video_file",
)
"""The columns of a spreadsheet. A feed has `duration_seconds` in place of `duration_minutes`, and no `video_file`."""

_TERMS = frozenset({"countries", "tier", "available_from", "available_until"})
_LOCALES = {"en": "", "hi": "_hi"}
_LONGEST_KEY = 100
_MOST_ENTRIES = 200
_LONGEST = {"description": LONGEST_DESCRIPTION, "description_hi": LONGEST_DESCRIPTION, "id": _LONGEST_KEY}

_RATINGS = {
    **{rating.value: rating for rating in MaturityRating},
    **dict.fromkeys(("G", "TV-Y", "TV-G", "GB-U"), MaturityRating.U),
    **dict.fromkeys(("TV-Y7", "PG", "U/A 7+"), MaturityRating.UA_7),
    **dict.fromkeys(("U/A", "PG-13", "TV-PG", "12A", "U/A 13+"), MaturityRating.UA_13),
    **dict.fromkeys(("TV-14", "15", "16", "U/A 16+"), MaturityRating.UA_16),
    **dict.fromkeys(("R", "NC-17", "TV-MA", "18"), MaturityRating.A),
}
"""Ratings of India and of other countries; any other leaves a film unrated, and so hidden from children."""

Columns = Mapping[str, str]


VIDEO_FILE = "video_file"
"""The column that names the film which plays: by the name under which it was uploaded, or by its global id."""


@dataclass(frozen=True, slots=True)
class ColumnAmendment:
    """What a row says of a title that has the id already."""

    line: int
    id: UUID
    row: Columns

    @property
    def key(self) -> str:
        """The title's id as the file has it."""
        return self.row["id"]

    def applied_to(self, stored: TitleRecord | None) -> TitleRecord:
        """Return the title with what the columns say otherwise.

        Raises:
            RowError: There is no such title, or what a column says cannot be.
        """
        if stored is None:
            raise RowError("There is no title with this `id`.", code=TITLE_UNKNOWN)
        known = columns_of(stored)
        changed = {name for name, text in self.row.items() if text != known[name]}
        if changed & _TERMS and stored.licences:
            raise RowError("The title has licences, which decide on window, countries and tier.", code=LICENSED)
        return replace(stored, **_facts(self.row, changed, stored))

    def with_video(self, asset_id: UUID) -> "ColumnAmendment":
        """Return the row naming this film, as `columns_of` would."""
        return replace(self, row={**self.row, VIDEO_FILE: encode_id(VIDEO, asset_id)})


@dataclass(frozen=True, slots=True)
class WithVideoFile:
    """A row that names the film which plays, before anybody looked whether there is one."""

    line: int
    key: str
    video_file: str
    said: TitleRecord | ColumnAmendment

    def with_video(self, asset_id: UUID) -> TitleRecord | ColumnAmendment:
        """Return what the row says, with the film that it means."""
        if isinstance(self.said, ColumnAmendment):
            return self.said.with_video(asset_id)
        return replace(self.said, video_asset_id=asset_id)


def checked_columns(cells: Mapping[str, str]) -> dict[str, str]:
    """Return the cells with their spaces put in order.

    Raises:
        RowError: One is too long, or holds what no text holds.
    """
    return {
        name: checked_text(" ".join(cell.split()), name, longest=_LONGEST.get(name, _MOST_ENTRIES * LONGEST_NAME))
        for name, cell in cells.items()
    }


def film_of_columns(
    row: Columns, *, line: int, source: str, seen: set[str], published_at: datetime
) -> TitleRecord | ColumnAmendment:
    """Return what the row says, and note its id as seen; `id` and `title` must be there.

    Raises:
        RowError: What is wrong with the row.
    """
    key = row["id"]
    if not key:
        raise RowError("`id` is empty.")
    if key in seen:
        raise RowError("`id` is that of an earlier row.", code=DUPLICATE)
    if not row["title"]:
        raise RowError("`title` is empty.")
    own = _own_id(key)
    facts = _facts(row, row.keys(), None)  # of an amendment, too: what cannot be is said before anything is stored
    seen.add(key)
    if own is not None:
        return ColumnAmendment(line, own, row)
    own, name = title_id(source, key), row["title"]
    base = TitleRecord(
        id=own,
        kind=TitleKind.MOVIE,
        slug=slug_of(name) or own.hex,
        original_name=name,
        texts={},
        release_date=None,
        release_year=None,
        maturity_rating=None,
        required_tier=Tier.FREE,
        audio_languages=(),
        subtitle_languages=(),
        published_at=published_at,
        genres=(),
        credits=(),
    )
    return replace(base, **facts)


def naming_video(
    said: TitleRecord | ColumnAmendment, row: Columns, *, line: int
) -> TitleRecord | ColumnAmendment | WithVideoFile:
    """Return what the row says, with the film that it names."""
    name = row.get(VIDEO_FILE, "")
    return WithVideoFile(line, row["id"], name, said) if name else said


def columns_of(record: TitleRecord) -> dict[str, str]:
    """Return what the columns say of a title, those of spreadsheets and those of feeds."""
    seconds = record.duration_seconds
    columns = {
        "id": encode_id(TYPE_NAMES[record.kind], record.id),
        "release_date": record.release_date.isoformat() if record.release_date else "",
        "release_year": str(record.release_year or ""),
        "duration_minutes": str(-(-seconds // 60)) if seconds else "",
        "duration_seconds": str(seconds or ""),
        "maturity_rating": record.maturity_rating.value if record.maturity_rating else "",
        "genres": _joined(genre.names.get("en") or genre.slug for genre in record.genres),
        "audio_languages": _joined(record.audio_languages),
        "subtitle_languages": _joined(record.subtitle_languages),
        "countries": _joined(record.countries or ()),
        "tier": record.required_tier.value,
        "available_from": record.available_from.isoformat() if record.available_from else "",
        "available_until": record.available_until.isoformat() if record.available_until else "",
        VIDEO_FILE: encode_id(VIDEO, record.video_asset_id) if record.video_asset_id else "",
    }
    for locale, suffix in _LOCALES.items():
        text = record.texts.get(locale)
        columns[f"title{suffix}"] = _one_line(text.name) if text else ""
        columns[f"description{suffix}"] = _one_line(text.description) if text else ""
    columns["title"] = columns["title"] or _one_line(record.original_name)
    for name, role in ROLES.items():
        columns[name] = _joined(credit.name for credit in record.credits if credit.role is role)
    return columns


def _own_id(key: str) -> UUID | None:
    """Return the title whose global id it is; None for a key of the source's own."""
    try:
        return decode_id(key, *TYPE_NAMES.values()).uuid
    except InvalidIdError:
        return None


def _one_line(text: str) -> str:
    return " ".join(text.split())


def _joined(entries: Any) -> str:
    return "|".join(dict.fromkeys(map(_entry, entries)))


def _entry(text: str) -> str:
    """Return a name as an entry of a list."""
    return _one_line(text).replace("|", "/")


def _facts(row: Columns, names: Collection[str], before: TitleRecord | None) -> dict[str, Any]:
    """Return the fields of a record that follow from these columns of the row."""
    facts: dict[str, Any] = {}
    wanted = set(names)
    if wanted & {f"{part}{suffix}" for part in ("title", "description") for suffix in _LOCALES.values()}:
        facts["texts"] = _texts(row, wanted, before)
    if wanted & {"release_date", "release_year"}:
        day = _day(row.get("release_date", ""))
        facts |= {"release_date": day, "release_year": day.year if day else _year(row.get("release_year", ""))}
    for name in wanted & {"duration_minutes", "duration_seconds"}:
        facts["duration_seconds"] = _seconds(row[name], name, of=60 if name == "duration_minutes" else 1)
    if "maturity_rating" in wanted:
        facts["maturity_rating"] = _RATINGS.get(row["maturity_rating"])
    if "genres" in wanted:
        facts["genres"] = _genres(_entries(row, "genres"))
    if wanted & ROLES.keys():
        facts["credits"] = _credits(row, wanted, before)
    if VIDEO_FILE in wanted:
        facts["video_asset_id"] = _video(row[VIDEO_FILE])
    for name in wanted & {"audio_languages", "subtitle_languages"}:
        facts[name] = _languages(row, name)
    return facts | _terms(row, wanted)


def _terms(row: Columns, wanted: set[str]) -> dict[str, Any]:
    facts: dict[str, Any] = {}
    if "countries" in wanted:
        facts["countries"] = _countries(row)
    if "tier" in wanted:
        facts["required_tier"] = _tier(row["tier"])
    for name in ("available_from", "available_until"):
        if name in wanted:
            facts[name] = _moment(row[name], name)
    begin, end = (_moment(row.get(name, ""), name) for name in ("available_from", "available_until"))
    if begin is not None and end is not None and end <= begin:
        raise RowError("`available_until` is not after `available_from`.")
    return facts


def _texts(row: Columns, wanted: set[str], before: TitleRecord | None) -> dict[str, Text]:
    texts = dict(before.texts) if before else {}
    for locale, suffix in _LOCALES.items():
        columns = (f"title{suffix}", f"description{suffix}")
        if not wanted & set(columns):
            continue
        known = texts.get(locale)
        name, description = (
            row[column] if column in wanted else old
            for column, old in zip(columns, (known.name, known.description) if known else ("", ""), strict=True)
        )
        if name:
            texts[locale] = Text(checked_text(name, columns[0], longest=LONGEST_NAME), description)
        else:
            texts.pop(locale, None)
    return texts


def _credits(row: Columns, wanted: set[str], before: TitleRecord | None) -> tuple[CreditRecord, ...]:
    """Return the credits: those of roles that no column replaces stay, and so does all that is known of who stays."""
    columns = [name for name in ("directors", "cast", "writers", "producers") if name in wanted]
    replaced = {ROLES[name] for name in columns}
    known = before.credits if before else ()
    same = {(credit.role, _entry(credit.name)): credit for credit in known}
    return (
        *(
            same.get((ROLES[name], each)) or CreditRecord(each, ROLES[name])
            for name in columns
            for each in _entries(row, name)
        ),
        *(credit for credit in known if credit.role not in replaced),
    )


def _entries(row: Columns, name: str) -> list[str]:
    entries = list(dict.fromkeys(filter(None, (part.strip() for part in row.get(name, "").split("|")))))
    if len(entries) > _MOST_ENTRIES:
        raise RowError(f"`{name}` has more than {_MOST_ENTRIES} entries.")
    return [checked_text(entry, name, longest=LONGEST_NAME) for entry in entries]


def _genres(names: list[str]) -> tuple[GenreRecord, ...]:
    genres = {genre.slug: genre for genre in map(genre_named, names) if genre is not None}
    return tuple(genres.values())


def _languages(row: Columns, name: str) -> tuple[str, ...]:
    found = [language_tag(each) for each in _entries(row, name)]
    if None in found:
        raise RowError(f"`{name}` holds what is no language tag.")
    return tuple(dict.fromkeys(each for each in found if each is not None))


def _countries(row: Columns) -> tuple[str, ...] | None:
    found = _entries(row, "countries")
    if not all(len(each) == 2 and each.isascii() and each.isupper() for each in found):
        raise RowError("`countries` holds what is no country code: IN.")
    return tuple(found) or None


def _tier(text: str) -> Tier:
    if text.upper() not in ("", *(tier.value for tier in Tier)):
        raise RowError("`tier` is neither FREE nor PREMIUM.")
    return Tier(text.upper()) if text else Tier.FREE


def _video(text: str) -> UUID | None:
    """Return the film of that global id; None for a file's name, whose film is looked up later."""
    try:
        return decode_id(text, VIDEO).uuid
    except InvalidIdError:
        return None


def _day(text: str) -> date | None:
    try:
        return date.fromisoformat(text) if text else None
    except ValueError as error:
        raise RowError("`release_date` is no date: 2026-02-28.") from error


def _year(text: str) -> int | None:
    if not text:
        return None
    if not (text.isascii() and text.isdigit() and 1 <= int(text[:9]) <= LAST_YEAR):
        raise RowError(f"`release_year` is no year from 1 to {LAST_YEAR}.")
    return int(text)


def _moment(text: str, name: str) -> datetime | None:
    if not text:
        return None
    try:
        moment = datetime.fromisoformat(text)
    except ValueError as error:
        raise RowError(f"`{name}` is no moment: 2026-02-28T18:00:00+05:30.") from error
    if moment.tzinfo is None:
        raise RowError(f"`{name}` does not say its time zone: 2026-02-28T18:00:00+05:30.")
    return moment


def _seconds(text: str, name: str, *, of: int) -> int | None:
    """Return the duration that a number of units of so many seconds says."""
    if not text:
        return None
    most = LONGEST_DURATION_MINUTES * 60 // of
    if not (text.isascii() and text.isdigit() and 1 <= int(text[:9]) <= most):
        raise RowError(f"`{name}` is no whole number from 1 to {most}.")
    return int(text) * of
