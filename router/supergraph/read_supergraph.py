"""Reads join-spec supergraph SDL (v0.1 to v0.5) into tables.

The steps, in the order of `read_supergraph`: parse, refuse unknown features, list the graphs, collect what each type
and field says per graph, put the graphs into an order that does not depend on their names, and build the tables.
Field sets are parsed last, since they are read against the tables.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field, replace
from functools import cached_property

from graphql import (
    ConstDirectiveNode,
    DefinitionNode,
    DocumentNode,
    EnumTypeDefinitionNode,
    FieldDefinitionNode,
    GraphQLError,
    InputObjectTypeDefinitionNode,
    InterfaceTypeDefinitionNode,
    ListTypeNode,
    NamedTypeNode,
    NonNullTypeNode,
    ObjectTypeDefinitionNode,
    ScalarTypeDefinitionNode,
    SchemaDefinitionNode,
    TypeNode,
    UnionTypeDefinitionNode,
    parse,
    parse_type,
    print_ast,
    value_from_ast_untyped,
)

from router.errors import InvalidSupergraphError
from router.supergraph.refuse_unknown_features import refuse_unknown_features
from router.supergraph.selections import parse_field_set
from router.supergraph.tables import (
    Authorization,
    FieldTable,
    Graph,
    GraphField,
    Key,
    TypeKind,
    TypeTable,
)

_KINDS: Mapping[type[DefinitionNode], TypeKind] = {
    ObjectTypeDefinitionNode: TypeKind.OBJECT,
    InterfaceTypeDefinitionNode: TypeKind.INTERFACE,
    UnionTypeDefinitionNode: TypeKind.UNION,
    EnumTypeDefinitionNode: TypeKind.ENUM,
    ScalarTypeDefinitionNode: TypeKind.SCALAR,
    InputObjectTypeDefinitionNode: TypeKind.INPUT_OBJECT,
}


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
    graphs = _read_graphs(document)
    definitions = [_Definition(node, graphs) for node in document.definitions if type(node) in _KINDS]
    definitions = [definition for definition in definitions if not _is_machinery(definition.name)]
    by_name = {definition.name: definition for definition in definitions}
    for definition in definitions:
        definition.read(active_labels)
    ordered = _order_graphs(graphs, definitions)
    object_names = tuple(sorted(d.name for d in definitions if d.kind is TypeKind.OBJECT))
    types = _build_tables(by_name, ordered, object_names)
    root_types = {operation.operation.value: operation.type.name.value for operation in schema.operation_types} or {
        "query": "Query"
    }
    labels = frozenset(label for definition in definitions for label in definition.labels)
    return SupergraphTables(document, tuple(ordered.values()), types, object_names, root_types, labels)


# Facts per graph, before graphs have numbers


@dataclass(slots=True)
class _FieldFacts:
    type_text: str
    external: bool = False
    used_overridden: bool = False
    requires: str | None = None
    provides: str | None = None

    def describe(self) -> str:
        return f"{self.type_text} {self.external} {self.used_overridden} {self.requires} {self.provides}"


@dataclass(slots=True)
class _KeyFacts:
    text: str
    resolvable: bool
    extension: bool


@dataclass
class _Definition:
    """One type definition and what its join directives say, by `join__Graph` value."""

    node: DefinitionNode
    all_graphs: Mapping[str, tuple[str, str]]
    graphs: list[str] = field(default_factory=list)
    keys: dict[str, list[_KeyFacts]] = field(default_factory=dict)
    interface_object: set[str] = field(default_factory=set)
    fields: dict[str, dict[str, _FieldFacts]] = field(default_factory=dict)
    implements: dict[str, set[str]] = field(default_factory=dict)
    members: dict[str, set[str]] = field(default_factory=dict)
    labels: set[str] = field(default_factory=set)

    @cached_property
    def name(self) -> str:
        return self.node.name.value  # type: ignore[attr-defined,no-any-return]  # every type definition has one

    @cached_property
    def kind(self) -> TypeKind:
        return _KINDS[type(self.node)]

    @cached_property
    def field_nodes(self) -> tuple[FieldDefinitionNode, ...]:
        node = self.node
        return (
            tuple(node.fields or ()) if isinstance(node, ObjectTypeDefinitionNode | InterfaceTypeDefinitionNode) else ()
        )

    @cached_property
    def interface_names(self) -> tuple[str, ...]:
        node = self.node
        if isinstance(node, ObjectTypeDefinitionNode | InterfaceTypeDefinitionNode):
            return tuple(interface.name.value for interface in node.interfaces or ())
        return ()

    @cached_property
    def member_names(self) -> tuple[str, ...]:
        node = self.node
        return (
            tuple(member.name.value for member in node.types or ()) if isinstance(node, UnionTypeDefinitionNode) else ()
        )

    def read(self, active_labels: frozenset[str]) -> None:
        for arguments in _arguments_of(self.node, "join__type"):
            graph = self._known_graph(arguments)
            if graph not in self.graphs:
                self.graphs.append(graph)
                self.keys[graph] = []
            if arguments.get("key"):
                self.keys[graph].append(
                    _KeyFacts(
                        str(arguments["key"]),
                        resolvable=arguments.get("resolvable", True) is True,
                        extension=arguments.get("extension", False) is True,
                    )
                )
            if arguments.get("isInterfaceObject"):
                self.interface_object.add(graph)
        owners = [str(arguments["graph"]) for arguments in _arguments_of(self.node, "join__owner")]
        if not self.graphs:  # join v0.1 does not mark value types and root types
            self.graphs = list(self.all_graphs)
            self.keys = {graph: [] for graph in self.graphs}
        for arguments in _arguments_of(self.node, "join__implements"):
            self.implements.setdefault(str(arguments["graph"]), set()).add(str(arguments["interface"]))
        for arguments in _arguments_of(self.node, "join__unionMember"):
            self.members.setdefault(str(arguments["graph"]), set()).add(str(arguments["member"]))
        for node in self.field_nodes:
            self._read_field(node, owners, active_labels)

    def _known_graph(self, arguments: Mapping[str, object]) -> str:
        graph = str(arguments.get("graph"))
        if graph not in self.all_graphs:
            raise InvalidSupergraphError(f"{self.name} names the subgraph {graph}, which is not in join__Graph.")
        return graph

    def _read_field(self, node: FieldDefinitionNode, owners: list[str], active_labels: frozenset[str]) -> None:
        type_text = print_ast(node.type)
        facts: dict[str, _FieldFacts] = {}
        applications = list(_arguments_of(node, "join__field"))
        for arguments in applications:
            if arguments.get("graph") is not None:
                self._read_join_field(arguments, type_text, facts)
        if not applications:
            facts = {graph: _FieldFacts(type_text) for graph in owners or self.graphs}
        if owners:  # join v0.1: the keys of an entity are known wherever it is extended
            for graph, keys in self.keys.items():
                if any(node.name.value in key.text.split() for key in keys):
                    facts.setdefault(graph, _FieldFacts(type_text))
        self._apply_labels(applications, facts, active_labels)
        self.fields[node.name.value] = facts

    def _read_join_field(self, arguments: Mapping[str, object], type_text: str, facts: dict[str, _FieldFacts]) -> None:
        requires, provides = arguments.get("requires"), arguments.get("provides")
        facts[self._known_graph(arguments)] = _FieldFacts(
            str(arguments.get("type") or type_text),
            external=arguments.get("external") is True,
            used_overridden=arguments.get("usedOverridden") is True,
            requires=str(requires) if requires else None,
            provides=str(provides) if provides else None,
        )

    def _apply_labels(
        self,
        applications: list[Mapping[str, object]],
        facts: Mapping[str, _FieldFacts],
        active_labels: frozenset[str],
    ) -> None:
        """Leave only one side of a progressive override resolvable."""
        for arguments in applications:
            label = arguments.get("overrideLabel")
            if not isinstance(label, str):
                continue
            self.labels.add(label)
            source_name = arguments.get("override")
            if source_name is None:
                continue
            losers = [graph for graph, (name, _) in self.all_graphs.items() if name == source_name]
            if label not in active_labels:
                losers = [str(arguments["graph"])]
            for graph in losers:
                if graph in facts:
                    facts[graph].used_overridden = True

    def describe(self, graph: str) -> list[str]:
        """Return lines that say all about this type in `graph`, without the name of any graph."""
        if graph not in self.graphs:
            return []
        lines = [f"{self.name} {self.kind} {graph in self.interface_object} {sorted(self.implements.get(graph, ()))}"]
        lines.extend(f"{self.name} key {key.text} {key.resolvable}" for key in self.keys[graph])
        lines.extend(
            f"{self.name}.{name} {facts[graph].describe()}" for name, facts in self.fields.items() if graph in facts
        )
        lines.extend(f"{self.name} | {member}" for member in self.members.get(graph, ()))
        if isinstance(self.node, EnumTypeDefinitionNode):
            lines.extend(
                f"{self.name} {value.name.value}"
                for value in self.node.values or ()
                if any(arguments["graph"] == graph for arguments in _arguments_of(value, "join__enumValue"))
            )
        return lines


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
                for arguments in _arguments_of(value, "join__graph"):
                    graphs[value.name.value] = (str(arguments["name"]), str(arguments.get("url", "")))
    if not graphs:
        raise InvalidSupergraphError("The supergraph lists no subgraphs in an enum join__Graph.")
    return graphs


def _is_machinery(name: str) -> bool:
    """Whether a type belongs to a core feature: `link__Purpose`, `join__Graph`, …"""
    return "__" in name


def _arguments_of(node: object, directive_name: str) -> Iterable[Mapping[str, object]]:
    directives: tuple[ConstDirectiveNode, ...] = getattr(node, "directives", None) or ()
    for directive in directives:
        if directive.name.value == directive_name:
            yield {
                argument.name.value: value_from_ast_untyped(argument.value) for argument in directive.arguments or ()
            }


def _order_graphs(graphs: Mapping[str, tuple[str, str]], definitions: Iterable[_Definition]) -> dict[str, Graph]:
    """Number the graphs by what they contain, so that plans do not depend on their names.

    Only graphs that contain exactly the same are ordered by name; exchanging those changes nothing.
    """
    contents = {
        graph: sorted(line for definition in definitions for line in definition.describe(graph)) for graph in graphs
    }
    ordered = sorted(graphs, key=lambda graph: (contents[graph], graphs[graph][0]))
    return {value: Graph(index, *graphs[value], enum_value=value) for index, value in enumerate(ordered)}


# Tables


def _build_tables(
    definitions: Mapping[str, _Definition], graphs: Mapping[str, Graph], object_names: tuple[str, ...]
) -> dict[str, TypeTable]:
    bits = {name: 1 << index for index, name in enumerate(object_names)}
    tables = {
        name: TypeTable(
            name=name,
            kind=definition.kind,
            mask=_possible_mask(definition, definitions, bits),
            graphs=sum(1 << graphs[graph].index for graph in definition.graphs),
            keys={},
            fields={},
            interface_object=sum(1 << graphs[graph].index for graph in definition.interface_object),
            possible_in=_possible_in(definition, definitions, graphs, bits),
            interfaces=definition.interface_names,
            is_inaccessible=_has_directive(definition.node, "inaccessible"),
            authorization=_authorization(definition.node),
        )
        for name, definition in definitions.items()
    }
    # Field sets may name any type, so all types must have fields before the first one is parsed.
    for name, definition in definitions.items():
        tables[name] = replace(tables[name], fields=_build_fields(definition, graphs, None))
    complete = {
        name: replace(table, keys=_build_keys(definitions[name], graphs, tables)) for name, table in tables.items()
    }
    for name, definition in definitions.items():
        complete[name] = replace(complete[name], fields=_build_fields(definition, graphs, tables))
    return complete


def _possible_mask(definition: _Definition, definitions: Mapping[str, _Definition], bits: Mapping[str, int]) -> int:
    if definition.kind is TypeKind.OBJECT:
        return bits[definition.name]
    if definition.kind is TypeKind.UNION:
        return sum(bits[name] for name in definition.member_names)
    return sum(bits[name] for name in bits if definition.name in definitions[name].interface_names)


def _possible_in(
    definition: _Definition,
    definitions: Mapping[str, _Definition],
    graphs: Mapping[str, Graph],
    bits: Mapping[str, int],
) -> dict[int, int] | None:
    if definition.kind is TypeKind.UNION:
        return {
            graphs[graph].index: sum(
                bits[name]
                for name in definition.member_names
                if (
                    name in definition.members.get(graph, ())
                    if definition.members
                    else graph in definitions[name].graphs
                )
            )
            for graph in definition.graphs
        }
    if definition.kind is not TypeKind.INTERFACE:
        return None
    objects = [definitions[name] for name in bits if definition.name in definitions[name].interface_names]
    return {
        graphs[graph].index: sum(
            bits[candidate.name]
            for candidate in objects
            if graph in candidate.graphs
            and (definition.name in candidate.implements.get(graph, ()) if candidate.implements else True)
        )
        for graph in definition.graphs
    }


def _build_keys(
    definition: _Definition, graphs: Mapping[str, Graph], tables: Mapping[str, TypeTable]
) -> dict[int, tuple[Key, ...]]:
    return {
        graphs[graph].index: tuple(
            Key(key.text, parse_field_set(key.text, definition.name, types=tables), resolvable=key.resolvable)
            for key in keys
        )
        for graph, keys in definition.keys.items()
        if keys
    }


def _build_fields(
    definition: _Definition, graphs: Mapping[str, Graph], tables: Mapping[str, TypeTable] | None
) -> dict[str, FieldTable]:
    """Return the field tables; without `tables`, requirements and provisions are left out."""
    fields: dict[str, FieldTable] = {}
    for node in definition.field_nodes:
        name = node.name.value
        type_name, list_depth = _unwrap(node.type)
        fields[name] = FieldTable(
            name=name,
            type_text=print_ast(node.type),
            type_name=type_name,
            list_depth=list_depth,
            graphs={
                graphs[graph].index: _build_graph_field(definition, facts, tables)
                for graph, facts in definition.fields[name].items()
            },
            is_inaccessible=_has_directive(node, "inaccessible"),
            authorization=_authorization(node),
        )
    return fields


def _build_graph_field(
    definition: _Definition, facts: _FieldFacts, tables: Mapping[str, TypeTable] | None
) -> GraphField:
    type_name, list_depth = _unwrap(parse_type(facts.type_text, no_location=True))
    return GraphField(
        type_text=facts.type_text,
        type_name=type_name,
        list_depth=list_depth,
        is_resolvable=not facts.external and not facts.used_overridden,
        requires=parse_field_set(facts.requires, definition.name, types=tables) if tables and facts.requires else None,
        provides=parse_field_set(facts.provides, type_name, types=tables) if tables and facts.provides else None,
    )


def _unwrap(node: TypeNode) -> tuple[str, int]:
    depth = 0
    while not isinstance(node, NamedTypeNode):
        assert isinstance(node, ListTypeNode | NonNullTypeNode)
        depth += isinstance(node, ListTypeNode)
        node = node.type
    return node.name.value, depth


def _has_directive(node: object, name: str) -> bool:
    return any(True for _ in _arguments_of(node, name))


def _authorization(node: object) -> Authorization | None:
    for arguments in _arguments_of(node, "requiresScopes"):
        scopes = arguments.get("scopes")
        if isinstance(scopes, list):
            return Authorization(tuple(tuple(str(scope) for scope in group) for group in scopes))
    return Authorization() if _has_directive(node, "authenticated") else None
