"""Calls of batch fields: one for all the objects of which a sweep has collected the field."""

from __future__ import annotations

import inspect
from typing import TYPE_CHECKING, Any

from compiled_execution.arguments import arguments
from compiled_execution.batch import in_order
from compiled_execution.faults import fail_later
from compiled_execution.run import put

if TYPE_CHECKING:
    from compiled_execution.run import Batched, Run


_AS_THEY_ARE = frozenset({str, bool})


def call_batches(run: Run) -> None:
    """Call every batch field that waits for objects; what comes at once is put in place, the rest is pending."""
    while any(run.batches):
        for number, batched in enumerate(run.batches):
            if batched:
                run.batches[number] = []
                if run.nulled:
                    batched = [entry for entry in batched if not run.is_nulled(entry[2])]
                _call(run, number, batched)


def _call(run: Run, number: int, batched: list[Batched]) -> None:
    if not batched:
        return
    batch = run.plan.batches[number]
    _, field, path, _ = batched[0]
    info = run.info(field, path, run) if batch.takes_info else None
    try:
        given: dict[str, Any] = {}
        if field.has_arguments:
            given = run.arguments[field.number] or arguments(field, path, run)
        values = batch.call([entry[0] for entry in batched], info, given)
        if inspect.isawaitable(values):
            run.pending.append((values, None, None, batched))
            return
        values = in_order(values, len(batched))
    except Exception as error:  # noqa: BLE001  # whatever the function raises is the error of each object
        fail_batch(run, batched, error)
    else:
        put_batch(run, batched, values)


def put_batch(run: Run, batched: list[Batched], values: Any) -> None:
    """Put the values of a batch field in place."""
    try:
        values = in_order(values, len(batched))
    except Exception as error:  # noqa: BLE001  # not a list of that length
        fail_batch(run, batched, error)
        return
    for (_, field, path, container), value in zip(batched, values, strict=True):
        position = field.position
        if value.__class__ is position.exact and value.__class__ in _AS_THEY_ARE and not run.nulled:
            container[path[1]] = value  # what `put` does with most, without the call
            continue
        put(value, position, path, container, run)
        if run.data is None:
            return


def fail_batch(run: Run, batched: list[Batched], error: Exception) -> None:
    """Let the field fail for each object."""
    for _, field, path, _ in batched:
        if run.data is None:
            return
        if not run.is_nulled(path):
            fail_later(field.position, error, path, run)
