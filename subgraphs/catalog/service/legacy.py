"""The catalogue of Cinema Online as records: a SQLite file with films, genres, people and who belongs to what.

Tables: film_work(id, title, description, creation_date, rating, type, file_path, …), genre(id, name, …),
person(id, full_name, …), genre_film_work(film_work_id, genre_id), person_film_work(film_work_id, person_id, role).
Films and people keep their uuids, so that two people of one name stay two. What viewers rated and where the video lay
is no part of a title here and is left behind. Real files have nulls, duplicates and rows that point nowhere: each is
reported, and costs no more than itself.
"""

import re
import sqlite3
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import replace
from datetime import date, datetime
from uuid import UUID

from subgraphs.catalog.models import CreditRole, TitleKind
from subgraphs.catalog.repository.cards import Text
from subgraphs.catalog.service.checks import LONGEST_DESCRIPTION, LONGEST_NAME
from subgraphs.catalog.service.genres import genre_named
from subgraphs.catalog.service.importing import DANGLING, DUPLICATE, BadRow, ImportFileError, RowError, checked_text
from subgraphs.catalog.service.records import CreditRecord, GenreRecord, TitleRecord, slug_of
from subgraphs.shared.values import Tier

_BATCH = 500
_LONGEST_KEY = 100
_BREAKS = re.compile(r"[\t\r\n]+")
_KINDS = {"movie": TitleKind.MOVIE, "tv_show": TitleKind.SHOW}
_ROLES = {role.value.lower(): role for role in CreditRole}
_COLUMNS = {
    "film_work": "id, title, description, creation_date, type",
    "genre": "id, name",
    "person": "id, full_name",
    "genre_film_work": "film_work_id, genre_id",
    "person_film_work": "film_work_id, person_id, role",
}


_PLAIN_TABLES = "SELECT name FROM sqlite_master WHERE type = 'table' AND sql LIKE 'CREATE TABLE%'"


class LegacyFormatError(ImportFileError):
    """The file is no catalogue of Cinema Online."""


def open_legacy(location: str) -> sqlite3.Connection:
    """Return a connection that only reads, of any thread, one at a time; `location` is the file's URI.

    Raises:
        LegacyFormatError: The file is no SQLite database, or lacks a table or column.
    """
    connection = sqlite3.connect(f"{location}?mode=ro", uri=True, check_same_thread=False)
    # What is not UTF-8 comes back with lone surrogates, which are then found row by row.
    connection.text_factory = lambda raw: raw.decode("utf-8", "surrogateescape")
    try:
        # The file is a stranger's: nothing of its schema runs, and what it calls a table is one.
        connection.execute("PRAGMA trusted_schema = OFF")
        connection.execute("PRAGMA cell_size_check = ON")
        tables = {row[0] for row in connection.execute(_PLAIN_TABLES)}
        if missing := sorted(_COLUMNS.keys() - tables):
            raise LegacyFormatError(f"It is no catalogue of Cinema Online: there is no table {missing[0]}.")
        for table, columns in _COLUMNS.items():
            connection.execute(f"SELECT rowid, {columns} FROM {table} LIMIT 0")  # noqa: S608  # names of our own
    except LegacyFormatError:
        connection.close()
        raise
    except sqlite3.DatabaseError as error:
        connection.close()
        raise LegacyFormatError(f"It is no catalogue of Cinema Online: {error}.") from error
    return connection


def count_films(connection: sqlite3.Connection) -> int:
    """Return how many rows of films there are."""
    return int(connection.execute("SELECT count(*) FROM film_work").fetchone()[0])


def read_legacy(connection: sqlite3.Connection, *, published_at: datetime) -> Iterator[TitleRecord | BadRow]:
    """Yield for each film a free, unrated record, or what is wrong with it; and each other row that is of no use."""
    genres: dict[str, GenreRecord] = {}
    people: dict[str, tuple[UUID, str]] = {}
    yield from _read_genres(connection, genres)
    yield from _read_people(connection, people)
    yield from _dangling(connection)
    seen: set[UUID] = set()
    films = connection.execute(
        "SELECT rowid, id, title, description, creation_date, type FROM film_work ORDER BY rowid"
    )
    while rows := films.fetchmany(_BATCH):
        keys = [row[1] for row in rows]
        genre_links = _links(connection, "genre_film_work", "genre_id, NULL", keys)
        person_links = _links(connection, "person_film_work", "person_id, role", keys)
        for rowid, key, *facts in rows:
            try:
                own = _uuid(key)
                if own in seen:
                    raise RowError("`id` is that of an earlier film.", code=DUPLICATE)
                record = _film(own, facts, published_at=published_at)
            except RowError as error:
                yield BadRow(rowid, f"film_work: {error}", error.code, _key_of(key))
                continue
            seen.add(own)
            credited: list[CreditRecord] = []
            yield from _credit(person_links.get(key, ()), people, credited)
            tied = {genre.slug: genre for link in genre_links.get(key, ()) if (genre := genres.get(link[1]))}
            yield replace(record, genres=tuple(tied.values()), credits=tuple(dict.fromkeys(credited)))


def _film(own: UUID, facts: Sequence[object], *, published_at: datetime) -> TitleRecord:
    title, description, created, kind = facts
    if not isinstance(title, str) or not title.strip():
        raise RowError("`title` is empty.")
    if kind not in _KINDS:
        raise RowError("`type` is neither movie nor tv_show.")
    name = checked_text(title, "title", longest=LONGEST_NAME)
    about = _BREAKS.sub(" ", description) if isinstance(description, str) else ""
    day = _day(created)
    return TitleRecord(
        id=own,
        kind=_KINDS[str(kind)],
        slug=slug_of(name) or own.hex,
        original_name=name,
        texts={"en": Text(name, checked_text(about, "description", longest=LONGEST_DESCRIPTION))},
        release_date=day,
        release_year=day.year if day else None,
        maturity_rating=None,
        required_tier=Tier.FREE,
        audio_languages=(),
        subtitle_languages=(),
        published_at=published_at,
        genres=(),
        credits=(),
    )


def _day(created: object) -> date | None:
    """Return the day of `creation_date`, which may be a moment; None for none."""
    if created is None or created == "":
        return None
    try:
        return date.fromisoformat(str(created)[:10])
    except ValueError as error:
        raise RowError("`creation_date` is no date.") from error


def _key_of(key: object) -> str | None:
    """Return the row's id as far as it can be shown; real files have anything there."""
    return (
        key[:_LONGEST_KEY].encode("utf-8", "replace").decode() if isinstance(key, str) and key.isprintable() else None
    )


def _uuid(key: object) -> UUID:
    try:
        return UUID(str(key))
    except ValueError as error:
        raise RowError("`id` is no uuid.") from error


def _read_genres(connection: sqlite3.Connection, genres: dict[str, GenreRecord]) -> Iterator[BadRow]:
    for rowid, key, name in connection.execute("SELECT rowid, id, name FROM genre ORDER BY rowid"):
        try:
            genre = genre_named(checked_text(str(name or ""), "name", longest=LONGEST_NAME))
            if genre is None:
                raise RowError("`name` is empty.")
            genres[key] = genre
        except RowError as error:
            yield BadRow(rowid, f"genre: {error}", error.code, _key_of(key))


def _read_people(connection: sqlite3.Connection, people: dict[str, tuple[UUID, str]]) -> Iterator[BadRow]:
    for rowid, key, name in connection.execute("SELECT rowid, id, full_name FROM person ORDER BY rowid"):
        try:
            known = checked_text(str(name or ""), "full_name", longest=LONGEST_NAME)
            if not known:
                raise RowError("`full_name` is empty.")
            people[key] = (_uuid(key), known)
        except RowError as error:
            yield BadRow(rowid, f"person: {error}", error.code, _key_of(key))


def _dangling(connection: sqlite3.Connection) -> Iterator[BadRow]:
    """Yield the rows of links whose film, genre or person is not in the file."""
    for table, column, other in (
        ("genre_film_work", "film_work_id", "film_work"),
        ("genre_film_work", "genre_id", "genre"),
        ("person_film_work", "film_work_id", "film_work"),
        ("person_film_work", "person_id", "person"),
    ):
        dangling = connection.execute(
            f"SELECT rowid FROM {table} WHERE {column} IS NULL OR {column} NOT IN "  # noqa: S608  # names of our own
            f"(SELECT id FROM {other} WHERE id IS NOT NULL) ORDER BY rowid"
        )
        for (rowid,) in dangling:
            yield BadRow(rowid, f"{table}: `{column}` points to no {other}.", DANGLING)


_Link = tuple[int, str, str | None]


def _links(
    connection: sqlite3.Connection, table: str, columns: str, keys: Sequence[object]
) -> Mapping[object, Sequence[_Link]]:
    """Return the links of films: row, what is tied, and as what."""
    marks = ", ".join("?" for _ in keys)
    found: dict[object, list[_Link]] = {}
    rows = connection.execute(
        f"SELECT film_work_id, rowid, {columns} FROM {table} "  # noqa: S608  # names of our own
        f"WHERE film_work_id IN ({marks}) ORDER BY rowid",
        keys,
    )
    for film, rowid, other, role in rows:
        found.setdefault(film, []).append((rowid, other, role))
    return found


def _credit(
    links: Sequence[_Link], people: Mapping[str, tuple[UUID, str]], credited: list[CreditRecord]
) -> Iterator[BadRow]:
    """Add the credits of a film, by role as `CreditRole` has it; yield those of an unknown role."""
    for rowid, other, role in links:
        person = people.get(other)
        if person is None:
            continue  # it was reported with the people, or as pointing nowhere
        known = _ROLES.get(role or "")
        if known is None:
            yield BadRow(rowid, "person_film_work: `role` is not known.")
        else:
            credited.append(CreditRecord(person[1], known, known_person_id=person[0]))
