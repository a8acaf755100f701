"""Prints what comes before the types of a supergraph: links, and the definitions of the directives that it uses.

Which version of join is printed follows from the newest federation version that a subgraph asks for.
"""

from collections.abc import Iterator, Sequence
from dataclasses import replace

from graphql import InputValueDefinitionNode, print_ast

from router.composition.merged_model import ComposedDirective, MergedSchema
from router.composition.model import ROOT_TYPES
from router.composition.specifications import (
    JOIN_DIRECTIVE_LINKS,
    JOIN_DIRECTIVES,
    MERGED_DIRECTIVES,
    SPECIFICATION_HOST,
    Version,
)

_JOIN_VERSION_SINCE: list[tuple[Version, str]] = [((2, 8), "v0.5"), ((2, 7), "v0.4"), ((1, 0), "v0.3")]


def print_preamble(schema: MergedSchema) -> Iterator[str]:
    """Yield the schema definition, and the definitions of all directives of federation and of the subgraphs' own."""
    used = _used_directives(schema)
    join = next(join for since, join in _JOIN_VERSION_SINCE if schema.version >= since)
    merged = [name for name in used if name in MERGED_DIRECTIVES]
    yield _schema_block(schema, merged, join)
    yield from _link_and_join_definitions(join)
    for name in merged:
        yield MERGED_DIRECTIVES[name].definition_as(schema.directive_names.get(name, name))
        if MERGED_DIRECTIVES[name].extra:
            yield MERGED_DIRECTIVES[name].extra
    for directive in schema.composed.values():
        yield _composed_definition(directive)


def _schema_block(schema: MergedSchema, merged: Sequence[str], join: str) -> str:
    lines = [
        f'@link(url: "{SPECIFICATION_HOST}/link/v1.0")',
        f'@link(url: "{SPECIFICATION_HOST}/join/{join}", for: EXECUTION)',
        *_merged_links(schema, merged),
        *(link for name, link in JOIN_DIRECTIVE_LINKS.items() if _has_join_directive(name, schema)),
        *_composed_links(schema),
        *(use.as_named(schema.printed_name(use.name)) for use in schema.directives),
    ]
    roots = [f"  {root.lower()}: {root}" for root in ROOT_TYPES if _is_present(root, schema)]
    return "\n".join(["schema", *(f"  {line}" for line in lines), "{", *roots, "}"])


def _merged_links(schema: MergedSchema, merged: Sequence[str]) -> Iterator[str]:
    by_url: dict[str, list[str]] = {}
    for name in merged:
        by_url.setdefault(MERGED_DIRECTIVES[name].url, []).append(name)
    for url, names in by_url.items():
        purpose = MERGED_DIRECTIVES[names[0]].purpose
        # A specification's directive of its own name needs no import.
        imports = [
            _import(name, schema.directive_names.get(name, name))
            for name in names
            if f"/{name}/" not in url or name in schema.directive_names
        ]
        yield _link(url, imports, purpose)


def _composed_links(schema: MergedSchema) -> Iterator[str]:
    by_identity: dict[str, list[ComposedDirective]] = {}
    for directive in schema.composed.values():
        by_identity.setdefault(directive.feature.identity, []).append(directive)
    for _, directives in sorted(by_identity.items()):
        imports = [_import(directive.name_there, directive.name) for directive in directives]
        yield _link(directives[0].feature.url, imports, None)


def _import(there: str, here: str) -> str:
    return f'"@{there}"' if there == here else f'{{name: "@{there}", as: "@{here}"}}'


def _link(url: str, imports: Sequence[str], purpose: str | None) -> str:
    imported = f", import: [{', '.join(imports)}]" if imports else ""
    return f'@link(url: "{url}"{imported}{f", for: {purpose}" if purpose else ""})'


def _is_present(root: str, schema: MergedSchema) -> bool:
    return root in schema.types and bool(schema.types[root].fields)


def _used_directives(schema: MergedSchema) -> list[str]:
    elements = [applied.name for element in schema.elements() for applied in element.directives]
    return sorted({*elements, *(applied.name for applied in schema.directives)})


def _has_join_directive(name: str, schema: MergedSchema) -> bool:
    return any(
        applied.name == "join__directive" and applied.text("name") == JOIN_DIRECTIVES[name]
        for element in schema.elements()
        for applied in element.directives
    )


def _composed_definition(directive: ComposedDirective) -> str:
    arguments = ", ".join(print_ast(_without_own(argument)) for argument in directive.node.arguments or ())
    locations = " | ".join(location.value for location in directive.node.locations)
    repeatable = " repeatable" if directive.node.repeatable else ""
    return f"directive @{directive.name}{f'({arguments})' if arguments else ''}{repeatable} on {locations}"


def _without_own(argument: InputValueDefinitionNode) -> InputValueDefinitionNode:
    """Return an argument with no directives but `@deprecated`: the supergraph may not have the other ones."""
    kept = tuple(applied for applied in argument.directives or () if applied.name.value == "deprecated")
    return replace(argument, directives=kept)


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
