"""One event loop and one set of open stores per worker process; tasks of any thread run their coroutines there, and so
do the turns (`turns`), from the moment that the stores are open."""

import asyncio
import threading
from collections.abc import Awaitable, Callable, Sequence
from contextlib import AsyncExitStack
from typing import TypeVar

import uvloop

from workers.config import Settings
from workers.services import Services, open_services
from workers.turns import TakingTurns, Turn

Result = TypeVar("Result")

_TASK_TIMEOUT_SECONDS = 120


class WorkerRuntime:
    """Opens its stores with the first task and closes them with `close`."""

    def __init__(
        self, *, settings: Callable[[], Settings] = Settings, turns: Callable[[], Sequence[Turn]] = tuple
    ) -> None:
        self._settings = settings
        self._turns = turns
        self._taking: TakingTurns | None = None
        self._lock = threading.Lock()
        self._loop: asyncio.AbstractEventLoop | None = None
        self._thread: threading.Thread | None = None
        self._stack = AsyncExitStack()
        self._services: Services | None = None
        self._busy: set[str] = set()

    def run(self, name: str, work: Callable[[Services], Awaitable[Result]]) -> Result | None:
        """Return what the work returns; None, without doing it, while work of that name still runs.

        Raises:
            TimeoutError: It took longer than two minutes; it is cancelled.
        """
        with self._lock:
            if name in self._busy:
                return None
            self._busy.add(name)
        try:
            with self._lock:
                loop = self._started_loop()
            future = asyncio.run_coroutine_threadsafe(self._do(work), loop)
            try:
                return future.result(timeout=_TASK_TIMEOUT_SECONDS)
            except TimeoutError:
                future.cancel()
                raise
        finally:
            with self._lock:
                self._busy.discard(name)

    def close(self) -> None:
        """Close the stores and end the loop; work can start again afterwards."""
        with self._lock:
            loop, thread = self._loop, self._thread
            self._loop = self._thread = None
        if loop is not None and thread is not None:
            asyncio.run_coroutine_threadsafe(self._close_stores(), loop).result(timeout=_TASK_TIMEOUT_SECONDS)
            _end(loop, thread)

    def _started_loop(self) -> asyncio.AbstractEventLoop:
        if self._loop is not None:
            return self._loop
        loop = uvloop.new_event_loop()
        thread = threading.Thread(target=loop.run_forever, name="worker-loop", daemon=True)
        thread.start()
        try:
            # Stores belong to the loop, so they are opened on it, before anything else runs there.
            asyncio.run_coroutine_threadsafe(self._open_stores(), loop).result(timeout=_TASK_TIMEOUT_SECONDS)
        except BaseException:
            # A store does not answer yet: the next task tries again, with a loop of its own.
            _end(loop, thread)
            raise
        self._loop, self._thread = loop, thread
        return loop

    async def _open_stores(self) -> None:
        self._services = await self._stack.enter_async_context(open_services(self._settings()))
        self._taking = TakingTurns(self._services)
        self._taking.start(self._turns())

    async def _close_stores(self) -> None:
        if self._taking is not None:
            await self._taking.end()
        self._services = self._taking = None
        await self._stack.aclose()

    async def _do(self, work: Callable[[Services], Awaitable[Result]]) -> Result:
        if self._services is None:
            raise RuntimeError("The worker's stores are closed.")
        return await work(self._services)


def _end(loop: asyncio.AbstractEventLoop, thread: threading.Thread) -> None:
    loop.call_soon_threadsafe(loop.stop)
    thread.join()
    loop.close()
