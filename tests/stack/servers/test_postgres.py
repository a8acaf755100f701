"""PostgreSQL's cluster: made once, whole or not at all, and started again after any crash."""

import os
import signal
import subprocess
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import asyncpg
import pytest

from stack.servers.postgres import plan_postgres, remove_cluster
from stack.servers.process import ServerError, ServerPlan, free_port, launch, stop, wait_until_ready


@pytest.fixture
def folder(tmp_path: Path) -> Iterator[Path]:
    # As root, PostgreSQL runs as another user, to whom pytest's folders are closed.
    yield tmp_path / "postgres"
    remove_cluster(tmp_path / "postgres")


@contextmanager
def _running(plan: ServerPlan, log: Path) -> Iterator[subprocess.Popen[bytes]]:
    with log.open("ab") as output:
        process = launch(plan, output)
    try:
        wait_until_ready(plan, process, timeout_seconds=30)
        yield process
    finally:
        stop(process, stop_signal=plan.stop_signal, timeout_seconds=10)


async def _query(plan: ServerPlan, statement: str) -> object:
    connection = await asyncpg.connect(f"{plan.url}/postgres")
    try:
        return await connection.fetchval(statement)
    finally:
        await connection.close()


async def test_asks_for_its_password_and_keeps_what_was_committed_through_a_kill(folder: Path, tmp_path: Path) -> None:
    plan = plan_postgres(folder, port=free_port(), password="right", durable=True)
    with _running(plan, tmp_path / "log") as process:
        with pytest.raises(asyncpg.InvalidPasswordError):
            await asyncpg.connect(f"{plan.url.replace('right', 'wrong')}/postgres")
        await _query(plan, "CREATE TABLE kept AS SELECT 1 AS one")
        process.send_signal(signal.SIGKILL)
        process.wait()

    again = plan_postgres(folder, port=free_port(), password="right", durable=True)
    with _running(again, tmp_path / "log"):
        kept = await _query(again, "SELECT one FROM kept")

    assert kept == 1


async def test_a_pid_file_that_names_another_program_is_no_obstacle(folder: Path, tmp_path: Path) -> None:
    plan = plan_postgres(folder, port=free_port(), password=None, durable=False)
    (plan.cwd / "postmaster.pid").write_text(f"{os.getpid()}\n{plan.cwd}\n", encoding="ascii")

    again = plan_postgres(folder, port=free_port(), password=None, durable=False)
    with _running(again, tmp_path / "log"):
        answer = await _query(again, "SELECT 1")

    assert answer == 1


def test_a_start_that_broke_off_leaves_nothing_in_the_way(folder: Path) -> None:
    first = plan_postgres(folder, port=free_port(), password=None, durable=False)
    cluster = first.cwd
    broken = cluster.with_name(f"{cluster.name}-unfinished-x")
    cluster.rename(broken)

    plan_postgres(folder, port=free_port(), password=None, durable=False)

    assert (cluster / "PG_VERSION").exists()
    assert not broken.exists()


def test_a_cluster_of_another_major_version_is_refused_in_words_and_left_alone(folder: Path) -> None:
    cluster = plan_postgres(folder, port=free_port(), password=None, durable=False).cwd
    (cluster / "PG_VERSION").write_text("11\n", encoding="ascii")

    with pytest.raises(ServerError, match="was made by PostgreSQL 11"):
        plan_postgres(folder, port=free_port(), password=None, durable=False)

    assert (cluster / "base").is_dir()


def test_a_folder_that_is_no_cluster_is_not_touched(folder: Path) -> None:
    folder.mkdir(parents=True)
    (folder / "diary.txt").write_text("mine", encoding="ascii")

    with pytest.raises(ServerError, match="is no PostgreSQL cluster"):
        plan_postgres(folder, port=free_port(), password=None, durable=False)

    assert (folder / "diary.txt").read_text(encoding="ascii") == "mine"
