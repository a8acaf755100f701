"""Titles by id and slug; browsing with filters, orders and keyset pages."""

from dataclasses import dataclass, replace
from datetime import UTC, datetime
from enum import Enum
from functools import lru_cache
from typing import Any
from uuid import UUID

import orjson
import sqlalchemy as sa
from sqlalchemy.dialects.postgresql import aggregate_order_by

from subgraphs.catalog.models import (
    Playable,
    PlayableKind,
    SearchDocument,
    SportsFixture,
    Title,
    TitleKind,
    table,
)
from subgraphs.catalog.repository.bounded import first_enough
from subgraphs.catalog.repository.cards import (
    Fixture,
    PlayableFacts,
    TitleCard,
    genres_of,
    images_of,
    read_genres,
    read_images,
    read_rating,
    read_texts,
    read_uuid,
    texts_of,
)
from subgraphs.catalog.repository.criteria import VIEWER, Shape, TitleCriteria, conditions
from subgraphs.catalog.repository.pages import Page
from subgraphs.catalog.repository.tags import asked, candidates_for, is_shown_in_country, tagged, title_by
from subgraphs.catalog.repository.visibility import (
    Audience,
    listed,
    playable_allowed,
    reachable,
    terms_of,
)
from subgraphs.shared.postgres import ReadSession
from subgraphs.shared.values import Tier

_titles = table(Title).c
_documents = table(SearchDocument).c
_fixtures = table(SportsFixture).c
_playables = table(Playable).c

_PLAYABLE_KINDS = {kind.value: kind for kind in PlayableKind}


class TitleSort(Enum):
    """The orders of `titles`; each ends with the id, so that no two rows share a place."""

    TRENDING = "TRENDING"
    RECENTLY_ADDED = "RECENTLY_ADDED"
    NAME_ASC = "NAME_ASC"
    RELEASE_DATE_DESC = "RELEASE_DATE_DESC"


@dataclass(frozen=True, slots=True)
class TitlePlace:
    """A title's place in an ordered list: the values of the order's columns, the id last."""

    id: UUID
    key: tuple[Any, ...]


ORDERS: dict[TitleSort, tuple[tuple[sa.Column[Any], ...], bool]] = {
    TitleSort.TRENDING: ((_titles.trending_boost, _titles.published_at, _titles.id), False),
    TitleSort.RECENTLY_ADDED: ((_titles.published_at, _titles.id), False),
    TitleSort.NAME_ASC: ((_titles.sort_name, _titles.id), True),
    TitleSort.RELEASE_DATE_DESC: ((_titles.release_order, _titles.id), False),
}
"""Columns of each order and whether it ascends; all go the same way, so that one index serves the order."""

MOST_COUNTED = 1000
"""Further nothing is counted: who sees 1,000 knows that there are so many or more."""


async def title_card_by_slug(session: ReadSession, slug: str, *, audience: Audience) -> TitleCard | None:
    """Return the reachable title with that slug, None when there is none."""
    row = (await session.execute(cards_of_titles(audience).where(_titles.slug == slug))).one_or_none()
    return None if row is None else with_terms(read_title(row), row.terms)


async def places_of_titles(
    session: ReadSession,
    criteria: TitleCriteria,
    *,
    audience: Audience,
    order: TitleSort,
    limit: int,
    after: tuple[Any, ...] | None,
) -> list[TitlePlace]:
    """Return at most `limit` places of listed titles that follow the key `after`."""
    columns, ascending = ORDERS[order]
    page = Page(criteria, audience, columns, ascending, limit, after)
    return [TitlePlace(row[-1], tuple(row)) for row in await session.execute(page.statement(), page.values())]


async def count_titles(session: ReadSession, criteria: TitleCriteria, *, audience: Audience) -> int:
    """Return how many listed titles meet the criteria: MOST_COUNTED where it is so many or more."""
    wanted = asked(criteria, audience)
    number: int = (await session.execute(_count(wanted.shape), wanted.values)).scalar_one()
    return number


@lru_cache(maxsize=64)
def _count(shape: Shape) -> sa.Select[Any]:
    return sa.select(sa.func.count()).select_from(_matching(shape))


def _matching(shape: Shape) -> sa.FromClause:
    """Return the listed titles that meet the criteria, MOST_COUNTED at most: by their documents where tags tell which
    they are, prominent ones where they are so many."""

    def fitting(titles: sa.FromClause, source: sa.FromClause) -> sa.Select[Any]:
        fits = conditions(shape, titles=titles)
        return sa.select(titles.c.id).select_from(source).where(listed(VIEWER, titles), *fits)

    if shape.has_own_candidates:
        candidates = candidates_for(shape)
        title = title_by(candidates.c.title_id)
        return fitting(title, candidates.join(title, sa.true())).limit(MOST_COUNTED).subquery()
    by_tags = tagged(shape)
    if not by_tags:
        return fitting(table(Title), table(Title)).limit(MOST_COUNTED).subquery()
    title = title_by(_documents.owner_id)
    by_documents = fitting(title, table(SearchDocument).join(title, sa.true())).where(*by_tags, is_shown_in_country())
    return first_enough(by_documents, [[_documents.is_prominent], []], most=MOST_COUNTED)


def cards_of_titles(audience: Audience | None) -> sa.Select[Any]:
    """Return the select for `read_title` and `with_terms`: reachable titles, or without an audience all, whole."""
    statement = sa.select(
        *table(Title).c,
        texts_of(_titles.id).label("texts"),
        images_of(_titles.id).label("images"),
        genres_of(_titles.id).label("genres"),
        _playables_of_title(audience).label("playables"),
        (sa.null() if audience is None else terms_of(audience)).label("terms"),
        _fixtures.sport,
        _fixtures.competition,
        _fixtures.starts_at,
        _fixtures.ends_at,
    ).join_from(table(Title), table(SportsFixture), _fixtures.title_id == _titles.id, isouter=True)
    return statement if audience is None else statement.where(reachable(audience))


def _playables_of_title(audience: Audience | None) -> sa.ColumnElement[str]:
    facts = sa.func.json_build_array(
        _playables.id, _playables.kind, _playables.duration_seconds, _playables.maturity_rating
    )
    folded = sa.select(sa.func.json_agg(aggregate_order_by(facts, _playables.position))).where(
        _playables.title_id == _titles.id
    )
    if audience is not None:
        folded = folded.where(playable_allowed(audience))
    return sa.cast(folded.scalar_subquery(), sa.Text)


def with_terms(card: TitleCard, terms: str | None) -> TitleCard:
    """Return the card with tier, rent, window and countries of the licence that serves the viewer (`terms_of`), or as
    it is where the title's own columns decide."""
    if terms is None:
        return card
    tier, rentable, opens, closes, countries = orjson.loads(terms)
    return replace(
        card,
        required_tier=Tier(tier),
        rentable=rentable,
        available_from=_moment(opens),
        available_until=_moment(closes),
        countries=countries,
        made={},
    )


def _moment(text: str | None) -> datetime | None:
    return None if text is None else datetime.fromisoformat(text).astimezone(UTC)


def read_title(row: Any) -> TitleCard:
    """Return the title of a row of `cards_of_titles`, on its own terms."""
    fixture = Fixture(row.sport, row.competition, row.starts_at, row.ends_at) if row.sport is not None else None
    return TitleCard(
        id=row.id,
        kind=TitleKind(row.kind),
        slug=row.slug,
        original_name=row.original_name,
        release_date=row.release_date,
        release_year=row.release_year,
        maturity_rating=read_rating(row.maturity_rating),
        content_descriptors=row.content_descriptors,
        required_tier=Tier(row.required_tier),
        rentable=row.rentable,
        audio_languages=row.audio_languages,
        subtitle_languages=row.subtitle_languages,
        published_at=row.published_at,
        available_from=row.available_from,
        available_until=row.available_until,
        countries=row.countries,
        trailer_url=row.trailer_url,
        texts=read_texts(row.texts),
        images=read_images(row.images),
        genres=read_genres(row.genres),
        playables=[
            PlayableFacts(read_uuid(i), _PLAYABLE_KINDS[kind], duration, read_rating(rating))
            for i, kind, duration, rating in (orjson.loads(row.playables) if row.playables else ())
        ],
        fixture=fixture,
    )
