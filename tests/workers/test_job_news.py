"""Watching what the worker does: imports and bulk operations, by any editor and nobody else."""

import asyncio
import json
from collections.abc import AsyncIterator
from contextlib import aclosing
from datetime import timedelta
from typing import Any

import pytest

from subgraphs.catalog.service.genres import KNOWN_GENRES
from subgraphs.shared import job_news
from subgraphs.shared.identity import ANONYMOUS, Viewer, sign_viewer_context
from subgraphs.shared.ids import encode_id
from subgraphs.users.models import Role
from subgraphs.users.service.scopes import scopes_of
from tests.workers.conftest import KEY, MovableClock
from tests.workers.importing_support import Importer, open_importer
from workers.config import Settings
from workers.exporting import advance_exports
from workers.importing import advance_imports
from workers.publishing import advance_bulk_operations
from workers.services import Services

OTHER = Viewer(user_id="other", scopes=frozenset(scopes_of([Role.REVIEWER.value])))
VIEWER = Viewer(user_id="somebody", scopes=frozenset(scopes_of([Role.USER.value])))
FILMS = b"".join(json.dumps({"title": f"Film {n}", "year": 1950}).encode() + b"\n" for n in range(6))
IMPORT = 'subscription {{ job: catalogImportUpdated(id: "{}") {{ status done percent }} }}'
EXPORT = 'mutation { catalogExport(input: {format: CSV, idempotencyKey: "k"}) { catalogExport { id } } }'
WATCHED = 'subscription {{ job: catalogExportUpdated(id: "{}") {{ status done percent }} }}'
BULK = 'subscription {{ job: bulkOperationUpdated(id: "{}") {{ done failed percent }} }}'
UPDATE = "mutation($input: BulkUpdateInput!) { titlesBulkUpdate(input: $input) { operation { id } errors { code } } }"
UNKNOWN = KNOWN_GENRES["drama"].id


@pytest.fixture
async def importer(
    worker_settings: Settings, services: Services, clock: MovableClock, monkeypatch: pytest.MonkeyPatch
) -> AsyncIterator[Importer]:
    monkeypatch.setattr(job_news, "LOOK_AGAIN_SECONDS", 3600.0)  # so that it is the news that is heard
    async with open_importer(worker_settings, services, clock) as opened:
        yield opened


def context_of(viewer: Viewer) -> str:
    claims = {"sub": viewer.user_id, "scp": sorted(viewer.scopes)}
    payload: dict[str, Any] = {} if viewer is ANONYMOUS else {"claims": claims}
    return sign_viewer_context(payload, key=KEY, expires_at=MovableClock().now + timedelta(minutes=1))


async def heard(services: Services) -> None:
    """Wait until somebody listens."""
    async with asyncio.timeout(30):
        while not await services.streams.client.pubsub_channels("catalog:jobs:*"):  # noqa: ASYNC110  # it has no event
            await asyncio.sleep(0.01)


@pytest.mark.requirement("FR-CMS-001.2")
async def test_another_editor_sees_an_import_go_on_to_its_end(importer: Importer, services: Services) -> None:
    asked = await importer.request(await importer.send(FILMS))
    query = IMPORT.format(asked["catalogImport"]["id"])

    async with aclosing(importer.app.subscribe(query, viewer_context=context_of(OTHER))) as events:
        first = (await anext(events))["data"]["job"]
        coming = asyncio.ensure_future(_all(events))
        await heard(services)
        await advance_imports(services, batch=2)
        rest = await asyncio.wait_for(coming, 30)

    assert first == {"status": "QUEUED", "done": 0, "percent": 0.0}
    assert rest[-1]["data"]["job"] == {"status": "SUCCEEDED", "done": 6, "percent": 100.0}
    done = [each["data"]["job"]["done"] for each in rest]
    assert done == sorted(done)


async def test_another_editor_sees_an_export_go_on_to_its_end(importer: Importer, services: Services) -> None:
    await importer.run(FILMS)
    asked = (await importer.ask(EXPORT))["catalogExport"]["catalogExport"]
    query = WATCHED.format(asked["id"])

    async with aclosing(importer.app.subscribe(query, viewer_context=context_of(OTHER))) as events:
        first = (await anext(events))["data"]["job"]
        coming = asyncio.ensure_future(_all(events))
        await heard(services)
        await advance_exports(services, batch=2)
        rest = [each["data"]["job"] for each in await asyncio.wait_for(coming, 30)]

    assert first == {"status": "QUEUED", "done": 0, "percent": 0.0}
    assert rest[-1] == {"status": "SUCCEEDED", "done": 6, "percent": 100.0}
    assert [each["done"] for each in rest] == sorted(each["done"] for each in rest)


@pytest.mark.requirement("FR-CMS-005")
async def test_another_editor_sees_a_bulk_operation_go_on_to_its_end(importer: Importer, services: Services) -> None:
    await importer.run(FILMS)
    found = await importer.ask("{ titles(first: 10) { edges { node { id } } } }")
    ids = [edge["node"]["id"] for edge in found["titles"]["edges"]]
    given = {"titleIds": ids, "tier": "PREMIUM", "idempotencyKey": "k"}
    asked = (await importer.ask(UPDATE, input=given))["titlesBulkUpdate"]

    query = BULK.format(asked["operation"]["id"])
    async with aclosing(importer.app.subscribe(query, viewer_context=context_of(OTHER))) as events:
        first = (await anext(events))["data"]["job"]
        coming = asyncio.ensure_future(_all(events))
        await heard(services)
        await advance_bulk_operations(services)
        rest = await asyncio.wait_for(coming, 30)
    async with aclosing(importer.app.subscribe(query, viewer_context=context_of(OTHER))) as events:
        late = [each["data"]["job"] async for each in events]

    assert first == {"done": 0, "failed": 0, "percent": 0.0}
    assert [each["data"]["job"] for each in rest] == late == [{"done": 6, "failed": 0, "percent": 100.0}]


async def test_without_news_a_job_is_looked_at_now_and_then(
    importer: Importer, services: Services, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(job_news, "LOOK_AGAIN_SECONDS", 0.01)

    async def keep_to_oneself(*_told: object) -> None:
        pass

    monkeypatch.setattr("workers.importing.announce", keep_to_oneself)
    asked = await importer.request(await importer.send(FILMS))
    query = IMPORT.format(asked["catalogImport"]["id"])

    async with aclosing(importer.app.subscribe(query, viewer_context=context_of(OTHER))) as events:
        coming = asyncio.ensure_future(_all(events))
        await advance_imports(services)
        seen = await asyncio.wait_for(coming, 30)

    assert seen[-1]["data"]["job"]["status"] == "SUCCEEDED"


@pytest.mark.parametrize(("viewer", "code"), [(ANONYMOUS, "UNAUTHENTICATED"), (VIEWER, "FORBIDDEN")])
async def test_nobody_else_watches_a_job(importer: Importer, viewer: Viewer, code: str) -> None:
    own = encode_id("CatalogImport", UNKNOWN), encode_id("BulkOperation", UNKNOWN)

    for query in (IMPORT.format(own[0]), BULK.format(own[1])):
        async with aclosing(importer.app.subscribe(query, viewer_context=context_of(viewer))) as events:
            (answer,) = await _all(events)
        assert [error["extensions"]["code"] for error in answer["errors"]] == [code]
        assert answer.get("data") is None


async def test_a_job_that_is_not_there_ends_at_once_and_an_id_of_another_kind_is_refused(importer: Importer) -> None:
    unknown, foreign = encode_id("CatalogImport", UNKNOWN), encode_id("Movie", UNKNOWN)

    async with aclosing(importer.app.subscribe(IMPORT.format(unknown), viewer_context=context_of(OTHER))) as events:
        nothing = await _all(events)
    async with aclosing(importer.app.subscribe(IMPORT.format(foreign), viewer_context=context_of(OTHER))) as events:
        (refused,) = await _all(events)

    assert nothing == []
    assert [error["extensions"]["code"] for error in refused["errors"]] == ["BAD_USER_INPUT"]


async def _all(events: Any) -> list[dict[str, Any]]:
    return [event async for event in events]
