"""Tools are found, watched and ended."""

import os
import time
from pathlib import Path

import pytest

from media import tools
from media.errors import MediaError, MediaFault
from media.tools import find_tool, run_tool


def refusal(command: list[str], *, timeout_seconds: float = 60.0, cancel_after: int | None = None) -> MediaError:
    """Return how running the command failed; it is cancelled when asked more often than that."""
    asked = 0

    def is_cancelled() -> bool:
        nonlocal asked
        asked += 1
        return cancel_after is not None and asked > cancel_after

    with pytest.raises(MediaError) as refused:
        run_tool(command, timeout_seconds=timeout_seconds, is_cancelled=is_cancelled)
    return refused.value


def has_ended(process_id: int) -> bool:
    """Whether the process is gone, or will be: what was killed may take a moment. One that nobody waits for counts."""
    for _ in range(500):
        try:
            state = Path(f"/proc/{process_id}/stat").read_text(encoding="ascii").rpartition(")")[2].split()[0]
        except OSError:
            return True
        if state == "Z":
            return True
        time.sleep(0.02)
    return False


@pytest.mark.parametrize("name", ["ffmpeg", "ffprobe", "packager"])
def test_every_tool_is_there(name: str) -> None:
    assert os.access(find_tool(name), os.X_OK)


def test_without_the_package_the_path_is_looked_through(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(tools, "find_spec", lambda _name: None)
    monkeypatch.setenv("PATH", str(tmp_path))
    (tmp_path / "ffmpeg").touch(mode=0o755)

    assert find_tool("ffmpeg") == str(tmp_path / "ffmpeg")
    with pytest.raises(MediaError) as refused:
        find_tool("packager")
    assert refused.value.code is MediaFault.TOOL_MISSING
    assert "put packager on the PATH" in refused.value.message


def test_output_comes_line_by_line_and_whole_at_a_lower_priority(tmp_path: Path) -> None:
    lines: list[str] = []

    output = run_tool(
        ["/bin/sh", "-c", "pwd; nice; echo out; echo err >&2"],
        timeout_seconds=60.0,
        folder=tmp_path,
        on_line=lines.append,
    )

    assert lines == output.splitlines()
    assert (lines[0], lines[2:]) == (str(tmp_path), ["out"])
    assert int(lines[1]) == min(19, os.nice(0) + 10)


def test_a_failure_says_the_tools_last_words() -> None:
    refused = refusal(["/bin/sh", "-c", "echo progress; echo 'no such codec' >&2; exit 3"])

    assert (refused.code, refused.message, refused.detail) == (
        MediaFault.TOOL_FAILED,
        "sh ended with 3.",
        "no such codec",
    )


@pytest.mark.parametrize(
    ("limits", "code"),
    [({"timeout_seconds": 0.3}, MediaFault.TOOL_TIMEOUT), ({"cancel_after": 3}, MediaFault.CANCELLED)],
)
def test_what_is_not_wanted_any_more_is_ended_with_all_that_it_started(
    tmp_path: Path, limits: dict[str, float], code: MediaFault
) -> None:
    script = f"sleep 600 & echo $! > {tmp_path}/child; echo $$ > {tmp_path}/parent; wait"

    def both_run() -> bool:
        return all((tmp_path / name).is_file() and (tmp_path / name).read_text() for name in ("child", "parent"))

    with pytest.raises(MediaError) as refused:
        run_tool(
            ["/bin/sh", "-c", script],
            timeout_seconds=limits.get("timeout_seconds", 60.0),
            is_cancelled=(lambda: False) if code is MediaFault.TOOL_TIMEOUT else both_run,
        )

    assert refused.value.code is code
    if both_run():  # a slow machine may not have come so far before the time was over
        assert has_ended(int((tmp_path / "parent").read_text(encoding="ascii")))
        assert has_ended(int((tmp_path / "child").read_text(encoding="ascii")))
