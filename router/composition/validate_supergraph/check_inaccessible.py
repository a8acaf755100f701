"""`@inaccessible`: what clients can see makes sense without what they cannot.

No visible element may have a hidden type, need a hidden value, default to one, implement a visible interface with a
hidden field, or be left without contents.
"""

from collections.abc import Callable, Iterator, Sequence
from functools import partial

from graphql import EnumValueNode, ListValueNode, ObjectValueNode, ValueNode

from router.composition.errors import Report, subgraph_list
from router.composition.merged_model import MergedField, MergedInput, MergedSchema, MergedType
from router.composition.model import Element, Kind
from router.composition.type_text import named_type


def check_inaccessible(schema: MergedSchema, *, report: Report) -> None:
    """Check everything visible of the supergraph."""
    _check_composed(schema, report)
    if not any(element.uses("inaccessible") for element in schema.elements()):
        return
    check = _Check(schema, report)
    for merged in schema.types.values():
        if not merged.is_inaccessible:
            check.check_type(merged)
        elif merged.name == "Query":
            hiding = check.hiding("Query")
            report.error(
                "QUERY_ROOT_TYPE_INACCESSIBLE",
                f'The type "Query" is @inaccessible{_in(hiding)}. Remove the directive.',
                subgraphs=hiding,
            )
    for directive in schema.executable_directives.values():
        for argument in directive.arguments.values():
            coordinate = f"@{directive.name}({argument.name}:)"
            check.check_input(
                coordinate, argument, hiding=partial(_hiding_argument, directive.name, argument.name, schema)
            )


def _hiding_argument(directive: str, argument: str, schema: MergedSchema) -> list[str]:
    return [
        subgraph.name
        for subgraph in schema.subgraphs
        if (definition := subgraph.executable_directives.get(directive)) is not None
        and argument in definition.arguments
        and definition.arguments[argument].uses("inaccessible")
    ]


def _check_composed(schema: MergedSchema, report: Report) -> None:
    """A directive of the schema is no part of what clients see, so nothing of it can be hidden from them."""
    for composed in schema.composed.values():
        for argument in composed.node.arguments or ():
            names = {applied.name.value for applied in argument.directives or ()}
            hiding = [
                subgraph.name
                for subgraph in schema.subgraphs
                if composed.name in subgraph.directive_nodes and subgraph.local_names.get("inaccessible") in names
            ]
            if hiding:
                report.error(
                    "DISALLOWED_INACCESSIBLE",
                    f'"@{composed.name}({argument.name.value}:)" is @inaccessible{_in(hiding)}, but clients do not see'
                    f" @{composed.name} anyway. Remove the directive.",
                    subgraphs=hiding,
                )


def _in(subgraphs: Sequence[str]) -> str:
    """Return where something is hidden; nothing if no subgraph says so, but a contract."""
    return f" in {subgraph_list(subgraphs)}" if subgraphs else ""


class _Check:
    def __init__(self, schema: MergedSchema, report: Report) -> None:
        self._schema = schema
        self._report = report

    def check_type(self, merged: MergedType) -> None:
        """Check a visible type and what is visible of it."""
        if merged.kind is not Kind.SCALAR and not any(True for _ in self._visible_children(merged)):
            names = [subgraph.name for subgraph, _ in self._schema.sources(merged.name)]
            self._report.error(
                "ONLY_INACCESSIBLE_CHILDREN",
                f'"{merged.name}" is visible{_in(names)}, but all that is in it is @inaccessible. Hide it too, or show'
                " a part.",
                subgraphs=names,
            )
        for field in merged.fields.values():
            if field.uses("inaccessible"):
                self._check_hidden_field(merged, field)
                continue
            self._check_reference(f"{merged.name}.{field.name}", field.type)
            self._check_hidden_arguments(merged, field)
            for argument in field.arguments.values():
                coordinate = f"{merged.name}.{field.name}({argument.name}:)"
                self.check_input(
                    coordinate, argument, hiding=partial(self.hiding, merged.name, field.name, argument.name)
                )
        for value in merged.inputs.values():
            self.check_input(f"{merged.name}.{value.name}", value, hiding=partial(self.hiding, merged.name, value.name))

    def _visible_children(self, merged: MergedType) -> Iterator[str]:
        for element in (*merged.fields.values(), *merged.inputs.values(), *merged.values.values()):
            if not element.uses("inaccessible"):
                yield element.name
        for member in merged.members:
            if not self._is_hidden(member):
                yield member

    def _is_hidden(self, type_name: str) -> bool:
        found = self._schema.types.get(type_name)
        return found is not None and found.is_inaccessible

    def _check_reference(self, coordinate: str, type_text: str) -> None:
        name = named_type(type_text)
        if self._is_hidden(name):
            hiding = self.hiding(name)
            self._report.error(
                "REFERENCED_INACCESSIBLE",
                f'"{coordinate}" is visible, but its type "{name}" is @inaccessible{_in(hiding)}. Hide it too, or show'
                " the type.",
                subgraphs=hiding,
            )

    def _check_hidden_field(self, merged: MergedType, field: MergedField) -> None:
        for name in merged.interfaces:
            interface = self._schema.types.get(name)
            declared = None if interface is None or interface.is_inaccessible else interface.fields.get(field.name)
            if declared is not None and not declared.uses("inaccessible"):
                hiding = self.hiding(merged.name, field.name)
                self._report.error(
                    "IMPLEMENTED_BY_INACCESSIBLE",
                    f'"{merged.name}.{field.name}" is @inaccessible{_in(hiding)}, but implements the visible'
                    f' "{name}.{field.name}". Hide that too, or show the field.',
                    subgraphs=hiding,
                )

    def _check_hidden_arguments(self, merged: MergedType, field: MergedField) -> None:
        hidden = [argument.name for argument in field.arguments.values() if argument.uses("inaccessible")]
        for declared in self._visible_declarations(merged, field) if hidden else ():
            for name in hidden:
                argument = declared.arguments.get(name)
                if argument is not None and not argument.uses("inaccessible"):
                    hiding = self.hiding(merged.name, field.name, name)
                    self._report.error(
                        "IMPLEMENTED_BY_INACCESSIBLE",
                        f'"{merged.name}.{field.name}({name}:)" is @inaccessible{_in(hiding)}, but implements the'
                        " visible argument of an interface. Hide that too, or show the argument.",
                        subgraphs=hiding,
                    )

    def _visible_declarations(self, merged: MergedType, field: MergedField) -> Iterator[MergedField]:
        """Yield the field as the visible interfaces of the type have it."""
        for name in merged.interfaces:
            interface = self._schema.types.get(name)
            declared = None if interface is None or interface.is_inaccessible else interface.fields.get(field.name)
            if declared is not None and not declared.uses("inaccessible"):
                yield declared

    def hiding(self, type_name: str, member: str | None = None, argument: str | None = None) -> list[str]:
        """Return the subgraphs that hide a type, a field or value of it, or an argument of a field."""
        found = []
        for subgraph, definition in self._schema.sources(type_name):
            element: Element | None = definition
            if member is not None:
                field = definition.fields.get(member)
                element = field or definition.inputs.get(member) or definition.values.get(member)
                if argument is not None:
                    element = field.arguments.get(argument) if field else None
            if element is not None and element.uses("inaccessible"):
                found.append(subgraph.name)
        return found

    def check_input(self, coordinate: str, value: MergedInput, *, hiding: Callable[[], list[str]]) -> None:
        """Check an argument, or a field of an input object; `hiding` returns the subgraphs that hide it."""
        if value.uses("inaccessible"):
            if value.is_required:
                names = hiding()
                self._report.error(
                    "REQUIRED_INACCESSIBLE",
                    f'"{coordinate}" is @inaccessible{_in(names)}, but required, so that no client could give it. Make'
                    " it optional, or show it.",
                    subgraphs=names,
                )
            return
        self._check_reference(coordinate, value.type)
        hidden = None if value.default is None else self._hidden_in(value.default, named_type(value.type))
        if hidden is not None:
            hidden_in = self.hiding(*hidden.split("."))
            self._report.error(
                "DEFAULT_VALUE_USES_INACCESSIBLE",
                f'"{coordinate}" is visible, but its default uses "{hidden}", which is @inaccessible{_in(hidden_in)}.'
                " Change the default, or show the value.",
                subgraphs=hidden_in,
            )

    def _hidden_in(self, value: ValueNode, type_name: str) -> str | None:
        """Return the coordinate of something hidden that a value uses."""
        expected = self._schema.types.get(type_name)
        match value:
            case ListValueNode():
                found = (self._hidden_in(item, type_name) for item in value.values)
                return next((item for item in found if item is not None), None)
            case EnumValueNode() if expected is not None and value.value in expected.values:
                is_hidden = expected.values[value.value].uses("inaccessible")
                return f"{type_name}.{value.value}" if is_hidden else None
            case ObjectValueNode() if expected is not None:
                return self._hidden_in_object(value, expected)
        return None

    def _hidden_in_object(self, value: ObjectValueNode, expected: MergedType) -> str | None:
        for field in value.fields:
            declared = expected.inputs.get(field.name.value)
            if declared is None:
                continue
            if declared.uses("inaccessible"):
                return f"{expected.name}.{declared.name}"
            inner = self._hidden_in(field.value, named_type(declared.type))
            if inner is not None:
                return inner
        return None
