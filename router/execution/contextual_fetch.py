"""An entity fetch with contexts: arguments whose values come from objects above the ones to complete.

The values are variables of the request, so objects that stand below different ones cannot share an `_entities` field:
each distinct set of values has one of its own, under an alias. One request takes many of them. The document for one
set comes from the plan, those for several are derived from it.

Nothing here is generated code: such fields are rare, and every object has to be looked at with those above it.
"""

import asyncio
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field, replace
from typing import Any

import orjson
from graphql import (
    DocumentNode,
    FieldNode,
    NameNode,
    OperationDefinitionNode,
    VariableDefinitionNode,
    VariableNode,
    Visitor,
    parse,
    print_ast,
    visit,
)

from router.execution.conditions import Conditions
from router.execution.entity_fetch import Objects
from router.execution.fetch_context import FetchContext
from router.execution.merge import merge_object
from router.execution.representations import active_targets
from router.execution.response_errors import ResponsePath, as_path
from router.execution.subgraph_call import data_and_errors
from router.execution.transport import BadResponseError, SubgraphRequest, TransportError, dump_json
from router.planning.plan import (
    ContextVariable,
    EntityEntry,
    EntityFetch,
    EntityTarget,
    PathStep,
    Representation,
    RepresentationField,
)

MAX_GROUPS = 50
"""Entries of one request; more sets of values go into further requests at the same time."""

_MAX_DOCUMENTS = 64

Chain = tuple[dict[str, Any], ...]
"""An object of the response tree and those above it, the root first."""


@dataclass(slots=True)
class _Group:
    """Objects of one entry for which all contexts have the same values."""

    entry: int
    values: dict[str, Any]
    representations: list[dict[str, Any]] = field(default_factory=list)
    owners: list[Objects] = field(default_factory=list)
    places: list[list[ResponsePath]] = field(default_factory=list)
    index: dict[bytes, int] = field(default_factory=dict)

    def add(self, representation: dict[str, Any], owner: dict[str, Any], place: ResponsePath) -> None:
        key = dump_json(representation)
        at = self.index.get(key)
        if at is None:
            at = self.index[key] = len(self.owners)
            self.representations.append(representation)
            self.owners.append([])
            self.places.append([])
        self.owners[at].append(owner)
        self.places[at].append(place)


@dataclass(frozen=True, slots=True)
class _Sent:
    """A group in a request: how it is called there."""

    group: _Group
    number: int

    def named(self, name: str) -> str:
        return name if self.number == 0 else f"{name}_{self.number}"


def has_contexts(fetch: EntityFetch) -> bool:
    """Whether a fetch takes values from objects above those that it completes."""
    return any(target.contexts for entry in fetch.entries for target in entry.targets)


class ContextualEntityFetch:
    """A compiled fetch of which at least one target has contexts."""

    def __init__(self, fetch: EntityFetch, conditions: Conditions) -> None:
        self._fetch = fetch
        self._targets = [active_targets(entry, conditions) for entry in fetch.entries]
        self._variants = _Variants(fetch)

    async def run(self, context: FetchContext) -> None:
        """Send the requests, unless there is no representation, and merge the replies."""
        groups = [group for place, targets in enumerate(self._targets) for group in _gather(context, place, targets)]
        parts = [groups[start : start + MAX_GROUPS] for start in range(0, len(groups), MAX_GROUPS)]
        if len(parts) == 1:
            await self._run(context, parts[0])
        else:
            await asyncio.gather(*(self._run(context, part) for part in parts))

    async def _run(self, context: FetchContext, groups: Sequence[_Group]) -> None:
        counts = [0] * len(self._fetch.entries)
        sent: list[_Sent] = []
        for group in groups:
            sent.append(_Sent(group, counts[group.entry]))
            counts[group.entry] += 1
        try:
            response = await context.transports[self._fetch.subgraph].send(self._request(context, sent, counts))
            data, errors = data_and_errors(response)
            if data is not None:
                self._check(data, sent)
        except TransportError as error:
            context.reporter.call_failed(self._fetch.subgraph, error, self._all_paths(groups))
            return
        context.version += 1
        for each in sent if data is not None else ():
            assert data is not None
            _merge(data[self._alias(each)], each.group.owners)
        for returned in errors:
            paths = self._paths_of(as_path(returned.get("path")), sent)
            if paths is None and data is None:
                paths = self._all_paths(groups)
            context.reporter.returned(self._fetch.subgraph, returned, paths)

    def _request(self, context: FetchContext, sent: Sequence[_Sent], counts: Sequence[int]) -> SubgraphRequest:
        given = context.variables
        variables: dict[str, Any] = {name: given[name] for name in self._fetch.variables if name in given}
        for entry, count in zip(self._fetch.entries, counts, strict=True):
            if count == 0:
                variables[entry.variable] = []
        for each in sent:
            variables[each.named(self._entry(each).variable)] = each.group.representations
            variables.update({each.named(name): value for name, value in each.group.values.items()})
        document = self._variants.document(tuple(max(count, 1) for count in counts))
        return SubgraphRequest(
            document=document,
            document_json=orjson.dumps(document),
            operation_name=self._fetch.operation_name,
            variables=variables,
            headers=context.headers,
            is_query=True,
            deadline=context.deadline,
        )

    def _entry(self, sent: _Sent) -> EntityEntry:
        return self._fetch.entries[sent.group.entry]

    def _alias(self, sent: _Sent) -> str:
        return sent.named(self._entry(sent).alias)

    def _check(self, data: dict[str, Any], sent: Sequence[_Sent]) -> None:
        """Refuse a reply whose lists do not pair with the representations: its entities could be anybody's."""
        for each in sent:
            entities = data.get(self._alias(each))
            if not isinstance(entities, list) or len(entities) != len(each.group.owners):
                raise BadResponseError(f"{self._alias(each)} does not hold {len(each.group.owners)} entities")

    def _paths_of(self, path: ResponsePath | None, sent: Sequence[_Sent]) -> list[ResponsePath] | None:
        """Return where an error at `[alias, index, …rest]` shows in the response; None if it has no such path."""
        for each in sent if path else ():
            assert path is not None
            if path[0] != self._alias(each):
                continue
            if len(path) == 1:
                return self._all_paths([each.group])
            at, rest = path[1], path[2:]
            if isinstance(at, int) and 0 <= at < len(each.group.places):
                suffixes = [rest] if rest else [(key,) for key in self._entry(each).keys]
                return [place + suffix for place in each.group.places[at] for suffix in suffixes]
        return None

    def _all_paths(self, groups: Sequence[_Group]) -> list[ResponsePath]:
        return [
            (*place, key)
            for group in groups
            for places in group.places
            for place in places
            for key in self._fetch.entries[group.entry].keys
        ]


def _merge(entities: list[Any], owners: list[Objects]) -> None:
    for entity, objects in zip(entities, owners, strict=True):
        if isinstance(entity, dict):
            for owner in objects:
                merge_object(owner, entity, copy=True)  # each place has its own: another fetch may add to one of them


# Gathering


def _gather(context: FetchContext, entry: int, targets: Sequence[EntityTarget]) -> list[_Group]:
    groups: dict[bytes, _Group] = {}
    for target in targets:
        for place, chain in _chains(context.root, target.path, (), (context.root,)):
            representation = _represent(chain[-1], target.representations)
            if representation is None:
                continue
            values = {variable.name: _value_above(variable, chain) for variable in target.contexts}
            group = groups.setdefault(dump_json(values), _Group(entry, values))
            group.add(representation, chain[-1], place)
    return list(groups.values())


def _chains(
    value: Any, path: tuple[PathStep, ...], place: ResponsePath, chain: Chain
) -> Iterator[tuple[ResponsePath, Chain]]:
    """Yield place and chain of every object that the path leads to."""
    if not path:
        yield place, chain
        return
    step, rest = path[0], path[1:]
    for where, found in _items(value.get(step.key), step.list_depth, (*place, step.key)):
        if isinstance(found, dict) and (step.types is None or found.get("__typename") in step.types):
            yield from _chains(found, rest, where, (*chain, found))


def _items(value: Any, list_depth: int, place: ResponsePath) -> Iterator[tuple[ResponsePath, Any]]:
    if list_depth == 0:
        yield place, value
    elif isinstance(value, list):
        for index, item in enumerate(value):
            yield from _items(item, list_depth - 1, (*place, index))


def _value_above(variable: ContextVariable, chain: Chain) -> Any:
    """Return the value of a variable: that of the nearest object which sets the context, null without one."""
    for candidate in variable.candidates:
        setter = chain[candidate.depth]
        if candidate.types is None or setter.get("__typename") in candidate.types:
            return _leaf(setter, candidate.value)
    return None


def _leaf(value: Any, wanted: RepresentationField) -> Any:
    found = value.get(wanted.key)
    return found if wanted.fields is None else _leaf_below(found, wanted.fields)


def _leaf_below(value: Any, fields: tuple[RepresentationField, ...]) -> Any:
    if isinstance(value, list):
        return [_leaf_below(item, fields) for item in value]
    if not isinstance(value, dict):
        return None
    fitting = (inner for inner in fields if inner.types is None or value.get("__typename") in inner.types)
    return next((_leaf(value, inner) for inner in fitting), None)


class _MissingKeyError(Exception):
    """An object cannot be described: a part of its key is null."""


def _represent(value: dict[str, Any], templates: Sequence[Representation]) -> dict[str, Any] | None:
    """Return how an object is described to the subgraph; None if it cannot be, or is of no type that is asked for."""
    told = value.get("__typename")
    for template in templates:
        if template.types is not None and told not in template.types:
            continue
        typename = template.typename or told
        if typename is None:
            return None
        try:
            return {"__typename": typename, **_copy(value, template.fields)}
        except _MissingKeyError:
            return None
    return None


def _copy(value: Any, fields: tuple[RepresentationField, ...]) -> Any:
    if isinstance(value, list):
        return [_copy(item, fields) for item in value]
    if not isinstance(value, dict):
        return None
    copied: dict[str, Any] = {}
    for wanted in fields:
        if wanted.types is not None and value.get("__typename") not in wanted.types:
            continue
        inner = value.get(wanted.key)
        if wanted.fields is not None:
            inner = _copy(inner, wanted.fields)
        if inner is None and wanted.is_key:
            raise _MissingKeyError
        known = copied.get(wanted.name)
        if isinstance(known, dict) and isinstance(inner, dict):
            merge_object(known, inner, copy=True)
        elif known is None:
            copied[wanted.name] = inner
    return copied


# Documents


class _Variants:
    """The documents of one fetch, by how often each of its entries is repeated."""

    def __init__(self, fetch: EntityFetch) -> None:
        self._fetch = fetch
        self._contexts = {
            variable.name for entry in fetch.entries for target in entry.targets for variable in target.contexts
        }
        self._known: dict[tuple[int, ...], str] = {(1,) * len(fetch.entries): fetch.document}

    def document(self, counts: tuple[int, ...]) -> str:
        """Return the document in which each entry stands as often as `counts` says."""
        known = self._known.get(counts)
        if known is None:
            known = self._derive(counts)
            if len(self._known) < _MAX_DOCUMENTS:
                self._known[counts] = known
        return known

    def _derive(self, counts: tuple[int, ...]) -> str:
        (operation,) = parse(self._fetch.document, no_location=True).definitions
        assert isinstance(operation, OperationDefinitionNode)
        repeated = {entry.variable for entry in self._fetch.entries} | self._contexts
        fields: list[FieldNode] = []
        for entry, count in zip(self._fetch.entries, counts, strict=True):
            (written,) = (
                node
                for node in operation.selection_set.selections
                if isinstance(node, FieldNode) and (node.alias or node.name).value == entry.alias
            )
            fields += [_numbered(written, number, repeated) for number in range(count)]
        definitions: list[VariableDefinitionNode] = []
        for definition in operation.variable_definitions or ():
            count = max(counts) if definition.variable.name.value in repeated else 1
            definitions += [_numbered(definition, number, repeated) for number in range(count)]
        used = {name for written in fields for name in _variables_in(written)}
        # Entries are repeated differently often; a variable that nobody uses would make the document invalid.
        kept = tuple(definition for definition in definitions if definition.variable.name.value in used)
        selection_set = replace(operation.selection_set, selections=tuple(fields))
        derived = replace(operation, variable_definitions=kept, selection_set=selection_set)
        return print_ast(DocumentNode(definitions=(derived,)))


def _numbered(node: Any, number: int, repeated: set[str]) -> Any:
    """Return a field or a definition with a number at its alias and at the variables that are repeated."""
    if number == 0:
        return node

    class _Number(Visitor):
        def enter_variable(self, variable: VariableNode, *_: object) -> VariableNode | None:
            if variable.name.value not in repeated:
                return None
            return VariableNode(name=NameNode(value=f"{variable.name.value}_{number}"))

    numbered = visit(node, _Number())
    if isinstance(numbered, FieldNode):
        return replace(numbered, alias=NameNode(value=f"{(node.alias or node.name).value}_{number}"))
    return numbered


def _variables_in(node: FieldNode) -> list[str]:
    found: list[str] = []

    class _Collect(Visitor):
        def enter_variable(self, variable: VariableNode, *_: object) -> None:
            found.append(variable.name.value)

    visit(node, _Collect())
    return found
