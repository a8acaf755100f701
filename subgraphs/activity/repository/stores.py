"""The two stores of activity, opened and closed together."""

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass

from subgraphs.activity.config import Settings
from subgraphs.activity.models.documents import DOCUMENTS
from subgraphs.shared.mongo import MongoClient, connect, start_documents
from subgraphs.shared.redis import Cache


@dataclass(frozen=True, slots=True)
class Stores:
    """Valkey and MongoDB of this subgraph."""

    cache: Cache
    mongo: MongoClient

    async def check(self) -> None:
        """Raise unless both stores answer."""
        await self.cache.run(lambda client: client.ping())
        await self.mongo.admin.command("ping")


@asynccontextmanager
async def open_stores(settings: Settings) -> AsyncIterator[Stores]:
    """Open the stores for the time of the block."""
    timeout_seconds = settings.store_timeout_seconds
    cache = Cache(settings.redis_url, "activity", timeout_seconds=timeout_seconds)
    mongo = connect(settings.mongodb_url, timeout_seconds=timeout_seconds)
    try:
        await start_documents(mongo, settings.activity_mongo_database, DOCUMENTS)
        yield Stores(cache, mongo)
    finally:
        await cache.close()
        await mongo.close()
