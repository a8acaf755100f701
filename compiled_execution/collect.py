"""Builds the plan of an operation, with graphql-core's own field collection, so that merging is the specification's."""

from collections.abc import Callable
from typing import Any, cast

from graphql import (
    GraphQLObjectType,
    GraphQLOutputType,
    GraphQLSchema,
    OperationDefinitionNode,
    OperationType,
    get_nullable_type,
    is_abstract_type,
    is_list_type,
    is_non_null_type,
    is_object_type,
)

from compiled_execution.arguments import lasting_variables, references_of
from compiled_execution.internals import (
    FieldDetails,
    VariableValues,
    collect_fields,
    collect_subfields,
    strawberry_field,
)
from compiled_execution.plan import FieldPlan, Plan, Position, Selection, Unsupported, no_pause

_MOST_POSITIONS = 3_000
"""An operation of more positions would take longer to compile than it saves."""


def collect_plan(
    schema: GraphQLSchema,
    operation: OperationDefinitionNode,
    *,
    fragments: dict[str, Any],
    variables: VariableValues,
    pause: Callable[[], None] = no_pause,
) -> Plan:
    """Return the plan of the operation, for the values that the variables of its @skip and @include have here.

    Args:
        pause: Called for each field, to let other threads go on.

    Raises:
        Unsupported: The operation must run on graphql-core.
    """
    root_type = schema.get_root_type(operation.operation)
    if root_type is None:
        raise Unsupported("no root type")
    if schema.get_directive("defer") or schema.get_directive("stream"):
        raise Unsupported("incremental delivery")
    if operation.directives:
        raise Unsupported("directive on the operation")
    if any(fragment.variable_signatures for fragment in fragments.values()):
        raise Unsupported("fragment arguments")
    collector = _Collector(schema, operation, fragments, variables, pause)
    return collector.plan(root_type)


class _Collector:
    """Numbers fields, positions and selections while it walks the operation."""

    def __init__(
        self,
        schema: GraphQLSchema,
        operation: OperationDefinitionNode,
        fragments: dict[str, Any],
        variables: VariableValues,
        pause: Callable[[], None],
    ) -> None:
        self._pause = pause
        self._schema = schema
        self._operation = operation
        self._fragments = fragments
        self._variables = variables
        self._fields = self._positions = self._selections = 0

    def plan(self, root_type: GraphQLObjectType) -> Plan:
        collected = collect_fields(self._schema, self._fragments, self._variables, root_type, self._operation)
        if collected.new_defer_usages:
            raise Unsupported("@defer")
        groups = [dict(collected.grouped_field_set)]
        if self._operation.operation is OperationType.MUTATION:
            groups = [{key: details} for key, details in groups[0].items()]
        roots = [self._selection(root_type, group, None) for group in groups]
        definitions = {name: details.definition for name, details in self._fragments.items()}
        return Plan(self._schema, self._operation, definitions, roots, self._fields, self._positions)

    def _selection(
        self, type_: GraphQLObjectType, grouped: dict[str, list[FieldDetails]], parent: Position | None
    ) -> Selection:
        number = self._selections
        self._selections += 1
        return Selection(
            number, type_, [(key, self._field(type_, key, details, parent)) for key, details in grouped.items()]
        )

    def _field(
        self, parent_type: GraphQLObjectType, key: str, details: list[FieldDetails], parent: Position | None
    ) -> FieldPlan | None:
        name = details[0].node.name.value
        if name == "__typename":
            return None
        if name.startswith("__"):
            raise Unsupported("introspection")
        definition = self._schema.get_field(parent_type, name)
        if definition is None:
            raise Unsupported("unknown field")
        self._pause()
        nodes = [detail.node for detail in details]
        if any(directive.name.value == "stream" for node in nodes for directive in node.directives or ()):
            raise Unsupported("@stream")
        field = strawberry_field(definition)
        plan = FieldPlan(
            self._fields,
            key,
            name,
            nodes,
            parent_type,
            definition,
            field,
            list(field.arguments) if field else [],
            has_arguments=bool(definition.args or nodes[0].arguments),
        )
        plan.variables = lasting_variables(plan)
        plan.references = references_of(plan)
        self._fields += 1
        plan.position = self._position(definition.type, plan, details, parent, key=key)
        return plan

    def _position(
        self,
        type_: GraphQLOutputType,
        field: FieldPlan,
        details: list[FieldDetails],
        parent: Position | None,
        *,
        key: str | None,
    ) -> Position:
        if self._positions >= _MOST_POSITIONS:
            raise Unsupported("too many positions")
        nullable = cast("GraphQLOutputType", get_nullable_type(type_))
        typename = field.parent_type.name if key is not None else None
        position = Position(
            self._positions, key, typename, nullable, is_non_null_type(type_), field, parent, field.nodes
        )
        self._positions += 1
        if is_list_type(nullable):
            position.item = self._position(nullable.of_type, field, details, position, key=None)
        elif is_object_type(nullable):
            self._select(position, nullable, details)
        elif is_abstract_type(nullable):
            for possible in self._schema.get_possible_types(nullable):
                self._select(position, possible, details)
        return position

    def _select(self, position: Position, type_: GraphQLObjectType, details: list[FieldDetails]) -> None:
        collected = collect_subfields(self._schema, self._fragments, self._variables, self._operation, type_, details)
        if collected.new_defer_usages:
            raise Unsupported("@defer")
        position.selections[type_.name] = self._selection(type_, dict(collected.grouped_field_set), position)
