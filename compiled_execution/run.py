"""One request: completing values where the short cuts of the generated code do not apply."""

from __future__ import annotations

from contextlib import suppress
from typing import TYPE_CHECKING, Any

from graphql import GraphQLError, is_object_type

from compiled_execution.faults import fail_at, fail_later, settle_in_background
from compiled_execution.info import graphql_info
from compiled_execution.internals import (
    Undefined,
    default_field_resolver,
    default_type_resolver,
    get_argument_values,
    inspect_value,
    is_iterable,
)
from compiled_execution.loader import ARRIVED, Load
from compiled_execution.plan import path_keys

if TYPE_CHECKING:
    import asyncio
    from collections.abc import Callable, Iterable

    from compiled_execution.internals import VariableValues
    from compiled_execution.plan import FieldPlan, PathTuple, Plan, Position

Pending = tuple[Any, "Position | None", "PathTuple | None", Any]
"""An awaitable, the position of its value, the path of that position, and the container or None to look it up.

A call of a batch field has neither position nor path; its container is the list of its objects."""

Batched = tuple[Any, "FieldPlan", "PathTuple", Any]
"""An object whose batch field is wanted, the field, its path, and the container of its value."""

_NOTHING = object()
_LEAST_INTEGER, _MOST_INTEGER = -(2**31), 2**31 - 1


class Run:
    """The state of one request."""

    __slots__ = (
        "arguments",
        "batches",
        "config",
        "context",
        "data",
        "errors",
        "info",
        "is_async_iterable",
        "is_awaitable",
        "kept",
        "landed",
        "nulled",
        "operation_extensions",
        "own_background",
        "pending",
        "plan",
        "root_value",
        "scalar_registry",
        "variables",
    )

    def __init__(
        self,
        plan: Plan,
        variables: VariableValues,
        *,
        root_value: Any,
        context: Any,
        is_awaitable: Callable[[Any], bool],
        is_async_iterable: Callable[[Any], bool],
        operation_extensions: dict[str, Any] | None,
        info: Callable[..., Any],
        config: Any,
        scalar_registry: Any,
    ) -> None:
        self.plan = plan
        self.variables = variables
        self.root_value = root_value
        self.context = context
        self.is_awaitable = is_awaitable
        self.is_async_iterable = is_async_iterable
        self.operation_extensions = operation_extensions
        self.info = info
        self.config = config
        self.scalar_registry = scalar_registry
        self.arguments: list[dict[str, Any] | None] = [None] * plan.field_count
        self.pending: list[Pending] = []
        self.kept: list[int] = [0] * len(plan.kept)
        self.batches: list[list[Batched]] = [[] for _ in plan.batches]
        self.landed: Any = _NOTHING
        """What an awaitable brought, while it is completed: should it be awaitable itself, it is not awaited."""
        self.errors: list[GraphQLError] = []
        self.data: dict[str, Any] | None = {}
        self.nulled: set[PathTuple] = set()
        self.own_background: list[asyncio.Future[Any]] = []

    def track(self, values: Iterable[Any]) -> None:
        """Settle what a resolver has started and does not return; of the other values, nothing."""
        settle_in_background(self, [value for value in values if self.is_awaitable(value)])

    def is_nulled(self, path: PathTuple | None) -> bool:
        """Whether an error has nulled the position or one that contains it."""
        if not self.nulled:
            return False
        while path is not None:
            if path in self.nulled:
                return True
            path = path[0]
        return False

    def container(self, path: PathTuple) -> Any:
        """Return the object or list of the response that holds the position; None if something above it is null."""
        keys = path_keys(path[0])
        place: Any = self.data
        for key in keys:
            if place is None:
                return None
            place = place[key]
        return place


class Decided:
    """A value whose runtime type an awaitable has decided: the type's name, or that the check held."""

    __slots__ = ("type_name", "value")

    def __init__(self, value: Any, type_name: Any) -> None:
        self.value = value
        self.type_name = type_name


# --- resolvers


def call_original(field: FieldPlan, source: Any, path: PathTuple, run: Run) -> Any:
    """Call the field's resolver as graphql-core does, with everything that Strawberry has wrapped around it."""
    resolve = field.definition.resolve or default_field_resolver
    info = graphql_info(field, path, run)
    if not field.has_arguments:
        return resolve(source, info)
    return resolve(source, info, **get_argument_values(field.definition, field.nodes[0], run.variables))


# --- completing values


def admit(position: Position, value: Any, path: PathTuple, run: Run) -> Any:
    """Return the value if it can be completed now; None if it is null, or comes later.

    Raises:
        TypeError: Null where null cannot stand.
        Exception: The value is an exception.
    """
    if isinstance(value, Exception):
        raise value
    if value is None or value is Undefined:
        if position.non_null:
            raise TypeError(
                f"Cannot return null for non-nullable field {position.field.parent_type}.{position.field.name}."
            )
        return None
    if value.__class__ is Load and value.state in ARRIVED and value is not run.landed:
        return admit(position, value.outcome(), path, run)
    if run.is_awaitable(value) and value is not run.landed:
        run.pending.append((value, position, path, None))
        return None
    return value


def complete_landed(position: Position, value: Any, path: PathTuple, run: Run) -> Any:
    """Complete a value that was awaited; what is awaitable again is taken as it is, as graphql-core does."""
    if value.__class__ is CompletedItems:
        return value.settle(run)
    run.landed = value
    try:
        return position.complete(value, path, run)
    finally:
        run.landed = _NOTHING


def put(value: Any, position: Position, path: PathTuple, container: Any, run: Run) -> None:
    """Put what was awaited in its place, or its error; `container` is None where it has to be looked up."""
    if run.nulled and run.is_nulled(path):
        return
    completed = value
    try:
        if value.__class__ is not position.exact:
            if value is not None or position.non_null:
                completed = complete_landed(position, value, path, run)
        elif position.select_exact is not None:
            completed = position.select_exact(value, path, run)
        elif value.__class__ is int and not _LEAST_INTEGER <= value <= _MOST_INTEGER:
            completed = complete_landed(position, value, path, run)
    except Exception as error:  # noqa: BLE001  # whatever completing raises is the error of its field
        fail_later(position, error, path, run)
        return
    if container is None:
        container = run.container(path)
    if container is not None:
        container[path[1]] = completed


def slow_leaf(position: Position, value: Any, parent: PathTuple | None, run: Run) -> Any:
    """Complete a field's leaf whose class the generated code does not take as it is."""
    return complete_leaf(position, value, (parent, position.key, position.typename), run)  # type: ignore[arg-type]  # fields have keys


def complete_leaf(position: Position, value: Any, path: PathTuple, run: Run) -> Any:
    """Complete a scalar or enum value by its type's own coercion."""
    value = admit(position, value, path, run)
    if value is None:
        return None
    type_: Any = position.type_
    coerced = type_.coerce_output_value(value)
    if coerced is None or coerced is Undefined:
        raise TypeError(
            f"Expected `{inspect_value(type_)}.coerce_output_value({inspect_value(value)})`"
            f" to return non-nullable value, returned: {inspect_value(coerced)}"
        )
    return coerced


def admit_list(position: Position, value: Any, path: PathTuple, run: Run) -> Any:
    """Return what can be iterated now; None if it is null, or comes later.

    Raises:
        GraphQLError: No iterable.
    """
    value = admit(position, value, path, run)
    if value is None:
        return None
    if run.is_async_iterable(value):
        run.pending.append((_complete_items(position, value, path, run), position, path, None))
        return None
    if not is_iterable(value):
        field = position.field
        raise GraphQLError(f"Expected Iterable, but did not find one for field '{field.parent_type}.{field.name}'.")
    return value


class CompletedItems:
    """The items of an asynchronous iterable, completed as they came, with what they still wait for."""

    __slots__ = ("batches", "items", "pending")

    def __init__(self, run: Run) -> None:
        self.items: list[Any] = []
        self.pending: list[Pending] = []
        self.batches: list[list[Batched]] = [[] for _ in run.batches]

    def add(self, item: Any, position: Position, path: PathTuple, run: Run) -> None:
        """Complete one more item; raises where it cannot be null. What it waits for stays here until `settle`."""
        pending, run.pending = run.pending, []
        batches, run.batches = run.batches, [[] for _ in run.batches]
        try:
            self.items.append(position.complete(item, path, run))
        except Exception as error:  # noqa: BLE001  # whatever completing raises is the error of the item
            fail_at(position, error, path, run)
            self.items.append(None)
        finally:
            self.pending += run.pending
            for mine, more in zip(self.batches, run.batches, strict=True):
                mine += more
            run.pending, run.batches = pending, batches

    def settle(self, run: Run) -> list[Any]:
        """Return the items and let the run wait for the rest."""
        run.pending += self.pending
        for all_, mine in zip(run.batches, self.batches, strict=True):
            all_ += mine
        return self.items


async def _complete_items(position: Position, iterable: Any, path: PathTuple, run: Run) -> CompletedItems:
    """Complete the items of an asynchronous iterable; one that makes the list null ends it.

    Raises:
        Exception: What the iterable raised, or the error of an item that cannot be null.
    """
    item = position.item
    assert item is not None
    done = CompletedItems(run)
    iterator = aiter(iterable)
    try:
        async for value in iterator:
            done.add(value, item, (path, len(done.items), None), run)
    except BaseException:
        settle_in_background(run, [entry[0] for entry in done.pending])
        close = getattr(iterator, "aclose", None)
        if close is not None:
            with suppress(Exception):  # the error that ended the list is told already
                await close()
        raise
    return done


def admit_object(position: Position, value: Any, path: PathTuple, run: Run) -> Any:
    """Return a value of the position's object type; None if it is null, or comes later.

    Raises:
        GraphQLError: Not a value of the type.
    """
    if value.__class__ is Decided:
        return value.value if value.type_name else _refuse_type(position, position.type_, value.value)
    value = admit(position, value, path, run)
    return None if value is None else _checked(position, position.type_, value, path, run)


def _checked(position: Position, type_: Any, value: Any, path: PathTuple, run: Run) -> Any:
    if type_.is_type_of:
        holds = type_.is_type_of(value, graphql_info(position.field, _field_path(path), run))
        if run.is_awaitable(holds):
            run.pending.append((_decide(value, holds, type_.name), position, path, None))
            return None
        if not holds:
            _refuse_type(position, type_, value)
    return value


async def _decide(value: Any, decision: Any, type_name: str | None) -> Decided:
    """Await a type's name, or, for a given type, whether the value is of it."""
    decided = await decision
    if type_name is None:
        return Decided(value, decided)
    return Decided(value, (type_name,) if decided else False)


def _refuse_type(position: Position, type_: Any, value: Any) -> Any:
    raise GraphQLError(f"Expected value of type '{type_}' but got: {inspect_value(value)}.", position.nodes)


def _field_path(path: PathTuple) -> PathTuple:
    """Return the path of the field whose list the path leads into."""
    while isinstance(path[1], int):
        path = path[0]
    return path


def complete_abstract(position: Position, value: Any, path: PathTuple, run: Run) -> Any:
    """Complete a value of an interface or union: find its runtime type as the schema does, then its fields."""
    type_: Any = position.type_
    if value.__class__ is Decided:
        name, value = value.type_name, value.value
        if name is False:
            _refuse_type(position, type_, value)
        if isinstance(name, tuple):  # a check of the runtime type held
            return position.functions[name[0]](value, path, run)
    else:
        value = admit(position, value, path, run)
        if value is None:
            return None
        info = graphql_info(position.field, _field_path(path), run)
        name = (type_.resolve_type or default_type_resolver)(value, info, type_)
        if run.is_awaitable(name):
            run.pending.append((_decide(value, name, None), position, path, None))
            return None
    runtime_type = _runtime_type(position, name, value, run)
    value = _checked(position, runtime_type, value, path, run)
    return None if value is None else position.functions[runtime_type.name](value, path, run)


def _runtime_type(position: Position, name: Any, value: Any, run: Run) -> Any:
    """Return the object type of that name.

    Raises:
        GraphQLError: No name, or not the name of a possible type.
    """
    abstract, field, schema = position.type_, position.field, run.plan.schema
    place = f"'{field.parent_type}.{field.name}'"
    must = f"Abstract type '{abstract}' must resolve to an Object type at runtime for field {place}"
    if name is None:
        message = (
            f"{must}. Either the '{abstract}' type should provide a 'resolve_type' function"
            " or each possible type should provide an 'is_type_of' function."
        )
        raise GraphQLError(message, position.nodes)
    if not isinstance(name, str):
        message = (
            f"{must} with value {inspect_value(value)}, received '{inspect_value(name)}',"
            " which is not a valid Object type name."
        )
        raise GraphQLError(message, position.nodes)
    runtime_type = schema.get_type(name)
    if runtime_type is None:
        message = f"Abstract type '{abstract}' was resolved to a type '{name}' that does not exist inside the schema."
        raise GraphQLError(message, position.nodes)
    if not is_object_type(runtime_type):
        raise GraphQLError(f"Abstract type '{abstract}' was resolved to a non-object type '{name}'.", position.nodes)
    if name not in position.functions:
        raise GraphQLError(
            f"Runtime Object type '{runtime_type}' is not a possible type for '{abstract}'.", position.nodes
        )
    return runtime_type
