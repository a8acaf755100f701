"""The Python services of a stack on one machine: forked from preloaded code, watched, started again.

Speaks to the fork server (`stack.forks`). What a service does is in `stack.processes`.
"""

import os
import time
from dataclasses import dataclass, field
from pathlib import Path

from stack.display import Display
from stack.forks import Fork, ForkClient, Preload
from stack.restart import RestartPolicy
from stack.servers.process import describe_exit

READY_VARIABLE = "REELGRAPH_READY_FD"
"""Names the descriptor to which a service writes its name, as a line, once it takes requests."""
_END_TIMEOUT_SECONDS = 8.0


class ServiceError(Exception):
    """A service cannot be started or kept running; the text names its log."""


@dataclass
class _Service:
    fork: Fork
    is_essential: bool
    pid: int | None = None
    is_ready: bool = False
    started_at: float = 0.0
    restart_at: float | None = None
    has_given_up: bool = False
    policy: RestartPolicy = field(default_factory=RestartPolicy)


class ServiceProcesses:
    """Every forked process of one stack: the services, which run on, and jobs, which end."""

    def __init__(self, display: Display, log: Path, environment: dict[str, str] | None = None) -> None:
        self._display = display
        self._log = log
        self._ready_reader, self._ready_writer = os.pipe()
        os.set_blocking(self._ready_reader, False)
        os.set_inheritable(self._ready_writer, True)  # noqa: FBT003 - takes no keyword
        self._unread_ready = b""
        self._preloads: list[Preload] = []
        self._services: dict[str, _Service] = {}
        self._jobs: dict[str, int | None] = {}
        self._preloads_pending = 0
        self.environment = environment or {}
        self._client = self._new_client()

    def preload(self, preload: Preload) -> None:
        """Import and prepare in the fork server, before whatever is started next."""
        self._preloads.append(preload)
        self._preloads_pending += 1
        self._client.preload(preload, self._child_environment())

    def start_service(self, fork: Fork, *, is_essential: bool) -> None:
        """Start a process that is to run until the stack stops.

        Args:
            fork: What to run.
            is_essential: Whether the stack makes no sense without it.
        """
        service = _Service(fork, is_essential, started_at=time.monotonic())
        self._services[fork.name] = service
        self._client.start(fork, self._child_environment())

    def start_job(self, fork: Fork) -> None:
        """Start a process that is to end by itself; `job_status` tells when it has."""
        self._jobs[fork.name] = None
        self._client.start(fork, self._child_environment())

    def job_status(self, name: str) -> int | None:
        """Return the exit status of a job, None while it runs."""
        return self._jobs[name]

    def all_ready(self) -> bool:
        """Return whether every service takes requests; those given up do not count."""
        return all(service.is_ready or service.has_given_up for service in self._services.values())

    def readiness(self) -> dict[str, bool]:
        """Return for each service whether it takes requests."""
        return {name: service.is_ready for name, service in self._services.items()}

    def is_preloaded(self) -> bool:
        """Return whether all imports asked for are done."""
        return self._preloads_pending == 0

    def processes(self) -> dict[str, int]:
        """Return the process id of each service, and of the fork server."""
        running = {name: service.pid for name, service in self._services.items() if service.pid is not None}
        return running | {"fork server": self._client.process.pid}

    def tend(self, now: float) -> None:
        """Take in what happened and start again what has died. Call it a few times a second.

        Raises:
            ServiceError: Code cannot be imported, or an essential service died too often.
        """
        self._take_in_readiness()
        for report in self._client.reports():
            self._take_in(report, now)
        if self._client.process.poll() is not None:
            self._replace_client(now)
        for service in self._services.values():
            if service.restart_at is not None and now >= service.restart_at:
                service.restart_at = None
                service.started_at = now
                self._client.start(service.fork, self._child_environment())

    def stop(self) -> None:
        """Stop every process; returns when all are gone."""
        self._client.close(timeout_seconds=_END_TIMEOUT_SECONDS)
        os.close(self._ready_reader)
        os.close(self._ready_writer)

    def _take_in(self, report: dict[str, object], now: float) -> None:
        if report["event"] == "preloaded":
            self._preloads_pending -= 1
            if report["problem"]:
                raise ServiceError(f"The services' code cannot be imported.\n{report['problem']}")
            return
        name, pid = str(report["name"]), int(str(report["pid"]))
        service = self._services.get(name)
        if report["event"] == "started":
            if service is not None:
                service.pid = pid
            return
        status = int(str(report["status"]))
        if service is None:
            self._jobs[name] = status
        elif service.pid == pid:
            self._service_ended(service, describe_exit(status), now)

    def _service_ended(self, service: _Service, how: str, now: float) -> None:
        name = service.fork.name
        service.pid = None
        service.is_ready = False
        delay = service.policy.after_death(lived_seconds=now - service.started_at)
        if delay is not None:
            service.restart_at = now + delay
            self._display.say(f"{name} died ({how}); starting it again. Its log: {service.fork.log}", style="yellow")
            return
        service.has_given_up = True
        text = f"{name} keeps dying ({how}) and is left alone. Its log: {service.fork.log}"
        if service.is_essential:
            raise ServiceError(text)
        self._display.say(text, style="red")

    def _take_in_readiness(self) -> None:
        try:
            self._unread_ready += os.read(self._ready_reader, 65536)
        except BlockingIOError:
            return
        *names, self._unread_ready = self._unread_ready.split(b"\n")
        for name in names:
            service = self._services.get(name.decode())
            if service is not None:
                service.is_ready = True

    def _replace_client(self, now: float) -> None:
        """Start a new fork server; the services went down with the old one."""
        self._display.say("The fork server died, and all services with it; starting them again.", style="yellow")
        self._client.close(timeout_seconds=_END_TIMEOUT_SECONDS)
        self._client = self._new_client()
        self._preloads_pending = len(self._preloads)
        for preload in self._preloads:
            self._client.preload(preload, self._child_environment())
        for service in self._services.values():
            if service.pid is not None or service.restart_at is None:
                service.pid = None
                self._service_ended(service, "with the fork server", now)

    def _new_client(self) -> ForkClient:
        with self._log.open("ab") as log:
            return ForkClient(log, keep=[self._ready_writer])

    def _child_environment(self) -> dict[str, str]:
        return self.environment | {READY_VARIABLE: str(self._ready_writer)}
