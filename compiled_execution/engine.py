"""Which operations are compiled: on second sight or in advance, for each set of values of @skip and @include.

Compiling happens in a thread, so that it keeps no event loop waiting; until it is done, and for whatever is not
supported, operations run on graphql-core, with the reason counted.
"""

from __future__ import annotations

import asyncio
from functools import partial
from typing import TYPE_CHECKING, Any

from graphql import (
    DocumentNode,
    ExecutionResult,
    FragmentDefinitionNode,
    GraphQLError,
    GraphQLSchema,
    OperationDefinitionNode,
    OperationType,
    parse,
    validate,
)

from compiled_execution.collect import collect_plan
from compiled_execution.emit import compile_plan
from compiled_execution.execute import execute_run
from compiled_execution.info import info_factory
from compiled_execution.internals import (
    StrawberryGraphQLCoreExecutionContext,
    VariableValues,
    is_async_iterable,
)
from compiled_execution.known import KnownOperation, KnownOperations, Vector
from compiled_execution.plan import Plan, Unsupported, no_pause
from compiled_execution.run import Run
from compiled_execution.statistics import Statistics
from compiled_execution.thread import compiler_thread, let_others_go_on

if TYPE_CHECKING:
    from collections.abc import Awaitable, Callable, Hashable

    from strawberry import Schema

_MOST_VARIANTS = 32
"""Of one operation: with many @skip and @include, clients could ask for any number of them."""
_MOST_VARIANTS_IN_ADVANCE = 4
_HANDLED = frozenset(
    {
        "context_value",
        "executor_class",
        "is_async_iterable",
        "is_awaitable",
        "middleware",
        "operation_extensions",
        "operation_name",
        "root_value",
        "variable_values",
    }
)


class CompiledOperations:
    """The compiled operations of one schema."""

    def __init__(
        self,
        schema: Schema,
        *,
        compile_at_sighting: int = 2,
        largest_bytes: int = 64 * 1024 * 1024,
        in_thread: bool = True,
    ) -> None:
        self.statistics = Statistics()
        self._schema = schema
        self._info = info_factory(schema.config.info_class)
        self._compile_at_sighting = compile_at_sighting
        self._in_thread = in_thread
        self._known = KnownOperations(largest_bytes)
        self.event_executor = event_executor(self)
        """The class of executors for subscriptions."""

    def execute(
        self,
        fallback: Callable[..., Any],
        schema: GraphQLSchema,
        document: DocumentNode,
        key: Hashable = None,
        **options: Any,
    ) -> ExecutionResult | Awaitable[ExecutionResult]:
        """Execute the document as graphql-core's `execute` does, with the arguments that Strawberry passes to it.

        Args:
            fallback: graphql-core's function, for what is not compiled.
            schema: The schema as graphql-core knows it.
            document: What is executed.
            key: What tells the document from others; its identity, if it is left out.
            options: The other arguments of `fallback`.
        """
        reason = _unsupported_option(options)
        if reason is None:
            key = key or (id(document), options.get("operation_name"))
            try:
                prepared = self._prepare(key, document, schema, options)
                if isinstance(prepared, ExecutionResult):
                    return prepared
                if prepared is not None:
                    self.statistics.compiled_runs += 1
                    return execute_run(self._run(*prepared, options))
            except Unsupported as unsupported:
                reason = unsupported.reason
        self._count_fallback(reason)
        return fallback(schema, document, **options)  # type: ignore[no-any-return]  # graphql-core's own function

    def execute_event(
        self, fallback: Callable[[], Any], executor: StrawberryGraphQLCoreExecutionContext
    ) -> ExecutionResult | Awaitable[ExecutionResult]:
        """Execute one event of a subscription, for which graphql-core has built the executor."""
        definition = executor.operation
        key = id(definition)
        operation = self._known.get(key)
        if operation is None:
            operation = KnownOperation(definition)
            operation.define(executor.schema, definition, executor.fragments)
            self._known.add(key, operation)
        operation.sightings += 1
        reason = None
        if executor.middleware_manager is not None and executor.middleware_manager.middlewares:
            reason = "extension with resolve"
        elif operation.sightings >= self._compile_at_sighting:
            try:
                plan = self._plan(key, operation, executor.schema, executor.variable_values)
            except Unsupported as unsupported:
                reason = unsupported.reason
            else:
                if plan is not None:
                    self.statistics.compiled_runs += 1
                    return execute_run(self._run(plan, executor.variable_values, _options_of(executor)))
        self._count_fallback(reason)
        return fallback()  # type: ignore[no-any-return]  # graphql-core's own method

    def compile_in_advance(
        self, key: Hashable, schema: GraphQLSchema, document: DocumentNode, operation_name: str | None
    ) -> bool:
        """Compile a valid operation that is going to be asked for, at once; return whether it could be.

        With so many variables in @skip and @include that there would be more than a few variants, none is compiled.
        """
        definitions = document.definitions
        named = [node for node in definitions if isinstance(node, OperationDefinitionNode)]
        operation = self._known.get(key) or KnownOperation(document)
        if operation.plans:
            return any(isinstance(plan, Plan) for plan in operation.plans.values())
        built = StrawberryGraphQLCoreExecutionContext.build(
            schema,
            DocumentNode(
                definitions=(
                    *(_without_variables(node) for node in named),
                    *(node for node in definitions if isinstance(node, FragmentDefinitionNode)),
                )
            ),
            operation_name=operation_name,
        )
        if isinstance(built, list):
            return False
        original = {node.name.value if node.name else None: node for node in named}
        name = built.operation.name
        operation.define(schema, original[name.value if name else None], built.fragments)
        operation.sightings = self._compile_at_sighting
        for vector in operation.vectors(_MOST_VARIANTS_IN_ADVANCE):
            variables = VariableValues({}, dict(zip(operation.conditions, vector, strict=True)))
            operation.plans[vector] = self._compiled(operation, schema, variables)
        self._known.add(key, operation)
        return any(isinstance(plan, Plan) for plan in operation.plans.values())

    def explain(self, schema: GraphQLSchema, text: str, operation_name: str | None) -> tuple[str | None, str | None]:
        """Return the source that is generated for an operation, or the reason why there is none."""
        document = parse(text)
        errors = validate(schema, document)
        if errors:
            return None, errors[0].message
        self.compile_in_advance(text, schema, document, operation_name)
        known = self._known.get(text)
        plans = list(known.plans.values()) if known else []
        sources = [plan.source for plan in plans if isinstance(plan, Plan)]
        reasons = [plan for plan in plans if isinstance(plan, str)]
        return (sources[0], None) if sources else (None, reasons[0] if reasons else "too many variants")

    def knows(self, key: Hashable) -> KnownOperation | None:
        """Return what is known by the key, None if nothing is."""
        return self._known.get(key)

    def source(self, document: DocumentNode, operation_name: str | None = None) -> str | None:
        """Return the generated source of an operation that was compiled; None for any other."""
        name = operation_name
        for operation in self._known:
            definition = operation.definition
            named = definition.name.value if definition and definition.name else None
            if operation.document is document and (name is None or name == named):
                return next((plan.source for plan in operation.plans.values() if isinstance(plan, Plan)), None)
        return None

    def _count_fallback(self, reason: str | None) -> None:
        if reason is None:
            self.statistics.cold_runs += 1
        else:
            self.statistics.fallbacks[reason] += 1

    def _prepare(
        self, key: Hashable, document: DocumentNode, schema: GraphQLSchema, options: dict[str, Any]
    ) -> tuple[Plan, VariableValues] | ExecutionResult | None:
        """Return plan and variables; a result if the variables are wrong; None while there is no plan."""
        operation = self._known.get(key)
        if operation is None:
            operation = KnownOperation(document)
            self._known.add(key, operation)
        operation.sightings += 1
        if operation.sightings < self._compile_at_sighting:
            return None
        variables = _variables(operation, document, schema, options)
        if isinstance(variables, list):
            return ExecutionResult(None, errors=variables)
        plan = self._plan(key, operation, schema, variables)
        return None if plan is None else (plan, variables)

    def _plan(
        self, key: Hashable, operation: KnownOperation, schema: GraphQLSchema, variables: VariableValues
    ) -> Plan | None:
        """Return the plan for these variables, None while a thread compiles it.

        Raises:
            Unsupported: There is none.
        """
        coerced = variables.coerced
        vector = tuple(coerced.get(name) for name in operation.conditions)
        plan = operation.plans.get(vector)
        if plan is None:
            if vector in operation.compiling:
                return None
            if len(operation.plans) + len(operation.compiling) >= _MOST_VARIANTS:
                raise Unsupported("too many variants")
            loop = _running_loop() if self._in_thread else None
            if loop is not None:
                self._compile_later(loop, key, operation, schema, variables, vector)
                return None
            plan = operation.plans[vector] = self._compiled(operation, schema, variables)
            self._known.add(key, operation)
        if isinstance(plan, str):
            raise Unsupported(plan)
        return plan

    def _compile_later(
        self,
        loop: asyncio.AbstractEventLoop,
        key: Hashable,
        operation: KnownOperation,
        schema: GraphQLSchema,
        variables: VariableValues,
        vector: Vector,
    ) -> None:
        def take(plan: Plan | str) -> None:
            operation.compiling.discard(vector)
            operation.plans[vector] = plan
            if key in self._known:
                self._known.add(key, operation)

        def work() -> None:
            plan = self._compiled(operation, schema, variables, in_thread=True)
            if not loop.is_closed():
                loop.call_soon_threadsafe(take, plan)

        if compiler_thread.submit(work):
            operation.compiling.add(vector)

    def _compiled(
        self, operation: KnownOperation, schema: GraphQLSchema, variables: VariableValues, *, in_thread: bool = False
    ) -> Plan | str:
        if operation.definition is None:
            return "no operation"
        pause = let_others_go_on if in_thread else no_pause
        try:
            plan = collect_plan(
                schema, operation.definition, fragments=operation.fragments, variables=variables, pause=pause
            )
        except Unsupported as unsupported:
            return unsupported.reason
        except (GraphQLError, RecursionError):
            return "cannot be collected"
        try:
            compile_plan(plan, self._info, pause=pause)
        except Exception:  # noqa: BLE001  # our fault, counted as such; it refuses no request
            return "cannot be compiled"
        self.statistics.plans_compiled += 1
        return plan

    def _run(self, plan: Plan, variables: VariableValues, options: dict[str, Any]) -> Run:
        return Run(
            plan,
            variables,
            root_value=options.get("root_value"),
            context=options.get("context_value"),
            is_awaitable=options["is_awaitable"],
            is_async_iterable=options.get("is_async_iterable") or is_async_iterable,
            operation_extensions=options.get("operation_extensions"),
            info=self._info,
            config=self._schema.config,
            scalar_registry=self._schema.schema_converter.scalar_registry,
        )


def event_executor(operations: CompiledOperations) -> type[StrawberryGraphQLCoreExecutionContext]:
    """Return an executor of graphql-core's that leaves the events of subscriptions to compiled execution."""

    class EventExecutor(StrawberryGraphQLCoreExecutionContext):
        def execute_operation(self, serially: bool | None = None) -> Any:  # noqa: FBT001  # graphql-core's parameter
            fallback = partial(super().execute_operation, serially)
            if self.operation.operation is not OperationType.SUBSCRIPTION:
                return fallback()
            return operations.execute_event(fallback, self)

    return EventExecutor


def _variables(
    operation: KnownOperation, document: DocumentNode, schema: GraphQLSchema, options: dict[str, Any]
) -> VariableValues | list[GraphQLError]:
    """Return the coerced variables, or the errors of those that were sent."""
    if operation.reader is None:
        built = StrawberryGraphQLCoreExecutionContext.build(
            schema,
            document,
            raw_variable_values=options.get("variable_values"),
            operation_name=options.get("operation_name"),
        )
        if isinstance(built, list):
            return built
        operation.define(schema, built.operation, built.fragments)
        return built.variable_values
    return operation.reader.read(options.get("variable_values") or {})


def _without_variables(definition: OperationDefinitionNode) -> OperationDefinitionNode:
    """Return the operation as one that declares no variables, so that none has to be sent."""
    return OperationDefinitionNode(
        operation=definition.operation,
        name=definition.name,
        directives=definition.directives,
        selection_set=definition.selection_set,
        variable_definitions=(),
    )


def _running_loop() -> asyncio.AbstractEventLoop | None:
    try:
        return asyncio.get_running_loop()
    except RuntimeError:
        return None


def _options_of(executor: StrawberryGraphQLCoreExecutionContext) -> dict[str, Any]:
    return {
        "root_value": executor.root_value,
        "context_value": executor.context_value,
        "is_awaitable": executor.is_awaitable,
        "is_async_iterable": executor.is_async_iterable,
        "operation_extensions": executor.operation_extensions,
    }


def _unsupported_option(options: dict[str, Any]) -> str | None:
    """Return why these arguments of `execute` need graphql-core, None if they do not."""
    if options.get("executor_class") is not StrawberryGraphQLCoreExecutionContext:
        return "own execution context"
    middleware = options.get("middleware")
    if middleware is not None and middleware.middlewares:
        return "extension with resolve"
    return None if options.keys() <= _HANDLED else "unknown option"
