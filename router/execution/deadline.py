"""Time limits for what a task does in a block: `asyncio.timeout_at` at a fraction of its cost, for every call."""

import asyncio
from types import TracebackType
from typing import Protocol


class Deadline:
    """A context manager that raises TimeoutError when the block is not left in time.

    Args:
        when: In seconds of the event loop's clock.
    """

    __slots__ = ("_cancelling", "_has_expired", "_task", "_timer", "_when")

    def __init__(self, when: float) -> None:
        self._when = when
        self._has_expired = False

    def __enter__(self) -> None:
        """Begin, in a task."""
        task = asyncio.current_task()
        assert task is not None
        self._task = task
        self._cancelling = task.cancelling()
        self._timer = asyncio.get_running_loop().call_at(self._when, self.expire)

    def __exit__(
        self, error_type: type[BaseException] | None, error: BaseException | None, _traceback: TracebackType | None
    ) -> None:
        """End; a cancellation that came from here becomes a TimeoutError, one from elsewhere stays what it is."""
        self._timer.cancel()
        if self._has_expired:
            self._end_late(error_type, error)

    def expire(self) -> None:
        """Cancel the task: it is late."""
        self._has_expired = True
        self._task.cancel()

    def _end_late(self, error_type: type[BaseException] | None, error: BaseException | None) -> None:
        others = self._task.uncancel() - self._cancelling
        if others <= 0 and error_type is not None and issubclass(error_type, asyncio.CancelledError):
            raise TimeoutError from error


class Limited(Protocol):
    """What may be late."""

    def expire(self) -> None:
        """Take note that the time is up."""
        ...


class TimeLimit:
    """Keeps deadlines that are all equally far away when they begin, and so pass in the order in which they began.

    One timer serves all of them: it runs until the first that has not ended. What ends in time, as nearly everything
    does, costs no timer.

    Args:
        seconds: From the beginning to the deadline.
    """

    def __init__(self, seconds: float) -> None:
        self.seconds = seconds
        self._loop: asyncio.AbstractEventLoop | None = None
        self._timer: asyncio.TimerHandle | None = None
        self._running: dict[Limited, float] = {}

    def block(self) -> "_LimitedBlock":
        """Return a context manager that raises TimeoutError when its block is not left in time."""
        return _LimitedBlock(self)

    def begin(self, limited: Limited, loop: asyncio.AbstractEventLoop) -> None:
        """Take note of what begins, in the running loop: it expires unless it ends in time."""
        if loop is not self._loop:  # nothing of another one can be running any more
            self._loop, self._timer, self._running = loop, None, {}
        when = loop.time() + self.seconds
        self._running[limited] = when
        if self._timer is None:
            self._timer = loop.call_at(when, self._look)

    def end(self, limited: Limited) -> None:
        """Take note of its end."""
        self._running.pop(limited, None)

    def _look(self) -> None:
        assert self._loop is not None
        self._timer = None
        now = self._loop.time()
        for limited, when in list(self._running.items()):
            if when > now:
                self._timer = self._loop.call_at(when, self._look)
                return
            del self._running[limited]
            limited.expire()


class _LimitedBlock(Deadline):
    """A deadline whose time another object keeps."""

    __slots__ = ("_limit",)

    def __init__(self, limit: TimeLimit) -> None:
        self._limit = limit
        self._has_expired = False

    def __enter__(self) -> None:
        loop = asyncio.get_running_loop()
        task = asyncio.current_task(loop)
        assert task is not None
        self._task = task
        self._cancelling = task.cancelling()
        self._limit.begin(self, loop)

    def __exit__(
        self, error_type: type[BaseException] | None, error: BaseException | None, _traceback: TracebackType | None
    ) -> None:
        self._limit.end(self)
        if self._has_expired:
            self._end_late(error_type, error)
