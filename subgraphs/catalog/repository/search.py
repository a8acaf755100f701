"""Documents that match words, the best first; known words near a misspelt one."""

from collections.abc import Callable, Collection, Mapping, Sequence
from dataclasses import dataclass
from typing import Any
from uuid import UUID

import sqlalchemy as sa
from sqlalchemy.dialects.postgresql import TSQUERY, TSVECTOR

from subgraphs.catalog.models import Credit, Genre, SearchDocument, SearchWord, Title, TitleGenre, table
from subgraphs.catalog.repository.cards import any_of
from subgraphs.catalog.repository.criteria import TitleCriteria, conditions
from subgraphs.catalog.repository.tags import tagged, title_by
from subgraphs.catalog.repository.visibility import Audience, Condition, effective_tier, listed
from subgraphs.shared.postgres import ReadSession, WriteSession

_documents = table(SearchDocument).c
_words = table(SearchWord).c
_titles = table(Title).c
_credits = table(Credit).c
_genres = table(Genre).c
_title_genres = table(TitleGenre).c

WHOLE_NAME, ALMOST_NAME, NAME_BEGINS, WORDS = 0.7, 0.5, 0.1, 0.2
"""Shares of the score: a name equal to the query, one that is but for its article or vowels, one that begins with it
(the three exclude each other), and how well the words fit."""

_WORD_WEIGHTS = "{0.0, 0.1, 0.3, 1.0}"
"""Weights D, C (genres), B (people), A (names) for ts_rank."""

MOST_CANDIDATES = 1000
"""How many documents a search scores at most, of each kind of candidates."""

MOST_COUNTED = 2000
"""Further neither hits nor values of facets are counted."""

_LONGEST_KEY = 400
"""In characters: PostgreSQL takes 2046 bytes."""


def whole_name_key(name: str) -> str:
    """Return what stands among a document's words for a whole name in normal form, or the beginning of one."""
    return f"|{name.replace(' ', '_')}"[:_LONGEST_KEY]


def name_word_key(word: str) -> str:
    """Return what stands among a document's words for a word that is in a name."""
    return f".{word}"


@dataclass(frozen=True, slots=True)
class SearchTerms:
    """What to look for: names as they stand in a document, and the words that must all occur.

    `whole` names are what the query may mean, `almost` names come close to it, `begins` is how a name may begin.
    Each entry of `alternatives` is one word of the query: any of its spellings will do. With `prefix` the last word
    may go on. With `by_sound` the words are skeletons of service/sounds.py.
    """

    whole: tuple[str, ...]
    almost: tuple[str, ...]
    begins: str
    alternatives: tuple[tuple[str, ...], ...]
    prefix: bool = False
    by_sound: bool = False

    @property
    def ends_with_letter(self) -> bool:
        """Whether the last word may go on and is one letter yet."""
        return self.prefix and len(self.alternatives[-1][0]) == 1

    @property
    def tsquery(self) -> str:
        """What a document must have, as a tsquery literal; words hold letters, digits and marks only, so quoting is
        safe.

        A last word of one letter goes on only where a name begins with the whole query: half of all documents have
        some word with that letter.
        """
        if self.ends_with_letter:
            return f"({self._having()}) | '{whole_name_key(self.begins)}':*"
        return self._having(goes_on=self.prefix)

    @property
    def ranked(self) -> str:
        """What the documents are ranked by, as a tsquery literal."""
        return self._having(goes_on=self.prefix)

    @property
    def named(self) -> str:
        """What a document has whose name is the query, almost is or begins so, as a tsquery literal; beginnings are
        left out where all words together ask for them already."""
        names = [f"'{whole_name_key(name)}'" for name in (*self.whole, *self.almost)]
        begun = [] if self.ends_with_letter else [f"'{whole_name_key(self.begins)}':*"]
        return " | ".join((*names, *begun))

    @property
    def in_names(self) -> str:
        """What a document has whose names have all the words, as a tsquery literal."""
        return self._having(key=name_word_key, goes_on=self.prefix)

    def _having(self, key: Callable[[str], str] = str, *, goes_on: bool = False) -> str:
        last = len(self.alternatives) - 1
        suffixes = (":*" if goes_on and place == last else "" for place in range(last + 1))
        return " & ".join(
            "(" + " | ".join(f"'{key(word)}'{suffix}" for word in words) + ")"
            for words, suffix in zip(self.alternatives, suffixes, strict=True)
        )


@dataclass(frozen=True, slots=True)
class Hit:
    """A title or person that a search found, with a score from 0 to 1."""

    id: UUID
    is_person: bool
    score: float


async def hits(
    session: ReadSession,
    terms: SearchTerms,
    criteria: TitleCriteria,
    *,
    audience: Audience,
    limit: int,
    after: tuple[float, UUID] | None,
    most_candidates: int = MOST_CANDIDATES,
) -> list[Hit]:
    """Return at most `limit` visible hits that follow the key `after`, the best first.

    At most `most_candidates` documents that have the words are scored. Where there are so many, those are taken beside
    them that can score best: whose name is the query or begins so, and which have the words in their names.
    """
    columns = (_documents.owner_id, _documents.is_person, _score(terms).label("score"))

    def candidates(name: str, literal: str | None = None, *when: Condition) -> sa.CTE:
        words = None if literal is None else _documents.words.op("@@")(_tsquery(literal))
        matching = _matching(terms, criteria, audience, *columns, words=words).where(*when)
        return matching.limit(most_candidates).cte(name)

    some = candidates("some")
    is_cut = sa.select(sa.func.count() == most_candidates).select_from(some).scalar_subquery()
    arms = [some, candidates("named", terms.named, is_cut)]
    if not terms.by_sound and not terms.ends_with_letter:
        arms.append(candidates("in_names", terms.in_names, is_cut))
    found = sa.union(*(sa.select(arm) for arm in arms)).subquery("found")
    statement = sa.select(found).order_by(found.c.score.desc(), found.c.owner_id.desc()).limit(limit)
    if after is not None:
        bound = sa.tuple_(sa.literal(after[0], sa.Double), sa.literal(after[1], sa.Uuid))
        statement = statement.where(sa.tuple_(found.c.score, found.c.owner_id) < bound)
    return [Hit(row.owner_id, row.is_person, row.score) for row in await session.execute(statement)]


async def count_hits(session: ReadSession, terms: SearchTerms, criteria: TitleCriteria, *, audience: Audience) -> int:
    """Return how many visible hits there are: MOST_COUNTED where it is so many or more."""
    matching = _matching(terms, criteria, audience, _documents.owner_id).limit(MOST_COUNTED).subquery()
    return (await session.execute(sa.select(sa.func.count()).select_from(matching))).scalar_one()


async def count_facets(
    session: ReadSession, terms: SearchTerms, criteria: TitleCriteria, *, audience: Audience
) -> list[tuple[str, str, int]]:
    """Return how many of the visible titles that match have which value: (facet, value, count), the most frequent
    value of each facet first. People have no facets. No more than MOST_COUNTED titles are looked at."""
    title = title_by(_documents.owner_id)
    columns = (
        title.c.id,
        title.c.kind,
        title.c.maturity_rating,
        title.c.audio_languages,
        effective_tier(audience, title).label("tier"),
    )
    matching = _matching_titles(terms, criteria, audience, title, *columns).limit(MOST_COUNTED).cte("matching")
    languages = sa.select(sa.func.unnest(matching.c.audio_languages).label("value")).subquery()
    genres = sa.join(matching, table(TitleGenre), _title_genres.title_id == matching.c.id).join(
        table(Genre), _genres.id == _title_genres.genre_id
    )
    size = sa.func.count().label("size")

    def facet(name: str, value: sa.ColumnElement[Any], source: sa.FromClause) -> sa.Select[Any]:
        named = sa.select(sa.literal(name, sa.Text).label("facet"), value.label("value"), size)
        return named.select_from(source).where(value.is_not(None)).group_by(value)

    every = sa.union_all(
        facet("kind", matching.c.kind, matching),
        facet("genre", _genres.slug, genres),
        facet("audioLanguage", languages.c.value, languages),
        facet("maturityRating", matching.c.maturity_rating, matching),
        facet("tier", matching.c.tier, matching),
    ).subquery()
    statement = sa.select(every).order_by(every.c.facet, every.c.size.desc(), every.c.value)
    return [(row.facet, row.value, row.size) for row in await session.execute(statement)]


async def visible_of(
    session: ReadSession, owners: Collection[UUID], criteria: TitleCriteria, *, audience: Audience
) -> dict[UUID, bool]:
    """Return those of the owners that the audience may see and that meet the criteria, and whether each is a person."""
    visible = _visible(criteria, audience, _documents.owner_id, _documents.is_person)
    rows = await session.execute(visible.where(_documents.owner_id == any_of(owners)))
    return {row.owner_id: row.is_person for row in rows}


async def titles_beginning(
    session: ReadSession, prefix: str, criteria: TitleCriteria, *, audience: Audience, limit: int
) -> list[UUID]:
    """Return at most `limit` listed titles whose A to Z name begins so, by name: without the index of documents."""
    statement = (
        sa.select(_titles.id)
        .where(
            _titles.sort_name >= prefix,
            _titles.sort_name.startswith(prefix, autoescape=True),
            listed(audience),
            *conditions(criteria, audience=audience),
        )
        .order_by(_titles.sort_name, _titles.id)
        .limit(limit)
    )
    return [row.id for row in await session.execute(statement)]


async def words_sharing(session: ReadSession, spellings: Mapping[str, Collection[str]]) -> dict[str, list[str]]:
    """Return for each word the known words that share one of its spellings, in one statement."""
    wanted = {spelling for some in spellings.values() for spelling in some}
    statement = sa.select(_words.word, _words.spellings).where(
        _words.spellings.overlap(sa.literal(list(wanted), sa.ARRAY(sa.Text)))
    )
    known: Sequence[Any] = (await session.execute(statement)).all()
    return {
        word: [row.word for row in known if not some.isdisjoint(row.spellings)]
        for word, some in ((word, set(some)) for word, some in spellings.items())
    }


async def extend_documents(session: WriteSession, owners: sa.Select[tuple[UUID]], *, words: str) -> list[UUID]:
    """Have the owners' documents found by more words, a tsvector literal; what they are found by already stays.

    Return the owners.
    """
    more = sa.cast(sa.literal(words, sa.Text), TSVECTOR)
    extended = await session.execute(
        sa.update(table(SearchDocument))
        .where(_documents.owner_id.in_(owners))
        .values(words=_documents.words.op("||")(more))
        .returning(_documents.owner_id)
    )
    return [row.owner_id for row in extended]


def _matching(
    terms: SearchTerms,
    criteria: TitleCriteria,
    audience: Audience,
    *columns: sa.ColumnElement[Any],
    words: Condition | None = None,
) -> sa.Select[Any]:
    """Return the select of visible documents that match; `words` stands in for the words of the terms."""
    return _visible(criteria, audience, *columns).where(
        _has_words(terms) if words is None else words, *tagged(criteria, audience=audience, by_words=True)
    )


def _matching_titles(
    terms: SearchTerms,
    criteria: TitleCriteria,
    audience: Audience,
    title: sa.FromClause,
    *columns: sa.ColumnElement[Any],
) -> sa.Select[Any]:
    """Return the select of documents that match and are of titles that may be seen and meet the criteria."""
    return _visible_titles(criteria, audience, title, *columns).where(
        _has_words(terms), *tagged(criteria, audience=audience, by_words=True)
    )


def _visible(criteria: TitleCriteria, audience: Audience, *columns: sa.ColumnElement[Any]) -> sa.Select[Any]:
    """Return the select of visible documents; people have no place where titles are narrowed."""
    title = title_by(_documents.owner_id)
    if not criteria.is_empty:
        return _visible_titles(criteria, audience, title, *columns)
    credited = table(Title).alias("credited")
    # A scalar sub-select with LIMIT is asked per person found; EXISTS would be hashed over all credits first.
    is_seen = (
        sa.select(sa.true())
        .select_from(table(Credit))
        .join(credited, credited.c.id == _credits.title_id)
        .where(_credits.person_id == _documents.owner_id, listed(audience, credited))
        .limit(1)
        .scalar_subquery()
    )
    is_listed = sa.and_(title.c.id.is_not(None), listed(audience, title))
    return (
        sa.select(*columns)
        .select_from(table(SearchDocument).join(title, sa.true(), isouter=True))
        .where(sa.or_(is_listed, sa.and_(_documents.is_person, is_seen.is_(True))))
    )


def _visible_titles(
    criteria: TitleCriteria, audience: Audience, title: sa.FromClause, *columns: sa.ColumnElement[Any]
) -> sa.Select[Any]:
    """Return the select of documents of titles that may be seen and meet the criteria."""
    return (
        sa.select(*columns)
        .select_from(table(SearchDocument).join(title, sa.true()))
        .where(listed(audience, title), *conditions(criteria, audience=audience, titles=title))
    )


def _has_words(terms: SearchTerms) -> Condition:
    return _searched(terms).op("@@")(_tsquery(terms.tsquery))


def _tsquery(literal: str) -> sa.ColumnElement[Any]:
    return sa.cast(sa.literal(literal, sa.Text), TSQUERY)


def _searched(terms: SearchTerms) -> sa.ColumnElement[Any]:
    return _documents.sounds if terms.by_sound else _documents.words


def _score(terms: SearchTerms) -> sa.ColumnElement[Any]:
    """Return the score as a double of six decimals, so that a cursor can repeat it exactly."""

    def stands(*parts: str) -> sa.ColumnElement[bool]:
        return sa.or_(sa.false(), *(sa.func.strpos(_documents.names, part) > 0 for part in parts))

    name = sa.case(
        (stands(*(f"|{each}|" for each in terms.whole)), _double(WHOLE_NAME + NAME_BEGINS)),
        (stands(*(f"|{each}|" for each in terms.almost)), _double(ALMOST_NAME + NAME_BEGINS)),
        (stands(f"|{terms.begins}"), _double(NAME_BEGINS)),
        else_=_double(0.0),
    )
    weights = sa.cast(sa.literal(_WORD_WEIGHTS), sa.ARRAY(sa.REAL))
    words = _double(2 * WORDS) * sa.cast(
        sa.func.ts_rank(weights, _searched(terms), _tsquery(terms.ranked), 32), sa.Double
    )
    return sa.func.floor((name + words) * _double(1e6) + _double(0.5)) / _double(1e6)


def _double(value: float) -> sa.ColumnElement[float]:
    """Return a constant of PostgreSQL's fast type; left alone it would be a numeric."""
    return sa.cast(sa.literal(value, sa.Double), sa.Double)
