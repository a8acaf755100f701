"""The Python source of a plan: one function for each selection and each position that holds objects or lists.

Names in the source: `s` the object whose fields are read, `p` the path that leads to it, `r` the run, `d` what goes
into the response, `v` a value; `n`, `a` and `b` belong to what is kept (`kept.py`). Numbers are those of the plan. A
leaf of exactly the expected class goes into the response as it is; everything else takes the functions of `run`.
"""

from __future__ import annotations

from enum import Enum, Flag
from functools import partial
from keyword import iskeyword
from types import CoroutineType
from typing import TYPE_CHECKING, Any

from graphql import (
    GraphQLBoolean,
    GraphQLFloat,
    GraphQLID,
    GraphQLInt,
    GraphQLString,
    is_abstract_type,
    is_leaf_type,
    is_list_type,
    is_object_type,
)

from compiled_execution import arguments, faults, kept, run
from compiled_execution.batch import BatchFunction, batch_function
from compiled_execution.internals import (
    TYPE_CAST_ATTRIBUTE,
    CustomGraphQLEnumType,
    decides_by_class,
    direct_resolver,
    is_type_of_by_class,
    object_definition,
    plain_attribute,
)
from compiled_execution.loader import Load
from compiled_execution.plan import no_pause

if TYPE_CHECKING:
    from collections.abc import Callable
    from collections.abc import Set as AbstractSet

    from compiled_execution.plan import FieldPlan, Plan, Position, Selection

_EXACT = {
    GraphQLString: "v.__class__ is str",
    GraphQLID: "v.__class__ is str",
    GraphQLBoolean: "v.__class__ is bool",
    GraphQLInt: "v.__class__ is int and -2147483649 < v < 2147483648",
    GraphQLFloat: "v.__class__ is float and v - v == 0.0",  # neither infinite nor NaN
}
_EXACT_CLASSES: dict[Any, type] = {GraphQLString: str, GraphQLID: str, GraphQLBoolean: bool, GraphQLInt: int}


_MOST_FIELDS = 24
"""Of one function. Python's compiler lets no other thread run before it is done with a text: 60 µs a field."""


def compile_plan(plan: Plan, make_info: Callable[..., Any], *, pause: Callable[[], None] = no_pause) -> None:
    """Write the plan's source, run it, and put its functions into the plan.

    Args:
        plan: What is compiled.
        make_info: Makes the Info of a resolver.
        pause: Called often, to let other threads go on.
    """
    emitter = _Emitter(make_info, pause)
    for root in plan.roots:
        emitter.selection(root)
    plan.source = "\n".join(emitter.lines) + "\n"
    names = emitter.names
    _execute_source(plan, names, pause)
    plan.kept = emitter.kept
    plan.batches = [function for function, _ in emitter.groups]
    plan.functions = [names[f"select_{root.number}"] for root in plan.roots]
    for position in emitter.positions:
        position.functions = {name: names[f"select_{chosen.number}"] for name, chosen in position.selections.items()}
        completes = names.get(f"complete_{position.number}")
        position.exact, position.select_exact = _exact_class(position)
        position.complete = completes or partial(run.complete_leaf, position)
    for dispatch, classes, position in emitter.dispatches:
        dispatch.update({class_: position.functions[name] for class_, name in classes.items()})


def _execute_source(plan: Plan, names: dict[str, Any], pause: Callable[[], None]) -> None:
    """Define the functions one by one."""
    name, line = f"<{plan.operation.operation.value}>", 1
    for part in plan.source.split("\n\n"):
        text = "\n" * (line - 1) + part  # so that tracebacks name the line
        exec(compile(text, name, "exec"), names)  # noqa: S102  # our own text; names come from the schema, as literals
        line += part.count("\n") + 2
        pause()


class _Emitter:
    """Collects the lines of the source and the names that they use."""

    def __init__(self, make_info: Callable[..., Any], pause: Callable[[], None]) -> None:
        self._pause = pause
        self.lines: list[str] = []
        self.positions: list[Position] = []
        self.groups: dict[tuple[BatchFunction, int], int] = {}
        self.kept: list[kept.Kept] = []
        self._is_kept = False
        self.dispatches: list[tuple[dict[type, Any], dict[type, str], Position]] = []
        self.names: dict[str, Any] = {
            "Info": make_info,
            "Coroutine": CoroutineType,
            "Load": Load,
            "abandon_rest": faults.abandon_rest,
            "admit_list": run.admit_list,
            "admit_object": run.admit_object,
            "arguments": arguments.arguments,
            "call_original": run.call_original,
            "complete_abstract": run.complete_abstract,
            "complete_leaf": run.complete_leaf,
            "fail": faults.fail,
            "fail_at": faults.fail_at,
            "keep": kept.keep,
            "kept_number": kept.kept_number,
            "slow_leaf": run.slow_leaf,
            "standing": kept.standing,
        }

    def selection(self, selection: Selection) -> None:
        """Emit the function that reads the selected fields of an object, after those for what is below it."""
        # Below what is kept, nothing is kept again.
        place = None if self._is_kept else kept.kept_of(selection)
        body = self._fields(selection) if place is None else self._kept_fields(selection, place)
        self.lines += ["", f"def select_{selection.number}(s, p, r):  # {selection.type_.name}", *body, "    return d"]

    def _kept_fields(self, selection: Selection, place: kept.Kept) -> list[str]:
        """Return the lines that find or make what is kept of the object, and then read its other fields."""
        number = len(self.kept)
        self.kept.append(place)
        others = {field.number for _, field in selection.fields if field is not None} - place.fields
        self._is_kept = True
        made = self._fields(selection, skipped=others)
        self._is_kept = False
        read = self._fields(selection, name="others", skipped=place.fields, starts=False) if others else []
        return [
            f"    n = r.kept[{number}] or kept_number({number}, r)",
            f"    a = getattr(s, {kept.ANSWERS!r}, None)",
            "    d = a.get(n) if a else None",
            "    if d is None:",
            "        b = standing(r)",
            *("    " + line for line in made),
            f"        d = keep(s, d, r, number=n, before=b, copies={bool(others)})",
            *(["    else:", "        d = d.copy()"] if others else []),
            *read,
        ]

    def _fields(
        self,
        selection: Selection,
        *,
        name: str = "select",
        skipped: AbstractSet[int] = frozenset(),
        starts: bool = True,
    ) -> list[str]:
        """Return the lines that put the fields into `d`, in functions of their own if there are many.

        Args:
            selection: Whose fields.
            name: What functions are called.
            skipped: The numbers of fields that others read; they get their place in the order.
            starts: Whether `d` does not exist yet.
        """
        parts: list[list[str]] = [[]]
        for place, (key, field) in enumerate(selection.fields):
            if place and place % _MOST_FIELDS == 0:
                parts.append([])
            if field is None or field.number in skipped:
                if starts:
                    parts[-1].append(f"    d[{key!r}] = {None if field else selection.type_.name!r}")
            else:
                parts[-1] += self._field(field)
            self._pause()
        start = ["    d = {}"] if starts else []
        if len(parts) == 1:
            return start + parts[0]
        function, said = f"{name}_{selection.number}", f"  # {selection.type_.name}"
        for number, body in enumerate(parts):
            self.lines += ["", f"def {function}_{number}(s, p, r, d):{said}", *(body or ["    pass"])]
        return start + [f"    {function}_{number}(s, p, r, d)" for number in range(len(parts))]

    def _field(self, field: FieldPlan) -> list[str]:
        position, key = field.position, field.key
        self._position(position)
        path = f"(p, {key!r}, {field.parent_type.name!r})"
        said = f"  # {field.parent_type.name}.{field.name}: {field.definition.type}"
        group = self._batch_group(field)
        if group is not None:
            return [f"    d[{key!r}] = None{said}", f"    r.batches[{group}].append((s, F{field.number}, {path}, d))"]
        call, prepared, later = self._call(field)
        leaf = is_leaf_type(position.type_)
        done = self._leaf(position) if leaf else f"complete_{position.number}(v, {path}, r)"
        lines = [f"    try:{said}", *prepared]
        if later:
            lines += [
                f"        v = {call}",
                f"        if v.__class__ is {later}:",
                f"            d[{key!r}] = None",
                f"            r.pending.append((v, P{position.number}, {path}, d))",
                "        else:",
                f"            d[{key!r}] = {done}",
            ]
        elif leaf:
            lines += [f"        v = {call}", f"        d[{key!r}] = {done}"]
        else:
            lines.append(f"        d[{key!r}] = complete_{position.number}({call}, {path}, r)")
        lines += ["    except Exception as e:", f"        d[{key!r}] = fail(P{position.number}, e, p, r)"]
        return lines

    def _batch_group(self, field: FieldPlan) -> int | None:
        """Return the number of the calls that resolve the field of many objects, None if each has its own."""
        function = direct_resolver(field.definition)
        batch = None if function is None else batch_function(function)
        if batch is None:
            return None
        self.names[f"F{field.number}"] = field
        # One node on several types of one interface is one call, as it is on graphql-core.
        return self.groups.setdefault((batch, id(field.nodes[0])), len(self.groups))

    def _call(self, field: FieldPlan) -> tuple[str, list[str], str]:
        """Return the expression of the field's value, lines before it, and the class of values that come later."""
        number, path = field.number, f"(p, {field.key!r}, {field.parent_type.name!r})"
        attribute = plain_attribute(field.definition)
        if attribute is not None:
            if attribute.isidentifier() and not iskeyword(attribute):
                return f"s.{attribute}", [], ""
            return f"getattr(s, {attribute!r})", [], ""
        function = direct_resolver(field.definition)
        if function is None or field.strawberry_field is None or field.strawberry_field.base_resolver is None:
            self.names[f"F{number}"] = field
            return f"call_original(F{number}, s, {path}, r)", [], ""
        resolver = field.strawberry_field.base_resolver
        self.names[f"f{number}"] = function
        self.names[f"F{number}"] = field
        given: dict[str, str] = {}
        for parameter in (resolver.parent_parameter, resolver.root_parameter):
            if parameter:
                given[parameter.name] = "s"
        if resolver.info_parameter:
            given[resolver.info_parameter.name] = f"Info(F{number}, {path}, r)"
        passed = ["s"] if resolver.self_parameter else []
        passed += [f"{name}={value}" for name, value in given.items()]
        prepared = []
        if field.has_arguments:
            prepared = [
                f"        a = r.arguments[{number}]",
                "        if a is None:",
                f"            a = arguments(F{number}, {path}, r)",
            ]
            passed.append("**a")
        later = "Coroutine" if field.strawberry_field.is_async else "Load"
        return f"f{number}({', '.join(passed)})", prepared, later

    def _leaf(self, position: Position) -> str:
        """Return the expression that completes `v`, the value of a field."""
        exact, taken = self._exact(position)
        slow = f"slow_leaf(P{position.number}, v, p, r)"
        return f"{taken} if {exact} else {slow}" if exact else slow

    def _exact(self, position: Position) -> tuple[str, str]:
        """Return the test for values that need no more, and what goes into the response for them; empty if none do."""
        type_: Any = position.type_
        exact, taken = _EXACT.get(type_, ""), "v"
        members = _enum_members(type_)
        if members:
            number = position.number
            self.names[f"C{number}"] = type_.wrapped_cls
            self.names[f"N{number}"] = members
            exact, taken = f"v.__class__ is C{number}", f"N{number}[v._name_]"
        if exact and not position.non_null:
            return f"({exact}) or v is None" if not members else f"{exact}", taken
        return exact, taken

    def _position(self, position: Position) -> None:
        """Emit the function that completes values at the position; leaves are completed where they are read."""
        self.positions.append(position)
        self.names[f"P{position.number}"] = position
        if is_leaf_type(position.type_):
            return
        if position.item is not None:
            self._position(position.item)
        for selection in position.selections.values():
            self.selection(selection)
        number = position.number
        self.lines += ["", f"def complete_{number}(v, p, r):  # {position.type_}"]
        if is_list_type(position.type_):
            self._list(position)
        elif is_abstract_type(position.type_):
            self._abstract(position)
        else:
            self._object(position)

    def _list(self, position: Position) -> None:
        item = position.item
        assert item is not None
        later: list[str] = []
        if is_leaf_type(item.type_):
            exact, taken = self._exact(item)
            slow = f"complete_leaf(P{item.number}, v, (p, i, None), r)"
            added = f"{taken} if {exact} else {slow}" if exact else slow
        else:
            added = f"complete_{item.number}(v, (p, i, None), r)"
            later = [
                "            if v.__class__ is Coroutine or v.__class__ is Load:",
                f"                r.pending.append((v, P{item.number}, (p, i, None), done))",
                "                add(None)",
                "                continue",
            ]
        self.lines += [
            "    if v.__class__ is not list:",
            f"        v = admit_list(P{position.number}, v, p, r)",
            "        if v is None:",
            "            return None",
            "    done = []",
            "    add = done.append",
            "    rest = iter(v)",
            "    try:",
            "        for i, v in enumerate(rest):",
            *later,
            "            try:",
            f"                add({added})",
            "            except Exception as e:",
            f"                add(fail_at(P{item.number}, e, (p, i, None), r))",
            "    except Exception:",
            "        abandon_rest(rest, r)",
            "        raise",
            "    return done",
        ]

    def _object(self, position: Position) -> None:
        number, type_ = position.number, position.type_
        (selection,) = position.selections.values()
        class_ = _class_of(type_)
        if class_ is not None:
            self.names[f"C{number}"] = class_
            self.lines += [
                f"    if v.__class__ is C{number}{_not_cast(type_)}:",
                f"        return select_{selection.number}(v, p, r)",
            ]
        self.lines += [
            f"    v = admit_object(P{number}, v, p, r)",
            f"    return None if v is None else select_{selection.number}(v, p, r)",
        ]

    def _abstract(self, position: Position) -> None:
        number, type_ = position.number, position.type_
        classes = _classes_of(position)
        if classes:
            dispatch: dict[type, Any] = {}
            self.names[f"D{number}"] = dispatch.get
            self.dispatches.append((dispatch, classes, position))
            self.lines += [
                f"    select = D{number}(v.__class__)",
                f"    if select is not None and getattr(v, {TYPE_CAST_ATTRIBUTE!r}, None) is None:",
                "        return select(v, p, r)",
            ]
        self.lines.append(f"    return complete_abstract(P{number}, v, p, r)  # {type_}")


def _not_cast(type_: Any) -> str:
    return f" and getattr(v, {TYPE_CAST_ATTRIBUTE!r}, None) is None" if type_.is_type_of else ""


def _exact_class(position: Position) -> tuple[type | None, Callable[..., Any] | None]:
    """Return the class whose instances need no check at the position, and what reads them if they are objects."""
    type_: Any = position.type_
    if is_object_type(type_) and not type_.is_type_of:
        class_ = _class_of(type_)
        return class_, None if class_ is None else position.functions[type_.name]
    return _EXACT_CLASSES.get(type_), None


def _class_of(type_: Any) -> type | None:
    """Return the class whose instances need no check to be values of the object type, None if there is none."""
    definition = object_definition(type_)
    if definition is None or definition.concrete_of or definition.is_graphql_generic:
        return None
    class_ = definition.origin
    if type_.is_type_of and not is_type_of_by_class(type_):
        return None
    if hasattr(class_, "__await__") or issubclass(class_, Exception) or hasattr(class_, TYPE_CAST_ATTRIBUTE):
        return None
    return class_


def _classes_of(position: Position) -> dict[type, str]:
    """Return the classes by which alone the schema decides that a value is of a type."""
    abstract: Any = position.type_
    if not decides_by_class(abstract.resolve_type):
        return {}
    interface = object_definition(abstract)
    classes: dict[type, str] = {}
    for name, selection in position.selections.items():
        class_, definition = _class_of(selection.type_), object_definition(selection.type_)
        if class_ is None or definition is None or definition.name != name:
            continue
        if class_.__dict__.get("__strawberry_definition__") is not definition or class_ in classes:
            continue
        if interface is None or issubclass(class_, interface.origin):
            classes[class_] = name
    return classes


def _enum_members(type_: Any) -> dict[str, str]:
    """Return the name in the response of each member of the type's Python enum; empty for any other type."""
    if type(type_) is not CustomGraphQLEnumType:
        return {}
    enum = type_.wrapped_cls
    if not isinstance(enum, type) or not issubclass(enum, Enum) or issubclass(enum, Flag):
        return {}
    try:
        return {
            member._name_: type_.coerce_output_value(member) for member in enum
        }  # documented; `name` is a slow property
    except ValueError:
        return {}
