"""The three stores of playback, opened and closed together."""

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass

from subgraphs.playback.config import Settings
from subgraphs.playback.models.documents import ProgressDocument
from subgraphs.shared.mongo import MongoClient, connect, start_documents
from subgraphs.shared.postgres import Database
from subgraphs.shared.redis import Cache


@dataclass(frozen=True, slots=True)
class Stores:
    """PostgreSQL, Valkey and MongoDB of this subgraph."""

    database: Database
    cache: Cache
    mongo: MongoClient

    async def check(self) -> None:
        """Raise unless every store answers."""
        await self.database.ping()
        await self.cache.run(lambda client: client.ping())
        await self.mongo.admin.command("ping")


@asynccontextmanager
async def open_stores(settings: Settings) -> AsyncIterator[Stores]:
    """Open the stores for the time of the block."""
    timeout_seconds = settings.store_timeout_seconds
    database = Database(
        settings.database_url,
        settings.playback_database,
        pool_size=settings.database_pool_size,
        timeout_seconds=timeout_seconds,
    )
    cache = Cache(settings.redis_url, "playback", timeout_seconds=timeout_seconds)
    mongo = connect(settings.mongodb_url, timeout_seconds=timeout_seconds)
    try:
        await start_documents(mongo, settings.playback_mongo_database, [ProgressDocument])
        yield Stores(database, cache, mongo)
    finally:
        await database.close()
        await cache.close()
        await mongo.close()
