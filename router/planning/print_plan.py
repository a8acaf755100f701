"""Prints query plans for people: as indented text and as JSON-like values. Deterministic, and compared in tests."""

from __future__ import annotations

from dataclasses import asdict, is_dataclass
from enum import Enum

from graphql import parse, print_ast

from router.planning.plan import (
    Condition,
    ContextCandidate,
    ContextVariable,
    EntityFetch,
    EntityTarget,
    Fetch,
    PathStep,
    QueryPlan,
    Representation,
    RepresentationField,
    RootFetch,
)

_INDENT = "  "


def print_plan(plan: QueryPlan) -> str:
    """Return the plan as text: waves of fetches in sequence, the fetches of a wave in parallel.

    The executor starts a fetch as soon as its own inputs are there; waves are only how the text shows the order.
    """
    waves = _waves(plan)
    lines: list[str] = []
    if len(waves) == 1:
        lines.extend(_print_wave(waves[0], 1))
    elif waves:
        lines.append(f"{_INDENT}Sequence {{")
        for wave in waves:
            lines.extend(_print_wave(wave, 2))
        lines.append(f"{_INDENT}}}")
    lines.extend(
        f"{_INDENT}Rename({'.'.join((*rename.path, rename.key))} on {rename.type_name} <- {rename.internal_key})"
        for rename in plan.renames
    )
    return "\n".join(["QueryPlan {", *lines, "}"]) if lines else "QueryPlan {}"


def plan_as_json(plan: QueryPlan) -> dict[str, object]:
    """Return the plan as plain dictionaries, lists and scalars."""
    value = _plain(asdict(plan))
    assert isinstance(value, dict)
    for written, fetch in zip(value["fetches"], plan.fetches, strict=True):
        written["type"] = "entities" if isinstance(fetch, EntityFetch) else "root"
        for entry in written.get("entries", ()):
            for target in entry["targets"]:
                if not target["contexts"]:
                    del target["contexts"]  # as nearly always
    return value


def print_path(path: tuple[PathStep, ...]) -> str:
    """Return a path such as `page.trays.@.items.@.title|[Movie]`."""
    parts: list[str] = []
    for step in path:
        types = f"|[{','.join(step.types)}]" if step.types else ""
        parts.append(step.key + ".@" * step.list_depth + types)
    return ".".join(parts)


def _waves(plan: QueryPlan) -> list[list[RootFetch | EntityFetch]]:
    waves: list[list[RootFetch | EntityFetch]] = []
    levels: dict[int, int] = {}
    for fetch in plan.fetches:
        level = max((levels[other] + 1 for other in fetch.depends_on), default=0)
        levels[fetch.id] = level
        if level == len(waves):
            waves.append([])
        waves[level].append(fetch)
    return waves


def _print_wave(wave: list[RootFetch | EntityFetch], depth: int) -> list[str]:
    if len(wave) == 1:
        return _print_fetch(wave[0], depth)
    pad = _INDENT * depth
    return [
        f"{pad}Parallel {{",
        *(line for fetch in wave for line in _print_fetch(fetch, depth + 1)),
        f"{pad}}}",
    ]


def _print_fetch(fetch: RootFetch | EntityFetch, depth: int) -> list[str]:
    pad = _INDENT * depth
    lines = [f"{pad}{_head(fetch)} {{"]
    if isinstance(fetch, RootFetch):
        if fetch.path:
            lines.append(f"{pad}{_INDENT}{print_path(fetch.path)} <-")
        lines.extend(_print_selection(fetch.selection, depth + 1))
    else:
        for entry in fetch.entries:
            for target in entry.targets:
                lines.extend(_print_target(target, depth + 1))
            condition = f"if {_print_condition(entry.condition)} " if entry.condition else ""
            selection = _print_selection(entry.selection, depth + 1)
            selection[0] = selection[0].replace("{", f"{condition}=> {{", 1)
            lines.extend(selection)
    lines.append(f"{pad}}}")
    return lines


def _head(fetch: Fetch) -> str:
    parts = [f'service: "{fetch.subgraph}"', f"id: {fetch.id}"]
    if fetch.depends_on:
        parts.append(f"after: [{', '.join(map(str, fetch.depends_on))}]")
    if fetch.condition:
        parts.append(f"if: {_print_condition(fetch.condition)}")
    return f"Fetch({', '.join(parts)})"


def _print_target(target: EntityTarget, depth: int) -> list[str]:
    pad = _INDENT * depth
    path = print_path(target.path)
    contexts = [
        f"{pad}{_print_context(variable, candidate, target.path)}"
        for variable in target.contexts
        for candidate in variable.candidates
    ]
    return [*(f"{pad}{path} {_print_representation(template)}" for template in target.representations), *contexts]


def _print_context(variable: ContextVariable, candidate: ContextCandidate, path: tuple[PathStep, ...]) -> str:
    types = f" on {'|'.join(candidate.types)}" if candidate.types else ""
    return f"${variable.name}: {print_path(path[: candidate.depth])}{types} {{ {_print_value(candidate.value)} }}"


def _print_representation(template: Representation) -> str:
    types = f"on {'|'.join(template.types)} " if template.types else ""
    typename = template.typename or "*"
    return f"{types}{{ __typename: {typename} {' '.join(map(_print_value, template.fields))} }}"


def _print_value(value: RepresentationField) -> str:
    text = value.name if value.name == value.key else f"{value.name}: {value.key}"
    if value.fields is not None:
        text += f" {{ {' '.join(map(_print_value, value.fields))} }}"
    return f"... on {'|'.join(value.types)} {{ {text} }}" if value.types else text


def _print_condition(condition: Condition) -> str:
    return " | ".join(
        " & ".join(f"${test.name}" if test.value else f"!${test.name}" for test in tests) for tests in condition
    )


def _print_selection(selection: str, depth: int) -> list[str]:
    pad = _INDENT * depth
    return [pad + line for line in print_ast(parse(selection, no_location=True)).split("\n")]


def _plain(value: object) -> object:
    if isinstance(value, Enum):
        return value.value
    if isinstance(value, dict):
        return {key: _plain(inner) for key, inner in value.items()}
    if isinstance(value, list | tuple):
        return [_plain(inner) for inner in value]
    assert not is_dataclass(value)
    return value
