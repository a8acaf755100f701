"""The index of search follows what is published; one that is down holds up nobody and catches up."""

from collections.abc import AsyncIterator
from dataclasses import replace
from uuid import UUID

import pytest

from subgraphs.catalog.config import UNINDEXED_STREAM
from subgraphs.catalog.gateways.search_cluster import SearchCluster
from subgraphs.catalog.repository.cards import Text
from subgraphs.catalog.service.collections import CollectionRequest, upsert_collection
from subgraphs.catalog.service.genres import KNOWN_GENRES
from subgraphs.catalog.service.indexing import IndexFeed
from subgraphs.catalog.service.records import TitleRecord
from subgraphs.catalog.service.registers import GenreRequest, upsert_genre, upsert_person
from subgraphs.catalog.service.workflow import Editor
from subgraphs.catalog.service.writing import publish_titles
from subgraphs.shared.errors import ServiceUnavailableError
from subgraphs.shared.outbox import pending_events
from tests.subgraphs.catalog.support import acted_by, movie
from tests.support.search_cluster import FakeCluster, fake_cluster
from tests.workers.conftest import NOW, MovableClock
from workers.config import Settings
from workers.draining import drain_all
from workers.indexing import consume_unindexed
from workers.relay import relay_pending
from workers.services import Services, open_services
from workers.streams import drain_streams

INDEX = "films"
RIVER = movie("Golden River", credits=acted_by("Golda Mir"))
OWNERS = {str(RIVER.id), str(RIVER.credits[0].person_id)}


@pytest.fixture
async def fake() -> AsyncIterator[FakeCluster]:
    async with fake_cluster() as fake:
        fake.indices["one"], fake.aliases[INDEX] = {}, {"one"}
        yield fake


@pytest.fixture
async def indexed(services: Services, fake: FakeCluster, clock: MovableClock) -> AsyncIterator[Services]:
    """The services with a cluster."""
    cluster = SearchCluster(fake.url, timeout_seconds=30, clock=clock)
    yield replace(services, index=IndexFeed(cluster, services.outboxes["catalog"], index=INDEX))
    await cluster.close()


async def publish(services: Services, *records: TitleRecord) -> None:
    async with services.outboxes["catalog"].writing() as session:
        await publish_titles(session, records, now=NOW)


@pytest.mark.requirement("CL-02")
async def test_what_is_published_and_renamed_is_written_when_its_event_is_relayed(
    indexed: Services, fake: FakeCluster
) -> None:
    editor, genre = Editor("u", frozenset({"cms:edit"})), KNOWN_GENRES["drama"]
    golda = RIVER.credits[0].person_id
    await publish(indexed, RIVER)
    await relay_pending(indexed)
    published = fake.documents(INDEX)

    async with indexed.outboxes["catalog"].writing() as session:
        await upsert_genre(session, editor, GenreRequest(genre.id, genre.slug, {"en": "Tearjerkers"}), now=NOW)
        await upsert_person(session, editor, person_id=golda, name="Golda Meir", idempotency_key=None, now=NOW)
    await relay_pending(indexed)
    renamed = fake.documents(INDEX)

    assert published.keys() == renamed.keys() == OWNERS
    assert "tearjerkers" not in published[str(RIVER.id)][1]["genre_words"]
    assert "tearjerkers" in renamed[str(RIVER.id)][1]["genre_words"]
    assert renamed[str(golda)][1]["names"][0] == "golda meir"
    assert "meir" in renamed[str(RIVER.id)][1]["people_words"]


@pytest.mark.requirement("CL-02")
async def test_a_collection_is_written_when_its_event_is_relayed(indexed: Services, fake: FakeCluster) -> None:
    await publish(indexed, RIVER)
    request = CollectionRequest(
        id=None, slug="picks", texts={"en": Text("Rainy days", "")}, title_ids=[], is_published=True
    )
    async with indexed.outboxes["catalog"].writing() as session:
        made = await upsert_collection(session, Editor("u", frozenset({"cms:curate"})), request, now=NOW)
    await relay_pending(indexed)

    assert fake.documents(INDEX).keys() == {*OWNERS, str(made.id)}
    assert fake.documents(INDEX)[str(made.id)][1]["names"][0] == "rainy days"


async def test_an_index_that_is_down_holds_up_nobody_and_catches_up(indexed: Services, fake: FakeCluster) -> None:
    fake.answer = lambda _request: (503, b"")
    await publish(indexed, RIVER)
    await relay_pending(indexed)
    async with indexed.outboxes["catalog"].writing() as session:
        left_in_outbox = await pending_events(session, limit=10)
    while_down = dict(fake.documents(INDEX))
    fake.answer = None

    await drain_streams(indexed)

    assert (left_in_outbox, while_down) == ([], {})
    assert fake.documents(INDEX).keys() == OWNERS


async def test_what_waits_goes_on_waiting_while_the_index_is_down(indexed: Services, fake: FakeCluster) -> None:
    fake.answer = lambda _request: (503, b"")
    await publish(indexed, RIVER)
    await relay_pending(indexed)

    assert await drain_streams(indexed) == 0

    waiting = await indexed.streams.run(lambda client: client.xpending(UNINDEXED_STREAM, "index"))
    assert waiting["pending"] == 1
    with pytest.raises(ServiceUnavailableError):
        await consume_unindexed(indexed, [[RIVER.id]])


async def test_without_a_cluster_nothing_is_kept_for_it(services: Services) -> None:
    await publish(services, RIVER)
    await drain_all(services)
    await consume_unindexed(services, [[UUID(int=1)]])

    assert services.index is None
    assert await services.streams.run(lambda client: client.xlen(UNINDEXED_STREAM)) == 0


async def test_settings_name_the_cluster(
    worker_settings: Settings, fake: FakeCluster, monkeypatch: pytest.MonkeyPatch, clock: MovableClock
) -> None:
    monkeypatch.setenv("SEARCH_URL", fake.url)
    monkeypatch.setenv("SEARCH_INDEX", INDEX)

    async with open_services(worker_settings, clock=clock) as services:
        await publish(services, RIVER)
        await relay_pending(services)

    assert fake.documents(INDEX).keys() == OWNERS
