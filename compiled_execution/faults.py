"""Errors of fields: where they are told, what becomes null, and what happens to work that nobody needs any more."""

from __future__ import annotations

import asyncio
from contextlib import suppress
from types import CoroutineType
from typing import TYPE_CHECKING, Any

from compiled_execution.internals import located_error
from compiled_execution.loader import Load
from compiled_execution.plan import path_keys

if TYPE_CHECKING:
    from collections.abc import Iterator

    from compiled_execution.plan import PathTuple, Position
    from compiled_execution.run import Run

_background: set[asyncio.Future[Any]] = set()
"""Holds what runs in the background, as event loops do not."""


def fail(position: Position, error: Exception, parent: PathTuple | None, run: Run) -> None:
    """Record the error of a field, during the sweep; raises it where null cannot stand."""
    fail_at(position, error, (parent, position.key, position.typename), run)  # type: ignore[arg-type]  # fields have keys


def fail_at(position: Position, error: Exception, path: PathTuple, run: Run) -> None:
    """Like `fail`, for any position."""
    located = located_error(error, position.nodes, path_keys(path))
    if position.non_null:
        raise located
    abandon_below(run, path)
    run.errors.append(located)


def fail_later(position: Position, error: Exception, path: PathTuple, run: Run) -> None:
    """Record the error of a position that is already in the response; nulls the nearest one that may be null."""
    located = located_error(error, position.nodes, path_keys(path))
    abandon_below(run, path)
    place: Position | None = position
    while place is not None and place.non_null:
        place = place.parent
        path = path[0]
    if place is None:
        run.errors.append(located)
        run.data = None
        return
    container = run.container(path)
    if container is None:
        return
    container[path[1]] = None
    run.errors.append(located)
    if place is not position:
        run.nulled.add(path)


def abandon_below(run: Run, path: PathTuple | None) -> None:
    """Let what was started below a position that became null come to its end without anybody waiting for it."""
    pending = run.pending
    abandoned = []
    while pending and _is_below(pending[-1][2], path):
        abandoned.append(pending.pop()[0])
    for batched in run.batches:
        while batched and _is_below(batched[-1][2], path):
            batched.pop()
    if abandoned:
        settle_in_background(run, abandoned)


def _is_below(path: PathTuple | None, ancestor: PathTuple | None) -> bool:
    if ancestor is None:
        return True
    while path is not None:
        if path == ancestor:
            return True
        path = path[0]
    return False


def abandon_rest(iterator: Iterator[Any], run: Run) -> None:
    """Settle the awaitables that a list would still have brought after one of its items made it null."""
    rest: list[Any] = []
    with suppress(Exception):  # the list is null already, with the error of its item
        rest.extend(item for item in iterator if run.is_awaitable(item))
    if rest:
        settle_in_background(run, rest)


def settle_in_background(run: Run, awaitables: list[Any]) -> None:
    """Run awaitables whose values nobody needs; without an event loop, close coroutines."""
    try:
        asyncio.get_running_loop()
    except RuntimeError:
        for awaitable in awaitables:
            if awaitable.__class__ is CoroutineType:
                awaitable.close()
        return
    for awaitable in awaitables:
        if awaitable.__class__ is Load:
            continue  # its batch comes back by itself
        leave_in_background(run, asyncio.ensure_future(awaitable))


def leave_in_background(run: Run, future: asyncio.Future[Any]) -> None:
    """Keep a future until it is done; its error is nobody's."""
    run.own_background.append(future)
    _background.add(future)
    future.add_done_callback(_forget)


def _forget(future: asyncio.Future[Any]) -> None:
    _background.discard(future)
    if not future.cancelled():
        future.exception()
