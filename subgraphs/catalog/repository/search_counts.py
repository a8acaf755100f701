"""The numbers of a search: how many hits, and which values how many of its titles have."""

from collections.abc import Sequence
from functools import lru_cache
from typing import Any

import sqlalchemy as sa

from subgraphs.catalog.models import SearchDocument, table
from subgraphs.catalog.repository.criteria import VIEWER, Shape, TitleCriteria
from subgraphs.catalog.repository.search import (
    SearchTerms,
    has_whole_words,
    having,
    is_whole_known,
    matching_conditions,
    searched_of,
    ways_to_others,
)
from subgraphs.catalog.repository.search_named import NamedTerms, TermsShape, named_terms, shape_of, values_of
from subgraphs.catalog.repository.search_visible import visible, visible_titles
from subgraphs.catalog.repository.tags import GENRE, asked, title_by
from subgraphs.catalog.repository.visibility import Audience, effective_tier
from subgraphs.shared.postgres import ReadSession

MOST_COUNTED = 1000
"""Further neither hits nor values of facets are counted."""

_documents = table(SearchDocument).c


async def count_hits(session: ReadSession, terms: SearchTerms, criteria: TitleCriteria, *, audience: Audience) -> int:
    """Return how many visible hits there are: MOST_COUNTED where it is so many or more."""
    wanted = asked(criteria, audience, with_others=True)
    counted = await session.execute(_count(wanted.shape, shape_of(terms)), {**wanted.values, **values_of(terms)})
    number: int = counted.scalar_one()
    return number


async def count_facets(
    session: ReadSession, terms: SearchTerms, criteria: TitleCriteria, *, audience: Audience
) -> list[tuple[str, str, int]]:
    """Return how many of the visible titles that match have which value: (facet, value, count), the most frequent
    value of each facet first. People have no facets. Where there are more than MOST_COUNTED titles, so many of them are
    looked at, prominent ones where they suffice."""
    wanted = asked(criteria, audience, with_others=True)
    rows = await session.execute(_facets(wanted.shape, shape_of(terms)), {**wanted.values, **values_of(terms)})
    return [(row.facet, row.value, row.size) for row in rows]


@lru_cache(maxsize=64)
def _count(shape: Shape, terms: TermsShape) -> sa.Select[Any]:
    hits = visible(shape, table(SearchDocument), _documents.owner_id)
    return sa.select(sa.func.count()).select_from(_matching(hits, shape, named_terms(terms)))


@lru_cache(maxsize=64)
def _facets(shape: Shape, terms: TermsShape) -> sa.Select[Any]:
    title = title_by(_documents.owner_id)
    columns = (
        _documents.tags,
        title.c.kind,
        title.c.maturity_rating,
        title.c.audio_languages,
        effective_tier(VIEWER, title).label("tier"),
    )
    titles = visible_titles(shape, table(SearchDocument), title, *columns)
    matching = _matching(titles, shape, named_terms(terms))
    languages = sa.select(sa.func.unnest(matching.c.audio_languages).label("value")).subquery()
    tags = sa.select(sa.func.unnest(matching.c.tags).label("tag")).subquery()
    is_genre, slug = tags.c.tag.startswith(GENRE), sa.func.substr(tags.c.tag, len(GENRE) + 1)
    genres = sa.select(slug.label("value")).where(is_genre).subquery()
    size = sa.func.count().label("size")

    def facet(name: str, value: sa.ColumnElement[Any], source: sa.FromClause) -> sa.Select[Any]:
        named = sa.select(sa.literal(name, sa.Text).label("facet"), value.label("value"), size)
        return named.select_from(source).where(value.is_not(None)).group_by(value)

    every = sa.union_all(
        facet("kind", matching.c.kind, matching),
        facet("genre", genres.c.value, genres),
        facet("audioLanguage", languages.c.value, languages),
        facet("maturityRating", matching.c.maturity_rating, matching),
        facet("tier", matching.c.tier, matching),
    ).subquery()
    return sa.select(every).order_by(every.c.facet, every.c.size.desc(), every.c.value)


def _matching(every: sa.Select[Any], shape: Shape, terms: NamedTerms) -> sa.CTE:
    """Return those of the documents that match, MOST_COUNTED at most, as `search.hits` looks for them: prominent ones,
    then others."""
    matching = every.add_columns(has_whole_words(terms).label("is_whole"))
    matching = matching.where(*matching_conditions(shape)).limit(MOST_COUNTED)

    def found_by(literals: Sequence[Any]) -> sa.Select[Any]:
        return matching.where(*having(searched_of(terms), literals))

    near = found_by(terms.matching).where(_documents.is_prominent).cte("near")
    is_whole, is_full = is_whole_known(terms, near), sa.select(sa.func.count() == MOST_COUNTED).select_from(near)
    needs_others, is_other = sa.not_(is_full.scalar_subquery()), sa.not_(_documents.is_prominent)
    whole = found_by(terms.whole_words).where(is_other, needs_others, is_whole).cte("whole")
    far = [
        found_by(literals).where(is_other, *when).cte(f"far_{number}")
        for number, (literals, *when) in enumerate(ways_to_others(shape, terms, needs_others, sa.not_(is_whole)))
    ]
    found = sa.union_all(*(sa.select(arm) for arm in (near, whole, *far))).subquery("found")
    return sa.select(found).limit(MOST_COUNTED).cte("matching")
