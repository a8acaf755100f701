"""One connection to Valkey for all callers: what they ask in one turn of the event loop leaves in one write, answers
come back in the order of the questions.

A connection of its own for each caller costs a place in a pool, a task for the write and timers for the read; here a
caller costs one future, and all together one timer. Commands that wait for something, or that change what their
connection is, must not come here.
"""

import asyncio
from collections import deque
from typing import Any, Protocol

import hiredis
from redis.exceptions import ConnectionError as RedisConnectionError
from redis.exceptions import InvalidResponse
from redis.exceptions import TimeoutError as RedisTimeoutError

NOT_YET = object()
"""What the reader has while an answer is not complete."""


class LineClosedError(RedisConnectionError):
    """The line was closed by who owns it, while somebody waited for an answer."""

    def __init__(self) -> None:
        super().__init__("The line to Valkey was closed.")


class Connection(Protocol):
    """What opens a connection and says hello."""

    async def open(self) -> None:
        """Return when commands can be sent."""

    def hand_over(self, protocol: asyncio.Protocol, not_yet: object) -> tuple[asyncio.StreamWriter, hiredis.Reader]:
        """Let the protocol have what comes from now on; return what sends, and what reads answers."""


class _Question:
    """Commands that were sent together, and the answers so far."""

    __slots__ = ("answers", "count", "deadline", "future")

    def __init__(self, future: asyncio.Future[list[Any]], count: int, deadline: float) -> None:
        self.future = future
        self.count = count
        self.deadline = deadline
        self.answers: list[Any] = []


class _Wire(asyncio.Protocol):
    """An open connection. It ends at the first fault: afterwards nobody could tell which answer is whose."""

    def __init__(self, connection: Connection, *, timeout_seconds: float) -> None:
        self._loop = asyncio.get_running_loop()
        self._timeout_seconds = timeout_seconds
        self._asked: deque[_Question] = deque()
        self._unsent: list[bytes] = []
        self._timer: asyncio.TimerHandle | None = None
        self.lost: Exception | None = None
        self.ended: asyncio.Future[None] = self._loop.create_future()
        self._writer, self._reader = connection.hand_over(self, NOT_YET)

    def ask(self, packed: bytes, count: int) -> asyncio.Future[list[Any]]:
        """Return the answers, to come, of that many commands; raises what ended the connection, if it has ended."""
        if self.lost is not None:
            raise _again(self.lost)
        future: asyncio.Future[list[Any]] = self._loop.create_future()
        deadline = self._loop.time() + self._timeout_seconds
        self._asked.append(_Question(future, count, deadline))
        if not self._unsent:
            self._loop.call_soon(self._flush)
        self._unsent.append(packed)
        if self._timer is None:
            self._timer = self._loop.call_at(deadline, self._look)
        return future

    def data_received(self, data: bytes) -> None:
        """Hand out the answers that are complete."""
        try:
            self._reader.feed(data)
            while (answer := self._reader.gets()) is not NOT_YET:
                if not isinstance(answer, hiredis.PushNotification):
                    self._take(answer)
        except (InvalidResponse, LookupError, ValueError) as error:
            self._end(RedisConnectionError(f"Valkey's answer cannot be read: {error}"))

    def eof_received(self) -> None:
        """Let the transport close."""

    def connection_lost(self, exc: Exception | None) -> None:  # noqa: ARG002  # asyncio's
        """Tell all who wait."""
        self._end(RedisConnectionError("Valkey closed the connection."))
        if not self.ended.done():
            self.ended.set_result(None)

    def close(self) -> None:
        """End the connection."""
        self._end(LineClosedError())

    def _flush(self) -> None:
        unsent, self._unsent = self._unsent, []
        if self.lost is None:
            self._writer.write(unsent[0] if len(unsent) == 1 else b"".join(unsent))

    def _take(self, answer: Any) -> None:
        question = self._asked[0]
        question.answers.append(answer)
        if len(question.answers) == question.count:
            self._asked.popleft()
            if not question.future.done():  # else who asked was cancelled
                question.future.set_result(question.answers)

    def _look(self) -> None:
        """End the connection if the oldest question has waited too long, else look again when that could be."""
        self._timer = None
        if not self._asked:
            return
        deadline = self._asked[0].deadline
        if self._loop.time() < deadline:
            self._timer = self._loop.call_at(deadline, self._look)
        else:
            self._end(RedisTimeoutError("Valkey took too long to answer."))

    def _end(self, error: Exception) -> None:
        if self.lost is not None:
            return
        self.lost = error
        self._writer.transport.abort()
        if self._timer is not None:
            self._timer.cancel()
        for question in self._asked:
            if not question.future.done():
                question.future.set_exception(_again(error))
                question.future.exception()  # seen: who asked may have gone
        self._asked.clear()


def _again(error: Exception) -> Exception:
    """Return the error for one more who is told: each takes a traceback of its own."""
    return LineClosedError() if isinstance(error, LineClosedError) else type(error)(*error.args)


class Line:
    """A connection that is opened when it is needed, and anew when it was lost."""

    def __init__(self, connections: Any, *, timeout_seconds: float) -> None:
        """`connections` makes connections that can be handed over: redis-py's pool with such a class."""
        self._connections = connections
        self._timeout_seconds = timeout_seconds
        self._wire: _Wire | None = None
        self._opening: asyncio.Task[_Wire] | None = None

    async def ask(self, packed: bytes, count: int) -> list[Any]:
        """Return the answers of that many commands; an answer may be an error.

        Like the pool's connections, one that was lost is replaced and asked again, once.

        Raises:
            redis.ConnectionError, redis.TimeoutError, OSError: Valkey does not answer, or the line was closed.
        """
        wire = self._wire
        if wire is None or wire.lost is not None:
            wire = await self._open()
        try:
            return await wire.ask(packed, count)
        except LineClosedError:
            raise
        except RedisConnectionError:
            return await (await self._open()).ask(packed, count)

    async def close(self) -> None:
        """Close the connection."""
        if self._opening is not None:
            self._opening.cancel()
            await asyncio.wait([self._opening])
        if self._wire is not None:
            self._wire.close()
            await self._wire.ended
            self._wire = None

    async def _open(self) -> _Wire:
        """Return an open connection; all who need one wait for the same."""
        wire = self._wire
        if wire is not None and wire.lost is None:
            return wire
        if self._opening is None:
            self._opening = asyncio.create_task(self._connect())
            self._opening.add_done_callback(self._opened)
        opening = self._opening
        try:
            return await asyncio.shield(opening)
        except asyncio.CancelledError:
            task = asyncio.current_task()
            if opening.cancelled() and not (task and task.cancelling()):
                raise LineClosedError from None
            raise

    async def _connect(self) -> _Wire:
        connection: Connection = self._connections.make_connection()
        async with asyncio.timeout(self._timeout_seconds):
            await connection.open()
        self._wire = _Wire(connection, timeout_seconds=self._timeout_seconds)
        return self._wire

    def _opened(self, opening: asyncio.Task[_Wire]) -> None:
        self._opening = None
        if not opening.cancelled():
            opening.exception()  # whoever waited has it
