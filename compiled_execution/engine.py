"""Which operations are compiled: on second sight, for each set of values of @skip and @include, in a bounded cache.

Whatever is not supported runs on graphql-core, with the reason counted.
"""

from __future__ import annotations

from collections import Counter, OrderedDict
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any

from graphql import (
    ArgumentNode,
    DirectiveNode,
    DocumentNode,
    ExecutionResult,
    GraphQLError,
    GraphQLSchema,
    OperationDefinitionNode,
    OperationType,
    VariableNode,
    Visitor,
    visit,
)

from compiled_execution.collect import collect_plan
from compiled_execution.emit import compile_plan
from compiled_execution.faults import abandon_below
from compiled_execution.info import info_factory
from compiled_execution.internals import (
    StrawberryGraphQLCoreExecutionContext,
    VariableValues,
    get_variable_values,
    is_async_iterable,
)
from compiled_execution.plan import Plan, Unsupported
from compiled_execution.run import Run
from compiled_execution.settle import settle

if TYPE_CHECKING:
    from collections.abc import Awaitable, Callable, Iterable

    from strawberry import Schema

_NO_VARIABLES = VariableValues({}, {})
_MOST_VARIANTS = 32
"""Of one operation: with many @skip and @include, clients could ask for any number of them."""
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


@dataclass(slots=True)
class Statistics:
    """What ran how since the schema was built."""

    compiled_runs: int = 0
    cold_runs: int = 0
    """Operations that were not seen often enough to be compiled."""
    plans_compiled: int = 0
    fallbacks: Counter[str] = field(default_factory=Counter)
    """Runs on graphql-core by the reason why the operation cannot be compiled."""


@dataclass(slots=True)
class _Operation:
    """What is known of an operation. It holds the document, so that its identity is not given to another."""

    document: DocumentNode
    sightings: int = 0
    definition: OperationDefinitionNode | None = None
    fragments: dict[str, Any] = field(default_factory=dict)
    conditions: tuple[str, ...] = ()
    """The variables of @skip and @include."""
    plans: dict[tuple[object, ...], Plan | str] = field(default_factory=dict)
    """By the values of these variables: the plan, or the reason why there is none."""

    @property
    def position_count(self) -> int:
        return sum(plan.position_count for plan in self.plans.values() if isinstance(plan, Plan))


class CompiledOperations:
    """The compiled operations of one schema."""

    def __init__(
        self,
        schema: Schema,
        *,
        compile_at_sighting: int = 2,
        largest_documents: int = 1_024,
        largest_positions: int = 100_000,
    ) -> None:
        self.statistics = Statistics()
        self._schema = schema
        self._info = info_factory(schema.config.info_class)
        self._compile_at_sighting = compile_at_sighting
        self._largest_documents = largest_documents
        self._largest_positions = largest_positions
        self._operations: OrderedDict[tuple[int, str | None], _Operation] = OrderedDict()
        self._position_count = 0

    def execute(
        self, fallback: Callable[..., Any], schema: GraphQLSchema, document: DocumentNode, **options: Any
    ) -> ExecutionResult | Awaitable[ExecutionResult]:
        """Execute the document as graphql-core's `execute` does, with the arguments that Strawberry passes to it."""
        reason = _unsupported_option(options)
        if reason is None:
            operation = self._operation(document, options.get("operation_name"))
            operation.sightings += 1
            if operation.sightings < self._compile_at_sighting:
                self.statistics.cold_runs += 1
                return fallback(schema, document, **options)  # type: ignore[no-any-return]  # graphql-core's own function
            try:
                variables = self._variables(operation, schema, options)
                if isinstance(variables, list):
                    return ExecutionResult(None, errors=variables)
                plan = self._plan(operation, schema, variables)
            except Unsupported as unsupported:
                reason = unsupported.reason
            else:
                self.statistics.compiled_runs += 1
                return _execute(self._start(plan, variables, options))
        self.statistics.fallbacks[reason] += 1
        return fallback(schema, document, **options)  # type: ignore[no-any-return]  # graphql-core's own function

    def source(self, document: DocumentNode, operation_name: str | None = None) -> str | None:
        """Return the generated source of an operation that was compiled; None for any other."""
        operation = self._operations.get((id(document), operation_name))
        plans = operation.plans.values() if operation else ()
        return next((plan.source for plan in plans if isinstance(plan, Plan)), None)

    def _operation(self, document: DocumentNode, name: str | None) -> _Operation:
        key = (id(document), name)
        operation = self._operations.get(key)
        if operation is not None:
            self._operations.move_to_end(key)
            return operation
        operation = self._operations[key] = _Operation(document)
        self._evict()
        return operation

    def _evict(self) -> None:
        """Forget the operations used least recently, but never the one in use."""
        while len(self._operations) > 1 and (
            len(self._operations) > self._largest_documents or self._position_count > self._largest_positions
        ):
            _, evicted = self._operations.popitem(last=False)
            self._position_count -= evicted.position_count

    def _variables(
        self, operation: _Operation, schema: GraphQLSchema, options: dict[str, Any]
    ) -> VariableValues | list[GraphQLError]:
        """Return the coerced variables, or the errors of those that were sent."""
        if operation.definition is None:
            built = StrawberryGraphQLCoreExecutionContext.build(
                schema,
                operation.document,
                raw_variable_values=options.get("variable_values"),
                operation_name=options.get("operation_name"),
            )
            if isinstance(built, list):
                return built
            operation.definition = built.operation
            operation.fragments = built.fragments
            operation.conditions = _conditions(operation.document)
            return built.variable_values
        definitions = operation.definition.variable_definitions
        if not definitions:
            return _NO_VARIABLES
        return get_variable_values(schema, definitions, options.get("variable_values") or {})

    def _plan(self, operation: _Operation, schema: GraphQLSchema, variables: VariableValues) -> Plan:
        coerced = variables.coerced
        vector = tuple(coerced.get(name) for name in operation.conditions)
        plan = operation.plans.get(vector)
        if plan is None:
            if len(operation.plans) >= _MOST_VARIANTS:
                raise Unsupported("too many variants")
            plan = operation.plans[vector] = self._compiled(operation, schema, variables)
            self._evict()
        if isinstance(plan, str):
            raise Unsupported(plan)
        return plan

    def _compiled(self, operation: _Operation, schema: GraphQLSchema, variables: VariableValues) -> Plan | str:
        if operation.definition is None:
            return "no operation"
        try:
            plan = collect_plan(schema, operation.definition, fragments=operation.fragments, variables=variables)
        except Unsupported as unsupported:
            return unsupported.reason
        except (GraphQLError, RecursionError):
            return "cannot be collected"
        try:
            compile_plan(plan, self._info)
        except Exception:  # noqa: BLE001  # our fault, counted as such; it refuses no request
            return "cannot be compiled"
        self._position_count += plan.position_count
        self.statistics.plans_compiled += 1
        return plan

    def _start(self, plan: Plan, variables: VariableValues, options: dict[str, Any]) -> Run:
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


def _unsupported_option(options: dict[str, Any]) -> str | None:
    """Return why these arguments of `execute` need graphql-core, None if they do not."""
    if options.get("executor_class") is not StrawberryGraphQLCoreExecutionContext:
        return "own execution context"
    middleware = options.get("middleware")
    if middleware is not None and middleware.middlewares:
        return "extension with resolve"
    return None if options.keys() <= _HANDLED else "unknown option"


class _Conditions(Visitor):
    """Collects the variables of @skip and @include."""

    def __init__(self) -> None:
        super().__init__()
        self.names: set[str] = set()

    def enter_directive(self, node: DirectiveNode, *_: Any) -> None:
        if node.name.value in {"skip", "include"}:
            arguments: tuple[ArgumentNode, ...] = tuple(node.arguments or ())
            self.names |= {
                argument.value.name.value for argument in arguments if isinstance(argument.value, VariableNode)
            }


def _conditions(document: DocumentNode) -> tuple[str, ...]:
    collector = _Conditions()
    visit(document, collector)
    return tuple(sorted(collector.names))


def _execute(run: Run) -> ExecutionResult | Awaitable[ExecutionResult]:
    if run.plan.operation.operation is OperationType.MUTATION:
        return _execute_serially(run)
    try:
        run.data = run.plan.functions[0](run.root_value, None, run)
    except GraphQLError as error:
        _refuse_all(run, error)
    return _settled(run) if run.pending else ExecutionResult(run.data, run.errors or None)


def _execute_serially(run: Run) -> ExecutionResult | Awaitable[ExecutionResult]:
    functions = iter(run.plan.functions)
    for function in functions:
        _execute_root(run, function)
        if run.pending:
            return _settled(run, functions)
        if run.data is None:
            break
    return ExecutionResult(run.data, run.errors or None)


def _execute_root(run: Run, function: Callable[..., Any]) -> None:
    try:
        done = function(run.root_value, None, run)
    except GraphQLError as error:
        _refuse_all(run, error)
    else:
        if run.data is not None:
            run.data |= done
            run.pending = [(awaitable, position, path, None) for awaitable, position, path, _ in run.pending]


async def _settled(run: Run, rest: Iterable[Callable[..., Any]] = ()) -> ExecutionResult:
    """Settle what is pending, then, of a mutation, execute the other root fields one after another."""
    await settle(run)
    for function in rest:
        if run.data is None:
            break
        _execute_root(run, function)
        if run.pending:
            await settle(run)
    return ExecutionResult(run.data, run.errors or None)


def _refuse_all(run: Run, error: GraphQLError) -> None:
    abandon_below(run, None)
    run.errors.append(error)
    run.data = None
