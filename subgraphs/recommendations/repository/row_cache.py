"""Ranked rows and tiers in Valkey: everything here can be rebuilt from PostgreSQL.

Keys, all below `recommendations:`
  generation           a counter; it grows when a title that was known changes, and makes every older row stale
  edition              a counter; it grows when titles come in or change, and makes every older board stale
  board:<name>:<limit> a hash: `v` the version (`<stamp>.<nonce>`), `d` the document; lives as long as a row may
  personal:{profile}   a hash: `g` a counter that a play or rating raises, `d` the document, `l` the age limit last used
  computed-at          when the charts were computed last: an empty history leaves no other trace
  tier:<user>          the tier and until when, for five minutes
"""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any
from uuid import uuid4

from redis.asyncio.client import Pipeline

from subgraphs.recommendations.config import PERSONAL_LIFETIME, ROW_LIFETIME
from subgraphs.shared.redis import Cache
from subgraphs.shared.values import Tier

TIER_LIFETIME_SECONDS = 300

_STORE_UNLESS_CHANGED = """
if (redis.call('HGET', KEYS[1], 'g') or '0') ~= ARGV[1] then return 0 end
redis.call('HSET', KEYS[1], 'd', ARGV[2], 'l', ARGV[3])
redis.call('EXPIRE', KEYS[1], ARGV[4])
return 1
"""


@dataclass(frozen=True, slots=True)
class BoardKey:
    """The name of a page or chart, and the age limit that it was ranked for."""

    name: str
    age_limit: int


@dataclass(frozen=True, slots=True)
class HeldTier:
    """A tier and until when it holds (None: no end known)."""

    tier: Tier
    until: datetime | None

    def is_premium(self, at: datetime) -> bool:
        """Whether the account has PREMIUM at that moment."""
        return self.tier is Tier.PREMIUM and (self.until is None or at < self.until)


@dataclass(frozen=True, slots=True)
class Stamp:
    """The counters at one moment. Rows are kept with the stamp read before they were ranked, so that a change
    meanwhile makes them stale at once."""

    generation: str
    edition: str

    @property
    def of_board(self) -> str:
        """What the version of a valid board begins with."""
        return f"{self.generation}-{self.edition}"

    def admits(self, version: str | None) -> bool:
        """Whether a board of that version is still valid."""
        return version is not None and version.partition(".")[0] == self.of_board


@dataclass(frozen=True, slots=True)
class Glance:
    """What one round trip found. `versions` has one for each board asked for, None where there is no valid one."""

    stamp: Stamp
    versions: Sequence[str | None]
    personal_counter: str
    personal_document: str | None
    tier: HeldTier | None


class RowCache:
    """Reads and writes the keys above."""

    def __init__(self, cache: Cache) -> None:
        self._cache = cache

    async def glance(self, boards: Sequence[BoardKey], *, profile_id: str | None, user_id: str | None) -> Glance:
        """Return the versions of the boards, the profile's rows and the account's tier, in one round trip."""

        def fill(pipe: Pipeline) -> None:
            pipe.mget(self._stamp_keys)
            pipe.hmget(self._personal_key(profile_id or "-"), ["g", "d"])
            pipe.get(self._cache.key("tier", user_id or "-"))
            for board in boards:
                pipe.hget(self._board_key(board), "v")

        counters, (counter, document), tier, *versions = await self._cache.pipeline(fill)
        stamp = _load_stamp(counters)
        return Glance(
            stamp=stamp,
            versions=[version if stamp.admits(version) else None for version in versions],
            personal_counter=counter or "0",
            personal_document=document,
            tier=_load_tier(tier),
        )

    async def board_document(self, board: BoardKey) -> tuple[str | None, str | None]:
        """Return the version and the document of a board."""

        def fill(pipe: Pipeline) -> None:
            pipe.hmget(self._board_key(board), ["v", "d"])

        version, document = (await self._cache.pipeline(fill))[0]
        return version, document

    async def stamp(self) -> Stamp:
        """Return the counters that make older rows stale."""

        def fill(pipe: Pipeline) -> None:
            pipe.mget(self._stamp_keys)

        return _load_stamp((await self._cache.pipeline(fill))[0])

    async def store_board(self, board: BoardKey, document: str, *, stamp: Stamp) -> str:
        """Put a board in force and return its version. `stamp` is the one read before its statement ran."""
        version = f"{stamp.of_board}.{uuid4().hex[:12]}"
        key = self._board_key(board)

        def fill(pipe: Pipeline) -> None:
            pipe.hset(key, mapping={"v": version, "d": document})
            pipe.expire(key, ROW_LIFETIME)

        await self._cache.pipeline(fill, transaction=True)
        return version

    async def drop_boards(self) -> None:
        """Make every board stale."""
        await self._cache.run(lambda client: client.incr(self._cache.key("edition")))

    async def drop_all_rows(self) -> None:
        """Make every board and every personal row stale."""
        await self._cache.run(lambda client: client.incr(self._cache.key("generation")))

    async def store_personal(self, profile_id: str, document: str, *, counter: str, age_limit: int) -> None:
        """Keep a profile's rows unless something was recorded since `counter` was read."""
        arguments: list[Any] = [counter, document, age_limit, int(PERSONAL_LIFETIME.total_seconds())]
        await self._cache.run(
            lambda client: client.eval(_STORE_UNLESS_CHANGED, 1, self._personal_key(profile_id), *arguments)
        )

    async def drop_personal(self, profile_ids: Sequence[str]) -> None:
        """Make the rows of the profiles stale, in one round trip."""
        if not profile_ids:
            return

        def fill(pipe: Pipeline) -> None:
            for profile_id in profile_ids:
                key = self._personal_key(profile_id)
                pipe.hincrby(key, "g", 1)
                pipe.hdel(key, "d")
                pipe.expire(key, PERSONAL_LIFETIME)

        await self._cache.pipeline(fill)

    async def forget(self, *, user_ids: Sequence[str], profile_ids: Sequence[str]) -> None:
        """Delete everything that is kept of the accounts and profiles."""
        keys = [self._personal_key(profile_id) for profile_id in profile_ids]
        keys += [self._cache.key("tier", user_id) for user_id in user_ids]

        def fill(pipe: Pipeline) -> None:
            for key in keys:
                pipe.delete(key)

        if keys:
            await self._cache.pipeline(fill)

    async def stale_personal(self, profile_ids: Sequence[str]) -> dict[str, tuple[str, int]]:
        """Return counter and age limit of those profiles whose rows were in use lately and are stale now."""

        def fill(pipe: Pipeline) -> None:
            for profile_id in profile_ids:
                pipe.hmget(self._personal_key(profile_id), ["g", "l", "d"])

        answers = await self._cache.pipeline(fill) if profile_ids else []
        return {
            profile_id: (counter or "0", int(age_limit))
            for profile_id, (counter, age_limit, document) in zip(profile_ids, answers, strict=True)
            if age_limit is not None and document is None
        }

    async def store_tier(self, user_id: str, held: HeldTier) -> None:
        """Keep an account's tier for five minutes."""
        value = f"{held.tier.value}|{held.until.isoformat() if held.until else ''}"
        await self._cache.run(
            lambda client: client.set(self._cache.key("tier", user_id), value, ex=TIER_LIFETIME_SECONDS)
        )

    async def drop_tiers(self, user_ids: Sequence[str]) -> None:
        """Forget the tiers of the accounts."""
        if user_ids:
            keys = [self._cache.key("tier", user_id) for user_id in user_ids]
            await self._cache.run(lambda client: client.unlink(*keys))

    async def mark_computed(self, at: datetime) -> None:
        """Remember when the charts were computed."""
        await self._cache.run(lambda client: client.set(self._cache.key("computed-at"), at.isoformat()))

    async def computed_at(self) -> datetime | None:
        """Return when the charts were computed last, as far as Valkey knows."""

        def fill(pipe: Pipeline) -> None:
            pipe.get(self._cache.key("computed-at"))

        [text] = await self._cache.pipeline(fill)
        return None if text is None else datetime.fromisoformat(text)

    @property
    def _stamp_keys(self) -> list[str]:
        return [self._cache.key("generation"), self._cache.key("edition")]

    def _board_key(self, board: BoardKey) -> str:
        return self._cache.key("board", board.name, str(board.age_limit))

    def _personal_key(self, profile_id: str) -> str:
        return self._cache.key("personal", f"{{{profile_id}}}")


def _load_stamp(counters: Sequence[str | None]) -> Stamp:
    generation, edition = counters
    return Stamp(generation or "0", edition or "0")


def _load_tier(value: str | None) -> HeldTier | None:
    if value is None:
        return None
    tier, _, until = value.partition("|")
    return HeldTier(Tier(tier), datetime.fromisoformat(until) if until else None)
