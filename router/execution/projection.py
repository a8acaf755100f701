"""Compiles an operation to Python code that turns merged subgraph data into the response the API schema promises.

Idea: for one operation and one set of `@skip`/`@include` values, everything that graphql-core's executor finds out per
value is known in advance: which fields an object of each type answers, in which order, under which keys, of which
type. So each (object type, merged selection) becomes one function of the form

    def object_3(o, p, e):                      # o: the data, p: its linked path, e: ResponseErrors
        v0 = o["name"]
        if v0.__class__ is not str:             # the usual case costs one comparison
            v0 = leaf_1(v0, (p, "name"), e)     # else: convert, or record the error and return None
            if v0 is None: return None          # non-nullable: the null goes up
        return {"name": v0, "__typename": "Movie"}

None is the only failure value: a function that returns it has recorded why. Source text rather than closures, because
a closure per field costs a call per leaf. Only names of the schema and the operation reach the text, all of them
GraphQL names and quoted by `repr`.
"""

from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass
from typing import Any

from graphql import (
    FieldNode,
    FragmentDefinitionNode,
    FragmentSpreadNode,
    GraphQLAbstractType,
    GraphQLEnumType,
    GraphQLInterfaceType,
    GraphQLLeafType,
    GraphQLList,
    GraphQLNonNull,
    GraphQLObjectType,
    GraphQLOutputType,
    GraphQLSchema,
    InlineFragmentNode,
    OperationDefinitionNode,
    SelectionSetNode,
    is_abstract_type,
    is_leaf_type,
    is_object_type,
)

from router.execution.authorization import Denials
from router.execution.conditions import Conditions, is_included
from router.execution.response_errors import LinkedPath, ResponseErrors
from router.planning.plan import Rename

Projection = Callable[[Mapping[str, Any], LinkedPath, ResponseErrors], dict[str, Any] | None]

# Data are compared by exact class: subclasses of str and int do not come out of JSON.
_EXACT_LEAF_TESTS = {
    "String": "{v}.__class__ is str",
    "ID": "{v}.__class__ is str",
    "Boolean": "{v}.__class__ is bool",
    "Float": "({v}.__class__ is float or {v}.__class__ is int)",
    "Int": "({v}.__class__ is int and -2147483648 <= {v} <= 2147483647)",
}

_INTROSPECTION_FIELDS = ("__schema", "__type")

InternalPath = tuple[str, ...]


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
    root_type = schema.get_root_type(operation.operation)
    assert root_type is not None
    compiler = _Compiler(schema, fragments, conditions, _Exceptions(renames), denials)
    root = compiler.object_function(root_type, (operation.selection_set,), ())
    return compiler.load(root)


class _Exceptions:
    """Where the plan departs from "the client's response key is the key in the data"."""

    def __init__(self, renames: Iterable[Rename]) -> None:
        self._internal_keys = {(r.path, r.type_name, r.key): r.internal_key for r in renames}
        self.is_empty = not self._internal_keys

    def internal_key(self, path: InternalPath, type_name: str, key: str) -> str:
        return self._internal_keys.get((path, type_name, key), key)


@dataclass(frozen=True, slots=True)
class _Position:
    """A value to be completed: its type, the fields merged there, and how the client is told of it."""

    type: GraphQLOutputType
    nodes: tuple[FieldNode, ...]
    coordinate: str
    keys: InternalPath

    def of(self, inner: GraphQLOutputType) -> "_Position":
        return _Position(inner, self.nodes, self.coordinate, self.keys)

    @property
    def selection_sets(self) -> tuple[SelectionSetNode, ...]:
        return tuple(node.selection_set for node in self.nodes if node.selection_set is not None)


class _Compiler:
    """Emits functions into one module text; equal (type, selections) share a function."""

    def __init__(
        self,
        schema: GraphQLSchema,
        fragments: Mapping[str, FragmentDefinitionNode],
        conditions: Conditions,
        exceptions: _Exceptions,
        denials: Denials | None,
    ) -> None:
        self._schema = schema
        self._fragments = fragments
        self._conditions = conditions
        self._exceptions = exceptions
        self._denials = denials
        self._lines: list[str] = []
        self._names: dict[object, str] = {}
        self._globals: dict[str, Any] = {}

    def load(self, root: str) -> Projection:
        code = compile("\n".join(self._lines), "<projection>", "exec")
        exec(code, self._globals)  # noqa: S102 - text emitted above, see the module docstring
        projection: Projection = self._globals[root]
        return projection

    def object_function(
        self,
        type_: GraphQLObjectType | GraphQLInterfaceType,
        selection_sets: tuple[SelectionSetNode, ...],
        keys: InternalPath,
    ) -> str:
        # Without exceptions the same selections give the same code wherever they stand.
        key = (type_.name, tuple(map(id, selection_sets)), () if self._exceptions.is_empty else keys)
        known = self._names.get(key)
        if known is not None:
            return known
        name = self._names[key] = f"object_{len(self._names)}"
        reads: list[tuple[str, str]] = []
        body: list[str] = []
        entries: list[str] = []
        for index, (response_key, nodes) in enumerate(self._collect(type_, selection_sets).items()):
            if nodes[0].name.value == "__typename":
                entries.append(f"{response_key!r}: {type_.name!r}")
            else:
                body += self._field(f"v{index}", type_, response_key, nodes=tuple(nodes), keys=keys, reads=reads)
                entries.append(f"{response_key!r}: v{index}")
        self._lines += [f"def {name}(o, p, e):", *_read_lines(reads), *body, f"    return {{{', '.join(entries)}}}"]
        return name

    def _field(
        self,
        variable: str,
        parent: GraphQLObjectType | GraphQLInterfaceType,
        response_key: str,
        *,
        nodes: tuple[FieldNode, ...],
        keys: InternalPath,
        reads: list[tuple[str, str]],
    ) -> list[str]:
        """Return statements that complete the field in `variable`; what has to be read into it first joins `reads`."""
        field_name = nodes[0].name.value
        coordinate = f"{parent.name}.{field_name}"
        path = f"(p, {response_key!r})"
        if field_name in _INTROSPECTION_FIELDS:
            reads.append((variable, response_key))
            return []
        field_type = parent.fields[field_name].type
        if self._denials is not None and self._denials.denies_field(parent.name, nodes):
            statements = [f"    {variable} = e.denied({path}, {coordinate!r})"]
            return [*statements, "    return None"] if isinstance(field_type, GraphQLNonNull) else statements
        internal_key = self._exceptions.internal_key(keys, parent.name, response_key)
        reads.append((variable, internal_key))
        position = _Position(field_type, nodes, coordinate, (*keys, internal_key))
        return self._completion(variable, position, path=path, indent="    ")

    def _completion(self, variable: str, position: _Position, *, path: str, indent: str) -> list[str]:
        """Return statements that complete `variable` in place, or return None from the function around them."""
        type_ = position.type
        is_non_null = isinstance(type_, GraphQLNonNull)
        inner = position.of(type_.of_type) if isinstance(type_, GraphQLNonNull) else position
        if is_leaf_type(inner.type):
            return self._leaf(variable, inner, path=path, indent=indent, is_non_null=is_non_null)
        if isinstance(inner.type, GraphQLList):
            test, call, expected = "list", self._list_call(inner), "a list"
        elif is_object_type(inner.type):
            function = self.object_function(inner.type, inner.selection_sets, inner.keys)
            test, call, expected = "dict", f"{function}({{v}}, {{p}}, e)", "an object"
        else:
            test, call, expected = "dict", f"{self._abstract_function(inner)}({{v}}, {{p}}, e)", "an object"
        complaint = "unfit_non_null" if is_non_null else "unfit"
        statements = [
            f"if {variable}.__class__ is {test}:",
            f"    {variable} = {call.format(v=variable, p=path)}",
            "else:" if is_non_null else f"elif {variable} is not None:",
            f"    {variable} = e.{complaint}({variable}, {path}, {position.coordinate!r}, {expected!r})",
        ]
        if is_non_null:
            statements.append(f"if {variable} is None: return None")
        return [indent + statement for statement in statements]

    def _leaf(self, variable: str, position: _Position, *, path: str, indent: str, is_non_null: bool) -> list[str]:
        assert is_leaf_type(position.type)
        function = self._leaf_function(position.type, is_non_null=is_non_null)
        test = _EXACT_LEAF_TESTS.get(position.type.name)
        if isinstance(position.type, GraphQLEnumType):
            test = f"({{v}}.__class__ is str and {{v}} in {self._enum_values(position.type)})"
        slow = f"{variable} = {function}({variable}, {path}, e, {position.coordinate!r})"
        if is_non_null:
            doubt = f"not {test.format(v=variable)}" if test else f"{variable} is None"
            return [
                f"{indent}if {doubt}:",
                f"{indent}    {slow}",
                f"{indent}    if {variable} is None: return None",
            ]
        if test is None:
            return []  # a custom scalar: any JSON value is one
        return [f"{indent}if {variable} is not None and not {test.format(v=variable)}: {slow}"]

    def _leaf_function(self, type_: GraphQLLeafType, *, is_non_null: bool) -> str:
        key = ("leaf", type_.name, is_non_null)
        name = self._names.get(key)
        if name is None:
            name = self._names[key] = f"leaf_{len(self._names)}"
            self._globals[name] = _leaf_converter(type_, is_non_null=is_non_null)
        return name

    def _enum_values(self, type_: GraphQLEnumType) -> str:
        key = ("values", type_.name)
        name = self._names.get(key)
        if name is None:
            name = self._names[key] = f"values_{len(self._names)}"
            self._globals[name] = frozenset(type_.values)
        return name

    def _list_call(self, position: _Position) -> str:
        assert isinstance(position.type, GraphQLList)
        item = position.of(position.type.of_type)
        completion = self._completion("x", item, path="(p, i)", indent="        ")
        if not completion:  # items of a nullable custom scalar stay as they are
            return "{v}"
        name = f"list_{len(self._names)}"
        self._names[object()] = name
        self._lines += [
            f"def {name}(o, p, e):",
            "    r = []",
            "    for i, x in enumerate(o):",
            *completion,
            "        r.append(x)",
            "    return r",
        ]
        return name + "({v}, {p}, e)"

    def _abstract_function(self, position: _Position) -> str:
        """Return the name of a function that goes by the runtime type of its value."""
        abstract = position.type
        assert is_abstract_type(abstract)
        key = ("abstract", abstract.name, position.coordinate, tuple(map(id, position.nodes)), position.keys)
        known = self._names.get(key)
        if known is not None:
            return known
        name = self._names[key] = f"abstract_{len(self._names)}"
        table = f"{name}_types"
        functions = [
            f"{possible.name!r}: {self._function_of_possible(possible, position)}"
            for possible in self._schema.get_possible_types(abstract)
        ]
        stand_in = self._stand_in(abstract, position.selection_sets)
        if stand_in is not None:
            function = self.object_function(stand_in, position.selection_sets, position.keys)
            functions.append(f"None: {function}")
        # A runtime type that the API schema lacks is hidden or unknown: its data are not for clients.
        complaint = f"e.unknown_type(p, {position.coordinate!r}, {abstract.name!r})"
        self._lines += [
            f"{table} = {{{', '.join(functions)}}}",
            f"def {name}(o, p, e):",
            "    t = o.get('__typename')",
            f"    f = {table}.get(t) if t.__class__ is str or t is None else None",
            f"    return f(o, p, e) if f is not None else {complaint}",
        ]
        return name

    def _function_of_possible(self, type_: GraphQLObjectType, position: _Position) -> str:
        if self._denials is None or not self._denials.denies_type(type_.name):
            return self.object_function(type_, position.selection_sets, position.keys)
        return f"lambda o, p, e: e.denied(p, {position.coordinate!r})"

    def _stand_in(
        self, abstract: GraphQLAbstractType, selection_sets: tuple[SelectionSetNode, ...]
    ) -> GraphQLObjectType | GraphQLInterfaceType | None:
        """Return the type as which to answer for an object without `__typename`, None if its type has to be known.

        It need not be known if objects of every possible type answer the same, and not their type.
        """
        candidates: list[GraphQLObjectType | GraphQLInterfaceType] = [*self._schema.get_possible_types(abstract)]
        if isinstance(abstract, GraphQLInterfaceType) and (
            not candidates or self._collect(abstract, selection_sets) == self._collect(candidates[0], selection_sets)
        ):
            candidates.insert(0, abstract)  # its field types promise the least
        first, *others = [self._collect(type_, selection_sets) for type_ in candidates]
        if any(nodes[0].name.value == "__typename" for nodes in first.values()):
            return None
        if len({self._denied(type_, first) for type_ in candidates}) > 1:
            return None
        return candidates[0] if all(fields == first for fields in others) else None

    def _denied(
        self, type_: GraphQLObjectType | GraphQLInterfaceType, fields: Mapping[str, list[FieldNode]]
    ) -> tuple[bool, ...]:
        """Return whether the type itself is denied, and each of its fields."""
        denials = self._denials
        if denials is None:
            return ()
        return denials.denies_type(type_.name), *(denials.denies_field(type_.name, nodes) for nodes in fields.values())

    def _collect(
        self,
        type_: GraphQLObjectType | GraphQLInterfaceType,
        selection_sets: tuple[SelectionSetNode, ...],
    ) -> dict[str, list[FieldNode]]:
        """Return the fields that an object of `type_` answers, by response key, in the order of the operation."""
        fields: dict[str, list[FieldNode]] = {}
        visited: set[str] = set()
        for selection_set in selection_sets:
            self._collect_into(fields, type_, selection_set, visited=visited)
        return fields

    def _collect_into(
        self,
        fields: dict[str, list[FieldNode]],
        type_: GraphQLObjectType | GraphQLInterfaceType,
        selection_set: SelectionSetNode,
        *,
        visited: set[str],
    ) -> None:
        for selection in selection_set.selections:
            if not is_included(selection, self._conditions):
                continue
            if isinstance(selection, FieldNode):
                response_key = (selection.alias or selection.name).value
                fields.setdefault(response_key, []).append(selection)
                continue
            fragment: InlineFragmentNode | FragmentDefinitionNode
            if isinstance(selection, FragmentSpreadNode):
                if selection.name.value in visited:
                    continue
                visited.add(selection.name.value)
                fragment = self._fragments[selection.name.value]
            else:
                assert isinstance(selection, InlineFragmentNode)
                fragment = selection
            if self._applies(fragment, type_):
                self._collect_into(fields, type_, fragment.selection_set, visited=visited)

    def _applies(
        self,
        fragment: InlineFragmentNode | FragmentDefinitionNode,
        type_: GraphQLObjectType | GraphQLInterfaceType,
    ) -> bool:
        if fragment.type_condition is None:
            return True
        condition = self._schema.get_type(fragment.type_condition.name.value)
        return condition is type_ or (is_abstract_type(condition) and self._schema.is_sub_type(condition, type_))


def _read_lines(reads: list[tuple[str, str]]) -> list[str]:
    """Return statements that read keys of `o` into variables; None where there is no such key.

    Nearly always every key is there, and then a subscript costs a third of a call of `get`.
    """
    if not reads:
        return []
    return [
        "    try:",
        *(f"        {variable} = o[{key!r}]" for variable, key in reads),
        "    except KeyError:",
        *(f"        {variable} = o.get({key!r})" for variable, key in reads),
    ]


def _leaf_converter(
    type_: GraphQLLeafType, *, is_non_null: bool
) -> Callable[[object, LinkedPath, ResponseErrors, str], object]:
    """Return the slow path of a leaf: null, a value of another class that still serialises, or one that does not."""
    expected = f"a value of {type_.name}"

    def convert(value: object, path: LinkedPath, errors: ResponseErrors, coordinate: str) -> object:
        if value is None:
            if is_non_null:
                errors.null(path, coordinate)
            return None
        try:
            return type_.serialize(value)
        except Exception:  # noqa: BLE001 - scalars raise what they like; the value is what is wrong
            errors.unfit(value, path, coordinate, expected)
            return None

    return convert
