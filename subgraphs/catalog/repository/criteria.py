"""What narrows a list of titles, as values and as conditions in SQL.

To build a statement takes longer than most of them take to run. So conditions are of parameters: a statement is built
once for all lists that are narrowed by the same fields, which is its `Shape`.
"""

from collections.abc import Callable
from dataclasses import dataclass
from functools import cache
from typing import Any
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


@dataclass(frozen=True, slots=True)
class Shape:
    """What the text of a statement depends on: the names of the fields that narrow, of the rule's too (`rule_…`), how
    many sets of tags there are, and whether nothing narrows."""

    fields: frozenset[str]
    tag_sets: int
    is_empty: bool

    @property
    def has_own_candidates(self) -> bool:
        """Whether titles of one person or collection are asked for."""
        return not self.fields.isdisjoint(("person_id", "collection_id"))


_RULE = "rule_"

_TYPES: dict[str, sa.types.TypeEngine[Any]] = {
    "now": sa.DateTime(timezone=True),
    "country": sa.Text(),
    "age_limit": sa.Integer(),
    "kinds": sa.ARRAY(sa.Text),
    "genre_slugs": sa.ARRAY(sa.Text),
    "audio_language": sa.Text(),
    "subtitle_language": sa.Text(),
    # A client may ask for any Int; the column is a smaller one, and its type must not be the parameter's.
    "year_from": sa.Integer(),
    "year_to": sa.Integer(),
    "age_max": sa.Integer(),
    "tier": sa.Text(),
    "person_id": sa.Uuid(),
    "rentable": sa.Boolean(),
    "collection_id": sa.Uuid(),
}


@cache
def parameter(name: str) -> sa.BindParameter[Any]:
    """Return the parameter of that name: of a field of criteria or audience."""
    return sa.bindparam(name, type_=_TYPES[name.removeprefix(_RULE)])


_viewer: Any = {name: parameter(name) for name in ("now", "country", "age_limit")}
VIEWER = Audience(**_viewer)
"""The audience as parameters."""


def values_of(criteria: TitleCriteria, *, prefix: str = "") -> dict[str, Any]:
    """Return the values of the parameters by their names, of those fields that narrow."""
    values = {
        "kinds": [kind.value for kind in criteria.kinds] or None,
        "genre_slugs": list(criteria.genre_slugs) or None,
        "audio_language": criteria.audio_language,
        "subtitle_language": criteria.subtitle_language,
        "year_from": criteria.year_from,
        "year_to": criteria.year_to,
        "age_max": None if criteria.maturity_max is None else criteria.maturity_max.age_floor,
        "tier": None if criteria.tier is None else criteria.tier.value,
        "person_id": criteria.person_id,
        "rentable": criteria.rentable,
        "collection_id": criteria.collection_id,
    }
    own = {f"{prefix}{name}": value for name, value in values.items() if value is not None}
    return own if criteria.rule is None else {**own, **values_of(criteria.rule, prefix=_RULE)}


def conditions(shape: Shape, *, titles: sa.FromClause = _titles) -> list[Condition]:
    """Return the criteria as SQL conditions on `titles`, the table or an alias; tier and rent are those that hold for
    the audience.

    Each can be decided for one title alone at a small cost: genres and credits are looked up, never read as a whole.
    """
    makers = (*_CONDITIONS.items(), *((f"{_RULE}{name}", make) for name, make in _CONDITIONS.items()))
    return [make(titles, parameter(name)) for name, make in makers if name in shape.fields]


def _of_genres(titles: sa.FromClause, slugs: Any) -> Condition:
    wanted = sa.func.array(sa.select(_genres.id).where(_genres.slug == sa.any_(slugs)).scalar_subquery())
    return _has(_title_genres.title_id == titles.c.id, _title_genres.genre_id == sa.any_(wanted))


def _of_collection(titles: sa.FromClause, own: Any) -> Condition:
    put_in = (
        sa.select(_members.title_id)
        .join_from(table(CollectionTitle), table(Collection), _collections.id == _members.collection_id)
        .where(_collections.id == own, _collections.is_published)
    )
    return titles.c.id.in_(put_in)


def _has(of_title: Condition, meant: Condition) -> Condition:
    """Return that there is such a row. LIMIT has it asked for each title; EXISTS might read the whole table first."""
    return sa.select(sa.true()).where(of_title, meant).limit(1).scalar_subquery().is_(True)


_CONDITIONS: dict[str, Callable[[sa.FromClause, Any], Condition]] = {
    "kinds": lambda titles, kinds: titles.c.kind == sa.any_(kinds),
    "audio_language": lambda titles, language: language == sa.any_(titles.c.audio_languages),
    "subtitle_language": lambda titles, language: language == sa.any_(titles.c.subtitle_languages),
    "year_from": lambda titles, year: titles.c.release_year >= year,
    "year_to": lambda titles, year: titles.c.release_year <= year,
    # An unrated title has no known age floor below 18, so it passes only without a real limit.
    "age_max": lambda titles, years: titles.c.age_floor <= years,
    "genre_slugs": _of_genres,
    "tier": lambda titles, tier: effective_tier(VIEWER, titles) == tier,
    "person_id": lambda titles, own: _has(_credits.title_id == titles.c.id, _credits.person_id == own),
    "rentable": lambda titles, wanted: effective_rentable(VIEWER, titles) == wanted,
    "collection_id": _of_collection,
}
