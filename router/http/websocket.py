"""GraphQL over WebSocket, the subprotocol `graphql-transport-ws`: many operations on one connection.

Nothing is kept for a slow client: while a message waits to be taken, its subscription asks for no further event, and
a client that takes nothing for too long is disconnected.
"""

import asyncio
from collections.abc import Callable, Mapping
from typing import Any

import orjson
import structlog

from router.execution.authorization import Claims
from router.execution.engine import Engine
from router.execution.requests import GraphQLResponse, error_body
from router.execution.transport import dump_json
from router.http.asgi import Receive, Scope, Send, request_headers
from router.http.browsers import Cors, is_foreign_socket
from router.http.identity import TokenCheck
from router.http.parameters import Parameters, from_mapping
from router.http.refusals import HttpRefusedError
from router.http.streams import LIMIT_EXCEEDED, Stream, Streams, with_authorization
from router.http.websocket_messages import (
    BAD_MESSAGE,
    FORBIDDEN,
    INIT_TIMEOUT,
    INTERNAL_FAILURE,
    MAX_REASON_BYTES,
    RESTARTING,
    SUBPROTOCOL_NOT_ACCEPTABLE,
    SUBSCRIBER_EXISTS,
    TOO_BIG,
    TOO_MANY_INITS,
    TOO_SLOW,
    TRY_AGAIN_LATER,
    UNAUTHORIZED,
    ClosedError,
    authorization_in,
    id_of,
    payload_of,
)
from router.telemetry import CORRELATION_HEADER, correlation_id

SUBPROTOCOL = "graphql-transport-ws"

_log = structlog.get_logger(__name__)


class Sockets:
    """Serves WebSockets.

    Args:
        streams: Opens their operations.
        tokens: Judges their access tokens.
        cors: Which other origins may connect; None lets all.
        max_message_bytes: Size of one message of a client.
    """

    def __init__(self, streams: Streams, *, tokens: TokenCheck, cors: Cors | None, max_message_bytes: int) -> None:
        self.streams = streams
        self.tokens = tokens
        self.max_message_bytes = max_message_bytes
        self._cors = cors
        self._open: set[_Socket] = set()

    async def serve(
        self,
        scope: Scope,
        receive: Receive,
        send: Send,
        *,
        engine: Callable[[], Engine],
        client_address: str | None,
    ) -> None:
        """Serve one connection until its end; `engine` answers new operations."""
        headers = request_headers(scope)
        await receive()  # websocket.connect
        if self._cors is not None and is_foreign_socket(headers, self._cors):
            await send({"type": "websocket.close", "code": TOO_SLOW})  # before it is accepted: HTTP 403
            return
        socket = _Socket(self, headers, receive=receive, send=send, engine=engine, client_address=client_address)
        self._open.add(socket)
        with structlog.contextvars.bound_contextvars(correlation_id=socket.correlation_id):
            try:
                await socket.run(offered=scope.get("subprotocols", ()))
            finally:
                self._open.discard(socket)

    def close_all(self) -> None:
        """Close every connection: the process shuts down."""
        for socket in list(self._open):
            socket.close(RESTARTING, "This server is shutting down")

    def gauges(self) -> dict[str, tuple[str, dict[str, float]]]:
        """Return what is so now, for the metrics."""
        return {"router_websockets": ("Open WebSockets.", {"": float(len(self._open))})}


class _Operation:
    """One operation of a connection.

    Attributes:
        task: Runs it.
        is_wanted: Whether the client still waits for it.
        may_stop: Whether it may be cancelled: a mutation is finished.
    """

    def __init__(self) -> None:
        self.task: asyncio.Task[None] | None = None
        self.is_wanted = True
        self.may_stop = False

    def stop(self) -> None:
        """Give up, at once or as soon as the operation turns out to be no mutation."""
        self.is_wanted = False
        if self.may_stop and self.task is not None:
            self.task.cancel()

    def allow_stop(self) -> None:
        """Say that the operation changes nothing."""
        self.may_stop = True
        if not self.is_wanted:
            self.stop()


class _Socket:
    """One connection."""

    def __init__(
        self,
        sockets: Sockets,
        headers: Mapping[str, str],
        *,
        receive: Receive,
        send: Send,
        engine: Callable[[], Engine],
        client_address: str | None,
    ) -> None:
        self.correlation_id = correlation_id(headers.get(CORRELATION_HEADER))
        self._streams = sockets.streams
        self._tokens = sockets.tokens
        self._max_message_bytes = sockets.max_message_bytes
        self._headers = headers
        self._receive = receive
        self._send = send
        self._engine = engine
        self._client_address = client_address
        self._claims: Claims | None = None
        self._is_acknowledged = False
        self._operations: dict[str, _Operation] = {}
        self._tasks: set[asyncio.Task[None]] = set()
        self._timers: list[asyncio.TimerHandle] = []
        self._closing: ClosedError | None = None
        self._alarm: asyncio.Timeout | None = None

    def close(self, code: int, reason: str) -> None:
        """Close the connection from outside the task that reads it."""
        if self._closing is None:
            self._closing = ClosedError(code, reason)
            if self._alarm is not None:
                self._alarm.reschedule(asyncio.get_running_loop().time())

    async def run(self, *, offered: list[str] | tuple[str, ...]) -> None:
        """Accept the connection and serve it until its end."""
        is_ours = SUBPROTOCOL in offered
        correlation = (CORRELATION_HEADER.encode(), self.correlation_id.encode("latin-1"))
        accepted: dict[str, Any] = {"type": "websocket.accept", "headers": [correlation]}
        await self._send({**accepted, "subprotocol": SUBPROTOCOL} if is_ours else accepted)
        try:
            if not is_ours:
                raise ClosedError(SUBPROTOCOL_NOT_ACCEPTABLE, "Subprotocol not acceptable")
            self._close_later(
                self._streams.options.init_seconds, INIT_TIMEOUT, "Connection initialisation timeout", unless_ready=True
            )
            await self._read_until_closed()
        except ClosedError as closed:
            await self._say_goodbye(closed)
        except Exception:  # noqa: BLE001 - a bug of ours: the client gets no traceback, the log gets all of it
            _log.exception("websocket_failed")
            await self._say_goodbye(ClosedError(INTERNAL_FAILURE, "Internal error"))
        finally:
            await self._stop_everything()

    async def _read_until_closed(self) -> None:
        try:
            async with asyncio.timeout(None) as self._alarm:
                while self._closing is None and await self._read():
                    pass
        except TimeoutError:
            if self._closing is None:
                raise
        finally:
            self._alarm = None
        if self._closing is not None:
            raise self._closing

    async def _read(self) -> bool:
        """Take one message; return whether the client is still there."""
        message = await self._receive()
        if message["type"] == "websocket.disconnect":
            return False
        text = message.get("text")
        if text is None:
            raise ClosedError(BAD_MESSAGE, "Messages are text")
        # Characters first: counting bytes of a text that is too long anyway would only cost.
        if len(text) > self._max_message_bytes or len(text.encode()) > self._max_message_bytes:
            raise ClosedError(TOO_BIG, f"Messages have at most {self._max_message_bytes} bytes")
        try:
            content = orjson.loads(text)
        except orjson.JSONDecodeError as error:
            raise ClosedError(BAD_MESSAGE, "The message is not JSON") from error
        if not isinstance(content, dict):
            raise ClosedError(BAD_MESSAGE, "The message is not a JSON object")
        await self._take(content)
        return True

    async def _take(self, message: Mapping[str, Any]) -> None:
        kind = message.get("type")
        if kind == "subscribe":
            await self._subscribe(message)
        elif kind == "complete":
            operation = self._operations.pop(id_of(message), None)
            if operation is not None:
                operation.stop()
        elif kind == "ping":
            payload = payload_of(message)
            await self._write({"type": "pong"} if payload is None else {"type": "pong", "payload": payload})
        elif kind == "pong":
            payload_of(message)
        elif kind == "connection_init":
            await self._init(payload_of(message) or {})
        else:
            raise ClosedError(BAD_MESSAGE, "The message has no type that is known")

    async def _init(self, payload: Mapping[str, Any]) -> None:
        if self._is_acknowledged:
            raise ClosedError(TOO_MANY_INITS, "Too many initialisation requests")
        authorization = authorization_in(payload)
        self._headers = with_authorization(self._headers, authorization)
        try:
            self._claims = await self._tokens.claims(self._headers.get("authorization"))
        except HttpRefusedError as error:
            raise ClosedError(FORBIDDEN if error.status < 500 else TRY_AGAIN_LATER, error.message) from error
        seconds = self._streams.seconds_left(self._claims)
        if seconds is not None:
            self._close_later(seconds, FORBIDDEN, "The access token has expired")
        self._is_acknowledged = True
        await self._write({"type": "connection_ack"})

    async def _subscribe(self, message: Mapping[str, Any]) -> None:
        if not self._is_acknowledged:
            raise ClosedError(UNAUTHORIZED, "Unauthorized")
        identifier = id_of(message)
        payload = payload_of(message)
        if payload is None:
            raise ClosedError(BAD_MESSAGE, "The message has no payload")
        if identifier in self._operations:
            raise ClosedError(SUBSCRIBER_EXISTS, f"Subscriber for {identifier} already exists")
        try:
            asked = from_mapping(payload)
        except HttpRefusedError as error:
            raise ClosedError(BAD_MESSAGE, error.message) from error
        if len(self._tasks) >= self._streams.options.socket_operations:
            refused = error_body(LIMIT_EXCEEDED, "Too many operations are running on this connection.")
            await self._write({"id": identifier, "type": "error", "payload": refused["errors"]})
            return
        operation = self._operations[identifier] = _Operation()
        operation.task = asyncio.create_task(self._run_guarded(identifier, operation, asked))
        self._tasks.add(operation.task)
        operation.task.add_done_callback(self._tasks.discard)

    async def _run_guarded(self, identifier: str, operation: _Operation, asked: Parameters) -> None:
        """Run an operation; what goes wrong closes the connection, because the client waits for an answer."""
        try:
            await self._run_operation(identifier, operation, asked)
        except ClosedError as closed:
            self.close(closed.code, closed.reason)
        except HttpRefusedError as error:  # names no document
            self.close(BAD_MESSAGE, error.message)
        except Exception:  # noqa: BLE001 - a bug of ours: the client gets no traceback, the log gets all of it
            _log.exception("websocket_operation_failed")
            self.close(INTERNAL_FAILURE, "Internal error")
        finally:
            self._forget(identifier, operation)

    async def _run_operation(self, identifier: str, operation: _Operation, asked: Parameters) -> None:
        result = await self._streams.open(
            asked,
            self._headers,
            engine=self._engine(),
            claims=self._claims,
            correlation_id=self.correlation_id,
            client_address=self._client_address,
            on_query=operation.allow_stop,
        )
        if not isinstance(result, GraphQLResponse):
            await self._run_subscription(identifier, operation, result)
        elif result.refused_code is not None:
            await self._finish(identifier, operation, {"type": "error", "payload": result.body["errors"]})
        elif operation.is_wanted:
            await self._write({"id": identifier, "type": "next", "payload": result.body})
            await self._finish(identifier, operation, {"type": "complete"})

    async def _run_subscription(self, identifier: str, operation: _Operation, stream: Stream) -> None:
        try:
            async for response in stream:
                await self._write({"id": identifier, "type": "next", "payload": response.body})
            if stream.ending is None:
                await self._finish(identifier, operation, {"type": "complete"})
            else:
                await self._finish(identifier, operation, {"type": "error", "payload": [stream.ending.as_error()]})
        finally:
            await self._streams.closed(stream)

    async def _finish(self, identifier: str, operation: _Operation, message: Mapping[str, Any]) -> None:
        """Send the last message of an operation. Once the client has it, it may use the identifier again."""
        if operation.is_wanted:
            self._forget(identifier, operation)
            await self._write({"id": identifier, **message})

    def _forget(self, identifier: str, operation: _Operation) -> None:
        if self._operations.get(identifier) is operation:
            del self._operations[identifier]

    async def _write(self, message: Mapping[str, Any]) -> None:
        """Send a message.

        Raises:
            ClosedError: The client does not take it.
        """
        try:
            async with asyncio.timeout(self._streams.options.send_seconds):
                await self._send({"type": "websocket.send", "text": dump_json(message).decode()})
        except TimeoutError as error:
            raise ClosedError(TOO_SLOW, "Messages are not taken fast enough") from error
        except OSError:
            # Gone, which ASGI tells the reader as well.
            _log.debug("client_gone")

    async def _say_goodbye(self, closed: ClosedError) -> None:
        _log.info("websocket_closed", code=closed.code, reason=closed.reason)
        reason = closed.reason.encode()[:MAX_REASON_BYTES].decode(errors="ignore")
        try:
            async with asyncio.timeout(self._streams.options.send_seconds):
                await self._send({"type": "websocket.close", "code": closed.code, "reason": reason})
        except (TimeoutError, OSError):
            _log.debug("client_gone")

    async def _stop_everything(self) -> None:
        """Cancel what may be cancelled and wait for it; mutations go on to their end."""
        for timer in self._timers:
            timer.cancel()
        stopped = []
        for operation in self._operations.values():
            operation.stop()
            if operation.may_stop and operation.task is not None:
                stopped.append(operation.task)
        self._operations.clear()
        await asyncio.gather(*stopped, return_exceptions=True)

    def _close_later(self, seconds: float, code: int, reason: str, *, unless_ready: bool = False) -> None:
        def close() -> None:
            if not (unless_ready and self._is_acknowledged):
                self.close(code, reason)

        self._timers.append(asyncio.get_running_loop().call_later(seconds, close))
