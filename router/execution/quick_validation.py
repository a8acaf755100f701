"""Finds out quickly that a document is valid, in one walk and from tables of the schema.

graphql-core validates with some thirty visitors, each called for each node, which took a third of the time of a new
operation. Nearly all documents are valid, and then nobody reads messages. So this only says "valid" or "not sure"; of
what is not sure graphql-core says whether it is valid, and words what is not. Nothing may be called valid here that
any of its rules, or of ours, would refuse; tests compare the two over generated documents.

Not sure about, because rare: subscriptions, introspection, directives other than `@skip` and `@include`, and fields
under one response key that are not plainly the same.
"""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from typing import Any

from graphql import (
    ArgumentNode,
    BooleanValueNode,
    DirectiveNode,
    DocumentNode,
    EnumValueNode,
    FieldNode,
    FragmentDefinitionNode,
    FragmentSpreadNode,
    GraphQLEnumType,
    GraphQLError,
    GraphQLIncludeDirective,
    GraphQLInputObjectType,
    GraphQLList,
    GraphQLNonNull,
    GraphQLSchema,
    InlineFragmentNode,
    ListTypeNode,
    ListValueNode,
    NamedTypeNode,
    NonNullTypeNode,
    NullValueNode,
    ObjectValueNode,
    OperationDefinitionNode,
    SelectionNode,
    SelectionSetNode,
    TypeNode,
    ValueNode,
    VariableDefinitionNode,
    VariableNode,
    is_required_input_field,
)
from graphql.utilities import validate_input_literal

from router.execution.quick_merging import FieldMerging
from router.execution.validation_tables import (
    CompositeType,
    Field,
    Input,
    NotSureError,
    ValidationTables,
    has_default,
    not_sure,
    tables_of,
)


def is_surely_valid(schema: GraphQLSchema, document: DocumentNode) -> bool:
    """Return whether the document is valid; False if that is not sure."""
    tables = tables_of(schema)
    if not tables.is_usual:
        return False
    try:
        _Check(tables, document).run()
    except (NotSureError, RecursionError):
        return False
    return True


@dataclass(slots=True)
class _Definition:
    """What an operation or fragment uses."""

    variables: list[tuple[str, Input]] = field(default_factory=list)
    spreads: set[str] = field(default_factory=set)


class _Check:
    """The check of one document. Raises NotSureError for all that is not surely valid."""

    def __init__(self, tables: ValidationTables, document: DocumentNode) -> None:
        self._tables = tables
        self._operations: list[OperationDefinitionNode] = []
        self._fragments: dict[str, FragmentDefinitionNode] = {}
        for node in document.definitions:
            if isinstance(node, OperationDefinitionNode):
                self._operations.append(node)
            elif isinstance(node, FragmentDefinitionNode) and node.name.value not in self._fragments:
                self._fragments[node.name.value] = node
            else:
                not_sure()
            if node.directives or node.description is not None:
                not_sure()
        self._current = _Definition()
        self._merging = FieldMerging(tables, self._fragments)

    def run(self) -> None:
        names = [node.name.value if node.name else None for node in self._operations]
        if len(set(names)) != len(names) or (None in names and len(names) > 1):
            not_sure()
        fragments: dict[str, _Definition] = {}
        for name, fragment in self._fragments.items():
            condition = self._tables.composite(fragment.type_condition.name.value)
            fragments[name] = self._definition(fragment.selection_set, condition)
        used: set[str] = set()
        for operation in self._operations:
            root = self._tables.roots.get(operation.operation)
            if root is None:
                not_sure()
            own = self._definition(operation.selection_set, root)
            reached = _reached(own.spreads, fragments)
            used |= reached
            self._variables(operation, [own, *(fragments[name] for name in reached)])
            self._merging.check([(root, operation.selection_set)])
        if len(used) != len(fragments):
            not_sure()

    def _definition(self, node: SelectionSetNode, parent: CompositeType) -> _Definition:
        self._current = _Definition()
        self._selections(node, parent)
        return self._current

    # Selections

    def _selections(self, node: SelectionSetNode, parent: CompositeType) -> None:
        for selection in node.selections:
            if selection.directives:
                self._directives(selection)
            if isinstance(selection, FieldNode):
                self._field(selection, parent)
            elif isinstance(selection, FragmentSpreadNode):
                fragment = self._fragments.get(selection.name.value)
                if fragment is None:
                    not_sure()
                self._overlap(parent, self._tables.composite(fragment.type_condition.name.value))
                self._current.spreads.add(selection.name.value)
            else:
                assert isinstance(selection, InlineFragmentNode)
                inner = parent
                if selection.type_condition is not None:
                    inner = self._tables.composite(selection.type_condition.name.value)
                    self._overlap(parent, inner)
                self._selections(selection.selection_set, inner)

    def _field(self, node: FieldNode, parent: CompositeType) -> None:
        name = node.name.value
        if node.alias is not None and node.alias.value.startswith("__"):
            not_sure()
        if name == "__typename":
            if node.arguments or node.selection_set is not None:
                not_sure()
            return
        known = parent.fields.get(name)
        if known is None:
            not_sure()
        if node.arguments or known.required:
            self._arguments(node.arguments or (), known)
        if known.below is None:
            if node.selection_set is not None:
                not_sure()
        elif node.selection_set is None:
            not_sure()
        else:
            self._selections(node.selection_set, known.below)

    @staticmethod
    def _overlap(parent: CompositeType, condition: CompositeType) -> None:
        if parent is not condition and not parent.mask & condition.mask:
            not_sure()

    def _directives(self, node: SelectionNode) -> None:
        names = [directive.name.value for directive in node.directives or ()]
        if len(set(names)) != len(names):
            not_sure()
        for directive in node.directives or ():
            self._directive(directive)

    def _directive(self, directive: DirectiveNode) -> None:
        arguments = directive.arguments or ()
        if directive.name.value not in ("skip", "include") or len(arguments) != 1:
            not_sure()
        (argument,) = arguments
        if argument.name.value != "if":
            not_sure()
        if isinstance(argument.value, VariableNode):
            condition = GraphQLIncludeDirective.args["if"]
            self._current.variables.append((argument.value.name.value, Input(condition.type, has_default=False)))
        elif not isinstance(argument.value, BooleanValueNode):
            not_sure()

    # Values

    def _arguments(self, nodes: Iterable[ArgumentNode], known: Field) -> None:
        given: set[str] = set()
        for node in nodes:
            name = node.name.value
            expected = known.arguments.get(name)
            if expected is None or name in given:
                not_sure()
            given.add(name)
            self._value(node.value, expected)
        if not known.required <= given:
            not_sure()

    def _value(self, node: ValueNode, expected: Input) -> None:
        if isinstance(node, VariableNode):
            self._current.variables.append((node.name.value, expected))
            return
        type_ = expected.type
        if isinstance(type_, GraphQLNonNull):
            if isinstance(node, NullValueNode):
                not_sure()
            type_ = type_.of_type
        if isinstance(node, NullValueNode):
            return
        if isinstance(type_, GraphQLList):
            items = node.values if isinstance(node, ListValueNode) else (node,)
            for item in items:
                self._value(item, Input(type_.of_type, has_default=False))
        elif isinstance(type_, GraphQLInputObjectType):
            self._object(node, type_)
        elif isinstance(node, ListValueNode | ObjectValueNode):
            not_sure()  # custom scalars may take them, with variables inside
        elif not (
            isinstance(type_, GraphQLEnumType) and isinstance(node, EnumValueNode) and node.value in type_.values
        ):
            validate_input_literal(node, type_, _on_error)

    def _object(self, node: ValueNode, type_: GraphQLInputObjectType) -> None:
        if not isinstance(node, ObjectValueNode) or type_.is_one_of:
            not_sure()
        fields = type_.fields
        given: set[str] = set()
        for item in node.fields:
            name = item.name.value
            found = fields.get(name)
            if found is None or name in given:
                not_sure()
            given.add(name)
            self._value(item.value, Input(found.type, has_default(found)))
        if any(name not in given and is_required_input_field(found) for name, found in fields.items()):
            not_sure()

    # Variables

    def _variables(self, operation: OperationDefinitionNode, definitions: Iterable[_Definition]) -> None:
        declared: dict[str, tuple[Any, bool]] = {}
        for definition in operation.variable_definitions or ():
            name = definition.variable.name.value
            if name in declared or definition.directives:
                not_sure()
            declared[name] = self._declared(definition)
        used: set[str] = set()
        for found in definitions:
            for name, expected in found.variables:
                if name not in declared:
                    not_sure()
                used.add(name)
                type_, has_value = declared[name]
                if not _is_allowed(type_, expected, has_value=has_value):
                    not_sure()
        if len(used) != len(declared):
            not_sure()

    def _declared(self, definition: VariableDefinitionNode) -> tuple[Any, bool]:
        """Return the type of a variable, and whether it has a default value other than null."""
        type_ = self._input_type(definition.type)
        default = definition.default_value
        if default is None:
            return type_, False
        self._current = _Definition()
        self._value(default, Input(type_, has_default=False))
        return type_, not isinstance(default, NullValueNode)

    def _input_type(self, node: TypeNode) -> Any:
        if isinstance(node, NonNullTypeNode):
            return GraphQLNonNull(self._input_type(node.type))
        if isinstance(node, ListTypeNode):
            return GraphQLList(self._input_type(node.type))
        assert isinstance(node, NamedTypeNode)
        found = self._tables.inputs.get(node.name.value)
        return found if found is not None else not_sure()


def _reached(spreads: set[str], fragments: Mapping[str, _Definition]) -> set[str]:
    """Return all fragments that are reached; not sure if one reaches itself."""
    reached: set[str] = set()
    _follow(spreads, (), fragments, reached)
    return reached


def _follow(names: set[str], above: tuple[str, ...], fragments: Mapping[str, _Definition], reached: set[str]) -> None:
    for name in names:
        if name in above:
            not_sure()
        if name not in reached:
            _follow(fragments[name].spreads, (*above, name), fragments, reached)
            reached.add(name)


def _is_allowed(type_: Any, expected: Input, *, has_value: bool) -> bool:
    """Return whether a variable may stand where `expected` is."""
    wanted = expected.type
    if isinstance(wanted, GraphQLNonNull) and not isinstance(type_, GraphQLNonNull):
        if not has_value and not expected.has_default:
            return False
        wanted = wanted.of_type
    return _fits(type_, wanted)


def _fits(type_: Any, wanted: Any) -> bool:
    if isinstance(wanted, GraphQLNonNull):
        return isinstance(type_, GraphQLNonNull) and _fits(type_.of_type, wanted.of_type)
    if isinstance(type_, GraphQLNonNull):
        type_ = type_.of_type
    if isinstance(wanted, GraphQLList):
        return isinstance(type_, GraphQLList) and _fits(type_.of_type, wanted.of_type)
    return not isinstance(type_, GraphQLList) and bool(type_.name == wanted.name)


def _on_error(_error: GraphQLError, _path: object) -> None:
    not_sure()
