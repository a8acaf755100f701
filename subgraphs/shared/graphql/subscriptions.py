"""Runs subscriptions of a subgraph: the source once, then the operation for each of its events."""

from collections.abc import AsyncGenerator, AsyncIterable, Callable, Mapping
from inspect import isawaitable
from typing import Any

from graphql import ExecutionResult, GraphQLError, OperationType, get_operation_ast, parse, validate
from graphql.execution import Executor, create_source_event_stream
from strawberry.types import ExecutionResult as StrawberryResult

from subgraphs.shared.graphql.schema import FederatedSchema

Results = AsyncGenerator[ExecutionResult | StrawberryResult, None]


def is_subscription(query: str, operation_name: str | None) -> bool:
    """Return whether a document asks for events. One that cannot be parsed does not; executing it says why."""
    try:
        operation = get_operation_ast(parse(query), operation_name)
    except GraphQLError:
        return False
    return operation is not None and operation.operation is OperationType.SUBSCRIPTION


async def results_of_events(
    schema: FederatedSchema,
    query: str,
    *,
    variables: Mapping[str, Any] | None,
    operation_name: str | None,
    new_context: Callable[[], object],
) -> Results:
    """Yield the result for each event of a subscription; for one that cannot begin, the errors only.

    Every event has a context of its own, as every request has: loaders that kept what they read for the first event
    would answer the last one with it. The source has one, too, for as long as it runs.
    """
    given = dict(variables) if variables else None
    source = await _source(schema, query, given, operation_name, new_context())
    if isinstance(source, ExecutionResult):
        yield source
        return
    try:
        async for event in source:
            yield await schema.execute(
                query,
                variable_values=given,
                context_value=new_context(),
                root_value=event,
                operation_name=operation_name,
            )
    except Exception as error:  # noqa: BLE001  # raised by the source: the last result tells it, as it would a resolver's
        yield ExecutionResult(None, errors=[GraphQLError(str(error), original_error=error)])
    finally:
        if isinstance(source, AsyncGenerator):
            await source.aclose()


async def _source(
    schema: FederatedSchema, query: str, variables: dict[str, Any] | None, operation_name: str | None, context: object
) -> AsyncIterable[Any] | ExecutionResult:
    core = schema._schema  # noqa: SLF001  # Strawberry runs operations only whole; its source alone needs the schema below
    try:
        document = parse(query)
    except GraphQLError as error:
        return ExecutionResult(None, errors=[error])
    errors = validate(core, document)
    if errors:
        return ExecutionResult(None, errors=errors)
    executor = Executor.build(
        core, document, context_value=context, raw_variable_values=variables, operation_name=operation_name
    )
    if isinstance(executor, list):
        return ExecutionResult(None, errors=executor)
    source = create_source_event_stream(executor)
    return await source if isawaitable(source) else source
