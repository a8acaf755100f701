"""Where the API's files are, and what they should contain, made from the code."""

import json
from collections.abc import Callable, Iterable, Mapping, Sequence
from functools import cache
from importlib import import_module
from pathlib import Path
from typing import cast

from graphql import (
    REMOVE,
    FieldDefinitionNode,
    Node,
    ObjectTypeDefinitionNode,
    SchemaDefinitionNode,
    SchemaExtensionNode,
    TypeDefinitionNode,
    Visitor,
    parse,
    print_ast,
    print_schema,
    visit,
)

from router.composition import CompositionResult, Subgraph, compose, contract
from router.planning import plan_operation
from router.supergraph import Supergraph
from schema.owners import in_owners_words

FOLDER = Path(__file__).parent
_ADMIN_TAG = "admin"
_MACHINERY = frozenset({"_Any", "_Entity", "_Service"})
_MACHINERY_FIELDS = frozenset({"_entities", "_service"})


def subgraph_names() -> list[str]:
    """Return the names of all subgraphs: the packages beside `shared` that have a schema."""
    rooms = (FOLDER.parent / "subgraphs").glob("*/schema.py")
    return sorted(room.parent.name for room in rooms)


@cache
def subgraph_sdl(name: str) -> str:
    """Return the SDL of a subgraph as its code declares it, without the federation machinery that every one has."""
    as_str = cast("Callable[[], str]", import_module(f"subgraphs.{name}.schema").schema.as_str)
    return print_ast(visit(parse(as_str()), _WithoutMachinery())) + "\n"


class _WithoutMachinery(Visitor):
    """Removes `_entities`, `_service` and their types; and root types that have nothing else."""

    def enter(self, node: Node, *_: object) -> object:
        """Remove the node if it belongs to the machinery; the root types keep their usual names."""
        if isinstance(node, TypeDefinitionNode) and node.name.value in _MACHINERY:
            return REMOVE
        if isinstance(node, FieldDefinitionNode) and node.name.value in _MACHINERY_FIELDS:
            return REMOVE
        if isinstance(node, SchemaDefinitionNode):
            return SchemaExtensionNode(directives=node.directives)
        return None

    def leave(self, node: Node, *_: object) -> object:
        """Remove the query type of a subgraph that only extends entities."""
        return REMOVE if isinstance(node, ObjectTypeDefinitionNode) and not node.fields else None


def compose_subgraphs(sdl_by_name: Mapping[str, str]) -> CompositionResult:
    """Return the composition. The addresses are those of docker-compose.yml; `reelgraph up` gives its own."""
    return compose(_addressed(sdl_by_name))


def compose_viewers_contract(sdl_by_name: Mapping[str, str]) -> CompositionResult:
    """Return the composition of what is for viewers: without what is tagged `admin`, and what only that leads to."""
    return contract(_addressed(sdl_by_name), exclude=[_ADMIN_TAG])


def _addressed(sdl_by_name: Mapping[str, str]) -> list[Subgraph]:
    texts = in_owners_words(sdl_by_name)
    return [Subgraph(name, f"http://{name}:8000/graphql", sdl) for name, sdl in texts.items()]


def api_sdl(supergraph_sdl: str) -> str:
    """Return the SDL of the API schema: what clients see."""
    return print_schema(Supergraph.from_sdl(supergraph_sdl).api_schema) + "\n"


def known_operations(supergraph_sdl: str, operations: Iterable[str]) -> str:
    """Return what the router asks of each subgraph for the operations, as JSON: a list of documents by subgraph."""
    supergraph = Supergraph.from_sdl(supergraph_sdl)
    documents: dict[str, set[str]] = {}
    for text in operations:
        for fetch in plan_operation(supergraph, parse(text)).fetches:
            documents.setdefault(fetch.subgraph, set()).add(fetch.document)
    return json.dumps({name: sorted(each) for name, each in sorted(documents.items())}, indent=2) + "\n"


def saved_operations(folder: Path = FOLDER) -> dict[str, str]:
    """Return the text of each saved operation by its file's name."""
    return {path.name: path.read_text(encoding="utf-8") for path in sorted((folder / "operations").glob("*.graphql"))}


def saved_subgraphs(folder: Path = FOLDER) -> dict[str, str]:
    """Return the saved SDL of each subgraph by its name."""
    return {path.stem: path.read_text(encoding="utf-8") for path in sorted((folder / "subgraphs").glob("*.graphql"))}


def write_subgraphs(names: Sequence[str], folder: Path = FOLDER) -> None:
    """Write the SDL of each subgraph, and delete the files of subgraphs that are gone."""
    (folder / "subgraphs").mkdir(exist_ok=True)
    for path in (folder / "subgraphs").glob("*.graphql"):
        if path.stem not in names:
            path.unlink()
    for name in names:
        (folder / "subgraphs" / f"{name}.graphql").write_text(subgraph_sdl(name), encoding="utf-8")
