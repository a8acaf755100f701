"""The thread in which operations are compiled, so that no event loop waits for it longer than it has to."""

from __future__ import annotations

import os
import time
from concurrent.futures import ThreadPoolExecutor
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Callable

_MOST_WAITING = 16
"""Plans that wait for the thread; what is asked for beyond them is compiled when it is asked for again."""


class CompilerThread:
    """One thread for all schemas. It starts with the first plan, anew in each forked process."""

    def __init__(self) -> None:
        self._pool: ThreadPoolExecutor | None = None
        self._waiting = 0
        os.register_at_fork(after_in_child=self._forget)

    def submit(self, work: Callable[[], None]) -> bool:
        """Do the work some time, unless too much is waiting already; return whether it will be done."""
        if self._waiting >= _MOST_WAITING:
            return False
        if self._pool is None:
            self._pool = ThreadPoolExecutor(1, thread_name_prefix="compile")
        self._waiting += 1
        self._pool.submit(work).add_done_callback(self._done)
        return True

    def _done(self, _future: object) -> None:
        self._waiting -= 1

    def _forget(self) -> None:
        self._pool, self._waiting = None, 0


compiler_thread = CompilerThread()


def let_others_go_on() -> None:
    """Let a thread go on that waits for the interpreter: by itself it would get it after five milliseconds."""
    time.sleep(0)
