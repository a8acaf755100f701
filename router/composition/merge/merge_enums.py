"""Enums merge by their use.

As output a client has to expect any value: the union. As input every subgraph has to understand it: the intersection.
As both, the values have to be the same everywhere. A value that clients cannot see may differ.
"""

from enum import Flag, auto

from graphql import print_ast

from router.composition.errors import Report, subgraph_list
from router.composition.merge.merge_descriptions import merge_descriptions
from router.composition.merge.merge_directives import merge_directives
from router.composition.merged_model import MergedEnumValue, MergedSchema, MergedType
from router.composition.model import Kind
from router.composition.type_text import named_type


class Usage(Flag):
    """Where an enum occurs in the supergraph."""

    NOWHERE = 0
    OUTPUT = auto()
    INPUT = auto()


def merge_enums(schema: MergedSchema, *, report: Report) -> None:
    """Fill the values of every enum."""
    usages = _usages(schema)
    for name, merged in schema.types.items():
        if merged.kind is not Kind.ENUM:
            continue
        usage = usages.get(name, Usage.NOWHERE)
        if not usage:
            report.hint(
                "UNUSED_ENUM_TYPE",
                f'The enum "{name}" is used by no field and no argument; its values are those of all subgraphs.',
            )
        for value in _declared_values(name, schema):
            _merge_value(merged, value, usage, schema, report)
        if not merged.values:
            names = [subgraph.name for subgraph, _ in schema.sources(name)]
            report.error(
                "EMPTY_MERGED_ENUM_TYPE",
                f'The input enum "{name}" has no value that all of {subgraph_list(names)} have, so nothing is left of'
                " it. Give it a common value, or rename one of them.",
                subgraphs=names,
            )


def _usages(schema: MergedSchema) -> dict[str, Usage]:
    found: dict[str, Usage] = {}

    def note(type_text: str, usage: Usage) -> None:
        name = named_type(type_text)
        found[name] = found.get(name, Usage.NOWHERE) | usage

    for merged in schema.types.values():
        for field in merged.fields.values():
            note(field.type, Usage.OUTPUT)
            for argument in field.arguments.values():
                note(argument.type, Usage.INPUT)
        # Also what some subgraphs lack, so that it is left out: to those that have it, the enum is an input.
        declared = (each for _, definition in schema.sources(merged.name) for each in definition.inputs.values())
        for value in {each.name: each for each in reversed(list(declared))}.values():
            note(value.type, Usage.INPUT)
    for directive in schema.executable_directives.values():
        for argument in directive.arguments.values():
            note(argument.type, Usage.INPUT)
    for composed in schema.composed.values():
        for node in composed.node.arguments or ():
            note(print_ast(node.type), Usage.INPUT)
    return found


def _declared_values(name: str, schema: MergedSchema) -> list[str]:
    return list(dict.fromkeys(value for _, definition in schema.sources(name) for value in definition.values))


def _merge_value(merged: MergedType, value: str, usage: Usage, schema: MergedSchema, report: Report) -> None:
    coordinate = f"{merged.name}.{value}"
    sources = schema.sources(merged.name)
    having = [(subgraph, definition.values[value]) for subgraph, definition in sources if value in definition.values]
    elements = [(subgraph.graph, element) for subgraph, element in having]
    result = MergedEnumValue(
        value,
        merge_descriptions(coordinate, elements, report=report),
        merge_directives(coordinate, elements, report=report),
        graphs=[subgraph.graph for subgraph, _ in having],
    )
    lacking = [subgraph.name for subgraph, definition in sources if value not in definition.values]
    if not lacking or result.uses("inaccessible"):
        merged.values[value] = result
    elif usage == Usage.INPUT:
        report.hint(
            "INCONSISTENT_ENUM_VALUE_FOR_INPUT_ENUM",
            f'The value "{coordinate}" is left out of the supergraph, because it does not exist in'
            f" {subgraph_list(lacking)}.",
        )
    elif usage & Usage.INPUT:
        merged.values[value] = result
        names = [subgraph.name for subgraph, _ in having]
        report.error(
            "ENUM_VALUE_MISMATCH",
            f'The enum "{merged.name}" is used for input and for output, but its value "{value}" is only in'
            f" {subgraph_list(names)}, not in {subgraph_list(lacking)}. Add it there, or mark it @inaccessible.",
            subgraphs=[*names, *lacking],
        )
    else:
        merged.values[value] = result
        report.hint(
            "INCONSISTENT_ENUM_VALUE_FOR_OUTPUT_ENUM",
            f'The value "{coordinate}" is in some subgraphs, but not in {subgraph_list(lacking)}.',
        )
