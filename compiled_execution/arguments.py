"""The arguments of a field's function, remembered between requests by the values of the variables in them."""

from __future__ import annotations

from datetime import date, datetime, time, timedelta
from decimal import Decimal
from enum import Enum
from typing import TYPE_CHECKING, Any
from uuid import UUID

from graphql import VariableNode, get_named_type, is_enum_type, is_specified_scalar_type

from compiled_execution.internals import FederationAny, StrawberryList, convert_arguments, get_argument_values

if TYPE_CHECKING:
    from collections.abc import Hashable, Iterator

    from compiled_execution.internals import VariableValues
    from compiled_execution.plan import FieldPlan, PathTuple
    from compiled_execution.run import Run

_IMMUTABLE = frozenset({str, int, float, bool, type(None), datetime, date, time, timedelta, Decimal, UUID, bytes})
_COMPARABLE = frozenset({str, int, bool, type(None)})
_ABSENT = object()
_MOST_REMEMBERED = 8
"""Of one field: clients choose the values."""
_LONGEST_TEXT = 256
"""In characters: what is longer is no word that comes again, and clients choose the values."""


def arguments(field: FieldPlan, path: PathTuple, run: Run) -> dict[str, Any]:
    """Return the arguments of the field's function: once per request; for each call if it could change one."""
    if field.references is not None:
        name, variable = field.references
        value = run.variables.coerced.get(variable)
        if value.__class__ is list:
            return {name: [*value]}  # a copy for each call, as Strawberry makes; the items as they are
    key = None
    if field.variables is not None:
        key = key_of(field.variables, run.variables)
        kwargs = None if key is None else field.remembered.get(key)
        if kwargs is not None:
            run.arguments[field.number] = kwargs
            return kwargs
    kwargs = convert_arguments(
        get_argument_values(field.definition, field.nodes[0], run.variables),
        field.arguments,
        scalar_registry=run.scalar_registry,
        config=run.config,
        info=run.info(field, path, run),
    )
    if all(value.__class__ in _IMMUTABLE or isinstance(value, Enum) for value in kwargs.values()):
        run.arguments[field.number] = kwargs
        if key is not None:
            if len(field.remembered) >= _MOST_REMEMBERED:
                field.remembered.clear()
            field.remembered[key] = kwargs
    return kwargs


def key_of(names: tuple[str, ...], variables: VariableValues) -> tuple[Hashable, ...] | None:
    """Return the values of the variables, equal only to equal ones; None if that cannot be told of one of them, or one
    is too long to be remembered.

    A variable has one type in an operation, so that `1` and `true` are never two values of it.
    """
    coerced = variables.coerced
    values = tuple([coerced.get(name, _ABSENT) for name in names])
    for value in values:
        if value.__class__ is str:
            if len(value) > _LONGEST_TEXT:
                return None
        elif not (value.__class__ in _COMPARABLE or value is _ABSENT or isinstance(value, Enum)):
            return None
    return values


def variables_of(nodes: Any) -> Iterator[str]:
    """Yield the names of the variables in arguments, or in the fields of an input object."""
    for node in nodes or ():
        yield from _variables_in(node.value)


def _variables_in(value: Any) -> Iterator[str]:
    if isinstance(value, VariableNode):
        yield value.name.value
    for each in getattr(value, "values", None) or ():
        yield from _variables_in(each)
    yield from variables_of(getattr(value, "fields", None))


def references_of(field: FieldPlan) -> tuple[str, str] | None:
    """Return Python name and variable of the field's argument if it takes only a list of representations."""
    nodes = field.nodes[0].arguments or ()
    if len(field.arguments) != 1 or len(field.definition.args) != 1 or len(nodes) != 1:
        return None
    (argument,), (node,) = field.arguments, nodes
    type_ = argument.type
    if not isinstance(node.value, VariableNode) or not isinstance(type_, StrawberryList):
        return None
    return (argument.python_name, node.value.name.value) if type_.of_type is FederationAny else None


def lasting_variables(field: FieldPlan) -> tuple[str, ...] | None:
    """Return the variables by whose values the arguments may be remembered; None if they may not be.

    A value that is written in the operation is read anew in each request if its scalar is the schema's own: what such
    a scalar reads may change.
    """
    types = field.definition.args
    for node in field.nodes[0].arguments or ():
        argument = types.get(node.name.value)
        if argument is None:
            return None
        type_ = get_named_type(argument.type)
        is_known = is_specified_scalar_type(type_) or is_enum_type(type_)
        if not isinstance(node.value, VariableNode) and not is_known:
            return None
    return tuple(dict.fromkeys(variables_of(field.nodes[0].arguments)))
