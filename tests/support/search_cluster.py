"""A search cluster of memory, over real HTTP: what the adapter may rely on of OpenSearch and Elasticsearch, no more.

It stands in for one only where none is at hand: the contract of search runs against a real one, too, where its address
is given (tests/subgraphs/catalog/test_search_contract.py).
"""

import asyncio
from collections.abc import AsyncIterator, Callable, Mapping
from contextlib import asynccontextmanager, suppress
from dataclasses import dataclass, field
from typing import Any
from urllib.parse import parse_qsl, urlsplit

import orjson

from subgraphs.catalog.service.words import is_one_edit_apart

Fields = dict[str, Any]
_REASONS = {200: "OK", 302: "Found"}


@dataclass(frozen=True)
class Request:
    """What was asked of the cluster."""

    method: str
    path: str
    parameters: Mapping[str, str]
    headers: Mapping[str, str]
    body: bytes

    @property
    def document(self) -> Any:
        """The body as JSON."""
        return orjson.loads(self.body)


@dataclass
class FakeCluster:
    """Indices and aliases. `answer`, where set, may answer instead: a status and body, or raw bytes to send.

    One that `hangs` never answers, one that `drips` sends an endless answer byte by byte.
    """

    url: str = ""
    indices: dict[str, dict[str, tuple[int, Fields]]] = field(default_factory=dict)
    created: dict[str, Any] = field(default_factory=dict)
    aliases: dict[str, set[str]] = field(default_factory=dict)
    requests: list[Request] = field(default_factory=list)
    answer: Callable[[Request], tuple[int, bytes] | bytes | None] | None = None
    hangs: bool = False
    drips: bool = False

    def documents(self, alias: str) -> dict[str, tuple[int, Fields]]:
        """Return the documents behind an alias or in an index, by id: version and fields."""
        names = self.aliases.get(alias, {alias})
        return {own: document for name in names for own, document in self.indices[name].items()}

    def handle(self, request: Request) -> tuple[int, Any]:
        """Return the status and the document that answer a request."""
        head, _, rest = request.path.strip("/").partition("/")
        match request.method, head, rest:
            case "POST", "_bulk", "":
                lines = [orjson.loads(line) for line in request.body.splitlines()]
                pairs = zip(lines[::2], lines[1::2], strict=True)
                return 200, {"items": [{"index": self._write(meta["index"], fields)} for meta, fields in pairs]}
            case "POST", "_aliases", "":
                for action in request.document["actions"]:
                    self._change(action)
                return 200, {"acknowledged": True}
            case "GET", "_alias", alias:
                names = self.aliases.get(alias, set())
                return (200, {name: {} for name in names}) if names else (404, {"error": "alias missing"})
            case "PUT", name, "":
                self.indices[name] = {}
                self.created[name] = request.document
                for alias in request.document.get("aliases", {}):
                    self.aliases.setdefault(alias, set()).add(name)
                return 200, {"acknowledged": True}
            case "DELETE", name, "":
                self._drop(name)
                return 200, {"acknowledged": True}
        if head not in self.indices and head not in self.aliases:
            return 404, {"error": {"type": "index_not_found_exception"}}
        found = self.documents(head)
        match rest:
            case "_refresh":
                return 200, {}
            case "_count":
                return 200, {"count": len(found)}
            case "_search":
                return 200, {"timed_out": False, "_shards": {"failed": 0}, **_searched(found, request.document)}
        return 400, {"error": {"type": "illegal_argument_exception"}}

    def _write(self, meta: Mapping[str, Any], fields: Fields) -> dict[str, Any]:
        targets = self.aliases.get(meta["_index"])
        if not targets:
            return {"_index": meta["_index"], "status": 404, "error": {"type": "index_not_found_exception"}}
        (name,) = targets
        known = self.indices[name].get(meta["_id"])
        if known is not None and known[0] >= meta["version"]:
            return {"_index": name, "status": 409, "error": {"type": "version_conflict_engine_exception"}}
        self.indices[name][meta["_id"]] = (meta["version"], fields)
        return {"_index": name, "status": 200 if known else 201}

    def _change(self, action: Mapping[str, Any]) -> None:
        ((kind, what),) = action.items()
        if kind == "remove_index":
            self._drop(what["index"])
        elif kind == "add":
            self.aliases.setdefault(what["alias"], set()).add(what["index"])
        else:
            self.aliases[what["alias"]].remove(what["index"])

    def _drop(self, name: str) -> None:
        del self.indices[name]
        for names in self.aliases.values():
            names.discard(name)

    async def serve(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        """Answer requests on one connection."""
        with suppress(asyncio.IncompleteReadError, ConnectionError):
            while True:
                request = await _read(reader)
                self.requests.append(request)
                if self.hangs:
                    await asyncio.sleep(3600)
                if self.drips:
                    writer.write(b"HTTP/1.1 200 OK\r\nContent-Length: 1000000\r\n\r\n")
                while self.drips:
                    writer.write(b" ")
                    await writer.drain()
                    await asyncio.sleep(0.01)
                answer = self.answer(request) if self.answer else None
                if answer is None:
                    status, document = self.handle(request)
                    answer = status, orjson.dumps(document)
                if isinstance(answer, bytes):
                    writer.write(answer)
                    break
                status, body = answer
                reason = _REASONS.get(status, "Refused")
                writer.write(f"HTTP/1.1 {status} {reason}\r\nContent-Length: {len(body)}\r\n\r\n".encode() + body)
                await writer.drain()
        with suppress(ConnectionError):
            writer.close()


@asynccontextmanager
async def fake_cluster() -> AsyncIterator[FakeCluster]:
    """Serve an empty cluster on a loopback port."""
    cluster = FakeCluster()
    tasks: set[asyncio.Task[None]] = set()

    def accept(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        task = asyncio.create_task(cluster.serve(reader, writer))
        tasks.add(task)
        task.add_done_callback(tasks.discard)
        task.add_done_callback(lambda _: writer.close())

    listener = await asyncio.start_server(accept, "127.0.0.1", 0)
    cluster.url = f"http://127.0.0.1:{listener.sockets[0].getsockname()[1]}"
    try:
        yield cluster
    finally:
        listener.close()
        for task in tasks:
            task.cancel()
        await asyncio.gather(*tasks, return_exceptions=True)
        await asyncio.sleep(0)


async def _read(reader: asyncio.StreamReader) -> Request:
    head = (await reader.readuntil(b"\r\n\r\n")).decode("ascii")
    first, *lines = head.strip().split("\r\n")
    method, target, _version = first.split(" ")
    headers = {name.lower(): value.strip() for name, _, value in (line.partition(":") for line in lines)}
    body = await reader.readexactly(int(headers.get("content-length", "0")))
    parts = urlsplit(target)
    return Request(method, parts.path, dict(parse_qsl(parts.query)), headers, body)


def _searched(documents: Mapping[str, tuple[int, Fields]], body: Mapping[str, Any]) -> dict[str, Any]:
    if "suggest" in body:
        asked = body["suggest"]["near"]
        known = {
            word
            for _, fields in documents.values()
            for name in fields
            if name.endswith("_words")
            for word in fields[name]
        }
        return {"suggest": {"near": [_suggestion(word, known, asked["term"]) for word in asked["text"].split()]}}
    scored = [(score, fields["id"]) for _, fields in documents.values() if (score := _score(body["query"], fields))]
    after = body.get("search_after")
    ordered = sorted(scored, reverse=True)
    rest = [place for place in ordered if after is None or place < (after[0], after[1])]
    return {"hits": {"hits": [{"sort": [float(score), own]} for score, own in rest[: body["size"]]]}}


def _suggestion(word: str, known: set[str], asked: Mapping[str, Any]) -> dict[str, Any]:
    near = sorted(other for other in known if is_one_edit_apart(word, other))
    options = near[: asked["size"]] if len(word) >= asked["min_word_length"] else []
    return {"text": word, "options": [{"text": option} for option in options]}


def _score(query: Mapping[str, Any], fields: Fields) -> int | None:
    """Return what a document is worth to a query; None where it does not match."""
    ((kind, what),) = query.items()
    if kind == "bool":
        needed = [_score(each, fields) for each in what.get("must", ())]
        filtered = [_score(each, fields) for each in what.get("filter", ())]
        wished = [_score(each, fields) for each in what.get("should", ())]
        if None in (*needed, *filtered) or (not needed and not filtered and all(each is None for each in wished)):
            return None
        return sum(each or 0 for each in (*needed, *wished))
    if kind == "dis_max":
        return max((score for each in what["queries"] if (score := _score(each, fields)) is not None), default=None)
    worth = 1
    if kind == "constant_score":
        worth = what["boost"]
        ((kind, what),) = what["filter"].items()
    ((name, value),) = what.items()
    held = fields.get(name, ())
    matches = (
        any(each in held for each in value)
        if kind == "terms"
        else any(each.startswith(value["value"]) for each in held)
    )
    return worth if matches else None
