"""`@key`: its fields exist, take no arguments and have one concrete type; interfaces may have one from 2.3 on."""

from router.composition.errors import Report, name_list, subgraph_list, subgraph_subject
from router.composition.field_sets import (
    FieldSetError,
    MissingSelectionError,
    SelectedField,
    canonical,
    parse_field_set,
    selected_fields,
)
from router.composition.model import Kind, SubgraphSchema, TypeDefinition
from router.composition.type_text import named_type
from router.composition.validate_subgraph.check_field_set import FieldSetUse, check_field_set, refuse_arguments

_KEY_ON_INTERFACE_SINCE = (2, 3)


def check_keys(schema: SubgraphSchema, *, report: Report) -> None:
    """Check every key of a subgraph."""
    for definition in schema.types.values():
        for applied in definition.all_applied("key"):
            if definition.kind is Kind.INTERFACE and schema.version < _KEY_ON_INTERFACE_SINCE:
                if not schema.is_federation_1:
                    _refuse_on_interface(definition, schema, report)
                continue
            _check_key(FieldSetUse(applied, definition.name, definition.name), schema, report)
        if definition.kind is Kind.INTERFACE:
            _check_implementations(definition, schema, report)


def _check_key(use: FieldSetUse, schema: SubgraphSchema, report: Report) -> None:
    found = _abstract_field(use, schema)
    if found is None:
        refuse_arguments(use, check_field_set(use, schema, report=report), schema, report)
        return
    field, child = found
    report.error(
        "KEY_FIELDS_SELECT_INVALID_TYPE",
        f'{use} in {subgraph_list([schema.name])} selects "{field.type_name}.{field.field.name}", whose type'
        f' "{child.name}" is {_article(child.kind)}. Select a field of a concrete type.',
        subgraphs=[schema.name],
    )


def _abstract_field(use: FieldSetUse, schema: SubgraphSchema) -> tuple[SelectedField, TypeDefinition] | None:
    """Return the first field of a key that has no concrete type, and its type; None also where the key breaks off."""
    text = use.directive.text("fields")
    try:
        for field in () if text is None else selected_fields(parse_field_set(text), of=use.of, schema=schema):
            child = schema.types.get(named_type(field.field.type))
            if child is not None and child.kind in (Kind.INTERFACE, Kind.UNION):
                return field, child
    except FieldSetError:
        return None  # said by the check of the field set
    return None


def _article(kind: Kind) -> str:
    return "an interface" if kind is Kind.INTERFACE else "a union"


def _refuse_on_interface(definition: TypeDefinition, schema: SubgraphSchema, report: Report) -> None:
    report.error(
        "KEY_UNSUPPORTED_ON_INTERFACE",
        f'{subgraph_subject([schema.name])} has @key on the interface "{definition.name}", which federation'
        f" v{schema.version[0]}.{schema.version[1]} does not know. Link v2.3 or newer.",
        subgraphs=[schema.name],
    )


def _can_be_compared(definition: TypeDefinition, schema: SubgraphSchema) -> bool:
    """Whether all keys of a type select fields that it has; of another one, nobody can say which key it was to be."""
    return all(_can_be_read(applied.text("fields"), definition, schema) for applied in definition.all_applied("key"))


def _can_be_read(text: str | None, definition: TypeDefinition, schema: SubgraphSchema) -> bool:
    if text is None:
        return False
    try:
        for _ in selected_fields(parse_field_set(text), of=definition.name, schema=schema):
            pass
    except MissingSelectionError:
        return True
    except FieldSetError:
        return False
    return True


def _check_implementations(interface: TypeDefinition, schema: SubgraphSchema, report: Report) -> None:
    """Every implementation in the subgraph needs each of the interface's keys, else a reference could not be typed."""
    names = [name for name in schema.possible_types(interface.name) if _can_be_compared(schema.types[name], schema)]
    for key in schema.keys.get(interface.name, ()):
        lacking = [
            name
            for name in names
            if not any(
                canonical(own.selection) == canonical(key.selection) and (own.is_resolvable or not key.is_resolvable)
                for own in schema.keys.get(name, ())
            )
        ]
        if lacking:
            report.error(
                "INTERFACE_KEY_NOT_ON_IMPLEMENTATION",
                f'The interface "{interface.name}" has @key(fields: "{key.fields}") in {subgraph_list([schema.name])},'
                f" but {name_list(lacking)} there {'have' if len(lacking) > 1 else 'has'} no such"
                f"{' resolvable' if key.is_resolvable else ''} key. Add the key to every implementation.",
                subgraphs=[schema.name],
            )
