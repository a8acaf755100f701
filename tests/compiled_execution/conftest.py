"""Fixtures for the tests that compare with graphql-core."""

import gc
from collections.abc import Iterator

import pytest

UNAWAITED = ("ignore::pytest.PytestUnraisableExceptionWarning", "ignore:coroutine .* was never awaited")
"""graphql-core leaves coroutines unawaited when it cancels what has not begun: what its tests need not hear of."""


@pytest.fixture
def collected_leftovers() -> Iterator[None]:
    """Have the unawaited coroutines collected while they are expected, not in the next test."""
    yield
    gc.collect()
