"""Films as CSV, as a spreadsheet saves them: one film in a row, the first row names the columns, in any order.

`id` and `title` must be there; lists have bars between their entries (`Drama|Romance`). A film is known again by its
`id`, the source's own. A column that is not known refuses the file, because a misspelt one would be lost in silence.
"""

import csv
from collections.abc import Iterable, Iterator, Mapping
from datetime import date, datetime

from subgraphs.catalog.models import CreditRole, TitleKind
from subgraphs.catalog.repository.cards import Text
from subgraphs.catalog.service.checks import LONGEST_DESCRIPTION, LONGEST_DURATION_MINUTES, LONGEST_NAME
from subgraphs.catalog.service.genres import genre_named
from subgraphs.catalog.service.importing import BadRow, RowError, checked_text
from subgraphs.catalog.service.records import CreditRecord, GenreRecord, TitleRecord, slug_of, title_id
from subgraphs.shared.values import LOCALE_PATTERN, LONGEST_LOCALE, MaturityRating, Tier

_SOURCE = "csv"
_REQUIRED = ("id", "title")
_COLUMNS = frozenset(
    {
        *_REQUIRED,
        *("title_hi", "description", "description_hi", "release_date", "duration_minutes", "maturity_rating"),
        *("genres", "cast", "directors", "audio_languages", "subtitle_languages", "countries", "tier"),
    }
)
_LONGEST_ID = 100
_MOST_ENTRIES = 200

_RATINGS = {
    **{rating.value: rating for rating in MaturityRating},
    **dict.fromkeys(("G", "TV-Y", "TV-G", "GB-U"), MaturityRating.U),
    **dict.fromkeys(("TV-Y7", "PG", "U/A 7+"), MaturityRating.UA_7),
    **dict.fromkeys(("U/A", "PG-13", "TV-PG", "12A", "U/A 13+"), MaturityRating.UA_13),
    **dict.fromkeys(("TV-14", "15", "16", "U/A 16+"), MaturityRating.UA_16),
    **dict.fromkeys(("R", "NC-17", "TV-MA", "18"), MaturityRating.A),
}
"""Ratings of India and of other countries; any other leaves a film unrated, and so hidden from children."""


class SpreadsheetFormatError(ValueError):
    """The file's first row does not name the columns."""


def read_spreadsheet(lines: Iterable[bytes], *, published_at: datetime) -> Iterator[TitleRecord | BadRow]:
    """Yield for each row that is not empty a film's record, or what is wrong with it.

    Raises:
        SpreadsheetFormatError: A column is not known, comes twice, or is missing.
    """
    texts = (line.decode("utf-8", "surrogateescape").removeprefix("\ufeff") for line in lines)
    reader = csv.reader(texts, strict=True)
    columns = _columns(next(reader, []))
    seen: set[str] = set()
    while True:
        try:
            cells = next(reader, None)
            if cells is None:
                return
            if any(cell.strip() for cell in cells):
                yield _film(_row(columns, cells), seen, published_at=published_at)
        except csv.Error as error:
            yield BadRow(reader.line_num, f"It is not CSV: {error}.")
        except RowError as error:
            yield BadRow(reader.line_num, str(error))


def _columns(cells: list[str]) -> list[str]:
    columns = [cell.strip().lower() for cell in cells]
    unknown = sorted(set(columns) - _COLUMNS)
    missing = [name for name in _REQUIRED if name not in columns]
    if unknown or missing or len(set(columns)) < len(columns):
        raise SpreadsheetFormatError(
            f"The first row must name each column once. Not known: {', '.join(unknown) or 'none'}; "
            f"missing: {', '.join(missing) or 'none'}; there are {', '.join(sorted(_COLUMNS))}."
        )
    return columns


def _row(columns: list[str], cells: list[str]) -> dict[str, str]:
    if len(cells) != len(columns):
        raise RowError(f"It has {len(cells)} cells for {len(columns)} columns.")
    longest = {"description": LONGEST_DESCRIPTION, "description_hi": LONGEST_DESCRIPTION, "id": _LONGEST_ID}
    return {
        name: checked_text(" ".join(cell.split()), name, longest=longest.get(name, _MOST_ENTRIES * LONGEST_NAME))
        for name, cell in zip(columns, cells, strict=True)
    }


def _film(row: Mapping[str, str], seen: set[str], *, published_at: datetime) -> TitleRecord:
    key = row["id"]
    if not key or key in seen:
        raise RowError("`id` is that of an earlier row." if key else "`id` is empty.")
    if not row["title"]:
        raise RowError("`title` is empty.")
    name = checked_text(row["title"], "title", longest=LONGEST_NAME)
    texts = {"en": Text(name, row.get("description", ""))}
    if row.get("title_hi"):
        hindi = checked_text(row["title_hi"], "title_hi", longest=LONGEST_NAME)
        texts["hi"] = Text(hindi, row.get("description_hi", ""))
    day = _day(row.get("release_date", ""))
    record = TitleRecord(
        id=title_id(_SOURCE, key),
        kind=TitleKind.MOVIE,
        slug=slug_of(name) or title_id(_SOURCE, key).hex,
        original_name=name,
        texts=texts,
        release_date=day,
        release_year=day.year if day else None,
        maturity_rating=_RATINGS.get(row.get("maturity_rating", "")),
        required_tier=_tier(row.get("tier", "")),
        audio_languages=_languages(row, "audio_languages"),
        subtitle_languages=_languages(row, "subtitle_languages"),
        published_at=published_at,
        genres=_genres(_entries(row, "genres")),
        credits=(
            *(CreditRecord(each, CreditRole.DIRECTOR) for each in _entries(row, "directors")),
            *(CreditRecord(each, CreditRole.ACTOR) for each in _entries(row, "cast")),
        ),
        countries=_countries(row),
        duration_seconds=_seconds(row.get("duration_minutes", "")),
    )
    seen.add(key)
    return record


def _entries(row: Mapping[str, str], name: str) -> list[str]:
    entries = list(dict.fromkeys(filter(None, (part.strip() for part in row.get(name, "").split("|")))))
    if len(entries) > _MOST_ENTRIES:
        raise RowError(f"`{name}` has more than {_MOST_ENTRIES} entries.")
    return [checked_text(entry, name, longest=LONGEST_NAME) for entry in entries]


def _genres(names: list[str]) -> tuple[GenreRecord, ...]:
    genres = {genre.slug: genre for genre in map(genre_named, names) if genre is not None}
    return tuple(genres.values())


def _languages(row: Mapping[str, str], name: str) -> tuple[str, ...]:
    found = _entries(row, name)
    if not all(len(each) <= LONGEST_LOCALE and LOCALE_PATTERN.fullmatch(each) for each in found):
        raise RowError(f"`{name}` holds what is no language tag.")
    return tuple(found)


def _countries(row: Mapping[str, str]) -> tuple[str, ...] | None:
    found = _entries(row, "countries")
    if not all(len(each) == 2 and each.isascii() and each.isupper() for each in found):
        raise RowError("`countries` holds what is no country code: IN.")
    return tuple(found) or None


def _tier(text: str) -> Tier:
    if text.upper() not in ("", *(tier.value for tier in Tier)):
        raise RowError("`tier` is neither FREE nor PREMIUM.")
    return Tier(text.upper()) if text else Tier.FREE


def _day(text: str) -> date | None:
    try:
        return date.fromisoformat(text) if text else None
    except ValueError as error:
        raise RowError("`release_date` is no date: 2026-02-28.") from error


def _seconds(text: str) -> int | None:
    if not text:
        return None
    if not (text.isascii() and text.isdigit() and 1 <= int(text[:9]) <= LONGEST_DURATION_MINUTES):
        raise RowError(f"`duration_minutes` is no whole number from 1 to {LONGEST_DURATION_MINUTES}.")
    return int(text) * 60
