"""A connection that is told of commits (LISTEN): who waits on it need not ask again and again.

What is told counts as a hint. A connection that is lost, or a server that went without a word, costs the time until
the next look, which whoever waits takes anyway.
"""

import asyncio
from collections.abc import Sequence
from typing import Any

import asyncpg

from subgraphs.shared import telemetry
from subgraphs.shared.errors import ServiceUnavailableError
from subgraphs.shared.prepared import Prepared, Row, connection_options

_LOST = (
    OSError,
    asyncpg.InterfaceError,
    asyncpg.PostgresConnectionError,
    asyncpg.InsufficientResourcesError,
    asyncpg.OperatorInterventionError,
)


class Listener:
    """Listens on one channel of one database, for one waiter. Connects when it is first used, and again when it must.

    Args:
        url: Of the database (`async_url`).
        channel: Name of the channel.
        timeout_seconds: For connecting and for each statement.
    """

    def __init__(self, url: str, channel: str, *, timeout_seconds: float) -> None:
        self._options = connection_options(url, timeout_seconds=timeout_seconds)
        self._channel = channel
        self._timeout_seconds = timeout_seconds
        self._label = f"postgres:{self._options['database']}"
        self._told = asyncio.Event()
        self._connection: asyncpg.Connection | None = None

    async def wait(self, *, seconds: float) -> None:
        """Return when something was told since the last time, or the connection was lost, or after so many seconds."""
        try:
            async with asyncio.timeout(seconds):
                await self._told.wait()
        except TimeoutError:
            return
        self._told.clear()

    async def fetch(self, prepared: Prepared) -> Sequence[Row]:
        """Return the rows of a prepared statement; whatever is committed after it will be told.

        Raises:
            ServiceUnavailableError: The database does not answer; the next call connects anew.
        """
        telemetry.record_statement(self._label)
        try:
            connection = await self._listening()
            return prepared.read(await connection.fetch(prepared.sql))
        except _LOST as error:
            if self._connection is not None:
                self._connection.terminate()
            raise ServiceUnavailableError("The database does not answer.") from error

    async def close(self) -> None:
        """Close the connection; it may be used again, which opens another."""
        connection, self._connection = self._connection, None
        if connection is not None and not connection.is_closed():
            await connection.close(timeout=self._timeout_seconds)

    async def _listening(self) -> asyncpg.Connection:
        if self._connection is None or self._connection.is_closed():
            self._connection = connection = await asyncpg.connect(**self._options)
            connection.add_termination_listener(self._tell)
            try:
                await connection.add_listener(self._channel, self._tell)
            except BaseException:
                connection.terminate()  # one that does not listen must not be taken for one that does
                raise
        return self._connection

    def _tell(self, *_what: Any) -> None:
        self._told.set()
