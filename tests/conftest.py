"""Fixtures for the whole suite: real servers, shared by the run, and a namespace in each for every test.

What each fixture gives is described in tests/support/servers.py.
"""

import gc
import os
import shutil
import tempfile
from collections.abc import AsyncIterator, Iterator
from pathlib import Path
from uuid import uuid4

import pytest
import redis
from pymongo import MongoClient

from tests.support.servers import RUN_FOLDER_VARIABLE, DatabaseFactory, begin_run, end_run, server_url
from tests.support.statements import share_compiled_statements

_run_folder: Path | None = None

_GC_THRESHOLD = 10_000

_PATIENCE = {
    "STORE_TIMEOUT_SECONDS": "30",
    "PASSWORD_HASH_WAIT_SECONDS": "30",
    "PASSWORD_HASH_RUN_SECONDS": "30",
    "ROUTER_SUBGRAPH_TIMEOUT_SECONDS": "40",
    "ROUTER_SUBGRAPH_CONNECT_TIMEOUT_SECONDS": "30",
    "ROUTER_REQUEST_TIMEOUT_SECONDS": "60",
}
"""A busy machine may stand still for longer than production waits; tests of the timeouts themselves name their own."""


def pytest_configure(config: pytest.Config) -> None:
    """Have servers waited for; open the run in the process that owns it: pytest itself, or xdist's controller."""
    global _run_folder
    os.environ.update(_PATIENCE)
    os.environ.setdefault("PGSSLMODE", "disable")  # the embedded server speaks no TLS: no need to ask each time
    share_compiled_statements()
    if not hasattr(config, "workerinput"):
        _run_folder = begin_run()


@pytest.hookimpl(trylast=True)
def pytest_collection_finish() -> None:
    """Spare the garbage collector all that was imported, and let it look less often, as in production.

    It took a seventh of the run. What a test leaves in a cycle is still found, some tests later at most.
    """
    gc.collect()
    gc.freeze()
    gc.set_threshold(_GC_THRESHOLD, 10, 10)


def pytest_unconfigure(config: pytest.Config) -> None:
    """Stop the servers of the run, in the process that owns it."""
    if _run_folder is not None and not hasattr(config, "workerinput"):
        end_run(_run_folder)


@pytest.fixture(scope="session")
def postgres_server_url() -> str:
    """The run's PostgreSQL server, without a database name."""
    return server_url("postgres")


@pytest.fixture
async def make_database(postgres_server_url: str, worker_name: str) -> AsyncIterator[DatabaseFactory]:
    """Makes databases of this test alone: `await make_database("catalog")`."""
    factory = DatabaseFactory(postgres_server_url, worker_name)
    yield factory
    await factory.drop_all()


@pytest.fixture(scope="session")
async def make_session_database(postgres_server_url: str, worker_name: str) -> AsyncIterator[DatabaseFactory]:
    """Makes databases that live until this worker ends."""
    factory = DatabaseFactory(postgres_server_url, worker_name)
    yield factory
    await factory.drop_all()


@pytest.fixture(scope="session")
def worker_redis_url(worker_name: str) -> str:
    """The Valkey database of this xdist worker; not emptied between tests."""
    number = int(worker_name.removeprefix("gw")) + 1 if worker_name.startswith("gw") else 0
    return f"{server_url('valkey').rsplit('/', 1)[0]}/{number}"


@pytest.fixture
def redis_url(worker_redis_url: str) -> str:
    """The Valkey database of this xdist worker, empty."""
    with redis.Redis.from_url(worker_redis_url) as client:
        client.flushdb()
    return worker_redis_url


@pytest.fixture
def memory_folder(server_run_folder: Path) -> Iterator[Path]:
    """A folder of this test alone beside the servers' files, in memory where there is room: for a stack of its own."""
    folder = Path(tempfile.mkdtemp(prefix="test-", dir=server_run_folder))
    folder.chmod(0o711)  # as for the run's folder
    yield folder
    shutil.rmtree(folder, ignore_errors=True)  # what is left goes with the run's folder


@pytest.fixture(scope="session")
def mongodb_url() -> str:
    """The document server: the one in MONGODB_URL, else the run's own."""
    return os.environ.get("MONGODB_URL") or server_url("documents")


@pytest.fixture
def mongo_database(mongodb_url: str) -> Iterator[str]:
    """The name of a document database of this test alone; dropped afterwards."""
    name = f"test_{uuid4().hex[:16]}"
    yield name
    with MongoClient[dict[str, object]](mongodb_url, directConnection=True) as client:
        client.drop_database(name)


@pytest.fixture(scope="session")
def worker_name() -> str:
    """The xdist worker: `gw0`, `gw1`, …, or `main` when the tests run in one process."""
    return os.environ.get("PYTEST_XDIST_WORKER", "main")


@pytest.fixture(scope="session")
def server_run_folder() -> Path:
    """Where the run's servers keep their files and logs."""
    return Path(os.environ[RUN_FOLDER_VARIABLE])
