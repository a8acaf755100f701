"""A whole stack, small: started, hurt and stopped as a person would."""

import json
import os
import re
import signal
import socket
import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any
from urllib.request import urlopen

import pytest

from stack.home import PROJECT, Home
from stack.servers.postgres import remove_cluster
from stack.servers.probes import documents_answer, postgres_answers, valkey_answers
from stack.servers.process import LOOPBACK

_PATIENCE_SECONDS = 40.0


class TinyStack:
    """A running `tests.stack.tiny`, and what it printed."""

    def __init__(self, home: Home, output: Path, *, port: int = 0, processes: int = 2) -> None:
        self.home = home
        self.output = output
        with output.open("wb") as file:
            self.process = subprocess.Popen(
                [sys.executable, "-m", "tests.stack.tiny", str(home.folder), str(port), str(processes)],
                cwd=PROJECT,
                stdout=file,
                stderr=subprocess.STDOUT,
            )

    @property
    def printed(self) -> str:
        return self.output.read_text(encoding="utf-8")

    @property
    def port(self) -> int:
        found = re.search(r"READY (\d+)", self.printed)
        assert found is not None, self.printed
        return int(found.group(1))

    @property
    def processes(self) -> dict[str, int]:
        recorded: dict[str, int] = self.home.read_state().get("processes", {})
        return recorded

    def wait_for(self, text: str) -> None:
        _wait_until(lambda: text in self.printed or self.process.poll() is not None)
        assert text in self.printed, self.printed

    def ask(self) -> dict[str, Any]:
        with urlopen(f"http://{LOOPBACK}:{self.port}/", timeout=5) as answer:
            answered: dict[str, Any] = json.load(answer)
            return answered


@pytest.fixture
def home(memory_folder: Path) -> Iterator[Home]:
    made = Home(memory_folder / "home")
    yield made
    remove_cluster(made.postgres)


@pytest.fixture
def started(home: Home, tmp_path: Path) -> Iterator[Callable[..., TinyStack]]:
    stacks: list[TinyStack] = []

    def start(**options: Any) -> TinyStack:
        stacks.append(TinyStack(home, tmp_path / f"output-{len(stacks)}", **options))
        return stacks[-1]

    yield start
    for stack in stacks:
        stack.process.send_signal(signal.SIGINT)
        stack.process.wait(_PATIENCE_SECONDS)


def _wait_until(is_so: Callable[[], bool]) -> None:
    deadline = time.monotonic() + _PATIENCE_SECONDS
    while not is_so() and time.monotonic() < deadline:
        time.sleep(0.05)


def _alive(pids: list[int]) -> list[int]:
    def runs(pid: int) -> bool:
        try:
            return Path(f"/proc/{pid}/stat").read_text(encoding="utf-8").rpartition(")")[2].split()[0] != "Z"
        except OSError:
            return False

    return [pid for pid in pids if runs(pid)]


def test_starts_in_order_serves_remembers_its_ports_and_stops_without_a_trace(
    home: Home, started: Callable[..., TinyStack]
) -> None:
    first = started()
    first.wait_for("READY")
    answer, ports, pids = first.ask(), home.read_state()["ports"], list(first.processes.values())
    first.process.send_signal(signal.SIGINT)
    first.process.wait(_PATIENCE_SECONDS)

    second = started()
    second.wait_for("READY")
    second_ports = home.read_state()["ports"]
    second.process.send_signal(signal.SIGTERM)
    second.process.wait(_PATIENCE_SECONDS)

    steps = re.findall(r"^✓ ([^:(]+?)(?::| \()", first.printed, re.MULTILINE)
    assert sorted(steps[:3]) == ["Cache, sessions, queues", "Documents", "Relational data"]
    assert steps[3:] == ["Database migrations", "Platform code", "Demo catalogue, people and history", "Services"]
    assert re.findall(r"^✓ (\w+)", second.printed, re.MULTILINE)[3:] == ["Platform", "Services"]
    assert answer["DATABASE_URL"].endswith(f"@127.0.0.1:{ports['postgres']}")
    assert answer["REDIS_URL"].endswith(f"@127.0.0.1:{ports['valkey']}/0")
    assert answer["MONGODB_URL"] == f"mongodb://127.0.0.1:{ports['documents']}/?directConnection=true"
    assert answer["prepared_with"] == answer["REDIS_URL"]
    assert (first.process.returncode, second.process.returncode) == (0, 0)
    assert len(pids) == 6
    assert _alive(pids) == []
    assert second_ports == ports
    assert (home.folder / "seeded").read_text(encoding="ascii") == "done\n"
    assert (home.folder / "migrated").read_text(encoding="ascii") == "done\n"
    assert "processes" not in home.read_state()


def test_whatever_dies_is_started_again_where_it_was_and_said_so(home: Home, started: Callable[..., TinyStack]) -> None:
    stack = started()
    stack.wait_for("READY")
    ports = home.read_state()["ports"]
    probes = {"valkey": valkey_answers, "documents": documents_answer, "postgres": postgres_answers}

    for role, answers in probes.items():
        dead = stack.processes[role]
        os.kill(dead, signal.SIGKILL)
        _wait_until(lambda role=role, dead=dead: stack.processes.get(role) not in (None, dead))  # type: ignore[misc]  # mypy cannot type a lambda's default
        _wait_until(lambda answers=answers, role=role: answers(LOOPBACK, ports[role]))  # type: ignore[misc]  # likewise
        assert stack.printed.count("starting it again") >= list(probes).index(role) + 1
    killed = stack.processes["tiny-1"]
    os.kill(killed, signal.SIGKILL)
    _wait_until(lambda: stack.processes.get("tiny-1") not in (None, killed))
    os.kill(stack.processes["fork server"], signal.SIGKILL)
    stack.wait_for("The fork server died")
    _wait_until(lambda: len(_alive(list(stack.processes.values()))) == 6)

    answer = stack.ask()

    assert answer["pid"] in {stack.processes["tiny-1"], stack.processes["tiny-2"]}
    assert re.findall(r"^(\w+)[^\n]* died \(killed by SIGKILL\); starting it again", stack.printed, re.MULTILINE) == [
        "Valkey",
        "SecantusDB",
        "PostgreSQL",
        "tiny",
    ]
    assert home.read_state()["ports"] == ports


def test_nothing_outlives_a_killed_supervisor(started: Callable[..., TinyStack]) -> None:
    stack = started()
    stack.wait_for("READY")
    pids = list(stack.processes.values())

    stack.process.kill()
    stack.process.wait()
    _wait_until(lambda: not _alive(pids))

    assert len(pids) == 6
    assert _alive(pids) == []


def test_what_keeps_failing_is_left_alone_while_the_rest_serves(started: Callable[..., TinyStack]) -> None:
    stack = started(processes=3)
    stack.wait_for("READY")

    stack.wait_for("hopeless keeps dying (status 7) and is left alone")

    assert stack.printed.count("hopeless died (status 7); starting it again") == 5
    assert stack.ask()["pid"] in stack.processes.values()


def test_a_taken_port_is_named_with_what_to_do_and_nothing_is_started(
    home: Home, started: Callable[..., TinyStack]
) -> None:
    with socket.socket() as other:
        other.bind((LOOPBACK, 0))
        other.listen()
        port = other.getsockname()[1]

        stack = started(port=port)
        stack.process.wait(_PATIENCE_SECONDS)

    assert stack.process.returncode == 1
    assert re.search(
        rf"FAILED Port {port} is taken by another program. Take another one with `--port \d+`", stack.printed
    )
    assert "ports" not in home.read_state()
    assert not home.postgres.exists()


@pytest.mark.parametrize("number", [signal.SIGINT, signal.SIGHUP], ids=["ctrl_c", "a_closed_terminal"])
def test_a_signal_during_the_start_stops_it_without_a_trace(
    home: Home, started: Callable[..., TinyStack], number: signal.Signals
) -> None:
    stack = started()
    _wait_until(lambda: (home.logs / "valkey.log").exists())

    stack.process.send_signal(number)
    stack.process.wait(_PATIENCE_SECONDS)

    assert stack.process.returncode == 0
    assert "READY" not in stack.printed
    assert not valkey_answers(LOOPBACK, home.read_state().get("ports", {}).get("valkey", 1))
