"""The whole platform for end-to-end tests: real stores, the seed, router and subgraphs together in this process.

All tests of this folder run in one xdist worker (see `pytest_collection_modifyitems`), so that the platform is seeded
once. Tests that write use their own demo person or register one.
"""

import os
from collections.abc import AsyncIterator, Iterator
from pathlib import Path

import pytest

from tests.e2e.platform import Platform, open_platform, platform_environment, prepare_stores


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    """Keep the end-to-end tests in one worker."""
    for item in items:
        if "tests/e2e" in item.path.as_posix():
            item.add_marker(pytest.mark.xdist_group("platform"))


@pytest.fixture(scope="session")
def environment(
    postgres_server_url: str, worker_redis_url: str, mongodb_url: str, tmp_path_factory: pytest.TempPathFactory
) -> Iterator[dict[str, str]]:
    """The environment of a migrated and seeded platform; this process has it too while the tests run."""
    home = tmp_path_factory.mktemp("platform")
    stores = {"postgres": postgres_server_url, "valkey": worker_redis_url, "documents": mongodb_url}
    environment = platform_environment(Path(home), stores)
    prepare_stores(environment)
    before = dict(os.environ)
    os.environ.update(environment)
    yield environment
    os.environ.clear()
    os.environ.update(before)


@pytest.fixture(scope="session")
async def platform(environment: dict[str, str]) -> AsyncIterator[Platform]:
    """Router and subgraphs in this process, with every subgraph call recorded."""
    async with open_platform() as platform:
        yield platform
