"""Serves all subgraphs of a graph, each on a port of its own: `python -m benchmarks.gateways.subgraphs GRAPH PORT…`.

One process with one event loop. Each different request is answered once by execution and from then on from memory, so
that the gateway in front is what is measured. `GET /counts` on any port says how many requests each subgraph had.
"""

import asyncio
import sys
from collections import Counter, OrderedDict
from functools import partial
from typing import Any, cast

import httptools
import orjson
import uvloop

from benchmarks.gateways.answers import Subgraph
from benchmarks.gateways.graphs import load_graphs

_MOST_REPLIES = 20_000
_COUNTS_PATH = b"/counts"


class MemoisingSubgraph:
    """Answers of one subgraph, by request body; the oldest are forgotten beyond a number."""

    def __init__(self, name: str, subgraph: Subgraph, counts: Counter[str]) -> None:
        self.counts = counts
        self._name = name
        self._subgraph = subgraph
        self._replies: OrderedDict[bytes, bytes] = OrderedDict()

    def reply(self, body: bytes) -> bytes:
        """Return the HTTP reply to a request body, and count it."""
        self.counts[self._name] += 1
        known = self._replies.get(body)
        if known is None:
            known = self._replies[body] = http_reply(orjson.dumps(self._subgraph.answer(orjson.loads(body))))
            if len(self._replies) > _MOST_REPLIES:
                self._replies.popitem(last=False)
        return known


class _Connection(asyncio.Protocol):
    """One HTTP/1.1 connection: keep-alive, requests one after another."""

    def __init__(self, subgraph: MemoisingSubgraph) -> None:
        self._subgraph = subgraph
        self._parser = httptools.HttpRequestParser(self)
        self._transport: asyncio.Transport | None = None
        self._body: list[bytes] = []
        self._url = b""

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        self._transport = cast("asyncio.Transport", transport)  # uvloop's is none by inheritance

    def data_received(self, data: bytes) -> None:
        self._parser.feed_data(data)

    def on_url(self, url: bytes) -> None:
        self._url += url

    def on_body(self, body: bytes) -> None:
        self._body.append(body)

    def on_message_complete(self) -> None:
        assert self._transport is not None
        if self._url == _COUNTS_PATH:
            reply = http_reply(orjson.dumps(dict(self._subgraph.counts)))
        else:
            reply = self._subgraph.reply(b"".join(self._body))
        self._transport.write(reply)
        self._body.clear()
        self._url = b""


def http_reply(body: bytes) -> bytes:
    """Return a 200 with a JSON body."""
    head = f"HTTP/1.1 200 OK\r\nContent-Type: application/json\r\nContent-Length: {len(body)}\r\n\r\n"
    return head.encode() + body


async def _serve(subgraphs: dict[str, Any], ports: list[int]) -> None:
    counts: Counter[str] = Counter()
    loop = asyncio.get_running_loop()
    for (name, subgraph), port in zip(subgraphs.items(), ports, strict=True):
        memoising = MemoisingSubgraph(name, subgraph, counts)
        await loop.create_server(partial(_Connection, memoising), "127.0.0.1", port)
    await loop.create_future()  # until the signal


if __name__ == "__main__":
    uvloop.run(_serve(load_graphs()[sys.argv[1]].subgraphs(), [int(port) for port in sys.argv[2:]]))
