"""The stores of a stack on one machine: started when no URL names one, watched, started again, stopped.

Which binary serves a role is decided in `stack.servers`; what uses the stores does not concern this module.
"""

import hashlib
import os
import subprocess
import time
from collections.abc import Callable
from dataclasses import dataclass, field
from urllib.parse import urlsplit

from stack.display import Display
from stack.environment import STORE_VARIABLES
from stack.home import Home
from stack.keys import Keys
from stack.restart import RestartPolicy
from stack.servers.documents import plan_documents
from stack.servers.postgres import plan_postgres
from stack.servers.process import ServerError, ServerPlan, describe_exit, free_port, launch, stop
from stack.servers.valkey import plan_valkey

TITLES = {"valkey": "Cache, sessions, queues", "documents": "Documents", "postgres": "Relational data"}
_START_TIMEOUT_SECONDS = 60.0
_STARTS_AT_MOST = 3
_TICK_SECONDS = 0.05
_LOG_TAIL_LINES = 5


@dataclass
class _Store:
    plan: ServerPlan
    process: subprocess.Popen[bytes]
    started_at: float
    policy: RestartPolicy = field(default_factory=RestartPolicy)
    restart_at: float | None = None


class Stores:
    """All stores of one stack.

    Raises (every method that starts something):
        ServerError: A store cannot be started; the text names its log.
    """

    def __init__(self, home: Home, keys: Keys, display: Display, *, interrupted: Callable[[], bool]) -> None:
        self._home = home
        self._keys = keys
        self._display = display
        self._interrupted = interrupted
        self._stores: dict[str, _Store] = {}
        self.urls: dict[str, str] = {}
        self.labels: dict[str, str] = {}

    def start(self) -> None:
        """Start what no URL names and return when all of it answers, or when the user wants to stop."""
        for role, title in TITLES.items():
            self._display.begin(role, title)
        for role in TITLES:
            if url := os.environ.get(STORE_VARIABLES[role]):
                self.urls[role] = url
                self.labels[role] = f"{_address(url)} ({STORE_VARIABLES[role]})"
                self._display.end(role, self.labels[role])
            else:
                self._launch(role)
        pending = dict.fromkeys(self._stores, 1)
        while pending and not self._interrupted():
            self._display.tick()
            for role in list(pending):
                if self._has_started(role, attempt=pending[role]):
                    del pending[role]
                elif self._stores[role].process.poll() is not None:
                    pending[role] += 1
                    self._launch(role)
            time.sleep(_TICK_SECONDS)
        self._home.update_state(ports=self._home.read_state().get("ports", {}) | self.ports())

    def identity(self) -> str:
        """Return what tells this relational data from any other: made anew, it is another."""
        url = os.environ.get(STORE_VARIABLES["postgres"])
        made = "" if url else str((self._home.postgres / "PG_VERSION").stat().st_mtime_ns)
        return hashlib.sha256(f"{url}{made}".encode()).hexdigest()[:16]

    def ports(self) -> dict[str, int]:
        """Return the port of each store that we run."""
        return {role: store.plan.port for role, store in self._stores.items()}

    def processes(self) -> dict[str, int]:
        """Return the process id of each store that we run."""
        return {role: store.process.pid for role, store in self._stores.items()}

    def tend(self, now: float) -> None:
        """Start again what has died, after a pause that grows, and say so. Call it a few times a second.

        Raises:
            ServerError: A store died too often to go on.
        """
        for role, store in self._stores.items():
            if store.restart_at is not None:
                if now >= store.restart_at:
                    self._restart(role, store, now)
                continue
            status = store.process.poll()
            if status is None:
                continue
            delay = store.policy.after_death(lived_seconds=now - store.started_at)
            if delay is None:
                raise ServerError(f"{store.plan.label} keeps dying ({describe_exit(status)}). {self._log_tail(role)}")
            self._display.say(f"{store.plan.label} died ({describe_exit(status)}); starting it again.", style="yellow")
            store.restart_at = now + delay

    def stop(self) -> None:
        """Stop every store that we run; returns when all are gone."""
        for store in self._stores.values():
            if store.process.poll() is None:
                store.process.send_signal(store.plan.stop_signal)
        for store in self._stores.values():
            stop(store.process, stop_signal=store.plan.stop_signal, timeout_seconds=store.plan.stop_timeout_seconds)
        self._stores.clear()

    def _launch(self, role: str) -> None:
        plan = self._plan(role, free_port(self._home.read_state().get("ports", {}).get(role)))
        with (self._home.logs / f"{role}.log").open("ab") as log:
            process = launch(plan, log)
        self._stores[role] = _Store(plan, process, time.monotonic())
        self.urls[role] = plan.url
        self.labels[role] = plan.label
        self._display.describe(role, plan.label)

    def _has_started(self, role: str, *, attempt: int) -> bool:
        """Return whether the store answers; one that ended may be tried again on another port."""
        store = self._stores[role]
        status = store.process.poll()
        if status is not None:
            if attempt >= _STARTS_AT_MOST:
                self._display.end(role, describe_exit(status), failed=True)
                raise ServerError(
                    f"{store.plan.label} does not start ({describe_exit(status)}). {self._log_tail(role)}"
                )
            return False
        if store.plan.answers():
            self._display.end(role, store.plan.label)
            return True
        if time.monotonic() - store.started_at > _START_TIMEOUT_SECONDS:
            self._display.end(role, "no answer", failed=True)
            raise ServerError(
                f"{store.plan.label} does not answer after {_START_TIMEOUT_SECONDS:.0f} s. {self._log_tail(role)}"
            )
        return False

    def _restart(self, role: str, store: _Store, now: float) -> None:
        """Start the store again where it was: the services know its address."""
        plan = self._plan(role, store.plan.port)
        with (self._home.logs / f"{role}.log").open("ab") as log:
            store.process = launch(plan, log)
        store.started_at = now
        store.restart_at = None

    def _plan(self, role: str, port: int) -> ServerPlan:
        if role == "postgres":
            return plan_postgres(self._home.postgres, port=port, password=self._keys.postgres_password, durable=True)
        if role == "valkey":
            return plan_valkey(self._home.valkey, port=port, password=self._keys.valkey_password, durable=True)
        return plan_documents(self._home.documents, port=port, durable=True)

    def _log_tail(self, role: str) -> str:
        log = self._home.logs / f"{role}.log"
        lines = log.read_text(encoding="utf-8", errors="replace").splitlines()[-_LOG_TAIL_LINES:]
        return f"The end of {log}:\n  " + "\n  ".join(lines)


def _address(url: str) -> str:
    """Return host and port of a URL: what may be shown of it."""
    return urlsplit(url).netloc.rpartition("@")[2]
