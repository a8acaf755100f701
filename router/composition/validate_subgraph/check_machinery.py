"""What a subgraph defines of the federation machinery itself has to say what the specifications say.

Subgraph libraries print such definitions; they are left out of the subgraph's own schema once they are found harmless.
"""

from functools import lru_cache

from graphql import (
    DirectiveDefinitionNode,
    EnumTypeDefinitionNode,
    EnumTypeExtensionNode,
    Node,
    ScalarTypeDefinitionNode,
    ScalarTypeExtensionNode,
    TypeDefinitionNode,
    TypeExtensionNode,
    parse,
    print_ast,
)

from router.composition.errors import Report, subgraph_subject
from router.composition.specifications import FEDERATION_DIRECTIVES, LINK_DEFINITIONS, LINK_DIRECTIVE

_PURPOSE = "link__Purpose"
_PURPOSES = {"SECURITY", "EXECUTION"}


def check_machinery_type(node: TypeDefinitionNode | TypeExtensionNode, *, subgraph: str, report: Report) -> None:
    """Refuse a type of the machinery that is defined as something else: all are scalars, but for the link purposes."""
    if node.name.value != _PURPOSE:
        if isinstance(node, ScalarTypeDefinitionNode | ScalarTypeExtensionNode):
            return
        expected = f"scalar {node.name.value}"
    else:
        values = {value.name.value for value in getattr(node, "values", None) or ()}
        if isinstance(node, EnumTypeDefinitionNode | EnumTypeExtensionNode) and values == _PURPOSES:
            return
        expected = f"enum {_PURPOSE} {{ SECURITY EXECUTION }}"
    report.error(
        "TYPE_DEFINITION_INVALID",
        f'{subgraph_subject([subgraph])} defines "{node.name.value}" unlike its specification does. Write'
        f" `{expected}`, or remove the definition.",
        subgraphs=[subgraph],
    )


def check_directive_definition(node: DirectiveDefinitionNode, canonical: str, *, subgraph: str, report: Report) -> None:
    """Refuse a subgraph's own definition of a federation directive that says something else than the specification."""
    specified = _specified(canonical)
    known = {argument.name.value: argument for argument in specified.arguments or ()}
    given = {argument.name.value for argument in node.arguments or ()}
    problems = [
        f'it lacks the argument "{name}"'
        for name, argument in known.items()
        if name not in given and print_ast(argument.type).endswith("!")
    ]
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
    text = LINK_DEFINITIONS if canonical == LINK_DIRECTIVE else FEDERATION_DIRECTIVES[canonical].definition(canonical)
    definition = parse(text, no_location=True).definitions[0]
    assert isinstance(definition, DirectiveDefinitionNode)
    return definition


def _shape(type_node: Node) -> str:
    """Return the wrapping only, outer `!` aside: subgraph libraries name the scalars inside differently."""
    return "".join(sign for sign in print_ast(type_node).removesuffix("!") if sign in "[]!")
