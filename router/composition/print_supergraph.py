"""Prints the merged schema as supergraph SDL, by the join specification.

Types are in the order of their names, so that the text depends on nothing but the subgraphs. What
comes before the types is printed in print_preamble.py.
"""

import json
from collections.abc import Iterator, Sequence
from dataclasses import replace

from graphql import print_ast
from graphql.language.block_string import print_block_string
from graphql.language.print_string import print_string

from router.composition.merged_model import (
    ContextArgument,
    JoinField,
    JoinType,
    MergedDirectiveDefinition,
    MergedField,
    MergedInput,
    MergedSchema,
    MergedType,
)
from router.composition.model import ROOT_TYPES, AppliedDirective, Element, InputValue, Kind
from router.composition.print_preamble import print_preamble


def print_supergraph(schema: MergedSchema) -> str:
    """Return the supergraph as SDL. The directives in it have their names in the supergraph from then on."""
    preamble = list(print_preamble(schema))
    _give_final_names(schema)
    blocks = [
        *preamble,
        *map(_executable_directive, schema.executable_directives.values()),
        _graph_enum(schema),
        *(_type_block(merged, schema) for merged in schema.types.values()),
    ]
    return "\n\n".join(block for block in blocks if block) + "\n"


def _give_final_names(schema: MergedSchema) -> None:
    if schema.directive_names or schema.composed:
        for element in schema.elements():
            element.directives = [replace(use, name=schema.printed_name(use.name)) for use in element.directives]


def _executable_directive(definition: MergedDirectiveDefinition) -> str:
    arguments = ", ".join(map(_input, definition.arguments.values()))
    head = f"directive @{definition.name}{f'({arguments})' if arguments else ''}"
    repeatable = " repeatable" if definition.is_repeatable else ""
    return f"{_description(definition, indent='')}{head}{repeatable} on {' | '.join(definition.locations)}"


def _graph_enum(schema: MergedSchema) -> str:
    values = [
        f"  {subgraph.graph} @join__graph(name: {json.dumps(subgraph.name)}, url: {json.dumps(subgraph.url)})"
        for subgraph in schema.subgraphs
    ]
    return "\n".join(["enum join__Graph {", *values, "}"])


def _type_block(merged: MergedType, schema: MergedSchema) -> str:
    if merged.name in ROOT_TYPES and not merged.fields:
        return ""
    by_graph = {subgraph.graph: subgraph for subgraph in schema.subgraphs}
    facts = [
        *(f'@join__implements(graph: {graph}, interface: "{interface}")' for graph, interface in merged.implements),
        *(_join_type(join) for join in merged.joins if join.graph in by_graph),
        *(
            f'@join__unionMember(graph: {graph}, member: "{member}")'
            for member, graphs in merged.members.items()
            for graph in graphs
        ),
        *(str(directive) for directive in merged.directives),
    ]
    implements = f" implements {' & '.join(merged.interfaces)}" if merged.interfaces else ""
    head = f"{_description(merged, indent='')}{merged.kind.value} {merged.name}{implements}"
    lines = [head, *(f"  {fact}" for fact in facts)]
    if merged.kind is Kind.UNION:
        return "\n".join([*lines, f"  = {' | '.join(merged.members)}"])
    body = list(_body(merged))
    return "\n".join([*lines, "{", *body, "}"] if body else lines)


def _join_type(join: JoinType) -> str:
    key = f", key: {json.dumps(join.key, ensure_ascii=False)}" if join.key is not None else ""
    extension = ", extension: true" if join.is_extension else ""
    resolvable = "" if join.is_resolvable else ", resolvable: false"
    interface_object = ", isInterfaceObject: true" if join.is_interface_object else ""
    return f"@join__type(graph: {join.graph}{key}{extension}{resolvable}{interface_object})"


def _body(merged: MergedType) -> Iterator[str]:
    for field in merged.fields.values():
        yield f"{_description(field, indent='  ')}  {_field(field)}"
    for value in merged.inputs.values():
        yield f"{_description(value, indent='  ')}  {_input(value)}"
    for item in merged.values.values():
        facts = [*(f"@join__enumValue(graph: {graph})" for graph in item.graphs), *map(str, item.directives)]
        yield f"{_description(item, indent='  ')}  {' '.join([item.name, *facts])}"


def _field(field: MergedField) -> str:
    arguments = list(field.arguments.values())
    if any(argument.description for argument in arguments):
        inner = "\n".join(f"{_description(argument, indent='    ')}    {_input(argument)}" for argument in arguments)
        head = f"{field.name}(\n{inner}\n  ): {field.type}"
    elif arguments:
        head = f"{field.name}({', '.join(map(_input, arguments))}): {field.type}"
    else:
        head = f"{field.name}: {field.type}"
    return " ".join([head, *_facts(field.joins, field.directives)])


def _input(value: MergedInput) -> str:
    return " ".join([_input_head(value), *_facts(value.joins, value.directives)])


def _input_head(value: InputValue) -> str:
    default = f" = {print_ast(value.default)}" if value.default is not None else ""
    return f"{value.name}: {value.type}{default}"


def _facts(joins: Sequence[JoinField], directives: Sequence[AppliedDirective]) -> list[str]:
    return [*map(_join_field, joins), *map(str, directives)]


def _join_field(join: JoinField) -> str:
    texts = {
        "requires": join.requires,
        "provides": join.provides,
        "type": join.type,
        "override": join.override,
        "overrideLabel": join.override_label,
    }
    arguments = [
        *([f"graph: {join.graph}"] if join.graph is not None else []),
        *(f"{name}: {json.dumps(text, ensure_ascii=False)}" for name, text in texts.items() if text is not None),
        *(["external: true"] if join.is_external else []),
        *(["usedOverridden: true"] if join.is_used_overridden else []),
        *(
            [f"contextArguments: [{', '.join(map(_context_argument, join.context_arguments))}]"]
            if join.context_arguments
            else []
        ),
    ]
    return f"@join__field({', '.join(arguments)})" if arguments else "@join__field"


def _context_argument(argument: ContextArgument) -> str:
    texts = {
        "context": argument.context,
        "name": argument.name,
        "type": argument.type,
        "selection": argument.selection,
    }
    return f"{{{', '.join(f'{name}: {json.dumps(text, ensure_ascii=False)}' for name, text in texts.items())}}}"


def _description(element: Element, *, indent: str) -> str:
    if not element.description:
        return ""
    text = element.description
    if '"""' in text or text != text.strip() or "\r" in text:
        # A block string would lose the blanks at its ends.
        return f"{indent}{print_string(text)}\n"
    block = print_block_string(text, minimize=False)
    return "\n".join(f"{indent}{line}" if line else "" for line in block.split("\n")) + "\n"
