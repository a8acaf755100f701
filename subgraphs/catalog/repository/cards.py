"""What the statements return: plain facts, as frozen dataclasses. No rule and no GraphQL lives here."""

from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date, datetime
from functools import lru_cache
from typing import Annotated, Any
from uuid import UUID

import orjson
import sqlalchemy as sa
from asyncpg.pgproto import pgproto
from pydantic import Field
from sqlalchemy.dialects.postgresql import aggregate_order_by

from subgraphs.catalog.models import Genre, Image, ImageRole, PlayableKind, TitleGenre, TitleKind, Translation, table
from subgraphs.shared.values import MaturityRating, Tier


@dataclass(frozen=True, slots=True)
class Text:
    """A name and a description in one language."""

    name: str
    description: str


Texts = Mapping[str, Text]
"""Texts by locale."""


def text_in(texts: Texts, locales: Sequence[str]) -> Text | None:
    """Return the text in the first of the locales that there is; None when there is none of them."""
    for locale in locales:
        text = texts.get(locale)
        if text is not None:
            return text
    return None


@dataclass(frozen=True, slots=True)
class ImageFacts:
    """A picture; sizes in pixels."""

    id: UUID
    role: ImageRole
    width: int
    height: int


@dataclass(frozen=True, slots=True)
class GenreCard:
    """A genre with its texts."""

    id: UUID
    slug: str
    texts: Texts


@dataclass(frozen=True, slots=True)
class PlayableFacts:
    """A playable of a title, in playing order."""

    id: UUID
    kind: PlayableKind
    duration_seconds: int | None
    maturity_rating: MaturityRating | None


@dataclass(frozen=True, slots=True)
class Fixture:
    """What only a sports event has."""

    sport: str
    competition: str | None
    starts_at: datetime
    ends_at: datetime


@dataclass(frozen=True, slots=True)
class TitleCard:
    """A title with everything that a card on a page shows. `playables` leaves out what is above the age limit."""

    id: UUID
    kind: TitleKind
    slug: str
    original_name: str
    release_date: date | None
    release_year: int | None
    maturity_rating: MaturityRating | None
    content_descriptors: list[str]
    required_tier: Tier
    rentable: bool
    audio_languages: list[str]
    subtitle_languages: list[str]
    published_at: datetime
    available_from: datetime | None
    available_until: datetime | None
    countries: list[str] | None
    trailer_url: str | None
    texts: Texts
    images: list[ImageFacts]
    genres: tuple[GenreCard, ...]
    playables: list[PlayableFacts]
    fixture: Fixture | None
    made: Annotated[dict[Any, Any], Field(exclude=True)] = field(default_factory=dict, compare=False, repr=False)
    """What is made of the card for answers and is the same in each: kept for as long as the card is."""


@dataclass(frozen=True, slots=True)
class PlayableCard:
    """A playable with what it takes from its title; texts and images are those of its episode, if it is one."""

    id: UUID
    kind: PlayableKind
    title_id: UUID
    episode_id: UUID | None
    duration_seconds: int | None
    maturity_rating: MaturityRating | None
    required_tier: Tier
    genre_ids: list[UUID]
    original_name: str
    texts: Texts
    images: list[ImageFacts]


@dataclass(frozen=True, slots=True)
class SeasonCard:
    """A season; `episode_count` counts the episodes that the viewer may see."""

    id: UUID
    title_id: UUID
    number: int
    release_date: date | None
    texts: Texts
    episode_count: int


@dataclass(frozen=True, slots=True)
class EpisodeCard:
    """An episode with its place and its playable."""

    id: UUID
    number: int
    air_date: date | None
    season_id: UUID
    playable: PlayableCard


def any_of(ids: Collection[UUID]) -> sa.CollectionAggregate[Any]:
    """Return `= ANY(:ids)`'s right side: one bind parameter and so one prepared statement, however many ids."""
    return sa.any_(sa.literal(list(ids), sa.ARRAY(sa.Uuid)))


# Sub-selects that fold what hangs on a row into one JSON value, so that a card is one row of one statement. They come
# back as text, which orjson reads three times faster than the driver's own JSON type.

_ROLES = {role.value: role for role in ImageRole}
_RATINGS = {rating.value: rating for rating in MaturityRating}

_translations = table(Translation).c
_images = table(Image).c
_genres = table(Genre).c
_title_genres = table(TitleGenre).c


def texts_of(owner: sa.ColumnElement[UUID]) -> sa.ColumnElement[str]:
    """Return the sub-select of an owner's texts: `{locale: [name, description]}`, NULL without any."""
    return sa.cast(_texts_json(owner), sa.Text)


def images_of(owner: sa.ColumnElement[UUID]) -> sa.ColumnElement[str]:
    """Return the sub-select of an owner's images: `[[id, role, width, height]]`, NULL without any."""
    facts = sa.func.json_build_array(_images.id, _images.role, _images.width, _images.height)
    folded = sa.select(sa.func.json_agg(facts)).where(_images.owner_id == owner)
    return sa.cast(folded.scalar_subquery(), sa.Text)


def genres_of(title: sa.ColumnElement[UUID]) -> sa.ColumnElement[str]:
    """Return the sub-select of a title's genres: `[[id, slug, texts]]`, the most fitting first, NULL without any."""
    facts = sa.func.json_build_array(_genres.id, _genres.slug, _texts_json(_genres.id))
    folded = (
        sa.select(sa.func.json_agg(aggregate_order_by(facts, _title_genres.position)))
        .join_from(table(TitleGenre), table(Genre), _genres.id == _title_genres.genre_id)
        .where(_title_genres.title_id == title)
    )
    return sa.cast(folded.scalar_subquery(), sa.Text)


def genre_ids_of(title: sa.ColumnElement[UUID]) -> sa.ScalarSelect[Any]:
    """Return the sub-select of a title's genre ids, the most fitting first, NULL without any."""
    ordered = aggregate_order_by(_title_genres.genre_id, _title_genres.position)
    return sa.select(sa.func.array_agg(ordered)).where(_title_genres.title_id == title).scalar_subquery()


def read_texts(json: str | None) -> Texts:
    """Return the texts that `texts_of` folded."""
    return _texts(orjson.loads(json)) if json else {}


def read_images(json: str | None) -> list[ImageFacts]:
    """Return the images that `images_of` folded."""
    if not json:
        return []
    return [ImageFacts(read_uuid(i), _ROLES[role], width, height) for i, role, width, height in orjson.loads(json)]


@lru_cache(maxsize=2048)
def read_genres(json: str | None) -> tuple[GenreCard, ...]:
    """Return the genres that `genres_of` folded; remembered, because many titles have the same ones."""
    if not json:
        return ()
    return tuple(GenreCard(read_uuid(i), slug, _texts(texts or {})) for i, slug, texts in orjson.loads(json))


def read_uuid(text: str) -> UUID:
    """Return the uuid of a text, by the driver's class: a page parses a thousand, and it is ten times faster."""
    return pgproto.UUID(text)


def read_rating(value: str | None) -> MaturityRating | None:
    """Return the rating of a column; None is unrated."""
    return None if value is None else _RATINGS[value]


def _texts_json(owner: sa.ColumnElement[UUID]) -> sa.ScalarSelect[Any]:
    pair = sa.func.json_build_array(_translations.name, _translations.description)
    folded = sa.select(sa.func.json_object_agg(_translations.locale, pair)).where(_translations.owner_id == owner)
    return folded.scalar_subquery()


def _texts(pairs: dict[str, list[str]]) -> Texts:
    return {locale: Text(name, description) for locale, (name, description) in pairs.items()}
