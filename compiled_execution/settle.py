"""Waits for what resolvers promised, and puts the values in place: a task for each coroutine, no gather for each level.

A load costs neither a task nor a future: its batch tells once that it has come back. A task that nobody waits for any
more, because an error has nulled its position, is cancelled at once and has ended when the response is complete.
Futures that a resolver brought are never cancelled: others may wait for them. For the same reason a task that waits
for a future which others watch, as that of a DataLoader's key, comes to its end in the background and is cancelled only
with its request. (A DataLoader whose keys are all cancelled just before their batch begins never answers again.)
"""

from __future__ import annotations

import asyncio
from functools import partial
from types import CoroutineType
from typing import TYPE_CHECKING, Any

from compiled_execution.faults import fail_later, leave_in_background
from compiled_execution.gather import call_batches, fail_batch, put_batch
from compiled_execution.internals import waits_for_shared_future
from compiled_execution.loader import PENDING, VALUE, Load
from compiled_execution.run import put

if TYPE_CHECKING:
    from compiled_execution.loader import Batch
    from compiled_execution.run import Pending, Run


async def settle(run: Run) -> None:
    """Return when every awaitable of the run has its value in the response, or its position is null.

    Raises:
        CancelledError: The caller was cancelled, or an awaitable was; every task of the run has ended then.
    """
    flights = _Flights(run)
    complete = False
    try:
        await flights.start()
        while flights.waiting and run.data is not None:
            await flights.land()
            await flights.start()
        complete = True
    finally:
        # What runs in the background may end after the response, but not after a request that was given up.
        await flights.cancel_rest(given_up=not complete)


class _Flights:
    """The awaitables of a run that are under way."""

    def __init__(self, run: Run) -> None:
        self._run = run
        self._loop = loop = asyncio.get_running_loop()
        # What the loop would do without a factory, one call deeper.
        self._task = partial(asyncio.Task, loop=loop) if loop.get_task_factory() is None else loop.create_task
        self.waiting: dict[int, tuple[asyncio.Future[Any], Pending] | _Loads] = {}
        self._loads: dict[Batch, _Loads] = {}
        self._own: list[tuple[asyncio.Future[Any], Any]] = []
        """Tasks that were cancelled, with what they ran, to be waited for at the end."""
        self._landed: list[tuple[int, Any, Exception | None]] = []
        self._wakes: asyncio.Future[None] | None = None
        self._count = 0

    async def start(self) -> None:
        """Start all that is pending. A coroutine that is alone runs in the task of the request, as in graphql-core."""
        run = self._run
        call_batches(run)
        while run.pending and run.data is not None:
            pending, run.pending = run.pending, []
            if len(pending) == 1 and not self.waiting and pending[0][0].__class__ is CoroutineType:
                await self._run_alone(pending[0])
            else:
                for entry in pending:
                    if entry[0].__class__ is Load:
                        self._start_load(entry)
                    else:
                        self._start(entry)
            call_batches(run)

    async def _run_alone(self, entry: Pending) -> None:
        try:
            value = await entry[0]
        except Exception as error:  # noqa: BLE001  # whatever a resolver raises is the error of its field
            self._fail(entry, error)
        else:
            self._put(entry, value)

    def _start(self, entry: Pending) -> None:
        awaitable = entry[0]
        number = self._number()
        if awaitable.__class__ is CoroutineType:
            self.waiting[number] = self._task(self._fly(number, entry)), entry
            return
        try:
            future = asyncio.ensure_future(awaitable)
        except Exception as error:  # noqa: BLE001  # an awaitable that cannot be awaited here
            self._fail(entry, error)
            return
        self.waiting[number] = (future, entry)
        future.add_done_callback(partial(self._land, number))

    async def _fly(self, number: int, entry: Pending) -> None:
        """Run a coroutine in its task; saves the event loop a call back for each."""
        try:
            value = await entry[0]
        except Exception as error:  # noqa: BLE001  # whatever a resolver raises is the error of its field
            self._arrived(number, None, error)
        except BaseException:
            self._land(number)
            raise
        else:
            self._landed.append((number, value, None))
            if self._wakes is not None:
                self._wake()

    def _start_load(self, entry: Pending) -> None:
        load: Load[Any] = entry[0]
        load.revive()
        batch = load.batch
        if load.state != PENDING or batch is None:  # it came meanwhile
            self._put_loads([entry])
            return
        load.claimed = True
        loads = self._loads.get(batch)
        if loads is None:
            number = self._number()
            watcher = partial(self._land, number)
            loads = self._loads[batch] = self.waiting[number] = _Loads(batch, watcher)
            batch.watch(watcher)
        loads.entries.append(entry)

    def _number(self) -> int:
        self._count += 1
        return self._count

    def _land(self, number: int, future: asyncio.Future[Any] | None = None) -> None:
        if future is not None and not future.cancelled():
            future.exception()  # seen: its error is told, or nobody wants to know
        self._arrived(number, _LOOK, None)

    def _arrived(self, number: int, value: Any, error: Exception | None) -> None:
        self._landed.append((number, value, error))
        if self._wakes is not None:
            self._wake()

    def _wake(self) -> None:
        wakes, self._wakes = self._wakes, None
        if wakes is not None and not wakes.done():  # else the request was cancelled
            wakes.set_result(None)

    async def land(self) -> None:
        """Wait until something has come, and put all that has come in place."""
        if not self._landed:
            self._wakes = self._loop.create_future()
            await self._wakes
        landed, self._landed = self._landed, []
        run = self._run
        nulled = len(run.nulled)
        for number, value, error in landed:
            flight = self.waiting.pop(number, None)
            if flight is None:
                continue
            if isinstance(flight, _Loads):
                self._loads.pop(flight.batch, None)
                self._put_loads(flight.entries)
            elif value is _LOOK:
                self._put_future(*flight)
            elif error is not None:
                self._fail(flight[1], error)
            else:
                self._put(flight[1], value)
            if run.data is None:
                return
        if len(run.nulled) != nulled:
            self._abandon_nulled()

    def _put_future(self, future: asyncio.Future[Any], entry: Pending) -> None:
        if future.cancelled():
            raise asyncio.CancelledError
        error = future.exception()
        if error is None:
            self._put(entry, future.result())
        elif isinstance(error, Exception):
            self._fail(entry, error)
        else:
            raise error

    def _put_loads(self, entries: list[Pending]) -> None:
        run = self._run
        for entry in entries:
            load, position, path, container = entry
            if load.state == VALUE:
                put(load.result, position, path, container, run)  # type: ignore[arg-type]  # a load has both
            else:
                try:
                    load.outcome()
                except Exception as error:  # noqa: BLE001  # the key's own error
                    self._fail(entry, error)
            if run.data is None:
                return

    def _put(self, entry: Pending, value: Any) -> None:
        _, position, path, container = entry
        if position is None or path is None:
            put_batch(self._run, container, value)
        else:
            put(value, position, path, container, self._run)

    def _fail(self, entry: Pending, error: Exception) -> None:
        _, position, path, container = entry
        if position is None or path is None:
            fail_batch(self._run, container, error)
        elif not self._run.is_nulled(path):
            fail_later(position, error, path, self._run)

    def _abandon_nulled(self) -> None:
        """Cancel what is below a position that became null."""
        run = self._run
        for number, flight in list(self.waiting.items()):
            if isinstance(flight, _Loads):
                flight.entries = [entry for entry in flight.entries if not run.is_nulled(entry[2])]
                if not flight.entries:
                    self._forget_loads(number, flight)
            elif _is_needless(flight[1], run):
                del self.waiting[number]
                self._cancel(*flight)
        for entry in [entry for entry in run.pending if _is_needless(entry, run)]:
            run.pending.remove(entry)
            _drop(entry[0])

    def _forget_loads(self, number: int, loads: _Loads) -> None:
        del self.waiting[number]
        self._loads.pop(loads.batch, None)
        loads.batch.unwatch(loads.watcher)

    def _cancel(self, future: asyncio.Future[Any], entry: Pending, *, spare_shared: bool = True) -> None:
        """Cancel the task of an awaitable; a future that was the awaitable itself may have other waiters."""
        if future is entry[0]:
            return
        if spare_shared and waits_for_shared_future(future):
            leave_in_background(self._run, future)
            return
        self._own.append((future, entry[0]))
        future.cancel()

    async def cancel_rest(self, *, given_up: bool) -> None:
        """Cancel the tasks that are not needed, with those in the background if all is; wait until they ended."""
        background = self._run.own_background if given_up else []
        for entry in self._run.pending:
            _drop(entry[0])
        self._run.pending = []
        for number, flight in list(self.waiting.items()):
            if isinstance(flight, _Loads):
                self._forget_loads(number, flight)
            else:
                self._cancel(*flight, spare_shared=not given_up)
        for future in background:
            future.cancel()
        rest = [future for future, _ in self._own] + background
        unfinished = [future for future in rest if not future.done()]
        if unfinished:
            await asyncio.gather(*unfinished, return_exceptions=True)
        for _, awaitable in self._own:
            if awaitable.__class__ is CoroutineType:
                awaitable.close()  # its task was cancelled before it began
        for future in rest:
            if not future.cancelled():
                future.exception()  # seen: nobody is left who would want to know


_Flight = tuple["asyncio.Future[Any]", "Pending"]
_LOOK = object()
"""In place of a value: the future itself has to be asked."""


class _Loads:
    """The loads of one batch for which the run waits."""

    __slots__ = ("batch", "entries", "watcher")

    def __init__(self, batch: Batch, watcher: Any) -> None:
        self.batch = batch
        self.watcher = watcher
        self.entries: list[Pending] = []


def _drop(awaitable: Any) -> None:
    """Let go of what was never awaited, without a warning."""
    if awaitable.__class__ is CoroutineType:
        awaitable.close()
    elif isinstance(awaitable, asyncio.Future):
        awaitable.add_done_callback(_see)


def _see(future: asyncio.Future[Any]) -> None:
    if not future.cancelled():
        future.exception()


def _is_needless(entry: Pending, run: Run) -> bool:
    """Whether everything that the awaitable brings is below a position that became null."""
    _, position, path, container = entry
    if position is None:
        return all(run.is_nulled(batched[2]) for batched in container)
    return run.is_nulled(path)
