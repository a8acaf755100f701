"""Batch fields: one call resolves a field of all the parents that are at hand.

    @strawberry.type
    class Title:
        id: strawberry.ID

        @batch_field(description="The profile's rating.")
        @staticmethod
        async def rating(parents: list["Title"], info: Info) -> list[int | None]:
            return await info.context.ratings([parent.id for parent in parents])

The list has a value for each parent, in order; an exception in its place is that parent's error, one that is raised is
the error of all. `info` is that of the first parent. Compiled, an operation makes one call for each place of the field
and round of objects; on graphql-core, calls of one turn of the event loop are gathered, and a plain `def` is called for
each parent alone.
"""

from __future__ import annotations

import ast
import functools
import inspect
import typing
from collections.abc import Sequence
from typing import TYPE_CHECKING, Any, overload

import strawberry
from strawberry.types.info import Info

from compiled_execution.loader import Batch, Load, WrongNumberOfValuesError

if TYPE_CHECKING:
    from collections.abc import Callable

_MARK = "__batch_function__"
_open: dict[tuple[int, ...], Batch] = {}
"""Batches on graphql-core that still take parents. A batch holds what its key names by identity."""


class BatchFunction:
    """The user's function, and how to call it."""

    __slots__ = ("function", "is_async", "takes_info")

    def __init__(self, function: Callable[..., Any]) -> None:
        self.function = function
        self.is_async = inspect.iscoroutinefunction(function)
        self.takes_info = "info" in inspect.signature(function).parameters

    def call(self, parents: list[Any], info: Any, arguments: dict[str, Any]) -> Any:
        """Return the values of the parents, or a coroutine that brings them."""
        if self.takes_info:
            return self.function(parents, info=info, **arguments)
        return self.function(parents, **arguments)


def batch_function(resolver: Callable[..., Any]) -> BatchFunction | None:
    """Return the batch function behind a resolver, None behind any other."""
    return getattr(resolver, _MARK, None)


def in_order(values: Any, count: int) -> list[Any]:
    """Return the values as a list.

    Raises:
        WrongNumberOfValuesError: There is not one for each parent.
    """
    result = list(values)
    if len(result) != count:
        raise WrongNumberOfValuesError(expected=count, received=len(result))
    return result


@overload
def batch_field(function: Callable[..., Any] | staticmethod[..., Any], /) -> Any: ...
@overload
def batch_field(**options: Any) -> Callable[[Callable[..., Any] | staticmethod[..., Any]], Any]: ...


def batch_field(function: Any = None, /, **options: Any) -> Any:
    """Return a Strawberry field whose function resolves all parents in one call; options are those of a field.

    Raises:
        TypeError: The function is not annotated to return a list, or takes no parents.
    """
    if function is None:
        return functools.partial(_field, options=options)
    return _field(function, options=options)


def _field(function: Any, *, options: dict[str, Any]) -> Any:
    plain = function.__func__ if isinstance(function, staticmethod) else function
    return strawberry.field(resolver=_resolver(plain), **options)


def _resolver(function: Callable[..., Any]) -> Callable[..., Any]:
    """Return the resolver of one parent, which is how Strawberry and graphql-core see the field."""
    batch = BatchFunction(function)

    if batch.is_async:

        async def resolve(self: Any, info: Info, **arguments: Any) -> Any:
            return await _join(batch, self, info, arguments)

        resolver: Callable[..., Any] = resolve
    else:

        def resolve_alone(self: Any, info: Info, **arguments: Any) -> Any:
            (value,) = in_order(batch.call([self], info, arguments), 1)
            return value

        resolver = resolve_alone
    functools.update_wrapper(resolver, function)
    del resolver.__wrapped__  # type: ignore[attr-defined]  # its signature is not the function's
    resolver.__signature__ = _signature(function)  # type: ignore[attr-defined]  # what inspect and Strawberry read
    setattr(resolver, _MARK, batch)
    return resolver


def _join(batch: BatchFunction, parent: Any, info: Info, arguments: dict[str, Any]) -> Load[Any]:
    """Return the parent's value, out of one call for all that ask for the same field in this turn of the loop."""
    raw = info._raw_info  # noqa: SLF001  # Strawberry's own way to graphql-core's
    key = (id(batch), id(raw.context), id(raw.variable_values), id(raw.field_nodes[0]))
    known = _open.get(key)
    if known is None:

        async def load_all(parents: list[Any]) -> list[Any]:
            return in_order(await batch.call(parents, info, arguments), len(parents))

        def close() -> None:
            del _open[key]

        known = _open[key] = Batch(load_all, close)
    load: Load[Any] = Load(parent, known)
    known.loads.append(load)
    return load


def _signature(function: Callable[..., Any]) -> inspect.Signature:
    """Return the signature of the resolver: `self`, `info`, the arguments, and the type of one value."""
    signature = inspect.signature(function)
    parameters = list(signature.parameters.values())
    if not parameters:
        raise TypeError(f"The batch field {function.__name__} takes no parents.")
    given = {parameter.name: parameter for parameter in parameters[1:]}
    info = given.pop("info", None)
    keyword = inspect.Parameter.KEYWORD_ONLY
    own = [
        inspect.Parameter("self", inspect.Parameter.POSITIONAL_OR_KEYWORD),
        inspect.Parameter("info", keyword, annotation=info.annotation if info else Info),
    ]
    rest = [parameter.replace(kind=keyword) for parameter in given.values()]
    return inspect.Signature([*own, *rest], return_annotation=_item(signature.return_annotation, function))


def _item(annotation: Any, function: Callable[..., Any]) -> Any:
    """Return the type of one value of an annotated list."""
    if isinstance(annotation, str):
        node = ast.parse(annotation, mode="eval").body
        if isinstance(node, ast.Subscript) and ast.unparse(node.value).split(".")[-1] in {"list", "List", "Sequence"}:
            return ast.unparse(node.slice)
    elif typing.get_origin(annotation) in {list, Sequence}:
        return typing.get_args(annotation)[0]
    raise TypeError(f"The batch field {function.__name__} must say that it returns a list.")
