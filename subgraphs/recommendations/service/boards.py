"""Reads ranked rows: one round trip to Valkey when they are there, ranked anew from PostgreSQL when they are not.

A board that was read stays parsed in the process; its version, which every read fetches, says whether it still holds.
Personal rows stay parsed for as long as their document stays the same.
Whoever misses a board ranks it once for all who wait (single flight). Without Valkey the last parsed board serves, or
one ranked on the spot, and the answer says that it is degraded: personal rows are left out then, so that a lost
cache does not turn every request into ranking.
"""

import asyncio
from collections import OrderedDict
from collections.abc import Awaitable, Callable, Hashable, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any, TypeVar

import structlog

from subgraphs.recommendations.config import AGE_LIMITS, KIDS_PAGE_AGE_LIMIT, ROW_LIFETIME
from subgraphs.recommendations.models.rows import Board, PersonalRows, dump_rows, load_board, load_personal_rows
from subgraphs.recommendations.models.targeting import Spectator, spectator_of
from subgraphs.recommendations.models.words import PageSlug, Segment
from subgraphs.recommendations.repository import boards as board_repository
from subgraphs.recommendations.repository import facts
from subgraphs.recommendations.repository.row_cache import BoardKey, Glance, HeldTier, RowCache, Stamp
from subgraphs.recommendations.repository.visibility import Audience
from subgraphs.recommendations.service.personal import rank_personal_rows
from subgraphs.shared.clock import Clock
from subgraphs.shared.errors import ServiceUnavailableError
from subgraphs.shared.identity import Viewer
from subgraphs.shared.postgres import Database
from subgraphs.shared.values import DeviceType, Tier

Result = TypeVar("Result")

_log = structlog.get_logger()


def board_key(page: PageSlug, *, age_limit: int) -> BoardKey:
    """Return the board of a page for viewers of the age limit; the page KIDS has a limit of its own."""
    return BoardKey(page.value, min(age_limit, KIDS_PAGE_AGE_LIMIT) if page is PageSlug.KIDS else age_limit)


def all_board_keys() -> list[BoardKey]:
    """Return every board that a viewer can ask for."""
    return list(dict.fromkeys(board_key(page, age_limit=limit) for page in PageSlug for limit in AGE_LIMITS))


@dataclass(frozen=True, slots=True)
class Snapshot:
    """What was read for one viewer. `personal` is None where there are no personal rows to show: anonymous viewers,
    kids profiles, and whenever a store failed (`degraded`). The tier of who is signed in is not known then, either."""

    boards: Sequence[Board]
    personal: PersonalRows | None
    with_ads: bool
    degraded: bool
    spectator: Spectator

    @property
    def at(self) -> datetime:
        """When it was read."""
        return self.spectator.at


class ParsedRows:
    """Personal rows by profile, with the documents that they were read from; the least recently used go first.

    Args:
        most_characters: Of all documents together. What is made of them takes about ten times that.
    """

    def __init__(self, *, most_characters: int = 2_000_000) -> None:
        self._most_characters = most_characters
        self._characters = 0
        self._known: OrderedDict[str, tuple[str, PersonalRows]] = OrderedDict()

    def rows(self, profile_id: str, document: str) -> PersonalRows:
        """Return the rows of a document; the same object as before if the profile's document is."""
        known = self._known.get(profile_id)
        if known is not None and known[0] == document:
            self._known.move_to_end(profile_id)
            return known[1]
        rows = load_personal_rows(document)
        if known is not None:
            del self._known[profile_id]
        self._known[profile_id] = document, rows
        self._characters += len(document) - (len(known[0]) if known is not None else 0)
        while self._characters > self._most_characters and len(self._known) > 1:
            _, (oldest, _) = self._known.popitem(last=False)
            self._characters -= len(oldest)
        return rows


class RowReader:
    """Reads rows for viewers; one for each process."""

    def __init__(self, database: Database, row_cache: RowCache, *, clock: Clock) -> None:
        self._database = database
        self._row_cache = row_cache
        self._clock = clock
        self._parsed: dict[BoardKey, tuple[str, Board]] = {}
        self._parsed_rows = ParsedRows()
        self._flights: dict[Hashable, asyncio.Task[Any]] = {}

    async def read(self, pages: Sequence[PageSlug], *, viewer: Viewer, device: DeviceType | None = None) -> Snapshot:
        """Return the boards of the pages, in order, and what the viewer alone may see.

        Raises:
            ServiceUnavailableError: Neither Valkey nor PostgreSQL can give a board.
        """
        keys = [board_key(page, age_limit=viewer.age_limit) for page in pages]
        profile_id = None if viewer.is_kids else viewer.profile_id
        at = self._clock()

        def spectator(tier: Tier | None, segment: Segment | None) -> Spectator:
            return spectator_of(viewer, at=at, tier=tier, device=device, segment=segment)

        unknown = (Tier.FREE, Segment.GUEST) if viewer.is_anonymous else (None, None)
        try:
            glance = await self._row_cache.glance(keys, profile_id=profile_id, user_id=viewer.user_id)
        except ServiceUnavailableError:
            boards = [await self._board_without_cache(key) for key in keys]
            return Snapshot(boards, None, with_ads=viewer.is_anonymous, degraded=True, spectator=spectator(*unknown))
        boards = await self._boards(keys, glance)
        try:
            personal = await self._personal(profile_id, viewer.age_limit, glance) if profile_id else None
            is_premium = await self._is_premium(viewer.user_id, glance.tier, at) if viewer.user_id else False
        except ServiceUnavailableError:
            return Snapshot(boards, None, with_ads=viewer.is_anonymous, degraded=True, spectator=spectator(*unknown))
        return Snapshot(
            boards,
            personal,
            with_ads=not (is_premium or viewer.is_kids),
            degraded=False,
            spectator=spectator(
                Tier.PREMIUM if is_premium else Tier.FREE, personal.segment if personal else unknown[1]
            ),
        )

    async def preview(self, page: PageSlug, *, spectator: Spectator) -> Snapshot:
        """Return the board of a page as such a spectator would get it at that moment, without personal rows.

        It is ranked for this answer alone, from what is known now, and kept nowhere.
        """
        key = board_key(page, age_limit=spectator.age_limit)
        async with self._database.reading() as session:
            rows = await board_repository.rows_of_page(session, page, audience=Audience(key.age_limit, spectator.at))
        with_ads = spectator.tier is Tier.FREE and not spectator.is_kids
        return Snapshot(
            [Board(built_at=self._clock(), rows=rows)], None, with_ads=with_ads, degraded=False, spectator=spectator
        )

    async def _boards(self, keys: Sequence[BoardKey], glance: Glance) -> list[Board]:
        pairs = list(zip(keys, glance.versions, strict=True))
        if len(pairs) == 1:  # a page, nearly always: a task of its own would cost more than the board
            return [await self._board(*pairs[0], glance.stamp)]
        return await asyncio.gather(*(self._board(*pair, glance.stamp) for pair in pairs))

    async def _board(self, key: BoardKey, version: str | None, stamp: Stamp) -> Board:
        parsed = self._parsed.get(key)
        if version is not None and parsed is not None and parsed[0] == version:
            return parsed[1]
        return await self._once((key, stamp), lambda: self._load_board(key, stamp))

    async def _load_board(self, key: BoardKey, stamp: Stamp) -> Board:
        version, document = await self._row_cache.board_document(key)
        if version is None or document is None or not stamp.admits(version):
            return await self.rank_board(key, stamp=stamp)
        board = load_board(document)
        self._parsed[key] = (version, board)
        return board

    async def rank_board(self, key: BoardKey, *, stamp: Stamp) -> Board:
        """Rank a board anew, put it in force and return it."""
        board = await self._ranked(key)
        version = await self._row_cache.store_board(key, dump_rows(board), stamp=stamp)
        self._parsed[key] = (version, board)
        return board

    async def _ranked(self, key: BoardKey) -> Board:
        at = self._clock()
        audience = Audience(key.age_limit, at, opens_by=at + ROW_LIFETIME)
        async with self._database.reading() as session:
            rows = await board_repository.rows_of_page(session, PageSlug(key.name), audience=audience)
        return Board(built_at=at, rows=rows)

    async def _board_without_cache(self, key: BoardKey) -> Board:
        parsed = self._parsed.get(key)
        if parsed is not None and self._clock() - parsed[1].built_at < ROW_LIFETIME:
            return parsed[1]

        async def rank() -> Board:
            board = await self._ranked(key)
            self._parsed[key] = ("", board)
            return board

        _log.warning("ranking without the cache", board=key.name, age_limit=key.age_limit)
        return await self._once(key, rank)

    async def _personal(self, profile_id: str, age_limit: int, glance: Glance) -> PersonalRows:
        if glance.personal_document is not None:
            personal = self._parsed_rows.rows(profile_id, glance.personal_document)
            if personal.generation == glance.stamp.generation and personal.age_limit == age_limit:
                return personal
        return await self._once(
            (profile_id, age_limit, glance.stamp.generation, glance.personal_counter),
            lambda: self.rank_personal(
                profile_id, age_limit=age_limit, generation=glance.stamp.generation, counter=glance.personal_counter
            ),
        )

    async def rank_personal(self, profile_id: str, *, age_limit: int, generation: str, counter: str) -> PersonalRows:
        """Rank the rows of a profile anew, keep and return them."""
        async with self._database.reading() as session:
            personal = await rank_personal_rows(
                session, profile_id, age_limit=age_limit, at=self._clock(), generation=generation
            )
        await self._row_cache.store_personal(profile_id, dump_rows(personal), counter=counter, age_limit=age_limit)
        return personal

    async def _is_premium(self, user_id: str, held: HeldTier | None, at: datetime) -> bool:
        if held is None:
            async with self._database.reading() as session:
                held = HeldTier(*await facts.tier_of(session, user_id))
            await self._row_cache.store_tier(user_id, held)
        return held.is_premium(at)

    async def _once(self, key: Hashable, work: Callable[[], Awaitable[Result]]) -> Result:
        """Return the result of the work; whoever asks for the same key meanwhile waits for the same result."""
        flight = self._flights.get(key)
        if flight is None:
            flight = asyncio.ensure_future(work())
            self._flights[key] = flight
            flight.add_done_callback(lambda _done: self._flights.pop(key, None))
        return await asyncio.shield(flight)
