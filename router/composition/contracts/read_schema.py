"""Reads of a supergraph what a contract is decided by: its elements, their tags, and what is hidden already.

Nothing of the join specification is read; reading a supergraph to run it is done in `router.supergraph`.
"""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass

from graphql import (
    ConstDirectiveNode,
    DirectiveDefinitionNode,
    DocumentNode,
    EnumTypeDefinitionNode,
    InputObjectTypeDefinitionNode,
    InputValueDefinitionNode,
    InterfaceTypeDefinitionNode,
    ObjectTypeDefinitionNode,
    ScalarTypeDefinitionNode,
    SchemaDefinitionNode,
    TypeDefinitionNode,
    UnionTypeDefinitionNode,
    print_ast,
)

from router.composition.errors import Report
from router.composition.linked_feature import LinkedFeature, read_link
from router.composition.merged_model import (
    MergedDirectiveDefinition,
    MergedEnumValue,
    MergedField,
    MergedInput,
    MergedSchema,
    MergedType,
)
from router.composition.model import AppliedDirective, Kind
from router.supergraph.derive_api_schema import EXECUTABLE_LOCATIONS

_KINDS: dict[type[TypeDefinitionNode], Kind] = {
    ScalarTypeDefinitionNode: Kind.SCALAR,
    ObjectTypeDefinitionNode: Kind.OBJECT,
    InterfaceTypeDefinitionNode: Kind.INTERFACE,
    UnionTypeDefinitionNode: Kind.UNION,
    EnumTypeDefinitionNode: Kind.ENUM,
    InputObjectTypeDefinitionNode: Kind.INPUT,
}


@dataclass(frozen=True, slots=True)
class SupergraphNames:
    """What a supergraph calls the two directives that a contract is about, and its root types."""

    tag: str
    inaccessible: str
    links_inaccessible: bool
    roots: tuple[str, ...]


def read_names(document: DocumentNode, *, report: Report) -> SupergraphNames | None:
    """Return the names of a supergraph, None when it is none."""
    for node in document.definitions:
        if isinstance(node, SchemaDefinitionNode):
            links = [applied for applied in node.directives or () if applied.name.value == "link"]
            read = (read_link(applied, subgraph="supergraph", report=report) for applied in links)
            features = {feature.name: feature for feature in read if feature is not None and feature.is_of_federation}
            if "join" in features:
                roots = tuple(operation.type.name.value for operation in node.operation_types)
                return SupergraphNames(
                    _local("tag", features),
                    _local("inaccessible", features),
                    "inaccessible" in features,
                    roots,
                )
    return None


def _local(name: str, features: dict[str, LinkedFeature]) -> str:
    return features[name].local_name(name) if name in features else name


def read_schema(document: DocumentNode, names: SupergraphNames) -> MergedSchema:
    """Return the types of a supergraph and its directives for operations, without the machinery of federation."""
    schema = MergedSchema(())
    for node in document.definitions:
        if isinstance(node, DirectiveDefinitionNode):
            if any(location.value in EXECUTABLE_LOCATIONS for location in node.locations):
                name = node.name.value
                schema.executable_directives[name] = MergedDirectiveDefinition(
                    name, arguments=_inputs(node.arguments or (), names)
                )
        elif isinstance(node, TypeDefinitionNode) and not node.name.value.startswith(("join__", "link__", "core__")):
            schema.types[node.name.value] = _read_type(node, names)
    return schema


def _read_type(node: TypeDefinitionNode, names: SupergraphNames) -> MergedType:
    merged = MergedType(node.name.value, directives=_directives(node.directives or (), names), kind=_KINDS[type(node)])
    match node:
        case ObjectTypeDefinitionNode() | InterfaceTypeDefinitionNode():
            merged.implements = [("", interface.name.value) for interface in node.interfaces or ()]
            for field in node.fields or ():
                merged.fields[field.name.value] = MergedField(
                    field.name.value,
                    directives=_directives(field.directives or (), names),
                    type=print_ast(field.type),
                    arguments=_inputs(field.arguments or (), names),
                )
        case InputObjectTypeDefinitionNode():
            merged.inputs = _inputs(node.fields or (), names)
        case UnionTypeDefinitionNode():
            merged.members = {member.name.value: [] for member in node.types or ()}
        case EnumTypeDefinitionNode():
            for value in node.values or ():
                name = value.name.value
                merged.values[name] = MergedEnumValue(name, directives=_directives(value.directives or (), names))
    return merged


def _inputs(nodes: Iterable[InputValueDefinitionNode], names: SupergraphNames) -> dict[str, MergedInput]:
    return {
        node.name.value: MergedInput(
            node.name.value,
            directives=_directives(node.directives or (), names),
            type=print_ast(node.type),
            default=node.default_value,
        )
        for node in nodes
    }


def _directives(nodes: Sequence[ConstDirectiveNode], names: SupergraphNames) -> list[AppliedDirective]:
    canonical = {names.tag: "tag", names.inaccessible: "inaccessible"}
    return [
        AppliedDirective(
            canonical[node.name.value], {argument.name.value: argument.value for argument in node.arguments or ()}
        )
        for node in nodes
        if node.name.value in canonical
    ]
