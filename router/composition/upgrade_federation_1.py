"""Brings subgraphs without a federation link (Federation 1) to what the rules of Federation 2 expect.

Federation 1 wrote `@external` out of habit and shared value types without saying so. What was ineffective is removed;
what was shared silently is marked.
"""

from collections.abc import Iterable, Sequence
from dataclasses import replace

from graphql import EnumValueNode, ListValueNode, StringValueNode

from router.composition.errors import Report, subgraph_list
from router.composition.field_sets import FieldSetError, parse_field_set, selected_fields
from router.composition.index_subgraph import index_subgraph
from router.composition.model import (
    ROOT_TYPES,
    AppliedDirective,
    Kind,
    OutputField,
    SubgraphSchema,
    TypeDefinition,
)
from router.composition.type_text import named_type

_FIELD_SETS = ("key", "requires", "provides")


def upgrade_federation_1(schemas: Sequence[SubgraphSchema], *, report: Report) -> None:
    """Upgrade, in place, those of the subgraphs that need it; what cannot be upgraded goes to the report."""
    old = [schema for schema in schemas if schema.is_federation_1]
    for schema in old:
        _write_field_sets_as_text(schema)
        _refuse_interface_objects(schema, others=[other for other in schemas if other is not schema], report=report)
        _drop_ineffective_directives(schema, others=[other for other in schemas if other is not schema])
        _admit_keys_of_other_subgraphs(schema, others=[other for other in schemas if other is not schema])
    for schema in old:
        index_subgraph(schema)
        _drop_resolved_requirements(schema)
        index_subgraph(schema)
        _drop_unused_externals(schema, report)
    for schema in schemas:
        index_subgraph(schema)
    for schema in old:
        _mark_shared_fields(schema, others=[other for other in schemas if other is not schema])


def _write_field_sets_as_text(schema: SubgraphSchema) -> None:
    """Turn `fields: ["id", "name"]` and `fields: id`, which Federation 1 let pass, into one string."""
    for _, element in schema.elements():
        if any(applied.name in _FIELD_SETS for applied in element.directives):
            element.directives[:] = [
                _with_text(applied) if applied.name in _FIELD_SETS else applied for applied in element.directives
            ]


def _with_text(applied: AppliedDirective) -> AppliedDirective:
    value = applied.arguments.get("fields")
    items = value.values if isinstance(value, ListValueNode) else (value,)
    texts = [item.value for item in items if isinstance(item, StringValueNode | EnumValueNode)]
    if not texts or len(texts) != len(items):
        return applied
    return replace(applied, arguments={**applied.arguments, "fields": StringValueNode(value=" ".join(texts))})


def _refuse_interface_objects(schema: SubgraphSchema, *, others: Iterable[SubgraphSchema], report: Report) -> None:
    """A key on an interface meant nothing in Federation 1, but an interface object elsewhere would build on it."""
    for name, definition in schema.types.items():
        if definition.kind is not Kind.INTERFACE or not definition.uses("key"):
            continue
        standing_in = [other.name for other in others if name in other.types and other.types[name].is_interface_object]
        if standing_in:
            report.error(
                "INTERFACE_OBJECT_USAGE_ERROR",
                f'"{name}" is an @interfaceObject in {subgraph_list(standing_in)}, and has a @key as an interface in'
                f" {subgraph_list([schema.name])}, which links no federation specification: there that key has no"
                " meaning. Link federation v2.3 or newer in it.",
                subgraphs=[*standing_in, schema.name],
            )


def _drop_ineffective_directives(schema: SubgraphSchema, *, others: Sequence[SubgraphSchema]) -> None:
    for definition in schema.types.values():
        if definition.kind is Kind.INTERFACE:
            definition.drop("key")
        for field in definition.fields.values():
            if definition.kind is Kind.INTERFACE:
                for name in ("external", "requires", "provides"):
                    field.drop(name)
            child = schema.types.get(named_type(field.type))
            if child is None or child.kind is Kind.ENUM or child.kind is Kind.SCALAR:
                field.drop("provides")
            if field.uses("external"):
                _drop_repeated_tags(definition.name, field, others)


def _drop_repeated_tags(owner: str, field: OutputField, others: Iterable[SubgraphSchema]) -> None:
    """Drop the tags of a copy that the field itself has too."""
    real = [found for other in others if (found := other.field(owner, field.name)) and not found.uses("external")]
    tags = {applied.text("name") for found in real for applied in found.all_applied("tag")}
    field.directives = [
        applied for applied in field.directives if applied.name != "tag" or applied.text("name") not in tags
    ]


def _admit_keys_of_other_subgraphs(schema: SubgraphSchema, *, others: Iterable[SubgraphSchema]) -> None:
    """An extension without a key of its own stands on the first key that another subgraph gives the type."""
    for name, definition in schema.types.items():
        if not definition.is_extension or definition.uses("key"):
            continue
        for other in others:
            owner = other.types.get(name)
            key = None if owner is None else owner.applied("key")
            if key is not None:
                _admit(key, name, schema)
                break


def _admit(key: AppliedDirective, type_name: str, schema: SubgraphSchema) -> None:
    try:
        for selected in selected_fields(parse_field_set(key.text("fields") or ""), of=type_name, schema=schema):
            selected.field.drop("external")
    except FieldSetError:
        return  # the extension has not all fields of that key: nothing to admit


def _drop_resolved_requirements(schema: SubgraphSchema) -> None:
    """Drop `@requires` and `@provides` whose fields are all resolved here: they asked for nothing."""
    for definition in schema.types.values():
        for field in definition.fields.values():
            for directive, of in (("requires", definition.name), ("provides", named_type(field.type))):
                applied = field.applied(directive)
                if applied is not None and not _selects_external(applied, of, schema):
                    field.drop(directive)


def _selects_external(applied: AppliedDirective, of: str, schema: SubgraphSchema) -> bool:
    try:
        fields = list(selected_fields(parse_field_set(applied.text("fields") or ""), of=of, schema=schema))
    except FieldSetError:
        return True  # keep it for the check that names the mistake
    return any(
        selected.field.uses("external")
        or any(schema.is_external(*at) for at in _copies(selected.type_name, selected.field, schema))
        for selected in fields
    )


def _copies(type_name: str, field: OutputField, schema: SubgraphSchema) -> list[tuple[str, str]]:
    return [(name, field.name) for name in schema.possible_types(type_name)]


def _drop_unused_externals(schema: SubgraphSchema, report: Report) -> None:
    referenced = _referenced_types(schema)
    for name, definition in list(schema.types.items()):
        unused = [field for field in definition.fields.values() if _is_unused_external(definition, field, schema)]
        for field in unused:
            del definition.fields[field.name]
        if unused and not definition.fields and name not in ROOT_TYPES:
            if name in referenced:
                report.error(
                    "TYPE_WITH_ONLY_UNUSED_EXTERNAL",
                    f'"{name}" in {subgraph_list([schema.name])} has only fields marked @external that no @key,'
                    " @requires or @provides there uses, so nothing is left of it. Resolve one of the fields, or use"
                    " one in a @key.",
                    subgraphs=[schema.name],
                )
            else:
                del schema.types[name]


def _referenced_types(schema: SubgraphSchema) -> set[str]:
    found: set[str] = set()
    for definition in schema.types.values():
        found |= {named_type(field.type) for field in definition.fields.values()}
        found |= {*definition.members, *definition.interfaces}
    return found


def _is_unused_external(definition: TypeDefinition, field: OutputField, schema: SubgraphSchema) -> bool:
    if not field.uses("external") or (definition.name, field.name) in schema.used_fields:
        return False
    return not any(schema.field(interface, field.name) for interface in definition.interfaces)


def _mark_shared_fields(schema: SubgraphSchema, *, others: Sequence[SubgraphSchema]) -> None:
    for name, definition in schema.types.items():
        if definition.kind is not Kind.OBJECT:
            continue
        is_value_type = not definition.uses("key") and name not in ROOT_TYPES
        elsewhere = [other for other in others if name in other.types]
        for field in definition.fields.values():
            if field.uses("external") or field.uses("shareable"):
                continue
            resolved_elsewhere = any(
                other.field(name, field.name) is not None
                and (not other.is_external(name, field.name) or (name, field.name) in other.provided_fields)
                for other in elsewhere
            )
            if resolved_elsewhere or (is_value_type and elsewhere):
                field.directives.append(AppliedDirective("shareable"))
