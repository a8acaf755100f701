"""Stops work for a client that has gone away."""

import asyncio

from router.http.asgi import Receive

# Most requests are done before that, and then watching them would only cost.
WATCH_AFTER_SECONDS = 0.1


class Departure:
    """Watches one request and cancels the task that works on it when the client disconnects.

    Args:
        receive: Of the ASGI connection, after the body was read.

    Attributes:
        is_gone: Whether the client went away; then the task was cancelled by this.
    """

    __slots__ = ("_listening", "_receive", "_task", "_timer", "is_gone")

    def __init__(self, receive: Receive) -> None:
        self._receive = receive
        self._task: asyncio.Task[object] | None = None
        self._timer: asyncio.TimerHandle | None = None
        self._listening: asyncio.Task[None] | None = None
        self.is_gone = False

    def watch(self) -> None:
        """Begin, in the task that is to be cancelled."""
        self._task = asyncio.current_task()
        self._timer = asyncio.get_running_loop().call_later(WATCH_AFTER_SECONDS, self._listen_from_now)

    def end(self) -> None:
        """Stop watching: the work is done."""
        if self._timer is not None:
            self._timer.cancel()
        if self._listening is not None:
            self._listening.cancel()

    def settle(self) -> None:
        """Take back the cancellation of the task, once it has stopped its work."""
        if self._task is not None:
            self._task.uncancel()

    def _listen_from_now(self) -> None:
        self._listening = asyncio.get_running_loop().create_task(self._listen())

    async def _listen(self) -> None:
        while (await self._receive())["type"] != "http.disconnect":
            pass
        if self._task is not None and not self._task.done():
            self.is_gone = True
            self._task.cancel()
