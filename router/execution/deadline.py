"""A time limit for what a task does in a block: `asyncio.timeout_at` at a third of its cost, for every call."""

import asyncio
from types import TracebackType


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
        self._timer = asyncio.get_running_loop().call_at(self._when, self._expire)

    def __exit__(
        self, error_type: type[BaseException] | None, error: BaseException | None, _traceback: TracebackType | None
    ) -> None:
        """End; a cancellation that came from here becomes a TimeoutError, one from elsewhere stays what it is."""
        self._timer.cancel()
        if not self._has_expired:
            return
        others = self._task.uncancel() - self._cancelling
        if others <= 0 and error_type is not None and issubclass(error_type, asyncio.CancelledError):
            raise TimeoutError from error

    def _expire(self) -> None:
        self._has_expired = True
        self._task.cancel()
