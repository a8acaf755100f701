"""Fixtures for the tests that compare with graphql-core."""

import asyncio
import gc
import re
from collections import Counter
from collections.abc import Iterator

import pytest

_OURS = re.compile(r"compiled_execution|^graphql\.")

UNAWAITED = ("ignore::pytest.PytestUnraisableExceptionWarning", "ignore:coroutine .* was never awaited")
"""graphql-core leaves coroutines unawaited when it cancels what has not begun: what its tests need not hear of."""


@pytest.fixture
def collected_leftovers() -> Iterator[None]:
    """Have the unawaited coroutines collected while they are expected, not in the next test."""
    yield
    gc.collect()


def held_objects() -> Counter[str]:
    """Return how many objects of compiled execution, its tests and graphql-core live, by type.

    Not all of the process: servers that other tests share make their own.
    """
    gc.collect()
    kinds = [type(each) for each in gc.get_objects()]
    return Counter(kind.__qualname__ for kind in kinds if _OURS.search(str(kind.__module__)))


def new_tasks(before: set[asyncio.Task[object]]) -> set[asyncio.Task[object]]:
    """Return the tasks that were not there before. Those of shared servers may have ended meanwhile."""
    return asyncio.all_tasks() - before
