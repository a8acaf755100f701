"""A small closed-loop HTTP/1.1 load generator: each client sends its next request when the last is answered."""

import asyncio
import time
from collections.abc import Sequence
from dataclasses import dataclass, field


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


def http_request(host: str, port: int, body: bytes, *, token: str | None) -> bytes:
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
    return "\r\n".join(lines).encode() + b"\r\n\r\n" + body


async def run(port: int, requests: Sequence[bytes], *, clients: int, seconds: float, expect: bytes) -> Outcome:
    """Send the requests in turn from `clients` connections for `seconds`; a reply without `expect` is a failure."""
    outcome = Outcome(seconds)
    started = time.perf_counter()
    deadline = started + seconds
    await asyncio.gather(
        *(_client(port, requests, offset, deadline, outcome, expect=expect) for offset in range(clients))
    )
    outcome.seconds = time.perf_counter() - started
    return outcome


async def _client(
    port: int, requests: Sequence[bytes], offset: int, deadline: float, outcome: Outcome, *, expect: bytes
) -> None:
    reader, writer = await asyncio.open_connection("127.0.0.1", port, limit=4 * 1024 * 1024)
    try:
        turn = offset
        while (now := time.perf_counter()) < deadline:
            writer.write(requests[turn % len(requests)])
            reply = await asyncio.wait_for(_read_reply(reader), timeout=30)
            outcome.latencies_ms.append((time.perf_counter() - now) * 1000)
            outcome.failures += expect not in reply
            turn += 1
    finally:
        writer.close()


async def _read_reply(reader: asyncio.StreamReader) -> bytes:
    head = await reader.readuntil(b"\r\n\r\n")
    length = next(
        int(line.split(b":", 1)[1]) for line in head.split(b"\r\n") if line.lower().startswith(b"content-length:")
    )
    return await reader.readexactly(length)
