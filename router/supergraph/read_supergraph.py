"""Reads join-spec supergraph SDL (v0.1 to v0.5) into tables.

The steps, in the order of `read_supergraph`: parse, refuse unknown features, list the graphs, collect what each type
and field says per graph, put the graphs into an order that does not depend on their names, and build the tables.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass

from graphql import DocumentNode, EnumTypeDefinitionNode, GraphQLError, SchemaDefinitionNode, parse

from router.errors import InvalidSupergraphError
from router.supergraph.build_tables import build_tables
from router.supergraph.canonical_names import give_canonical_names
from router.supergraph.refuse_unknown_features import refuse_unknown_features
from router.supergraph.tables import Graph, TypeKind, TypeTable
from router.supergraph.type_facts import KINDS, TypeFacts, arguments_of


@dataclass(frozen=True, slots=True)
class SupergraphTables:
    """Everything read from the SDL, before the API schema is derived."""

    document: DocumentNode
    graphs: tuple[Graph, ...]
    types: Mapping[str, TypeTable]
    object_names: tuple[str, ...]
    root_types: Mapping[str, str]
    override_labels: frozenset[str]


def read_supergraph(text: str, *, active_labels: frozenset[str] = frozenset()) -> SupergraphTables:
    """Return the tables of a supergraph.

    Args:
        text: Join-spec SDL.
        active_labels: Labels of progressive overrides that are on.

    Raises:
        InvalidSupergraphError: It does not parse, or is no supergraph.
        UnsupportedFeatureError: It links a feature for security or execution that is not implemented.
    """
    try:
        document = parse(text, no_location=True)
    except GraphQLError as error:
        raise InvalidSupergraphError(f"The supergraph does not parse: {error.message}") from error
    schema = _schema_definition(document)
    refuse_unknown_features(schema)
    document = give_canonical_names(document, schema)
    graphs = _read_graphs(document)
    definitions = [TypeFacts(node, graphs) for node in document.definitions if type(node) in KINDS]
    definitions = [definition for definition in definitions if not _is_machinery(definition.name)]
    by_name = {definition.name: definition for definition in definitions}
    for definition in definitions:
        definition.read(active_labels)
    ordered = _order_graphs(graphs, definitions)
    object_names = tuple(sorted(d.name for d in definitions if d.kind is TypeKind.OBJECT))
    types = build_tables(by_name, ordered, object_names)
    root_types = {operation.operation.value: operation.type.name.value for operation in schema.operation_types} or {
        "query": "Query"
    }
    labels = frozenset(label for definition in definitions for label in definition.labels)
    return SupergraphTables(document, tuple(ordered.values()), types, object_names, root_types, labels)


def _schema_definition(document: DocumentNode) -> SchemaDefinitionNode:
    for node in document.definitions:
        if isinstance(node, SchemaDefinitionNode):
            return node
    raise InvalidSupergraphError("The supergraph has no schema definition.")


def _read_graphs(document: DocumentNode) -> dict[str, tuple[str, str]]:
    """Return name and url by `join__Graph` value."""
    graphs: dict[str, tuple[str, str]] = {}
    for node in document.definitions:
        if isinstance(node, EnumTypeDefinitionNode) and node.name.value == "join__Graph":
            for value in node.values or ():
                for arguments in arguments_of(value, "join__graph"):
                    graphs[value.name.value] = (str(arguments["name"]), str(arguments.get("url", "")))
    if not graphs:
        raise InvalidSupergraphError("The supergraph lists no subgraphs in an enum join__Graph.")
    return graphs


def _is_machinery(name: str) -> bool:
    """Whether a type belongs to a core feature: `link__Purpose`, `join__Graph`, …"""
    return "__" in name


def _order_graphs(graphs: Mapping[str, tuple[str, str]], definitions: Iterable[TypeFacts]) -> dict[str, Graph]:
    """Number the graphs by what they contain, so that plans do not depend on their names.

    Only graphs that contain exactly the same are ordered by name; exchanging those changes nothing.
    """
    contents = {
        graph: sorted(line for definition in definitions for line in definition.describe(graph)) for graph in graphs
    }
    ordered = sorted(graphs, key=lambda graph: (contents[graph], graphs[graph][0]))
    return {value: Graph(index, *graphs[value], enum_value=value) for index, value in enumerate(ordered)}
