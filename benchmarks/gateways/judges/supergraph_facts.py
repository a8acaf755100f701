"""What a supergraph says, apart from the order in which and the way how it says it."""

import re
from collections.abc import Iterator
from typing import Any

from graphql import (
    DirectiveDefinitionNode,
    DirectiveNode,
    SchemaDefinitionNode,
    parse,
    print_ast,
)

Facts = dict[str, Any]

_MACHINERY = ("link__", "join__", "policy__", "requiresScopes__", "federation__", "context__")
_UNSAID = {"resolvable: true", "extension: false", "isInterfaceObject: false"}
_LINK_OF = re.compile(r"https://specs\.apollo\.dev/(?P<name>\w+)/")


def facts_of(sdl: str) -> Facts:
    """Return what is said of each element, by its coordinate: types, fields, arguments, values, links."""
    document = parse(sdl, no_location=True)
    applied = {name for node in document.definitions for name in _applied_below(node)}
    found: Facts = {}
    for node in document.definitions:
        if isinstance(node, SchemaDefinitionNode):
            roots = sorted(print_ast(root) for root in node.operation_types)
            found["schema"] = sorted(_links(node, applied)), roots
        elif isinstance(node, DirectiveDefinitionNode):
            if node.name.value in applied:
                arguments = sorted(_plain(print_ast(argument)) for argument in node.arguments or ())
                places = sorted(place.value for place in node.locations)
                found[f"@{node.name.value}"] = arguments, places, node.repeatable
        else:
            found.update(_of_type(node))
    return found


def differences(one: str, other: str) -> list[str]:
    """Return where two supergraphs say different things, and what."""
    left, right = facts_of(one), facts_of(other)
    return [
        f"{name}\n    {left.get(name)}\n    {right.get(name)}"
        for name in sorted(left.keys() | right.keys())
        if left.get(name) != right.get(name)
    ]


def _of_type(node: Any) -> Iterator[tuple[str, Any]]:
    name = node.name.value
    if name.startswith(_MACHINERY) and name != "join__Graph":
        return
    names = sorted(each.name.value for part in ("interfaces", "types") for each in getattr(node, part, None) or ())
    yield name, (node.kind, _description(node), _directives(node), names)
    for field in getattr(node, "fields", None) or ():
        yield f"{name}.{field.name.value}", (_described(field), [_described(each) for each in _arguments(field)])
    for value in getattr(node, "values", None) or ():
        yield f"{name}.{value.name.value}", (_description(value), _directives(value))


def _arguments(field: Any) -> Any:
    return getattr(field, "arguments", None) or ()


def _described(node: Any) -> tuple[Any, ...]:
    """Return what is said of a field, an argument or an input field."""
    default = getattr(node, "default_value", None)
    default_text = None if default is None else print_ast(default)
    return node.name.value, print_ast(node.type), default_text, _description(node), _directives(node)


def _description(node: Any) -> str | None:
    return node.description.value if node.description else None


def _directives(node: Any) -> list[str]:
    return sorted(_directive(directive) for directive in node.directives or ())


def _directive(node: DirectiveNode) -> str:
    said = {print_ast(argument) for argument in node.arguments or ()} - _UNSAID
    return f"@{node.name.value}({', '.join(sorted(said))})"


def _links(node: SchemaDefinitionNode, applied: set[str]) -> Iterator[str]:
    """Yield the links, but for features of which nothing is used."""
    for directive in node.directives or ():
        text = _directive(directive)
        match = _LINK_OF.search(text)
        if match is None or match["name"] in {"link", "join"} or match["name"] in applied:
            yield re.sub(r"import: \[(.*?)\]", lambda found: ", ".join(sorted(found[1].split(", "))), text)


def _applied_below(node: Any) -> Iterator[str]:
    """Yield the names of the directives that are applied to a definition or within it."""
    yield from (directive.name.value for directive in getattr(node, "directives", None) or ())
    for part in ("fields", "values", "arguments"):
        for inner in getattr(node, part, None) or ():
            yield from _applied_below(inner)


def _plain(text: str) -> str:
    return text.replace('"""', '"')
