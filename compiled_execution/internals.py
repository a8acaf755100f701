"""Every private or undocumented name of Strawberry, graphql-core and asyncio that compiled execution relies on.

The test of this module names each; a new version that moves one fails there first.
"""

import asyncio
from collections.abc import Callable
from typing import Any

from graphql.error import located_error
from graphql.execution.collect_fields import FieldDetails, collect_fields, collect_subfields
from graphql.execution.executor import default_field_resolver, default_type_resolver
from graphql.execution.get_variable_signature import get_variable_signature
from graphql.execution.values import VariableValues, VariableValueSource, get_argument_values, get_variable_values
from graphql.pyutils import Path, Undefined, is_iterable
from graphql.pyutils import inspect as inspect_value
from graphql.pyutils.gather_with_cancel import gather_with_cancel
from graphql.pyutils.is_awaitable import is_async_iterable
from graphql.type import GraphQLField, GraphQLObjectType, GraphQLResolveInfoHelpers
from strawberry.execution import optimized_is_awaitable
from strawberry.extensions import DisableValidation, ParserCache, ValidationCache
from strawberry.federation.schema import FederationAny
from strawberry.schema.schema import (
    DEFAULT_ALLOWED_OPERATION_TYPES,
    StrawberryGraphQLCoreExecutionContext,
    _coerce_error,
    _OperationContextAwareGraphQLResolveInfo,
)
from strawberry.schema.schema_converter import CustomGraphQLEnumType, GraphQLCoreConverter
from strawberry.types.arguments import convert_arguments
from strawberry.types.base import StrawberryList, StrawberryObjectDefinition
from strawberry.types.cast import TYPE_CAST_ATTRIBUTE
from strawberry.types.execution import PreExecutionError
from strawberry.types.field import StrawberryField
from strawberry.types.info import Info

ResolveInfo = _OperationContextAwareGraphQLResolveInfo
coerce_error = _coerce_error

PLAIN_EXTENSIONS = frozenset({DisableValidation, ParserCache, ValidationCache})
"""Extensions that do nothing for a document that was parsed and validated before."""

LIFECYCLE = (
    "_create_execution_context",
    "_execute_operation",
    "_get_custom_context_kwargs",
    "_get_middleware_manager",
    "_handle_execution_result",
    "_prepare_operation_async",
    "create_extensions_runner",
)
"""The steps of `Schema.execute`; a schema that changes one of them takes all of them."""

SCHEMA_MEMBERS = (
    "_create_execution_context",
    "_get_execute_function",
    "_handle_execution_result",
    "_process_errors",
    "_schema",
    "_stream",
)
"""What the mixins call or override of Strawberry's schema class; they have to name it themselves."""

OTHER_MEMBERS = ("_callbacks", "_children", "_fut_waiter", "_raw_info")
"""What is read of futures and tasks here, and of Strawberry's Info in `batch`."""

__all__ = [
    "DEFAULT_ALLOWED_OPERATION_TYPES",
    "LIFECYCLE",
    "OTHER_MEMBERS",
    "PLAIN_EXTENSIONS",
    "SCHEMA_MEMBERS",
    "TYPE_CAST_ATTRIBUTE",
    "CustomGraphQLEnumType",
    "FederationAny",
    "FieldDetails",
    "Info",
    "Path",
    "PreExecutionError",
    "ResolveInfo",
    "StrawberryField",
    "StrawberryGraphQLCoreExecutionContext",
    "StrawberryList",
    "StrawberryObjectDefinition",
    "Undefined",
    "VariableValueSource",
    "VariableValues",
    "coerce_error",
    "collect_fields",
    "collect_subfields",
    "convert_arguments",
    "decides_by_class",
    "default_field_resolver",
    "default_type_resolver",
    "direct_resolver",
    "gather_with_cancel",
    "get_argument_values",
    "get_variable_signature",
    "get_variable_values",
    "inspect_value",
    "is_async_iterable",
    "is_iterable",
    "is_type_of_by_class",
    "located_error",
    "object_definition",
    "optimized_is_awaitable",
    "plain_attribute",
    "resolve_info_helpers",
    "strawberry_field",
    "waits_for_shared_future",
]

_BASIC_RESOLVER = "GraphQLCoreConverter.from_resolver.<locals>._get_basic_result"
_RESOLVERS = (
    "GraphQLCoreConverter.from_resolver.<locals>._resolver",
    "GraphQLCoreConverter.from_resolver.<locals>._async_resolver",
)
_IS_TYPE_OF = "GraphQLCoreConverter.from_object.<locals>._get_is_type_of.<locals>.is_type_of"
_TYPE_RESOLVERS = (
    "GraphQLCoreConverter.from_interface.<locals>._get_resolve_type.<locals>.resolve_type",
    "StrawberryUnion.get_type_resolver.<locals>._resolve_union_type",
)


def strawberry_field(definition: GraphQLField) -> StrawberryField | None:
    """Return the Strawberry field behind a GraphQL field, None for a field of another origin."""
    field = definition.extensions.get(GraphQLCoreConverter.DEFINITION_BACKREF)
    return field if isinstance(field, StrawberryField) else None


def object_definition(type_: GraphQLObjectType) -> StrawberryObjectDefinition | None:
    """Return the Strawberry definition behind an object type, None for a type of another origin."""
    definition = type_.extensions.get(GraphQLCoreConverter.DEFINITION_BACKREF)
    return definition if isinstance(definition, StrawberryObjectDefinition) else None


def plain_attribute(definition: GraphQLField) -> str | None:
    """Return the attribute that the field reads; None if more than reading it happens."""
    field = strawberry_field(definition)
    if field is None or _qualified_name(definition.resolve) != _BASIC_RESOLVER or _overrides_result(field):
        return None
    return field.python_name if field.default_resolver is getattr else None


def direct_resolver(definition: GraphQLField) -> Callable[..., Any] | None:
    """Return the user's function, if calling it is all that Strawberry's resolver does after converting arguments.

    None with permission classes, field extensions, exception handlers that can apply, or a field class of its own.
    """
    field = strawberry_field(definition)
    if field is None or _qualified_name(definition.resolve) not in _RESOLVERS or _overrides_result(field):
        return None
    if field.base_resolver is None or field.extensions or _has_exception_handlers(definition.resolve):
        return None
    function = field.base_resolver.wrapped_func
    return function if callable(function) else None


def _has_exception_handlers(resolve: object) -> bool:
    """Whether handlers can apply: the resolver's closure holds them, already matched to the field."""
    code, closure = getattr(resolve, "__code__", None), getattr(resolve, "__closure__", None)
    if code is None or closure is None or "field_exception_handlers" not in code.co_freevars:
        return True
    return bool(closure[code.co_freevars.index("field_exception_handlers")].cell_contents)


def _overrides_result(field: StrawberryField) -> bool:
    return type(field).get_result is not StrawberryField.get_result


def is_type_of_by_class(type_: GraphQLObjectType) -> bool:
    """Whether Strawberry's own check accepts every instance of the type's class that was not cast."""
    return _qualified_name(type_.is_type_of) == _IS_TYPE_OF


def decides_by_class(resolve_type: object) -> bool:
    """Whether Strawberry's own type resolver decides by the class of a value that was not cast."""
    return _qualified_name(resolve_type) in _TYPE_RESOLVERS


def _qualified_name(function: object) -> str:
    module = getattr(function, "__module__", "") or ""
    return getattr(function, "__qualname__", "") if module.startswith("strawberry.") else ""


def resolve_info_helpers(track: Callable[[Any], None]) -> GraphQLResolveInfoHelpers:
    """Return the helpers for asynchronous work that graphql-core hands to resolvers."""
    return GraphQLResolveInfoHelpers(gather=lambda values: gather_with_cancel(*values), track=track)


def waits_for_shared_future(task: asyncio.Future[Any]) -> bool:
    """Whether cancelling the task would cancel a future that others watch; False where that cannot be told."""
    return _is_watched_by_others(getattr(task, "_fut_waiter", None))


def _is_watched_by_others(future: Any) -> bool:
    if future is None or isinstance(future, asyncio.Task):
        return False  # cancelling a task is that task's own affair
    if len(getattr(future, "_callbacks", None) or ()) > 1:
        return True
    return any(_is_watched_by_others(child) for child in getattr(future, "_children", ()))  # of a gather
