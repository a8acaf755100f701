"""Titles as JSON lines that leave out nothing but pictures and marks in texts: our own exports, read and written.

A line is `{"reelgraph": 1, "id": …, "publishedAt": …, "genres": […], "title": {…}}`, where `title` is the document of a
draft. A title that is known keeps its pictures, its marks and its moment of publication, so a file that comes back as
it was changes nothing; one that is not known is made, with drawn pictures. Lines of films beside them are read as
importing says.
"""

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, replace
from datetime import datetime
from typing import Any
from uuid import UUID

import orjson
from pydantic import BaseModel, ConfigDict, ValidationError

from subgraphs.catalog.models import TYPE_NAMES
from subgraphs.catalog.repository.cards import GenreCard, Text
from subgraphs.catalog.repository.people import PersonCard
from subgraphs.catalog.service.checks import LONGEST_NAME, MOST_GENRES, problems_of
from subgraphs.catalog.service.drafts import DraftEpisode, DraftSeason, DraftText, TitleDraft
from subgraphs.catalog.service.external_ids import TAKEN
from subgraphs.catalog.service.importing import (
    DUPLICATE,
    INVALID,
    BadRow,
    RowError,
    Seen,
    film_of,
    lines_of_text,
    row_of,
)
from subgraphs.catalog.service.publishing import record_of
from subgraphs.catalog.service.records import SeasonRecord, TitleRecord, genre_id, slug_of
from subgraphs.shared.errors import InvalidIdError
from subgraphs.shared.ids import decode_id, encode_id
from subgraphs.shared.values import language_tag

_MARK = "reelgraph"
_VERSION = 1
_LONGEST_SLUG = 200
_BY_LANGUAGE = frozenset({"texts", "names"})
_LANGUAGES = frozenset({"audio_languages", "subtitle_languages"})


class _Genre(BaseModel):
    model_config = ConfigDict(frozen=True, extra="forbid")

    slug: str
    names: dict[str, str]


class _Line(BaseModel):
    model_config = ConfigDict(frozen=True, extra="forbid")

    reelgraph: int
    id: str
    publishedAt: datetime | None  # noqa: N815  # the line's own word
    genres: tuple[_Genre, ...]
    title: TitleDraft


@dataclass(frozen=True, slots=True)
class WholeTitle:
    """A title as a line of an export has it. Its genres are by slug, its pictures are those of the stored title."""

    line: int
    id: UUID
    key: str
    record: TitleRecord

    def applied_to(self, stored: TitleRecord | None) -> TitleRecord:
        """Return the title as the line has it, with what no line holds from the stored one: pictures, marks in texts
        that are the same, names of genres and people, the moment of publication."""
        if stored is None:
            return self.record
        genres = {genre.slug: genre for genre in stored.genres}
        names = {credit.known_person_id: credit.name for credit in stored.credits}
        return replace(
            self.record,
            texts=_with_marks_of(stored.texts, self.record.texts),
            images=stored.images,
            published_at=stored.published_at,
            genres=tuple(genres.get(genre.slug, genre) for genre in self.record.genres),
            credits=tuple(
                replace(credit, name=names.get(credit.known_person_id, credit.name)) for credit in self.record.credits
            ),
            seasons=tuple(_with_parts_of(stored, season) for season in self.record.seasons),
        )


def read_titles(lines: Iterable[bytes], *, published_at: datetime) -> Iterator[TitleRecord | WholeTitle | BadRow]:
    """Yield for each line that is not empty a film's record, a whole title, or what is wrong with it."""
    films: Seen = {}
    ids: set[str] = set()
    external_ids: set[str] = set()
    for number, text in lines_of_text(lines):
        row: dict[str, Any] = {}
        try:
            row = row_of(text)
            if _MARK in row:
                title = _whole_title(row, number=number, seen=ids, published_at=published_at)
                yield _with_own_names(title, external_ids)
            else:
                yield film_of(row, number=number, seen=films, published_at=published_at)
        except RowError as error:
            key = row.get("id")
            yield BadRow(number, str(error), error.code, key[:100] if isinstance(key, str) else None)


def _with_own_names(title: WholeTitle, seen: set[str]) -> WholeTitle:
    """Return the title and note what others call it.

    Raises:
        RowError: An earlier line says that of another title.
    """
    again = seen.intersection(title.record.external_ids)
    if again:
        raise RowError(f"`{min(again)}` is that of an earlier line.", code=TAKEN)
    seen.update(title.record.external_ids)
    return title


def line_of(record: TitleRecord, draft: TitleDraft) -> bytes:
    """Return a title as a line; the draft is the same title as its editors have it."""
    document = draft.model_copy(update={"genre_ids": (), "images": ()}).model_dump(mode="json", exclude_defaults=True)
    _forget_marks(document)
    for season in document.get("seasons", ()):
        _forget_marks(season)
        for episode in season.get("episodes", ()):
            _forget_marks(episode)
            episode.pop("still", None)
    row = {
        _MARK: _VERSION,
        "id": encode_id(TYPE_NAMES[record.kind], record.id),
        "publishedAt": record.published_at,
        "genres": [{"slug": genre.slug, "names": genre.names} for genre in record.genres],
        "title": document,
    }
    return orjson.dumps(row) + b"\n"


def _forget_marks(part: dict[str, Any]) -> None:
    for text in part.get("texts", {}).values():
        text.pop("formatted", None)


def _whole_title(row: dict[str, Any], *, number: int, seen: set[str], published_at: datetime) -> WholeTitle:
    try:
        line = _Line.model_validate(_with_usual_tags(row))
        known = decode_id(line.id, TYPE_NAMES[line.title.kind])
    except ValidationError as error:
        first = error.errors()[0]
        place = ".".join(str(part) for part in first["loc"])
        raise RowError(f"`{place}`: {first['msg']}.") from error
    except InvalidIdError as error:
        raise RowError(f"`id` is no id of a {TYPE_NAMES[line.title.kind]}.") from error
    if line.reelgraph != _VERSION:
        raise RowError(f"It is of version {line.reelgraph}; known is {_VERSION}.")
    if line.id in seen:
        raise RowError("`id` is that of an earlier line.", code=DUPLICATE)
    _check(line)
    seen.add(line.id)
    return WholeTitle(number, known.uuid, line.id, _record(line, known.uuid, published_at=published_at))


def _with_usual_tags(part: Any) -> Any:
    """Return a part of a line with its language tags as they are kept, whatever else is wrong with it.

    Raises:
        RowError: A tag is none, or there are two texts in one language.
    """
    if isinstance(part, list):
        return [_with_usual_tags(each) for each in part]
    if not isinstance(part, dict):
        return part
    changed = {name: _with_usual_tags(inner) for name, inner in part.items()}
    for name in _BY_LANGUAGE & part.keys():
        if isinstance(texts := changed[name], dict):
            changed[name] = dict(zip(_tags(texts), texts.values(), strict=True))
            if len(changed[name]) < len(texts):
                raise RowError(f"`{name}` has a language twice.")
    for name in _LANGUAGES & part.keys():
        if isinstance(changed[name], list):
            changed[name] = list(dict.fromkeys(_tags(changed[name])))
    return changed


def _tags(given: Iterable[object]) -> list[str]:
    found = [language_tag(each) if isinstance(each, str) else None for each in given]
    known = [each for each in found if each is not None]
    if len(known) < len(found):
        raise RowError("A language tag is none: hi, en-IN.")
    return known


def _check(line: _Line) -> None:
    """Refuse what no editor could have made."""
    draft = line.title
    if any(moment.tzinfo is None for moment in _moments(line)):
        raise RowError("A moment does not say its time zone: 2026-02-28T18:00:00+05:30.")
    places = [draft.countries or (), *(licence.countries or () for licence in draft.licences)]
    if not all(len(each) == 2 and each.isascii() and each.isupper() for place in places for each in place):
        raise RowError("A country code is none: IN.")
    problem = next(iter(problems_of(draft)), None)
    if problem is not None:
        raise RowError(f"`{'.'.join(problem.path)}`: {problem.message}", code=INVALID)
    if draft.images or draft.genre_ids:
        raise RowError("Pictures and ids of genres are not part of a line.")
    if not draft.display_name:
        raise RowError("`title.texts` has no name.")
    if len(line.genres) > MOST_GENRES or not all(_is_genre(genre) for genre in line.genres):
        raise RowError(f"`genres` has more than {MOST_GENRES} entries, or one without a slug and an English name.")
    if draft.slug is not None and not _is_slug(draft.slug):
        raise RowError("`title.slug` has other than lower-case letters and digits with single dashes between.")


def _moments(line: _Line) -> list[datetime]:
    draft, fixture = line.title, line.title.fixture
    moments = [line.publishedAt, draft.available_from, draft.available_until]
    moments += [moment for licence in draft.licences for moment in (licence.starts_at, licence.ends_at)]
    moments += [fixture.starts_at, fixture.ends_at] if fixture else []
    return [moment for moment in moments if moment is not None]


def _is_slug(text: str) -> bool:
    return 1 <= len(text) <= _LONGEST_SLUG and text == slug_of(text)


def _is_genre(genre: _Genre) -> bool:
    names = genre.names.values()
    return _is_slug(genre.slug) and "en" in genre.names and all(1 <= len(n) <= LONGEST_NAME for n in names)


def _record(line: _Line, own: UUID, *, published_at: datetime) -> TitleRecord:
    draft = line.title
    people = {each.person_id: PersonCard(each.person_id, each.name) for each in draft.credits if each.person_id}
    cards = {
        genre_id(genre.slug): GenreCard(
            genre_id(genre.slug), genre.slug, {locale: Text(name, "") for locale, name in genre.names.items()}
        )
        for genre in line.genres
    }
    # Only what was checked: marks in descriptions and pictures come from editors, who have them cleaned.
    plain = draft.model_copy(
        update={
            "genre_ids": tuple(cards),
            "texts": _plain(draft.texts),
            "seasons": tuple(_plain_season(season) for season in draft.seasons),
        }
    )
    moment = line.publishedAt if line.publishedAt and line.publishedAt <= published_at else published_at
    return record_of(own, plain, genres=cards, people=people, published_at=moment)


def _plain(texts: Mapping[str, DraftText]) -> dict[str, DraftText]:
    return {locale: DraftText(name=text.name, description=text.description) for locale, text in texts.items()}


def _plain_season(season: DraftSeason) -> DraftSeason:
    episodes = tuple(
        DraftEpisode(
            number=each.number,
            texts=_plain(each.texts),
            duration_seconds=each.duration_seconds,
            air_date=each.air_date,
            maturity_rating=each.maturity_rating,
            markers=each.markers,
        )
        for each in season.episodes
    )
    return season.model_copy(update={"texts": _plain(season.texts), "episodes": episodes})


def _with_marks_of(stored: Mapping[str, Text], texts: Mapping[str, Text]) -> dict[str, Text]:
    """Return the texts; one that says what the stored one does is that one, with its marks."""
    return {
        locale: known
        if (known := stored.get(locale)) and (known.name, known.description) == (text.name, text.description)
        else text
        for locale, text in texts.items()
    }


def _with_parts_of(stored: TitleRecord, season: SeasonRecord) -> SeasonRecord:
    """Return the season with the stored one's marks and pictures."""
    before = next((each for each in stored.seasons if each.number == season.number), None)
    if before is None:
        return season
    known = {episode.number: episode for episode in before.episodes}
    episodes = tuple(
        replace(
            old,
            texts=_with_marks_of(old.texts, episode.texts),
            duration_seconds=episode.duration_seconds,
            air_date=episode.air_date,
            maturity_rating=episode.maturity_rating,
            markers=episode.markers,
        )
        if (old := known.get(episode.number))
        else episode
        for episode in season.episodes
    )
    return replace(season, texts=_with_marks_of(before.texts, season.texts), episodes=episodes)
