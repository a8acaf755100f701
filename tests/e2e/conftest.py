"""The whole platform for end-to-end tests: real stores, the seed, router and subgraphs together in this process.

The first xdist worker that asks migrates and seeds; the others use the same stores. Tests that write use their own demo
person.
"""

import fcntl
import os
from collections.abc import AsyncIterator
from pathlib import Path

import pytest

from tests.e2e.platform import Platform, open_platform, platform_environment, prepare_stores
from tests.support.servers import RUN_FOLDER_VARIABLE


@pytest.fixture(scope="session")
def environment(postgres_server_url: str, worker_redis_url: str, mongodb_url: str) -> dict[str, str]:
    """The environment of a migrated and seeded platform."""
    valkey = f"{worker_redis_url.rsplit('/', 1)[0]}/15"  # other tests empty the worker's own database
    stores = {"postgres": postgres_server_url, "valkey": valkey, "documents": mongodb_url}
    folder = Path(os.environ[RUN_FOLDER_VARIABLE]) / "platform"
    folder.mkdir(exist_ok=True)
    with (folder / "lock").open("w") as lock:
        fcntl.flock(lock, fcntl.LOCK_EX)
        environment = platform_environment(folder, stores)
        is_seeded = folder / "seeded"
        if not is_seeded.exists():
            prepare_stores(environment)
            is_seeded.touch()
    return environment


@pytest.fixture(scope="module")
async def platform(environment: dict[str, str]) -> AsyncIterator[Platform]:
    """Router and subgraphs in this process, with every subgraph call recorded.

    Of each module, not of the session: Beanie binds document classes to one database per process, so another
    module's tests of the same subgraph would take them away.
    """
    async with open_platform(environment) as platform:
        yield platform
