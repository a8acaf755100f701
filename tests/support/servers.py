"""Real servers for tests: one PostgreSQL, one Valkey and one document server for a whole pytest run.

They are the embedded servers of `stack.servers`, started when the first test asks, shared by all xdist workers and
deleted at the end, also when pytest is killed. Fixtures (tests/conftest.py) give what a test needs of them:

* `postgres_server_url` - the server, `postgresql://reelgraph@127.0.0.1:PORT`, as `DATABASE_URL` wants it.
* `make_database` - `database = await make_database("catalog")` is a new database of this test alone, already at the
  newest migration of `subgraphs/catalog/migrations` where that folder exists; `database.server_url` and
  `database.name` are what `subgraphs.shared.postgres.Database` takes, `database.url` is the asyncpg URL. Dropped
  after the test. `migrate=False` gives an empty one. A clone of a template: about 10 ms of CPU.
* `make_session_database` - the same, kept until the worker ends; for read-only data that many tests share.
* `redis_url` - a Valkey database of this xdist worker alone, emptied before each test that asks for it.
* `mongodb_url`, `mongo_database` - the document server, and the name of a database of this test alone; dropped later.

They keep their files in memory where the system has room for that: to copy the 300 files of a database on a disk
costs many times as much, though nothing is flushed, and was a quarter of all that the suite costs.

Each server is run by a guardian (tests/support/guardian.py), which ends with the pytest run that it belongs to: a
worker that started a server may well be the first to finish.
"""

import asyncio
import contextlib
import fcntl
import json
import os
import shutil
import signal
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

import asyncpg

from subgraphs.shared.postgres import async_url, upgrade_database
from tests.support.guardian import delete_run, is_alive

RUN_FOLDER_VARIABLE = "REELGRAPH_TEST_SERVERS"
_REPOSITORY = Path(__file__).parents[2]
_START_TIMEOUT_SECONDS = 60
_MEMORY_FOLDER = Path("/dev/shm")  # of Linux; mkdtemp makes a folder of our own in it
_ROOM_BYTES = 2 * 1024**3
"""Several times what a run of two workers has ever taken."""


def begin_run() -> Path:
    """Make the folder of this pytest run and tell the xdist workers, who inherit our environment, where it is."""
    folder = Path(tempfile.mkdtemp(prefix="reelgraph-tests-", dir=_folder_in_memory()))
    folder.chmod(0o711)  # as root, PostgreSQL runs as another user, who has to get at its cluster
    (folder / "owner").write_text(str(os.getpid()), encoding="ascii")
    os.environ[RUN_FOLDER_VARIABLE] = str(folder)
    return folder


def _folder_in_memory() -> Path | None:
    """Return where files live in memory; None where there is no such place, or not room enough."""
    try:
        room_bytes = shutil.disk_usage(_MEMORY_FOLDER).free
    except OSError:
        return None
    return _MEMORY_FOLDER if room_bytes >= _ROOM_BYTES and os.access(_MEMORY_FOLDER, os.W_OK | os.X_OK) else None


def end_run(folder: Path) -> None:
    """Stop the guardians of this run and delete everything they made."""
    guardians = [int(path.read_text(encoding="ascii")) for path in folder.glob("*.guardian")]
    for pid in guardians:
        with contextlib.suppress(ProcessLookupError):
            os.kill(pid, signal.SIGTERM)
    deadline = time.monotonic() + 15
    while any(is_alive(pid) for pid in guardians) and time.monotonic() < deadline:
        time.sleep(0.02)
    delete_run(folder)
    os.environ.pop(RUN_FOLDER_VARIABLE, None)


def server_url(role: str) -> str:
    """Return the URL of the run's server of that role (postgres, valkey, documents), starting it if nobody has.

    Raises:
        RuntimeError: It could not be started; carries the guardian's words.
    """
    folder = Path(os.environ[RUN_FOLDER_VARIABLE])
    address = folder / f"{role}.json"
    with _locked(folder / f"{role}.lock"):
        if not address.exists():
            _start_guardian(folder, role)
        return str(json.loads(address.read_text(encoding="utf-8"))["url"])


@contextlib.contextmanager
def _locked(path: Path) -> Iterator[None]:
    with path.open("w") as file:
        fcntl.flock(file, fcntl.LOCK_EX)
        yield


def _start_guardian(folder: Path, role: str) -> None:
    log = folder / f"{role}.guardian.log"
    with log.open("wb") as output:
        guardian = subprocess.Popen(
            [sys.executable, "-m", "tests.support.guardian", str(folder), role],
            cwd=_REPOSITORY,
            stdin=subprocess.DEVNULL,
            stdout=output,
            stderr=subprocess.STDOUT,
            start_new_session=True,
        )
    (folder / f"{role}.guardian").write_text(str(guardian.pid), encoding="ascii")
    deadline = time.monotonic() + _START_TIMEOUT_SECONDS
    while not (folder / f"{role}.json").exists():
        if guardian.poll() is not None or time.monotonic() > deadline:
            raise RuntimeError(f"The {role} server for tests did not start:\n{log.read_text(encoding='utf-8')}")
        time.sleep(0.02)
    # Not ours to wait for: it outlives this worker, and Popen would warn of that.
    guardian.returncode = 0


@dataclass(frozen=True)
class FreshDatabase:
    """A PostgreSQL database for a test: the server and the name, or both as one asyncpg URL."""

    server_url: str
    name: str

    @property
    def url(self) -> str:
        """The `postgresql+asyncpg://` URL of the database."""
        return async_url(self.server_url, self.name)


class DatabaseFactory:
    """Makes databases on the run's server and remembers them, so that all can be dropped together."""

    def __init__(self, url: str, worker: str) -> None:
        self._server_url = url
        self._worker = worker
        self._made: list[str] = []
        self._count = 0

    async def __call__(self, subgraph: str, *, migrate: bool = True) -> FreshDatabase:
        """Return a new database; with `migrate` at the subgraph's newest migration, where it has any."""
        self._count += 1
        name = f"test_{subgraph}_{self._worker}_{os.getpid()}_{id(self)}_{self._count}"
        migrations = _REPOSITORY / "subgraphs" / subgraph / "migrations"
        template = "template0"
        if migrate and migrations.is_dir():
            template = await self._template(subgraph, migrations)
        connection = await asyncpg.connect(f"{self._server_url}/postgres")
        try:
            # Copying the files as they are costs half of writing their pages to the log.
            await connection.execute(f'CREATE DATABASE "{name}" TEMPLATE "{template}" STRATEGY file_copy')
        finally:
            await connection.close()
        self._made.append(name)
        return FreshDatabase(self._server_url, name)

    async def drop_all(self) -> None:
        """Drop what was made, whoever is still connected."""
        if not self._made:
            return
        connection = await asyncpg.connect(f"{self._server_url}/postgres")
        try:
            for name in self._made:
                await connection.execute(f'DROP DATABASE IF EXISTS "{name}" WITH (FORCE)')
        finally:
            await connection.close()
        self._made.clear()

    async def _template(self, subgraph: str, migrations: Path) -> str:
        """Return the name of the migrated template, made once for all workers of the run."""
        name = f"template_{subgraph}"
        folder = Path(os.environ[RUN_FOLDER_VARIABLE])
        done = folder / f"{name}.done"
        if done.exists():
            return name
        with await asyncio.to_thread(_locked_now, folder / f"{name}.lock"):
            if not done.exists():
                connection = await asyncpg.connect(f"{self._server_url}/postgres")
                try:
                    await connection.execute(f'DROP DATABASE IF EXISTS "{name}"')
                    await connection.execute(f'CREATE DATABASE "{name}" TEMPLATE template0')
                finally:
                    await connection.close()
                await upgrade_database(self._server_url, name, migrations=migrations)
                done.touch()
        return name


def _locked_now(path: Path) -> contextlib.ExitStack:
    """Take the lock and return what releases it; blocks, so it is called in a thread."""
    held = contextlib.ExitStack()
    held.enter_context(_locked(path))
    return held
