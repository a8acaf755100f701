"""Answers that are kept with the object that they are about, and stand in later responses as they are.

    @keeps_answers(by=lambda context: context.locales)
    @strawberry.type
    class Picture:
        url: str

        @strawberry.field
        @lasting
        def caption(self, info: Info, locale: str | None = None) -> str: ...

An object of such a type never changes. What its plain attributes and lasting resolvers give depends on nothing but the
object, the arguments, and what `by` reads of the context. So the part of an answer that only they make, and lasting
fields of such objects below, is completed once and then found with the object, for as long as the object is there. All
other fields are resolved each time. Nothing is kept that an awaitable brings, or beside an error.

Responses share what is kept: who wants to change a response copies it first.
"""

from __future__ import annotations

from itertools import count
from typing import TYPE_CHECKING, Any, TypeVar

from graphql import is_leaf_type

from compiled_execution.arguments import key_of, variables_of
from compiled_execution.internals import direct_resolver, object_definition, plain_attribute

if TYPE_CHECKING:
    from collections.abc import Callable, Hashable, Iterator

    from compiled_execution.plan import FieldPlan, Position, Selection
    from compiled_execution.run import Run

Class = TypeVar("Class", bound=type)
Function = TypeVar("Function", bound="Callable[..., Any]")

ANSWERS = "_kept_answers"
"""The attribute of an object that holds its answers by number; None in the class."""

_DECLARED = "__keeps_answers_by__"
_LASTING = "__lasting__"
_MOST_ANSWERS = 4
"""Of one object: clients choose the arguments."""
_MOST_NUMBERS = 64
"""Of one place of an operation."""
_LEAST_WORK = 4
"""Below it, finding an answer takes as long as making it."""
_WORK_OF_CALL = 3
_ABSENT = object()
_NONE = -1
_numbers = count(1)


def keeps_answers(*, by: Callable[[Any], Hashable] | None = None) -> Callable[[Class], Class]:
    """Return a decorator of a Strawberry type whose objects never change, and keep their answers. Subtypes inherit it.

    Args:
        by: What lasting resolvers may read of the context. Equal results mean equal answers. None: they read nothing.
    """

    def declare(class_: Class) -> Class:
        setattr(class_, _DECLARED, (by,))
        setattr(class_, ANSWERS, None)
        return class_

    return declare


def lasting(function: Function) -> Function:
    """Declare that a plain `def` resolver's value depends on the object, the arguments and the type's `by` alone."""
    setattr(function, _LASTING, True)
    return function


class Kept:
    """What is kept of the objects at one place of an operation. `fields` are the numbers of those fields."""

    __slots__ = ("_by", "_known", "_variables", "fields")

    def __init__(self, fields: frozenset[int], variables: tuple[str, ...], by: tuple[Callable[[Any], Hashable], ...]):
        self.fields = fields
        self._variables = variables
        self._by = by
        self._known: dict[Hashable, int] = {}

    def number(self, run: Run) -> int:
        """Return under what number answers of the request are kept: never that of other arguments or places.

        Negative for arguments that cannot be told from others with certainty.
        """
        values = key_of(self._variables, run.variables)
        if values is None:
            return _NONE
        key = (*values, *[by(run.context) for by in self._by])
        number = self._known.get(key)
        if number is None:
            if len(self._known) >= _MOST_NUMBERS:
                self._known.clear()
            number = self._known[key] = next(_numbers)
        return number


def kept_number(place: int, run: Run) -> int:
    """Return the number for a place of the operation, and remember it for the rest of the request."""
    number = run.kept[place] = run.plan.kept[place].number(run)
    return number


def standing(run: Run) -> tuple[int, int]:
    """Return what grows when something has to be waited for, or fails."""
    return len(run.pending), len(run.errors)


def keep(source: Any, answer: dict[str, Any], run: Run, *, number: int, before: tuple[int, int], copies: bool) -> Any:
    """Keep what was just completed, if it is complete, and return what may go into the response.

    Args:
        source: The object.
        answer: What was completed.
        run: The request.
        number: Under which it is kept; negative if it cannot be.
        before: How the run stood before.
        copies: Whether other fields are going to be added.
    """
    if number == _NONE or standing(run) != before:
        return answer
    answers: Any = getattr(source, ANSWERS, _ABSENT)
    if answers is _ABSENT:  # an object of another class, which promises nothing
        return answer
    if answers is None:
        answers = {}
        object.__setattr__(source, ANSWERS, answers)
    elif len(answers) >= _MOST_ANSWERS:
        del answers[next(iter(answers))]
    answers[number] = answer
    return answer.copy() if copies else answer


def kept_of(selection: Selection) -> Kept | None:
    """Return what is kept of the objects that a selection reads; None if nothing is, or it is not worth while."""
    if _declared(selection) is None:
        return None
    fields = [field for _, field in selection.fields if field is not None and _lasts(field)]
    if sum(map(_work, fields)) < _LEAST_WORK:
        return None
    variables: dict[str, None] = {}
    by: dict[Callable[[Any], Hashable], None] = {}
    _note(selection, by)
    for field in fields:
        for each in _with_all_below(field):
            variables.update(dict.fromkeys(variables_of(each.nodes[0].arguments)))
            for chosen in _selections(each.position):
                _note(chosen, by)
    return Kept(frozenset(field.number for field in fields), tuple(variables), tuple(by))


def _declared(selection: Selection) -> tuple[Callable[[Any], Hashable] | None] | None:
    definition = object_definition(selection.type_)
    return None if definition is None else getattr(definition.origin, _DECLARED, None)


def _note(selection: Selection, by: dict[Callable[[Any], Hashable], None]) -> None:
    (read,) = _declared(selection) or (None,)
    if read is not None:
        by[read] = None


def _lasts(field: FieldPlan) -> bool:
    """Whether the field's value depends on the object, the arguments and `by` alone, with all that is below it."""
    if plain_attribute(field.definition) is None:
        function = direct_resolver(field.definition)
        if function is None or not getattr(function, _LASTING, False) or field.strawberry_field is None:
            return False
        if field.strawberry_field.is_async:
            return False
    return all(
        _declared(selection) is not None and all(each is None or _lasts(each) for _, each in selection.fields)
        for selection in _selections(field.position)
    )


def _selections(position: Position) -> Iterator[Selection]:
    """Yield what may be read of the objects at the position, or in its lists."""
    place: Position | None = position
    while place is not None:
        yield from place.selections.values()
        place = place.item


def _with_all_below(field: FieldPlan) -> Iterator[FieldPlan]:
    yield field
    for selection in _selections(field.position):
        for _, each in selection.fields:
            if each is not None:
                yield from _with_all_below(each)


def _work(field: FieldPlan) -> int:
    is_plain = plain_attribute(field.definition) is not None and is_leaf_type(field.position.type_)
    return 1 if is_plain else _WORK_OF_CALL
