"""Waits for what resolvers promised, and puts the values in place: a task for each coroutine, no gather for each level.

A task that nobody waits for any more, because an error has nulled its position, is cancelled when the response is
complete. Plain futures are never cancelled: others may wait for them.
"""

from __future__ import annotations

import asyncio
from functools import partial
from types import CoroutineType
from typing import TYPE_CHECKING, Any

from compiled_execution.faults import fail_later

if TYPE_CHECKING:
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
        await flights.cancel_rest([] if complete else run.own_background)


class _Flights:
    """The awaitables of a run that are under way."""

    def __init__(self, run: Run) -> None:
        self._run = run
        self._loop = asyncio.get_running_loop()
        self.waiting: dict[int, tuple[asyncio.Future[Any], Pending]] = {}
        self._abandoned: list[asyncio.Future[Any]] = []
        self._landed: list[int] = []
        self._wakes: asyncio.Future[None] | None = None
        self._count = 0

    async def start(self) -> None:
        """Start all that is pending. A coroutine that is alone runs in the task of the request, as in graphql-core."""
        run = self._run
        while run.pending and run.data is not None:
            pending, run.pending = run.pending, []
            if len(pending) == 1 and not self.waiting and pending[0][0].__class__ is CoroutineType:
                await self._run_alone(pending[0])
            else:
                for entry in pending:
                    self._start(entry)

    async def _run_alone(self, entry: Pending) -> None:
        try:
            value = await entry[0]
        except Exception as error:  # noqa: BLE001  # whatever a resolver raises is the error of its field
            self._fail(entry, error)
        else:
            self._put(entry, value)

    def _start(self, entry: Pending) -> None:
        awaitable = entry[0]
        try:
            future: asyncio.Future[Any] = (
                self._loop.create_task(awaitable)
                if awaitable.__class__ is CoroutineType
                else asyncio.ensure_future(awaitable)
            )
        except Exception as error:  # noqa: BLE001  # an awaitable that cannot be awaited here
            self._fail(entry, error)
            return
        number = self._count
        self._count = number + 1
        self.waiting[number] = (future, entry)
        future.add_done_callback(partial(self._land, number))

    def _land(self, number: int, _future: asyncio.Future[Any]) -> None:
        self._landed.append(number)
        wakes = self._wakes
        if wakes is not None and not wakes.done():
            wakes.set_result(None)

    async def land(self) -> None:
        """Wait until something has come, and put all that has come in place."""
        if not self._landed:
            self._wakes = self._loop.create_future()
            await self._wakes
            self._wakes = None
        landed, self._landed = self._landed, []
        nulled = len(self._run.nulled)
        for number in landed:
            flight = self.waiting.pop(number, None)
            if flight is None:
                continue
            future, entry = flight
            if future.cancelled():
                raise asyncio.CancelledError
            error = future.exception()
            if error is None:
                self._put(entry, future.result())
            elif isinstance(error, Exception):
                self._fail(entry, error)
            else:
                raise error
            if self._run.data is None:
                return
        if len(self._run.nulled) != nulled:
            self._abandon_nulled()

    def _put(self, entry: Pending, value: Any) -> None:
        run = self._run
        _, position, path, container = entry
        if run.is_nulled(path):
            return
        try:
            completed = position.complete(value, path, run)
        except Exception as error:  # noqa: BLE001  # whatever completing raises is the error of its field
            fail_later(position, error, path, run)
            return
        if container is None:
            container = run.container(path)
        if container is not None:
            container[path[1]] = completed

    def _fail(self, entry: Pending, error: Exception) -> None:
        if not self._run.is_nulled(entry[2]):
            fail_later(entry[1], error, entry[2], self._run)

    def _abandon_nulled(self) -> None:
        """Stop waiting for what is below a position that became null."""
        run = self._run
        for number in [number for number, (_, entry) in self.waiting.items() if run.is_nulled(entry[2])]:
            self._abandoned.append(self.waiting.pop(number)[0])
        for entry in [entry for entry in run.pending if run.is_nulled(entry[2])]:
            run.pending.remove(entry)
            if entry[0].__class__ is CoroutineType:
                entry[0].close()

    async def cancel_rest(self, background: list[asyncio.Future[Any]]) -> None:
        """Cancel the tasks that are not needed, and those in the background that are given."""
        for entry in self._run.pending:
            if entry[0].__class__ is CoroutineType:
                entry[0].close()
        self._run.pending = []
        rest = [future for future, _ in self.waiting.values()] + self._abandoned + background
        tasks = [future for future in rest if isinstance(future, asyncio.Task)]
        unfinished = [task for task in tasks if not task.done()]
        for task in unfinished:
            task.cancel()
        if unfinished:
            await asyncio.gather(*unfinished, return_exceptions=True)
        for task in tasks:
            if not task.cancelled():
                task.exception()  # seen: nobody is left who would want to know
