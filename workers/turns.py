"""What must not wait: turns on the loop of the worker's stores, each taken as soon as there is something to do.

A turn is a look, one cheap statement; work where it finds something; and a rest, which ends early when a store says
that something came. So an idle worker costs next to nothing, and nothing of this goes through the broker. What may
wait for minutes is Celery's (`celery_config`).

What the stores say is a hint only: a look asks them what is there, so that a hint that got lost costs the length of a
rest, and what a worker that died left behind is found by the next look of whichever worker.
"""

import asyncio
from collections.abc import Awaitable, Callable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime, timedelta

import structlog

from subgraphs.activity.config import ENGAGEMENT_STREAM
from subgraphs.catalog.service.waiting import editors_wait
from subgraphs.playback.config import HEARTBEAT_STREAM
from subgraphs.shared.errors import ServiceUnavailableError
from subgraphs.shared.outbox import has_pending
from subgraphs.shared.streams import newest_entries, wait_for_entries
from workers.encoding import encode_next, encodings_wait
from workers.exporting import advance_exports, exports_wait
from workers.importing import advance_imports, imports_wait
from workers.privacy import make_exports
from workers.publishing import advance_bulk_operations, publish_due_titles, tell_of_collections, tell_of_reminders
from workers.relay import BATCH_SIZE as RELAYED_AT_ONCE
from workers.relay import relay_outbox
from workers.renewing import collect_due
from workers.services import Services
from workers.streams import BATCH_SIZE, drain_streams
from workers.writing import deliver_mails, write_announcements

OUTBOXES = ("users", "catalog", "playback", "billing", "recommendations")
UNTOLD_SECONDS = 4.0
"""After how long a look is taken although no store said anything."""
UNFINISHED_EVERY = timedelta(seconds=15)
"""How often the streams are read although nothing came: entries that a reader took and could not handle wait there."""

_BATCHING_SECONDS = 0.5
"""Heartbeats of so long are handled together, where there are many."""
_BATCHES_AT_ONCE = 20
_AFTER_FAILURE_SECONDS = 1.0
_LONGEST_SECONDS = 120

_log = structlog.get_logger()


@dataclass(frozen=True, slots=True)
class Turn:
    """One kind of work. Turns of one name never overlap in a process."""

    name: str
    look: Callable[[Services], Awaitable[bool]]
    """Whether there is work."""
    work: Callable[[Services], Awaitable[object]]
    rest: Callable[[Services], Awaitable[None]]
    """Until the next look."""
    longest_seconds: float | None = _LONGEST_SECONDS
    """How long each of these may take; None for any time."""
    can_break_off: bool = False
    """Whether the end of the process cuts the work short: it knows how to leave it to somebody else."""


@dataclass(slots=True)
class Streams:
    """Remembers the streams' newest entries, so that reading starts when there are others, or after a while."""

    seen: Mapping[str, str] = field(default_factory=dict)
    read_at: datetime | None = None

    async def look(self, services: Services) -> bool:
        """Whether entries came since the last time, or those unfinished are to be looked at."""
        newest = await newest_entries(services.streams, (HEARTBEAT_STREAM, ENGAGEMENT_STREAM))
        now = services.clock()
        if newest == self.seen and self.read_at is not None and now - self.read_at < UNFINISHED_EVERY:
            return False
        self.seen, self.read_at = newest, now
        return True

    async def work(self, services: Services) -> None:
        """Drain the streams; when there may be more than one turn takes, the next one goes on."""
        if await drain_streams(services) >= BATCH_SIZE:
            self.seen = {}

    async def rest(self, services: Services) -> None:
        """Until there is another entry, but long enough for some to come together."""
        await asyncio.sleep(_BATCHING_SECONDS)
        if self.seen:
            await wait_for_entries(services.streams, self.seen, seconds=UNTOLD_SECONDS)


def all_turns() -> list[Turn]:
    """Return every turn of one worker process, as new as the process."""
    streams = Streams()
    return [
        *(_relaying(name) for name in OUTBOXES),
        Turn("streams", streams.look, streams.work, streams.rest),
        Turn("editors", _editors_wait, _do_editors_work, _sleeping(1.0)),
        Turn("imports", imports_wait, advance_imports, _sleeping(1.0)),
        Turn("catalog exports", exports_wait, advance_exports, _sleeping(1.0)),
        Turn("encodings", encodings_wait, encode_next, _sleeping(2.0), longest_seconds=None, can_break_off=True),
        Turn("mails", lambda services: services.users.mails_wait(), deliver_mails, _sleeping(1.0)),
        Turn("exports", _always, make_exports, _sleeping(5.0)),
        Turn("collecting", _always, collect_due, _sleeping(10.0)),
        Turn("reminders", _always, tell_of_reminders, _sleeping(10.0)),
        Turn("collections", _always, tell_of_collections, _sleeping(5.0)),
        Turn("announcements", _always, write_announcements, _sleeping(10.0)),
    ]


def _relaying(name: str) -> Turn:
    return Turn(
        f"relay {name}",
        lambda services: has_pending(services.listeners[name]),
        lambda services: _relay_everything(services, name),
        lambda services: services.listeners[name].wait(seconds=UNTOLD_SECONDS),
    )


async def _relay_everything(services: Services, name: str) -> None:
    """Go on while as much is relayed as one call may; what no consumer takes ends it, and waits for the next turn."""
    while await relay_outbox(services, name, most_batches=_BATCHES_AT_ONCE) >= _BATCHES_AT_ONCE * RELAYED_AT_ONCE:
        pass


def _sleeping(seconds: float) -> Callable[[Services], Awaitable[None]]:
    return lambda _services: asyncio.sleep(seconds)


async def _always(_services: Services) -> bool:
    """For work that looks itself, seldom enough."""
    return True


async def _editors_wait(services: Services) -> bool:
    return await editors_wait(services.outboxes["catalog"], now=services.clock())


async def _do_editors_work(services: Services) -> None:
    await publish_due_titles(services)
    await advance_bulk_operations(services)


@dataclass(slots=True)
class TakingTurns:
    """Turns that are taken until `end`. To be made and ended on the loop of the stores."""

    services: Services
    _tasks: list[asyncio.Task[None]] = field(default_factory=list)
    _resting: set[str] = field(default_factory=set)
    _breaking_off: set[str] = field(default_factory=set)
    _is_ending: bool = False

    def start(self, turns: Sequence[Turn]) -> None:
        """Begin with a look at each."""
        self._breaking_off |= {turn.name for turn in turns if turn.can_break_off}
        self._tasks += [asyncio.create_task(self._take(turn), name=turn.name) for turn in turns]

    async def end(self) -> None:
        """Take no further turn and return when those that are at work are done: none is cut short, but those that say
        that they can be."""
        self._is_ending = True
        for task in self._tasks:
            if task.get_name() in self._resting | self._breaking_off:
                task.cancel()
        await asyncio.gather(*self._tasks, return_exceptions=True)

    async def _take(self, turn: Turn) -> None:
        while not self._is_ending:
            failed = not await self._tried(turn, self._work)
            if not self._is_ending:
                self._resting.add(turn.name)
                if failed or not await self._tried(turn, self._rest):
                    await asyncio.sleep(_AFTER_FAILURE_SECONDS)
                self._resting.discard(turn.name)

    async def _tried(self, turn: Turn, step: Callable[[Turn], Awaitable[None]]) -> bool:
        """Whether the step succeeded; what went wrong is logged, and the next turn tries again."""
        try:
            async with asyncio.timeout(turn.longest_seconds):
                await step(turn)
        except ServiceUnavailableError as error:
            _log.warning("turn_put_off", turn=turn.name, cause=str(error))
            return False
        except Exception:  # noqa: BLE001  # one kind of work that fails must not stop itself for good
            _log.exception("turn_failed", turn=turn.name)
            return False
        return True

    async def _work(self, turn: Turn) -> None:
        if await turn.look(self.services):
            await turn.work(self.services)

    async def _rest(self, turn: Turn) -> None:
        await turn.rest(self.services)
