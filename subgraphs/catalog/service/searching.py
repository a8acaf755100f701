"""From a query's text to documents: first the words as they are; if nothing has them all, words that are one typo
away or sound alike."""

import re
from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass
from enum import Enum
from html import escape
from itertools import islice, product
from uuid import UUID

from subgraphs.catalog.errors import EmptyQueryError
from subgraphs.catalog.repository import search
from subgraphs.catalog.repository.criteria import TitleCriteria
from subgraphs.catalog.repository.search import Hit, SearchTerms
from subgraphs.catalog.repository.visibility import Audience
from subgraphs.catalog.service.sounds import skeleton_mark, skeleton_of, sound_mark
from subgraphs.catalog.service.words import is_one_edit_apart, normal_form, spellings, words_of
from subgraphs.shared.postgres import ReadSession

_WORD = re.compile(r"((?:\w|[\u0900-\u0dff'’])+)")
"""A word with the marks that Indian scripts hang on their letters, which `\\w` leaves out."""

_MOST_WORDS = 12
_MOST_COMPLETIONS = 300
"""How many documents are scored for suggestions, which are asked for with every letter."""
_MOST_MEANINGS = 32
"""How many readings of a misspelt query are compared with whole names."""


class Reading(Enum):
    """How a query is read; a cursor holds it, so that all pages of a search are read alike."""

    EXACT = "exact"
    TOLERANT = "tolerant"
    SOUND = "sound"


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

    Takes one statement when documents have all words of the query, else up to four. Words after the twelfth do not
    count.

    Raises:
        EmptyQueryError: The query holds no letter and no digit.
    """
    words = words_of(query)[:_MOST_WORDS]
    if not words:
        raise EmptyQueryError
    key = (after.score, after.id) if after else None

    async def read(reading: Reading, terms: SearchTerms | None) -> Found:
        if terms is None:
            return Found(reading, _exact_terms(query, words), [])
        return Found(
            reading, terms, await search.hits(session, terms, criteria, audience=audience, limit=limit, after=key)
        )

    if after is None or after.reading is Reading.EXACT:
        exact = await read(Reading.EXACT, _exact_terms(query, words))
        if exact.hits or after is not None:
            return exact
    if after is not None and after.reading is Reading.SOUND:
        return await read(Reading.SOUND, _sound_terms(query, words))
    near = await search.words_sharing(session, {word: spellings(word) for word in words})
    tolerant = await read(Reading.TOLERANT, _tolerant_terms(words, near))
    if after is not None or _best_score(tolerant) >= search.WHOLE_NAME:
        return tolerant
    alike = await read(Reading.SOUND, _sound_terms(query, words))
    return alike if not tolerant.hits or _best_score(alike) >= search.ALMOST_NAME else tolerant


async def complete(session: ReadSession, prefix: str, *, audience: Audience, limit: int) -> Found:
    """Return at most `limit` hits that have all words of the prefix, the last of which may go on; in one statement.

    Raises:
        EmptyQueryError: The prefix holds no letter and no digit.
    """
    words = words_of(prefix)[:_MOST_WORDS]
    if not words:
        raise EmptyQueryError
    terms = _exact_terms(prefix, words)
    found = await search.hits(
        session,
        terms,
        TitleCriteria(),
        audience=audience,
        limit=limit,
        after=None,
        most_candidates=_MOST_COMPLETIONS,
    )
    return Found(Reading.EXACT, terms, found)


def corrected(found: Found, names: Sequence[str]) -> str | None:
    """Return what the query was meant to say, by the names of the best hit; None where it says that already."""
    if found.reading is not Reading.TOLERANT:
        return None
    known = {word for name in names for word in words_of(name)}
    asked = [words[0] for words in found.terms.alternatives]
    meant = [next((word for word in words if word in known), words[0]) for words in found.terms.alternatives]
    return None if meant == asked else " ".join(meant)


def highlighted(text: str, found: Found) -> str | None:
    """Return the text as HTML, the words that the query found in <em>; None when there are none."""
    wanted = {word for words in found.terms.alternatives for word in words}
    begun = found.terms.alternatives[-1][0] if found.terms.prefix else None
    parts = _WORD.split(text)
    marked = [
        f"<em>{escape(part)}</em>" if is_word and _is_hit(part, wanted, begun) else escape(part)
        for part, is_word in ((part, index % 2 == 1) for index, part in enumerate(parts))
    ]
    return "".join(marked) if any(part.startswith("<em>") for part in marked) else None


def _is_hit(word: str, wanted: Collection[str], begun: str | None) -> bool:
    plain = normal_form(word)
    return plain in wanted or (begun is not None and plain.startswith(begun))


def _best_score(found: Found) -> float:
    return found.hits[0].score if found.hits else 0.0


def _exact_terms(query: str, words: Sequence[str]) -> SearchTerms:
    name = normal_form(query)
    return SearchTerms(
        whole=(name,),
        almost=(f"~{name}",),
        begins=name,
        alternatives=tuple((word,) for word in words),
        prefix=True,
    )


def _tolerant_terms(words: Sequence[str], near: Mapping[str, Sequence[str]]) -> SearchTerms | None:
    """Return the words with those one edit away; None when there are none."""
    alternatives = [(word, *(each for each in near[word] if is_one_edit_apart(word, each))) for word in words]
    if all(len(each) == 1 for each in alternatives):
        return None
    meant = [" ".join(choice) for choice in islice(product(*alternatives), _MOST_MEANINGS)]
    return SearchTerms(
        whole=tuple(meant),
        almost=tuple(f"~{name}" for name in meant),
        begins=meant[0],
        alternatives=tuple(alternatives),
    )


def _sound_terms(query: str, words: Sequence[str]) -> SearchTerms | None:
    """Return what sounds like the words; None when they have no sound to go by."""
    skeletons = [skeleton_of(word) for word in words]
    if not all(skeletons):
        return None
    sound = sound_mark(query)
    return SearchTerms(
        whole=(sound,),
        almost=(skeleton_mark(query),),
        begins=sound,
        alternatives=tuple((skeleton,) for skeleton in skeletons),
        by_sound=True,
    )


async def count(session: ReadSession, terms: SearchTerms, criteria: TitleCriteria, *, audience: Audience) -> int:
    """Return how many hits there are on all pages."""
    return await search.count_hits(session, terms, criteria, audience=audience)
