"""The folder of a stack: layout, state, lock."""

import json
import os
import subprocess
import sys
import time
from pathlib import Path

import pytest

from stack.home import PROJECT, AlreadyRunningError, Home, HomeError, find_home

_HOLD_LOCK = """
import sys
from pathlib import Path
from stack.home import Home
with Home(Path(sys.argv[1])).locked():
    print("held", flush=True)
    sys.stdin.read()
"""


@pytest.fixture
def home(tmp_path: Path) -> Home:
    made = Home(tmp_path / "home")
    made.create()
    return made


def test_keys_logs_and_state_are_closed_to_other_users(home: Home) -> None:
    home.update_state(stores={"postgres": "postgresql://user:password@host"})

    modes = [path.stat().st_mode & 0o077 for path in (home.keys, home.logs, home.folder / "state.json")]

    assert modes == [0, 0, 0]


def test_state_keeps_what_a_change_does_not_name_and_drops_what_it_sets_to_none(home: Home) -> None:
    home.update_state(ports={"router": 4000}, running={"url": "x"})

    home.update_state(running=None)

    assert home.read_state() == {"ports": {"router": 4000}}


def test_a_state_file_cut_off_by_a_crash_counts_as_empty(home: Home) -> None:
    (home.folder / "state.json").write_text('{"ports": {"rou', encoding="utf-8")

    assert home.read_state() == {}


def test_a_second_process_is_refused_the_folder_and_told_who_has_it(home: Home) -> None:
    with subprocess.Popen(
        [sys.executable, "-c", _HOLD_LOCK, str(home.folder)], stdin=subprocess.PIPE, stdout=subprocess.PIPE, cwd=PROJECT
    ) as holder:
        assert holder.stdout is not None
        assert holder.stdout.readline() == b"held\n"

        with pytest.raises(AlreadyRunningError) as refusal, home.locked():
            pass

        assert refusal.value.pid == holder.pid
        assert home.running_pid() == holder.pid
        holder.kill()


def test_the_lock_of_a_killed_process_is_no_lock(home: Home) -> None:
    with subprocess.Popen(
        [sys.executable, "-c", _HOLD_LOCK, str(home.folder)], stdin=subprocess.PIPE, stdout=subprocess.PIPE, cwd=PROJECT
    ) as holder:
        assert holder.stdout is not None
        holder.stdout.readline()
        holder.kill()
        holder.wait()

    assert home.running_pid() is None
    with home.locked():
        assert (home.folder / "lock").read_text(encoding="ascii") == str(os.getpid())


def test_says_what_to_do_when_it_cannot_write(tmp_path: Path) -> None:
    (tmp_path / "file").touch()

    with pytest.raises(HomeError, match="Set REELGRAPH_HOME to a folder of yours"):
        Home(tmp_path / "file" / "home").create()


def test_dropping_the_data_keeps_keys_logs_and_ports(home: Home) -> None:
    for folder in (home.postgres, home.valkey, home.documents):
        folder.mkdir()
        (folder / "data").touch()
    (home.keys / "secret").touch()
    (home.logs / "valkey.log").touch()
    home.update_state(ports={"router": 4000}, is_seeded=True)

    home.drop_data()

    assert sorted(path.name for path in home.folder.iterdir()) == ["keys", "logs", "state.json"]
    assert (home.keys / "secret").exists()
    assert home.read_state() == {"ports": {"router": 4000}}


def test_the_environment_names_the_folder(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    monkeypatch.setenv("REELGRAPH_HOME", str(tmp_path / "elsewhere"))

    assert find_home().folder == tmp_path / "elsewhere"


def test_state_is_readable_json(home: Home) -> None:
    home.update_state(ports={"router": 1})

    assert json.loads((home.folder / "state.json").read_text(encoding="utf-8")) == {"ports": {"router": 1}}


def test_only_long_logs_are_set_aside(home: Home) -> None:
    (home.logs / "router.log").write_bytes(b"x" * 10_000_001)
    (home.logs / "worker.log").write_bytes(b"short")

    home.set_aside_long_logs()

    assert sorted(path.name for path in home.logs.iterdir()) == ["router.log.1", "worker.log"]


@pytest.mark.requirement("IN-PRIV-2")
def test_logs_that_were_not_written_to_for_30_days_are_deleted(home: Home) -> None:
    for name, days in (("young.log", 29), ("old.log", 31), ("long.log.1", 29), ("older.log.1", 31)):
        path = home.logs / name
        path.write_bytes(b"lines")
        at = time.time() - days * 86_400
        os.utime(path, (at, at))

    home.set_aside_long_logs()

    assert sorted(path.name for path in home.logs.iterdir()) == ["long.log.1", "young.log"]
