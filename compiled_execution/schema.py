"""CompiledExecution: the one line by which a Strawberry schema adopts compiled execution, and the switch."""

import os
from collections.abc import AsyncGenerator, Callable, Iterable
from functools import cached_property, partial
from inspect import isawaitable
from typing import TYPE_CHECKING, Any

import strawberry
from graphql import DocumentNode, GraphQLSchema, OperationDefinitionNode, execute, parse, validate
from strawberry.types import ExecutionResult
from strawberry.types.graphql import OperationType

from compiled_execution.engine import CompiledOperations
from compiled_execution.internals import (
    DEFAULT_ALLOWED_OPERATION_TYPES,
    LIFECYCLE,
    PLAIN_EXTENSIONS,
    PreExecutionError,
    StrawberryGraphQLCoreExecutionContext,
    coerce_error,
    optimized_is_awaitable,
)

if TYPE_CHECKING:
    from strawberry import Schema
else:
    Schema = object

SWITCH = "COMPILED_EXECUTION"

Key = tuple[str, str | None]
"""Text of a document, and name of the operation; None for the first."""


class CompiledExecution(Schema):
    """Mixin before a Strawberry schema class. Extensions, parsing and validation stay Strawberry's.

    `COMPILED_EXECUTION=off` in the environment when the schema is first used, or `compiled_operations = None` in the
    class, leaves everything to graphql-core.
    """

    @cached_property
    def compiled_operations(self) -> CompiledOperations | None:
        """The compiled operations with their statistics; None when compiled execution is off."""
        if os.environ.get(SWITCH, "on").lower() in {"off", "0", "false", "no"}:
            return None
        return None if self.config.enable_experimental_incremental_execution else CompiledOperations(self)

    def compile_known(self, texts: Iterable[str]) -> int:
        """Compile the operations of these documents before they are asked for; return how many could be.

        For a schema whose extensions do no more than cache documents. Documents that are not valid are left out.
        """
        operations = self.compiled_operations
        self.get_extensions()
        if operations is None or not self._saw_plain_lifecycle:
            return 0
        count = 0
        for text in texts:
            document = parse(text)
            if not validate(self._schema, document):
                names = operation_names(document)
                keys = [(text, None if number == 0 else name) for number, name in enumerate(names)]
                count += sum(
                    operations.compile_in_advance(key, self._schema, document, name)
                    for key, name in zip(keys, names, strict=True)
                )
        return count

    async def execute(
        self,
        query: str | None,
        variable_values: dict[str, Any] | None = None,
        context_value: Any | None = None,
        root_value: Any | None = None,
        operation_name: str | None = None,
        allowed_operation_types: Iterable[OperationType] | None = None,
        operation_extensions: dict[str, Any] | None = None,
    ) -> ExecutionResult:
        """Execute as Strawberry does; at once, if the text is known and no extension wants to hear of each step."""
        key = self._known_key(query, operation_name, allowed_operation_types)
        if key is None:
            return await super().execute(
                query,
                variable_values,
                context_value,
                root_value,
                operation_name,
                allowed_operation_types,
                operation_extensions,
            )
        options = {
            "root_value": root_value,
            "middleware": None,
            "variable_values": variable_values,
            "context_value": context_value,
            "is_awaitable": optimized_is_awaitable,
            "executor_class": StrawberryGraphQLCoreExecutionContext,
            "operation_extensions": operation_extensions,
        }
        result, error = await self._execute_known(key, options)
        if error is None and not result.errors:
            return ExecutionResult(data=result.data, errors=None, extensions={})
        context = self._create_execution_context(
            query, DEFAULT_ALLOWED_OPERATION_TYPES, variable_values, context_value, root_value, operation_name
        )
        context.graphql_document = self._known(key).document
        if error is not None:
            runner = self.create_extensions_runner(context, [])
            failed = PreExecutionError(data=None, errors=[coerce_error(error)])
            return await self._handle_execution_result(context, failed, runner)
        context.pre_execution_errors = result.errors
        self._process_errors(result.errors, context)
        return ExecutionResult(data=result.data, errors=result.errors, extensions={})

    async def _execute_known(self, key: Key, options: dict[str, Any]) -> tuple[Any, Exception | None]:
        """Return the result, or the error by which execution as a whole failed."""
        known = self._known(key)
        name = known.definition.name
        options["operation_name"] = name.value if name else None
        try:
            operations: Any = self.compiled_operations
            result = operations.execute(execute, self._schema, known.document, key, **options)
            return (await result if isawaitable(result) else result), None
        except Exception as error:  # noqa: BLE001  # Strawberry makes the error of the answer of it
            return None, error

    def _known(self, key: Key) -> Any:
        return self.compiled_operations.knows(key)  # type: ignore[union-attr]  # only asked when it is on

    def _known_key(
        self, query: str | None, operation_name: str | None, allowed: Iterable[OperationType] | None
    ) -> Key | None:
        """Return the key of an operation that needs none of Strawberry's steps any more, None for any other."""
        operations = self.compiled_operations
        # Extensions are made once for a request: here only if those of the last one were plain.
        if operations is None or query is None or not self._saw_plain_lifecycle:
            return None
        for key in ((query, operation_name), (query, None)):
            known = operations.knows(key)
            definition = None if known is None else known.definition
            if definition is None:
                continue
            name = definition.name.value if definition.name else None
            if operation_name in (None, name) and (
                allowed is None or definition.operation.value in {each.value for each in allowed}
            ):
                self.get_extensions()
                return key if self._saw_plain_lifecycle else None
        return None

    def get_extensions(self, sync: bool = False) -> list[Any]:  # noqa: FBT001, FBT002  # Strawberry's parameter
        """Return Strawberry's extensions for a request, and remember whether they do anything for a known document."""
        extensions = super().get_extensions(sync)
        self._saw_plain_lifecycle = self._has_own_lifecycle and all(
            type(extension) in PLAIN_EXTENSIONS for extension in extensions
        )
        return extensions

    _saw_plain_lifecycle = False
    """Whether executing a known document did no more than execute it when extensions were last made."""

    @cached_property
    def _has_own_lifecycle(self) -> bool:
        """Whether no subclass has changed one of Strawberry's steps, or what executes."""
        return self.execution_context_class is StrawberryGraphQLCoreExecutionContext and all(
            getattr(type(self), name) is getattr(strawberry.Schema, name) for name in LIFECYCLE
        )

    def _get_execute_function(self) -> Callable[..., Any]:
        """Strawberry's hook: what executes an operation that was parsed and validated."""
        fallback = super()._get_execute_function()
        operations = self.compiled_operations
        return fallback if operations is None else partial(self._execute_hooked, operations, fallback)

    def _execute_hooked(
        self,
        operations: CompiledOperations,
        fallback: Callable[..., Any],
        schema: GraphQLSchema,
        document: DocumentNode,
        **options: Any,
    ) -> Any:
        """Execute a document, known by its text from now on unless an extension could have changed it."""
        key = None
        if document.loc is not None and self._saw_plain_lifecycle:
            name = options.get("operation_name")
            first = operation_names(document)[:1]
            key = (document.loc.source.body, None if first == [name] else name)
        return operations.execute(fallback, schema, document, key, **options)

    def _stream(self, *arguments: Any, **options: Any) -> AsyncGenerator[Any, None]:
        """Strawberry's way to run subscriptions: with an executor that runs known events compiled."""
        operations = self.compiled_operations
        if operations is not None and options.get("execution_context_class") is StrawberryGraphQLCoreExecutionContext:
            options["execution_context_class"] = operations.event_executor
        return super()._stream(*arguments, **options)


def operation_names(document: DocumentNode) -> list[str | None]:
    """Return the names of the document's operations, in order."""
    operations = [node for node in document.definitions if isinstance(node, OperationDefinitionNode)]
    return [operation.name.value if operation.name else None for operation in operations]
