"""Whether a literal value is one of an input type of a subgraph."""

from graphql import (
    BooleanValueNode,
    EnumValueNode,
    FloatValueNode,
    IntValueNode,
    ListValueNode,
    Node,
    NullValueNode,
    ObjectValueNode,
    StringValueNode,
    ValueNode,
    VariableNode,
)

from router.composition.model import Kind, SubgraphSchema, TypeDefinition
from router.composition.type_text import is_list, is_non_null, item_type, named_type, nullable

_LITERALS: dict[str, tuple[type[Node], ...]] = {
    "Int": (IntValueNode,),
    "Float": (IntValueNode, FloatValueNode),
    "String": (StringValueNode,),
    "Boolean": (BooleanValueNode,),
    "ID": (StringValueNode, IntValueNode),
}


def fits(value: ValueNode, type_text: str, schema: SubgraphSchema) -> bool:
    """Whether the value is of the type. A custom scalar takes anything but a variable: nothing could set one here."""
    if isinstance(value, VariableNode):
        return False
    if isinstance(value, NullValueNode):
        return not is_non_null(type_text)
    if is_list(type_text):
        items = value.values if isinstance(value, ListValueNode) else [value]
        return all(fits(item, item_type(type_text), schema) for item in items)
    if isinstance(value, ListValueNode):
        return False
    name = named_type(nullable(type_text))
    if name in _LITERALS:
        return isinstance(value, _LITERALS[name])
    definition = schema.types.get(name)
    if definition is None or definition.kind is Kind.SCALAR:
        return True
    if definition.kind is Kind.ENUM:
        return isinstance(value, EnumValueNode) and value.value in definition.values
    return isinstance(value, ObjectValueNode) and _fits_object(value, definition, schema)


def _fits_object(value: ObjectValueNode, definition: TypeDefinition, schema: SubgraphSchema) -> bool:
    given = {field.name.value: field.value for field in value.fields}
    if any(name not in definition.inputs for name in given):
        return False
    if any(field.is_required and name not in given for name, field in definition.inputs.items()):
        return False
    return all(fits(inner, definition.inputs[name].type, schema) for name, inner in given.items())
