"""How the index in a search cluster is kept like the database, and built anew."""

import asyncio
from collections.abc import Callable
from dataclasses import replace
from typing import Any
from uuid import UUID

import orjson
import pytest
import sqlalchemy as sa
from structlog.testing import capture_logs

from subgraphs.catalog.gateways.search_cluster import SearchCluster
from subgraphs.catalog.repository import search_documents
from subgraphs.catalog.service.genres import KNOWN_GENRES
from subgraphs.catalog.service.indexing import IndexFeed, RebuildBrokenOffError
from subgraphs.catalog.service.words import normal_form
from subgraphs.shared.errors import ServiceUnavailableError
from tests.subgraphs.catalog.cluster.support import INDEX, RIVER, Bench, found, quietly
from tests.subgraphs.catalog.support import Client, TurnedClock, movie
from tests.support.search_cluster import FakeCluster, Request

DRAMA = KNOWN_GENRES["drama"]


def sent(request: Request) -> list[tuple[dict[str, Any], dict[str, Any]]]:
    lines = [orjson.loads(line) for line in request.body.splitlines()]
    return [(meta["index"], fields) for meta, fields in zip(lines[::2], lines[1::2], strict=True)]


async def test_documents_are_written_with_their_versions_into_the_index_and_the_next_one(bench: Bench) -> None:
    await bench.feed.put([RIVER.id, RIVER.id, UUID(int=7)])

    (request,) = bench.fake.requests
    assert (request.path, request.headers["content-type"]) == ("/_bulk", "application/x-ndjson")
    assert (request.parameters["require_alias"], request.parameters["refresh"]) == ("true", "true")
    assert [(meta["_index"], meta["_id"], meta["version_type"]) for meta, _ in sent(request)] == [
        (INDEX, str(RIVER.id), "external"),
        (f"{INDEX}-next", str(RIVER.id), "external"),
    ]
    fields = sent(request)[0][1]
    words = [sorted(fields[name]) for name in ("name_words", "people_words", "genre_words")]
    assert words == [["golden", "river"], ["golda", "mir"], sorted(map(normal_form, DRAMA.names.values()))]
    assert fields["names"][0] == "golden river"


async def test_documents_may_come_late_and_twice(bench: Bench, catalog: Client) -> None:
    async with bench.database.reading() as session:
        old = await search_documents.documents_of(session, [RIVER.id])
    await catalog.store(replace(RIVER, original_name="Copper River", texts={}))
    await bench.feed.put([RIVER.id])
    newest = bench.fake.documents(INDEX)[str(RIVER.id)]

    await bench.feed._write(old, (INDEX,), refresh=False)
    again = bench.fake.documents(INDEX)[str(RIVER.id)]
    await bench.feed.put([RIVER.id])

    assert newest[1]["names"][0] == "copper river"
    assert again == newest
    assert bench.fake.documents(INDEX)[str(RIVER.id)][1] == newest[1]


async def test_versions_grow_with_whatever_was_committed_between(bench: Bench, catalog: Client) -> None:
    async def version() -> int:
        async with bench.database.reading() as session:
            return (await search_documents.documents_of(session, [RIVER.id])).version

    async with bench.database.writing() as slow:
        await slow.execute(sa.text("SELECT pg_current_xact_id()"))  # from here on, others see it as running
        before = await version()
        await catalog.store(movie("Another"))
        between = await version()
    after = await version()

    assert before < between < after


@pytest.mark.requirement("CL-18")
async def test_searches_go_on_in_the_old_index_until_the_new_one_is_complete(bench: Bench, catalog: Client) -> None:
    (old,) = bench.fake.aliases[INDEX]
    await catalog.store(movie("Bronze River"))
    told: list[tuple[int, int]] = []
    searched: list[set[str]] = []

    def note(_request: Request) -> None:
        searched.append(set(bench.fake.aliases[INDEX]))

    bench.fake.answer = note
    documents = await bench.feed.rebuild(progress=lambda done, of: told.append((done, of)))
    bench.fake.answer = None

    (new,) = bench.fake.aliases[INDEX]
    assert searched == [{old}] * 8  # the last request moved the alias
    assert (documents, told) == (5, [(0, 5), (5, 5)])
    assert (list(bench.fake.indices), new != old) == ([new], True)
    assert bench.fake.aliases[f"{INDEX}-next"] == set()
    assert len(await found(bench, "river")) == 3


@pytest.mark.requirement("CL-18")
async def test_what_changes_during_a_rebuild_is_in_both_indices(bench: Bench, catalog: Client) -> None:
    renamed = replace(RIVER, original_name="Copper River", texts={})
    changed = asyncio.Event()

    def change_first(request: Request) -> None:
        # The rebuild has read its documents; before they arrive, a newer one does.
        if request.path == "/_bulk" and not changed.is_set() and request.parameters["refresh"] == "false":
            changed.set()
            version, fields = 2**40, {"id": str(RIVER.id), "names": ["copper river"], "name_words": ["copper"]}
            for alias in (INDEX, f"{INDEX}-next"):
                (name,) = bench.fake.aliases[alias]
                bench.fake.indices[name][str(RIVER.id)] = (version, fields)

    bench.fake.answer = change_first
    await catalog.store(renamed)
    await bench.feed.rebuild(progress=quietly)

    assert changed.is_set()
    assert bench.fake.documents(INDEX)[str(RIVER.id)][1]["names"] == ["copper river"]


async def test_what_a_rebuild_left_behind_is_deleted_by_the_next(bench: Bench) -> None:
    bench.fake.answer = lambda request: (503, b"") if request.path == "/_bulk" else None
    with pytest.raises(ServiceUnavailableError):
        await bench.feed.rebuild(progress=quietly)
    left = len(bench.fake.indices)
    still_found = await found(bench, "golden")
    bench.fake.answer = None

    await bench.feed.rebuild(progress=quietly)

    assert (left, len(bench.fake.indices)) == (2, 1)
    assert RIVER.id in still_found


async def test_a_rebuild_that_another_one_took_over_changes_nothing(bench: Bench) -> None:
    class Overtaken(IndexFeed):
        async def _write_all(self, progress: Callable[[int, int], None]) -> int:
            written = await super()._write_all(progress)
            await bench.feed.rebuild(progress=progress)
            return written

    with pytest.raises(RebuildBrokenOffError):
        await Overtaken(bench.cluster, bench.database, index=INDEX).rebuild(progress=quietly)

    assert len(bench.fake.indices) == 1
    assert RIVER.id in await found(bench, "golden")


async def test_an_incomplete_index_is_not_searched(bench: Bench) -> None:
    (old,) = bench.fake.aliases[INDEX]
    bench.fake.answer = lambda request: (200, b'{"count": 2}') if request.path.endswith("/_count") else None

    with pytest.raises(RebuildBrokenOffError):
        await bench.feed.rebuild(progress=quietly)

    assert bench.fake.aliases[INDEX] == {old}


async def test_a_document_that_is_refused_stops_the_writing(bench: Bench) -> None:
    refusal = {"index": {"_index": INDEX, "status": 400, "error": {"type": "mapper_parsing_exception"}}}
    bench.fake.answer = lambda _request: (200, orjson.dumps({"items": [refusal, refusal]}))

    with capture_logs() as logs, pytest.raises(ServiceUnavailableError):
        await bench.feed.put([RIVER.id])

    assert [(each["event"], each["error"]) for each in logs] == [
        ("search_index_refused_document", "mapper_parsing_exception")
    ]


async def test_an_answer_about_fewer_documents_than_were_sent_is_none(bench: Bench) -> None:
    bench.fake.answer = lambda _request: (200, b'{"items": []}')

    with pytest.raises(ServiceUnavailableError):
        await bench.feed.put([RIVER.id])


async def test_without_an_index_nothing_is_written(fake: FakeCluster, catalog: Client, clock: TurnedClock) -> None:
    await catalog.store(RIVER)
    cluster = SearchCluster(fake.url, timeout_seconds=30, clock=clock)

    await IndexFeed(cluster, catalog.database, index=INDEX).put([RIVER.id])

    assert fake.indices == {}
    await cluster.close()
