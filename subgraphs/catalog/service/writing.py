"""Storing titles with all that hangs on them, with search documents and events; ranks of trending titles."""

from collections.abc import Awaitable, Callable, Collection, Iterable, Iterator, Mapping, Sequence
from contextlib import aclosing
from dataclasses import dataclass, replace
from datetime import datetime
from functools import partial
from typing import Any
from uuid import UUID

from subgraphs.catalog.events import GenreFacts, LicenceFacts, MarkerFacts, PersonFacts, PlayableFacts, TitleChanged
from subgraphs.catalog.models import (
    TYPE_NAMES,
    Credit,
    Episode,
    Genre,
    Image,
    Licence,
    Marker,
    Model,
    Person,
    Playable,
    SearchDocument,
    SearchWord,
    Season,
    SportsFixture,
    Title,
    TitleGenre,
    Translation,
)
from subgraphs.catalog.repository import prominence, writing
from subgraphs.catalog.repository.writing import KnownTitle
from subgraphs.catalog.service import rows
from subgraphs.catalog.service.ahead import made_ahead
from subgraphs.catalog.service.documents import person_document, spelt_rows, title_document, word_rows, words_in
from subgraphs.catalog.service.records import (
    StoredTitle,
    TitleRecord,
    episode_id,
    season_id,
)
from subgraphs.catalog.service.videos import VIDEO
from subgraphs.shared import outbox
from subgraphs.shared.errors import InvalidIdError
from subgraphs.shared.ids import decode_id, encode_id
from subgraphs.shared.postgres import WriteSession

_MANY = 50
"""Titles stored at once, from which on it is worth a thread to make rows while the database works."""


@dataclass(frozen=True, slots=True)
class StoreReport:
    """How many records were new, changed and known already."""

    inserted: int
    updated: int
    unchanged: int


async def store_titles(
    session: WriteSession,
    records: Sequence[TitleRecord],
    *,
    now: datetime,
    known: Collection[KnownTitle] | None = None,
) -> StoreReport:
    """Store the records that are new or changed, and publish TitleChanged for each.

    A record that came before, whatever became of its title since, is left alone, and so is a title that editors took
    over: what they made of it wins over its source. Ids within one call are distinct. A slug that another title has
    is made unique by the beginning of the id. Seasons and episodes that a changed record no longer names stay: progress
    hangs on their playables. The number of statements does not depend on the number of records; a few thousand at a
    time keep each one short. `known` are the stored titles with one of the ids or slugs, where they were just read.
    """
    if known is None:
        known = await writing.known_titles(session, [r.id for r in records], [r.slug for r in records])
    known_by_id = {title.id: title for title in known}
    owner_by_slug = {title.slug: title.id for title in known}
    stored: list[StoredTitle] = []
    for record in records:
        before = known_by_id.get(record.id)
        if before is not None and (before.is_edited or before.digest == record.digest):
            continue
        is_free = owner_by_slug.setdefault(record.slug, record.id) == record.id
        slug = record.slug if is_free else f"{record.slug}-{record.id.hex[:8]}"
        stored.append(StoredTitle(record, before.version + 1 if before else 1, slug))
    changed = [title.record.id for title in stored if title.record.id in known_by_id]
    if changed:
        await writing.forget_parts(session, changed)
    await _store(session, stored, now=now)
    return StoreReport(inserted=len(stored) - len(changed), updated=len(changed), unchanged=len(records) - len(stored))


async def publish_titles(session: WriteSession, records: Sequence[TitleRecord], *, now: datetime) -> None:
    """Store the records whatever was stored before, and publish TitleChanged for each. What a record does not name any
    more, episodes among them, is gone. The number of statements does not depend on the number of records.

    The source of a title that was seeded or imported is remembered, so that the same record, come again, does not
    undo what editors made of it.
    """
    if not records:
        return
    ids = [record.id for record in records]
    known = await writing.known_titles(session, ids, [record.slug for record in records])
    known_by_id = {title.id: title for title in known}
    owner_by_slug = {title.slug: title.id for title in known}
    stored: list[StoredTitle] = []
    for record in records:
        before = known_by_id.get(record.id)
        is_free = owner_by_slug.setdefault(record.slug, record.id) == record.id
        stored.append(
            StoredTitle(
                record,
                version=before.version + 1 if before else 1,
                slug=record.slug if is_free else f"{record.slug}-{record.id.hex[:8]}",
                source_digest=before.digest if before else None,
            )
        )
    await writing.forget_parts(session, ids)
    await writing.forget_absent(
        session,
        ids,
        seasons=[season_id(record.id, season.number) for record in records for season in record.seasons],
        episodes=[
            episode_id(record.id, season.number, episode.number)
            for record in records
            for season in record.seasons
            for episode in season.episodes
        ],
        playables=[playable.id for title in stored for playable in title.playables],
    )
    await _store(session, stored, now=now)


async def withdraw_title(session: WriteSession, record: TitleRecord, *, now: datetime) -> None:
    """Take the title down, and publish TitleChanged. What hangs on it stays stored, for viewers' progress."""
    version = await writing.withdraw_title(session, record.id)
    stored = StoredTitle(replace(record, published_at=None), version=version, slug=record.slug)
    await outbox.publish(session, [_title_changed(stored, now=now)])


async def count_stored(session: WriteSession, ids: Collection[UUID]) -> int:
    """Return how many of the titles are stored, visible or not."""
    return len(await writing.known_titles(session, ids, ()))


async def finish_bulk_load(session: WriteSession) -> None:
    """Let the database know its new sizes; without it, statements over all titles take seconds after a first load."""
    await writing.analyze_tables(session)


async def record_trending(session: WriteSession, ranked: Sequence[str], *, computed_at: datetime) -> bool:
    """Remember the ranks, best first, for TitleSort.TRENDING; return whether they were news.

    Ranks older than those already known change nothing. Ids that are no title's are passed over.
    """
    if not await writing.advance_snapshot(session, computed_at=computed_at):
        return False
    await writing.set_trending_boosts(session, list(_title_uuids(ranked)))
    return True


async def choose_prominent(session: WriteSession) -> int:
    """Have searches look first through what is watched most and what is new; return how many documents that changed.

    Where it is not done, searches take longer and hide nothing.
    """
    return await prominence.choose_prominent(session)


def _title_uuids(global_ids: Iterable[str]) -> Iterator[UUID]:
    for text in global_ids:
        try:
            yield decode_id(text, *TYPE_NAMES.values()).uuid
        except InvalidIdError:
            continue


async def _store(session: WriteSession, stored: Sequence[StoredTitle], *, now: datetime) -> None:
    """Store the titles and publish TitleChanged for each. People and words that are known are not stored again."""
    if not stored:
        return
    people = _people_of(stored)
    known = await writing.known_people(session, people)
    unknown = {own: name for own, name in people.items() if own not in known}
    steps = _steps(stored, unknown, now=now)
    if len(stored) < _MANY:
        for step in steps:
            await step(session)
        return
    async with aclosing(made_ahead(steps)) as made:
        async for step in made:
            await step(session)


_Step = Callable[[WriteSession], Awaitable[None]]


def _steps(stored: Sequence[StoredTitle], people: Mapping[UUID, str], *, now: datetime) -> Iterator[_Step]:
    """Yield what stores the titles and these people, and tells of the titles, each step with all that it needs made."""
    words: set[str] = set()
    for model, some, replace_known in _rows_of(stored, people):
        if model is SearchDocument:
            words |= words_in(some)
        if some:
            yield writing.insertion_of(model, some, replace=replace_known).run
    yield partial(_store_words, words=words)
    yield partial(outbox.publish, events=[_title_changed(title, now=now) for title in stored])


async def _store_words(session: WriteSession, words: set[str]) -> None:
    known = await writing.known_words(session, words)
    await writing.insert_rows(session, SearchWord, spelt_rows(words - known))


_Rows = tuple[type[Model], Sequence[dict[str, Any]], bool]


def rows_of(stored: Sequence[StoredTitle]) -> Iterator[_Rows]:
    """Yield all rows of the titles: table by table, whether they replace those with the same key, else leave them.

    Parents come before children, because foreign keys are checked at the end of each statement.
    """
    documents: list[dict[str, Any]] = []
    for model, some, replace_known in _rows_of(stored, _people_of(stored)):
        if model is SearchDocument:
            documents += some
        yield model, some, replace_known
    yield SearchWord, word_rows(documents), False


def _people_of(stored: Sequence[StoredTitle]) -> dict[UUID, str]:
    return {credit.person_id: credit.name for title in stored for credit in title.record.credits}


def _rows_of(stored: Sequence[StoredTitle], people: Mapping[UUID, str]) -> Iterator[_Rows]:
    """Yield what `rows_of` does, with these people and without words. Each table's rows are made when they are asked
    for."""
    records = [title.record for title in stored]
    genres = {genre.id: genre for record in records for genre in record.genres}
    yield Genre, [{"id": g.id, "slug": g.slug, "position": g.position} for g in genres.values()], False
    yield Person, [{"id": id_, "name": name} for id_, name in people.items()], False
    yield Title, [rows.title_row(title) for title in stored], True
    yield Licence, list(rows.licence_rows(records)), False
    yield SportsFixture, list(rows.fixture_rows(records)), True
    yield Season, list(rows.season_rows(records)), True
    yield Episode, list(rows.episode_rows(records)), True
    yield Playable, [row for title in stored for row in rows.playable_rows(title)], True
    yield Marker, [row for title in stored for row in rows.marker_rows(title)], False
    yield TitleGenre, list(rows.genre_rows(records)), False
    yield Credit, list(rows.credit_rows(records)), False
    yield Translation, [row for record in records for row in rows.text_rows(record)], True
    genre_texts = [
        {"owner_id": genre.id, "locale": locale, "name": name, "description": ""}
        for genre in genres.values()
        for locale, name in genre.names.items()
    ]
    yield Translation, genre_texts, False
    yield Image, [row for title in stored for row in rows.image_rows(title)], False
    yield SearchDocument, [person_document(id_, name) for id_, name in people.items()], False
    yield SearchDocument, [title_document(record) for record in records], True


def _title_changed(title: StoredTitle, *, now: datetime) -> TitleChanged:
    record = title.record
    return TitleChanged(
        occurred_at=now,
        title_id=encode_id(TYPE_NAMES[record.kind], record.id),
        version=title.version,
        published=record.published_at is not None and record.published_at <= now,
        kind=record.kind.value,
        slug=title.slug,
        names={locale: text.name for locale, text in record.texts.items()} or {"en": record.original_name},
        genres=[GenreFacts(id=encode_id("Genre", g.id), slug=g.slug, names=g.names) for g in record.genres],
        people=[
            PersonFacts(id=encode_id("Person", credit.person_id), name=credit.name, role=credit.role.value)
            for credit in record.credits
        ],
        audio_languages=list(record.audio_languages),
        subtitle_languages=list(record.subtitle_languages),
        release_date=record.release_date,
        release_year=record.release_year,
        maturity_rating=record.maturity_rating.value if record.maturity_rating else None,
        content_descriptors=tuple(each.value for each in record.content_descriptors),
        required_tier=record.required_tier.value,
        available_from=record.available_from,
        available_until=record.available_until,
        countries=None if record.countries is None else list(record.countries),
        licences=tuple(
            LicenceFacts(
                countries=None if each.countries is None else list(each.countries),
                starts_at=each.starts_at,
                ends_at=each.ends_at,
                tier=each.tier.value,
                rentable=each.rentable,
            )
            for each in record.licences
        ),
        published_at=record.published_at,
        playables=[
            PlayableFacts(
                id=encode_id("Playable", playable.id),
                kind=playable.kind.value,
                duration_seconds=playable.duration_seconds,
                maturity_rating=playable.maturity_rating.value if playable.maturity_rating else None,
                season=playable.season.number if playable.season else None,
                episode=playable.episode.number if playable.episode else None,
                video_asset_id=encode_id(VIDEO, playable.video_asset_id) if playable.video_asset_id else None,
                markers=tuple(
                    MarkerFacts(kind=marker.kind.value, start_ms=marker.start_ms, end_ms=marker.end_ms)
                    for marker in playable.markers
                ),
            )
            for playable in title.playables
        ],
    )
