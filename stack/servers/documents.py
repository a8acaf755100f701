"""The document server: `mongod` when the machine has one, else SecantusDB.

SecantusDB speaks MongoDB's wire protocol over WiredTiger. It is a GPL program: it runs as a process of its
own and is never imported. It is not MongoDB: what was seen only with it has not been verified against mongod.
"""

import re
import shutil
import signal
import sys
from importlib.metadata import PackageNotFoundError, version
from importlib.util import find_spec
from pathlib import Path

from stack.servers.probes import documents_answer
from stack.servers.process import LOOPBACK, ServerError, ServerPlan, run_as


def plan_documents(folder: Path, *, port: int, durable: bool) -> ServerPlan:
    """Return the plan of a document server on loopback whose data lives in the folder.

    Args:
        folder: Created where missing. The two servers' files do not mix: each gets a folder of its own in it.
        port: Where to listen.
        durable: False for tests, whose data nobody needs afterwards.

    Raises:
        ServerError: Neither server is there.
    """
    # Parents made on the way get the system's mode: this one holds data too.
    folder.mkdir(mode=0o700, parents=True, exist_ok=True)
    mongod = shutil.which("mongod")
    if mongod:
        return _plan_mongod(Path(mongod), folder / "mongod", port=port)
    if find_spec("secantus") is not None:
        return _plan_secantus(folder / "secantus", port=port, durable=durable)
    raise ServerError(
        "No document server: no `mongod` is on PATH and the wheel `secantusdb` is not installed "
        "(it has none for Python 3.14 and for macOS on Intel). Install one, or name a server in MONGODB_URL."
    )


def _plan_mongod(binary: Path, folder: Path, *, port: int) -> ServerPlan:
    folder.mkdir(mode=0o700, parents=True, exist_ok=True)
    found = re.search(
        r"v(\d+\.\d+\.\d+)", run_as([str(binary), "--version"], user=None, timeout_seconds=20, cwd=folder)
    )
    return ServerPlan(
        role="documents",
        label=f"MongoDB {found.group(1) if found else '?'} ({binary})",
        url=f"mongodb://{LOOPBACK}:{port}/?directConnection=true",
        port=port,
        argv=(str(binary), "--bind_ip", LOOPBACK, "--port", str(port), "--dbpath", str(folder), "--nounixsocket"),
        answers=lambda: documents_answer(LOOPBACK, port),
        cwd=folder,
    )


def _plan_secantus(folder: Path, *, port: int, durable: bool) -> ServerPlan:
    folder.mkdir(mode=0o700, parents=True, exist_ok=True)
    # An empty file of ours keeps it from reading one out of the user's home.
    settings = folder.parent / "secantusd.toml"
    settings.write_text("", encoding="utf-8")
    try:
        release = version("secantusdb")
    except PackageNotFoundError:
        release = "?"
    return ServerPlan(
        role="documents",
        label=f"SecantusDB {release} (secantusdb), not verified against mongod",
        url=f"mongodb://{LOOPBACK}:{port}/?directConnection=true",
        port=port,
        argv=(
            *(sys.executable, "-m", "secantus"),
            *("--config", str(settings)),
            *("--host", LOOPBACK, "--port", str(port)),
            *("--storage-path", str(folder)),
            *("--cache-size", "64M"),
            *("--log-level", "WARNING"),
        ),
        answers=lambda: documents_answer(LOOPBACK, port),
        cwd=folder,
        # Its orderly end takes seconds; a copy for tests need not wait for it.
        stop_signal=signal.SIGTERM if durable else signal.SIGKILL,
    )
