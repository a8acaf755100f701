"""A worker that is killed in the middle of its work, as the kernel kills: the next one goes on, once."""

import asyncio
import json
import os
import signal
import sys
from collections.abc import AsyncIterator
from pathlib import Path
from typing import Any

import pytest
import sqlalchemy as sa

from tests.workers.conftest import MovableClock
from tests.workers.importing_support import Importer, open_importer
from tests.workers.worker_process import BATCH
from workers.config import Settings
from workers.importing import advance_imports
from workers.publishing import advance_bulk_operations
from workers.services import Services

_FILMS, _COMMITTED = 90, 2 * BATCH
_ROOT = Path(__file__).parents[2]
UPDATE = "mutation($input: BulkUpdateInput!) { titlesBulkUpdate(input: $input) { operation { id } errors { code } } }"
OPERATION = "query($id: ID!) { bulkOperation(id: $id) { total done failed finishedAt } }"


@pytest.fixture
async def importer(worker_settings: Settings, services: Services, clock: MovableClock) -> AsyncIterator[Importer]:
    async with open_importer(worker_settings, services, clock) as opened:
        yield opened


async def one(services: Services, query: str) -> Any:
    async with services.outboxes["catalog"].reading() as session:
        return (await session.execute(sa.text(query))).scalar_one()


async def kill_in_the_third_batch(settings: Settings) -> None:
    """Run a worker, and kill it when it has written its third batch and committed two."""
    process = await asyncio.create_subprocess_exec(
        *(sys.executable, "-m", "tests.workers.worker_process"),
        cwd=_ROOT,
        env={**os.environ, "PYTHONPATH": str(_ROOT)},
        stdin=asyncio.subprocess.PIPE,
        stdout=asyncio.subprocess.PIPE,
    )
    try:
        assert process.stdin is not None
        assert process.stdout is not None
        process.stdin.write(settings.model_dump_json().encode())
        process.stdin.close()
        async with asyncio.timeout(120):
            assert await process.stdout.readline() == b"third batch\n"
    finally:
        process.send_signal(signal.SIGKILL)
        assert await process.wait() == -signal.SIGKILL


async def versions(services: Services) -> Any:
    async with services.outboxes["catalog"].reading() as session:
        query = "SELECT payload ->> 'version' AS version, count(*), count(DISTINCT payload ->> 'title_id') FROM outbox"
        found = await session.execute(sa.text(f"{query} GROUP BY 1 ORDER BY 1"))
        return [tuple(row) for row in found]


async def finish(work: Any, is_done: Any) -> None:
    """Take turns until the job is done: the database may still hold what the dead worker had locked."""
    async with asyncio.timeout(120):
        while not await is_done():
            await work()


@pytest.mark.requirement("CL-19")
@pytest.mark.requirement("FR-CMS-005")
async def test_nothing_is_doubled_or_lost_when_the_worker_is_killed(
    importer: Importer, services: Services, worker_settings: Settings
) -> None:
    rows = [{"title": f"Film {n}", "year": 1950, "cast": [f"Star {n % 7}"]} for n in range(_FILMS)]
    content = b"".join(json.dumps(row).encode() + b"\n" for row in rows)
    asked = await importer.request(await importer.send(content))
    own = asked["catalogImport"]["id"]

    await kill_in_the_third_batch(worker_settings)
    half = await importer.read(own)
    stored = await one(services, "SELECT count(*) FROM titles")

    async def imported() -> bool:
        return (await importer.read(own))["finishedAt"] is not None

    await finish(lambda: advance_imports(services), imported)
    done = await importer.read(own)
    assert half["done"] == half["inserted"] == stored == _COMMITTED
    assert (done["status"], done["inserted"], done["failed"]) == ("SUCCEEDED", _FILMS, 0)
    assert (done["comparison"]["compared"], done["comparison"]["matching"]) == (_FILMS, _FILMS)
    assert await versions(services) == [("1", _FILMS, _FILMS)]
    assert await one(services, "SELECT count(*) FROM titles") == _FILMS
    assert await one(services, "SELECT count(*) FROM credits") == _FILMS

    ids = [edge["node"]["id"] for edge in await _all_titles(importer)]
    given = {"titleIds": ids, "tier": "PREMIUM", "idempotencyKey": "k"}
    operation = (await importer.ask(UPDATE, input=given))["titlesBulkUpdate"]["operation"]["id"]

    await kill_in_the_third_batch(worker_settings)
    half_changed = (await importer.ask(OPERATION, id=operation))["bulkOperation"]["done"]
    premium = await one(services, "SELECT count(*) FROM titles WHERE required_tier = 'PREMIUM'")

    async def changed() -> bool:
        return (await importer.ask(OPERATION, id=operation))["bulkOperation"]["finishedAt"] is not None

    await finish(lambda: advance_bulk_operations(services), changed)
    result = (await importer.ask(OPERATION, id=operation))["bulkOperation"]
    assert half_changed == premium == _COMMITTED
    assert (result["total"], result["done"], result["failed"]) == (_FILMS, _FILMS, 0)
    assert await versions(services) == [("1", _FILMS, _FILMS), ("2", _FILMS, _FILMS)]
    assert await one(services, "SELECT count(*) FROM titles WHERE required_tier = 'PREMIUM' AND version = 2") == _FILMS
    assert await one(services, "SELECT count(*) FROM cms_log WHERE action = 'EDIT'") == _FILMS


async def _all_titles(importer: Importer) -> list[Any]:
    query = "query($after: String) { titles(first: 100, after: $after) { edges { cursor node { id } } } }"
    edges: list[Any] = []
    while page := (await importer.ask(query, after=edges[-1]["cursor"] if edges else None))["titles"]["edges"]:
        edges += page
    return edges
