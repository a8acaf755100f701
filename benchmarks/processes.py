"""CPU time and memory of a process tree, read from /proc (Linux)."""

import os
from dataclasses import dataclass
from pathlib import Path

_TICKS_PER_SECOND = os.sysconf("SC_CLK_TCK")


@dataclass(frozen=True, slots=True)
class Usage:
    """What a group of processes has used: CPU seconds since they started, with those of children that have ended, and
    memory now (PSS, shared pages split)."""

    cpu_seconds: float
    pss_mb: float


def tree(root_pid: int) -> list[int]:
    """Return the process and all its descendants that still run."""
    children: dict[int, list[int]] = {}
    for entry in Path("/proc").iterdir():
        if entry.name.isdigit():
            try:
                fields = (entry / "stat").read_text().rsplit(")", 1)[1].split()
            except (OSError, IndexError):
                continue
            children.setdefault(int(fields[1]), []).append(int(entry.name))
    found, queue = [], [root_pid]
    while queue:
        pid = queue.pop()
        found.append(pid)
        queue.extend(children.get(pid, ()))
    return found


def resident_mb(pids: list[int]) -> float:
    """Return the summed resident memory of the processes; shared pages count in each."""
    kilobytes = 0
    for pid in pids:
        try:
            status = Path(f"/proc/{pid}/status").read_text()
        except OSError:
            continue
        kilobytes += next((int(line.split()[1]) for line in status.splitlines() if line.startswith("VmRSS:")), 0)
    return kilobytes / 1024


def usage(pids: list[int]) -> Usage:
    """Return the summed usage of the processes; those that have ended count nothing."""
    cpu_ticks, pss_kb = 0, 0
    for pid in pids:
        try:
            fields = Path(f"/proc/{pid}/stat").read_text().rsplit(")", 1)[1].split()
            # With what ended children used: a server's connections come and go.
            cpu_ticks += sum(map(int, fields[11:15]))
            rollup = Path(f"/proc/{pid}/smaps_rollup").read_text()
        except (OSError, IndexError):
            continue
        pss_kb += next((int(line.split()[1]) for line in rollup.splitlines() if line.startswith("Pss:")), 0)
    return Usage(cpu_ticks / _TICKS_PER_SECOND, pss_kb / 1024)
