"""Keeps one server of a pytest run alive as long as the run: `python -m tests.support.guardian FOLDER ROLE`.

A process of its own, with few imports, so that a server does not depend on the xdist worker that first wanted it.
What tests see of the servers is in tests/support/servers.py.
"""

import contextlib
import json
import os
import shutil
import signal
import subprocess
import sys
import time
from pathlib import Path
from types import FrameType

from stack.servers.documents import plan_documents
from stack.servers.postgres import plan_postgres, remove_cluster
from stack.servers.process import ServerError, ServerPlan, free_port, launch, stop, wait_until_ready
from stack.servers.valkey import plan_valkey

_STARTS_AT_MOST = 3


def _plan(role: str, folder: Path) -> ServerPlan:
    port = free_port()
    if role == "postgres":
        return plan_postgres(folder / "postgres", port=port, password=None, durable=False)
    if role == "valkey":
        return plan_valkey(folder / "valkey", port=port, password=None, durable=False)
    return plan_documents(folder / "documents", port=port, durable=False)


def _guard(folder: Path, role: str) -> None:
    """Run one server until we are told to end or the pytest run is gone; the last one out deletes the folder."""
    owner = int((folder / "owner").read_text(encoding="ascii"))
    wanted = True

    def end(_signal: int, _frame: FrameType | None) -> None:
        nonlocal wanted
        wanted = False

    signal.signal(signal.SIGTERM, end)
    plan, server = _start(role, folder)
    try:
        unfinished = folder / f"{role}.json.new"
        unfinished.write_text(json.dumps({"url": plan.url, "label": plan.label, "pid": server.pid}), encoding="utf-8")
        unfinished.rename(folder / f"{role}.json")
        while wanted and is_alive(owner) and server.poll() is None:
            time.sleep(0.2)
    finally:
        stop(server, stop_signal=plan.stop_signal, timeout_seconds=plan.stop_timeout_seconds)
    if not is_alive(owner):
        delete_run(folder)


def _start(role: str, folder: Path) -> tuple[ServerPlan, subprocess.Popen[bytes]]:
    """Start the server; a port that another process took in the meantime is worth another try."""
    for attempt in range(1, _STARTS_AT_MOST + 1):
        plan = _plan(role, folder)
        with (folder / f"{role}.log").open("ab") as log:
            server = launch(plan, log)
        try:
            wait_until_ready(plan, server, timeout_seconds=30)
        except ServerError:
            stop(server, stop_signal=plan.stop_signal, timeout_seconds=plan.stop_timeout_seconds)
            if attempt == _STARTS_AT_MOST:
                sys.stdout.write((folder / f"{role}.log").read_text(encoding="utf-8", errors="replace"))
                raise
        else:
            return plan, server
    raise AssertionError("unreachable: the last attempt returns or raises")


def delete_run(folder: Path) -> None:
    """Delete all that the run made; what is gone already is fine."""
    remove_cluster(folder / "postgres")
    shutil.rmtree(folder, ignore_errors=True)


def is_alive(pid: int) -> bool:
    """Whether the process runs; one that has ended and waits for its parent to notice does not."""
    try:
        os.kill(pid, 0)
    except ProcessLookupError:
        return False
    except PermissionError:
        return True
    with contextlib.suppress(OSError):
        return Path(f"/proc/{pid}/stat").read_text(encoding="utf-8").rpartition(")")[2].split()[0] != "Z"
    return True


if __name__ == "__main__":
    _guard(Path(sys.argv[1]), sys.argv[2])
