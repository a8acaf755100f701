"""Measures how different the cases of a sweep are: shapes of plans, numbers of requests, phenomena that are met.

Fields of random subgraphs have names of their own, so a name tells what is special about a field. Nothing is judged
here.
"""

from __future__ import annotations

import re
from collections import Counter, defaultdict
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from hashlib import blake2b
from typing import Any

from graphql import SelectionSetNode, print_ast

from router.planning.plan import EntityFetch, PathStep, QueryPlan, Representation, RepresentationField
from tests.conformance.invented_data import names_in
from tests.conformance.subgraph_model import ROOTS, SubgraphModel, TypeModel
from tests.conformance.subgraph_server import Call

_WORD = re.compile(r"\b[a-zA-Z]\w*")


@dataclass(slots=True)
class Diversity:
    """What some cases met.

    Attributes:
        shapes: Hashes of the plans without any names.
        requests: Operations by the number of requests that one execution made.
        in_supergraphs: Supergraphs by phenomenon.
        in_operations: Operations that meet a phenomenon.
    """

    shapes: set[int] = field(default_factory=set)
    requests: Counter[int] = field(default_factory=Counter)
    in_supergraphs: Counter[str] = field(default_factory=Counter)
    in_operations: Counter[str] = field(default_factory=Counter)

    def add(self, other: Diversity) -> None:
        """Count what another one met too."""
        self.shapes |= other.shapes
        self.requests += other.requests
        self.in_supergraphs += other.in_supergraphs
        self.in_operations += other.in_operations

    def count_operation(
        self, names: Mapping[str, frozenset[str]], text: str, *, plan: QueryPlan, calls: Sequence[Call]
    ) -> None:
        """Count one operation.

        Args:
            names: As `phenomena_of` tells.
            text: The operation.
            plan: Its plan.
            calls: The requests of one execution.
        """
        self.shapes.add(_hash(repr(list(_shape(plan)))))
        self.requests[len(calls)] += 1
        met = {phenomenon for word in set(_WORD.findall(text)) for phenomenon in names.get(word, ())}
        self.in_operations.update(met | set(_met_by(plan)) | {found for call in calls for found in _met_by_call(call)})

    def lines(self) -> Iterator[str]:
        """Yield the measurements for the eye."""
        yield f"distinct plan shapes: {len(self.shapes)}"
        yield f"operations by requests: {dict(sorted(self.requests.items()))}"
        yield f"supergraphs with: {dict(self.in_supergraphs.most_common())}"
        yield f"operations with: {dict(self.in_operations.most_common())}"


def phenomena_of(models: Sequence[SubgraphModel]) -> dict[str, frozenset[str]]:
    """Return the phenomena by the name of the field or type that shows them."""
    found: defaultdict[str, set[str]] = defaultdict(set)
    types: defaultdict[tuple[str, str], set[str]] = defaultdict(set)
    for table in (table for model in models for table in model.types.values()):
        for phenomenon, name in _phenomena_of_type(table):
            found[name].add(phenomenon)
        for name, declared in table.fields.items():
            if not declared.is_external and table.is_object:
                types[table.name, name].add(print_ast(declared.type))
    keyed = {table.name for model in models for table in model.types.values() if table.keys}
    for (owner, name), texts in types.items():
        if len(texts) > 1:
            found[name].add("shared with other nullability")
        if owner not in keyed and owner not in ROOTS and not name.startswith("i"):
            found[name].add("value type")
    for name in keyed:
        tables = [model.types[name] for model in models if name in model.types and model.types[name].keys]
        if len({tuple(sorted(map(print_ast, table.keys))) for table in tables}) > 1:
            for field_name in (name for table in tables for name in table.fields):
                found[field_name].add("keys differ between subgraphs")
    for name, phenomenon in _phenomena_of_leaves(models):
        found[name].add(phenomenon)
    return {name: frozenset(phenomena) for name, phenomena in found.items()}


def _phenomena_of_type(table: TypeModel) -> Iterator[tuple[str, str]]:
    """Yield pairs of a phenomenon and the name that shows it."""
    if table.members:
        yield "union", table.name
    if not table.is_object and not table.members:
        yield "interface", table.name
        if table.interfaces:
            yield "interface of an interface", table.name
    if len(table.keys) > 1:
        yield "several keys", table.name
    if len(table.resolvable_keys) < len(table.keys):
        yield "key not resolvable", table.name
    for name, declared in table.fields.items():
        if table.is_interface_object and not declared.is_external and name != "id":
            yield "@interfaceObject", name
        if declared.override_from is not None:
            yield "@override", name
        if declared.provides is not None:
            yield "@provides", name
        if declared.requires is not None:
            yield "@requires", name
            yield from ((phenomenon, name) for phenomenon in _phenomena_of_requirement(declared.requires))


def _phenomena_of_leaves(models: Sequence[SubgraphModel]) -> Iterator[tuple[str, str]]:
    """Yield names of fields and arguments with types of which not every subgraph has all, and what is special there."""
    for name, argument in (("Patch", "q"), ("Mood", "m")):
        if (
            len({found[0] for model in models if (found := re.search(rf"^\w+ {name} {{.*", model.sdl, re.MULTILINE))})
            > 1
        ):
            yield argument, f"merged {'input' if name == 'Patch' else 'enum of arguments'}"
    if len({model.enums.get("Tone") for model in models}) > 1:
        for model in models:
            for field in (field for table in model.types.values() for field in table.fields.values()):
                if field.type_name == "Tone":
                    yield field.name, "merged enum of answers"


def _phenomena_of_requirement(selections: SelectionSetNode) -> Iterator[str]:
    text = print_ast(selections)
    if "(" in text:
        yield "@requires with arguments"
    if any(getattr(node, "selection_set", None) is not None for node in selections.selections):
        yield "@requires of objects"
    if any(name.startswith("r") for name in names_in(selections)):
        yield "@requires of what requires"


def _met_by(plan: QueryPlan) -> Iterator[str]:
    if plan.renames:
        yield "internal keys"
    if plan.kind == "mutation":
        yield "mutation"
    if any(fetch.condition for fetch in plan.fetches):
        yield "conditional request"
    depths: list[int] = []
    for fetch in plan.fetches:
        depths.append(1 + max((depths[other] for other in fetch.depends_on), default=0))
        if isinstance(fetch, EntityFetch):
            if len(fetch.entries) > 1 or len(fetch.entries[0].targets) > 1:
                yield "several places in one request"
        elif fetch.path:
            yield "way back to the root"
    if max(depths, default=0) > 3:
        yield "more than three requests in a row"


def _met_by_call(call: Call) -> Iterator[str]:
    for value in call.variables.values():
        if (
            not isinstance(value, list)
            or not value
            or not isinstance(value[0], Mapping)
            or "__typename" not in value[0]
        ):
            continue
        if len(value) > 1:
            yield "several representations"
        for representation in value:
            names = representation.keys() - {"__typename"}
            if len(names & {"id", "code", "ref"}) > 1:
                yield "key of several fields sent"
            if "ref" in names:
                yield "nested key sent"
            if names - {"id", "code", "ref"}:
                yield "required values sent"
            if None in representation.values():
                yield "null sent as a required value"


def _shape(plan: QueryPlan) -> Iterator[object]:
    """Yield what the fetches of a plan look like, with no name in it."""
    numbers: dict[str, int] = {}
    yield plan.kind, len(plan.renames)
    for fetch in plan.fetches:
        number = numbers.setdefault(fetch.subgraph, len(numbers))
        yield number, fetch.depends_on, _places(fetch.condition), fetch.document.count("{")
        if isinstance(fetch, EntityFetch):
            for entry in fetch.entries:
                yield _places(entry.condition)
                for target in entry.targets:
                    yield _steps(target.path), [_described(each) for each in target.representations]
        else:
            yield len(fetch.keys), _steps(fetch.path)


def _steps(path: Iterable[PathStep]) -> list[tuple[int, int | None]]:
    return [(step.list_depth, None if step.types is None else len(step.types)) for step in path]


def _places(condition: Sequence[Sequence[Any]]) -> list[int]:
    return [len(tests) for tests in condition]


def _described(representation: Representation) -> object:
    return representation.typename is None, [_copied(each) for each in representation.fields]


def _copied(copied: RepresentationField) -> object:
    return copied.is_key, copied.fields and [_copied(each) for each in copied.fields]


def _hash(text: str) -> int:
    return int.from_bytes(blake2b(text.encode(), digest_size=7).digest(), "big")
