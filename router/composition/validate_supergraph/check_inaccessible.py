"""`@inaccessible`: what clients can see makes sense without what they cannot.

No visible element may have a hidden type, need a hidden value, default to one, implement a visible interface with a
hidden field, or be left without contents.
"""

from collections.abc import Iterator

from graphql import EnumValueNode, ListValueNode, ObjectValueNode, ValueNode

from router.composition.errors import Report
from router.composition.merged_model import MergedField, MergedInput, MergedSchema, MergedType
from router.composition.model import Kind
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
            report.error("QUERY_ROOT_TYPE_INACCESSIBLE", 'The type "Query" is @inaccessible. Remove the directive.')
    for directive in schema.executable_directives.values():
        for argument in directive.arguments.values():
            check.check_input(f"@{directive.name}({argument.name}:)", argument)


def _check_composed(schema: MergedSchema, report: Report) -> None:
    """A directive of the schema is no part of what clients see, so nothing of it can be hidden from them."""
    local_names = {subgraph.local_names.get("inaccessible") for subgraph in schema.subgraphs}
    for composed in schema.composed.values():
        for argument in composed.node.arguments or ():
            if any(applied.name.value in local_names for applied in argument.directives or ()):
                report.error(
                    "DISALLOWED_INACCESSIBLE",
                    f'"@{composed.name}({argument.name.value}:)" is @inaccessible, but clients do not see'
                    f" @{composed.name} anyway. Remove the directive.",
                )


class _Check:
    def __init__(self, schema: MergedSchema, report: Report) -> None:
        self._schema = schema
        self._report = report

    def check_type(self, merged: MergedType) -> None:
        """Check a visible type and what is visible of it."""
        if merged.kind is not Kind.SCALAR and not any(True for _ in self._visible_children(merged)):
            self._report.error(
                "ONLY_INACCESSIBLE_CHILDREN",
                f'"{merged.name}" is visible, but all that is in it is @inaccessible. Hide it too, or show a part.',
            )
        for field in merged.fields.values():
            if field.uses("inaccessible"):
                self._check_hidden_field(merged, field)
                continue
            self._check_reference(f"{merged.name}.{field.name}", field.type)
            self._check_hidden_arguments(merged, field)
            for argument in field.arguments.values():
                self.check_input(f"{merged.name}.{field.name}({argument.name}:)", argument)
        for value in merged.inputs.values():
            self.check_input(f"{merged.name}.{value.name}", value)

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
        if self._is_hidden(named_type(type_text)):
            self._report.error(
                "REFERENCED_INACCESSIBLE",
                f'"{coordinate}" is visible, but its type "{named_type(type_text)}" is @inaccessible. Hide it too, or'
                " show the type.",
            )

    def _check_hidden_field(self, merged: MergedType, field: MergedField) -> None:
        for name in merged.interfaces:
            interface = self._schema.types.get(name)
            declared = None if interface is None or interface.is_inaccessible else interface.fields.get(field.name)
            if declared is not None and not declared.uses("inaccessible"):
                self._report.error(
                    "IMPLEMENTED_BY_INACCESSIBLE",
                    f'"{merged.name}.{field.name}" is @inaccessible, but implements the visible "{name}.{field.name}".'
                    " Hide that too, or show the field.",
                )

    def _check_hidden_arguments(self, merged: MergedType, field: MergedField) -> None:
        hidden = [argument.name for argument in field.arguments.values() if argument.uses("inaccessible")]
        for declared in self._visible_declarations(merged, field) if hidden else ():
            for name in hidden:
                argument = declared.arguments.get(name)
                if argument is not None and not argument.uses("inaccessible"):
                    self._report.error(
                        "IMPLEMENTED_BY_INACCESSIBLE",
                        f'"{merged.name}.{field.name}({name}:)" is @inaccessible, but implements the visible argument'
                        " of an interface. Hide that too, or show the argument.",
                    )

    def _visible_declarations(self, merged: MergedType, field: MergedField) -> Iterator[MergedField]:
        """Yield the field as the visible interfaces of the type have it."""
        for name in merged.interfaces:
            interface = self._schema.types.get(name)
            declared = None if interface is None or interface.is_inaccessible else interface.fields.get(field.name)
            if declared is not None and not declared.uses("inaccessible"):
                yield declared

    def check_input(self, coordinate: str, value: MergedInput) -> None:
        """Check an argument, or a field of an input object."""
        if value.uses("inaccessible"):
            if value.is_required:
                self._report.error(
                    "REQUIRED_INACCESSIBLE",
                    f'"{coordinate}" is @inaccessible, but required, so that no client could give it. Make it optional,'
                    " or show it.",
                )
            return
        self._check_reference(coordinate, value.type)
        hidden = None if value.default is None else self._hidden_in(value.default, named_type(value.type))
        if hidden is not None:
            self._report.error(
                "DEFAULT_VALUE_USES_INACCESSIBLE",
                f'"{coordinate}" is visible, but its default uses "{hidden}", which is @inaccessible. Change the'
                " default, or show the value.",
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
