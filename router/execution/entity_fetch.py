"""A fetch that completes objects of the response tree: it gathers them, asks for them, and merges what comes.

The same is there twice: for a tree of which some objects are structs, and for one without types (`fetch_context.py`).
"""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import orjson

from router.execution.client_selections import keys_of
from router.execution.conditions import Conditions
from router.execution.fetch_context import FetchContext
from router.execution.merge import merge_object
from router.execution.misfits import MISFITS
from router.execution.reply_types import ReplyTypes
from router.execution.representations import (
    Gather,
    Gathered,
    active_targets,
    compile_gather,
    plain_gather,
)
from router.execution.response_errors import ResponsePath, as_path
from router.execution.shared_objects import SharedPosition
from router.execution.subgraph_call import SubgraphCall
from router.execution.transport import BadResponseError, TransportError
from router.execution.typed_merge import TypedMerge, compile_typed_merge
from router.execution.walk import positions
from router.planning.plan import EntityEntry, EntityFetch, EntityTarget, QueryPlan, RootFetch

Objects = list[dict[str, Any]]
Places = dict[int, list[ResponsePath]]  # internal paths by the identity of the object there


@dataclass(frozen=True, slots=True)
class CompiledEntry:
    alias: str
    variable: str
    keys: tuple[str, ...]
    targets: tuple[EntityTarget, ...]
    gather: Gather
    needs_copies: bool
    typed_gather: Gather
    typed_merge: TypedMerge | None

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


def compile_entry(
    entry: EntityEntry,
    *,
    fetch: EntityFetch,
    plan: QueryPlan,
    conditions: Conditions,
    shared: Sequence[SharedPosition] | None,
    types: ReplyTypes | None,
) -> CompiledEntry:
    targets = active_targets(entry, conditions)
    gather = plain_gather(targets) if shared is None else compile_gather(targets, shared)
    needs_copies = _is_completed_later(entry, fetch=fetch, plan=plan)
    typed_gather, typed_merge = gather, None
    if types is not None:
        typed_gather = types.gather(targets, shared or ())
        part = types.parts.get((fetch.id, entry.alias))
        if part is not None:
            typed_merge = compile_typed_merge(
                targets, part, types.forms, repeated=types.repeated, needs_copies=needs_copies
            )
    return CompiledEntry(
        alias=entry.alias,
        variable=entry.variable,
        keys=entry.keys,
        targets=targets,
        gather=gather,
        needs_copies=needs_copies,
        typed_gather=typed_gather,
        typed_merge=typed_merge,
    )


def _is_completed_later(entry: EntityEntry, *, fetch: EntityFetch, plan: QueryPlan) -> bool:
    """Return whether another fetch may add to what this entry brings, so that places must not share objects."""
    ours = [(keys_of(target.path), set(entry.keys)) for target in entry.targets]
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
        yield keys_of(fetch.path), set(fetch.keys)
        return
    for entry in fetch.entries:
        for target in entry.targets:
            yield keys_of(target.path), set(entry.keys)


class CompiledEntityFetch:
    """One or more `_entities` fields in one request."""

    def __init__(self, fetch: EntityFetch, entries: Sequence[CompiledEntry]) -> None:
        self._call = SubgraphCall(fetch)
        self._entries = entries

    async def run(self, context: FetchContext) -> None:
        """Send the request, unless there is no representation."""
        gathered = self._gather(context)
        if not any(representations for representations, _ in gathered):
            return
        if context.decoders is not None:
            context.events.append((self._gather_again, None))
        root = context.root
        try:
            data, errors, text = await self._call.send(
                context,
                {
                    entry.variable: representations
                    for entry, (representations, _) in zip(self._entries, gathered, strict=True)
                },
            )
            if data is not None:
                self._check(data, gathered, context)
        except TransportError as error:
            owners = _owners(gathered if context.root is root else context.found_again[self._call.id])
            all_places = [_places(context, entry) for entry in self._entries]
            context.reporter.call_failed(self._call.service, error, self._all_paths(owners, all_places))
            return
        if context.root is not root:
            gathered = context.found_again[self._call.id]
        if data is not None:
            gathered = self._merge(context, data, gathered, text=text)
        if errors:
            self._report(context, errors, _owners(gathered), has_data=data is not None)

    def _gather(self, context: FetchContext) -> list[Gathered]:
        if context.decoders is not None:
            try:
                return [context.gather(entry.typed_gather) for entry in self._entries]
            except MISFITS:
                context.start_over()
        return [context.gather(entry.gather) for entry in self._entries]

    def _gather_again(self, context: FetchContext, _: None) -> None:
        context.found_again[self._call.id] = self._gather(context)

    def _merge(
        self, context: FetchContext, data: Mapping[str, Any], gathered: list[Gathered], *, text: bytes | None
    ) -> list[Gathered]:
        """Merge a reply and return for whom it was."""
        if context.decoders is not None:
            try:
                context.version += 1
                for entry, (_, owners) in zip(self._entries, gathered, strict=True):
                    if owners:
                        (entry.typed_merge or entry.merge)(data[entry.alias], owners)
            except MISFITS:
                context.start_over()
                data = orjson.loads(text or b"")["data"]
                gathered = context.found_again[self._call.id]
            else:
                context.events.append((self._merge_text, text))
                return gathered
        self._merge_plain(context, data, gathered)
        return gathered

    def _merge_plain(self, context: FetchContext, data: Mapping[str, Any], gathered: list[Gathered]) -> None:
        context.version += 1
        for entry, (_, owners) in zip(self._entries, gathered, strict=True):
            if owners:
                entry.merge(data[entry.alias], owners)

    def _merge_text(self, context: FetchContext, text: bytes) -> None:
        self._merge_plain(context, orjson.loads(text)["data"], context.found_again[self._call.id])

    def _check(self, data: Mapping[str, Any], gathered: list[Gathered], context: FetchContext) -> None:
        """Refuse a reply whose lists do not pair with the representations: its entities could be anybody's."""
        for entry, (_, owners) in zip(self._entries, gathered, strict=True):
            entities = data.get(entry.alias)
            if owners and (entities.__class__ is not list or len(entities) != len(owners)):
                context.start_over()
                raise BadResponseError(f"{entry.alias} does not hold {len(owners)} entities")

    def _report(
        self,
        context: FetchContext,
        errors: Sequence[Mapping[str, Any]],
        all_owners: list[list[Objects]],
        *,
        has_data: bool,
    ) -> None:
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


def _owners(gathered: Sequence[Gathered]) -> list[list[Objects]]:
    return [owners for _, owners in gathered]


def _paths_of(entry: CompiledEntry, owners: list[Objects], places: Places) -> list[ResponsePath]:
    """Return the path of every key of every object that the entry was to complete."""
    return [
        (*place, key)
        for objects in owners
        for owner in objects
        for place in places.get(id(owner), [])
        for key in entry.keys
    ]


def _places(context: FetchContext, entry: CompiledEntry) -> Places:
    """Return the internal paths of the objects of an entry, by identity; one may stand in several places."""
    places: Places = {}
    for target in entry.targets:
        for path, found in positions(context.root, target.path):
            places.setdefault(id(found), []).append(path)
    return places
