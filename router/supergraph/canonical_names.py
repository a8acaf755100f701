"""Gives the directives of known specifications the names that they have there.

A supergraph may import `@inaccessible` as `@hidden`, or link a specification under another name; whoever looks for
`@inaccessible` must find it all the same.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import replace
from typing import Any, TypeVar

from graphql import (
    DirectiveDefinitionNode,
    DirectiveNode,
    DocumentNode,
    SchemaDefinitionNode,
    Visitor,
    value_from_ast_untyped,
    visit,
)

NamedT = TypeVar("NamedT", DirectiveNode, DirectiveDefinitionNode)

_SPECS = "https://specs.apollo.dev/"
_MAIN_DIRECTIVES = frozenset({"tag", "inaccessible", "authenticated", "requiresScopes", "policy", "cost", "context"})


def give_canonical_names(document: DocumentNode, schema: SchemaDefinitionNode) -> DocumentNode:
    """Return the document with renamed directives under their own names; the document itself when none is renamed."""
    names = {here: there for here, there in _renamed(schema) if here != there}
    if not names:
        return document
    renamed: DocumentNode = visit(document, _Rename(names))
    return renamed


def _renamed(schema: SchemaDefinitionNode) -> Iterator[tuple[str, str]]:
    for directive in schema.directives or ():
        if directive.name.value not in {"link", "core"}:
            continue
        arguments = {
            argument.name.value: value_from_ast_untyped(argument.value) for argument in directive.arguments or ()
        }
        url = str(arguments.get("url") or arguments.get("feature") or "")
        specification = url.removeprefix(_SPECS).partition("/")[0]
        if not url.startswith(_SPECS) or specification not in _MAIN_DIRECTIVES:
            continue
        if isinstance(arguments.get("as"), str):
            yield str(arguments["as"]), specification
        imports = arguments.get("import")
        yield from _imported(imports if isinstance(imports, list) else [])


def _imported(imports: list[object]) -> Iterator[tuple[str, str]]:
    for item in imports:
        match item:
            case {"name": str(there), "as": str(here)} if here.startswith("@"):
                yield here.removeprefix("@"), there.removeprefix("@")


class _Rename(Visitor):
    def __init__(self, names: Mapping[str, str]) -> None:
        super().__init__()
        self._names = names

    def enter_directive(self, node: DirectiveNode, *_: Any) -> DirectiveNode | None:
        return self._with_name(node)

    def enter_directive_definition(self, node: DirectiveDefinitionNode, *_: Any) -> DirectiveDefinitionNode | None:
        return self._with_name(node)

    def _with_name(self, node: NamedT) -> NamedT | None:
        name = self._names.get(node.name.value)
        return None if name is None else replace(node, name=replace(node.name, value=name))
