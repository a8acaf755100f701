"""`@authenticated`, `@requiresScopes` and `@policy`: what an operation demands of its viewer, and what is left of it.

What a viewer may not read is taken out of the document before it is planned, so nothing of it is fetched. The
projection works on the document as the client wrote it, and answers null with an error where something was taken out.
"""

from collections.abc import Callable, Collection, Iterator, Mapping
from dataclasses import dataclass, replace
from typing import Any

from graphql import (
    DocumentNode,
    FieldNode,
    FragmentDefinitionNode,
    FragmentSpreadNode,
    GraphQLInterfaceType,
    GraphQLNamedType,
    GraphQLObjectType,
    GraphQLSchema,
    InlineFragmentNode,
    NamedTypeNode,
    NameNode,
    OperationDefinitionNode,
    SelectionNode,
    SelectionSetNode,
    get_named_type,
    is_abstract_type,
)

from router.supergraph import Supergraph
from router.supergraph.tables import Authorization

UNAUTHENTICATED = "UNAUTHENTICATED"
UNAUTHORIZED = "FORBIDDEN"

Requirements = frozenset[Authorization]
Claims = Mapping[str, Any]
PolicyCheck = Callable[[frozenset[str], Claims | None], Collection[str]]

_NOTHING: Requirements = frozenset()
_TYPENAME = FieldNode(name=NameNode(value="__typename"), arguments=(), directives=())


def _no_policy(_asked: frozenset[str], _claims: Claims | None) -> Collection[str]:
    return ()


@dataclass(frozen=True, slots=True, kw_only=True)
class ViewerRules:
    """How requirements are judged by the claims of a token.

    Attributes:
        scopes_claim: Holds the viewer's scopes, as a list or as text with spaces between.
        policies: Takes the policies that an operation asks for and the claims, and returns those that hold.
    """

    scopes_claim: str = "scp"
    policies: PolicyCheck = _no_policy

    def scopes(self, claims: Claims | None) -> frozenset[str]:
        """Return the scopes that the viewer holds."""
        return frozenset(_texts((claims or {}).get(self.scopes_claim)))

    def unmet(self, requirements: tuple[Authorization, ...], claims: Claims | None) -> int:
        """Return a mask of the places in `requirements` that the viewer does not meet; None is nobody."""
        scopes = self.scopes(claims)
        asked = frozenset(name for found in requirements for group in found.policies for name in group)
        policies = frozenset(self.policies(asked, claims)) if asked else frozenset()
        return sum(
            1 << place
            for place, found in enumerate(requirements)
            if (found.authenticated and claims is None)
            or not _is_met(found.scopes, scopes)
            or not _is_met(found.policies, policies)
        )


def policies_in_claim(name: str) -> PolicyCheck:
    """Return the check that holds what the claim `name` lists."""

    def check(_: frozenset[str], claims: Claims | None) -> Collection[str]:
        return _texts((claims or {}).get(name))

    return check


def _is_met(any_of: tuple[tuple[str, ...], ...], held: frozenset[str]) -> bool:
    return not any_of or any(held.issuperset(group) for group in any_of)


def _texts(claim: object) -> list[str]:
    found = claim.split() if isinstance(claim, str) else claim
    return [text for text in found if isinstance(text, str)] if isinstance(found, list) else []


def denial_of(claims: Claims | None) -> tuple[str, str]:
    """Return code and message of what is denied; the message has a place for the `{coordinate}`."""
    if claims is None:
        return UNAUTHENTICATED, "Sign in to read {coordinate}."
    return UNAUTHORIZED, "You are not allowed to read {coordinate}."


class ProtectedSchema:
    """What is demanded for each type and field of a supergraph."""

    def __init__(self, supergraph: Supergraph) -> None:
        self.api_schema = supergraph.api_schema
        self._types: dict[str, Requirements] = {}
        self._fields: dict[tuple[str, str], Requirements] = {}
        for table in supergraph.types.values():
            if table.authorization is not None:
                self._types[table.name] = frozenset((table.authorization,))
        for table in supergraph.types.values():
            for field in table.fields.values():
                found = self.of_type(table.name) | self.of_type(field.type_name) | _optional(field.authorization)
                if not field.graphs:  # comes from the interface, by way of an @interfaceObject
                    for name in table.interfaces:
                        inherited = supergraph.types[name].fields.get(field.name)
                        found |= _optional(inherited.authorization) if inherited is not None else _NOTHING
                if found:
                    self._fields[table.name, field.name] = found

    @property
    def is_open(self) -> bool:
        """Whether nothing is demanded anywhere."""
        return not self._types and not self._fields

    @property
    def scopes(self) -> frozenset[str]:
        """Every scope that is asked for somewhere."""
        demanded = frozenset[Authorization]().union(*self._types.values(), *self._fields.values())
        return frozenset(scope for found in demanded for group in found.scopes for scope in group)

    def of_type(self, name: str) -> Requirements:
        """Return what reading anything of the type demands."""
        return self._types.get(name, _NOTHING)

    def of_field(self, type_name: str, name: str) -> Requirements:
        """Return what reading the field demands, that of the type around it and of its own type included."""
        return self._fields.get((type_name, name), _NOTHING)

    def demanded_by(self, document: DocumentNode, operation: OperationDefinitionNode) -> tuple[Authorization, ...]:
        """Return all that reading every part of a valid operation demands, always in the same order."""
        return tuple(sorted(set(self._demands(_Definitions(self.api_schema, document), operation)), key=repr))

    def _demands(self, definitions: "_Definitions", operation: OperationDefinitionNode) -> Iterator[Authorization]:
        visited: set[str] = set()
        waiting = [(definitions.root_type(operation), operation.selection_set)]
        while waiting:
            parent, selection_set = waiting.pop()
            for selection in selection_set.selections:
                if isinstance(selection, FieldNode):
                    yield from self._demands_of_field(parent, selection)
                    inner = definitions.type_of(parent, selection)
                    if selection.selection_set is not None and inner is not None:
                        waiting.append((inner, selection.selection_set))
                    continue
                if isinstance(selection, FragmentSpreadNode):
                    if selection.name.value in visited:
                        continue
                    visited.add(selection.name.value)
                waiting.append(definitions.inside(parent, selection))

    def _demands_of_field(self, parent: GraphQLNamedType, field: FieldNode) -> Iterator[Authorization]:
        name = field.name.value
        for type_ in (parent, *_possible(self.api_schema, parent)):
            yield from self.of_field(type_.name, name)
        if isinstance(parent, GraphQLObjectType | GraphQLInterfaceType) and name in parent.fields:
            for possible in _possible(self.api_schema, get_named_type(parent.fields[name].type)):
                yield from self.of_type(possible.name)


@dataclass(frozen=True, slots=True)
class Denials:
    """What of an operation its viewer may not read.

    Attributes:
        document: The operation without it, to be planned.
    """

    schema: ProtectedSchema
    unmet: Requirements
    nodes: frozenset[int]
    document: DocumentNode

    def denies_field(self, type_name: str, nodes: Collection[FieldNode]) -> bool:
        """Return whether objects of the type may not answer the merged field."""
        if not self.unmet.isdisjoint(self.schema.of_field(type_name, next(iter(nodes)).name.value)):
            return True
        return any(id(node) in self.nodes for node in nodes)

    def denies_type(self, name: str) -> bool:
        """Return whether nothing of objects of the type may be read."""
        return not self.unmet.isdisjoint(self.schema.of_type(name))


def deny(document: DocumentNode, schema: ProtectedSchema, unmet: Requirements) -> Denials:
    """Return what a viewer who does not meet `unmet` is denied of a valid document."""
    remover = _Remover(document, schema, unmet)
    return Denials(schema, unmet, frozenset(remover.nodes), remover.document)


class _Definitions:
    """Types and fragments of a valid document."""

    def __init__(self, schema: GraphQLSchema, document: DocumentNode) -> None:
        self.schema = schema
        self.fragments = {
            definition.name.value: definition
            for definition in document.definitions
            if isinstance(definition, FragmentDefinitionNode)
        }

    def root_type(self, operation: OperationDefinitionNode) -> GraphQLNamedType:
        root = self.schema.get_root_type(operation.operation)
        assert root is not None
        return root

    def named(self, name: str) -> GraphQLNamedType:
        found = self.schema.get_type(name)
        assert found is not None
        return found

    def type_of(self, parent: GraphQLNamedType, field: FieldNode) -> GraphQLNamedType | None:
        """Return the named type of a field; None for `__typename`, `__schema` and `__type`, which are open."""
        if not isinstance(parent, GraphQLObjectType | GraphQLInterfaceType) or field.name.value not in parent.fields:
            return None
        found: GraphQLNamedType = get_named_type(parent.fields[field.name.value].type)
        return found

    def inside(self, parent: GraphQLNamedType, selection: SelectionNode) -> tuple[GraphQLNamedType, SelectionSetNode]:
        """Return type and selections of a fragment."""
        if isinstance(selection, FragmentSpreadNode):
            fragment = self.fragments[selection.name.value]
            return self.named(fragment.type_condition.name.value), fragment.selection_set
        assert isinstance(selection, InlineFragmentNode)
        condition = selection.type_condition
        return (self.named(condition.name.value) if condition is not None else parent), selection.selection_set


class _Remover:
    """Writes the document anew without what is denied."""

    def __init__(self, document: DocumentNode, schema: ProtectedSchema, unmet: Requirements) -> None:
        self._schema = schema
        self._unmet = unmet
        self._definitions = _Definitions(schema.api_schema, document)
        self._rewritten: dict[str, FragmentDefinitionNode | None] = {}
        self.nodes: set[int] = set()
        operations = [
            replace(node, selection_set=self._filled(self._definitions.root_type(node), node.selection_set))
            for node in document.definitions
            if isinstance(node, OperationDefinitionNode)
        ]
        fragments = [self._fragment(name) for name in self._definitions.fragments]
        self.document = DocumentNode(definitions=(*operations, *(kept for kept in fragments if kept is not None)))

    def _fragment(self, name: str) -> FragmentDefinitionNode | None:
        if name not in self._rewritten:
            fragment = self._definitions.fragments[name]
            parent = self._definitions.named(fragment.type_condition.name.value)
            kept = self._kept(parent, fragment.selection_set)
            self._rewritten[name] = replace(fragment, selection_set=SelectionSetNode(selections=kept)) if kept else None
        return self._rewritten[name]

    def _filled(self, parent: GraphQLNamedType, selection_set: SelectionSetNode) -> SelectionSetNode:
        """Return what is left; if nothing is, still ask whether there is an object, and of which type."""
        return SelectionSetNode(selections=self._kept(parent, selection_set) or (_TYPENAME,))

    def _kept(self, parent: GraphQLNamedType, selection_set: SelectionSetNode) -> tuple[SelectionNode, ...]:
        kept: list[SelectionNode] = []
        for selection in selection_set.selections:
            if isinstance(selection, FieldNode):
                kept += self._field(parent, selection)
            elif isinstance(selection, FragmentSpreadNode):
                if self._fragment(selection.name.value) is not None:
                    kept.append(selection)
            else:
                assert isinstance(selection, InlineFragmentNode)
                inner = self._kept(*self._definitions.inside(parent, selection))
                if inner:
                    kept.append(replace(selection, selection_set=SelectionSetNode(selections=inner)))
        return tuple(kept)

    def _field(self, parent: GraphQLNamedType, field: FieldNode) -> list[SelectionNode]:
        name = field.name.value
        type_ = self._definitions.type_of(parent, field)
        if type_ is None:
            return [field]
        if self._denies(parent, name):
            self.nodes.add(id(field))
            return []
        if field.selection_set is not None:
            inner = self._filled(type_, field.selection_set)
            kept = replace(field, selection_set=inner)
        else:
            kept = field
        possible = _possible(self._schema.api_schema, parent)
        allowed = [found for found in possible if not self._denies(found, name)]
        if len(allowed) == len(possible):
            return [kept]
        return [_on(found, kept) for found in allowed]

    def _denies(self, parent: GraphQLNamedType, name: str) -> bool:
        return not self._unmet.isdisjoint(self._schema.of_field(parent.name, name))


def _on(type_: GraphQLNamedType, field: FieldNode) -> InlineFragmentNode:
    return InlineFragmentNode(
        type_condition=NamedTypeNode(name=NameNode(value=type_.name)),
        directives=(),
        selection_set=SelectionSetNode(selections=(field,)),
    )


def _possible(schema: GraphQLSchema, type_: GraphQLNamedType) -> Collection[GraphQLNamedType]:
    """Return the object types of an abstract type; nothing for others."""
    return schema.get_possible_types(type_) if is_abstract_type(type_) else ()


def _optional(authorization: Authorization | None) -> Requirements:
    return _NOTHING if authorization is None else frozenset((authorization,))
