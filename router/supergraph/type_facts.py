"""What the join directives of one type definition say, by `join__Graph` value; the graphs have no numbers yet."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from functools import cached_property

from graphql import (
    ConstDirectiveNode,
    DefinitionNode,
    EnumTypeDefinitionNode,
    FieldDefinitionNode,
    InputObjectTypeDefinitionNode,
    InterfaceTypeDefinitionNode,
    ObjectTypeDefinitionNode,
    ScalarTypeDefinitionNode,
    UnionTypeDefinitionNode,
    print_ast,
    value_from_ast_untyped,
)

from router.errors import InvalidSupergraphError
from router.supergraph.tables import TypeKind

KINDS: Mapping[type[DefinitionNode], TypeKind] = {
    ObjectTypeDefinitionNode: TypeKind.OBJECT,
    InterfaceTypeDefinitionNode: TypeKind.INTERFACE,
    UnionTypeDefinitionNode: TypeKind.UNION,
    EnumTypeDefinitionNode: TypeKind.ENUM,
    ScalarTypeDefinitionNode: TypeKind.SCALAR,
    InputObjectTypeDefinitionNode: TypeKind.INPUT_OBJECT,
}


def arguments_of(node: object, directive_name: str) -> Iterable[Mapping[str, object]]:
    """Yield the arguments of each application of a directive, as plain values."""
    directives: tuple[ConstDirectiveNode, ...] = getattr(node, "directives", None) or ()
    for directive in directives:
        if directive.name.value == directive_name:
            yield {
                argument.name.value: value_from_ast_untyped(argument.value) for argument in directive.arguments or ()
            }


@dataclass(slots=True)
class FieldFacts:
    """A field as one graph declares it."""

    type_text: str
    external: bool = False
    used_overridden: bool = False
    requires: str | None = None
    provides: str | None = None
    contexts: tuple[ContextFacts, ...] = ()

    def describe(self) -> str:
        # A context's name begins with that of its graph, which is not to matter.
        contexts = [(found.name, found.type_text, found.selection) for found in self.contexts]
        return f"{self.type_text} {self.external} {self.used_overridden} {self.requires} {self.provides} {contexts}"


@dataclass(frozen=True, slots=True)
class ContextFacts:
    """An argument that takes its value from a context, as the supergraph lists it."""

    name: str
    type_text: str
    context: str
    selection: str


@dataclass(slots=True)
class KeyFacts:
    """A key of one graph."""

    text: str
    resolvable: bool
    extension: bool


def _contexts(listed: object) -> tuple[ContextFacts, ...]:
    found = [item for item in (listed if isinstance(listed, list) else []) if isinstance(item, dict)]
    return tuple(
        ContextFacts(str(item["name"]), str(item["type"]), str(item["context"]), str(item["selection"]))
        for item in found
    )


@dataclass
class TypeFacts:
    """One type definition and what its join directives say, by `join__Graph` value.

    Attributes:
        all_graphs: Name and url of every graph of the supergraph.
    """

    node: DefinitionNode
    all_graphs: Mapping[str, tuple[str, str]]
    graphs: list[str] = field(default_factory=list)
    keys: dict[str, list[KeyFacts]] = field(default_factory=dict)
    interface_object: set[str] = field(default_factory=set)
    fields: dict[str, dict[str, FieldFacts]] = field(default_factory=dict)
    implements: dict[str, set[str]] = field(default_factory=dict)
    members: dict[str, set[str]] = field(default_factory=dict)
    labels: set[str] = field(default_factory=set)

    @cached_property
    def name(self) -> str:
        return self.node.name.value  # type: ignore[attr-defined,no-any-return]  # every type definition has one

    @cached_property
    def kind(self) -> TypeKind:
        return KINDS[type(self.node)]

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
    def contexts(self) -> frozenset[str]:
        """Names of the contexts that objects of this type set."""
        return frozenset(str(arguments.get("name")) for arguments in arguments_of(self.node, "context"))

    @cached_property
    def member_names(self) -> tuple[str, ...]:
        node = self.node
        return (
            tuple(member.name.value for member in node.types or ()) if isinstance(node, UnionTypeDefinitionNode) else ()
        )

    def read(self, active_labels: frozenset[str]) -> None:
        for arguments in arguments_of(self.node, "join__type"):
            graph = self._known_graph(arguments)
            if graph not in self.graphs:
                self.graphs.append(graph)
                self.keys[graph] = []
            if arguments.get("key"):
                self.keys[graph].append(
                    KeyFacts(
                        str(arguments["key"]),
                        resolvable=arguments.get("resolvable", True) is True,
                        extension=arguments.get("extension", False) is True,
                    )
                )
            if arguments.get("isInterfaceObject"):
                self.interface_object.add(graph)
        owners = [str(arguments["graph"]) for arguments in arguments_of(self.node, "join__owner")]
        if not self.graphs:  # join v0.1 does not mark value types and root types
            self.graphs = list(self.all_graphs)
            self.keys = {graph: [] for graph in self.graphs}
        for arguments in arguments_of(self.node, "join__implements"):
            self.implements.setdefault(str(arguments["graph"]), set()).add(str(arguments["interface"]))
        for arguments in arguments_of(self.node, "join__unionMember"):
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
        facts: dict[str, FieldFacts] = {}
        applications = list(arguments_of(node, "join__field"))
        for arguments in applications:
            if arguments.get("graph") is not None:
                self._read_join_field(arguments, type_text, facts)
        if not applications:
            facts = {graph: FieldFacts(type_text) for graph in owners or self.graphs}
        if owners:  # join v0.1: the keys of an entity are known wherever it is extended
            for graph, keys in self.keys.items():
                if any(node.name.value in key.text.split() for key in keys):
                    facts.setdefault(graph, FieldFacts(type_text))
        self._apply_labels(applications, facts, active_labels)
        self.fields[node.name.value] = facts

    def _read_join_field(self, arguments: Mapping[str, object], type_text: str, facts: dict[str, FieldFacts]) -> None:
        requires, provides = arguments.get("requires"), arguments.get("provides")
        facts[self._known_graph(arguments)] = FieldFacts(
            str(arguments.get("type") or type_text),
            external=arguments.get("external") is True,
            used_overridden=arguments.get("usedOverridden") is True,
            requires=str(requires) if requires else None,
            provides=str(provides) if provides else None,
            contexts=_contexts(arguments.get("contextArguments")),
        )

    def _apply_labels(
        self,
        applications: list[Mapping[str, object]],
        facts: Mapping[str, FieldFacts],
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
                if any(arguments["graph"] == graph for arguments in arguments_of(value, "join__enumValue"))
            )
        return lines
