"""The script `reelgraph` at the root: what it hands on to the program it starts."""

import os
import shutil
import subprocess
from pathlib import Path

import pytest

from stack.home import PROJECT

_SAYS_ITS_ENVIRONMENT = """#!/bin/sh
echo "${PYTHONDONTWRITEBYTECODE-unset} ${PYTHONPYCACHEPREFIX-unset}"
"""


@pytest.fixture
def clone(tmp_path: Path) -> Path:
    """A clone in which everything is installed; its program says what it was given."""
    for name in ("reelgraph", "uv.lock", "pyproject.toml"):
        shutil.copy(PROJECT / name, tmp_path / name)
    programs = tmp_path / ".venv" / "bin"
    programs.mkdir(parents=True)
    for name in ("python", "reelgraph"):
        (programs / name).write_text(_SAYS_ITS_ENVIRONMENT, encoding="ascii")
        (programs / name).chmod(0o755)
    sums = [
        subprocess.run(["cksum"], input=(tmp_path / name).read_bytes(), capture_output=True, check=True).stdout
        for name in ("uv.lock", "pyproject.toml")
    ]
    stamp = f"{tmp_path} {' '.join(each.decode().strip() for each in sums)} --dev\n"
    (tmp_path / ".venv" / ".reelgraph-installed").write_text(stamp, encoding="utf-8")
    return tmp_path


def _said(clone: Path, **environment: str) -> str:
    names = ("PYTHONDONTWRITEBYTECODE", "PYTHONPYCACHEPREFIX", "REELGRAPH_HOME")
    plain = {name: value for name, value in os.environ.items() if name not in names}
    command = [str(clone / "reelgraph"), "status"]
    return subprocess.run(command, env=plain | environment, capture_output=True, text=True, check=True).stdout.strip()


def test_bytecode_that_is_forbidden_among_the_sources_is_kept_beside_the_packages(clone: Path) -> None:
    assert _said(clone, PYTHONDONTWRITEBYTECODE="1") == f"unset {clone}/.venv/bytecode"


def test_a_place_for_bytecode_that_somebody_chose_stays(clone: Path) -> None:
    assert _said(clone, PYTHONDONTWRITEBYTECODE="1", PYTHONPYCACHEPREFIX="/elsewhere") == "unset /elsewhere"


def test_where_bytecode_is_allowed_nothing_is_changed(clone: Path) -> None:
    assert _said(clone) == "unset unset"
