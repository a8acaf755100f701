"""`@override(from:)`: a field moves from one subgraph to another, while both still declare it.

The source's copy no longer resolves. With a label both copies stay, and the router chooses by request.
"""

import re

from router.composition.errors import Report, subgraph_list
from router.composition.merged_model import LabelledOverride, MergedSchema
from router.composition.model import Kind, OutputField, SubgraphSchema, TypeDefinition

_COLLIDING_IN_SOURCE = ("provides", "requires")
_LABEL = re.compile(r"^(?:[a-zA-Z][a-zA-Z0-9_\-:./]*|percent\((?:100(?:\.0{1,8})?|\d{1,2}(?:\.\d{1,8})?)\))$")


def apply_overrides(schema: MergedSchema, *, report: Report) -> None:
    """Note every field that another subgraph took over."""
    by_name = {subgraph.name: subgraph for subgraph in schema.subgraphs}
    for subgraph in schema.subgraphs:
        for definition in subgraph.types.values():
            for field in definition.fields.values():
                applied = field.applied("override")
                if applied is not None:
                    source = by_name.get(applied.text("from") or "")
                    _apply(_Override(subgraph, definition, field), source, schema, report)


class _Override:
    """One use of `@override`: where it stands and what it says."""

    def __init__(self, subgraph: SubgraphSchema, owner: TypeDefinition, field: OutputField) -> None:
        applied = field.applied("override")
        assert applied is not None
        self.subgraph = subgraph
        self.owner = owner
        self.field = field
        self.source_name = applied.text("from") or ""
        self.label = applied.text("label")
        self.coordinate = f'"{owner.name}.{field.name}"'
        self.where = subgraph_list([subgraph.name])


def _apply(override: _Override, source: SubgraphSchema | None, schema: MergedSchema, report: Report) -> None:
    if _refuse_place(override, report):
        return
    if source is None:
        report.hint(
            "FROM_SUBGRAPH_DOES_NOT_EXIST",
            f'{override.coordinate} in {override.where} overrides subgraph "{override.source_name}", which does not'
            " exist. Correct the name, or remove the directive.",
        )
        return
    overridden = source.field(override.owner.name, override.field.name)
    if override.source_name == override.subgraph.name:
        report.error(
            "OVERRIDE_FROM_SELF_ERROR",
            f"{override.coordinate} in {override.where} overrides itself. Name the subgraph that the field comes from.",
            subgraphs=[override.subgraph.name],
        )
    elif overridden is None:
        _without_source_field(override, source, schema, report)
    elif not _refuse_directives(override, source, overridden, report) and not _refuse_label(override, report):
        if overridden.uses("external"):
            _hint_no_longer_resolved(override, source, report)
        else:
            _note(override, source, schema, report)


def _note(override: _Override, source: SubgraphSchema, schema: MergedSchema, report: Report) -> None:
    if override.label is None:
        schema.overridden.add((source.name, override.owner.name, override.field.name))
        report.hint(
            "OVERRIDDEN_FIELD_CAN_BE_REMOVED",
            f"{override.coordinate} in {subgraph_list([source.name])} is overridden by {override.where} and can be"
            " removed.",
        )
        return
    element = (override.owner.name, override.field.name)
    schema.labelled.append(
        LabelledOverride(override.label, (source.name, *element), (override.subgraph.name, *element))
    )
    report.hint(
        "OVERRIDE_MIGRATION_IN_PROGRESS",
        f"{override.coordinate} is moving from {subgraph_list([source.name])} to {override.where}, by the label"
        f' "{override.label}".',
    )


def _refuse_place(override: _Override, report: Report) -> bool:
    coordinate, where, names = override.coordinate, override.where, [override.subgraph.name]
    if override.owner.kind is Kind.INTERFACE:
        report.error(
            "OVERRIDE_ON_INTERFACE",
            f"The interface field {coordinate} in {where} has @override. Put it on the implementations' fields.",
            subgraphs=names,
        )
    elif override.owner.is_interface_object:
        report.error(
            "OVERRIDE_COLLISION_WITH_ANOTHER_DIRECTIVE",
            f"{coordinate} in {where} has @override in a type with @interfaceObject. Move the field without it.",
            subgraphs=names,
        )
    else:
        return False
    return True


def _refuse_label(override: _Override, report: Report) -> bool:
    if override.label is None or _LABEL.match(override.label):
        return False
    report.error(
        "OVERRIDE_LABEL_INVALID",
        f'{override.coordinate} in {override.where} has the override label "{override.label}". A label begins with a'
        " letter and has only letters, digits and _-:./, or is percent(x) with x from 0 to 100 and at most 8 decimals.",
        subgraphs=[override.subgraph.name],
    )
    return True


def _without_source_field(override: _Override, source: SubgraphSchema, schema: MergedSchema, report: Report) -> None:
    """The source may have the field only through an interface object, which cannot be overridden piecemeal."""
    merged = schema.types.get(override.owner.name)
    for interface in merged.interfaces if merged else []:
        stand_in = source.types.get(interface)
        if stand_in is not None and stand_in.is_interface_object and override.field.name in stand_in.fields:
            report.error(
                "OVERRIDE_COLLISION_WITH_ANOTHER_DIRECTIVE",
                f'{override.coordinate} in {override.where} overrides subgraph "{source.name}", which has the field'
                f' only through its @interfaceObject "{interface}". Remove the field there instead.',
                subgraphs=[override.subgraph.name, source.name],
            )
            return
    _hint_no_longer_resolved(override, source, report)


def _hint_no_longer_resolved(override: _Override, source: SubgraphSchema, report: Report) -> None:
    report.hint(
        "OVERRIDE_DIRECTIVE_CAN_BE_REMOVED",
        f"{override.coordinate} in {override.where} overrides {subgraph_list([source.name])}, which no longer"
        " resolves the field: @override can be removed.",
    )


def _refuse_directives(override: _Override, source: SubgraphSchema, overridden: OutputField, report: Report) -> bool:
    names = [override.subgraph.name, source.name]
    if overridden.uses("override"):
        report.error(
            "OVERRIDE_SOURCE_HAS_OVERRIDE",
            f"{override.coordinate} is overridden by {override.where} from {subgraph_list([source.name])}, which"
            " overrides it too. Keep one @override.",
            subgraphs=names,
        )
        return True
    if override.field.uses("external"):
        report.error(
            "OVERRIDE_COLLISION_WITH_ANOTHER_DIRECTIVE",
            f"{override.coordinate} in {override.where} has both @override and @external: it cannot take over a field"
            " that it does not resolve. Remove one.",
            subgraphs=[override.subgraph.name],
        )
        return True
    colliding = [directive for directive in _COLLIDING_IN_SOURCE if overridden.uses(directive)]
    for directive in colliding:
        report.error(
            "OVERRIDE_COLLISION_WITH_ANOTHER_DIRECTIVE",
            f"{override.coordinate} is overridden by {override.where}, but has @{directive} in"
            f" {subgraph_list([source.name])}. Remove it there before moving the field.",
            subgraphs=names,
        )
    return bool(colliding)
