"""Turns a dead end of the walk into words: an operation that leads there, and why no subgraph can go on."""

import json
from collections.abc import Iterator, Sequence
from dataclasses import dataclass

from router.composition.contexts import contextual_arguments_of
from router.composition.errors import name_list, subgraph_list
from router.composition.merged_model import MergedField
from router.composition.model import Kind, SubgraphSchema
from router.composition.satisfiability.moves import Moves, Position, Positions
from router.composition.type_text import is_list, named_type

TYPENAME = "__typename"

_SAMPLES = {"ID": '"…"', "String": '"…"', "Int": "0", "Float": "0", "Boolean": "false"}


@dataclass(frozen=True, slots=True)
class Step:
    """One step of the walk: a field of an object type, and the runtime type of its value."""

    owner: str
    field: MergedField
    runtime_type: str


def explain_dead_end(
    moves: Moves, runtime_type: str, field_name: str, *, positions: Positions, path: Sequence[Step]
) -> str:
    """Return the message of a SATISFIABILITY_ERROR."""
    held = sorted({position.subgraph for position in positions})
    if field_name == TYPENAME:
        names = sorted({position.type_name for position in positions})
        return (
            f'An object of type "{runtime_type}" cannot be told from others. This operation cannot be answered:\n'
            f"{_witness(moves, path, runtime_type, MergedField(TYPENAME, type='String!'))}\n"
            f"Its last step has an @interfaceObject {name_list(names)} from {subgraph_list(held)}, and no subgraph that"
            " has the interface can be reached by a resolvable @key. Add the key there."
        )
    field = moves.schema.types[runtime_type].fields[field_name]
    reasons = "\n".join(f"- {reason}" for reason in _reasons(moves, runtime_type, field_name, positions))
    return (
        f'"{runtime_type}.{field_name}" cannot be had by every operation. This one cannot be answered:\n'
        f"{_witness(moves, path, runtime_type, field)}\n"
        f'Its last step has a "{runtime_type}" from {subgraph_list(held)}, and:\n'
        f"{reasons}\n"
        "Add a resolvable @key where it is missing, or resolve the field (@shareable) in"
        f" {subgraph_list(held)}."
    )


def _witness(moves: Moves, path: Sequence[Step], runtime_type: str, field: MergedField) -> str:
    root = path[0].owner if path else runtime_type
    lines = [f"{root.lower()} {{"]
    for step in path:
        lines.append(f"{'  ' * len(lines)}{step.field.name}{_arguments(moves, step.field)} {{")
        if named_type(step.field.type) != step.runtime_type:
            lines.append(f"{'  ' * len(lines)}... on {step.runtime_type} {{")
    child = moves.schema.types.get(named_type(field.type))
    below = " { … }" if child is not None and moves.is_composite(child.name) else ""
    depth = len(lines)
    lines.append(f"{'  ' * depth}{field.name}{_arguments(moves, field)}{below}")
    lines += [f"{'  ' * level}}}" for level in reversed(range(depth))]
    return "\n".join(f"  {line}" for line in lines)


def _arguments(moves: Moves, field: MergedField) -> str:
    required = [
        f"{argument.name}: {_sample(moves, argument.type)}"
        for argument in field.arguments.values()
        if argument.is_required
    ]
    return f"({', '.join(required)})" if required else ""


def _sample(moves: Moves, type_text: str) -> str:
    """Return any value of an input type, for the operation to read like one."""
    if is_list(type_text):
        return "[]"
    found = moves.schema.types.get(named_type(type_text))
    if found is not None and found.kind is Kind.ENUM and found.values:
        return next(iter(found.values))
    if found is not None and found.kind is Kind.INPUT:
        inner = [f"{value.name}: {_sample(moves, value.type)}" for value in found.inputs.values() if value.is_required]
        return f"{{{', '.join(inner)}}}"
    return _SAMPLES.get(named_type(type_text), '"…"')


def _reasons(moves: Moves, runtime_type: str, field_name: str, positions: Positions) -> Iterator[str]:
    reached = moves.reach_all(positions, runtime_type)
    for subgraph in moves.schema.subgraphs:
        names = [runtime_type, *moves.schema.types[runtime_type].interfaces]
        having = [name for name in names if _has_field(subgraph, name, field_name)]
        inside = [position for position in reached if position.subgraph == subgraph.name]
        if inside:
            yield f"{subgraph_list([subgraph.name])} {_why_not_there(moves, subgraph, inside, field_name)}"
        elif having:
            yield (
                f"{subgraph_list([subgraph.name])} has the field, but"
                f" {_why_no_entry(moves, subgraph, having, runtime_type, reached)}"
            )


def _has_field(subgraph: SubgraphSchema, type_name: str, field_name: str) -> bool:
    definition = subgraph.types.get(type_name)
    if definition is None or field_name not in definition.fields:
        return False
    return definition.kind is Kind.OBJECT


def _why_not_there(moves: Moves, subgraph: SubgraphSchema, inside: Sequence[Position], field_name: str) -> str:
    at = next((position for position in inside if subgraph.field(position.type_name, field_name)), inside[0])
    field = subgraph.field(at.type_name, field_name)
    if field is None:
        return f'is reached, but its "{at.type_name}" has no field "{field_name}"'
    if (subgraph.name, at.type_name, field_name) in moves.overridden:
        return "is reached, but the field is overridden there by another subgraph"
    if field.uses("external"):
        return "is reached, but the field is @external there"
    taken = next(iter(contextual_arguments_of(subgraph.types[at.type_name], field)), None)
    if taken is not None:
        return (
            f'is reached, but the argument "{taken.argument.name}" of the field takes "{taken.selection_text.strip()}"'
            f' from the context "{taken.context}", which no object above sets, or not with that value'
        )
    requires = field.applied("requires")
    fields = requires.text("fields") if requires else ""
    if not any(key.is_resolvable for key in subgraph.keys.get(at.type_name, ())):
        return (
            f'is reached, but its "{at.type_name}" has no resolvable @key to bring the @requires of the field back by'
        )
    return f"is reached, but the field's @requires(fields: {json.dumps(fields)}) cannot be collected from there"


def _why_no_entry(
    moves: Moves, subgraph: SubgraphSchema, having: Sequence[str], runtime_type: str, reached: Positions
) -> str:
    entries = [entry for entry in moves.entries(runtime_type) if entry.subgraph == subgraph.name]
    if not entries:
        if any(subgraph.keys.get(name) for name in having):
            return f'the @key of its "{having[0]}" is resolvable: false'
        return f'its "{having[0]}" has no @key by which it could be entered'
    keys = " or ".join(f"@key(fields: {json.dumps(entry.key_text)})" for entry in entries)
    if not any(moves.can_select(entry.key, runtime_type, reached) for entry in entries):
        return f"the fields of its {keys} cannot be collected"
    return f'its {keys} needs to know that the value is a "{runtime_type}", and no subgraph that knows it is reached'
