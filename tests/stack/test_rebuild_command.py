"""`reelgraph rebuild-search`."""

import asyncio
import io
from pathlib import Path

import pytest
from rich.console import Console

from stack.rebuild_command import show_rebuild
from subgraphs.catalog.config import Settings
from subgraphs.shared.errors import ServiceUnavailableError
from tests.subgraphs.catalog.support import TurnedClock, movie, running_client, settings_for
from tests.support.search_cluster import fake_cluster
from tests.support.servers import DatabaseFactory


@pytest.fixture
async def settings(make_database: DatabaseFactory, tmp_path: Path) -> Settings:
    return settings_for(await make_database("catalog"), tmp_path)


async def rebuilt(settings: Settings) -> tuple[int, str]:
    output = io.StringIO()
    documents = await asyncio.to_thread(show_rebuild, settings, Console(file=output, width=100))
    return documents, output.getvalue()


@pytest.mark.requirement("CL-18")
async def test_builds_the_index_from_the_database(settings: Settings) -> None:
    async with running_client(settings, TurnedClock()) as catalog:
        await catalog.store(movie("Golden River"), movie("Dragon"))
    async with fake_cluster() as fake:
        documents, text = await rebuilt(settings.model_copy(update={"search_url": fake.url}))

        assert documents == len(fake.documents(settings.search_index)) == 2
    assert "new index of 2 titles and people" in text


async def test_says_that_postgresql_needs_none(settings: Settings) -> None:
    documents, text = await rebuilt(settings)

    assert (documents, "nothing to rebuild" in text) == (0, True)


async def test_a_cluster_that_does_not_answer_is_an_error(settings: Settings) -> None:
    with pytest.raises(ServiceUnavailableError):
        await rebuilt(settings.model_copy(update={"search_url": "http://127.0.0.1:1"}))
