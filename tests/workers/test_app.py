"""The worker as a process: Celery, its schedule, its one loop, and how it ends."""

import asyncio
import os
import subprocess
import sys
import threading
import time
from pathlib import Path

import pytest
import sqlalchemy as sa

from subgraphs.shared.outbox import outbox_table
from tests.workers.conftest import put_into_outbox, title_changed
from workers.config import Settings
from workers.runtime import WorkerRuntime
from workers.services import Services

_REPOSITORY = Path(__file__).parents[2]
_PATIENCE_SECONDS = 40


def file_stems(folder: Path) -> set[str]:
    return {path.stem for path in folder.iterdir()}


async def pending(services: Services) -> int:
    async with services.outboxes["catalog"].reading() as session:
        statement = sa.select(sa.func.count()).where(outbox_table.c.relayed_at.is_(None))
        return int((await session.execute(statement)).scalar_one())


async def test_a_worker_process_relays_by_its_own_schedule_and_ends_when_told(
    worker_settings: Settings, services: Services, tmp_path: Path
) -> None:
    await put_into_outbox(services, "catalog", title_changed())
    environment = {name.upper(): str(value) for name, value in worker_settings.model_dump().items()}
    environment["BEAT_SCHEDULE_FILE"] = str(tmp_path / "beat-schedule")
    command = [sys.executable, "-m", "celery", "-A", "workers.app", "worker", "--pool", "threads", "--beat"]
    with (tmp_path / "worker.log").open("wb") as log:
        worker = subprocess.Popen(  # noqa: ASYNC220  # a moment; asyncio's own would tie it to this loop
            [*command, "--concurrency", "2"],
            cwd=_REPOSITORY,
            env={**os.environ, **environment},
            stdout=log,
            stderr=subprocess.STDOUT,
        )
    try:
        deadline = time.monotonic() + _PATIENCE_SECONDS
        while await pending(services) and time.monotonic() < deadline and worker.poll() is None:  # noqa: ASYNC110  # it is another process that we wait for
            await asyncio.sleep(0.2)
        left = await pending(services)
    finally:
        worker.terminate()
        status = await asyncio.to_thread(worker.wait, _PATIENCE_SECONDS)

    output = (tmp_path / "worker.log").read_text(encoding="utf-8")
    assert left == 0, output
    assert status == 0, output
    assert "Traceback" not in output, output
    assert "beat-schedule" in file_stems(tmp_path)
    keys = [key async for key in services.streams.client.scan_iter("*")]
    known = ("workers:", "catalog:", "playback:", "activity:", "recommendations:")
    foreign = [key for key in keys if not key.startswith(known)]
    assert foreign == []


def test_importing_the_app_needs_no_environment() -> None:
    finished = subprocess.run(
        [sys.executable, "-W", "error", "-c", "import workers.app"],
        cwd=_REPOSITORY,
        env={"PATH": os.environ["PATH"], "PYTHONPATH": str(_REPOSITORY)},
        capture_output=True,
        text=True,
        check=False,
    )

    assert finished.returncode == 0, finished.stderr


class TestRuntime:
    """One loop and one set of stores for all threads of a worker."""

    async def test_work_runs_on_one_loop_and_can_go_on_after_closing(self, worker_settings: Settings) -> None:
        runtime = WorkerRuntime(settings=lambda: worker_settings)

        async def loop_id(_services: Services) -> int:
            return id(asyncio.get_running_loop())

        first = await asyncio.to_thread(runtime.run, "one", loop_id)
        second = await asyncio.to_thread(runtime.run, "two", loop_id)
        await asyncio.to_thread(runtime.close)
        third = await asyncio.to_thread(runtime.run, "one", loop_id)
        await asyncio.to_thread(runtime.close)

        assert first == second
        assert third is not None

    async def test_a_turn_that_would_overlap_is_left_out(self, worker_settings: Settings) -> None:
        runtime = WorkerRuntime(settings=lambda: worker_settings)
        started, may_end = threading.Event(), threading.Event()

        async def slow(_services: Services) -> str:
            started.set()
            await asyncio.to_thread(may_end.wait, _PATIENCE_SECONDS)
            return "done"

        running = asyncio.create_task(asyncio.to_thread(runtime.run, "relay", slow))
        await asyncio.to_thread(started.wait, _PATIENCE_SECONDS)
        overlapping = await asyncio.to_thread(runtime.run, "relay", slow)
        may_end.set()

        assert overlapping is None
        assert await running == "done"
        await asyncio.to_thread(runtime.close)

    async def test_a_failure_reaches_the_task_and_the_next_turn_runs(self, worker_settings: Settings) -> None:
        runtime = WorkerRuntime(settings=lambda: worker_settings)

        async def fail(_services: Services) -> None:
            raise LookupError("nothing there")

        for _turn in range(2):
            with pytest.raises(LookupError):
                await asyncio.to_thread(runtime.run, "relay", fail)
        await asyncio.to_thread(runtime.close)

    async def test_a_start_without_stores_is_tried_again_by_the_next_task(self, worker_settings: Settings) -> None:
        tries: list[int] = []

        def settings() -> Settings:
            tries.append(len(tries))
            if len(tries) == 1:
                raise ConnectionError("not yet")
            return worker_settings

        async def answer(_services: Services) -> str:
            return "done"

        runtime = WorkerRuntime(settings=settings)
        threads = threading.active_count()
        with pytest.raises(ConnectionError):
            runtime.run("relay", answer)
        left = threading.active_count() - threads
        second = await asyncio.to_thread(runtime.run, "relay", answer)
        await asyncio.to_thread(runtime.close)

        assert left == 0
        assert second == "done"
