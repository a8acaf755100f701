"""The whole platform for end-to-end tests: real stores, the seed, router and subgraphs together in this process.

All tests of this folder run in one xdist worker (see `pytest_collection_modifyitems`), so that the platform is seeded
once. Tests that write use their own demo person or register one.
"""

from collections.abc import AsyncIterator

import pytest

from tests.e2e.platform import Platform, open_platform, platform_environment, prepare_stores


@pytest.hookimpl(tryfirst=True)  # before xdist reads the groups
def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    """Keep the end-to-end tests in one worker."""
    for item in items:
        if "tests/e2e" in item.path.as_posix():
            item.add_marker(pytest.mark.xdist_group("platform"))


@pytest.fixture(scope="session")
def environment(
    postgres_server_url: str, worker_redis_url: str, mongodb_url: str, tmp_path_factory: pytest.TempPathFactory
) -> dict[str, str]:
    """The environment of a migrated and seeded platform."""
    valkey = f"{worker_redis_url.rsplit('/', 1)[0]}/15"  # other tests empty the worker's own database
    stores = {"postgres": postgres_server_url, "valkey": valkey, "documents": mongodb_url}
    environment = platform_environment(tmp_path_factory.mktemp("platform"), stores)
    prepare_stores(environment)
    return environment


@pytest.fixture(scope="session")
async def platform(environment: dict[str, str]) -> AsyncIterator[Platform]:
    """Router and subgraphs in this process, with every subgraph call recorded."""
    async with open_platform(environment) as platform:
        yield platform
