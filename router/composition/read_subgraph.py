"""Reads one subgraph's SDL into a `SubgraphSchema`.

Parse, read the links, leave the federation machinery out, validate as GraphQL, rename root types, and give every
directive its canonical name. Rules about what federation directives may say are in validate_subgraph/.
"""

from collections.abc import Iterator, Sequence
from dataclasses import replace

from graphql import (
    DefinitionNode,
    DirectiveDefinitionNode,
    DirectiveNode,
    DocumentNode,
    EnumTypeDefinitionNode,
    EnumTypeExtensionNode,
    FieldDefinitionNode,
    GraphQLSyntaxError,
    InputObjectTypeDefinitionNode,
    InputObjectTypeExtensionNode,
    InputValueDefinitionNode,
    InterfaceTypeDefinitionNode,
    InterfaceTypeExtensionNode,
    Node,
    ObjectTypeDefinitionNode,
    ObjectTypeExtensionNode,
    ScalarTypeDefinitionNode,
    ScalarTypeExtensionNode,
    SchemaDefinitionNode,
    SchemaExtensionNode,
    StringValueNode,
    TypeDefinitionNode,
    TypeExtensionNode,
    UnionTypeDefinitionNode,
    UnionTypeExtensionNode,
)

from router.composition.errors import Report, subgraph_list, subgraph_subject
from router.composition.field_sets import FieldSetError, parse_field_set, selected_fields
from router.composition.links import FEDERATION_1, LinkedNames, read_links
from router.composition.model import (
    AppliedDirective,
    DirectiveDefinition,
    Element,
    InputValue,
    Kind,
    OutputField,
    SubgraphSchema,
    TypeDefinition,
    own_name,
)
from router.composition.parse_sdl import parse_sdl
from router.composition.specifications import (
    BUILT_IN_SCALARS,
    LINK_DIRECTIVE,
    MACHINERY_FIELDS,
    MACHINERY_PREFIXES,
    MACHINERY_TYPES,
)
from router.composition.subgraph import Subgraph
from router.composition.type_text import named_type, text_of
from router.composition.validate_subgraph.check_graphql import check_graphql
from router.composition.validate_subgraph.check_machinery import check_directive_definition, check_machinery_type
from router.supergraph.derive_api_schema import EXECUTABLE_LOCATIONS

TypeNode = TypeDefinitionNode | TypeExtensionNode

_KINDS: dict[type[Node], Kind] = {
    ScalarTypeDefinitionNode: Kind.SCALAR,
    ScalarTypeExtensionNode: Kind.SCALAR,
    ObjectTypeDefinitionNode: Kind.OBJECT,
    ObjectTypeExtensionNode: Kind.OBJECT,
    InterfaceTypeDefinitionNode: Kind.INTERFACE,
    InterfaceTypeExtensionNode: Kind.INTERFACE,
    UnionTypeDefinitionNode: Kind.UNION,
    UnionTypeExtensionNode: Kind.UNION,
    EnumTypeDefinitionNode: Kind.ENUM,
    EnumTypeExtensionNode: Kind.ENUM,
    InputObjectTypeDefinitionNode: Kind.INPUT,
    InputObjectTypeExtensionNode: Kind.INPUT,
}
_BUILT_IN_DIRECTIVES = frozenset({"deprecated", "specifiedBy", "oneOf"})
_SPREAD_OVER_FIELDS = ("shareable", "external")
_ROOTS = {"query": "Query", "mutation": "Mutation", "subscription": "Subscription"}


def read_subgraph(subgraph: Subgraph, *, report: Report) -> SubgraphSchema | None:
    """Return the subgraph's schema, or None when its links or its GraphQL are not valid; why is in the report."""
    try:
        document = parse_sdl(subgraph.sdl)
    except GraphQLSyntaxError as error:
        line, column = error.locations[0] if error.locations else (0, 0)
        report.error(
            "INVALID_GRAPHQL",
            f"The SDL of {subgraph_list([subgraph.name])} does not parse at line {line}, column {column}:"
            f" {error.message}",
            subgraphs=[subgraph.name],
        )
        return None
    errors_before = len(report.errors)
    names = read_links(document, subgraph=subgraph.name, report=report)
    if any(error.code != "UNKNOWN_FEDERATION_LINK_VERSION" for error in report.errors[errors_before:]):
        return None  # which names mean what is not known; of an unknown version, no name means anything
    roots = _root_names(document)
    definitions = list(_own_definitions(document, names, roots=roots, subgraph=subgraph.name, report=report))
    if not check_graphql(definitions, names, query=roots["query"], subgraph=subgraph.name, report=report):
        return None
    own = {node.name.value: node for node in definitions if isinstance(node, DirectiveDefinitionNode)}
    names.own = {name for name in own if names.feature_of(name) is not None}
    types = _read_types(definitions, names)
    if not _rename_roots(types, roots, subgraph=subgraph.name, report=report):
        return None
    schema = SubgraphSchema(
        subgraph.name,
        subgraph.url,
        version=names.version,
        types=types,
        features=tuple(names.features),
        local_names=_local_names(names),
        directive_nodes=own,
    )
    # A subgraph always answers `_service`, so it always has the query type.
    schema.types.setdefault("Query", TypeDefinition("Query"))
    schema.executable_directives = {
        node.name.value: directive
        for node in definitions
        if isinstance(node, DirectiveDefinitionNode) and (directive := _read_definition(node, names)).locations
    }
    schema.directives = [
        directive
        for node in definitions
        if isinstance(node, SchemaDefinitionNode | SchemaExtensionNode)
        for directive in _read_directives(node.directives or (), names)
    ]
    _admit_external_keys_of_extensions(definitions, names, schema)
    return schema


def _local_names(names: LinkedNames) -> dict[str, str]:
    """Return canonical name to local name, of the federation directives."""
    return {canonical: local for local, canonical in names.directives.items()}


def _root_names(document: DocumentNode) -> dict[str, str]:
    roots = dict(_ROOTS)
    for definition in document.definitions:
        if isinstance(definition, SchemaDefinitionNode | SchemaExtensionNode):
            for operation in definition.operation_types or ():
                roots[operation.operation.value] = operation.type.name.value
    return roots


def _own_definitions(
    document: DocumentNode, names: LinkedNames, *, roots: dict[str, str], subgraph: str, report: Report
) -> Iterator[DefinitionNode]:
    """Yield the definitions that are the subgraph's own, without the federation machinery.

    A root type that held nothing but machinery is left out.
    """
    for node in document.definitions:
        if isinstance(node, DirectiveDefinitionNode):
            if node.name.value in names.directives:
                check_directive_definition(node, names.directives[node.name.value], subgraph=subgraph, report=report)
            elif node.name.value == LINK_DIRECTIVE:
                check_directive_definition(node, LINK_DIRECTIVE, subgraph=subgraph, report=report)
            elif node.name.value != "core":
                yield node
        elif isinstance(node, TypeDefinitionNode | TypeExtensionNode):
            own = _own_part(node, names, query=roots["query"])
            if own is not None:
                yield own
            elif node.name.value in names.types or node.name.value.startswith("link__"):
                check_machinery_type(node, subgraph=subgraph, report=report)
        else:
            yield node


def _own_part(node: TypeNode, names: LinkedNames, *, query: str) -> TypeNode | None:
    name = node.name.value
    if (
        name in BUILT_IN_SCALARS
        or name in MACHINERY_TYPES
        or name in names.types
        or name.startswith(MACHINERY_PREFIXES)
    ):
        return None
    if name != query or not isinstance(node, ObjectTypeDefinitionNode | ObjectTypeExtensionNode):
        return node
    fields = tuple(field for field in node.fields or () if field.name.value not in MACHINERY_FIELDS)
    if not fields and not node.directives:
        return None
    return node if len(fields) == len(node.fields or ()) else replace(node, fields=fields)


def _read_types(definitions: Sequence[DefinitionNode], names: LinkedNames) -> dict[str, TypeDefinition]:
    types: dict[str, TypeDefinition] = {}
    defined = {node.name.value for node in definitions if isinstance(node, TypeDefinitionNode)}
    for node in definitions:
        if isinstance(node, TypeDefinitionNode | TypeExtensionNode):
            name = node.name.value
            merged = types.setdefault(
                name, TypeDefinition(name, kind=_KINDS[type(node)], is_extension=name not in defined)
            )
            _add_to_type(node, merged, names)
    for merged in types.values():
        if merged.uses("extends"):
            merged.is_extension = True
    return types


def _add_to_type(node: TypeNode, merged: TypeDefinition, names: LinkedNames) -> None:
    if isinstance(node, TypeDefinitionNode) and node.description:
        merged.description = node.description.value
    directives = _read_directives(node.directives or (), names)
    if names.version == FEDERATION_1:
        # Federation 1 put it on whole types too, where it meant nothing.
        directives = [directive for directive in directives if directive.name != "external"]
    spread = [directive for directive in directives if directive.name in _SPREAD_OVER_FIELDS]
    merged.directives += [directive for directive in directives if directive not in spread]
    match node:
        case (
            ObjectTypeDefinitionNode()
            | ObjectTypeExtensionNode()
            | InterfaceTypeDefinitionNode()
            | InterfaceTypeExtensionNode()
        ):
            merged.interfaces += [interface.name.value for interface in node.interfaces or ()]
            for field_node in node.fields or ():
                field = _read_field(field_node, names)
                # On a type, these two speak of the fields of this very block.
                field.directives += [directive for directive in spread if not field.uses(directive.name)]
                merged.fields[field.name] = field
        case InputObjectTypeDefinitionNode() | InputObjectTypeExtensionNode():
            merged.inputs |= {item.name.value: _read_input(item, names) for item in node.fields or ()}
        case UnionTypeDefinitionNode() | UnionTypeExtensionNode():
            merged.members += [member.name.value for member in node.types or ()]
        case EnumTypeDefinitionNode() | EnumTypeExtensionNode():
            for value in node.values or ():
                merged.values[value.name.value] = Element(
                    value.name.value, _text(value.description), _read_directives(value.directives or (), names)
                )


def _read_field(node: FieldDefinitionNode, names: LinkedNames) -> OutputField:
    return OutputField(
        node.name.value,
        _text(node.description),
        _read_directives(node.directives or (), names),
        type=text_of(node.type),
        arguments={argument.name.value: _read_input(argument, names) for argument in node.arguments or ()},
    )


def _read_input(node: InputValueDefinitionNode, names: LinkedNames) -> InputValue:
    return InputValue(
        node.name.value,
        _text(node.description),
        _read_directives(node.directives or (), names),
        type=text_of(node.type),
        default=node.default_value,
    )


def _read_definition(node: DirectiveDefinitionNode, names: LinkedNames) -> DirectiveDefinition:
    return DirectiveDefinition(
        node.name.value,
        _text(node.description),
        arguments={argument.name.value: _read_input(argument, names) for argument in node.arguments or ()},
        locations=sorted(location.value for location in node.locations if location.value in EXECUTABLE_LOCATIONS),
        is_repeatable=node.repeatable,
    )


def _text(node: StringValueNode | None) -> str | None:
    return node.value if node is not None and node.value else None


def _read_directives(nodes: Sequence[DirectiveNode], names: LinkedNames) -> list[AppliedDirective]:
    """Return the directives that composition knows or may be asked to compose; other ones stay in the subgraph."""
    found = []
    for node in nodes:
        local = node.name.value
        name = names.directives.get(local) or (local if local in _BUILT_IN_DIRECTIVES else None)
        if name is None and local in names.own:
            name = own_name(local)
        if name is not None:
            arguments = {argument.name.value: argument.value for argument in node.arguments or ()}
            found.append(AppliedDirective(name, arguments))
    return found


def _rename_roots(types: dict[str, TypeDefinition], roots: dict[str, str], *, subgraph: str, report: Report) -> bool:
    renamed: dict[str, str] = {}
    for operation, canonical in _ROOTS.items():
        local = roots[operation]
        if local == canonical or local not in types:
            continue
        if canonical in types:
            report.error(
                f"ROOT_{operation.upper()}_USED",
                f'{subgraph_subject([subgraph])} has "{local}" as its {operation} root and another type named'
                f' "{canonical}". Rename that type: the supergraph\'s {operation} root is always "{canonical}".',
                subgraphs=[subgraph],
            )
            return False
        renamed[local] = canonical
    if not renamed:
        return True
    for local, canonical in renamed.items():
        types[canonical] = types.pop(local)
        types[canonical].name = canonical
    for merged in types.values():
        merged.members = [renamed.get(member, member) for member in merged.members]
        for field in merged.fields.values():
            name = named_type(field.type)
            if name in renamed:
                field.type = field.type.replace(name, renamed[name])
    return True


def _admit_external_keys_of_extensions(
    definitions: Sequence[DefinitionNode], names: LinkedNames, schema: SubgraphSchema
) -> None:
    """Drop `@external` from the key fields of an extension.

    There it only says that the type is defined elsewhere: the extending subgraph gets the value with the reference and
    can hand it on.
    """
    for node in definitions:
        if not isinstance(node, TypeDefinitionNode | TypeExtensionNode):
            continue
        directives = _read_directives(node.directives or (), names)
        if isinstance(node, TypeExtensionNode) or any(directive.name == "extends" for directive in directives):
            for key in (directive for directive in directives if directive.name == "key"):
                _admit_external_key(node.name.value, key.text("fields"), schema)


def _admit_external_key(type_name: str, fields: str | None, schema: SubgraphSchema) -> None:
    if fields is None or type_name not in schema.types:
        return
    try:
        for selected in selected_fields(parse_field_set(fields), of=type_name, schema=schema):
            selected.field.drop("external")
    except FieldSetError:
        return  # said by the check of keys
