"""The command line, as typed."""

import io
import json
import os
import re
import signal
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest
from click.testing import CliRunner
from rich.console import Console

from stack import cli
from stack.cli import main
from stack.home import PROJECT, Home
from stack.seed.accounts import DEMO_PASSWORD, demo_logins
from stack.servers.postgres import remove_cluster
from stack.servers.process import free_port


@pytest.fixture
def home(memory_folder: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Home]:
    monkeypatch.setenv("REELGRAPH_HOME", str(memory_folder / "home"))
    made = Home(memory_folder / "home")
    yield made
    # As root, the cluster lies outside of pytest's folder.
    remove_cluster(made.postgres)


@pytest.fixture
def runner() -> CliRunner:
    return CliRunner()


def test_status_says_that_nothing_runs_and_ends_with_3(home: Home, runner: CliRunner) -> None:
    result = runner.invoke(main, ["status"])

    assert (result.exit_code, result.output) == (3, "The stack does not run. Start it with `reelgraph up`.\n")
    assert not home.folder.exists()


@pytest.mark.parametrize("width", [20, 80, 120])
def test_demo_logins_can_be_copied_whole_however_narrow_the_terminal(
    home: Home, monkeypatch: pytest.MonkeyPatch, width: int
) -> None:
    home.create()
    home.demo_logins.write_text(json.dumps(demo_logins()), encoding="utf-8")
    output = io.StringIO()
    monkeypatch.setattr(cli, "_console", Console(file=output, width=width, force_terminal=True, highlight=False))

    cli._print_demo_logins(home)  # `up` prints it only after a whole start

    lines = output.getvalue().splitlines()
    assert lines[1] == f"Demo logins, all with the password {DEMO_PASSWORD}:"
    shown = [re.fullmatch(r"  (\S+@\S+) +(\S.*)", line) for line in lines if "@" in line]
    assert [match and match[1] for match in shown] == [email for email, _, _ in demo_logins()]
    words = " ".join(lines[2:]).split()
    assert words == [word for email, _, text in demo_logins() for word in (email, *text.split())]


def test_reset_asks_first_and_a_no_changes_nothing(home: Home, runner: CliRunner) -> None:
    home.create()
    (home.valkey).mkdir()

    result = runner.invoke(main, ["reset"], input="n\n")

    assert result.exit_code == 1
    assert home.valkey.exists()


def test_reset_drops_the_data_when_told_so(home: Home, runner: CliRunner) -> None:
    home.create()
    home.valkey.mkdir()

    result = runner.invoke(main, ["reset", "--yes"])

    assert result.exit_code == 0
    assert not home.valkey.exists()


def test_reset_is_refused_while_the_stack_runs(home: Home, runner: CliRunner) -> None:
    home.create()
    home.valkey.mkdir()
    hold = (
        "import sys; from stack.home import find_home\nwith find_home().locked(): print(flush=True); sys.stdin.read()"
    )
    with subprocess.Popen(
        [sys.executable, "-c", hold], stdin=subprocess.PIPE, stdout=subprocess.PIPE, cwd=PROJECT
    ) as running:
        assert running.stdout is not None
        running.stdout.readline()

        result = runner.invoke(main, ["reset", "--yes"])
        running.kill()

    assert result.exit_code == 1
    assert (
        result.output
        == f"Error: The stack is running already (process {running.pid}). Stop it there with Ctrl-C first.\n"
    )
    assert home.valkey.exists()


def test_up_says_what_to_do_when_the_folder_cannot_be_written(
    tmp_path: Path, runner: CliRunner, monkeypatch: pytest.MonkeyPatch
) -> None:
    (tmp_path / "file").touch()
    monkeypatch.setenv("REELGRAPH_HOME", str(tmp_path / "file" / "home"))

    result = runner.invoke(main, ["up"])

    assert result.exit_code == 1
    assert "Set REELGRAPH_HOME to a folder of yours" in result.output


def test_import_stores_films_without_a_running_stack_and_a_second_time_changes_nothing(
    home: Home, tmp_path: Path
) -> None:
    films = tmp_path / "films.jsonl"
    rows = [{"title": f"Film {number}", "year": 2000, "cast": ["An Actor"], "genres": ["Drama"]} for number in range(3)]
    films.write_text("\n".join([*map(json.dumps, rows), "not json"]) + "\n", encoding="utf-8")
    command = [sys.executable, "-m", "stack", "import", str(films)]

    first = subprocess.run(command, cwd=PROJECT, capture_output=True, text=True, check=False, env=_plain())
    second = subprocess.run(command, cwd=PROJECT, capture_output=True, text=True, check=False, env=_plain())

    assert "3 new, 0 changed, 0 as they were." in first.stdout, first.stdout + first.stderr
    assert "0 new, 0 changed, 3 as they were." in second.stdout, second.stdout + second.stderr
    assert "line 4: It is not JSON" in second.stdout
    assert (first.returncode, second.returncode) == (2, 2)
    assert home.running_pid() is None


def _plain() -> dict[str, str]:
    return {
        name: value for name, value in os.environ.items() if name not in ("DATABASE_URL", "REDIS_URL", "MONGODB_URL")
    }


def test_keys_are_made_for_containers_and_kept(tmp_path: Path, runner: CliRunner) -> None:
    first = runner.invoke(main, ["keys", str(tmp_path)])
    private_key = (tmp_path / "access-token.pem").read_bytes()
    second = runner.invoke(main, ["keys", str(tmp_path)])

    assert (first.exit_code, second.exit_code) == (0, 0)
    assert sorted(path.name for path in tmp_path.iterdir()) == ["access-token.pem", "jwks.json"]
    assert (tmp_path / "access-token.pem").read_bytes() == private_key


def test_a_served_part_ends_on_sigterm(tmp_path: Path) -> None:
    environment = {**_plain(), "VIEWER_CONTEXT_KEY": "x" * 32, "REELGRAPH_READY_FD": "1"}
    with subprocess.Popen(
        [sys.executable, "-m", "stack", "serve", "relay", "--port", str(free_port())],
        cwd=PROJECT,
        stdout=subprocess.PIPE,
        stderr=subprocess.DEVNULL,
        env=environment,
    ) as part:
        assert part.stdout is not None
        said = part.stdout.readline()
        part.send_signal(signal.SIGTERM)
        part.wait(20)

    assert said == b"relay\n"
    assert part.returncode == -signal.SIGTERM


def test_checks_run_at_once_and_say_in_their_order_what_each_found(
    tmp_path: Path, runner: CliRunner, monkeypatch: pytest.MonkeyPatch
) -> None:
    pipe = tmp_path / "pipe"
    os.mkfifo(pipe)
    # Opening waits for who writes; alone, the first would be ended by its alarm.
    reads = f"import signal, sys; signal.alarm(60); open({str(pipe)!r}); print('found one'); sys.exit('and another')"
    writes = f"open({str(pipe)!r}, 'w'); print('all well')"
    commands = (("first", "python", "-uc", reads), ("second", "python", "-c", writes), ("third", "python", "-cx"))
    monkeypatch.setattr(cli, "_CHECKS", commands)

    result = runner.invoke(main, ["check"])

    assert result.exit_code == 1
    words = re.sub(r"\d+\.\d s", "_ s", result.output)
    assert words.startswith("found one\nand another\n✗ first (_ s)\nall well\n✓ second (_ s)\nTraceback")
    assert words.endswith("✗ third (_ s)\nError: Not fine: first, third.\n")
