"""The supervisor's side of the fork server: orders go out, reports come in, nothing blocks."""

import json
import os
import socket
import subprocess
import sys
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import IO, Any

from stack.home import PROJECT


@dataclass(frozen=True)
class Fork:
    """What to run in a forked process."""

    name: str
    target: str
    """`module:function`; the number it returns is the exit status."""
    arguments: dict[str, Any]
    log: Path


@dataclass(frozen=True)
class Preload:
    """What the fork server does before it forks, once for all processes."""

    modules: tuple[str, ...]
    """Imported in this order."""
    prepare: str | None = None
    """`module:function`, called in the services' environment after the imports."""


class ForkClient:
    """A fork server of our own, and the reports it has sent.

    Args:
        log: Gets what the fork server prints.
        keep: Descriptors that it and every process forked from it keep open.
    """

    def __init__(self, log: IO[bytes], *, keep: Sequence[int] = ()) -> None:
        ours, theirs = socket.socketpair()
        self._channel = ours
        self._unread = b""
        with theirs:
            self.process = subprocess.Popen(
                [sys.executable, "-m", "stack.forkserver", str(theirs.fileno())],
                # `-m` looks in the current folder first; the project's is the right one.
                cwd=PROJECT,
                pass_fds=[theirs.fileno(), *keep],
                stdin=subprocess.DEVNULL,
                stdout=log,
                stderr=subprocess.STDOUT,
                start_new_session=True,
                env={**os.environ, "PYTHONUNBUFFERED": "1"},
            )
        self._channel.settimeout(0.0)

    def preload(self, preload: Preload, environment: dict[str, str]) -> None:
        """Ask for the imports and the preparation; a report `preloaded` follows."""
        self._send(
            {
                "do": "preload",
                "modules": list(preload.modules),
                "prepare": preload.prepare,
                "environment": environment,
            }
        )

    def start(self, fork: Fork, environment: dict[str, str]) -> None:
        """Ask for a process; a report `started` follows, and `exited` once it has ended."""
        self._send(
            {
                "do": "start",
                "name": fork.name,
                "target": fork.target,
                "arguments": fork.arguments,
                "environment": environment,
                "log": str(fork.log),
            }
        )

    def fileno(self) -> int:
        """The descriptor that becomes readable with a report: for select."""
        return self._channel.fileno()

    def reports(self) -> list[dict[str, Any]]:
        """Return the reports that have arrived and were not returned yet."""
        try:
            while received := self._channel.recv(65536):
                self._unread += received
        except BlockingIOError:
            pass
        except OSError:
            return []
        *lines, self._unread = self._unread.split(b"\n")
        return [json.loads(line) for line in lines]

    def close(self, *, timeout_seconds: float) -> None:
        """End the fork server and with it every process it forked."""
        self._channel.close()
        try:
            self.process.wait(timeout_seconds)
        except subprocess.TimeoutExpired:
            self.process.kill()
            self.process.wait()

    def _send(self, order: dict[str, Any]) -> None:
        self._channel.settimeout(None)
        try:
            self._channel.sendall(json.dumps(order).encode() + b"\n")
        except OSError:
            # It is gone: the supervisor sees that by its process and starts another.
            return
        finally:
            self._channel.settimeout(0.0)
