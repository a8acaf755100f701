"""Which subgraph owns each entity, and whose words describe it: the owner's."""

from collections import Counter, defaultdict
from collections.abc import Mapping
from dataclasses import replace

from graphql import (
    DefinitionNode,
    DirectiveNode,
    DocumentNode,
    InterfaceTypeDefinitionNode,
    ObjectTypeDefinitionNode,
    parse,
    print_ast,
)

Composite = ObjectTypeDefinitionNode | InterfaceTypeDefinitionNode


def owners_of(documents: Mapping[str, DocumentNode]) -> dict[str, str]:
    """Return the owner of each entity: the subgraph that declares most of its fields itself."""
    weights: dict[str, Counter[str]] = defaultdict(Counter)
    for name, document in documents.items():
        for node in document.definitions:
            if isinstance(node, Composite) and (keys := directives(node.directives, "key")):
                own = [field for field in node.fields or () if not directives(field.directives, "external")]
                resolvable = not any("resolvable: false" in print_ast(key) for key in keys)
                weights[node.name.value][name] = len(own) if resolvable else 0
    return {entity: counted.most_common(1)[0][0] for entity, counted in weights.items()}


def in_owners_words(sdl_by_name: Mapping[str, str]) -> dict[str, str]:
    """Return the SDL in which an entity and its id are described by its owner alone.

    Every subgraph says of an entity what it is from its own point of view; the API has room for one text.
    """
    documents = {name: parse(sdl) for name, sdl in sdl_by_name.items()}
    owners = owners_of(documents)

    def quiet(name: str, node: DefinitionNode) -> DefinitionNode:
        if not isinstance(node, Composite) or owners.get(node.name.value, name) == name:
            return node
        fields = [replace(f, description=None) if f.name.value == "id" else f for f in node.fields or ()]
        return replace(node, description=None, fields=tuple(fields))

    return {
        name: print_ast(DocumentNode(definitions=tuple(quiet(name, node) for node in document.definitions))) + "\n"
        for name, document in documents.items()
    }


def directives(of: tuple[DirectiveNode, ...] | None, name: str) -> list[DirectiveNode]:
    """Return the directives with that name."""
    return [directive for directive in of or () if directive.name.value == name]
