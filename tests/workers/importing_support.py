"""An editor who sends files to the catalog and asks for imports, and a worker beside."""

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass
from typing import Any

import httpx

from subgraphs.catalog import config as catalog_config
from subgraphs.catalog.app import create_app
from subgraphs.shared.graphql.app import SubgraphApp
from subgraphs.shared.identity import Viewer
from subgraphs.users.models import Role
from subgraphs.users.service.scopes import scopes_of
from tests.workers.conftest import MovableClock
from workers.config import Settings
from workers.importing import advance_imports
from workers.services import Services

ADMIN = Viewer(user_id="admin", scopes=frozenset(scopes_of([Role.ADMIN.value])))
PLACE = "mutation { importUploadCreate { id url expiresAt maxBytes } }"
ASK = """mutation($input: CatalogImportInput!) { catalogImport(input: $input) {
  catalogImport { id status total done } errors { code path }
} }"""
READ = """query($id: ID!) { cmsImport(id: $id) {
  status dryRun feed total done inserted updated unchanged kept failed percent finishedAt
  failure { code } errors(first: 100) { row externalId code message }
  changes(first: 100) { name isNew fields { field before after } }
  comparison { compared matching sourceChecksum storedChecksum }
} }"""


@dataclass
class Importer:
    """Asks as an admin; the worker works when it is told to."""

    app: SubgraphApp
    services: Services
    http: httpx.AsyncClient

    async def ask(self, query: str, viewer: Viewer = ADMIN, **variables: Any) -> Any:
        """Return the data of an answer that has no errors."""
        response = await self.app.execute_as(viewer, query, variables=variables)
        assert "errors" not in response, response["errors"]
        return response["data"]

    async def send(self, content: bytes) -> str:
        """Return the id of the place to which the file was sent."""
        place = (await self.ask(PLACE))["importUploadCreate"]
        response = await self.http.put(place["url"], content=content)
        assert response.status_code == 201, response.text
        return str(place["id"])

    async def request(self, upload: str, **given: Any) -> Any:
        """Return the payload."""
        values = {"uploadId": upload, "format": "JSON_LINES", "idempotencyKey": upload, **given}
        return (await self.ask(ASK, input=values))["catalogImport"]

    async def run(self, content: bytes, **given: Any) -> Any:
        """Return what became of a file that the worker took in."""
        asked = await self.request(await self.send(content), **given)
        assert asked["errors"] == []
        await advance_imports(self.services)
        return await self.read(asked["catalogImport"]["id"])

    async def read(self, own: str) -> Any:
        """Return an import."""
        return (await self.ask(READ, id=own))["cmsImport"]


@asynccontextmanager
async def open_importer(settings: Settings, services: Services, clock: MovableClock) -> AsyncIterator[Importer]:
    """Open the catalog for the time of the block."""
    values = catalog_config.Settings(**settings.model_dump())
    async with create_app(values, clock=clock).running() as app:
        transport = httpx.ASGITransport(app)
        async with httpx.AsyncClient(transport=transport, base_url=values.public_url) as http:
            yield Importer(app, services, http)
