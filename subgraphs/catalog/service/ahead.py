"""Making things in a thread while what was made before is put to use: Python works while the database does."""

import asyncio
from collections import deque
from collections.abc import AsyncGenerator, Iterator
from concurrent.futures import ThreadPoolExecutor
from typing import TypeVar

Thing = TypeVar("Thing")

MOST_AHEAD = 8
"""Things that are made before the first of them is taken."""


async def made_ahead(things: Iterator[Thing]) -> AsyncGenerator[Thing, None]:
    """Yield the things, each made while those before it are at work; none of them is None.

    Whoever may stop before the end closes the generator. What making one raises is raised in its place.
    """
    thread = ThreadPoolExecutor(max_workers=1, thread_name_prefix="made-ahead")
    waiting = deque(thread.submit(next, things, None) for _ in range(MOST_AHEAD))
    try:
        while (thing := await asyncio.wrap_future(waiting.popleft())) is not None:
            waiting.append(thread.submit(next, things, None))
            yield thing
    finally:
        thread.shutdown(wait=False, cancel_futures=True)
