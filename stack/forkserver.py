"""The fork server: imports the services' code once, freezes it, and forks each service from that memory.

Started by the supervisor as `python -m stack.forkserver FD` and spoken to over a socket, one JSON object a line:

    → {"do": "preload", "modules": ["subgraphs.users.app", …], "prepare": "stack.processes:prepare", "environment": {…}}
    ← {"event": "preloaded", "seconds": 1.9, "problem": null}
    → {"do": "start", "name": …, "target": "stack.processes:serve_router", "arguments": {…},
       "environment": {…}, "log": …}
    ← {"event": "started", "name": …, "pid": …}
    ← {"event": "exited", "name": …, "pid": …, "status": …}

It runs no thread and no event loop, so that a fork copies nothing half done. When the socket closes, the supervisor
is gone and the services follow.
"""

import contextlib
import gc
import importlib
import json
import os
import select
import signal
import socket
import sys
import time
import traceback
from pathlib import Path
from typing import Any

from stack.servers.process import die_with_parent, name_process

_GRACE_SECONDS = 5.0
_WAKE_SIGNALS = (signal.SIGCHLD, signal.SIGTERM, signal.SIGINT)


class ForkServer:
    """Reads orders, forks, and reports every child's end."""

    def __init__(self, channel: socket.socket) -> None:
        self._channel = channel
        self._unread = b""
        self._children: dict[int, str] = {}
        self._ending = False
        self._wake_reader, self._wake_writer = os.pipe()

    def run(self) -> None:
        """Serve until the supervisor closes the socket or asks us to end; no child is left afterwards."""
        os.set_blocking(self._wake_writer, False)
        os.set_blocking(self._wake_reader, False)
        signal.set_wakeup_fd(self._wake_writer, warn_on_full_buffer=False)
        for number in _WAKE_SIGNALS:
            signal.signal(number, self._note_signal)
        while not self._ending:
            readable, _, _ = select.select([self._channel.fileno(), self._wake_reader], [], [])
            if self._wake_reader in readable:
                os.read(self._wake_reader, 4096)
            # Also for a child that ended before it was known to be one.
            self._report_ended_children()
            if self._channel.fileno() in readable:
                self._read_orders()
        self._end_children()

    def _note_signal(self, number: int, _frame: object) -> None:
        # Reported at once, also while a long import keeps us from the loop.
        if number == signal.SIGCHLD:
            self._report_ended_children()
        # Ctrl-C reaches the supervisor, which decides; only its own SIGTERM ends us.
        if number == signal.SIGTERM:
            self._ending = True

    def _read_orders(self) -> None:
        received = self._channel.recv(65536)
        if not received:
            self._ending = True
            return
        *lines, self._unread = (self._unread + received).split(b"\n")
        for line in lines:
            self._obey(json.loads(line))

    def _obey(self, order: dict[str, Any]) -> None:
        if order["do"] == "preload":
            started = time.monotonic()
            problem = self._preload(order)
            self._report(event="preloaded", seconds=time.monotonic() - started, problem=problem)
        else:
            pid = self._fork(order)
            self._report(event="started", name=order["name"], pid=pid)
            self._children[pid] = order["name"]

    def _preload(self, order: dict[str, Any]) -> str | None:
        """Import the modules in the services' environment, then prepare; return the traceback of what failed."""
        os.environ.update(order["environment"])
        try:
            for name in order["modules"]:
                importlib.import_module(name)
            if order["prepare"]:
                _call(order["prepare"], {})
        except Exception:  # noqa: BLE001 - whatever a service's code raises at import is the supervisor's to tell
            return traceback.format_exc()
        gc.collect()
        # What is here stays for good: the collector need not walk it, and so does not copy its pages after a fork.
        gc.freeze()
        return None

    def _fork(self, order: dict[str, Any]) -> int:
        parent_pid = os.getpid()
        pid = os.fork()
        if pid:
            return pid
        status = 1
        try:
            self._become(order, parent_pid)
            status = _call(order["target"], order["arguments"])
        except KeyboardInterrupt:
            status = 0
        except SystemExit as ended:
            status = ended.code if isinstance(ended.code, int) else int(ended.code is not None)
        except BaseException:  # noqa: BLE001 - the last stop before the process ends; the log gets it
            traceback.print_exc()
        finally:
            with contextlib.suppress(OSError, ValueError):
                sys.stdout.flush()
                sys.stderr.flush()
            os._exit(status)

    def _become(self, order: dict[str, Any], parent_pid: int) -> None:
        """Turn the forked copy into a service: its own session, signals, environment and log."""
        signal.set_wakeup_fd(-1)
        for number in _WAKE_SIGNALS:
            signal.signal(number, signal.SIG_DFL)
        os.setsid()
        die_with_parent(signal.SIGKILL, parent_pid)
        for descriptor in (self._channel.fileno(), self._wake_reader, self._wake_writer):
            os.close(descriptor)
        log = os.open(order["log"], os.O_WRONLY | os.O_CREAT | os.O_APPEND, 0o600)
        os.dup2(log, 1)
        os.dup2(log, 2)
        os.close(log)
        name_process(order["name"])
        os.environ.clear()
        os.environ.update(order["environment"])

    def _report_ended_children(self) -> None:
        for pid, name in list(self._children.items()):
            try:
                done, status = os.waitpid(pid, os.WNOHANG)
            except ChildProcessError:
                continue  # reported by the signal handler meanwhile
            if done:
                del self._children[pid]
                self._report(event="exited", name=name, pid=pid, status=os.waitstatus_to_exitcode(status))

    def _report(self, **message: Any) -> None:
        with contextlib.suppress(OSError):
            self._channel.sendall(json.dumps(message).encode() + b"\n")

    def _end_children(self) -> None:
        self._signal_children(signal.SIGTERM)
        deadline = time.monotonic() + _GRACE_SECONDS
        while self._children and time.monotonic() < deadline:
            self._report_ended_children()
            time.sleep(0.02)
        self._signal_children(signal.SIGKILL)
        for pid in list(self._children):
            os.waitpid(pid, 0)

    def _signal_children(self, number: signal.Signals) -> None:
        for pid in self._children:
            with contextlib.suppress(ProcessLookupError):
                os.kill(pid, number)


def _call(target: str, arguments: dict[str, Any]) -> int:
    """Call `module:function` with the arguments; a returned number is the exit status."""
    module, _, function = target.partition(":")
    result = getattr(importlib.import_module(module), function)(**arguments)
    return result if isinstance(result, int) else 0


def main() -> None:
    """Take over the socket whose descriptor is the only argument."""
    parent_pid = os.getppid()
    die_with_parent(signal.SIGTERM, parent_pid)
    sys.path.insert(0, str(Path(__file__).resolve().parents[1]))
    ForkServer(socket.socket(fileno=int(sys.argv[1]))).run()


if __name__ == "__main__":
    main()
