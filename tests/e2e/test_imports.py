"""A file of titles through the whole platform: sent to the edge, asked for at the router, watched over SSE."""

import asyncio
from collections.abc import AsyncIterator
from urllib.parse import urlsplit

import pytest

from subgraphs.shared.ids import decode_id
from tests.e2e.platform import Platform, settings_of
from tests.e2e.streaming import PATIENCE_SECONDS, event_stream, wait_for_listener
from workers.config import Settings
from workers.importing import advance_imports
from workers.services import Services, open_services

PLACE = "mutation { importUploadCreate { id url } }"
ASK = """mutation($input: CatalogImportInput!) { catalogImport(input: $input) {
  catalogImport { id status } errors { code }
} }"""
WATCH = 'subscription {{ catalogImportUpdated(id: "{}") {{ status percent changes {{ name isNew }} }} }}'
FILE = b"id,title\nnobody-has-this,Never Published Before\n"


@pytest.fixture
async def services(environment: dict[str, str]) -> AsyncIterator[Services]:
    with settings_of(environment):
        settings = Settings()
    async with open_services(settings) as opened:
        yield opened


@pytest.mark.requirement("FR-CMS-001.2")
async def test_an_editor_tries_a_file_out_and_watches(platform: Platform, services: Services) -> None:
    token = platform.token("admin")
    place = (await platform.data(PLACE, token=token))["importUploadCreate"]
    sent = await platform.http.put(urlsplit(place["url"]).path, content=FILE)
    given = {"uploadId": place["id"], "format": "CSV", "dryRun": True, "idempotencyKey": place["id"]}
    asked = (await platform.data(ASK, {"input": given}, token=token))["catalogImport"]
    own = asked["catalogImport"]["id"]

    async with event_stream(platform, WATCH.format(own), token) as events:
        first = await asyncio.wait_for(events.get(), PATIENCE_SECONDS)
        await wait_for_listener(platform.redis_url, f"catalog:jobs:{decode_id(own, 'CatalogImport').uuid}")
        await advance_imports(services)
        told = first
        while told["data"]["catalogImportUpdated"]["status"] in ("QUEUED", "RUNNING"):
            told = await asyncio.wait_for(events.get(), PATIENCE_SECONDS)

    assert (sent.status_code, asked["errors"]) == (201, [])
    assert first["data"]["catalogImportUpdated"] == {"status": "QUEUED", "percent": 0.0, "changes": []}
    assert told["data"]["catalogImportUpdated"] == {
        "status": "SUCCEEDED", "percent": 100.0, "changes": [{"name": "Never Published Before", "isNew": True}]
    }  # fmt: skip
