"""A stack with real stores and two tiny services: `python -m tests.stack.tiny HOME PORT` runs it until Ctrl-C."""

import os
import sys
from collections.abc import Mapping
from pathlib import Path

from rich.console import Console
from starlette.applications import Starlette
from starlette.requests import Request
from starlette.responses import JSONResponse
from starlette.routing import Route

from stack.display import Display
from stack.forks import Fork, Preload
from stack.home import Home
from stack.layout import Layout, PlannedService
from stack.processes import announce_ready, serve_app
from stack.supervisor import Options, StackError, Supervisor

_VARIABLES = ("DATABASE_URL", "REDIS_URL", "MONGODB_URL", "VIEWER_CONTEXT_KEY")


def tiny_layout(
    home: Home,
    *,
    port: int,
    subgraph_ports: Mapping[str, int],
    processes: int,
    mail_port: int | None,
    provider_port: int | None,
) -> Layout:
    """Return two processes that serve the port, one that keeps failing, and jobs that leave a trace."""
    services = [
        PlannedService(
            Fork(name, "tests.stack.tiny:serve", {"name": name, "port": port}, home.logs / f"{name}.log"),
            is_essential=True,
        )
        for name in ("tiny-1", "tiny-2")
    ]
    hopeless = Fork("hopeless", "tests.stack.tiny:fail_later", {"name": "hopeless"}, home.logs / "hopeless.log")
    return Layout(
        migrate=Fork("migrate", "tests.stack.tiny:note", {"path": str(home.folder / "migrated")}, home.logs / "m.log"),
        seed=Fork("seed", "tests.stack.tiny:note", {"path": str(home.folder / "seeded")}, home.logs / "s.log"),
        services=(*services, PlannedService(hopeless, is_essential=False)) if processes > 2 else tuple(services),
        early=Preload(("tests.stack.tiny",)),
        rest=Preload((), prepare="tests.stack.tiny:prepare"),
    )


_prepared_with = ""


def prepare() -> None:
    """Remember a setting before the fork."""
    global _prepared_with
    _prepared_with = os.environ["REDIS_URL"]


async def _answer(_request: Request) -> JSONResponse:
    return JSONResponse(
        {"pid": os.getpid(), "prepared_with": _prepared_with, **{name: os.environ.get(name, "") for name in _VARIABLES}}
    )


def serve(*, name: str, port: int) -> int:
    """Serve the environment that the service got."""
    return serve_app(Starlette(routes=[Route("/", _answer)]), name=name, host="127.0.0.1", port=port)


def fail_later(*, name: str) -> int:
    """Get ready, and fail."""
    announce_ready(name)
    return 7


def note(*, path: str) -> int:
    """Append a line to the file."""
    with Path(path).open("a", encoding="ascii") as file:
        file.write("done\n")
    return 0


def main(folder: str, port: str, processes: str = "2") -> int:
    """Run the stack; print what it prints and, once it is up, `READY` with the router's port."""
    home = Home(Path(folder))
    home.create()
    options = Options(apart=False, port=int(port), processes=int(processes), seed=True)
    console = Console(width=200)
    try:
        with home.locked():
            supervisor = Supervisor(home, options, Display(console), plan=tiny_layout)
            supervisor.run(when_ready=lambda stack: console.print(f"READY {stack.port}"))
    except StackError as error:
        console.print(f"FAILED {error}", markup=False)
        return 1
    console.print("STOPPED")
    return 0


if __name__ == "__main__":
    sys.exit(main(*sys.argv[1:]))
