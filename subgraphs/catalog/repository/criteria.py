"""What narrows a list of titles, as values and as conditions in SQL."""

from dataclasses import dataclass
from uuid import UUID

import sqlalchemy as sa

from subgraphs.catalog.models import (
    Collection,
    CollectionTitle,
    Credit,
    Genre,
    Title,
    TitleGenre,
    TitleKind,
    table,
)
from subgraphs.catalog.repository.visibility import Audience, Condition, effective_rentable, effective_tier
from subgraphs.shared.values import MaturityRating, Tier

_titles = table(Title)
_title_genres, _genres, _credits = (table(model).c for model in (TitleGenre, Genre, Credit))
_collections, _members = table(Collection).c, table(CollectionTitle).c


@dataclass(frozen=True, slots=True)
class TitleCriteria:
    """What narrows a list of titles; None and the empty tuple narrow nothing.

    `collection_id` is one whose titles were put in by hand; `rule` is that of one that goes by a rule
    (repository/collections.py puts it in the place of the id).
    """

    kinds: tuple[TitleKind, ...] = ()
    genre_slugs: tuple[str, ...] = ()
    audio_language: str | None = None
    subtitle_language: str | None = None
    year_from: int | None = None
    year_to: int | None = None
    maturity_max: MaturityRating | None = None
    tier: Tier | None = None
    person_id: UUID | None = None
    rentable: bool | None = None
    collection_id: UUID | None = None
    rule: "TitleCriteria | None" = None

    @property
    def is_empty(self) -> bool:
        """Whether nothing is narrowed."""
        return self == TitleCriteria()


def conditions(criteria: TitleCriteria, *, audience: Audience, titles: sa.FromClause = _titles) -> list[Condition]:
    """Return the criteria as SQL conditions on `titles`, the table or an alias; tier and rent are those that hold for
    the audience.

    Each can be decided for one title alone at a small cost: genres and credits are looked up, never read as a whole.
    """
    columns = titles.c
    found: list[Condition] = []
    if criteria.kinds:
        found.append(columns.kind.in_([kind.value for kind in criteria.kinds]))
    if criteria.genre_slugs:
        slugs = sa.literal(list(criteria.genre_slugs), sa.ARRAY(sa.Text))
        wanted = sa.func.array(sa.select(_genres.id).where(_genres.slug == sa.any_(slugs)).scalar_subquery())
        found.append(_has(_title_genres.title_id == columns.id, _title_genres.genre_id == sa.any_(wanted)))
    if criteria.audio_language is not None:
        found.append(sa.literal(criteria.audio_language) == sa.any_(columns.audio_languages))
    if criteria.subtitle_language is not None:
        found.append(sa.literal(criteria.subtitle_language) == sa.any_(columns.subtitle_languages))
    # A client may ask for any Int; the column is a smaller one, and its type must not be the parameter's.
    if criteria.year_from is not None:
        found.append(columns.release_year >= sa.literal(criteria.year_from, sa.Integer))
    if criteria.year_to is not None:
        found.append(columns.release_year <= sa.literal(criteria.year_to, sa.Integer))
    if criteria.maturity_max is not None:
        # An unrated title has no known age floor below 18, so it passes only without a real limit.
        found.append(columns.age_floor <= criteria.maturity_max.age_floor)
    if criteria.tier is not None:
        found.append(effective_tier(audience, titles) == criteria.tier.value)
    if criteria.person_id is not None:
        found.append(_has(_credits.title_id == columns.id, _credits.person_id == criteria.person_id))
    if criteria.rentable is not None:
        found.append(effective_rentable(audience, titles) == criteria.rentable)
    if criteria.collection_id is not None:
        put_in = (
            sa.select(_members.title_id)
            .join_from(table(CollectionTitle), table(Collection), _collections.id == _members.collection_id)
            .where(_collections.id == criteria.collection_id, _collections.is_published)
        )
        found.append(columns.id.in_(put_in))
    return found if criteria.rule is None else found + conditions(criteria.rule, audience=audience, titles=titles)


def _has(of_title: Condition, meant: Condition) -> Condition:
    """Return that there is such a row. LIMIT has it asked for each title; EXISTS might read the whole table first."""
    return sa.select(sa.true()).where(of_title, meant).limit(1).scalar_subquery().is_(True)
