"""A subgraph's SDL has to be valid GraphQL once the federation directives are known.

Uses the rules of the GraphQL library. What federation allows beyond them (a type that is only extended, a subgraph
without queries) is smoothed over first.
"""

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import fields as fields_of
from functools import lru_cache

from graphql import (
    DefinitionNode,
    DocumentNode,
    EnumTypeDefinitionNode,
    EnumTypeExtensionNode,
    GraphQLError,
    GraphQLSchema,
    InputObjectTypeDefinitionNode,
    InputObjectTypeExtensionNode,
    InterfaceTypeDefinitionNode,
    InterfaceTypeExtensionNode,
    Node,
    ObjectTypeDefinitionNode,
    ObjectTypeExtensionNode,
    ScalarTypeDefinitionNode,
    ScalarTypeExtensionNode,
    TypeDefinitionNode,
    TypeExtensionNode,
    Undefined,
    UnionTypeDefinitionNode,
    UnionTypeExtensionNode,
    build_ast_schema,
    parse,
    print_ast,
    validate_schema,
    value_from_ast,
)

from router.composition.errors import Report, subgraph_list
from router.composition.links import LinkedNames
from router.composition.specifications import FEDERATION_DIRECTIVES, LINK_DEFINITIONS
from router.composition.type_text import named_type, text_of
from router.composition.validate_subgraph.sdl_rules import broken_rules

_DEFINITION_OF: dict[type[Node], type[DefinitionNode]] = {
    ScalarTypeExtensionNode: ScalarTypeDefinitionNode,
    ObjectTypeExtensionNode: ObjectTypeDefinitionNode,
    InterfaceTypeExtensionNode: InterfaceTypeDefinitionNode,
    UnionTypeExtensionNode: UnionTypeDefinitionNode,
    EnumTypeExtensionNode: EnumTypeDefinitionNode,
    InputObjectTypeExtensionNode: InputObjectTypeDefinitionNode,
}


def check_graphql(
    definitions: Sequence[DefinitionNode], names: LinkedNames, *, query: str, subgraph: str, report: Report
) -> bool:
    """Whether a subgraph's own definitions are valid GraphQL; each violation is an INVALID_GRAPHQL error."""
    closed = (*_machinery(tuple(sorted(names.directives.items()))), *_close(definitions, query=query))
    document = DocumentNode(definitions=closed)
    violations: Sequence[GraphQLError] = broken_rules(document)
    if not violations:
        try:
            schema = build_ast_schema(document, assume_valid_sdl=True)
            violations = validate_schema(schema) or list(_wrong_directive_values(definitions, schema))
        except (TypeError, GraphQLError) as error:
            violations = [GraphQLError(str(error))]
    for violation in violations:
        report.error(
            "INVALID_GRAPHQL",
            f"The schema of {subgraph_list([subgraph])} is not valid GraphQL: {violation.message}",
            subgraphs=[subgraph],
        )
    return not violations


def _wrong_directive_values(definitions: Iterable[Node], schema: GraphQLSchema) -> Iterator[GraphQLError]:
    """Yield an error for each argument of a directive whose value is not of its type; the library has no such rule."""
    for node in definitions:
        for applied in getattr(node, "directives", None) or ():
            directive = schema.get_directive(applied.name.value)
            for argument in applied.arguments or ():
                declared = None if directive is None else directive.args.get(argument.name.value)
                if declared is not None and value_from_ast(argument.value, declared.type) is Undefined:
                    yield GraphQLError(
                        f"The argument '{argument.name.value}' of '@{applied.name.value}' is"
                        f" {print_ast(argument.value)}, which is not of type {declared.type}."
                    )
        for part in ("fields", "arguments", "values"):
            children = getattr(node, part, None)
            yield from _wrong_directive_values(children if isinstance(children, tuple | list) else (), schema)


@lru_cache(maxsize=64)
def _machinery(directives: tuple[tuple[str, str], ...]) -> tuple[DefinitionNode, ...]:
    texts = [FEDERATION_DIRECTIVES[canonical].definition(local) for local, canonical in directives]
    return parse(LINK_DEFINITIONS + "\n".join(texts), no_location=True).definitions


def _close(definitions: Sequence[DefinitionNode], *, query: str) -> Iterator[DefinitionNode]:
    """Yield the definitions, the first extension of each undefined type as its definition, and a query root."""
    defined = {node.name.value for node in definitions if isinstance(node, TypeDefinitionNode)}
    for node in definitions:
        if isinstance(node, TypeExtensionNode) and node.name.value not in defined:
            defined.add(node.name.value)
            parts = {part.name: getattr(node, part.name) for part in fields_of(node) if part.name != "loc"}
            yield _DEFINITION_OF[type(node)](**parts)
        else:
            yield node
    if query not in defined and query not in set(_output_types(definitions)):
        yield from parse(f"type {query} {{ _service: Boolean }}", no_location=True).definitions


def _output_types(definitions: Sequence[DefinitionNode]) -> Iterator[str]:
    """Yield the names of the types that fields of objects and interfaces have."""
    for node in definitions:
        for field in getattr(node, "fields", None) or ():
            yield named_type(text_of(field.type))
