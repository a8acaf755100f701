"""An OpenSearch or Elasticsearch over HTTP: the few calls that search makes, each with a timeout, replies checked.

A module apart: its HTTP client costs every process that loads it, so only those do that have such an index. What people
typed is in no log: of a refusal, only its status and the kind of the error are.
"""

import asyncio
from collections.abc import Mapping, Sequence
from datetime import timedelta
from typing import Any, TypeVar

import httpx2
import msgspec
import orjson
import structlog

from subgraphs.shared.clock import Clock
from subgraphs.shared.errors import ServiceUnavailableError

MAX_CONNECTIONS = 20
REST = timedelta(seconds=1)
"""How long a cluster that failed is not asked by those who have somebody else to ask."""

_CONFLICT, _MISSING = 409, 404
_NDJSON = {"Content-Type": "application/x-ndjson"}
_JSON = {"Content-Type": "application/json"}

_log = structlog.get_logger(__name__)

Reply = TypeVar("Reply")


class ClusterUnavailableError(ServiceUnavailableError):
    """The cluster does not answer, or not what was asked for."""

    def __init__(self, *, status: int | None = None) -> None:
        super().__init__("The index of search does not answer.")
        self.status = status


class Candidate(msgspec.Struct, frozen=True):
    """A document that a query found: its sort values."""

    sort: tuple[float, str]


class _Hits(msgspec.Struct, frozen=True):
    hits: list[Candidate] = []


class _Shards(msgspec.Struct, frozen=True):
    failed: int


class _Option(msgspec.Struct, frozen=True):
    text: str


class Suggestion(msgspec.Struct, frozen=True):
    """A word, and known words near it."""

    text: str
    options: list[_Option] = []


class _SearchReply(msgspec.Struct, frozen=True):
    timed_out: bool
    shards: _Shards = msgspec.field(name="_shards")
    hits: _Hits = msgspec.field(default_factory=_Hits)
    suggest: dict[str, list[Suggestion]] = {}


class _Error(msgspec.Struct, frozen=True):
    type: str = "unknown"


class _ErrorReply(msgspec.Struct, frozen=True):
    error: _Error


class _Written(msgspec.Struct, frozen=True):
    status: int
    index: str = msgspec.field(name="_index")
    error: _Error | None = None


class _BulkItem(msgspec.Struct, frozen=True):
    index: _Written


class _BulkReply(msgspec.Struct, frozen=True):
    items: list[_BulkItem]


class _CountReply(msgspec.Struct, frozen=True):
    count: int


class SearchCluster:
    """Calls to one cluster.

    Args:
        url: Its address, with user and password where it wants them.
        timeout_seconds: Of each call.
        clock: Tells how long it rests.
    """

    def __init__(self, url: str, *, timeout_seconds: float, clock: Clock) -> None:
        self._timeout_seconds = timeout_seconds
        self._clock = clock
        self._rests_until = clock()
        self._http = httpx2.AsyncClient(
            base_url=url,
            timeout=timeout_seconds,
            limits=httpx2.Limits(max_connections=MAX_CONNECTIONS),
        )

    async def search(self, index: str, body: dict[str, Any]) -> Sequence[Candidate]:
        """Return the candidates in the order that the body asks for.

        Raises:
            ClusterUnavailableError: It failed, or rests since it last did.
        """
        return (await self._search(index, body)).hits.hits

    async def suggest(self, index: str, suggestions: dict[str, Any]) -> Sequence[Suggestion]:
        """Return what the one entry of the suggestions brings, word by word; raises what `search` raises."""
        reply = await self._search(index, {"size": 0, "suggest": suggestions})
        return [each for found in reply.suggest.values() for each in found]

    async def _search(self, index: str, body: dict[str, Any]) -> _SearchReply:
        if self._clock() < self._rests_until:
            raise ClusterUnavailableError
        parameters = {
            "allow_partial_search_results": "false",
            "filter_path": "timed_out,_shards.failed,hits.hits.sort,suggest.*.text,suggest.*.options.text",
        }
        try:
            asked = {**body, "timeout": f"{int(self._timeout_seconds * 1000)}ms"}
            reply = await self._ask("POST", f"/{index}/_search", _SearchReply, body=asked, parameters=parameters)
            if reply.timed_out or reply.shards.failed:
                _log.warning("search_index_partial", timed_out=reply.timed_out, failed=reply.shards.failed)
                raise ClusterUnavailableError
        except ClusterUnavailableError:
            self._rests_until = self._clock() + REST
            raise
        return reply

    async def write(self, documents: Sequence[tuple[dict[str, Any], dict[str, Any]]], *, refresh: bool) -> int:
        """Write documents, each with its metadata, into aliases, and return how many arrived.

        An older version than is there changes nothing, and counts as arrived; so does nothing whose alias there is not.

        Args:
            documents: Metadata and fields of each.
            refresh: Whether they can be found when this returns.

        Raises:
            ClusterUnavailableError: It failed, or could not take all of them; sending them again does no harm.
        """
        lines = [orjson.dumps(part) for meta, fields in documents for part in ({"index": meta}, fields)]
        parameters = {
            "refresh": "true" if refresh else "false",
            "require_alias": "true",
            "filter_path": "items.index.status,items.index._index,items.index.error.type",
        }
        reply = await self._ask("POST", "/_bulk", _BulkReply, content=b"\n".join((*lines, b"")), parameters=parameters)
        if len(reply.items) != len(documents):
            _log.warning("search_index_partial", sent=len(documents), answered=len(reply.items))
            raise ClusterUnavailableError
        arrived = 0
        for item in reply.items:
            status = item.index.status
            if status < 300 or status == _CONFLICT:
                arrived += 1
            elif status != _MISSING:
                kind = item.index.error.type if item.index.error else None
                _log.warning("search_index_refused_document", status=status, error=kind)
                raise ClusterUnavailableError(status=status)
        return arrived

    async def create_index(self, name: str, body: dict[str, Any]) -> None:
        """Create an index that is not there."""
        await self._ask("PUT", f"/{name}", dict[str, Any], body=body)

    async def delete_index(self, name: str) -> None:
        """Delete an index."""
        await self._ask("DELETE", f"/{name}", dict[str, Any])

    async def indices_of(self, alias: str) -> list[str]:
        """Return the names of the indices behind an alias; empty when there is no such alias."""
        try:
            return sorted(await self._ask("GET", f"/_alias/{alias}", dict[str, Any], may_be_missing=True))
        except ClusterUnavailableError as error:
            if error.status == _MISSING:
                return []
            raise

    async def change_aliases(self, actions: Sequence[dict[str, Any]]) -> None:
        """Do all of it at once, or nothing."""
        await self._ask("POST", "/_aliases", dict[str, Any], body={"actions": list(actions)})

    async def count(self, index: str) -> int:
        """Return how many documents the index has, having made all of them be found."""
        await self._ask("POST", f"/{index}/_refresh", dict[str, Any])
        return (await self._ask("GET", f"/{index}/_count", _CountReply)).count

    async def close(self) -> None:
        """Close the connections."""
        await self._http.aclose()

    async def _ask(
        self,
        method: str,
        path: str,
        kind: type[Reply],
        *,
        body: dict[str, Any] | None = None,
        content: bytes | None = None,
        parameters: Mapping[str, str] | None = None,
        may_be_missing: bool = False,
    ) -> Reply:
        sent = content if body is None else orjson.dumps(body)
        headers = _NDJSON if content is not None else _JSON if body is not None else None
        try:
            # The client's own timeouts are of each read: an answer that drips would never end.
            async with asyncio.timeout(self._timeout_seconds):
                response = await self._http.request(method, path, params=parameters, content=sent, headers=headers)
        except (httpx2.HTTPError, TimeoutError) as error:
            _log.warning("search_index_unreachable", error=type(error).__name__)
            raise ClusterUnavailableError from error
        if may_be_missing and response.status_code == _MISSING:
            raise ClusterUnavailableError(status=_MISSING)
        if not response.is_success:
            kind_of_error = _kind_of_error(response.content)
            _log.warning("search_index_refused", status=response.status_code, error=kind_of_error)
            raise ClusterUnavailableError(status=response.status_code)
        try:
            return msgspec.json.decode(response.content, type=kind)
        except (msgspec.MsgspecError, RecursionError) as error:
            _log.warning("search_index_not_understood", error=type(error).__name__)
            raise ClusterUnavailableError from error


def _kind_of_error(content: bytes) -> str | None:
    try:
        return msgspec.json.decode(content, type=_ErrorReply).error.type
    except (msgspec.MsgspecError, RecursionError):
        return None
