"""Whether the router is ready, and if configured, whether its subgraphs are."""

import asyncio
import time
from collections.abc import Callable
from typing import Any, Protocol

KEEP_SECONDS = 2.0


class AsksSubgraphs(Protocol):
    """An engine, as far as this module needs it."""

    async def ask_subgraphs(self) -> dict[str, str]:
        """Return `ok` or a code by subgraph."""
        ...


class Readiness:
    """Answers `/ready`. Anyone may ask, so subgraphs are asked at most every two seconds, by one request for all.

    Args:
        asks_subgraphs: Ready means that every subgraph answers, too.
        clock: Monotonic seconds.
    """

    def __init__(self, *, asks_subgraphs: bool, clock: Callable[[], float] = time.monotonic) -> None:
        self._asks_subgraphs = asks_subgraphs
        self._clock = clock
        self._known: dict[str, str] = {}
        self._known_until = 0.0
        self._asking = asyncio.Lock()

    async def answer(self, engine: AsksSubgraphs) -> tuple[bool, dict[str, Any]]:
        """Return whether all is ready, and the body that says so."""
        if not self._asks_subgraphs:
            return True, {"status": "ready"}
        async with self._asking:
            if not self._known or self._clock() >= self._known_until:
                self._known = await engine.ask_subgraphs()
                self._known_until = self._clock() + KEEP_SECONDS
        is_ready = all(answer == "ok" for answer in self._known.values())
        return is_ready, {"status": "ready" if is_ready else "unavailable", "subgraphs": self._known}
