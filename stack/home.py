"""Where a running stack keeps its things: the folder `.reelgraph`, its state file and the lock of whoever runs it.

Nothing of the product is decided here. What is in the folder may all be deleted while nothing runs; the data of
the servers and the keys are then made anew.
"""

import fcntl
import json
import os
import shutil
import tempfile
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

HOME_VARIABLE = "REELGRAPH_HOME"
_LONGEST_LOG_BYTES = 10_000_000
_LOG_DAYS = 30
_DAY_SECONDS = 86_400
PROJECT = Path(__file__).resolve().parents[1]


class HomeError(Exception):
    """The folder cannot be used; the text says why and what to do."""


class AlreadyRunningError(HomeError):
    """Another process runs a stack out of this folder."""

    def __init__(self, pid: int | None) -> None:
        self.pid = pid
        who = f"process {pid}" if pid else "another process"
        super().__init__(f"The stack is running already ({who}). Stop it there with Ctrl-C first.")


class Home:
    """The folder's layout, and what is remembered in `state.json` between commands."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder.absolute()
        self.logs = self.folder / "logs"
        self.keys = self.folder / "keys"
        self.objects = self.folder / "objects"
        self.mail = self.folder / "mail"
        self.beat_schedule = self.folder / "beat-schedule"
        self.demo_logins = self.folder / "demo-logins.json"
        self.postgres = self.folder / "postgres"
        self.valkey = self.folder / "valkey"
        self.documents = self.folder / "documents"
        self._state_file = self.folder / "state.json"
        self._lock_file = self.folder / "lock"

    def create(self) -> None:
        """Make the folders.

        Raises:
            HomeError: We may not write there.
        """
        try:
            # Others may pass through (as root, PostgreSQL runs as another user), but not look around.
            self.folder.mkdir(mode=0o711, parents=True, exist_ok=True)
            for folder in (self.logs, self.keys, self.objects):
                folder.mkdir(mode=0o700, exist_ok=True)
            with tempfile.TemporaryFile(dir=self.folder):
                pass
        except OSError as error:
            raise HomeError(
                f"Cannot write to {self.folder} ({error.strerror}). "
                f"Set {HOME_VARIABLE} to a folder of yours, for example {HOME_VARIABLE}=$HOME/.reelgraph."
            ) from error

    def set_aside_long_logs(self) -> None:
        """Rename logs beyond 10 MB to `….1`, replacing the last one so named: logs take no more than twice that.

        What nothing was written to for 30 days is deleted (docs/data-map.md).
        """
        for log in self.logs.glob("*.log"):
            if log.stat().st_size > _LONGEST_LOG_BYTES or _days_old(log) > _LOG_DAYS:
                log.rename(log.with_suffix(".log.1"))
        for log in self.logs.glob("*.log.1"):
            if _days_old(log) > _LOG_DAYS:
                log.unlink()

    def read_state(self) -> dict[str, Any]:
        """Return what was remembered; empty when nothing was, or when the file was cut off by a crash."""
        try:
            state = json.loads(self._state_file.read_text(encoding="utf-8"))
        except (FileNotFoundError, NotADirectoryError, PermissionError, json.JSONDecodeError):
            return {}
        return state if isinstance(state, dict) else {}

    def update_state(self, **changes: Any) -> None:
        """Replace the named entries; None removes one. The file is for our eyes: it holds passwords."""
        state = self.read_state() | changes
        kept = {name: value for name, value in state.items() if value is not None}
        unfinished = self._state_file.with_suffix(".new")
        unfinished.touch(mode=0o600)
        unfinished.write_text(json.dumps(kept, indent=1, sort_keys=True) + "\n", encoding="utf-8")
        unfinished.rename(self._state_file)

    @contextmanager
    def locked(self) -> Iterator[None]:
        """Hold the folder for the time of the block. A lock of a process that died is no lock.

        Raises:
            AlreadyRunningError: Somebody else holds it.
        """
        # A POSIX lock belongs to the process alone: children that we fork do not keep it alive.
        with self._lock_file.open("a+", encoding="ascii") as file:
            try:
                fcntl.lockf(file, fcntl.LOCK_EX | fcntl.LOCK_NB)
            except OSError as error:
                raise AlreadyRunningError(self._holder()) from error
            file.truncate(0)
            file.write(str(os.getpid()))
            file.flush()
            yield

    def running_pid(self) -> int | None:
        """Return the process that runs a stack out of this folder; None when nobody does."""
        try:
            with self._lock_file.open("r+", encoding="ascii") as file:
                fcntl.lockf(file, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except (FileNotFoundError, NotADirectoryError):
            return None
        except OSError:
            return self._holder()
        return None

    def drop_data(self) -> None:
        """Delete what the servers stored, what was drawn and what is remembered. Keys and logs stay."""
        from stack.servers.postgres import remove_cluster  # only `reset` needs it

        remove_cluster(self.postgres)
        for folder in (self.valkey, self.documents, self.objects, self.mail):
            if folder.exists():
                shutil.rmtree(folder)
        for path in (self.demo_logins, *self.folder.glob("beat-schedule*")):
            path.unlink(missing_ok=True)
        ports = self.read_state().get("ports")
        self._state_file.unlink(missing_ok=True)
        if ports:
            self.update_state(ports=ports)

    def _holder(self) -> int | None:
        try:
            return int(self._lock_file.read_text(encoding="ascii"))
        except (OSError, ValueError):
            return None


def find_home() -> Home:
    """Return the folder named in REELGRAPH_HOME, else `.reelgraph` in the project; it may not exist yet."""
    named = os.environ.get(HOME_VARIABLE)
    if named:
        return Home(Path(named).expanduser())
    is_checkout = (PROJECT / "pyproject.toml").is_file()
    return Home((PROJECT if is_checkout else Path.cwd()) / ".reelgraph")


def _days_old(path: Path) -> float:
    return (time.time() - path.stat().st_mtime) / _DAY_SECONDS
