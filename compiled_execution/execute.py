"""One request from its plan to its result; root fields of mutations one after another."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from graphql import ExecutionResult, GraphQLError, OperationType

from compiled_execution.faults import abandon_below
from compiled_execution.gather import call_batches
from compiled_execution.settle import settle

if TYPE_CHECKING:
    from collections.abc import Awaitable, Callable, Iterable

    from compiled_execution.run import Run


def execute_run(run: Run) -> ExecutionResult | Awaitable[ExecutionResult]:
    """Return the result of the run, or, if something has to be waited for, an awaitable of it."""
    if run.plan.operation.operation is OperationType.MUTATION:
        return _execute_serially(run)
    try:
        run.data = run.plan.functions[0](run.root_value, None, run)
    except GraphQLError as error:
        _refuse_all(run, error)
    else:
        call_batches(run)
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
            _move_roots(run, done)
            call_batches(run)


def _move_roots(run: Run, done: dict[str, Any]) -> None:
    """Let what comes later for a root field go into the response instead of the field's own part of it."""
    run.pending = [
        (awaitable, position, path, run.data if container is done else container)
        for awaitable, position, path, container in run.pending
    ]
    run.batches = [
        [(source, field, path, run.data if container is done else container) for source, field, path, container in each]
        for each in run.batches
    ]


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
