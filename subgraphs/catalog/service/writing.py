"""Storing titles with all that hangs on them, with search documents and events; ranks of trending titles."""

from collections.abc import Collection, Iterable, Iterator, Sequence
from dataclasses import dataclass, replace
from datetime import datetime
from typing import Any
from uuid import UUID

from subgraphs.catalog.events import GenreFacts, PersonFacts, PlayableFacts, TitleChanged
from subgraphs.catalog.models import (
    TYPE_NAMES,
    Credit,
    Episode,
    Genre,
    Image,
    ImageRole,
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
from subgraphs.catalog.repository import writing
from subgraphs.catalog.repository.cards import Text
from subgraphs.catalog.service.records import (
    IMAGE_SIZES_PX,
    StoredTitle,
    TitleRecord,
    episode_id,
    image_id,
    image_seed,
    person_id,
    season_id,
)
from subgraphs.catalog.service.sounds import document_sounds
from subgraphs.catalog.service.words import document_names, document_words, spellings
from subgraphs.shared import outbox
from subgraphs.shared.errors import InvalidIdError
from subgraphs.shared.ids import decode_id, encode_id
from subgraphs.shared.postgres import WriteSession
from subgraphs.shared.values import MaturityRating, age_floor

_TITLE_IMAGES = (ImageRole.SPOTLIGHT, ImageRole.POSTER, ImageRole.THUMBNAIL)

Rows = list[dict[str, Any]]


@dataclass(frozen=True, slots=True)
class StoreReport:
    """How many records were new, changed and known already."""

    inserted: int
    updated: int
    unchanged: int


async def store_titles(session: WriteSession, records: Sequence[TitleRecord], *, now: datetime) -> StoreReport:
    """Store the records that are new or changed, and publish TitleChanged for each.

    A record that came before, whatever became of its title since, is left alone. Ids within one call are distinct. A
    slug that another title has is made unique by the beginning of the id. Seasons and episodes that a changed record no
    longer names stay: progress hangs on their playables. The number of statements does not depend on
    the number of records; a few thousand at a time keep each one short.
    """
    known = await writing.known_titles(session, [r.id for r in records], [r.slug for r in records])
    known_by_id = {title.id: title for title in known}
    owner_by_slug = {title.slug: title.id for title in known}
    stored: list[StoredTitle] = []
    for record in records:
        before = known_by_id.get(record.id)
        if before is not None and before.digest == record.digest:
            continue
        is_free = owner_by_slug.setdefault(record.slug, record.id) == record.id
        slug = record.slug if is_free else f"{record.slug}-{record.id.hex[:8]}"
        stored.append(StoredTitle(record, before.version + 1 if before else 1, slug))
    changed = [title.record.id for title in stored if title.record.id in known_by_id]
    if changed:
        await writing.forget_parts(session, changed)
    await _store(session, stored)
    await outbox.publish(session, [_title_changed(title, now=now) for title in stored])
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
    await _store(session, stored)
    await outbox.publish(session, [_title_changed(title, now=now) for title in stored])


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


def _title_uuids(global_ids: Iterable[str]) -> Iterator[UUID]:
    for text in global_ids:
        try:
            yield decode_id(text, *TYPE_NAMES.values()).uuid
        except InvalidIdError:
            continue


async def _store(session: WriteSession, stored: Sequence[StoredTitle]) -> None:
    # Parents before children: foreign keys are checked at the end of each statement.
    records = [title.record for title in stored]
    genres = {genre.id: genre for record in records for genre in record.genres}
    people = {person_id(credit.name): credit.name for record in records for credit in record.credits}
    people_documents = [_person_document(id_, name) for id_, name in people.items()]
    title_documents = [_title_document(record) for record in records]
    images = [row for title in stored for row in _image_rows(title)]
    texts = [row for record in records for row in _text_rows(record)]
    genre_texts = [
        {"owner_id": genre.id, "locale": locale, "name": name, "description": ""}
        for genre in genres.values()
        for locale, name in genre.names.items()
    ]

    await writing.insert_rows(
        session, Genre, [{"id": g.id, "slug": g.slug, "position": g.position} for g in genres.values()]
    )
    await writing.insert_rows(session, Person, [{"id": id_, "name": name} for id_, name in people.items()])
    await writing.insert_rows(session, Title, [_title_row(title) for title in stored], replace=True)
    await writing.insert_rows(session, SportsFixture, list(_fixture_rows(records)), replace=True)
    await writing.insert_rows(session, Season, list(_season_rows(records)), replace=True)
    await writing.insert_rows(session, Episode, list(_episode_rows(records)), replace=True)
    await writing.insert_rows(session, Playable, [r for t in stored for r in _playable_rows(t)], replace=True)
    await writing.insert_rows(session, TitleGenre, list(_genre_rows(records)))
    await writing.insert_rows(session, Credit, list(_credit_rows(records)))
    await writing.insert_rows(session, Translation, texts, replace=True)
    await writing.insert_rows(session, Translation, genre_texts)
    await writing.insert_rows(session, Image, images)
    await writing.insert_rows(session, SearchDocument, people_documents)
    await writing.insert_rows(session, SearchDocument, title_documents, replace=True)
    await writing.insert_rows(session, SearchWord, _word_rows([*people_documents, *title_documents]))


def _title_row(title: StoredTitle) -> dict[str, Any]:
    record = title.record
    return {
        "id": record.id,
        "kind": record.kind.value,
        "slug": title.slug,
        "original_name": record.original_name,
        "sort_name": record.sort_name,
        "release_date": record.release_date,
        "release_year": record.release_year,
        "release_order": record.release_order,
        **_rating_columns(record.maturity_rating),
        "required_tier": record.required_tier.value,
        "rentable": record.rentable,
        "audio_languages": record.audio_languages,
        "subtitle_languages": record.subtitle_languages,
        "published_at": record.published_at,
        "available_from": record.available_from,
        "available_until": record.available_until,
        "countries": record.countries,
        "version": title.version,
        "source_digest": title.source_digest or record.digest,
    }


def _rating_columns(rating: MaturityRating | None) -> dict[str, Any]:
    return {"maturity_rating": rating.value if rating else None, "age_floor": age_floor(rating)}


def _fixture_rows(records: Iterable[TitleRecord]) -> Iterator[dict[str, Any]]:
    for record in records:
        if record.fixture is not None:
            yield {
                "title_id": record.id,
                "sport": record.fixture.sport,
                "competition": record.fixture.competition,
                "starts_at": record.fixture.starts_at,
                "ends_at": record.fixture.ends_at,
            }


def _season_rows(records: Iterable[TitleRecord]) -> Iterator[dict[str, Any]]:
    for record in records:
        for season in record.seasons:
            yield {
                "id": season_id(record.id, season.number),
                "title_id": record.id,
                "number": season.number,
                "release_date": season.release_date,
            }


def _episode_rows(records: Iterable[TitleRecord]) -> Iterator[dict[str, Any]]:
    for record in records:
        for season in record.seasons:
            for episode in season.episodes:
                yield {
                    "id": episode_id(record.id, season.number, episode.number),
                    "season_id": season_id(record.id, season.number),
                    "number": episode.number,
                    "air_date": episode.air_date,
                }


def _playable_rows(title: StoredTitle) -> Iterator[dict[str, Any]]:
    for playable in title.playables:
        episode = None
        if playable.season is not None and playable.episode is not None:
            episode = episode_id(title.record.id, playable.season.number, playable.episode.number)
        yield {
            "id": playable.id,
            "kind": playable.kind.value,
            "title_id": title.record.id,
            "episode_id": episode,
            "position": playable.position,
            "duration_seconds": playable.duration_seconds,
            **_rating_columns(playable.maturity_rating),
        }


def _genre_rows(records: Iterable[TitleRecord]) -> Iterator[dict[str, Any]]:
    for record in records:
        for position, genre in enumerate(record.genres):
            yield {"title_id": record.id, "genre_id": genre.id, "position": position}


def _credit_rows(records: Iterable[TitleRecord]) -> Iterator[dict[str, Any]]:
    for record in records:
        positions: dict[str, int] = {}
        for credit in record.credits:
            role = credit.role.value
            position = positions[role] = positions.get(role, -1) + 1
            yield {
                "title_id": record.id,
                "role": role,
                "position": position,
                "person_id": person_id(credit.name),
                "character": credit.character,
            }


def _text_rows(record: TitleRecord) -> Iterator[dict[str, Any]]:
    yield from _texts_of(record.id, record.texts)
    for season in record.seasons:
        yield from _texts_of(season_id(record.id, season.number), season.texts)
        for episode in season.episodes:
            yield from _texts_of(episode_id(record.id, season.number, episode.number), episode.texts)


def _texts_of(owner: UUID, texts: dict[str, Text]) -> Iterator[dict[str, Any]]:
    for locale, text in texts.items():
        yield {"owner_id": owner, "locale": locale, "name": text.name, "description": text.description}


def _image_rows(title: StoredTitle) -> Iterator[dict[str, Any]]:
    record = title.record
    owners = [(record.id, role) for role in _TITLE_IMAGES]
    owners += [
        (episode_id(record.id, season.number, episode.number), ImageRole.STILL)
        for season in record.seasons
        for episode in season.episodes
    ]
    for owner, role in owners:
        own_id = image_id(owner, role)
        width, height = IMAGE_SIZES_PX[role]
        yield {
            "id": own_id,
            "owner_id": owner,
            "role": role.value,
            "width": width,
            "height": height,
            "seed": image_seed(own_id),
        }


def _title_document(record: TitleRecord) -> dict[str, Any]:
    names = [record.original_name, *(text.name for text in record.texts.values())]
    genres = [name for genre in record.genres for name in genre.names.values()]
    people = dict.fromkeys(credit.name for credit in record.credits)
    return _document(record.id, names, is_person=False, words=document_words(dict.fromkeys(names), people, genres))


def _person_document(own_id: UUID, name: str) -> dict[str, Any]:
    return _document(own_id, [name], is_person=True, words=document_words([name], (), ()))


def _document(owner: UUID, names: Sequence[str], *, is_person: bool, words: str) -> dict[str, Any]:
    marks, sounds = document_sounds(names)
    return {
        "owner_id": owner,
        "is_person": is_person,
        "names": document_names(names, marks),
        "words": words,
        "sounds": sounds,
    }


def _word_rows(documents: Collection[dict[str, Any]]) -> Rows:
    found = {part.split("':", 1)[0][1:] for document in documents for part in document["words"].split(" ") if part}
    return [{"word": word, "spellings": spellings(word)} for word in sorted(found)]


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
            PersonFacts(id=encode_id("Person", person_id(credit.name)), name=credit.name, role=credit.role.value)
            for credit in record.credits
        ],
        audio_languages=list(record.audio_languages),
        subtitle_languages=list(record.subtitle_languages),
        release_date=record.release_date,
        release_year=record.release_year,
        maturity_rating=record.maturity_rating.value if record.maturity_rating else None,
        required_tier=record.required_tier.value,
        available_from=record.available_from,
        available_until=record.available_until,
        countries=None if record.countries is None else list(record.countries),
        published_at=record.published_at,
        playables=[
            PlayableFacts(
                id=encode_id("Playable", playable.id),
                kind=playable.kind.value,
                duration_seconds=playable.duration_seconds,
                maturity_rating=playable.maturity_rating.value if playable.maturity_rating else None,
                season=playable.season.number if playable.season else None,
                episode=playable.episode.number if playable.episode else None,
            )
            for playable in title.playables
        ],
    )
