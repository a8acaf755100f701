"""What home pages read: the read models of each profile in Valkey.

Keys of one profile share a hash tag:
* `activity:{<profile>}:ready` says that the others are whole; it expires first, and then all is built again.
* `…:titles`, a hash: `s:<title>` how far the profile came in each playable of the title, `r:<title>` its rating.
* `…:watchlist`, a sorted set of titles by the time they were added.
* `…:continue`, a hash: the row of continue watching of each title that has one.
* `…:revision` counts changes. Who computes a value from MongoDB, or writes one there, remembers the revision first,
  and the value is stored only if nothing changed meanwhile.
"""

from collections.abc import Awaitable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any, cast

import orjson
from redis.asyncio.client import Pipeline

from subgraphs.activity.config import ENGAGEMENT_STREAM, READ_MODEL_LIFETIME, READ_MODEL_MAX_AGE
from subgraphs.activity.events import Engagement
from subgraphs.activity.models.states import ContinueItem, PlayStates, TitleMarks
from subgraphs.activity.repository.packing import pack_item, pack_states, unpack_item, unpack_marks
from subgraphs.shared.redis import Cache

_LONGEST_STREAM = 1_000_000

_APPLY = """
-- Store what was computed from MongoDB, unless the profile changed since the revision that was read before.
-- KEYS: revision, ready, titles, watchlist, continue.  ARGV: revision, changes as JSON, lifetime, largest age.
if (redis.call('GET', KEYS[1]) or '0') ~= ARGV[1] then return 0 end
local changes = cjson.decode(ARGV[2])
if changes.whole then redis.call('DEL', KEYS[3], KEYS[4], KEYS[5]) end
for name, value in pairs(changes.titles) do redis.call('HSET', KEYS[3], name, value) end
for title, at in pairs(changes.watchlist) do redis.call('ZADD', KEYS[4], at, title) end
for title, row in pairs(changes.rows) do
  if row == '' then redis.call('HDEL', KEYS[5], title) else redis.call('HSET', KEYS[5], title, row) end
end
redis.call('INCR', KEYS[1])
for _, key in ipairs({KEYS[1], KEYS[3], KEYS[4], KEYS[5]}) do redis.call('EXPIRE', key, ARGV[3]) end
if changes.whole then redis.call('SET', KEYS[2], '1', 'EX', ARGV[4]) end
return 1
"""

_SAY = """
-- Store what MongoDB holds of one thing that a profile said, unless the profile changed since the revision that was
-- read before MongoDB was asked; by force, have all built again then. Tell the workers with it.
-- KEYS: revision, ready, what the command changes, stream.
-- ARGV: revision, by force, lifetime, longest stream, entry, the command and what follows its key.
if (redis.call('GET', KEYS[1]) or '0') == ARGV[1] then
  redis.call(ARGV[6], KEYS[3], unpack(ARGV, 7))
elseif ARGV[2] == '1' then
  redis.call('DEL', KEYS[2])
else
  return 0
end
redis.call('INCR', KEYS[1])
for _, key in ipairs({KEYS[1], KEYS[3]}) do redis.call('EXPIRE', key, ARGV[3]) end
redis.call('XADD', KEYS[4], 'MAXLEN', '~', ARGV[4], '*', 'd', ARGV[5])
return 1
"""


@dataclass(frozen=True, slots=True)
class Changes:
    """What to store for a profile; a missing row (None) is taken away. `whole` replaces everything."""

    states: Mapping[str, PlayStates]
    rows: Mapping[str, ContinueItem | None]
    ratings: Mapping[str, int] = field(default_factory=dict)
    watchlist: Mapping[str, int] = field(default_factory=dict)
    """Milliseconds since 1970 at which each title was added."""
    whole: bool = False

    def document(self) -> bytes:
        """Return the changes as the script reads them."""
        titles = {f"s:{title}": pack_states(states.values()) for title, states in self.states.items()}
        titles |= {f"r:{title}": str(value) for title, value in self.ratings.items()}
        rows = {title: "" if row is None else pack_item(row) for title, row in self.rows.items()}
        watchlist = {title: str(at) for title, at in self.watchlist.items()}
        return orjson.dumps({"titles": titles, "rows": rows, "watchlist": watchlist, "whole": self.whole})


@dataclass(frozen=True, slots=True)
class WatchlistSlice:
    """Part of a watchlist, newest first, as (title, milliseconds since 1970), and the size of the whole."""

    entries: Sequence[tuple[str, int]]
    total: int


class ReadModel:
    """The read model of one subgraph process. Reads return None when the profile's has to be built first."""

    def __init__(self, cache: Cache) -> None:
        self._cache = cache

    async def marks(self, profile_id: str, title_ids: Sequence[str]) -> dict[str, TitleMarks] | None:
        """Return what the profile did with each of the titles; one round trip. At least one title."""
        names = [f"{kind}:{title}" for kind in "sr" for title in title_ids]

        def fill(pipe: Pipeline) -> None:
            pipe.exists(self._key(profile_id, "ready"))
            pipe.hmget(self._key(profile_id, "titles"), names)
            pipe.zmscore(self._key(profile_id, "watchlist"), list(title_ids))

        ready, values, scores = await self._cache.pipeline(fill)
        if not ready:
            return None
        count = len(title_ids)
        return {
            title: unpack_marks(states, rating, in_watchlist=score is not None)
            for title, states, rating, score in zip(title_ids, values[:count], values[count:], scores, strict=True)
        }

    async def continue_rows(self, profile_id: str) -> list[ContinueItem] | None:
        """Return the profile's rows of continue watching, unordered; one round trip."""

        def fill(pipe: Pipeline) -> None:
            pipe.exists(self._key(profile_id, "ready"))
            pipe.hvals(self._key(profile_id, "continue"))

        ready, rows = await self._cache.pipeline(fill)
        return [unpack_item(row) for row in rows] if ready else None

    async def watchlist(
        self, profile_id: str, *, limit: int | None, after: tuple[int, str] | None
    ) -> WatchlistSlice | None:
        """Return up to `limit` titles of the list (None: all), newest first, after a (milliseconds, title); one round
        trip."""
        key = self._key(profile_id, "watchlist")
        at = None if after is None else after[0]

        def fill(pipe: Pipeline) -> None:
            pipe.exists(self._key(profile_id, "ready"))
            pipe.zcard(key)
            highest = "+inf" if at is None else f"({at}"
            most = -1 if limit is None else limit
            pipe.zrange(key, highest, "-inf", byscore=True, desc=True, offset=0, num=most, withscores=True)
            if at is not None:
                pipe.zrange(key, at, at, byscore=True, desc=True, withscores=True)

        ready, total, below, *same = await self._cache.pipeline(fill)
        if not ready:
            return None
        # Titles added in the same millisecond stand in reverse order of their ids.
        ties = [] if after is None else [(title, score) for title, score in same[0] if title < after[1]]
        return WatchlistSlice([(title, int(score)) for title, score in [*ties, *below]][:limit], total)

    async def revisions(self, profile_ids: Sequence[str]) -> list[str]:
        """Return the revision of each profile, to be given to `apply`."""
        keys = [self._key(profile_id, "revision") for profile_id in profile_ids]

        # Single reads in a pipeline: MGET would need all profiles in one hash slot.
        def fill(pipe: Pipeline) -> None:
            for key in keys:
                pipe.get(key)

        return [value or "0" for value in await self._cache.pipeline(fill)]

    async def apply(self, changes: Sequence[tuple[str, str, Changes]]) -> list[bool]:
        """Store (profile, revision, changes); return for each whether the profile had not changed meanwhile."""

        def fill(pipe: Pipeline) -> None:
            for profile_id, revision, change in changes:
                keys = [
                    self._key(profile_id, name) for name in ("revision", "ready", "titles", "watchlist", "continue")
                ]
                lifetime = int(READ_MODEL_LIFETIME.total_seconds())
                max_age = int(READ_MODEL_MAX_AGE.total_seconds())
                pipe.eval(_APPLY, len(keys), *keys, revision, change.document(), lifetime, max_age)

        return [bool(answer) for answer in await self._cache.pipeline(fill)]

    async def say_listed(self, said: Engagement, added_at_ms: int | None, *, revision: str, by_force: bool) -> bool:
        """Put the title on the list, or take it off for None, and tell the workers; one round trip.

        False, and nothing done, when the profile changed since the revision; by force, all is built again then.
        """
        title = str(said.title_id)
        command = ("ZREM", title) if added_at_ms is None else ("ZADD", str(added_at_ms), title)
        return await self._say(said, "watchlist", *command, revision=revision, by_force=by_force)

    async def say_rated(self, said: Engagement, rating: int, *, revision: str, by_force: bool) -> bool:
        """Store the rating of the title and tell the workers; one round trip. `revision` and result as above."""
        command = ("HSET", f"r:{said.title_id}", str(rating))
        return await self._say(said, "titles", *command, revision=revision, by_force=by_force)

    async def publish(self, said: Engagement) -> None:
        """Tell the workers what changes nothing in the read model."""
        await self._cache.run(
            lambda client: client.xadd(ENGAGEMENT_STREAM, _entry(said), maxlen=_LONGEST_STREAM, approximate=True)
        )

    async def dismiss(self, profile_id: str, title_id: str) -> None:
        """Take the title out of continue watching; one round trip."""

        def fill(pipe: Pipeline) -> None:
            pipe.incr(self._key(profile_id, "revision"))
            pipe.hdel(self._key(profile_id, "continue"), title_id)

        await self._cache.pipeline(fill, transaction=True)

    async def forget(self, profile_ids: Sequence[str]) -> None:
        """Delete everything that is kept of the profiles."""
        names = ("revision", "ready", "titles", "watchlist", "continue")

        def fill(pipe: Pipeline) -> None:
            for profile_id in profile_ids:
                for name in names:
                    pipe.delete(self._key(profile_id, name))

        if profile_ids:
            await self._cache.pipeline(fill)

    async def _say(self, said: Engagement, name: str, *command: str, revision: str, by_force: bool) -> bool:
        keys = [*(self._key(said.profile_id, each) for each in ("revision", "ready", name)), ENGAGEMENT_STREAM]
        entry = orjson.dumps(said.document()).decode()
        lifetime = str(int(READ_MODEL_LIFETIME.total_seconds()))
        arguments = [revision, str(int(by_force)), lifetime, str(_LONGEST_STREAM), entry, *command]
        answer = await self._cache.run(
            lambda client: cast("Awaitable[int]", client.eval(_SAY, len(keys), *keys, *arguments))
        )
        return bool(answer)

    def _key(self, profile_id: str, name: str) -> str:
        return self._cache.key(f"{{{profile_id}}}", name)


def _entry(said: Engagement) -> dict[Any, Any]:
    return {"d": orjson.dumps(said.document())}
