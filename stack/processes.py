"""What the platform's own processes do: serve one part or all of it, work off the queues, migrate, seed.

The same functions run forked by the supervisor and, through `reelgraph serve`, alone in a container. Settings come
from the environment, addresses as arguments.
"""

import asyncio
import gc
import importlib
import json
import logging
import os
import socket
import threading
from collections.abc import Callable
from pathlib import Path
from typing import Any, Literal

import uvicorn
import uvloop

from stack.known_operations import known_operations
from stack.service_processes import READY_VARIABLE
from stack.services import SUBGRAPHS, migration_folders
from subgraphs.shared.telemetry import configure_logging

_GC_THRESHOLD = 50_000
"""New containers before the youngest generation is walked; requests make many that die at once."""
_WORKER_THREADS = 4
_SHUTDOWN_SECONDS = 3
_UNTAKEN_MILLISECONDS = 30_000
_EXIT_NOT_STARTED = 3
_QUIET_LOGGERS = ("celery.beat", "celery.worker.strategy", "celery.app.trace", "alembic.runtime.plugins", "mail.log")
"""Loggers that write several lines a second about tasks that are due every second, or to whom a letter goes."""


_prepared_app: Any = None
"""The application that `prepare_together` or `prepare_apart` made before this process was forked."""


def prepare_together() -> None:
    """Make the application of `serve_together`, its plans included, for all processes forked from this one."""
    from stack.edge import together_app  # the router and all subgraphs: a worker in a container needs neither

    global _prepared_app
    _prepared_app = together_app()


def prepare_apart() -> None:
    """Make the application of `serve_router`, its plans included, for all processes forked from this one."""
    from stack.edge import apart_app  # the router: a subgraph in a container does not need it

    global _prepared_app
    _prepared_app = apart_app()


def serve_together(*, name: str, host: str, port: int) -> int:
    """Serve the router and every subgraph from this process; subgraph calls stay in memory."""
    if _prepared_app is None:
        prepare_together()
    return _serve_router(name=name, host=host, port=port)


def serve_router(*, name: str, host: str, port: int) -> int:
    """Serve the router, which calls the subgraphs over HTTP."""
    if _prepared_app is None:
        prepare_apart()
    return _serve_router(name=name, host=host, port=port)


def _serve_router(*, name: str, host: str, port: int) -> int:
    from router.http.quick_protocol import QuickProtocol  # the router: a subgraph in a container does not need it

    return serve_app(_prepared_app, name=name, host=host, port=port, protocol=QuickProtocol)


def serve_subgraph(*, name: str, host: str, port: int) -> int:
    """Serve one subgraph; its name is that of the process."""
    subgraph = next(subgraph for subgraph in SUBGRAPHS if subgraph.name == name)
    app = importlib.import_module(subgraph.app_module).create_app()
    app.compile_known(known_operations(name))
    return serve_app(app, name=name, host=host, port=port)


def serve_app(
    app: Any, *, name: str, host: str, port: int, protocol: type[asyncio.Protocol] | Literal["httptools"] = "httptools"
) -> int:
    """Serve an ASGI application until SIGTERM; return the exit status.

    Every process that serves the same port has a socket of its own, and the kernel spreads the connections evenly.

    Args:
        protocol: Speaks HTTP.
    """
    _configure_process()
    with socket.socket(socket.AF_INET, socket.SOCK_STREAM) as listener:
        listener.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        listener.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEPORT, 1)
        if hasattr(socket, "TCP_USER_TIMEOUT"):  # on Linux; connections inherit it, which drops who takes nothing
            listener.setsockopt(socket.IPPROTO_TCP, socket.TCP_USER_TIMEOUT, _UNTAKEN_MILLISECONDS)
        listener.bind((host, port))
        server = _AnnouncingServer(
            uvicorn.Config(
                app,
                lifespan="on",
                http=protocol,
                log_config=None,
                access_log=False,
                server_header=False,
                # The router knows itself which proxies to believe (ROUTER_TRUSTED_PROXIES).
                proxy_headers=False,
                timeout_graceful_shutdown=_SHUTDOWN_SECONDS,
            ),
            name,
            drain=getattr(app, "drain", None),
        )
        with asyncio.Runner(loop_factory=uvloop.new_event_loop) as runner:
            runner.run(server.serve(sockets=[listener]))
    return 0 if server.started else _EXIT_NOT_STARTED


class _AnnouncingServer(uvicorn.Server):
    """Says so when it takes requests, and ends event streams before it waits for requests to end."""

    def __init__(self, config: uvicorn.Config, name: str, *, drain: Callable[[], None] | None) -> None:
        super().__init__(config)
        self._name = name
        self._drain = drain

    async def startup(self, sockets: list[socket.socket] | None = None) -> None:
        await super().startup(sockets=sockets)
        if self.started:
            announce_ready(self._name)

    async def shutdown(self, sockets: list[socket.socket] | None = None) -> None:
        if self._drain is not None:
            self._drain()
        await super().shutdown(sockets)


def announce_ready(name: str) -> None:
    """Tell the supervisor, if one started us, that this process does its work now."""
    descriptor = os.environ.get(READY_VARIABLE)
    if descriptor:
        os.write(int(descriptor), f"{name}\n".encode())


def work(*, name: str) -> int:
    """Work off the queues and start what is due by the clock, until SIGTERM; return the exit status."""
    from celery.beat import EmbeddedService  # Celery: only the worker process needs it

    from workers.app import app  # the worker's code, likewise

    _configure_process()
    clock = EmbeddedService(app, thread=True)
    assert isinstance(clock, threading.Thread)  # asked for above; its own process would outlive ours
    clock.start()
    worker = app.Worker(
        pool="threads",
        concurrency=_WORKER_THREADS,
        hostname=f"{name}@%h",
        loglevel="INFO",
        # Workers share what is to do in the stores and need not know of each other: hearing and telling costs CPU.
        without_gossip=True,
        without_mingle=True,
        without_heartbeat=True,
    )
    announce_ready(name)
    worker.start()
    clock.stop()
    return int(worker.exitcode or 0)


def serve_stand_ins(*, name: str, host: str, mail_port: int | None, provider_port: int | None, mail_folder: str) -> int:
    """Catch letters and serve the mock sign-in provider, each if it has a port, until SIGTERM; return the status."""
    from stack.mail_catcher.catcher import catch_until_stopped, catching  # only this process needs any of these
    from stack.mock_provider.app import create_app
    from stack.seed.oauth import register_demo_clients

    mail = None if mail_port is None else catching(Path(mail_folder), host=host, port=mail_port)
    if provider_port is None:
        assert mail is not None
        _configure_process()
        asyncio.run(catch_until_stopped(mail, announce=lambda: announce_ready(name)))
        return 0
    # Each time: the address that the demo clients return to changes with the port of the platform.
    asyncio.run(register_demo_clients())
    app = create_app(f"http://{host}:{provider_port}", beside=mail)
    return serve_app(app, name=name, host=host, port=provider_port)


def migrate() -> int:
    """Bring every database to its newest migration."""
    from subgraphs.shared.postgres import upgrade_databases  # SQLAlchemy and Alembic: not for every process

    _configure_process()
    upgrade_databases(os.environ["DATABASE_URL"], migration_folders())
    return 0


def seed(*, logins_file: str | None = None) -> int:
    """Fill an empty platform with the demo catalogue, people and history; one that has them is left alone.

    Args:
        logins_file: Gets the demo logins as JSON, for who wants to print them without importing the domain.
    """
    from stack.seed.accounts import demo_logins  # draws pictures, encodes a stream: only this process needs it
    from stack.seed.run import run

    _configure_process()
    run()
    if logins_file is not None:
        Path(logins_file).write_text(json.dumps(demo_logins()), encoding="utf-8")
    return 0


def _configure_process() -> None:
    gc.set_threshold(_GC_THRESHOLD, 20, 20)
    configure_logging()
    logging.basicConfig(level=logging.INFO, format="%(asctime)s %(levelname)s %(name)s: %(message)s")
    for name in _QUIET_LOGGERS:
        logging.getLogger(name).setLevel(logging.WARNING)
