"""Sliding windows: how many units were taken within the last seconds, and when the next may be.

Exact: every admitted unit is remembered until it leaves the window. What is refused is not counted.
"""

import time
from collections import OrderedDict, deque
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Protocol

MAX_LOCAL_WINDOWS = 100_000


class WindowsUnavailableError(Exception):
    """The windows cannot be asked at the moment."""


@dataclass(frozen=True, slots=True)
class Take:
    """Units wanted of one window.

    Attributes:
        key: Names the window.
        amount: Units wanted, all or none.
        limit: Most units within the window.
        seconds: Length of the window.
    """

    key: str
    amount: int
    limit: int
    seconds: float


class Windows(Protocol):
    """Windows by key."""

    async def take(self, takes: Sequence[Take]) -> list[float]:
        """Take of every window, or of none; return the seconds to wait for each: all 0 when they were taken.

        Who wants more than a window ever holds waits for its whole length, in vain.

        Raises:
            WindowsUnavailableError: Nothing is known, and nothing was taken as far as is known.
        """
        ...

    async def aclose(self) -> None:
        """Close connections."""
        ...


class LocalWindows:
    """Windows in this process's memory, at most `MAX_LOCAL_WINDOWS`: those not used for the longest time go first.

    Args:
        clock: Seconds.
    """

    def __init__(self, *, clock: Callable[[], float] = time.monotonic) -> None:
        self._clock = clock
        self._taken: OrderedDict[str, deque[float]] = OrderedDict()

    async def take(self, takes: Sequence[Take]) -> list[float]:
        """See `Windows`."""
        now = self._clock()
        waits = [self._wait(take, now) for take in takes]
        if not any(waits):
            for take in takes:
                self._taken[take.key].extend([now] * take.amount)
        return waits

    async def aclose(self) -> None:
        """Forget everything."""
        self._taken.clear()

    def _wait(self, take: Take, now: float) -> float:
        taken = self._taken.get(take.key)
        if taken is None:
            taken = self._taken[take.key] = deque()
            if len(self._taken) > MAX_LOCAL_WINDOWS:
                self._taken.popitem(last=False)
        else:
            self._taken.move_to_end(take.key)
        while taken and taken[0] <= now - take.seconds:
            taken.popleft()
        if len(taken) + take.amount <= take.limit:
            return 0.0
        if take.amount > take.limit:
            return take.seconds
        return taken[len(taken) + take.amount - take.limit - 1] + take.seconds - now
