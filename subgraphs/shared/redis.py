"""Valkey: one client per process, with timeouts; every key of a subgraph starts with the subgraph's name.

Valkey holds read models, sessions, ranked rows and streams: nothing whose loss would lose a fact.
"""

from collections.abc import Awaitable, Callable
from typing import Any, TypeVar

import hiredis
from redis.asyncio import Redis
from redis.asyncio.client import Pipeline
from redis.asyncio.connection import Connection
from redis.exceptions import ConnectionError as RedisConnectionError
from redis.exceptions import DataError
from redis.exceptions import TimeoutError as RedisTimeoutError
from redis.maint_notifications import MaintNotificationsConfig

from subgraphs.shared import telemetry
from subgraphs.shared.errors import ServiceUnavailableError

Result = TypeVar("Result")


class PackingConnection(Connection):
    """A connection that packs commands in C, as the client without asyncio does: one with 200 titles in it took longer
    to pack than to answer."""

    def pack_command(self, *args: Any) -> list[bytes]:
        """Return the command as it is sent; its name may be several words."""
        name = args[0].encode() if isinstance(args[0], str) else args[0]
        try:
            return [hiredis.pack_command((*name.split(), *args[1:]))]
        except TypeError as error:
            raise DataError(str(error)) from error


class Cache:
    """A Valkey client with a key prefix, counted round trips and one error for a lost server.

    `run` sends one command, `pipeline` several in one round trip:

        await cache.run(lambda client: client.hgetall(cache.key("progress", profile_id)))
    """

    def __init__(self, url: str, prefix: str, *, timeout_seconds: float = 5.0) -> None:
        self.prefix = prefix
        self.timeout_seconds = timeout_seconds
        self.client: Redis = Redis.from_url(
            url,
            **_connection_of(url),
            decode_responses=True,
            socket_timeout=timeout_seconds,
            socket_connect_timeout=timeout_seconds,
            # Notices before maintenance are a service of Redis Enterprise; while the client listens for them, it takes
            # pooled connections that the server has closed for living ones.
            maint_notifications_config=MaintNotificationsConfig(enabled=False),
        )

    def key(self, *parts: str) -> str:
        """Return the full key: `activity:watchlist:<profile>`."""
        return ":".join((self.prefix, *parts))

    async def run(self, command: Callable[[Redis], Awaitable[Result]]) -> Result:
        """Return the answer of one command.

        Raises:
            ServiceUnavailableError: Valkey does not answer.
        """
        telemetry.record_statement("redis")
        try:
            return await command(self.client)
        except (RedisConnectionError, RedisTimeoutError, OSError) as error:
            raise ServiceUnavailableError("The cache does not answer.") from error

    async def pipeline(self, fill: Callable[[Pipeline], None], *, transaction: bool = False) -> list[Any]:
        """Return the answers of the commands that `fill` adds, in one round trip.

        Raises:
            ServiceUnavailableError: Valkey does not answer.
        """
        telemetry.record_statement("redis")
        try:
            async with self.client.pipeline(transaction=transaction) as pipe:
                fill(pipe)
                return await pipe.execute()
        except (RedisConnectionError, RedisTimeoutError, OSError) as error:
            raise ServiceUnavailableError("The cache does not answer.") from error

    async def close(self) -> None:
        """Close the connections."""
        await self.client.aclose()


def _connection_of(url: str) -> dict[str, Any]:
    """Return the option for our own class of connections, for addresses that need no other."""
    return {"connection_class": PackingConnection} if url.startswith("redis://") else {}
