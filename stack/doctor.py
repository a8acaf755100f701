"""What is missing or wrong on this machine, in words: the checks of `reelgraph doctor`.

Each check looks at one thing and changes nothing.
"""

import os
import shutil
import sys
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from enum import Enum
from importlib.util import find_spec
from pathlib import Path
from urllib.parse import urlsplit

from stack.environment import STORE_VARIABLES
from stack.home import HOME_VARIABLE, Home
from stack.servers.postgres import find_postgres
from stack.servers.probes import documents_answer, http_answers, postgres_answers, valkey_answers
from stack.servers.process import ServerError, port_is_free
from stack.servers.valkey import find_valkey
from stack.services import DEFAULT_ROUTER_PORT, SUBGRAPHS

_LOWEST_PYTHON = (3, 11)
_FIRST_UNSUPPORTED_PYTHON = (3, 14)
_DISK_BYTES_NEEDED = 1_000_000_000
_DEFAULT_PORTS = {"postgres": 5432, "valkey": 6379, "documents": 27017}


class Verdict(Enum):
    """How a check ended. Only `WRONG` keeps the platform from running."""

    FINE = "✓"
    NOTE = "!"
    WRONG = "✗"


@dataclass(frozen=True)
class Finding:
    """What one check saw, and where it is not fine what to do."""

    verdict: Verdict
    text: str


def examine(home: Home) -> Iterator[Finding]:
    """Yield what every check sees, in the order in which a start would stumble over it."""
    yield _python()
    yield from _folder(home)
    yield _disk(home)
    yield from _stores()
    yield from _parts()
    yield from _keys(home)
    yield from _running(home)


def _python() -> Finding:
    version = ".".join(map(str, sys.version_info[:3]))
    if _LOWEST_PYTHON <= sys.version_info[:2] < _FIRST_UNSUPPORTED_PYTHON:
        return Finding(Verdict.FINE, f"Python {version} on {sys.platform}.")
    return Finding(Verdict.WRONG, f"Python {version}: 3.11, 3.12 or 3.13 is needed.")


def _folder(home: Home) -> Iterator[Finding]:
    existing = next(folder for folder in (home.folder, *home.folder.parents) if folder.exists())
    if not os.access(existing, os.W_OK | os.X_OK):
        yield Finding(
            Verdict.WRONG,
            f"{home.folder} cannot be written: {existing} is closed to us. Set {HOME_VARIABLE} to a folder of yours.",
        )
    elif home.folder.exists():
        yield Finding(Verdict.FINE, f"Data, keys and logs are in {home.folder}.")
    else:
        yield Finding(Verdict.FINE, f"{home.folder} will be made by the first `reelgraph up`.")
    foreign = [
        path
        for path in (home.keys, home.valkey, home.documents)
        if path.exists() and not os.access(path, os.R_OK | os.W_OK)
    ]
    for path in foreign:
        yield Finding(
            Verdict.WRONG,
            f"{path} belongs to another user (was the stack run as root?). Change its owner, or delete it.",
        )


def _disk(home: Home) -> Finding:
    existing = next(folder for folder in (home.folder, *home.folder.parents) if folder.exists())
    free_bytes = shutil.disk_usage(existing).free
    text = f"{free_bytes / 1e9:.1f} GB free where the data go"
    if free_bytes < _DISK_BYTES_NEEDED:
        return Finding(Verdict.WRONG, f"{text}; at least {_DISK_BYTES_NEEDED / 1e9:.0f} GB is needed.")
    return Finding(Verdict.FINE, f"{text}.")


def _stores() -> Iterator[Finding]:
    probes: dict[str, Callable[[str, int], bool]] = {
        "postgres": postgres_answers,
        "valkey": valkey_answers,
        "documents": documents_answer,
    }
    for role, variable in STORE_VARIABLES.items():
        url = os.environ.get(variable)
        if url:
            yield _external_store(variable, url, _DEFAULT_PORTS[role], probes[role])
        else:
            yield _embedded_store(role)


def _external_store(variable: str, url: str, default_port: int, answers: Callable[[str, int], bool]) -> Finding:
    parts = urlsplit(url)
    host, port = parts.hostname or "127.0.0.1", parts.port or default_port
    if answers(host, port):
        return Finding(Verdict.FINE, f"{variable} names {host}:{port}, which answers.")
    return Finding(Verdict.WRONG, f"{variable} names {host}:{port}, which does not answer as it should.")


def _embedded_store(role: str) -> Finding:
    try:
        if role == "postgres":
            binaries = find_postgres()
            return Finding(Verdict.FINE, f"PostgreSQL is here ({binaries.source}).")
        if role == "valkey":
            return Finding(Verdict.FINE, f"Valkey is here ({find_valkey().source}).")
    except ServerError as error:
        return Finding(Verdict.WRONG, str(error))
    mongod = shutil.which("mongod")
    if mongod:
        return Finding(Verdict.FINE, f"MongoDB is here ({mongod}).")
    if find_spec("secantus"):
        return Finding(Verdict.FINE, "SecantusDB stands in for MongoDB (secantusdb); not verified against mongod.")
    return Finding(
        Verdict.WRONG,
        "No document server: no `mongod` on PATH and no `secantusdb` installed. Install one, or set MONGODB_URL.",
    )


def _parts() -> Iterator[Finding]:
    missing = [subgraph.name for subgraph in SUBGRAPHS if not subgraph.is_installed()]
    if missing:
        yield Finding(Verdict.WRONG, f"Subgraphs without an application: {', '.join(missing)}.")
    unmigrated = [
        subgraph.name
        for subgraph in SUBGRAPHS
        if subgraph.owns_database and not list((subgraph.migrations / "versions").glob("*.py"))
    ]
    if unmigrated:
        yield Finding(Verdict.WRONG, f"Subgraphs with a database but no migrations: {', '.join(unmigrated)}.")
    if not missing and not unmigrated:
        yield Finding(Verdict.FINE, f"All {len(SUBGRAPHS)} subgraphs and their migrations are here.")


def _keys(home: Home) -> Iterator[Finding]:
    if not home.keys.exists():
        return
    for path in sorted(home.keys.iterdir()):
        if _is_open_to_others(path):
            yield Finding(Verdict.NOTE, f"Other users may read {path}. Close it with `chmod 600`.")


def _is_open_to_others(path: Path) -> bool:
    return path.is_file() and bool(path.stat().st_mode & 0o077)


def _running(home: Home) -> Iterator[Finding]:
    pid = home.running_pid()
    state = home.read_state()
    if pid is None:
        port = int(state.get("ports", {}).get("router", DEFAULT_ROUTER_PORT))
        if not port_is_free(port):
            yield Finding(
                Verdict.NOTE, f"Port {port} is taken by another program: start with `--port 0` or another one."
            )
        else:
            yield Finding(Verdict.FINE, f"Nothing is running; port {port} is free.")
        return
    address = urlsplit(state.get("running", {}).get("url", ""))
    if address.hostname and address.port and http_answers(address.hostname, address.port, "/health"):
        yield Finding(Verdict.FINE, f"The stack runs (process {pid}) and answers at {address.geturl()}.")
    else:
        yield Finding(Verdict.WRONG, f"The stack runs (process {pid}) but does not answer yet. Look into {home.logs}.")
