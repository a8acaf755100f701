"""The supergraph while it is merged: plain data, filled rule by rule. The subgraphs that go into it: model.py."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field

from graphql import DirectiveDefinitionNode

from router.composition.linked_feature import LinkedFeature
from router.composition.model import (
    AppliedDirective,
    Element,
    InputValue,
    Kind,
    SubgraphSchema,
    TypeDefinition,
    own_name,
)


@dataclass(frozen=True, slots=True)
class ContextArgument:
    """An argument that a subgraph takes from an object above: which context, and what is selected there."""

    name: str
    type: str
    context: str
    selection: str


@dataclass(slots=True)
class JoinField:
    """One `@join__field`: how a subgraph takes part in a field. Without `graph`: see the interface's field."""

    graph: str | None = None
    requires: str | None = None
    provides: str | None = None
    type: str | None = None
    is_external: bool = False
    override: str | None = None
    is_used_overridden: bool = False
    override_label: str | None = None
    context_arguments: tuple[ContextArgument, ...] = ()

    @property
    def is_plain(self) -> bool:
        """Whether the subgraph simply has the field. An override by itself says nothing: what it took is not there."""
        return (
            self.requires is None
            and self.provides is None
            and self.type is None
            and not self.is_external
            and not self.is_used_overridden
            and self.override_label is None
            and not self.context_arguments
        )


@dataclass(slots=True)
class JoinType:
    """One `@join__type`: a subgraph that has the type, and one of its keys there."""

    graph: str
    key: str | None = None
    is_extension: bool = False
    is_resolvable: bool = True
    is_interface_object: bool = False


@dataclass(slots=True)
class MergedInput(InputValue):
    """An input field or argument of the supergraph."""

    joins: list[JoinField] = field(default_factory=list)


@dataclass(slots=True)
class MergedField(Element):
    """A field of the supergraph."""

    type: str = ""
    arguments: dict[str, MergedInput] = field(default_factory=dict)
    joins: list[JoinField] = field(default_factory=list)


@dataclass(slots=True)
class MergedDirectiveDefinition(Element):
    """A directive that clients may write in operations over the supergraph."""

    arguments: dict[str, MergedInput] = field(default_factory=dict)
    locations: list[str] = field(default_factory=list)
    is_repeatable: bool = False


@dataclass(slots=True)
class MergedEnumValue(Element):
    """An enum value of the supergraph and the graphs that have it."""

    graphs: list[str] = field(default_factory=list)


@dataclass(slots=True)
class MergedType(Element):
    """A type of the supergraph."""

    kind: Kind = Kind.OBJECT
    joins: list[JoinType] = field(default_factory=list)
    implements: list[tuple[str, str]] = field(default_factory=list)  # (graph, interface)
    fields: dict[str, MergedField] = field(default_factory=dict)
    inputs: dict[str, MergedInput] = field(default_factory=dict)
    members: dict[str, list[str]] = field(default_factory=dict)  # member to graphs
    values: dict[str, MergedEnumValue] = field(default_factory=dict)

    @property
    def interfaces(self) -> list[str]:
        """The interfaces that the type implements in any graph, each once."""
        return list(dict.fromkeys(interface for _, interface in self.implements))

    @property
    def is_inaccessible(self) -> bool:
        """Whether clients cannot see the type."""
        return self.uses("inaccessible")


@dataclass(frozen=True, slots=True)
class LabelledOverride:
    """A field that moves from one subgraph to another for the requests that a label chooses."""

    label: str
    source: tuple[str, str, str]  # (subgraph, type, field)
    target: tuple[str, str, str]


@dataclass(frozen=True, slots=True)
class ComposedDirective:
    """A directive that subgraphs define themselves and ask to have composed.

    Attributes:
        name: What it is called, in the subgraphs and in the supergraph.
        feature: The specification that defines it, in the newest version that a subgraph composes.
        name_there: What that specification calls it.
        node: The definition that the supergraph has.
    """

    name: str
    feature: LinkedFeature
    name_there: str
    node: DirectiveDefinitionNode


@dataclass(slots=True)
class MergedSchema:
    """The supergraph while it is merged. Types are in the order of their names.

    Attributes:
        version: The newest federation version that a subgraph asks for.
        directive_names: What the supergraph calls the directives of federation that have another name in it.
        composed: Directives of the subgraphs' own, by name.
    """

    subgraphs: Sequence[SubgraphSchema]
    version: tuple[int, int] = (1, 0)
    directives: list[AppliedDirective] = field(default_factory=list)
    directive_names: dict[str, str] = field(default_factory=dict)
    composed: dict[str, ComposedDirective] = field(default_factory=dict)
    types: dict[str, MergedType] = field(default_factory=dict)
    executable_directives: dict[str, MergedDirectiveDefinition] = field(default_factory=dict)
    overridden: set[tuple[str, str, str]] = field(default_factory=set)  # (subgraph, type, field)
    labelled: list[LabelledOverride] = field(default_factory=list)

    def printed_name(self, directive: str) -> str:
        """Return what the supergraph calls a directive, from its canonical name."""
        return self.directive_names.get(directive, directive).removeprefix(own_name(""))

    def elements(self) -> Iterator[Element]:
        """Yield everything but the schema itself that may have directives."""
        for merged in self.types.values():
            yield merged
            yield from merged.inputs.values()
            yield from merged.values.values()
            for field_ in merged.fields.values():
                yield field_
                yield from field_.arguments.values()
        for directive in self.executable_directives.values():
            yield from directive.arguments.values()

    def sources(self, type_name: str) -> list[tuple[SubgraphSchema, TypeDefinition]]:
        """Return the subgraphs that declare the type, with their declaration, in order."""
        return [(subgraph, subgraph.types[type_name]) for subgraph in self.subgraphs if type_name in subgraph.types]

    def possible_types(self, type_name: str) -> list[str]:
        """Return the object types that a value of the type may have in the supergraph."""
        found = self.types.get(type_name)
        if found is None:
            return []
        if found.kind is Kind.UNION:
            return list(found.members)
        if found.kind is Kind.INTERFACE:
            return self.implementations_of(type_name)
        return [type_name]

    def implementations_of(self, interface: str) -> list[str]:
        """Return the object types that implement the interface in any graph."""
        return [
            name for name, merged in self.types.items() if merged.kind is Kind.OBJECT and interface in merged.interfaces
        ]

    def is_subtype(self, candidate: str, of: str) -> bool:
        """Whether every value of the first named type is one of the second."""
        if candidate == of:
            return True
        abstract = self.types.get(of)
        if abstract is None or candidate not in self.types:
            return False
        if abstract.kind is Kind.UNION:
            return candidate in abstract.members
        return abstract.kind is Kind.INTERFACE and of in self.types[candidate].interfaces
