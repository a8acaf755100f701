"""Prints the merged schema as supergraph SDL, by the join specification.

Types are in the order of their names, so that the text depends on nothing but the subgraphs. Which version of join is
printed follows from the newest federation version that a subgraph links.
"""

import json
from collections.abc import Iterable, Iterator, Sequence

from graphql import print_ast
from graphql.language.block_string import print_block_string
from graphql.language.print_string import print_string

from router.composition.model import (
    ROOT_TYPES,
    AppliedDirective,
    Element,
    InputValue,
    JoinField,
    JoinType,
    Kind,
    MergedDirectiveDefinition,
    MergedField,
    MergedInput,
    MergedSchema,
    MergedType,
)
from router.composition.specifications import MERGED_DIRECTIVES, SPECIFICATION_HOST, Version

_BUILT_IN_SCALARS = frozenset({"ID", "Int", "Float", "String", "Boolean"})
_JOIN_VERSION_SINCE: list[tuple[Version, str]] = [((2, 8), "v0.5"), ((2, 7), "v0.4"), ((1, 0), "v0.3")]


def print_supergraph(schema: MergedSchema) -> str:
    """Return the supergraph as SDL."""
    used = sorted(_used_directives(schema))
    join = _join_version(schema)
    blocks = [
        _schema_block(schema, used, join),
        *_link_and_join_definitions(join),
        *_directive_definitions(used),
        *map(_executable_directive, schema.executable_directives.values()),
        _graph_enum(schema),
        *(_type_block(merged, schema) for name, merged in schema.types.items() if name not in _BUILT_IN_SCALARS),
    ]
    return "\n\n".join(block for block in blocks if block) + "\n"


def _join_version(schema: MergedSchema) -> str:
    newest = max((subgraph.version for subgraph in schema.subgraphs), default=(1, 0))
    return next(join for since, join in _JOIN_VERSION_SINCE if newest >= since)


def _schema_block(schema: MergedSchema, used: Sequence[str], join: str) -> str:
    links = [
        f'  @link(url: "{SPECIFICATION_HOST}/link/v1.0")',
        f'  @link(url: "{SPECIFICATION_HOST}/join/{join}", for: EXECUTION)',
    ]
    by_url: dict[str, list[str]] = {}
    for name in used:
        by_url.setdefault(MERGED_DIRECTIVES[name].url, []).append(name)
    for url, names in by_url.items():
        # A specification's directive of its own name needs no import.
        foreign = [f'"@{name}"' for name in names if f"/{name}/" not in url]
        imports = f", import: [{', '.join(foreign)}]" if foreign else ""
        purpose = MERGED_DIRECTIVES[names[0]].purpose
        links.append(f'  @link(url: "{url}"{imports}{f", for: {purpose}" if purpose else ""})')
    roots = [f"  {root.lower()}: {root}" for root in ROOT_TYPES if _is_present(root, schema)]
    return "\n".join(["schema", *links, "{", *roots, "}"])


def _is_present(root: str, schema: MergedSchema) -> bool:
    return root in schema.types and bool(schema.types[root].fields)


def _used_directives(schema: MergedSchema) -> set[str]:
    return {
        applied.name
        for element in _elements(schema)
        for applied in element.directives
        if applied.name in MERGED_DIRECTIVES
    }


def _elements(schema: MergedSchema) -> Iterator[Element]:
    for merged in schema.types.values():
        yield merged
        yield from merged.inputs.values()
        yield from merged.values.values()
        for field in merged.fields.values():
            yield field
            yield from field.arguments.values()


def _link_and_join_definitions(join: str) -> Iterator[str]:
    has_labels = join in ("v0.4", "v0.5")
    has_contexts = join == "v0.5"
    yield ("directive @link(url: String, as: String, for: link__Purpose, import: [link__Import]) repeatable on SCHEMA")
    if has_labels:
        yield (
            "directive @join__directive(graphs: [join__Graph!], name: String!, args: join__DirectiveArguments)"
            " repeatable on SCHEMA | OBJECT | INTERFACE | FIELD_DEFINITION"
        )
    yield "directive @join__enumValue(graph: join__Graph!) repeatable on ENUM_VALUE"
    yield (
        "directive @join__field(graph: join__Graph, requires: join__FieldSet, provides: join__FieldSet, type: String,"
        " external: Boolean, override: String, usedOverridden: Boolean"
        f"{', overrideLabel: String' if has_labels else ''}"
        f"{', contextArguments: [join__ContextArgument!]' if has_contexts else ''})"
        " repeatable on FIELD_DEFINITION | INPUT_FIELD_DEFINITION"
    )
    yield "directive @join__graph(name: String!, url: String!) on ENUM_VALUE"
    yield "directive @join__implements(graph: join__Graph!, interface: String!) repeatable on OBJECT | INTERFACE"
    yield (
        "directive @join__type(graph: join__Graph!, key: join__FieldSet, extension: Boolean! = false,"
        " resolvable: Boolean! = true, isInterfaceObject: Boolean! = false)"
        " repeatable on OBJECT | INTERFACE | UNION | ENUM | INPUT_OBJECT | SCALAR"
    )
    yield "directive @join__unionMember(graph: join__Graph!, member: String!) repeatable on UNION"
    yield "scalar join__FieldSet"
    if has_labels:
        yield "scalar join__DirectiveArguments"
    if has_contexts:
        yield "scalar join__FieldValue"
        yield (
            "input join__ContextArgument {\n"
            "  name: String!\n  type: String!\n  context: String!\n  selection: join__FieldValue!\n}"
        )
    yield "scalar link__Import"
    yield "enum link__Purpose {\n  SECURITY\n  EXECUTION\n}"


def _directive_definitions(used: Iterable[str]) -> Iterator[str]:
    for name in used:
        directive = MERGED_DIRECTIVES[name]
        yield directive.definition
        if directive.extra:
            yield directive.extra


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
    ]
    return f"@join__field({', '.join(arguments)})" if arguments else "@join__field"


def _description(element: Element, *, indent: str) -> str:
    if not element.description:
        return ""
    text = element.description
    if '"""' in text or text != text.strip() or "\r" in text:
        # A block string would lose the blanks at its ends.
        return f"{indent}{print_string(text)}\n"
    block = print_block_string(text, minimize=False)
    return "\n".join(f"{indent}{line}" if line else "" for line in block.split("\n")) + "\n"
