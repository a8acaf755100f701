"""TitleFilter: what narrows a list of titles; what cursors of its orders hold."""

from datetime import date
from typing import Any
from uuid import UUID

import strawberry

from subgraphs.catalog.models import TitleKind
from subgraphs.catalog.repository.criteria import TitleCriteria
from subgraphs.catalog.repository.titles import TitleSort
from subgraphs.shared.graphql.pagination import cursor_integer, cursor_moment
from subgraphs.shared.graphql.scalars import Locale
from subgraphs.shared.ids import decode_id
from subgraphs.shared.values import MaturityRating, Tier

CURSOR_PARSERS: dict[TitleSort, tuple[Any, ...]] = {
    TitleSort.TRENDING: (cursor_integer, cursor_moment, UUID),
    TitleSort.RECENTLY_ADDED: (cursor_moment, UUID),
    TitleSort.NAME_ASC: (str, UUID),
    TitleSort.RELEASE_DATE_DESC: (date.fromisoformat, UUID),
}
"""The parts of a place in each order."""


@strawberry.input(description="What narrows a list of titles; every field given must hold.")
class TitleFilter:
    kind: list[TitleKind] | None = strawberry.field(default=None, description="Any of these kinds.")
    genre: list[str] | None = strawberry.field(default=None, description="Any of these genres, by slug.")
    audio_language: Locale | None = strawberry.field(default=None, description="Can be heard in it.")
    subtitle_language: Locale | None = strawberry.field(default=None, description="Can be read in it.")
    year_from: int | None = strawberry.field(default=None, description="Released in this year or later.")
    year_to: int | None = strawberry.field(default=None, description="Released in this year or earlier.")
    maturity_max: MaturityRating | None = strawberry.field(
        default=None, description="Rated no stricter than this; unrated titles count as A."
    )
    tier: Tier | None = strawberry.field(default=None, description="Exactly this tier.")
    person_id: strawberry.ID | None = strawberry.field(default=None, description="Credits this person.")
    collection_id: strawberry.ID | None = strawberry.field(default=None, description="Is in this collection.")
    rentable: bool | None = strawberry.field(default=None, description="Can, or cannot, be rented.")


def criteria_of(given: TitleFilter | None) -> TitleCriteria:
    """Return the criteria of a filter.

    Raises:
        InvalidIdError: `personId` is no id of a person, or `collectionId` none of a collection.
    """
    if given is None:
        return TitleCriteria()
    return TitleCriteria(
        kinds=tuple(given.kind or ()),
        genre_slugs=tuple(given.genre or ()),
        audio_language=given.audio_language,
        subtitle_language=given.subtitle_language,
        year_from=given.year_from,
        year_to=given.year_to,
        maturity_max=given.maturity_max,
        tier=given.tier,
        person_id=decode_id(given.person_id, "Person").uuid if given.person_id is not None else None,
        rentable=given.rentable,
        collection_id=decode_id(given.collection_id, "Collection").uuid if given.collection_id is not None else None,
    )
