"""Writes the finished fetches down as a `QueryPlan`: numbers, documents, entries, conditions."""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from functools import lru_cache
from typing import Any, TypeVar

from graphql import OperationDefinitionNode, print_ast

from router.planning.drafts import FetchDraft, TargetDraft
from router.planning.fetch_selection import ENTITY, FetchSelection
from router.planning.plan import (
    ALWAYS,
    Condition,
    ContextVariable,
    EntityEntry,
    EntityFetch,
    EntityTarget,
    OperationKind,
    RootFetch,
    VariableTest,
)
from router.supergraph.selections import Guards
from router.supergraph.tables import Graph

Fetches = tuple[RootFetch | EntityFetch, ...]

_MAX_SHARED = 2_000
_Value = TypeVar("_Value")


def write_fetches(
    drafts: list[FetchDraft],
    operation: OperationDefinitionNode,
    *,
    graphs: tuple[Graph, ...],
    context_variables: Mapping[str, str],
) -> Fetches:
    """Return the drafts as fetches; ids are their places in the list.

    Args:
        drafts: In an order in which they can run.
        operation: The client's.
        graphs: Of the supergraph.
        context_variables: Type of each variable that takes its value from a context.
    """
    writer = _Writer(operation, graphs, context_variables)
    ids = {draft: index for index, draft in enumerate(drafts)}
    return tuple(writer.write(draft, ids) for draft in drafts)


@dataclass(slots=True)
class _Entry:
    """Targets that ask for the same."""

    text: str
    targets: list[TargetDraft]


class _Writer:
    def __init__(
        self, operation: OperationDefinitionNode, graphs: tuple[Graph, ...], context_variables: Mapping[str, str]
    ) -> None:
        self._graphs = graphs
        self._context_variables = {name: f"${name}: {type_text}" for name, type_text in context_variables.items()}
        self._kind = OperationKind(operation.operation.value)
        self._name = operation.name.value if operation.name else None
        self._variables: Mapping[str, str] = {
            definition.variable.name.value: _print_variable(definition)
            for definition in operation.variable_definitions or ()
        }
        self._representations = "_r"
        while any(name.startswith(self._representations) for name in self._variables):
            self._representations += "_"

    def write(self, draft: FetchDraft, ids: Mapping[FetchDraft, int]) -> RootFetch | EntityFetch:
        identifier = ids[draft]
        depends_on = tuple(sorted(ids[other] for other in draft.depends_on))
        if draft.root is not None:
            return self._write_root(draft, draft.root, identifier, depends_on)
        return self._write_entities(draft, identifier, depends_on)

    def _write_root(
        self, draft: FetchDraft, root: FetchSelection, identifier: int, depends_on: tuple[int, ...]
    ) -> RootFetch:
        variables: dict[str, None] = {}
        selection = f"{{ {root.print_fields(variables)} }}"
        kind = OperationKind.QUERY if draft.path else self._kind
        name = self._operation_name(draft, identifier)
        return RootFetch(
            id=identifier,
            subgraph=self._graphs[draft.graph].name,
            kind=kind,
            document=self._document(kind, name, [self._variables[variable] for variable in variables], selection),
            operation_name=name,
            variables=tuple(variables),
            depends_on=depends_on,
            condition=_condition(root.guards),
            path=draft.path,
            keys=root.keys,
            selection=selection,
        )

    def _write_entities(self, draft: FetchDraft, identifier: int, depends_on: tuple[int, ...]) -> EntityFetch:
        variables: dict[str, None] = {}
        grouped: dict[str, _Entry] = {}
        for target in (target for targets in draft.targets.values() for target in targets):
            text = _print_entities(target, variables)
            grouped.setdefault(text, _Entry(text, [])).targets.append(target)
        is_single = len(grouped) == 1
        entries: list[EntityEntry] = []
        for index, entry in enumerate(grouped.values()):
            targets = tuple(_write_target(target) for target in entry.targets)
            entries.append(
                EntityEntry(
                    alias="_entities" if is_single else f"_e{index}",
                    variable=self._representations if is_single else f"{self._representations}{index}",
                    targets=targets,
                    selection=entry.text,
                    keys=_keys(entry.targets),
                    condition=_any_of(target.condition for target in targets),
                )
            )
        fields = " ".join(_print_entry(entry, variables) for entry in entries)
        definitions = [f"${entry.variable}: [_Any!]!" for entry in entries]
        definitions.extend(self._context_variables.get(variable) or self._variables[variable] for variable in variables)
        name = self._operation_name(draft, identifier)
        return EntityFetch(
            id=identifier,
            subgraph=self._graphs[draft.graph].name,
            kind=OperationKind.QUERY,
            document=self._document(OperationKind.QUERY, name, definitions, f"{{ {fields} }}"),
            operation_name=name,
            variables=tuple(variable for variable in variables if variable not in self._context_variables),
            depends_on=depends_on,
            condition=_any_of(entry.condition for entry in entries),
            entries=tuple(entries),
        )

    def _operation_name(self, draft: FetchDraft, identifier: int) -> str | None:
        if self._name is None:
            return None
        graph = re.sub(r"\W", "_", self._graphs[draft.graph].name)
        return f"{self._name}__{graph}__{identifier}"

    def _document(self, kind: OperationKind, name: str | None, definitions: list[str], selection: str) -> str:
        variables = f"({', '.join(definitions)})" if definitions else ""
        if kind is OperationKind.QUERY and not name and not variables:
            return selection
        head = f"{kind} {name}" if name else str(kind)
        return f"{head}{variables} {selection}"


def _print_variable(definition: object) -> str:
    """Return a variable definition without directives, which are not the subgraph's business."""
    variable, default = definition.variable, definition.default_value  # type: ignore[attr-defined]  # VariableDefinitionNode
    text = f"${variable.name.value}: {print_ast(definition.type)}"  # type: ignore[attr-defined]  # VariableDefinitionNode
    return f"{text} = {print_ast(default)}" if default else text


def _print_entities(target: TargetDraft, variables: dict[str, None]) -> str:
    parts = []
    for name, selection in target.entities.items():
        fields = selection.print_fields(variables)
        parts.append(fields if name == ENTITY else f"... on {name} {{ {fields} }}")
    return f"{{ {' '.join(parts)} }}"


def _print_entry(entry: EntityEntry, variables: dict[str, None]) -> str:
    alias = "" if entry.alias == "_entities" else f"{entry.alias}: "
    directives = ""
    if len(entry.condition) == 1:
        # Conjunctions of several tests would need the same directive twice; sending an empty list costs little.
        tests = entry.condition[0]
        if len(tests) == 1:
            variables[tests[0].name] = None
            directives = f" @{'include' if tests[0].value else 'skip'}(if: ${tests[0].name})"
    return f"{alias}_entities(representations: ${entry.variable}){directives} {entry.selection}"


def _write_target(target: TargetDraft) -> EntityTarget:
    guards: frozenset[Guards] = frozenset()
    for selection in target.entities.values():
        guards |= selection.guards
    contexts = tuple(ContextVariable(name, candidates) for name, candidates in sorted(target.contexts.items()))
    path = _shared(tuple(_shared(step) for step in target.path))
    return EntityTarget(path, _shared(target.representations()), _condition(guards), contexts)


def _shared(value: _Value) -> _Value:
    """Return an equal value that other plans may hold too: the keys of a schema are few, and plans are kept."""
    found: _Value = _known(value)
    return found


@lru_cache(maxsize=_MAX_SHARED)
def _known(value: Any) -> Any:
    return value


def _keys(targets: Iterable[TargetDraft]) -> tuple[str, ...]:
    return tuple(
        dict.fromkeys(key for target in targets for selection in target.entities.values() for key in selection.keys)
    )


def _condition(alternatives: frozenset[Guards]) -> Condition:
    """Return the condition under which any of the alternatives holds."""
    if not alternatives or any(not guards for guards in alternatives):
        return ALWAYS
    conjunctions = [
        tuple(VariableTest(name, value) for name, value in sorted(guards))
        for guards in alternatives
        if not any(other < guards for other in alternatives)
    ]
    return tuple(sorted(conjunctions, key=lambda tests: [(test.name, test.value) for test in tests]))


def _any_of(conditions: Iterable[Condition]) -> Condition:
    alternatives: set[Guards] = set()
    for condition in conditions:
        if condition == ALWAYS:
            return ALWAYS
        alternatives.update(frozenset((test.name, test.value) for test in tests) for tests in condition)
    return _condition(frozenset(alternatives))
