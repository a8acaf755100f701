"""The fetches of a plan, compiled: build the request, read the reply, merge it, map its errors to client paths."""

from collections.abc import Sequence
from typing import Any, Protocol

import orjson

from router.execution.conditions import Conditions
from router.execution.contextual_fetch import ContextualEntityFetch, has_contexts
from router.execution.entity_fetch import CompiledEntityFetch, compile_entry
from router.execution.fetch_context import FetchContext
from router.execution.merge import merge_object
from router.execution.reply_types import ReplyTypes
from router.execution.response_errors import ResponsePath, as_path
from router.execution.shared_objects import SharedPosition
from router.execution.subgraph_call import SubgraphCall
from router.execution.transport import TransportError
from router.execution.walk import positions
from router.planning.plan import EntityFetch, QueryPlan, RootFetch


class CompiledFetch(Protocol):
    """One step of an execution. Never raises for what a subgraph does."""

    async def run(self, context: FetchContext) -> None:
        """Send the request if there is anything to ask, and merge the reply."""
        ...


def compile_fetch(
    fetch: RootFetch | EntityFetch,
    *,
    plan: QueryPlan,
    conditions: Conditions,
    shared: Sequence[SharedPosition] | None = None,
    types: ReplyTypes | None = None,
) -> CompiledFetch:
    """Return the fetch as it stands under the given condition values.

    Args:
        shared: The positions whose objects are shared; None for an operation that is not compiled to code.
        types: Of its reply and all others, if they are of use.
    """
    if isinstance(fetch, RootFetch):
        return _CompiledRootFetch(fetch)
    if has_contexts(fetch):
        return ContextualEntityFetch(fetch, conditions)
    entries = [
        compile_entry(entry, fetch=fetch, plan=plan, conditions=conditions, shared=shared, types=types)
        for entry in fetch.entries
    ]
    return CompiledEntityFetch(fetch, entries)


class _CompiledRootFetch:
    """Root fields, merged into the root or, deep in an operation, into objects of the query root type."""

    def __init__(self, fetch: RootFetch) -> None:
        self._call = SubgraphCall(fetch)
        self._path = fetch.path
        self._keys = fetch.keys

    async def run(self, context: FetchContext) -> None:
        """Send the request, unless no object is there to take the reply."""
        places, root = self._places(context), context.root
        if not places:
            return
        try:
            data, errors, text = await self._call.send(context, {})
        except TransportError as error:
            places = places if context.root is root else self._places(context)
            paths = [(*place, key) for place, _ in places for key in self._keys]
            context.reporter.call_failed(self._call.service, error, paths)
            return
        if context.root is not root:
            places = self._places(context)
        if context.decoders is not None:
            context.events.append((self._merge_text, text))
        if data is not None:
            _merge_at(places, data, context)
        for returned in errors:
            path = as_path(returned.get("path"))
            paths_or_none = [place + path for place, _ in places] if path else None
            if path is None and data is None:
                paths_or_none = [(*place, key) for place, _ in places for key in self._keys]
            context.reporter.returned(self._call.service, returned, paths_or_none)

    def _places(self, context: FetchContext) -> list[tuple[ResponsePath, dict[str, Any]]]:
        return list(positions(context.root, self._path)) if self._path else [((), context.root)]

    def _merge_text(self, context: FetchContext, text: bytes) -> None:
        _merge_at(self._places(context), orjson.loads(text)["data"], context)


def _merge_at(
    places: Sequence[tuple[ResponsePath, dict[str, Any]]], data: dict[str, Any], context: FetchContext
) -> None:
    context.version += 1
    for _, target in places:
        merge_object(target, data, copy=len(places) > 1)
