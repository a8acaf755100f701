"""Executes subgraph requests over plain data: a schema from SDL, with `_entities`, and a source of field values.

Slow and careful; `subgraphs.py` computes each different request once.
"""

from collections.abc import Mapping
from typing import Any, Protocol

from graphql import (
    DefinitionNode,
    DocumentNode,
    FieldDefinitionNode,
    GraphQLResolveInfo,
    GraphQLSchema,
    ObjectTypeDefinitionNode,
    ObjectTypeExtensionNode,
    SchemaExtensionNode,
    build_ast_schema,
    execute_sync,
    parse,
    validate,
)

Row = dict[str, Any]


class Source(Protocol):
    """Supplies the values of one graph's fields. Same question, same answer, in every process."""

    def entity(self, representation: Mapping[str, Any]) -> Row | None:
        """Return the object that a representation means, with its concrete `__typename`."""
        ...

    def type_name(self, row: Row, info: GraphQLResolveInfo[Any]) -> str:
        """Return the name of the row's object type."""
        ...

    def value(self, parent: Row | None, info: GraphQLResolveInfo[Any], arguments: Mapping[str, Any]) -> Any:
        """Return the value of a field; `parent` is None at the root."""
        ...


class Subgraph:
    """One subgraph: its schema and where its values come from."""

    def __init__(self, sdl: str, source: Source) -> None:
        self._schema = subgraph_schema(sdl)
        self._source = source

    def answer(self, request: Mapping[str, Any]) -> dict[str, Any]:
        """Return the response to a GraphQL request; one that does not fit the schema has only errors."""
        document = parse(request["query"])
        errors = validate(self._schema, document)
        if errors:
            return {"errors": [{"message": error.message} for error in errors]}
        result = execute_sync(
            self._schema,
            document,
            variable_values=request.get("variables") or {},
            operation_name=request.get("operationName"),
            field_resolver=self._resolve,
            type_resolver=lambda row, info, _type: self._source.type_name(row, info),
        )
        return dict(result.formatted)

    def _resolve(self, parent: Row | None, info: GraphQLResolveInfo[Any], **arguments: Any) -> Any:
        if info.field_name == "_entities":
            return [self._source.entity(representation) for representation in arguments["representations"]]
        return self._source.value(parent, info, arguments)


def subgraph_schema(sdl: str) -> GraphQLSchema:
    """Return the executable schema of a subgraph's SDL, with the federation machinery that SDL leaves out."""
    definitions: list[DefinitionNode] = []
    entities = []
    for node in parse(sdl).definitions:
        if isinstance(node, SchemaExtensionNode):
            continue
        definitions.append(node)
        if isinstance(node, ObjectTypeDefinitionNode) and any(
            used.name.value == "key" for used in node.directives or ()
        ):
            entities.append(node.name.value)
    has_query = any(isinstance(node, ObjectTypeDefinitionNode) and node.name.value == "Query" for node in definitions)
    machinery = "scalar _Any\n"
    if entities:
        extend = "extend type" if has_query else "type"
        machinery += f"union _Entity = {' | '.join(entities)}\n"
        machinery += f"{extend} Query {{ _entities(representations: [_Any!]!): [_Entity]! }}"
    elif not has_query:
        machinery += "type Query { nothing: Boolean }"
    return build_ast_schema(
        _merged(DocumentNode(definitions=(*definitions, *parse(machinery).definitions))), assume_valid_sdl=True
    )


def _merged(document: DocumentNode) -> DocumentNode:
    """Return the document with the extension of `Query` folded into its definition."""
    extra: list[FieldDefinitionNode] = []
    for node in document.definitions:
        if isinstance(node, ObjectTypeExtensionNode):
            extra += node.fields or ()
    kept: list[DefinitionNode] = []
    for node in document.definitions:
        if isinstance(node, ObjectTypeExtensionNode):
            continue
        if isinstance(node, ObjectTypeDefinitionNode) and node.name.value == "Query":
            kept.append(ObjectTypeDefinitionNode(name=node.name, fields=(*(node.fields or ()), *extra)))
        else:
            kept.append(node)
    return DocumentNode(definitions=tuple(kept))
