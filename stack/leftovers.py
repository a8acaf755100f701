"""Processes that an earlier stack left behind: found by what its state file remembers, and ended.

On Linux the kernel ends a stack's processes with their supervisor, so there is rarely anything to do.
"""

import contextlib
import os
import signal
import subprocess
import time

_GRACE_SECONDS = 5.0
_OUR_WORDS = ("postgres", "valkey", "redis-server", "secantus", "mongod", "stack.forkserver")


def end_leftovers(processes: dict[str, int]) -> list[str]:
    """End the processes that are still ours and return their names, once they are gone.

    A number that belongs to another program by now is left alone.
    """
    alive = {name: pid for name, pid in processes.items() if any(word in command_of(pid) for word in _OUR_WORDS)}
    for number, grace_seconds in ((signal.SIGINT, _GRACE_SECONDS), (signal.SIGKILL, _GRACE_SECONDS)):
        for pid in alive.values():
            with contextlib.suppress(ProcessLookupError, PermissionError):
                os.kill(pid, number)
        deadline = time.monotonic() + grace_seconds
        while any(command_of(pid) for pid in alive.values()) and time.monotonic() < deadline:
            time.sleep(0.05)
    return sorted(alive)


def command_of(pid: int) -> str:
    """Return the command line of a process, empty when there is none."""
    try:
        shown = subprocess.run(
            ["ps", "-o", "command=", "-p", str(pid)], capture_output=True, text=True, timeout=5, check=False
        )
    except (OSError, subprocess.SubprocessError):
        return ""
    return shown.stdout.strip()
