"""Turns merged subgraph data into the response that the API schema promises, and says where data break the promise.

Idea: per object type and selection, what graphql-core's executor finds out per value is found out once, when the first
such object comes: which fields it answers, in which order, under which keys, and how each value is completed. A
completer is a closure `(value, path, errors) -> completed value`; None is the only failure value, and who returns it
for anything but null has recorded why.

This is the careful way: any data, any error, ready at once. Operations that come again are also compiled
(`quick_projection.py`), and get here only with data that are not as promised.
"""

from collections.abc import Callable, Iterable, Mapping
from typing import Any
from weakref import WeakKeyDictionary, WeakValueDictionary

from graphql import (
    FragmentDefinitionNode,
    GraphQLEnumType,
    GraphQLLeafType,
    GraphQLList,
    GraphQLNonNull,
    GraphQLSchema,
    OperationDefinitionNode,
    SelectionSetNode,
    is_abstract_type,
    is_leaf_type,
    is_object_type,
)

from router.execution.authorization import Denials
from router.execution.client_selections import (
    INTROSPECTION_FIELDS,
    ClientSelections,
    InternalPath,
    ObjectType,
    Position,
)
from router.execution.conditions import Conditions
from router.execution.response_errors import LinkedPath, ResponseErrors
from router.planning.plan import Rename

Projection = Callable[[Mapping[str, Any], LinkedPath, ResponseErrors], dict[str, Any] | None]
Completer = Callable[[Any, LinkedPath, ResponseErrors], Any]

# Data are compared by exact class: subclasses of str and int do not come out of JSON. Int has a range, too.
EXACT_LEAF_CLASSES: Mapping[str, tuple[type, ...]] = {
    "String": (str,),
    "ID": (str,),
    "Boolean": (bool,),
    "Float": (float, int),
}
LEAST_INT, GREATEST_INT = -2147483648, 2147483647
_NOTHING_FITS: frozenset[type] = frozenset()


def compile_projection(
    schema: GraphQLSchema,
    operation: OperationDefinitionNode,
    fragments: Mapping[str, FragmentDefinitionNode],
    *,
    conditions: Conditions,
    renames: Iterable[Rename] = (),
    denials: Denials | None = None,
) -> Projection:
    """Return the projection of a valid operation under the given values of its condition variables.

    The projection takes the merged root object, where `__schema` and `__type` fields hold finished results, and
    returns the value of `data`. It changes nothing it is given.
    """
    return projection_of(
        ClientSelections(schema, operation, fragments, conditions=conditions, renames=renames, denials=denials)
    )


def projection_of(selections: ClientSelections) -> Projection:
    """Return the projection of what an operation selects."""
    return _Completers(selections).object(selections.root_type, selections.root_selections, ())


class _FieldFacts:
    """What the schema says of completing one field, found out once for all operations.

    Attributes:
        fits: Classes of values that are complete as they are.
        leaf: The completer of all values, if the field has no fields below.
    """

    __slots__ = ("coordinate", "fits", "is_non_null", "leaf", "type")

    def __init__(self, type_: ObjectType, name: str) -> None:
        self.type = type_.fields[name].type
        self.coordinate = f"{type_.name}.{name}"
        self.is_non_null = isinstance(self.type, GraphQLNonNull)
        inner = self.type.of_type if isinstance(self.type, GraphQLNonNull) else self.type
        self.leaf = None
        self.fits: frozenset[type] = frozenset()
        if is_leaf_type(inner):
            self.leaf = _leaf(inner, self.coordinate, is_non_null=self.is_non_null)
            classes = EXACT_LEAF_CLASSES.get(inner.name)
            if classes is not None:
                self.fits = frozenset(classes if self.is_non_null else (*classes, type(None)))


_facts: WeakKeyDictionary[GraphQLSchema, dict[tuple[str, str], _FieldFacts]] = WeakKeyDictionary()

_Field = tuple[str, str, frozenset[type], Completer | None, bool]
"""Response key, internal key, classes of values that stay as they are, completer of others, whether it is non-null.

Without completer it is a constant, found in the place of the internal key."""


class _Completers:
    """Makes completers; objects with equal (type, selections) share one."""

    def __init__(self, selections: ClientSelections) -> None:
        self._selections = selections
        self._facts = _facts.setdefault(selections.schema, {})
        # Weak, because completers hold this: an operation that is forgotten is to go without the garbage collector.
        self._objects: WeakValueDictionary[object, Completer] = WeakValueDictionary()

    def object(self, type_: ObjectType, selection_sets: tuple[SelectionSetNode, ...], keys: InternalPath) -> Completer:
        """Return the completer of a dict that is an object of the type."""
        key = self._selections.shape_key(type_, selection_sets, keys)
        known = self._objects.get(key)
        if known is not None:
            return known
        fields: list[_Field] | None = None

        def complete(value: Mapping[str, Any], path: LinkedPath, errors: ResponseErrors) -> dict[str, Any] | None:
            nonlocal fields
            if fields is None:
                fields = self._fields(type_, selection_sets, keys)
            completed: dict[str, Any] = {}
            read = value.get
            for response_key, internal_key, fits, complete_field, is_non_null in fields:
                found = read(internal_key)
                if found.__class__ in fits:
                    completed[response_key] = found
                    continue
                if complete_field is None:
                    completed[response_key] = internal_key
                    continue
                found = complete_field(found, (path, response_key), errors)
                if found is None and is_non_null:
                    return None
                completed[response_key] = found
            return completed

        self._objects[key] = complete
        return complete

    def _fields(
        self, type_: ObjectType, selection_sets: tuple[SelectionSetNode, ...], keys: InternalPath
    ) -> list[_Field]:
        fields: list[_Field] = []
        for response_key, nodes in self._selections.fields(type_, selection_sets).items():
            name = nodes[0].name.value
            if name == "__typename":
                fields.append((response_key, type_.name, _NOTHING_FITS, None, False))
            elif name in INTROSPECTION_FIELDS:
                fields.append((response_key, response_key, _NOTHING_FITS, _as_it_is, False))
            else:
                facts = self._facts.get((type_.name, name))
                if facts is None:
                    facts = self._facts[type_.name, name] = _FieldFacts(type_, name)
                internal_key = self._selections.internal_key(keys, type_.name, response_key)
                fits, completer = facts.fits, facts.leaf
                if self._selections.denies_field(type_, nodes):
                    fits, completer = _NOTHING_FITS, _denied(facts.coordinate)
                elif completer is None:
                    position = Position(facts.type, tuple(nodes), facts.coordinate, (*keys, internal_key))
                    completer = self._value(position)
                fields.append((response_key, internal_key, fits, completer, facts.is_non_null))
        return fields

    def _value(self, position: Position) -> Completer:
        type_ = position.type
        is_non_null = isinstance(type_, GraphQLNonNull)
        inner = position.of(type_.of_type) if isinstance(type_, GraphQLNonNull) else position
        if is_leaf_type(inner.type):
            return _leaf(inner.type, position.coordinate, is_non_null=is_non_null)
        if isinstance(inner.type, GraphQLList):
            return self._list(inner, is_non_null=is_non_null)
        if is_object_type(inner.type):
            complete = self.object(inner.type, inner.selection_sets, inner.keys)
        else:
            complete = self._abstract(inner)
        return _expecting(dict, complete, position.coordinate, expected="an object", is_non_null=is_non_null)

    def _list(self, position: Position, *, is_non_null: bool) -> Completer:
        assert isinstance(position.type, GraphQLList)
        complete_item = self._value(position.of(position.type.of_type))
        items_are_non_null = isinstance(position.type.of_type, GraphQLNonNull)

        def complete(value: list[Any], path: LinkedPath, errors: ResponseErrors) -> list[Any] | None:
            completed = []
            for index, item in enumerate(value):
                found = complete_item(item, (path, index), errors)
                if found is None and items_are_non_null:
                    return None
                completed.append(found)
            return completed

        return _expecting(list, complete, position.coordinate, expected="a list", is_non_null=is_non_null)

    def _abstract(self, position: Position) -> Completer:
        """Return the completer that goes by the runtime type of its value."""
        abstract, coordinate, selections = position.type, position.coordinate, self._selections
        assert is_abstract_type(abstract)
        stand_in = selections.stand_in(abstract, position.selection_sets)
        possible = {type_.name: type_ for type_ in selections.schema.get_possible_types(abstract)}
        completers: dict[str | None, Completer] = {}

        def complete(value: Mapping[str, Any], path: LinkedPath, errors: ResponseErrors) -> object:
            name = value.get("__typename")
            type_ = stand_in if name is None else possible.get(name) if name.__class__ is str else None
            if type_ is None:
                # A type that the API schema lacks is hidden or unknown: its data are not for clients.
                errors.unknown_type(path, coordinate, abstract.name)
                return None
            completer = completers.get(name)
            if completer is None:
                if name is not None and selections.denies_type(name):
                    completer = _denied(coordinate)
                else:
                    completer = self.object(type_, position.selection_sets, position.keys)
                completers[name] = completer
            return completer(value, path, errors)

        return complete


def _as_it_is(value: object, _path: LinkedPath, _errors: ResponseErrors) -> object:
    return value


def _denied(coordinate: str) -> Completer:
    def complete(_value: object, path: LinkedPath, errors: ResponseErrors) -> None:
        errors.denied(path, coordinate)

    return complete


def _expecting(
    class_: type, complete_value: Completer, coordinate: str, *, expected: str, is_non_null: bool
) -> Completer:
    """Return a completer that complains of values of another class, and of null where that must not be."""

    def complete(value: object, path: LinkedPath, errors: ResponseErrors) -> object:
        if value.__class__ is class_:
            return complete_value(value, path, errors)
        if is_non_null:
            errors.unfit_non_null(value, path, coordinate, expected)
        else:
            errors.unfit(value, path, coordinate, expected)
        return None

    return complete


def _leaf(type_: GraphQLLeafType, coordinate: str, *, is_non_null: bool) -> Completer:
    classes = EXACT_LEAF_CLASSES.get(type_.name, ())
    values = type_.values if isinstance(type_, GraphQLEnumType) else None
    is_int = type_.name == "Int"
    is_custom = values is None and not classes and not is_int

    def complete(value: Any, path: LinkedPath, errors: ResponseErrors) -> object:
        if value is None:
            if is_non_null:
                errors.null(path, coordinate)
            return None
        class_ = value.__class__
        # A custom scalar may be any JSON value.
        if (
            is_custom
            or class_ in classes
            or (values is not None and class_ is str and value in values)
            or (is_int and class_ is int and LEAST_INT <= value <= GREATEST_INT)
        ):
            return value
        try:  # another class that still serialises, a number outside the range, or one that does not fit
            return type_.serialize(value)
        except Exception:  # noqa: BLE001 - scalars raise what they like; the value is what is wrong
            errors.unfit(value, path, coordinate, f"a value of {type_.name}")
            return None

    return complete
