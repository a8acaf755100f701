"""A small closed-loop HTTP/1.1 load generator: each client sends its next request when the last is answered."""

import asyncio
import itertools
import time
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from typing import cast

import httptools

_REPLY_SECONDS = 30


@dataclass(slots=True)
class Outcome:
    """What one round saw. Latencies in milliseconds, in the order of completion."""

    seconds: float
    latencies_ms: list[float] = field(default_factory=list)
    failures: int = 0

    @property
    def requests_per_second(self) -> float:
        """Answered requests a second."""
        return len(self.latencies_ms) / self.seconds

    def percentile_ms(self, percent: float) -> float:
        """Return the latency that `percent` of the requests did not exceed."""
        ordered = sorted(self.latencies_ms)
        return ordered[min(len(ordered) - 1, int(len(ordered) * percent / 100))] if ordered else float("nan")

    def add(self, other: "Outcome") -> None:
        """Take in another round."""
        self.seconds += other.seconds
        self.latencies_ms += other.latencies_ms
        self.failures += other.failures


def http_request(
    host: str, port: int, body: bytes, *, token: str | None, headers: Mapping[str, str] | None = None
) -> bytes:
    """Return a POST /graphql as bytes, ready to send again and again."""
    lines = [
        "POST /graphql HTTP/1.1",
        f"Host: {host}:{port}",
        "Content-Type: application/json",
        "Accept: application/json",
        f"Content-Length: {len(body)}",
    ]
    if token:
        lines.append(f"Authorization: Bearer {token}")
    lines += [f"{name}: {value}" for name, value in (headers or {}).items()]
    return "\r\n".join(lines).encode() + b"\r\n\r\n" + body


async def run(port: int, requests: Sequence[bytes], *, clients: int, seconds: float, expect: bytes) -> Outcome:
    """Send the requests in turn from `clients` connections for `seconds`.

    A reply without `expect` is a failure; so is none, which ends the client that waited for it.
    """
    streams = [itertools.cycle([*requests[offset:], *requests[:offset]]) for offset in _offsets(len(requests), clients)]
    return await _run(port, streams, seconds=seconds, expect=expect)


async def run_once_each(
    port: int, requests: Iterable[bytes], *, clients: int, seconds: float, expect: bytes
) -> Outcome:
    """Like `run`, but no request is sent twice; it ends early if there are no more."""
    shared = iter(requests)
    return await _run(port, [shared] * clients, seconds=seconds, expect=expect)


def _offsets(count: int, clients: int) -> list[int]:
    return [client % count for client in range(clients)]


async def _run(port: int, streams: Sequence[Iterator[bytes]], *, seconds: float, expect: bytes) -> Outcome:
    outcome = Outcome(seconds)
    started = time.perf_counter()
    deadline = started + seconds
    await asyncio.gather(*(_client(port, stream, deadline, outcome, expect=expect) for stream in streams))
    outcome.seconds = time.perf_counter() - started
    return outcome


async def _client(port: int, requests: Iterator[bytes], deadline: float, outcome: Outcome, *, expect: bytes) -> None:
    loop = asyncio.get_running_loop()
    transport, connection = await loop.create_connection(_Connection, "127.0.0.1", port)
    try:
        while (now := time.perf_counter()) < deadline and (request := next(requests, None)) is not None:
            try:
                reply = await asyncio.wait_for(connection.ask(request), timeout=_REPLY_SECONDS)
            except (OSError, TimeoutError):
                outcome.failures += 1
                return
            outcome.latencies_ms.append((time.perf_counter() - now) * 1000)
            outcome.failures += expect not in reply
    finally:
        transport.close()


class _Connection(asyncio.Protocol):
    """One keep-alive connection; replies may have a length or come in chunks."""

    def __init__(self) -> None:
        self._transport: asyncio.Transport | None = None
        self._parser = httptools.HttpResponseParser(self)
        self._parts: list[bytes] = []
        self._reply: asyncio.Future[bytes] | None = None

    def ask(self, request: bytes) -> "asyncio.Future[bytes]":
        """Send a request; the future gets the body of the reply, whatever its status."""
        assert self._transport is not None
        self._reply = asyncio.get_running_loop().create_future()
        self._transport.write(request)
        return self._reply

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        self._transport = cast("asyncio.Transport", transport)  # uvloop's is none by inheritance

    def data_received(self, data: bytes) -> None:
        self._parser.feed_data(data)

    def connection_lost(self, exc: Exception | None) -> None:
        if self._reply is not None and not self._reply.done():
            self._reply.set_exception(exc or ConnectionResetError("closed before the reply was complete"))

    def on_body(self, body: bytes) -> None:
        self._parts.append(body)

    def on_message_complete(self) -> None:
        body = b"".join(self._parts)
        self._parts.clear()
        if self._reply is not None and not self._reply.done():
            self._reply.set_result(body)
