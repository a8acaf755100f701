"""The fetches of a plan, compiled: build the request, read the reply, merge it, map its errors to client paths."""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any, Protocol

import orjson

from router.execution.conditions import Conditions
from router.execution.merge import merge_object
from router.execution.representations import Gather, Gathered, active_targets, compile_gather, plain_gather
from router.execution.response_errors import MAX_ERRORS, ResponsePath, as_path
from router.execution.shared_objects import SharedPosition, Slots
from router.execution.subgraph_errors import SubgraphErrorReporter
from router.execution.transport import (
    BadResponseError,
    ReplyDecoder,
    SubgraphRequest,
    SubgraphTransport,
    TransportError,
)
from router.execution.walk import positions
from router.planning.plan import (
    EntityEntry,
    EntityFetch,
    EntityTarget,
    Fetch,
    OperationKind,
    PathStep,
    QueryPlan,
    RootFetch,
)

Objects = list[dict[str, Any]]
Places = dict[int, list[ResponsePath]]  # internal paths by the identity of the object there


_NOTHING_GATHERED: tuple[int, Gathered] = -1, ([], [])


# Not frozen, see SubgraphRequest.
@dataclass(slots=True)
class FetchContext:
    """What the fetches of one request share: the response tree, and what every call carries.

    Attributes:
        decoders: Of the replies, by the id of the fetch; None decodes without types.
        is_decoded: Whether all replies so far had their types.
        version: How often the response tree was changed.
        gathered: What was gathered last by each way to do so, and from which version.
    """

    root: dict[str, Any]
    variables: Mapping[str, Any]
    headers: Mapping[str, str]
    transports: Mapping[str, SubgraphTransport]
    reporter: SubgraphErrorReporter
    deadline: float | None = None
    slots: Slots = field(default_factory=list)
    decoders: Mapping[int, ReplyDecoder] | None = None
    is_decoded: bool = True
    version: int = 0
    gathered: dict[Gather, tuple[int, Gathered]] = field(default_factory=dict)


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
) -> CompiledFetch:
    """Return the fetch as it stands under the given condition values.

    Args:
        shared: The positions whose objects are shared; None for an operation that is not compiled to code.
    """
    if isinstance(fetch, RootFetch):
        return _CompiledRootFetch(fetch)
    entries = [
        _compile_entry(entry, fetch=fetch, plan=plan, conditions=conditions, shared=shared) for entry in fetch.entries
    ]
    return _CompiledEntityFetch(fetch, entries)


class _Call:
    """The unchanging part of the requests of one fetch."""

    def __init__(self, fetch: Fetch) -> None:
        self._id = fetch.id
        self.service = fetch.subgraph
        self._document = fetch.document
        # Once more copied, because orjson returns bytes with all the room that it might have needed.
        self._document_json = bytes(bytearray(orjson.dumps(fetch.document)))
        self._operation_name = fetch.operation_name
        self._variables = fetch.variables
        self._is_query = fetch.kind is OperationKind.QUERY

    async def send(self, context: FetchContext, representations: Mapping[str, Any]) -> Mapping[str, Any]:
        """Return the response, checked to be a mapping.

        Raises:
            TransportError: The call failed.
        """
        given = context.variables
        variables = {name: given[name] for name in self._variables if name in given}
        variables.update(representations)
        request = SubgraphRequest(
            document=self._document,
            document_json=self._document_json,
            operation_name=self._operation_name,
            variables=variables,
            headers=context.headers,
            is_query=self._is_query,
            deadline=context.deadline,
            decoder=context.decoders[self._id] if context.decoders is not None else None,
        )
        try:
            return await context.transports[self.service].send(request)
        finally:
            if not request.is_decoded:
                context.is_decoded = False


class _CompiledRootFetch:
    """Root fields, merged into the root or, deep in an operation, into objects of the query root type."""

    def __init__(self, fetch: RootFetch) -> None:
        self._call = _Call(fetch)
        self._path = fetch.path
        self._keys = fetch.keys

    async def run(self, context: FetchContext) -> None:
        """Send the request, unless no object is there to take the reply."""
        places = list(positions(context.root, self._path)) if self._path else [((), context.root)]
        if not places:
            return
        try:
            response = await self._call.send(context, {})
            data, errors = data_and_errors(response)
        except TransportError as error:
            paths = [(*place, key) for place, _ in places for key in self._keys]
            context.reporter.call_failed(self._call.service, error, paths)
            return
        if data is not None:
            context.version += 1
            for _, target in places:
                merge_object(target, data, copy=len(places) > 1)
        for returned in errors:
            path = as_path(returned.get("path"))
            paths_or_none = [place + path for place, _ in places] if path else None
            if path is None and data is None:
                paths_or_none = [(*place, key) for place, _ in places for key in self._keys]
            context.reporter.returned(self._call.service, returned, paths_or_none)


@dataclass(frozen=True, slots=True)
class _CompiledEntry:
    alias: str
    variable: str
    keys: tuple[str, ...]
    targets: tuple[EntityTarget, ...]
    gather: Gather
    needs_copies: bool

    def merge(self, entities: Sequence[Any], owners: list[Objects]) -> None:
        for entity, objects in zip(entities, owners, strict=True):
            if entity.__class__ is not dict:
                continue
            copy = False
            for target in objects:
                if not copy and target.keys().isdisjoint(entity):
                    target.update(entity)  # the usual case, without a step of Python per field
                else:
                    merge_object(target, entity, copy=copy)
                copy = self.needs_copies


def _compile_entry(
    entry: EntityEntry,
    *,
    fetch: EntityFetch,
    plan: QueryPlan,
    conditions: Conditions,
    shared: Sequence[SharedPosition] | None,
) -> _CompiledEntry:
    targets = active_targets(entry, conditions)
    return _CompiledEntry(
        alias=entry.alias,
        variable=entry.variable,
        keys=entry.keys,
        targets=targets,
        gather=plain_gather(targets) if shared is None else compile_gather(targets, shared),
        needs_copies=_is_completed_later(entry, fetch=fetch, plan=plan),
    )


def _is_completed_later(entry: EntityEntry, *, fetch: EntityFetch, plan: QueryPlan) -> bool:
    """Return whether another fetch may add to what this entry brings, so that places must not share objects."""
    ours = [(_keys_of(target.path), set(entry.keys)) for target in entry.targets]
    for other in plan.fetches:
        if other.id == fetch.id:
            continue
        for path, keys in _merge_places(other):
            for own_path, own_keys in ours:
                if len(path) > len(own_path) and path[: len(own_path)] == own_path:
                    return True
                if path == own_path and keys & own_keys:
                    return True
    return len(fetch.entries) > 1


def _merge_places(fetch: RootFetch | EntityFetch) -> Iterator[tuple[tuple[str, ...], set[str]]]:
    if isinstance(fetch, RootFetch):
        yield _keys_of(fetch.path), set(fetch.keys)
        return
    for entry in fetch.entries:
        for target in entry.targets:
            yield _keys_of(target.path), set(entry.keys)


def _keys_of(path: tuple[PathStep, ...]) -> tuple[str, ...]:
    return tuple(step.key for step in path)


class _CompiledEntityFetch:
    """One or more `_entities` fields in one request."""

    def __init__(self, fetch: EntityFetch, entries: Sequence[_CompiledEntry]) -> None:
        self._call = _Call(fetch)
        self._entries = entries

    async def run(self, context: FetchContext) -> None:
        """Send the request, unless there is no representation."""
        gathered = [_gathered(entry.gather, context) for entry in self._entries]
        if not any(representations for representations, _ in gathered):
            return
        all_owners = [owners for _, owners in gathered]
        try:
            response = await self._call.send(
                context,
                {
                    entry.variable: representations
                    for entry, (representations, _) in zip(self._entries, gathered, strict=True)
                },
            )
            data, errors = data_and_errors(response)
            if data is not None:
                self._check(data, all_owners)
        except TransportError as error:
            all_places = [_places(context, entry) for entry in self._entries]
            context.reporter.call_failed(self._call.service, error, self._all_paths(all_owners, all_places))
            return
        if data is not None:
            context.version += 1
            for entry, owners in zip(self._entries, all_owners, strict=True):
                if owners:
                    entry.merge(data[entry.alias], owners)
        self._report(context, errors, all_owners, has_data=data is not None)

    def _check(self, data: Mapping[str, Any], all_owners: list[list[Objects]]) -> None:
        """Refuse a reply whose lists do not pair with the representations: its entities could be anybody's."""
        for entry, owners in zip(self._entries, all_owners, strict=True):
            entities = data.get(entry.alias)
            if owners and (entities.__class__ is not list or len(entities) != len(owners)):
                raise BadResponseError(f"{entry.alias} does not hold {len(owners)} entities")

    def _report(
        self,
        context: FetchContext,
        errors: Sequence[Mapping[str, Any]],
        all_owners: list[list[Objects]],
        *,
        has_data: bool,
    ) -> None:
        if not errors:
            return
        all_places = [_places(context, entry) for entry in self._entries]
        for error in errors:
            paths = self._paths_of_error(as_path(error.get("path")), all_owners, all_places)
            if paths is None and not has_data:
                paths = self._all_paths(all_owners, all_places)
            context.reporter.returned(self._call.service, error, paths)

    def _paths_of_error(
        self, path: ResponsePath | None, all_owners: list[list[Objects]], all_places: list[Places]
    ) -> list[ResponsePath] | None:
        """Return where an error at `[alias, index, …rest]` shows in the response; None if it has no such path."""
        if not path:
            return None
        for entry, owners, places in zip(self._entries, all_owners, all_places, strict=True):
            if path[0] != entry.alias:
                continue
            if len(path) == 1:
                return _paths_of(entry, owners, places)
            index, rest = path[1], path[2:]
            if isinstance(index, int) and 0 <= index < len(owners):
                suffixes = [rest] if rest else [(key,) for key in entry.keys]
                return [
                    place + suffix
                    for owner in owners[index]
                    for place in places.get(id(owner), [])
                    for suffix in suffixes
                ]
        return None

    def _all_paths(self, all_owners: list[list[Objects]], all_places: list[Places]) -> list[ResponsePath]:
        return [
            path
            for entry, owners, places in zip(self._entries, all_owners, all_places, strict=True)
            for path in _paths_of(entry, owners, places)
        ]


def _gathered(gather: Gather, context: FetchContext) -> Gathered:
    """Return what there is to be asked for. Fetches that begin together often ask for the same."""
    version, found = context.gathered.get(gather, _NOTHING_GATHERED)
    if version != context.version:
        found = gather(context.root, context.slots)
        context.gathered[gather] = context.version, found
    return found


def _paths_of(entry: _CompiledEntry, owners: list[Objects], places: Places) -> list[ResponsePath]:
    """Return the path of every key of every object that the entry was to complete."""
    return [
        (*place, key)
        for objects in owners
        for owner in objects
        for place in places.get(id(owner), [])
        for key in entry.keys
    ]


def _places(context: FetchContext, entry: _CompiledEntry) -> Places:
    """Return the internal paths of the objects of an entry, by identity; one may stand in several places."""
    places: Places = {}
    for target in entry.targets:
        for path, found in positions(context.root, target.path):
            places.setdefault(id(found), []).append(path)
    return places


def data_and_errors(response: Mapping[str, Any]) -> tuple[dict[str, Any] | None, list[Mapping[str, Any]]]:
    """Return the parts of a response.

    Raises:
        BadResponseError: It is not a GraphQL response, or has neither data nor errors.
    """
    data = response.get("data")
    errors = response.get("errors") or []
    if data is not None and not isinstance(data, dict):
        raise BadResponseError("data is not an object")
    if not isinstance(errors, list) or not all(isinstance(error, Mapping) for error in errors):
        raise BadResponseError("errors is not a list of objects")
    if data is None and not errors:
        raise BadResponseError("neither data nor errors")
    return data, errors[:MAX_ERRORS]
