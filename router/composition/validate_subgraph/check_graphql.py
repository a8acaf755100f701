"""A subgraph's SDL has to be valid GraphQL once the federation directives are known.

Uses the rules of the GraphQL library. What federation allows beyond them (a type that is only extended, a subgraph
without queries) is smoothed over first.
"""

from collections.abc import Iterator, Sequence
from dataclasses import fields as fields_of
from functools import lru_cache

from graphql import (
    DefinitionNode,
    DirectiveDefinitionNode,
    DocumentNode,
    EnumTypeDefinitionNode,
    EnumTypeExtensionNode,
    GraphQLError,
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
    UnionTypeDefinitionNode,
    UnionTypeExtensionNode,
    build_ast_schema,
    parse,
    print_ast,
    validate_schema,
)
from graphql.validation.validate import validate_sdl

from router.composition.errors import Report, subgraph_list, subgraph_subject
from router.composition.links import LinkedNames
from router.composition.specifications import FEDERATION_DIRECTIVES, LINK_DEFINITIONS

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
    violations: Sequence[GraphQLError] = validate_sdl(document)
    if not violations:
        try:
            violations = validate_schema(build_ast_schema(document, assume_valid_sdl=True))
        except (TypeError, GraphQLError) as error:
            violations = [GraphQLError(str(error))]
    for violation in violations:
        report.error(
            "INVALID_GRAPHQL",
            f"The schema of {subgraph_list([subgraph])} is not valid GraphQL: {violation.message}",
            subgraphs=[subgraph],
        )
    return not violations


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
    if query not in defined:
        yield from parse(f"type {query} {{ _service: Boolean }}", no_location=True).definitions


def check_directive_definition(node: DirectiveDefinitionNode, canonical: str, *, subgraph: str, report: Report) -> None:
    """Refuse a subgraph's own definition of a federation directive that says something else than the specification."""
    specified = _specified(canonical)
    known = {argument.name.value: argument for argument in specified.arguments or ()}
    problems = []
    for argument in node.arguments or ():
        if argument.name.value not in known:
            problems.append(f'it has no argument "{argument.name.value}"')
        elif _shape(argument.type) != _shape(known[argument.name.value].type):
            problems.append(f'its argument "{argument.name.value}" is not of type {print_ast(argument.type)}')
    allowed = {location.value for location in specified.locations}
    beyond = [location.value for location in node.locations if location.value not in allowed]
    if beyond:
        problems.append(f"it cannot stand on {', '.join(beyond)}")
    if problems:
        report.error(
            "DIRECTIVE_DEFINITION_INVALID",
            f"{subgraph_subject([subgraph])} defines @{node.name.value} unlike federation does:"
            f" {'; '.join(problems)}. Remove the definition and import the directive with @link.",
            subgraphs=[subgraph],
        )


@lru_cache(maxsize=64)
def _specified(canonical: str) -> DirectiveDefinitionNode:
    (definition,) = parse(FEDERATION_DIRECTIVES[canonical].definition(canonical), no_location=True).definitions
    assert isinstance(definition, DirectiveDefinitionNode)
    return definition


def _shape(type_node: Node) -> str:
    """Return the wrapping only, outer `!` aside: subgraph libraries name the scalars inside differently."""
    return "".join(sign for sign in print_ast(type_node).removesuffix("!") if sign in "[]!")
