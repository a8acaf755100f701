"""The worker reads the configured catalogues of others, and keeps what it read when they are gone."""

from pathlib import Path

import pytest
import sqlalchemy as sa

from subgraphs.catalog.config import CatalogueSource
from subgraphs.catalog.models import ExternalTitle, table
from tests.workers.conftest import MovableClock
from workers.config import Settings
from workers.gathering import refresh_catalogues
from workers.services import Services, open_services

WHOLE = '{"id": "1", "name": "River"}\n{"end": 1}\n'


async def gathered(services: Services) -> list[tuple[str, str]]:
    titles = table(ExternalTitle).c
    async with services.outboxes["catalog"].reading() as session:
        rows = await session.execute(sa.select(titles.catalogue, titles.name).order_by(titles.catalogue))
        return [(row.catalogue, row.name) for row in rows]


@pytest.mark.requirement("CS-02", "CS-04")
async def test_configured_catalogues_are_gathered_and_kept_when_they_are_gone(
    worker_settings: Settings, clock: MovableClock, tmp_path: Path
) -> None:
    files = {name: tmp_path / f"{name}.jsonl" for name in ("netflix", "prime")}
    sources = [CatalogueSource(name=name, adapter="jsonl", url=path.as_uri()) for name, path in files.items()]
    settings = worker_settings.model_copy(update={"external_catalogues": sources})
    for path in files.values():
        path.write_text(WHOLE, encoding="utf-8")
    async with open_services(settings, clock=clock) as services:
        assert await refresh_catalogues(services) == 2
        assert await refresh_catalogues(services) == 0

        files["netflix"].write_text(WHOLE.replace("River", "Harbour"), encoding="utf-8")
        files["prime"].unlink()
        clock.advance(hours=1)

        assert await refresh_catalogues(services) == 1
        assert await gathered(services) == [("netflix", "Harbour"), ("prime", "River")]
