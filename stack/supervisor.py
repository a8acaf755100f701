"""Runs the whole stack on one machine: everything up in order, watched, and all of it down again.

The order: stores and the import of our code at the same time, migrations, the seed, the services. How each of these
is done lives in `stores`, `service_processes` and `processes`; here is only what comes after what.
"""

import os
import signal
import socket
import time
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from types import FrameType
from typing import Protocol

from stack.display import Display
from stack.environment import Addresses, build_environment
from stack.forks import Fork
from stack.home import Home
from stack.keys import Keys, load_keys
from stack.layout import Layout, choose_subgraph_ports, plan_layout
from stack.leftovers import end_leftovers
from stack.servers.process import LOOPBACK, ServerError, free_port, port_is_free
from stack.service_processes import ServiceError, ServiceProcesses
from stack.services import migrations_digest
from stack.stores import Stores

_TICK_SECONDS = 0.05
_WATCH_SECONDS = 0.25
_START_TIMEOUT_SECONDS = 120.0
# A closed terminal stops the stack as Ctrl-C does: elsewhere than on Linux the stores would outlive us.
_STOP_SIGNALS = (signal.SIGINT, signal.SIGTERM, signal.SIGHUP)


class StackError(Exception):
    """The stack cannot start or go on; the text is for the person at the terminal."""


class _InterruptedError(Exception):
    """The user asked to stop during the start."""


@dataclass(frozen=True)
class Options:
    """How to run the stack.

    Attributes:
        apart: Every subgraph a server of its own, instead of all in each process.
        port: Where the router listens; 0 takes any free port.
        processes: How many processes serve requests.
        seed: Whether an empty platform is filled with demo data.
    """

    apart: bool
    port: int
    processes: int
    seed: bool


class PlanLayout(Protocol):
    """Decides which processes a stack runs."""

    def __call__(
        self,
        home: Home,
        *,
        port: int,
        subgraph_ports: Mapping[str, int],
        processes: int,
        mail_port: int | None,
        provider_port: int | None,
    ) -> Layout:
        """Return the layout; without subgraph ports one where all parts share processes.

        Without a mail port it has no catcher, without a provider port no mock provider.
        """
        ...


class Supervisor:
    """One run of the stack.

    Args:
        home: Where it keeps its things; the caller holds its lock.
        options: How to run it.
        display: Shows the start.
        plan: Decides which processes run; tests run smaller ones.
    """

    def __init__(self, home: Home, options: Options, display: Display, *, plan: PlanLayout = plan_layout) -> None:
        self._home = home
        self._plan_layout = plan
        self._options = options
        self._display = display
        self._signals = 0
        self._keys: Keys = load_keys(home.keys)
        self._stores = Stores(home, self._keys, display, interrupted=self._is_interrupted)
        self._services: ServiceProcesses | None = None
        self._reserved: socket.socket | None = None
        self._mail_port: int | None = None
        self._provider_port: int | None = None
        self.port = 0

    @property
    def store_labels(self) -> dict[str, str]:
        """What serves each store's role."""
        return self._stores.labels

    @property
    def has_demo(self) -> bool:
        """Whether the platform holds the demo people."""
        return self._options.seed or "seeded" in self._home.read_state()

    @property
    def catches_mail(self) -> bool:
        """Whether the letters of this stack are caught and shown."""
        return self._mail_port is not None

    @property
    def has_mock_provider(self) -> bool:
        """Whether the mock sign-in provider runs."""
        return self._provider_port is not None

    def run(self, *, when_ready: Callable[["Supervisor"], None]) -> None:
        """Start everything, call `when_ready` with this supervisor, and watch until the user stops it.

        Everything is stopped when it returns or raises.

        Raises:
            StackError: Something cannot be started or kept running.
        """
        before = {number: signal.signal(number, self._note_signal) for number in _STOP_SIGNALS}
        try:
            with self._display:
                self._start()
            when_ready(self)
            self._watch()
        except _InterruptedError:
            return
        except (ServerError, ServiceError) as error:
            raise StackError(str(error)) from error
        finally:
            self._stop()
            for number, handler in before.items():
                signal.signal(number, handler)

    def _start(self) -> None:
        self._home.set_aside_long_logs()
        state = self._home.read_state()
        for name in end_leftovers(state.get("processes", {})):
            self._display.say(f"Ended {name}, left behind by an earlier run.", style="yellow")
        self.port = self._reserve_port()
        subgraph_ports = choose_subgraph_ports(state.get("ports", {})) if self._options.apart else {}
        # A mail server of the user's own gets the letters: then nothing is caught, and there is no page to show.
        self._mail_port = None if os.environ.get("SMTP_URL") else free_port(state.get("ports", {}).get("mail"))
        # Who has credentials at a real provider tries that one; without the demo there is nobody to try it for.
        is_real = bool(os.environ.get("GOOGLE_CLIENT_ID") or os.environ.get("FACEBOOK_CLIENT_ID"))
        if self.has_demo and not is_real:
            self._provider_port = free_port(state.get("ports", {}).get("sign-in"))
        layout = self._plan_layout(
            self._home,
            port=self.port,
            subgraph_ports=subgraph_ports,
            processes=self._options.processes,
            mail_port=self._mail_port,
            provider_port=self._provider_port,
        )
        self._services = ServiceProcesses(self._display, self._home.logs / "fork-server.log")
        self._services.preload(layout.early)
        self._stores.start()
        self._go_on_unless_interrupted()
        addresses = Addresses(self._stores.urls, self.port, subgraph_ports, self._mail_port, self._provider_port)
        self._services.environment = build_environment(self._home, self._keys, addresses, has_demo=self.has_demo)
        self._remember(subgraph_ports)
        self._load_and_migrate(self._services, layout)
        if self._options.seed:
            self._seed(self._services, layout)
        self._start_services(self._services, layout)
        self._remember(subgraph_ports)

    def _load_and_migrate(self, services: ServiceProcesses, layout: Layout) -> None:
        """Import the platform's code while a fork of what is imported already runs the migrations."""
        self._display.begin("code", "Platform code")
        wanted = f"{self._stores.identity()}-{migrations_digest()}"
        is_migrated = self._home.read_state().get("migrated") == wanted
        if not is_migrated:
            services.start_job(layout.migrate)
        services.preload(layout.rest)
        if not is_migrated:
            self._await_job(services, layout.migrate, "Database migrations")
            self._home.update_state(migrated=wanted)
        while not services.is_preloaded():
            self._tick()
        self._display.end("code")

    def _seed(self, services: ServiceProcesses, layout: Layout) -> None:
        if self._home.read_state().get("seeded") == self._stores.identity():
            return
        services.start_job(layout.seed)
        self._await_job(services, layout.seed, "Demo catalogue, people and history")
        self._home.update_state(seeded=self._stores.identity())

    def _await_job(self, services: ServiceProcesses, fork: Fork, title: str) -> None:
        self._display.begin(fork.name, title)
        while services.job_status(fork.name) is None:
            self._tick()
            lines = fork.log.read_text(encoding="utf-8", errors="replace").splitlines() if fork.log.exists() else []
            self._display.describe(fork.name, lines[-1][:60] if lines and fork.name == "seed" else "")
        status = services.job_status(fork.name)
        self._display.end(fork.name, failed=bool(status))
        if status:
            tail = "\n  ".join(fork.log.read_text(encoding="utf-8", errors="replace").splitlines()[-12:])
            raise StackError(f"{title} failed (status {status}). The end of {fork.log}:\n  {tail}")

    def _start_services(self, services: ServiceProcesses, layout: Layout) -> None:
        self._display.begin("services", "Services")
        for planned in layout.services:
            services.start_service(planned.fork, is_essential=planned.is_essential)
        deadline = time.monotonic() + _START_TIMEOUT_SECONDS
        while not services.all_ready():
            self._tick()
            waiting = [name for name, is_ready in services.readiness().items() if not is_ready]
            self._display.describe("services", f"waiting for {', '.join(waiting)}" if waiting else "")
            if time.monotonic() > deadline:
                self._display.end("services", failed=True)
                raise StackError(
                    f"Not ready after {_START_TIMEOUT_SECONDS:.0f} s: {', '.join(waiting)}. See {self._home.logs}."
                )
        self._display.end("services", f"{len(layout.services)} processes")

    def _tick(self) -> None:
        """Let a moment pass in which everything that runs is looked after."""
        self._go_on_unless_interrupted()
        now = time.monotonic()
        self._stores.tend(now)
        if self._services is not None:
            self._services.tend(now)
        self._display.tick()
        time.sleep(_TICK_SECONDS)

    def _watch(self) -> None:
        assert self._services is not None
        remembered = self._processes()
        while not self._is_interrupted():
            now = time.monotonic()
            self._stores.tend(now)
            self._services.tend(now)
            if self._processes() != remembered:
                remembered = self._processes()
                self._home.update_state(processes=remembered)
            time.sleep(_WATCH_SECONDS)

    def _stop(self) -> None:
        """Stop services before the stores they use. A second Ctrl-C is a plea for haste, but nothing may be left."""
        if self._services is not None:
            self._services.stop()
        self._stores.stop()
        if self._reserved is not None:
            self._reserved.close()
        self._home.update_state(processes=None, running=None)

    def _reserve_port(self) -> int:
        """Return the router's port, held by a socket that never listens: it stays ours while services come and go."""
        port = self._options.port or free_port(self._home.read_state().get("ports", {}).get("router"))
        if not port_is_free(port):
            raise StackError(
                f"Port {port} is taken by another program. Take another one with `--port {free_port()}`, "
                "or any free one with `--port 0`."
            )
        self._reserved = socket.socket(socket.AF_INET, socket.SOCK_STREAM)
        self._reserved.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEPORT, 1)
        self._reserved.bind((LOOPBACK, port))
        return port

    def _remember(self, subgraph_ports: dict[str, int]) -> None:
        ports = self._home.read_state().get("ports", {}) | subgraph_ports | {"router": self.port}
        if self._mail_port is not None:
            ports["mail"] = self._mail_port
        if self._provider_port is not None:
            ports["sign-in"] = self._provider_port
        running = {
            "url": f"http://{LOOPBACK}:{self.port}",
            "apart": self._options.apart,
            "stores": dict(self._stores.urls),
            "labels": dict(self._stores.labels),
        }
        self._home.update_state(ports=ports, processes=self._processes(), running=running)

    def _processes(self) -> dict[str, int]:
        services = self._services.processes() if self._services is not None else {}
        return self._stores.processes() | services

    def _is_interrupted(self) -> bool:
        return self._signals > 0

    def _go_on_unless_interrupted(self) -> None:
        if self._is_interrupted():
            raise _InterruptedError

    def _note_signal(self, _number: int, _frame: FrameType | None) -> None:
        self._signals += 1
