"""Compiles an operation to Python code that projects data which are as the API schema promises, and only such.

Idea: nearly every response tree is faultless, and then neither paths nor error messages are needed. So each (object
type, merged selection) becomes one function of the form

    def object_3(o):
        try:
            v0 = o["id"]; v1 = o["name"]
        except KeyError: …                           # absent is null
        if not (v0.__class__ is v1.__class__ is str): raise Misfit
        return {"id": v0, "name": v1, "__typename": "Movie"}

Whatever raises - a check, a missing `__typename`, a subscript of something that is no object - leads to the careful
projection (`projection.py`), which finds out what is wrong and words it. So nothing here may let pass what that one
would complain of, or answer differently.

Objects that stand in many places of the tree (`shared_objects.py`) are projected once per response: where the plan
shares them, results are remembered by identity.

Source text rather than closures, because a closure per field costs a call per leaf. Only names of the schema and the
operation reach the text, all of them GraphQL names and quoted by `repr`.
"""

from collections.abc import Callable, Collection, Mapping
from functools import cache
from typing import Any
from weakref import WeakKeyDictionary

from graphql import (
    GraphQLEnumType,
    GraphQLLeafType,
    GraphQLList,
    GraphQLNonNull,
    GraphQLOutputType,
    SelectionSetNode,
    is_abstract_type,
    is_leaf_type,
    is_object_type,
)

from router.execution.client_selections import (
    INTROSPECTION_FIELDS,
    ClientSelections,
    InternalPath,
    ObjectType,
    Position,
)
from router.execution.generated_code import Parameters, generate
from router.execution.misfits import MISFITS, Misfit
from router.execution.projection import EXACT_LEAF_CLASSES, GREATEST_INT, LEAST_INT, Projection, projection_of
from router.execution.response_errors import LinkedPath, ResponseErrors

QuickProjection = Callable[[Mapping[str, Any]], dict[str, Any]]

_INT_MISFIT = f"{{v}}.__class__ is not int or not {LEAST_INT} <= {{v}} <= {GREATEST_INT}"


def compile_quick_projection(
    selections: ClientSelections, *, shared: Collection[InternalPath] = (), whole: Collection[InternalPath] = ()
) -> QuickProjection | None:
    """Return the projection of faultless data, or None where every response holds an error.

    It raises one of `MISFITS` for data that are not faultless.

    Args:
        shared: Internal keys of the positions whose objects may stand in several places.
        whole: Internal keys of the positions whose values need no projection (`reply_types.py`).
    """
    if selections.denies_any(selections.root_type, selections.root_selections):
        return None
    return _Compiler(selections, frozenset(shared), frozenset(whole)).compile()


def quick_or_careful(
    selections: ClientSelections,
    *,
    select_again: Callable[[], ClientSelections],
    shared: Collection[InternalPath] = (),
) -> Projection:
    """Return the projection of an operation: compiled for faultless data, careful for all others.

    Args:
        select_again: Returns what `selections` is, if it is needed, so that it need not be kept.
    """
    quick = compile_quick_projection(selections, shared=shared)
    if quick is None:
        return projection_of(selections)
    careful: Projection | None = None

    def project(root: Mapping[str, Any], path: LinkedPath, errors: ResponseErrors) -> dict[str, Any] | None:
        nonlocal careful
        try:
            return quick(root)
        except MISFITS:
            if careful is None:
                careful = projection_of(select_again())
            return careful(root, path, errors)

    return project


Function = Callable[[Any], Any]


class _Compiler:
    """Makes functions; those of equal text and equal parameters are one."""

    def __init__(
        self, selections: ClientSelections, shared: frozenset[InternalPath], whole: frozenset[InternalPath]
    ) -> None:
        self._selections = selections
        self._shared = shared
        self._whole = whole
        self._known: dict[object, Function] = {}
        self._memos: dict[Function, dict[int, Any]] = {}

    def compile(self) -> QuickProjection:
        project = self._object(self._selections.root_type, self._selections.root_selections, ())
        memos = tuple(self._memos.values())
        if not memos:
            return project

        def project_and_forget(root: Mapping[str, Any]) -> dict[str, Any]:
            try:
                result: dict[str, Any] = project(root)
            finally:
                # Memories are valid for one call only: afterwards the same identity may be another object's.
                for memo in memos:
                    memo.clear()
            return result

        return project_and_forget

    def _function(self, kind: str, body: list[str], parameters: Parameters) -> Function:
        """Return the function of `o` with this body."""
        key = (tuple(body), tuple(map(id, parameters.values)))
        known = self._known.get(key)
        if known is None:
            known = self._known[key] = generate(kind, ["o"], body, parameters)
        return known

    def _object(self, type_: ObjectType, selection_sets: tuple[SelectionSetNode, ...], keys: InternalPath) -> Function:
        # With positions that are shared or whole, the code depends on where it stands.
        key = (self._selections.shape_key(type_, selection_sets, keys), keys if self._shared or self._whole else ())
        known = self._known.get(key)
        if known is not None:
            return known
        parameters = Parameters()
        misfit = parameters.name(Misfit)
        if self._selections.denies_any(type_, selection_sets):
            function = self._known[key] = self._function("denied", [f"raise {misfit}"], parameters)
            return function
        reads: list[tuple[str, str]] = []
        texts: list[str] = []
        text_tests: list[str] = []
        statements: list[str] = []
        entries: list[str] = []
        for index, (response_key, nodes) in enumerate(self._selections.fields(type_, selection_sets).items()):
            name, variable = nodes[0].name.value, f"v{index}"
            if name == "__typename":
                entries.append(f"{response_key!r}: {type_.name!r}")
                continue
            entries.append(f"{response_key!r}: {variable}")
            if name in INTROSPECTION_FIELDS:
                reads.append((variable, response_key))
                continue
            internal_key = self._selections.internal_key(keys, type_.name, response_key)
            reads.append((variable, internal_key))
            field_type = type_.fields[name].type
            position = Position(field_type, tuple(nodes), f"{type_.name}.{name}", (*keys, internal_key))
            if _is_text(field_type):
                texts.append(variable)
                text_tests += self._value(variable, position, parameters)
            else:
                statements += self._value(variable, position, parameters)
        body = [
            *_read_lines(reads, misfit),
            *_text_lines(text_tests, texts),
            *statements,
            f"return {{{', '.join(entries)}}}",
        ]
        function = self._known[key] = self._function("object", body, parameters)
        return function

    def _value(self, variable: str, position: Position, parameters: Parameters) -> list[str]:
        """Return statements that complete `variable` in place, or raise."""
        type_ = position.type
        is_non_null = isinstance(type_, GraphQLNonNull)
        inner = position.of(type_.of_type) if isinstance(type_, GraphQLNonNull) else position
        if is_leaf_type(inner.type):
            condition = _misfit(inner.type, parameters, is_non_null=is_non_null)
            return [f"if {condition.format(v=variable)}: raise {parameters.name(Misfit)}"] if condition else []
        if inner.keys in self._whole:
            return [f"if {variable} is None: raise {parameters.name(Misfit)}"] if is_non_null else []
        if isinstance(inner.type, GraphQLList):
            lines = self._list(variable, inner, parameters)
        elif inner.keys in self._shared:
            function = self._composite(inner)
            memo, name = parameters.name(self._memo(function)), parameters.name(function)
            lines = [
                f"r = {memo}.get(id({variable}))",
                f"if r is None: r = {memo}[id({variable})] = {name}({variable})",
                f"{variable} = r",
            ]
        else:
            lines = [f"{variable} = {parameters.name(self._composite(inner))}({variable})"]
        if is_non_null:
            return lines
        return [f"if {variable} is not None:", *("    " + line for line in lines)]

    def _composite(self, position: Position) -> Function:
        """Return the function for an object; it raises for anything else."""
        if is_object_type(position.type):
            return self._object(position.type, position.selection_sets, position.keys)
        return self._abstract(position)

    def _memo(self, function: Function) -> dict[int, Any]:
        return self._memos.setdefault(function, {})

    def _list(self, variable: str, position: Position, parameters: Parameters) -> list[str]:
        """Return statements that complete the list in `variable`."""
        assert isinstance(position.type, GraphQLList)
        misfit = parameters.name(Misfit)
        lines = [f"if {variable}.__class__ is not list: raise {misfit}"]
        item = position.of(position.type.of_type)
        is_non_null = isinstance(item.type, GraphQLNonNull)
        inner = item.of(item.type.of_type) if isinstance(item.type, GraphQLNonNull) else item
        if is_leaf_type(inner.type):
            return [*lines, *_leaf_items(variable, inner.type, parameters, is_non_null=is_non_null)]
        if isinstance(inner.type, GraphQLList):
            inner_parameters = Parameters()
            body = [*self._list("o", inner, inner_parameters), "return o"]
            function = self._function("items", body, inner_parameters)
        elif inner.keys in self._shared:
            function = self._remembering(self._composite(inner))
        else:
            function = self._composite(inner)
        name = parameters.name(function)
        if is_non_null:
            return [*lines, f"{variable} = [*map({name}, {variable})]"]
        return [*lines, f"{variable} = [None if x is None else {name}(x) for x in {variable}]"]

    def _remembering(self, function: Function) -> Function:
        parameters = Parameters()
        memo, name = parameters.name(self._memo(function)), parameters.name(function)
        body = [f"r = {memo}.get(id(o))", f"if r is None: r = {memo}[id(o)] = {name}(o)", "return r"]
        return self._function("remembered", body, parameters)

    def _abstract(self, position: Position) -> Function:
        """Return the function that goes by the runtime type of its value."""
        abstract = position.type
        assert is_abstract_type(abstract)
        key = ("abstract", abstract.name, tuple(map(id, position.nodes)), position.keys)
        known = self._known.get(key)
        if known is not None:
            return known
        functions: dict[str | None, Function] = {
            possible.name: self._object(possible, position.selection_sets, position.keys)
            for possible in self._selections.schema.get_possible_types(abstract)
        }
        stand_in = self._selections.stand_in(abstract, position.selection_sets)
        if stand_in is not None:
            functions[None] = self._object(stand_in, position.selection_sets, position.keys)
        parameters = Parameters()
        body = [f"return {parameters.name(functions)}[o.get('__typename')](o)"]
        function = self._known[key] = self._function("abstract", body, parameters)
        return function


@cache
def _classes_of(name: str, *, is_non_null: bool) -> frozenset[type]:
    classes = EXACT_LEAF_CLASSES[name]
    return frozenset(classes if is_non_null else (*classes, type(None)))


_enum_values: WeakKeyDictionary[GraphQLEnumType, dict[bool, frozenset[str | None]]] = WeakKeyDictionary()


def _values_of(type_: GraphQLEnumType, *, is_non_null: bool) -> frozenset[str | None]:
    known = _enum_values.setdefault(type_, {})
    if is_non_null not in known:
        known[is_non_null] = frozenset(type_.values) if is_non_null else frozenset((*type_.values, None))
    return known[is_non_null]


def _leaf_items(variable: str, type_: GraphQLLeafType, parameters: Parameters, *, is_non_null: bool) -> list[str]:
    """Return statements that check all items; they stay as they are."""
    misfit = parameters.name(Misfit)
    if isinstance(type_, GraphQLEnumType):
        values = parameters.name(_values_of(type_, is_non_null=is_non_null))
        return [f"if not {values}.issuperset({variable}): raise {misfit}"]
    if type_.name in EXACT_LEAF_CLASSES:
        classes = parameters.name(_classes_of(type_.name, is_non_null=is_non_null))
        return [f"if not {classes}.issuperset(map(type, {variable})): raise {misfit}"]
    condition = _misfit(type_, parameters, is_non_null=is_non_null)
    return [f"if any([{condition.format(v='x')} for x in {variable}]): raise {misfit}"] if condition else []


def _misfit(type_: GraphQLLeafType, parameters: Parameters, *, is_non_null: bool) -> str:
    """Return the condition on `{v}` under which a value does not fit as it is; empty if all do."""
    if isinstance(type_, GraphQLEnumType):
        return f"{{v}} not in {parameters.name(_values_of(type_, is_non_null=is_non_null))}"
    classes = EXACT_LEAF_CLASSES.get(type_.name)
    if classes is not None:
        condition = " and ".join(f"{{v}}.__class__ is not {class_.__name__}" for class_ in classes)
    elif type_.name == "Int":
        condition = _INT_MISFIT
    else:
        return "{v} is None" if is_non_null else ""
    return condition if is_non_null else f"{{v}} is not None and ({condition})"


def _is_text(type_: GraphQLOutputType) -> bool:
    inner = type_.of_type if isinstance(type_, GraphQLNonNull) else type_
    return is_leaf_type(inner) and EXACT_LEAF_CLASSES.get(inner.name) == (str,)


def _read_lines(reads: list[tuple[str, str]], misfit: str) -> list[str]:
    """Return statements that read keys of `o` into variables; None where there is no such key.

    Nearly always every key is there, and then a subscript costs a third of a call of `get`. Where nothing is read,
    nothing would show that `o` is no object.
    """
    if not reads:
        return [f"if o.__class__ is not dict: raise {misfit}"]
    return [
        "try:",
        *(f"    {variable} = o[{key!r}]" for variable, key in reads),
        "except KeyError:",
        *(f"    {variable} = o.get({key!r})" for variable, key in reads),
    ]


def _text_lines(tests: list[str], texts: list[str]) -> list[str]:
    """Return the tests of the variables `texts`, behind one test for all of them that nearly always says enough."""
    if len(texts) <= 1:
        return tests
    together = " is ".join(f"{variable}.__class__" for variable in texts)
    return [f"if not ({together} is str):", *("    " + line for line in tests)]
