"""The document store: a pymongo client with timeouts, Beanie start-up, statement counting.

Rules that keep the embedded server and MongoDB 8 interchangeable: no Link or BackLink, no text index, no capped
collection.
"""

from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from typing import Any

from beanie import Document, init_beanie
from pymongo import AsyncMongoClient, monitoring
from pymongo.errors import ConnectionFailure, ExecutionTimeout, WaitQueueTimeoutError

from subgraphs.shared import telemetry
from subgraphs.shared.errors import ServiceUnavailableError


class _CountingListener(monitoring.CommandListener):
    """Counts the commands that resolvers cause; handshakes and cursor housekeeping do not count."""

    _ignored = frozenset({"hello", "ismaster", "ping", "endSessions", "getMore", "killCursors"})

    def started(self, event: monitoring.CommandStartedEvent) -> None:
        if event.command_name not in self._ignored:
            telemetry.record_statement("mongo")

    def succeeded(self, event: monitoring.CommandSucceededEvent) -> None:
        """Nothing to count."""

    def failed(self, event: monitoring.CommandFailedEvent) -> None:
        """Nothing to count."""


MongoClient = AsyncMongoClient[dict[str, Any]]


def connect(url: str, *, timeout_seconds: float = 5.0) -> MongoClient:
    """Return a client; it connects on first use and gives up after the timeout."""
    timeout_ms = int(timeout_seconds * 1000)
    return AsyncMongoClient(
        url,
        tz_aware=True,
        directConnection=True,
        serverSelectionTimeoutMS=timeout_ms,
        connectTimeoutMS=timeout_ms,
        socketTimeoutMS=timeout_ms,
        timeoutMS=timeout_ms,
        event_listeners=[_CountingListener()],
    )


async def start_documents(client: MongoClient, database: str, models: Sequence[type[Document]]) -> None:
    """Bind the document models to their database and create their indexes."""
    await init_beanie(database=client[database], document_models=list(models))


@contextmanager
def translated_failures() -> Iterator[None]:
    """Turn a document server that does not answer into the refusal that clients know.

    Raises:
        ServiceUnavailableError: It cannot be reached, or is too slow.
    """
    try:
        yield
    except (ConnectionFailure, ExecutionTimeout, WaitQueueTimeoutError) as error:
        raise ServiceUnavailableError("The document store does not answer.") from error
