"""Films as JSON lines: `{"title": "…", "year": 1953, "cast": ["…"], "genres": ["…"]}`, one per line; and what readers
of every format share. Lines of our own exports are read in exchange.

A film is known again by title and year. Two different films of one title and year are told apart by their order in
the file; a line that repeats another one is refused.
"""

import re
from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any

import orjson

from subgraphs.catalog.models import CreditRole, TitleKind
from subgraphs.catalog.repository.cards import Text
from subgraphs.catalog.service.genres import genre_named
from subgraphs.catalog.service.records import CreditRecord, GenreRecord, TitleRecord, slug_of, title_id
from subgraphs.catalog.service.words import normal_form
from subgraphs.shared.values import Tier

_FIRST_YEAR, _LAST_YEAR = 1870, 2100
_LONGEST_TEXT = 300
_MOST_NAMES = 200
_LONE_SURROGATE = re.compile("[\ud800-\udfff]")
_CONTROL = re.compile(r"[\x00-\x1f\x7f]")
_SOURCE = "films"


UNREADABLE = "ROW_UNREADABLE"
INVALID = "ROW_INVALID"
DUPLICATE = "ROW_DUPLICATE"
DANGLING = "ROW_DANGLING"
"""Codes of bad rows that programs can tell apart; more are where the rows are stored."""


@dataclass(frozen=True, slots=True)
class BadRow:
    """A line that was not taken, counted from 1, and why; `key` is the source's own name for it, where it has one."""

    line: int
    reason: str
    code: str = field(default=INVALID, compare=False)
    key: str | None = field(default=None, compare=False)


class RowError(ValueError):
    """Why a row is bad, in words for whoever made the file, and as a code."""

    def __init__(self, reason: str, *, code: str = INVALID) -> None:
        super().__init__(reason)
        self.code = code


class ImportFileError(ValueError):
    """Nothing can be taken from the file. `code` is stable; the message is for whoever sent it."""

    def __init__(self, message: str, *, code: str = "FILE_FORMAT") -> None:
        super().__init__(message)
        self.code = code


Seen = dict[str, dict[bytes, int]]
"""Films read so far: by title and year, the lines of those that share them."""


def lines_of_text(lines: Iterable[bytes]) -> Iterator[tuple[int, bytes]]:
    """Yield the lines that are not empty, each with its number, counted from 1."""
    for number, line in enumerate(lines, start=1):
        text = line.strip().removeprefix(b"\xef\xbb\xbf")
        if text:
            yield number, text


def row_of(text: bytes) -> dict[str, Any]:
    """Return the JSON object of a line.

    Raises:
        RowError: It is something else.
    """
    try:
        row = orjson.loads(text)
    except orjson.JSONDecodeError as error:
        reason = f"It is not JSON: {error}." if _is_utf8(text) else "It is not UTF-8."
        raise RowError(reason, code=UNREADABLE) from error
    if not isinstance(row, dict):
        raise RowError("It is not a JSON object.", code=UNREADABLE)
    return row


def film_of(row: dict[str, Any], *, number: int, seen: Seen, published_at: datetime) -> TitleRecord:
    """Return the record of a free, unrated film, and note it as seen.

    Raises:
        RowError: What is wrong with the line.
    """
    title, year = _title(row), _year(row)
    cast, genres = _names(row, "cast"), _names(row, "genres")
    key = f"{normal_form(title) or title}:{year}"
    content = orjson.dumps([title, cast, genres])
    namesakes = seen.setdefault(key, {})
    if content in namesakes:
        raise RowError(f"It repeats line {namesakes[content]}.", code=DUPLICATE)
    namesakes[content] = number
    place = len(namesakes)
    return TitleRecord(
        id=title_id(_SOURCE, key if place == 1 else f"{key}:{place}"),
        kind=TitleKind.MOVIE,
        slug="-".join(filter(None, (slug_of(title), str(year), str(place) if place > 1 else ""))),
        original_name=title,
        texts={"en": Text(title, "")},
        release_date=None,
        release_year=year,
        maturity_rating=None,
        required_tier=Tier.FREE,
        audio_languages=(),
        subtitle_languages=(),
        published_at=published_at,
        genres=_genres(genres),
        credits=tuple(CreditRecord(name, CreditRole.ACTOR) for name in cast),
    )


def _is_utf8(text: bytes) -> bool:
    try:
        text.decode()
    except UnicodeDecodeError:
        return False
    return True


def _title(row: dict[str, Any]) -> str:
    title = row.get("title")
    if not isinstance(title, str) or not title.strip():
        raise RowError("`title` must be a text that is not empty.")
    return checked_text(title, "title")


def _year(row: dict[str, Any]) -> int:
    year = row.get("year")
    if not isinstance(year, int) or isinstance(year, bool) or not _FIRST_YEAR <= year <= _LAST_YEAR:
        raise RowError(f"`year` must be a whole number from {_FIRST_YEAR} to {_LAST_YEAR}.")
    return year


def _names(row: dict[str, Any], field: str) -> list[str]:
    names = row.get(field) or []
    if not isinstance(names, list) or not all(isinstance(name, str) for name in names):
        raise RowError(f"`{field}` must be a list of texts.")
    if len(names) > _MOST_NAMES:
        raise RowError(f"`{field}` has more than {_MOST_NAMES} entries.")
    return list(dict.fromkeys(checked_text(name, field) for name in names if name.strip()))


def checked_text(text: str, field: str, *, longest: int = _LONGEST_TEXT) -> str:
    """Return the text without space around it.

    Raises:
        RowError: It is too long, or holds what no text holds.
    """
    if len(text) > longest:
        raise RowError(f"`{field}` is longer than {longest} characters.")
    if _LONE_SURROGATE.search(text):
        raise RowError(f"`{field}` is not UTF-8.")
    if _CONTROL.search(text):
        raise RowError(f"`{field}` holds a control character.")
    return text.strip()


def _genres(names: list[str]) -> tuple[GenreRecord, ...]:
    genres = {genre.slug: genre for genre in map(genre_named, names) if genre is not None}
    return tuple(genres.values())
