"""Search, suggestions, and what is searched for."""

import hashlib
from collections.abc import Awaitable, Callable, Sequence
from datetime import date, datetime, timedelta
from typing import Annotated, Any
from uuid import UUID

import strawberry

from subgraphs.catalog.repository import search_log
from subgraphs.catalog.repository.cards import GenreCard, TitleCard, text_in
from subgraphs.catalog.repository.collections import CollectionCard, with_rule
from subgraphs.catalog.repository.criteria import TitleCriteria
from subgraphs.catalog.repository.genres import all_genres
from subgraphs.catalog.repository.people import PersonCard
from subgraphs.catalog.repository.search import Hit
from subgraphs.catalog.repository.search_visible import titles_beginning
from subgraphs.catalog.service.searching import Found, Reading, SearchPlace, corrected, highlighted
from subgraphs.catalog.service.words import normal_form
from subgraphs.catalog.types.collection import Collection
from subgraphs.catalog.types.editorial import ADMIN
from subgraphs.catalog.types.filters import TitleFilter, criteria_of
from subgraphs.catalog.types.genre import Genre
from subgraphs.catalog.types.search import (
    Facet,
    SearchConnection,
    SearchEdge,
    SearchQueryStats,
    SearchSuggestion,
    facets_of,
    stats_of,
)
from subgraphs.catalog.types.title import person_of, title_of
from subgraphs.catalog.types.words import Info
from subgraphs.shared.errors import BadUserInputError, ServiceUnavailableError
from subgraphs.shared.graphql.pagination import (
    After,
    First,
    PageInfo,
    check_page_size,
    decode_cursor,
    encode_cursor,
    make_page,
)

Filter = Annotated[TitleFilter | None, strawberry.argument(description="What narrows the list.")]
Words = Annotated[
    str,
    strawberry.argument(
        description="Names of titles, people, genres or collections, in any script; one typo per word is forgiven."
    ),
]
Prefix = Annotated[str, strawberry.argument(description="What was typed so far.")]
From = Annotated[date | None, strawberry.argument(name="from", description="First day; 30 days ago unless given.")]
Until = Annotated[date | None, strawberry.argument(name="to", description="Last day; today unless given.")]
OnlyZero = Annotated[
    bool | None, strawberry.argument(description="Only those that found nothing, by how often they did.")
]

_REPORTED_DAYS = 30
_MOST_SUGGESTIONS = 20


@strawberry.type
class FindQueries:
    @strawberry.field(
        description="Titles, people and collections that have all words of the query, the best fitting first."
    )
    async def search(
        self, info: Info, query: Words, filter: Filter = None, first: First = 20, after: After = None
    ) -> SearchConnection | None:
        context, criteria = info.context, criteria_of(filter)
        if criteria.collection_id is not None:
            async with context.database.reading() as session:
                criteria = await with_rule(session, criteria)
        scope = _scope(query, criteria)
        key = decode_cursor(after, scope, str, Reading, float, UUID)
        place = SearchPlace(*key) if key else None
        limit = check_page_size(first) + 1
        try:
            found = await context.search.find(query, criteria, audience=context.audience, limit=limit, after=place)
        except ServiceUnavailableError:
            return await _degraded(info, query, criteria, first, after)
        if after is None:
            context.search_log.add(query, found_any=bool(found.hits))
        page = make_page(
            found.hits,
            first,
            lambda hit: encode_cursor(scope, found.engine, found.reading.value, hit.score, str(hit.id)),
            after=after,
        )
        nodes = await _nodes(page.rows, info)
        return SearchConnection(
            count=_counter(info, found, criteria),
            count_facets=_facet_counter(info, found, criteria),
            edges=[
                _edge(hit, cursor, nodes[hit.id], found, now=info.context.now)
                for hit, cursor in zip(page.rows, page.cursors, strict=True)
                if hit.id in nodes
            ],
            page_info=page.page_info,
            did_you_mean=next((corrected(found, _names(nodes[hit.id])) for hit in page.rows if hit.id in nodes), None),
            degraded=found.is_degraded,
        )

    @strawberry.field(
        description="How a query that was begun may go on: genres, then titles, people and collections, best first."
    )
    async def search_suggestions(self, info: Info, prefix: Prefix, first: First = 8) -> list[SearchSuggestion] | None:
        limit = min(check_page_size(first), _MOST_SUGGESTIONS)
        context, begun = info.context, normal_form(prefix)
        if not begun:
            return []
        try:
            hits = (await context.search.complete(prefix, audience=context.audience, limit=limit)).hits
        except ServiceUnavailableError:
            hits = []  # genres can still be suggested
        async with context.database.reading() as session:
            genres = [Genre(card=card) for card in await all_genres(session) if _begins(card, begun)]
        nodes = await _nodes(hits, info)
        cards = [nodes[hit.id] for hit in hits if hit.id in nodes]
        everything = [
            *(SearchSuggestion(text=genre.name(info), hit=genre) for genre in genres),
            *(SearchSuggestion(text=_text(card, info), hit=_node(card, now=info.context.now)) for card in cards),
        ]
        by_text = {normal_form(each.text): each for each in reversed(everything)}
        return [each for each in everything if by_text[normal_form(each.text)] is each][:limit]


@strawberry.type
class SearchQueries(FindQueries):
    @strawberry.federation.field(
        tags=ADMIN,
        requires_scopes=[["analytics:read"]],
        description="What is searched for most, or most often in vain. Kept for 90 days, without who asked.",
    )
    async def search_analytics(
        self,
        info: Info,
        since: From = None,
        until: Until = None,
        only_zero_results: OnlyZero = None,
        first: First = 20,
    ) -> list[SearchQueryStats] | None:
        context = info.context
        last = until or context.now.date()
        begin = since or last - timedelta(days=_REPORTED_DAYS)
        if begin > last:
            raise BadUserInputError("`from` must not be after `to`.")
        limit = check_page_size(first)
        await context.search_log.write(context.database, now=context.now)
        async with context.database.reading() as session:
            counts = await search_log.most_asked(
                session, since=begin, until=last, only_without_results=bool(only_zero_results), limit=limit
            )
        return stats_of(counts)


Card = TitleCard | PersonCard | CollectionCard


async def _nodes(hits: Sequence[Hit], info: Info) -> dict[UUID, Card]:
    """Return the cards of the hits; one that vanished since it was found is left out. Hits that are neither person nor
    title are collections: no statement where there are none."""
    loaders = info.context.loaders
    titles = await loaders.title_card_by_id.load_many([hit.id for hit in hits if not hit.is_person])
    people = await loaders.person_card_by_id.load_many([hit.id for hit in hits if hit.is_person])
    nodes: dict[UUID, Card] = {card.id: card for card in (*titles, *people) if card}
    others = [hit.id for hit in hits if not hit.is_person and hit.id not in nodes]
    collections = await loaders.collection_card_by_id.load_many(others) if others else []
    return nodes | {card.id: card for card in collections if card}


def _node(card: Card, *, now: datetime) -> Any:
    if isinstance(card, CollectionCard):
        return Collection(card=card)
    return person_of(card) if isinstance(card, PersonCard) else title_of(card, now=now)


def _names(card: Card) -> list[str]:
    if isinstance(card, PersonCard):
        return [card.name]
    given = [] if isinstance(card, CollectionCard) else [card.original_name]
    return list(dict.fromkeys([*(text.name for text in card.texts.values()), *given]))


def _text(card: Card, info: Info) -> str:
    """Return the name by which the viewer knows it."""
    if isinstance(card, PersonCard):
        return card.name
    text = text_in(card.texts, info.context.locales(None))
    if text is None:
        return card.slug if isinstance(card, CollectionCard) else card.original_name
    return text.name


def _edge(hit: Hit, cursor: str, card: Card, found: Found, *, now: datetime) -> SearchEdge:
    highlights = [marked for name in _names(card) if (marked := highlighted(name, found))]
    return SearchEdge(cursor=cursor, node=_node(card, now=now), score=hit.score, highlights=highlights)


def _begins(card: GenreCard, begun: str) -> bool:
    return any(normal_form(text.name).startswith(begun) for text in card.texts.values())


def _counter(info: Info, found: Found, criteria: TitleCriteria) -> Callable[[], Awaitable[int]]:
    async def count() -> int:
        return await info.context.search.count(found, criteria, audience=info.context.audience)

    return count


def _facet_counter(info: Info, found: Found, criteria: TitleCriteria) -> Callable[[], Awaitable[list[Facet]]]:
    async def count() -> list[Facet]:
        return facets_of(list(await info.context.search.facets(found, criteria, audience=info.context.audience)))

    return count


async def _degraded(info: Info, query: str, criteria: TitleCriteria, first: int, after: str | None) -> SearchConnection:
    """Return what the database can say without any index: titles whose names begin so, on one page. A list that was
    begun ends, since nobody knows what of it the client has."""
    context = info.context
    limit = 0 if after is not None else check_page_size(first)
    async with context.database.reading() as session:
        ids = await titles_beginning(session, normal_form(query), criteria, audience=context.audience, limit=limit)
    cards = [card for card in await context.loaders.title_card_by_id.load_many(ids) if card]

    async def count() -> int:
        return len(cards)

    async def no_facets() -> list[Facet]:
        return []

    return SearchConnection(
        count=count,
        count_facets=no_facets,
        edges=[
            SearchEdge(cursor="", node=_node(card, now=info.context.now), score=0.0, highlights=[]) for card in cards
        ],
        page_info=PageInfo(
            has_next_page=False, has_previous_page=after is not None, start_cursor=None, end_cursor=None
        ),
        did_you_mean=None,
        degraded=True,
    )


def _scope(query: str, criteria: TitleCriteria) -> str:
    """Return the cursor scope: another query or filter is another list."""
    return f"search:{hashlib.blake2s(repr((query, criteria)).encode(), digest_size=8).hexdigest()}"
