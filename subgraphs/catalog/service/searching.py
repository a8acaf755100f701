"""From a query's text to documents: first the words as they are; if nothing has them all, words one typo away."""

from dataclasses import dataclass
from enum import Enum
from uuid import UUID

from subgraphs.catalog.errors import EmptyQueryError
from subgraphs.catalog.repository import search
from subgraphs.catalog.repository.search import Hit, SearchTerms
from subgraphs.catalog.repository.titles import TitleCriteria
from subgraphs.catalog.repository.visibility import Audience
from subgraphs.catalog.service.words import is_one_edit_apart, normal_form, spellings, words_of
from subgraphs.shared.postgres import ReadSession

_MOST_WORDS = 12


class Reading(Enum):
    """How a query is read; a cursor holds it, so that all pages of a search are read alike."""

    EXACT = "exact"
    TOLERANT = "tolerant"


@dataclass(frozen=True, slots=True)
class SearchPlace:
    """Where a page of a search goes on: the reading and the last hit."""

    reading: Reading
    score: float
    id: UUID


@dataclass(frozen=True, slots=True)
class Found:
    """Hits of one page, and the terms that found them."""

    reading: Reading
    terms: SearchTerms
    hits: list[Hit]


async def find(
    session: ReadSession,
    query: str,
    criteria: TitleCriteria,
    *,
    audience: Audience,
    limit: int,
    after: SearchPlace | None,
) -> Found:
    """Return at most `limit` hits, the best first.

    Takes one statement when documents have all words of the query, else three. Words after the twelfth are ignored.

    Raises:
        EmptyQueryError: The query holds no letter and no digit.
    """
    words = words_of(query)[:_MOST_WORDS]
    if not words:
        raise EmptyQueryError
    name = normal_form(query)
    key = (after.score, after.id) if after else None
    exact = SearchTerms(name, tuple((word,) for word in words))
    if after is None or after.reading is Reading.EXACT:
        hits = await search.hits(session, exact, criteria, audience=audience, limit=limit, after=key)
        if hits or after is not None:
            return Found(Reading.EXACT, exact, hits)
    near = await search.words_sharing(session, {word: spellings(word) for word in words})
    tolerant = SearchTerms(
        name,
        tuple((word, *(w for w in near[word] if is_one_edit_apart(word, w))) for word in words),
        prefix=False,
    )
    if all(len(alternatives) == 1 for alternatives in tolerant.alternatives):
        return Found(Reading.EXACT, exact, [])
    hits = await search.hits(session, tolerant, criteria, audience=audience, limit=limit, after=key)
    return Found(Reading.TOLERANT, tolerant, hits)


async def count(session: ReadSession, terms: SearchTerms, criteria: TitleCriteria, *, audience: Audience) -> int:
    """Return how many hits there are on all pages."""
    return await search.count_hits(session, terms, criteria, audience=audience)
