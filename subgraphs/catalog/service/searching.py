"""From a query's text to documents: first the words as they are; if nothing has them all, words that are one typo
away or sound alike. The same for every index: an index only has to look terms up (`Lookup`)."""

import re
from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass
from enum import Enum
from html import escape
from itertools import islice, product
from typing import Protocol
from uuid import UUID

from subgraphs.catalog.errors import EmptyQueryError
from subgraphs.catalog.repository.search import ALMOST_NAME, WHOLE_NAME, Hit, SearchTerms
from subgraphs.catalog.service.sounds import skeleton_mark, skeleton_of, sound_mark
from subgraphs.catalog.service.words import is_one_edit_apart, normal_form, words_of
from subgraphs.shared.errors import InvalidCursorError

_WORD = re.compile(r"((?:\w|[\u0900-\u0dff'’])+)")
"""A word with the marks that Indian scripts hang on their letters, which `\\w` leaves out."""

_MOST_WORDS = 12
_MOST_MEANINGS = 32
"""How many readings of a misspelt query are compared with whole names."""


class Reading(Enum):
    """How a query is read; a cursor holds it, so that all pages of a search are read alike."""

    EXACT = "exact"
    TOLERANT = "tolerant"
    SOUND = "sound"


@dataclass(frozen=True, slots=True)
class SearchPlace:
    """Where a page of a search goes on: the engine whose list it is, the reading and the last hit."""

    engine: str
    reading: Reading
    score: float
    id: UUID


@dataclass(frozen=True, slots=True)
class Found:
    """Hits of one page, the terms that found them, and the engine; `is_degraded` where another one stood in for it."""

    engine: str
    reading: Reading
    terms: SearchTerms
    hits: list[Hit]
    is_degraded: bool = False


class Lookup(Protocol):
    """An index during one search, for one audience and with what narrows the search."""

    @property
    def engine(self) -> str:
        """The name of the engine: a cursor of another one is refused."""
        ...

    async def hits(self, terms: SearchTerms, *, limit: int, after: tuple[float, UUID] | None) -> list[Hit]:
        """Return at most `limit` visible hits that follow the score and id, by score and then id, both descending."""
        ...

    async def words_near(self, words: Collection[str]) -> Mapping[str, Collection[str]]:
        """Return for each word the known ones that may be one edit away; it may be too many, words twice, or itself.

        For words below `SHORTEST_MISSPELT` letters nothing else need be known.
        """
        ...


async def find(lookup: Lookup, query: str, *, limit: int, after: SearchPlace | None) -> Found:
    """Return at most `limit` hits, the best first.

    Looks up once when documents have all words of the query, else up to three times, and the known words once. Words
    after the twelfth do not count.

    Raises:
        EmptyQueryError: The query holds no letter and no digit.
        InvalidCursorError: The place is of another engine's list.
    """
    words = words_of(query)[:_MOST_WORDS]
    if not words:
        raise EmptyQueryError
    if after is not None and after.engine != lookup.engine:
        raise InvalidCursorError
    key = (after.score, after.id) if after else None

    async def read(reading: Reading, terms: SearchTerms | None) -> Found:
        if terms is None:
            return Found(lookup.engine, reading, _exact_terms(query, words), [])
        return Found(lookup.engine, reading, terms, await lookup.hits(terms, limit=limit, after=key))

    if after is None or after.reading is Reading.EXACT:
        exact = await read(Reading.EXACT, _exact_terms(query, words))
        if exact.hits or after is not None:
            return exact
    if after is not None and after.reading is Reading.SOUND:
        return await read(Reading.SOUND, _sound_terms(query, words))
    tolerant = await read(Reading.TOLERANT, _tolerant_terms(words, await lookup.words_near(words)))
    if after is not None or _best_score(tolerant) >= WHOLE_NAME:
        return tolerant
    alike = await read(Reading.SOUND, _sound_terms(query, words))
    return alike if not tolerant.hits or _best_score(alike) >= ALMOST_NAME else tolerant


async def complete(lookup: Lookup, prefix: str, *, limit: int) -> Found:
    """Return at most `limit` hits that have all words of the prefix, the last of which may go on; looks up once.

    Raises:
        EmptyQueryError: The prefix holds no letter and no digit.
    """
    words = words_of(prefix)[:_MOST_WORDS]
    if not words:
        raise EmptyQueryError
    terms = _exact_terms(prefix, words)
    return Found(lookup.engine, Reading.EXACT, terms, await lookup.hits(terms, limit=limit, after=None))


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


def _tolerant_terms(words: Sequence[str], near: Mapping[str, Collection[str]]) -> SearchTerms | None:
    """Return the words with those one edit away; None when there are none."""
    alternatives = [
        (word, *dict.fromkeys(each for each in near[word] if is_one_edit_apart(word, each))) for word in words
    ]
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
