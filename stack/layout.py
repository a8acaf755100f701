"""Which processes a stack on one machine runs, in either way of running it.

Together, each process holds the router and all subgraphs, one process per core. Apart, every part is a server of
its own and they talk over HTTP. The worker is a process of its own both times.
"""

import os
import sys
from collections.abc import Mapping
from dataclasses import dataclass

from stack.forks import Fork, Preload
from stack.home import Home
from stack.servers.process import LOOPBACK, free_port
from stack.services import ROUTER, STAND_INS, SUBGRAPHS, WORKER


@dataclass(frozen=True)
class PlannedService:
    """A process to fork, and whether the stack makes no sense without it."""

    fork: Fork
    is_essential: bool


@dataclass(frozen=True)
class Layout:
    """All processes of a stack and the code to import before they are forked."""

    migrate: Fork
    """Runs once before the seed and the services."""
    seed: Fork
    """Runs before the services where the platform is empty."""
    services: tuple[PlannedService, ...]
    early: Preload
    """What migrations need: imported first, so that they run while the rest is imported."""
    rest: Preload


def default_processes() -> int:
    """Return how many processes serve requests: one per core that we may use, where the kernel spreads connections."""
    if sys.platform != "linux":
        return 1
    return max(1, len(os.sched_getaffinity(0)))


def choose_subgraph_ports(remembered: Mapping[str, int]) -> dict[str, int]:
    """Return a free port for each subgraph, the one it had last time if that is free."""
    chosen: dict[str, int] = {}
    for subgraph in SUBGRAPHS:
        port = free_port(remembered.get(subgraph.name))
        while port in chosen.values():
            port = free_port()
        chosen[subgraph.name] = port
    return chosen


def plan_layout(
    home: Home,
    *,
    port: int,
    subgraph_ports: Mapping[str, int],
    processes: int,
    mail_port: int | None = None,
    provider_port: int | None = None,
) -> Layout:
    """Return the processes; with subgraph ports those of the parts apart, else all together.

    With a mail port, letters are caught there; with a provider port, the mock sign-in provider listens there.
    """
    services = []
    for subgraph in SUBGRAPHS:
        if subgraph.name in subgraph_ports:
            arguments = {"name": subgraph.name, "host": LOOPBACK, "port": subgraph_ports[subgraph.name]}
            fork = Fork(subgraph.name, "stack.processes:serve_subgraph", arguments, home.logs / f"{subgraph.name}.log")
            services.append(PlannedService(fork, is_essential=False))
    target = "stack.processes:serve_router" if subgraph_ports else "stack.processes:serve_together"
    stem = ROUTER if subgraph_ports else "platform"
    for number in range(1, processes + 1):
        name = f"{stem}-{number}"
        fork = Fork(name, target, {"name": name, "host": LOOPBACK, "port": port}, home.logs / f"{name}.log")
        services.append(PlannedService(fork, is_essential=True))
    work = Fork(WORKER, "stack.processes:work", {"name": WORKER}, home.logs / f"{WORKER}.log")
    services.append(PlannedService(work, is_essential=False))
    if mail_port is not None or provider_port is not None:
        ports = {"mail_port": mail_port, "provider_port": provider_port}
        arguments = {"name": STAND_INS, "host": LOOPBACK, **ports, "mail_folder": str(home.mail)}
        fork = Fork(STAND_INS, "stack.processes:serve_stand_ins", arguments, home.logs / f"{STAND_INS}.log")
        services.append(PlannedService(fork, is_essential=False))
    return Layout(
        migrate=Fork("migrate", "stack.processes:migrate", {}, home.logs / "migrate.log"),
        seed=Fork("seed", "stack.processes:seed", {"logins_file": str(home.demo_logins)}, home.logs / "seed.log"),
        services=tuple(services),
        early=Preload(("stack.processes", "subgraphs.shared.postgres")),
        rest=Preload(
            ("stack.edge", *(subgraph.app_module for subgraph in SUBGRAPHS), "workers.app"),
            prepare=f"stack.processes:prepare_{'apart' if subgraph_ports else 'together'}",
        ),
    )
