"""Documents that match words, the best first; known words near a misspelt one. Counts are in search_counts."""

from collections.abc import Callable, Collection, Mapping, Sequence
from dataclasses import dataclass
from functools import lru_cache
from typing import Any
from uuid import UUID

import sqlalchemy as sa
from sqlalchemy.dialects.postgresql import TSQUERY, TSVECTOR

from subgraphs.catalog.models import SearchDocument, SearchWord, table
from subgraphs.catalog.repository.criteria import Shape, TitleCriteria
from subgraphs.catalog.repository.search_named import NamedTerms, TermsShape, named_terms, shape_of, values_of
from subgraphs.catalog.repository.search_visible import visible
from subgraphs.catalog.repository.tags import asked, candidates_for, is_shown_in_country, tagged
from subgraphs.catalog.repository.visibility import Audience, Condition
from subgraphs.shared.postgres import ReadSession, WriteSession

_documents = table(SearchDocument).c
_words = table(SearchWord).c

WHOLE_NAME, ALMOST_NAME, NAME_BEGINS, WORDS = 0.7, 0.5, 0.1, 0.2
"""Shares of the score: a name equal to the query, one that is but for its article or vowels, one that begins with it
(the three exclude each other), and how well the words fit."""

_WORD_WEIGHTS = "{0.0, 0.1, 0.3, 1.0}"
"""Weights D, C (genres), B (people), A (names) for ts_rank."""

MOST_CANDIDATES = 1000
"""How many documents a search scores at most, of each kind of candidates."""

_WHOLE_KNOWN = 10
"""Where so many prominent documents have all words as they are, what goes on from the last one is looked for among
prominent ones alone: all that a frequent word goes on to in a million documents is not worth reading."""

_FREQUENT = 60
"""A word that so many prominent documents have is frequent."""

_FEW_TO_GO_ON = 1000
"""How many documents are looked at for whether the last word goes on in them."""

_MOST: Any = sa.bindparam("most", type_=sa.Integer)

_LONGEST_KEY = 400
"""In characters: PostgreSQL takes 2046 bytes."""


def whole_name_key(name: str) -> str:
    """Return what stands among a document's words for a whole name in normal form, or the beginning of one."""
    return f"|{name.replace(' ', '_')}"[:_LONGEST_KEY]


def name_word_key(word: str) -> str:
    """Return what stands among a document's words for a word that is in a name."""
    return f".{word}"


def _quoted(names: Sequence[str]) -> list[str]:
    return [f"'{whole_name_key(name)}'" for name in names]


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
    def matching(self) -> tuple[str, ...]:
        """What a document must have, all of it: tsquery literals. Words hold letters, digits and marks only, so quoting
        is safe.

        A last word of one letter goes on only where a name begins with the whole query: half of all documents have
        some word with that letter.
        """
        if self.ends_with_letter:
            *before, last = self._having()
            return (*before, f"{last} | {self.begins_key}")
        return self._having(goes_on=self.prefix)

    @property
    def whole_words(self) -> tuple[str, ...]:
        """What a document must have that has all words as they are, as tsquery literals."""
        return self._having()

    @property
    def all_words(self) -> str:
        """The same as one tsquery literal."""
        return " & ".join(self._having())

    @property
    def ranked(self) -> str:
        """What the documents are ranked by, as a tsquery literal."""
        return " & ".join(self._having(goes_on=self.prefix))

    @property
    def named(self) -> str:
        """What a document has whose name is the query, almost is or begins so, as a tsquery literal; beginnings are
        left out where all words together ask for them already."""
        begun = [] if self.ends_with_letter else [self.begins_key]
        return " | ".join((self.named_whole, *begun))

    @property
    def named_whole(self) -> str:
        """What a document has whose name is the query or almost is, as a tsquery literal."""
        return " | ".join(_quoted((*self.whole, *self.almost)))

    @property
    def whole_key(self) -> str:
        """What a document has whose name is the query, as a tsquery literal."""
        return " | ".join(_quoted(self.whole))

    @property
    def almost_key(self) -> str:
        """What a document has whose name almost is the query, as a tsquery literal."""
        return " | ".join(_quoted(self.almost))

    @property
    def begins_key(self) -> str:
        """What a document has whose name begins with the query, as a tsquery literal."""
        return f"'{whole_name_key(self.begins)}':*"

    @property
    def in_names(self) -> tuple[str, ...]:
        """What a document has whose names have all the words, as tsquery literals."""
        return self._having(key=name_word_key, goes_on=self.prefix)

    @property
    def in_names_whole(self) -> tuple[str, ...]:
        """What a document has whose names have all the words as they are, as tsquery literals."""
        return self._having(key=name_word_key)

    def _having(self, key: Callable[[str], str] = str, *, goes_on: bool = False) -> tuple[str, ...]:
        """Return a tsquery literal for each word.

        They are not joined to one: an index that is asked for all words of one tsquery walks through the entries of the
        most frequent one, and takes up to seven times as long as one that is asked for several.
        """
        last = len(self.alternatives) - 1
        suffixes = (":*" if goes_on and place == last else "" for place in range(last + 1))
        return tuple(
            "(" + " | ".join(f"'{key(word)}'{suffix}" for word in words) + ")"
            for words, suffix in zip(self.alternatives, suffixes, strict=True)
        )


@dataclass(frozen=True, slots=True)
class Hit:
    """A title, person or collection that a search found, with a score from 0 to 1."""

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

    Takes one statement; one more where candidates were left out and too few of the others may be seen.
    """

    wanted = asked(criteria, audience, with_others=True)
    place = {} if after is None else {"after_score": after[0], "after_id": after[1]}
    values = {**wanted.values, **values_of(terms), **place, "limit": limit, "most": most_candidates}

    async def rows_of(*, is_seen: bool) -> list[Any]:
        statement = _page(wanted.shape, shape_of(terms), goes_on=after is not None, is_seen=is_seen)
        return list(await session.execute(statement, values))

    rows = await rows_of(is_seen=False)
    if rows[0].is_cut and (len(rows) < limit or rows[0].owner_id is None):
        rows = await rows_of(is_seen=True)
    return [Hit(row.owner_id, row.is_person, row.score) for row in rows if row.owner_id is not None]


@lru_cache(maxsize=128)
def _page(shape: Shape, terms: TermsShape, *, goes_on: bool, is_seen: bool) -> sa.Select[Any]:
    """Return the statement, built once for all searches of these shapes."""
    return _Search(shape, named_terms(terms), goes_on).page(is_seen=is_seen)


@dataclass(frozen=True, slots=True)
class _Search:
    """A page of a search as one statement: candidates of several kinds, at most `most` of each kind, scored and sorted;
    of these the first that may be seen."""

    shape: Shape
    terms: NamedTerms
    goes_on: bool

    def page(self, *, is_seen: bool) -> sa.Select[Any]:
        """Return the select of `is_cut` (whether candidates were left out) and the columns of a hit, which are NULL in
        the one row where there is none. With `is_seen` only what may be seen is a candidate."""
        arms, is_cut = self._arms(is_seen=is_seen)
        found = sa.union(*(sa.select(arm) for arm in arms)).subquery("found")
        ordered = sa.select(found)
        if self.goes_on:
            bound = sa.tuple_(sa.bindparam("after_score", type_=sa.Double), sa.bindparam("after_id", type_=sa.Uuid))
            ordered = ordered.where(sa.tuple_(found.c.score, found.c.owner_id) < bound)
        # LIMIT keeps the order, so that one after the other is looked at until the page is full.
        ordered = _best_first(ordered, found).limit(len(arms) * _MOST)
        candidates = ordered.subquery("candidates")
        columns = (candidates.c.owner_id, candidates.c.is_person, candidates.c.score)
        seen = visible(self.shape, candidates, *columns)
        page = _best_first(seen, candidates).limit(sa.bindparam("limit", type_=sa.Integer)).subquery("page")
        cut = sa.select(is_cut.label("is_cut")).subquery("cut")
        return _best_first(sa.select(cut, page).join_from(cut, page, sa.true(), isouter=True), page)

    def _arms(self, *, is_seen: bool) -> tuple[list[sa.CTE], Condition]:
        """Return the kinds of candidates, and whether some that have the words are left out.

        Prominent documents come first. Where they do not suffice, all are looked through, for the words as they are
        where `is_whole_known`. Where more have the words than are taken, such are added as score best: whose names are
        the query or begin so, or have all the words.
        """
        terms, every = self.terms, self._every(is_seen=is_seen)

        def arm(name: str, literals: Sequence[Any], *when: Condition, by_names: bool = True) -> sa.CTE:
            searched = _documents.words if by_names else searched_of(terms)
            return every.where(*having(searched, literals), *when).limit(_MOST).cte(name)

        def is_full(some: sa.CTE) -> Condition:
            return sa.select(sa.func.count() == _MOST).select_from(some).scalar_subquery()

        near = arm("near", terms.matching, _documents.is_prominent, by_names=False)
        is_whole = is_whole_known(terms, near)
        whole = arm("whole", terms.whole_words, sa.not_(is_full(near)), is_whole, by_names=False)
        ways = ways_to_others(self.shape, terms, sa.not_(is_full(near)), sa.not_(is_whole))
        far = [arm(f"far_{number}", literals, *when, by_names=False) for number, (literals, *when) in enumerate(ways)]
        is_far_cut = sa.or_(is_full(whole), *map(is_full, far))
        is_cut = sa.or_(is_full(near), is_far_cut)
        arms = [
            *(near, whole, *far),
            arm("near_named", [terms.named], _documents.is_prominent, is_cut),
            # All names that begin so are more than one wants to intersect with a filter.
            arm("named", [terms.named_whole if self.shape.tag_sets else terms.named], is_far_cut),
            arm("named_whole", [terms.named_whole], is_full(near)),
        ]
        if not terms.by_sound and not terms.ends_with_letter:
            arms += [
                arm("near_in_names", terms.in_names, _documents.is_prominent, is_cut),
                arm("in_names", terms.in_names_whole, is_far_cut),
            ]
        return arms, is_cut

    def _every(self, *, is_seen: bool) -> sa.Select[Any]:
        """Return the select of all documents that criteria and rights leave, with their scores."""
        documents = table(SearchDocument)
        is_whole = has_whole_words(self.terms).label("is_whole")
        columns = (_documents.owner_id, _documents.is_person, _score(self.terms).label("score"), is_whole)
        every = visible(self.shape, documents, *columns) if is_seen else sa.select(*columns)
        return every.where(*matching_conditions(self.shape))


def matching_conditions(shape: Shape) -> list[Condition]:
    """Return what a document has, besides words, of every title that meets the criteria and may be seen, and of every
    person and collection where titles are not narrowed, as far as documents tell."""
    found = [*tagged(shape), is_shown_in_country()]
    if shape.has_own_candidates:
        titles = candidates_for(shape)
        found.append(_documents.owner_id == sa.any_(sa.func.array(sa.select(titles).scalar_subquery())))
    return found


def having(searched: sa.ColumnElement[Any], literals: Sequence[Any]) -> list[Condition]:
    """Return that a column matches all of the tsquery literals."""
    return [searched.op("@@")(tsquery(literal)) for literal in literals]


def has_whole_words(terms: NamedTerms) -> Condition:
    """Return that a document has all words as they are."""
    return searched_of(terms).op("@@")(tsquery(terms.all_words))


def is_whole_known(terms: NamedTerms, prominent: sa.CTE) -> Condition:
    """Return whether enough of the prominent documents that match have the words as they are (column `is_whole`) for
    others to be looked for only so."""
    if not terms.prefix:
        return sa.false()
    return sa.select(sa.func.count() >= _WHOLE_KNOWN).where(prominent.c.is_whole).scalar_subquery()


def ways_to_others(
    shape: Shape, terms: NamedTerms, *needed: Condition
) -> list[tuple[Sequence[Any], *tuple[Condition, ...]]]:
    """Return the ways to all documents that match, of which only one is gone: tsquery literals, and conditions.

    To look up all that the last word may go on to takes long where it is frequent. Where few documents have the words
    before it, these are looked at instead. How frequent words are, prominent documents tell.
    """
    if not terms.prefix or len(terms.matching) == 1:
        return [(terms.matching, *needed)]
    *before, last = terms.matching
    searched = searched_of(terms)

    def is_frequent(*literals: Any) -> Condition:
        prominent = sa.select(_documents.owner_id).where(_documents.is_prominent, *having(searched, literals))
        some = prominent.limit(_FREQUENT).subquery()
        return sa.select(sa.func.count() == _FREQUENT).select_from(some).scalar_subquery()

    tried = sa.case((sa.and_(*needed, is_frequent(last)), sa.not_(is_frequent(*before))), else_=sa.false())
    is_tried = sa.select(sa.select(tried.label("is_tried")).cte("tried").c.is_tried).scalar_subquery()
    some = (
        sa.select(_documents.owner_id, searched.op("@@")(tsquery(last)).label("goes_on"))
        .where(is_tried, *having(searched, before), *matching_conditions(shape))
        .limit(_FEW_TO_GO_ON)
        .cte("some")
    )
    are_few = sa.select(sa.func.count() < _FEW_TO_GO_ON).select_from(some).scalar_subquery()
    is_done = sa.and_(is_tried, are_few)
    going_on = sa.select(some.c.owner_id).where(some.c.goes_on, is_done).scalar_subquery()
    return [((), _documents.owner_id == sa.any_(sa.func.array(going_on))), (terms.matching, *needed, sa.not_(is_done))]


def _best_first(statement: sa.Select[Any], rows: sa.FromClause) -> sa.Select[Any]:
    return statement.order_by(rows.c.score.desc(), rows.c.owner_id.desc())


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


def tsquery(literal: Any) -> sa.ColumnElement[Any]:
    """Return the parameter that stands for a literal as a tsquery."""
    return sa.cast(sa.type_coerce(literal, sa.Text), TSQUERY)


def searched_of(terms: NamedTerms) -> sa.ColumnElement[Any]:
    """Return the column that has the words of the terms."""
    return _documents.sounds if terms.by_sound else _documents.words


def _score(terms: NamedTerms) -> sa.ColumnElement[Any]:
    """Return the score as a double of six decimals, so that a cursor can repeat it exactly."""

    def named(key: Any) -> sa.ColumnElement[bool]:
        return _documents.words.op("@@")(tsquery(key))

    name = sa.case(
        (named(terms.whole_key), _double(WHOLE_NAME + NAME_BEGINS)),
        (named(terms.almost_key), _double(ALMOST_NAME + NAME_BEGINS)),
        (named(terms.begins_key), _double(NAME_BEGINS)),
        else_=_double(0.0),
    )
    weights = sa.cast(sa.literal(_WORD_WEIGHTS), sa.ARRAY(sa.REAL))
    words = _double(2 * WORDS) * sa.cast(
        sa.func.ts_rank(weights, searched_of(terms), tsquery(terms.ranked), 32), sa.Double
    )
    return sa.func.floor((name + words) * _double(1e6) + _double(0.5)) / _double(1e6)


def _double(value: float) -> sa.ColumnElement[float]:
    """Return a constant of PostgreSQL's fast type; left alone it would be a numeric."""
    return sa.cast(sa.literal(value, sa.Double), sa.Double)
