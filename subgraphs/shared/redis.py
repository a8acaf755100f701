"""Valkey: one client per process, with timeouts; every key of a subgraph starts with the subgraph's name.

Valkey holds read models, sessions, ranked rows and streams: nothing whose loss would lose a fact.
"""

import asyncio
from collections.abc import Awaitable, Callable, Mapping
from inspect import isawaitable
from typing import Any, TypeVar

import hiredis
from redis.asyncio import Redis
from redis.asyncio.client import Pipeline
from redis.asyncio.connection import Connection
from redis.client import EMPTY_RESPONSE, NEVER_DECODE
from redis.exceptions import ConnectionError as RedisConnectionError
from redis.exceptions import DataError, InvalidResponse, ResponseError
from redis.exceptions import TimeoutError as RedisTimeoutError
from redis.maint_notifications import MaintNotificationsConfig

from subgraphs.shared import telemetry
from subgraphs.shared.errors import ServiceUnavailableError
from subgraphs.shared.valkey_line import Line

Result = TypeVar("Result")

_WAITING = "BLMOVE BLMPOP BLPOP BRPOP BRPOPLPUSH BZMPOP BZPOPMAX BZPOPMIN WAIT WAITAOF XREAD XREADGROUP"
_OF_CONNECTION = (
    "ASKING AUTH CLIENT DISCARD EXEC HELLO MONITOR MULTI PSUBSCRIBE PSYNC PUNSUBSCRIBE QUIT READONLY READWRITE RESET"
    " SELECT SHUTDOWN SSUBSCRIBE SUBSCRIBE SUNSUBSCRIBE SYNC UNSUBSCRIBE UNWATCH WATCH"
)
_APART = frozenset((_WAITING + " " + _OF_CONNECTION).split())
"""Commands that may keep others waiting, or are about their connection: each has one of the pool."""


class PackingConnection(Connection):
    """A connection that packs commands in C, as the client without asyncio does: one with 200 titles in it took longer
    to pack than to answer."""

    def pack_command(self, *args: Any) -> list[bytes]:
        """Return the command as it is sent; its name may be several words."""
        return [_packed(args)]

    async def open(self) -> None:
        """Connect and say hello: once, so that who can do without Valkey need not wait.

        Raises:
            redis.ConnectionError, redis.TimeoutError: Nobody answers.
        """
        try:
            await self.connect_check_health(check_health=False, retry_socket_connect=False)
        except BaseException:
            await self.disconnect(nowait=True)
            raise

    def hand_over(self, protocol: asyncio.Protocol, not_yet: object) -> tuple[asyncio.StreamWriter, hiredis.Reader]:
        """Let the protocol have what comes from now on; return what sends, and what reads answers."""
        writer, self._writer, self._reader = self._writer, None, None
        assert writer is not None
        writer.transport.set_protocol(protocol)
        reader = hiredis.Reader(
            protocolError=InvalidResponse,
            replyError=self._parser.parse_error,
            encoding=self.encoder.encoding,
            errors=self.encoder.encoding_errors,
            notEnoughData=not_yet,
        )
        return writer, reader


def _packed(args: tuple[Any, ...]) -> bytes:
    name = args[0].encode() if isinstance(args[0], str) else args[0]
    words = name.split() if b" " in name else (name,)
    try:
        packed: bytes = hiredis.pack_command((*words, *args[1:]))
    except TypeError as error:
        raise DataError(str(error)) from error
    return packed


def _may_share(args: tuple[Any, ...], options: Mapping[str, Any]) -> bool:
    """Whether the command can go with those of others, and its answer be read like theirs."""
    name = args[0]
    return (
        name.__class__ is str
        and name not in _APART
        and name.partition(" ")[0].upper() not in _APART
        and NEVER_DECODE not in options
        and EMPTY_RESPONSE not in options
    )


class SharingRedis(Redis):
    """redis-py's client, which sends what it may over the line and all else over connections of its pool."""

    line: Line | None = None

    async def execute_command(self, *args: Any, **options: Any) -> Any:
        """Return the answer of one command."""
        if self.line is None or not _may_share(args, options):
            return await super().execute_command(*args, **options)  # type: ignore[no-untyped-call]  # redis-py's
        (answer,) = await self.line.ask(_packed(args), 1)
        if isinstance(answer, Exception):
            raise answer
        return await _read(self, args[0], answer, options)

    def pipeline(self, transaction: bool = True, shard_hint: str | None = None) -> "SharingPipeline":  # noqa: FBT001, FBT002  # redis-py's
        """Return a pipeline over the same line."""
        pipe = SharingPipeline(self.connection_pool, self.response_callbacks, transaction, shard_hint)
        pipe.line = self.line
        return pipe


class SharingPipeline(Pipeline):
    """redis-py's pipeline, which goes over the line unless it is a transaction."""

    line: Line | None = None

    async def execute(self, raise_on_error: bool = True) -> list[Any]:  # noqa: FBT001, FBT002  # redis-py's
        """Return the answers; raise the first that is an error, if wanted, when all have come."""
        stack = self.command_stack
        line = self.line
        if (
            line is None
            or not stack
            or self.is_transaction
            or self.explicit_transaction
            or self.scripts
            or self.connection is not None
            or not all(_may_share(args, options) for args, options in stack)
        ):
            return await super().execute(raise_on_error)
        self.command_stack = []
        answers = await line.ask(b"".join([_packed(args) for args, _ in stack]), len(stack))
        for index, (args, options) in enumerate(stack):
            answer = answers[index]
            if isinstance(answer, Exception):
                if not isinstance(answer, ResponseError):
                    raise answer
            else:
                answers[index] = await _read(self, args[0], answer, options)
        if raise_on_error:
            self.raise_first_error(stack, answers)
        return answers


async def _read(client: Redis, name: Any, answer: Any, options: Mapping[str, Any]) -> Any:
    """Return the answer as redis-py's commands give it."""
    if "keys" in options:  # for caches of answers
        options = {name: value for name, value in options.items() if name != "keys"}
    if name in client.response_callbacks:
        answer = client.response_callbacks[name](answer, **options)
        if isawaitable(answer):
            answer = await answer
    return answer


class Cache:
    """A Valkey client with a key prefix, counted round trips and one error for a lost server.

    `run` sends one command, `pipeline` several in one round trip:

        await cache.run(lambda client: client.hgetall(cache.key("progress", profile_id)))
    """

    def __init__(self, url: str, prefix: str, *, timeout_seconds: float = 5.0) -> None:
        self.prefix = prefix
        self.timeout_seconds = timeout_seconds
        client: Any = SharingRedis.from_url(
            url,
            **_connection_of(url),
            decode_responses=True,
            socket_timeout=timeout_seconds,
            socket_connect_timeout=timeout_seconds,
            # Notices before maintenance are a service of Redis Enterprise; while the client listens for them, it takes
            # pooled connections that the server has closed for living ones.
            maint_notifications_config=MaintNotificationsConfig(enabled=False),
        )
        self.client: Redis = client
        self._line: Line | None = None
        if issubclass(client.connection_pool.connection_class, PackingConnection):
            self._line = client.line = Line(client.connection_pool, timeout_seconds=timeout_seconds)

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
            pipe = self.client.pipeline(transaction=transaction)
            fill(pipe)
            return await pipe.execute()  # which gives back what it has borrowed
        except (RedisConnectionError, RedisTimeoutError, OSError) as error:
            raise ServiceUnavailableError("The cache does not answer.") from error

    async def close(self) -> None:
        """Close the connections."""
        if self._line is not None:
            await self._line.close()
        await self.client.aclose()


def _connection_of(url: str) -> dict[str, Any]:
    """Return the option for our own class of connections, for addresses that need no other."""
    return {"connection_class": PackingConnection} if url.startswith("redis://") else {}
