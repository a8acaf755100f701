"""One subgraph, as composition reads it. The supergraph that subgraphs are merged into: merged_model.py.

Plain data. Directives carry their canonical name (`key`), whatever a subgraph imported them as; what a directive means
is said by the rule that reads it.
"""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from enum import Enum

from graphql import (
    BooleanValueNode,
    DirectiveDefinitionNode,
    SelectionSetNode,
    StringValueNode,
    ValueNode,
    print_ast,
    value_from_ast_untyped,
)

from router.composition.linked_feature import LinkedFeature


class Kind(Enum):
    """The six kinds of GraphQL type, by the word that SDL uses."""

    SCALAR = "scalar"
    OBJECT = "type"
    INTERFACE = "interface"
    UNION = "union"
    ENUM = "enum"
    INPUT = "input"


COMPOSITE_KINDS = frozenset({Kind.OBJECT, Kind.INTERFACE, Kind.UNION})
ROOT_TYPES = ("Query", "Mutation", "Subscription")


def own_name(local: str) -> str:
    """Return the canonical name of a directive that is a subgraph's own: no directive of federation has an "@"."""
    return f"@{local}"


@dataclass(frozen=True, slots=True)
class AppliedDirective:
    """One use of a directive, under its canonical name.

    `is_repeatable` is known only of those that the subgraphs define themselves (`own_name`).
    """

    name: str
    arguments: Mapping[str, ValueNode] = field(default_factory=dict)
    is_repeatable: bool = False

    def text(self, argument: str) -> str | None:
        """Return a string argument, or None when it is absent or not a string."""
        value = self.arguments.get(argument)
        return value.value if isinstance(value, StringValueNode) else None

    def flag(self, argument: str, *, default: bool) -> bool:
        """Return a boolean argument, or the default when it is absent or not a boolean."""
        value = self.arguments.get(argument)
        return value.value if isinstance(value, BooleanValueNode) else default

    def untyped(self, argument: str) -> object:
        """Return an argument as plain Python data, None when it is absent."""
        value = self.arguments.get(argument)
        return None if value is None else value_from_ast_untyped(value)

    def texts(self, argument: str) -> list[str]:
        """Return an argument that is a list of strings; as always in GraphQL, one string stands for a list of it."""
        value = self.untyped(argument)
        items = value if isinstance(value, list) else [value]
        return [item for item in items if isinstance(item, str)]

    def alternatives(self, argument: str) -> frozenset[frozenset[str]]:
        """Return an argument that is a list of lists of strings: any of several sets."""
        value = self.untyped(argument)
        groups = value if isinstance(value, list) else [] if value is None else [value]
        return frozenset(frozenset(map(str, group if isinstance(group, list) else [group])) for group in groups)

    def arguments_text(self) -> str:
        """Return the arguments as SDL, sorted by name: equal uses have equal text."""
        return ", ".join(f"{name}: {print_ast(self.arguments[name])}" for name in sorted(self.arguments))

    def as_named(self, name: str) -> str:
        """Return the use as SDL under another name."""
        arguments = self.arguments_text()
        return f"@{name}({arguments})" if arguments else f"@{name}"

    def __str__(self) -> str:
        return self.as_named(self.name)


@dataclass(slots=True)
class Element:
    """Anything in a schema that has a name, a description and directives."""

    name: str
    description: str | None = None
    directives: list[AppliedDirective] = field(default_factory=list)

    def uses(self, directive: str) -> bool:
        """Whether the directive is applied here."""
        for applied in self.directives:  # noqa: SIM110 - most have none, and a generator would cost more than looking
            if applied.name == directive:
                return True
        return False

    def applied(self, directive: str) -> AppliedDirective | None:
        """Return the first use of the directive here."""
        for applied in self.directives:
            if applied.name == directive:
                return applied
        return None

    def all_applied(self, directive: str) -> Iterator[AppliedDirective]:
        """Yield every use of the directive here."""
        return (applied for applied in self.directives if applied.name == directive)

    def drop(self, directive: str) -> None:
        """Remove every use of the directive here."""
        self.directives = [applied for applied in self.directives if applied.name != directive]


@dataclass(slots=True)
class InputValue(Element):
    """An argument of a field, or a field of an input object."""

    type: str = ""
    default: ValueNode | None = None

    @property
    def is_required(self) -> bool:
        """Whether a caller has to give it: not null and without a default."""
        return self.type.endswith("!") and self.default is None

    @property
    def default_text(self) -> str | None:
        """The default as SDL."""
        return None if self.default is None else print_ast(self.default)


@dataclass(slots=True)
class OutputField(Element):
    """A field of an object or interface."""

    type: str = ""
    arguments: dict[str, InputValue] = field(default_factory=dict)


@dataclass(slots=True)
class TypeDefinition(Element):
    """One type of a subgraph, its definition and extensions joined.

    Which of the containers are filled follows from the kind.
    """

    kind: Kind = Kind.OBJECT
    is_extension: bool = False
    interfaces: list[str] = field(default_factory=list)
    fields: dict[str, OutputField] = field(default_factory=dict)
    inputs: dict[str, InputValue] = field(default_factory=dict)
    members: list[str] = field(default_factory=list)
    values: dict[str, Element] = field(default_factory=dict)

    @property
    def is_interface_object(self) -> bool:
        """Whether this object stands for an interface of other subgraphs."""
        return self.uses("interfaceObject")

    @property
    def merged_kind(self) -> Kind:
        """The kind that the type has in the supergraph."""
        return Kind.INTERFACE if self.is_interface_object else self.kind


@dataclass(slots=True)
class DirectiveDefinition(Element):
    """A directive that clients may write in operations, with the places in operations where it may stand."""

    arguments: dict[str, InputValue] = field(default_factory=dict)
    locations: list[str] = field(default_factory=list)
    is_repeatable: bool = False


@dataclass(frozen=True, slots=True)
class Key:
    """One `@key` of a type in one subgraph; `fields` is the text as written there."""

    fields: str
    selection: SelectionSetNode
    is_resolvable: bool


@dataclass(slots=True)
class SubgraphSchema:
    """One subgraph, read: root types renamed, federation machinery removed, directives under canonical names.

    `graph` is its value in the enum `join__Graph`.
    """

    name: str
    url: str
    graph: str = ""
    version: tuple[int, int] = (1, 0)
    features: tuple[LinkedFeature, ...] = ()
    local_names: dict[str, str] = field(default_factory=dict)  # canonical name of a directive to the name here
    directive_nodes: dict[str, DirectiveDefinitionNode] = field(
        default_factory=dict
    )  # the subgraph's own, by local name
    directives: list[AppliedDirective] = field(default_factory=list)
    types: dict[str, TypeDefinition] = field(default_factory=dict)
    executable_directives: dict[str, DirectiveDefinition] = field(default_factory=dict)
    keys: dict[str, list[Key]] = field(default_factory=dict)
    implementations: dict[str, list[str]] = field(default_factory=dict)
    key_fields: set[tuple[str, str]] = field(default_factory=set)
    used_fields: set[tuple[str, str]] = field(default_factory=set)
    provided_fields: set[tuple[str, str]] = field(default_factory=set)

    @property
    def is_federation_1(self) -> bool:
        """Whether the subgraph links no federation specification."""
        return self.version < (2, 0)

    def elements(self) -> Iterator[tuple[str, Element]]:
        """Yield everything that may have directives, with its coordinate; the schema itself first."""
        yield "schema", Element("schema", directives=self.directives)
        for name, definition in self.types.items():
            yield name, definition
            for field_ in definition.fields.values():
                yield f"{name}.{field_.name}", field_
                for argument in field_.arguments.values():
                    yield f"{name}.{field_.name}({argument.name}:)", argument
            for child in (*definition.inputs.values(), *definition.values.values()):
                yield f"{name}.{child.name}", child
        for directive in self.executable_directives.values():
            for argument in directive.arguments.values():
                yield f"@{directive.name}({argument.name}:)", argument

    def field(self, type_name: str, field_name: str) -> OutputField | None:
        """Return a field of an object or interface of this subgraph."""
        found = self.types.get(type_name)
        return None if found is None else found.fields.get(field_name)

    def is_external(self, type_name: str, field_name: str) -> bool:
        """Whether the field is declared here, but resolved elsewhere."""
        found = self.field(type_name, field_name)
        return found is not None and found.uses("external")

    def is_shareable(self, type_name: str, field_name: str) -> bool:
        """Whether other subgraphs may resolve the field too: `@shareable`, or part of a key."""
        found = self.field(type_name, field_name)
        return found is not None and (found.uses("shareable") or (type_name, field_name) in self.key_fields)

    def possible_types(self, type_name: str) -> Sequence[str]:
        """Return the object types that a value of the type may have here; the type itself for an object."""
        found = self.types.get(type_name)
        if found is None:
            return ()
        if found.kind is Kind.UNION:
            return found.members
        if found.kind is Kind.INTERFACE:
            return self.implementations.get(type_name, ())
        return (type_name,)
