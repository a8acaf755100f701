"""Fields of objects and interfaces: the union of what the subgraphs have, and how each takes part in it."""

from collections.abc import Sequence

from router.composition.contexts import join_arguments
from router.composition.errors import Report, subgraph_list
from router.composition.merge.check_externals import check_externals
from router.composition.merge.check_field_sharing import check_field_sharing
from router.composition.merge.field_sources import FieldSource, field_sources
from router.composition.merge.merge_arguments import merge_arguments
from router.composition.merge.merge_descriptions import merge_descriptions
from router.composition.merge.merge_directives import merge_directives
from router.composition.merge.merge_types import merge_output_types
from router.composition.merged_model import JoinField, MergedField, MergedSchema, MergedType
from router.composition.model import ROOT_TYPES, Kind


def merge_objects_and_interfaces(schema: MergedSchema, *, report: Report) -> None:
    """Fill the fields of every object and interface."""
    for name, merged in schema.types.items():
        if merged.kind not in (Kind.OBJECT, Kind.INTERFACE):
            continue
        declared = dict.fromkeys(field for _, definition in schema.sources(name) for field in definition.fields)
        for field in declared:
            result = _merge_field(merged, field_sources(name, field, schema), schema, report)
            if result is not None:
                merged.fields[field] = result


def _merge_field(
    owner: MergedType, sources: Sequence[FieldSource], schema: MergedSchema, report: Report
) -> MergedField | None:
    name = sources[0].field.name
    coordinate = f"{owner.name}.{name}"
    real = [source for source in sources if not source.is_external]
    if not real:
        names = [source.subgraph.name for source in sources]
        report.error(
            "EXTERNAL_MISSING_ON_BASE",
            f'"{coordinate}" is marked @external in {subgraph_list(names)}, but no other subgraph resolves it. Remove'
            " @external where it is resolved, or add it to the subgraph that owns it.",
            subgraphs=names,
        )
        return None
    check_field_sharing(owner, sources, schema, report=report)
    merged_type = merge_output_types([source.field.type for source in real], schema)
    if merged_type is None:
        _report_mismatch(coordinate, real, report)
        merged_type = real[0].field.type
    elif any(source.field.type != merged_type for source in real):
        report.hint(
            "INCONSISTENT_BUT_COMPATIBLE_FIELD_TYPE",
            f'"{coordinate}" has compatible types: {_types(real)}. The supergraph has {merged_type}.',
        )
    _hint_missing_in_value_type(owner, coordinate, sources, schema, report)
    elements = [(source.subgraph.graph, source.field) for source in real]
    merged = MergedField(
        name,
        merge_descriptions(coordinate, elements, report=report),
        merge_directives(coordinate, elements, report=report),
        type=merged_type,
        arguments=merge_arguments(
            coordinate, [(source.subgraph, source.field.arguments) for source in real], report=report
        ),
    )
    check_externals(coordinate, merged, sources, schema=schema, report=report)
    merged.joins = _joins(owner, merged_type, sources, schema)
    return merged


def _types(sources: Sequence[FieldSource]) -> str:
    by_type: dict[str, list[str]] = {}
    for source in sources:
        by_type.setdefault(source.field.type, []).append(source.subgraph.name)
    return ", ".join(f"{type_text} in {subgraph_list(names)}" for type_text, names in by_type.items())


def _report_mismatch(coordinate: str, sources: Sequence[FieldSource], report: Report) -> None:
    report.error(
        "FIELD_TYPE_MISMATCH",
        f'"{coordinate}" has types that have no common one: {_types(sources)}. Make them the same, or one an interface'
        " or union of the other.",
        subgraphs=[source.subgraph.name for source in sources],
    )


def _hint_missing_in_value_type(
    owner: MergedType, coordinate: str, sources: Sequence[FieldSource], schema: MergedSchema, report: Report
) -> None:
    """Types without keys are copies of each other: a field that is not in all of them may be an oversight."""
    if owner.name in ROOT_TYPES or any(join.key is not None for join in owner.joins):
        return
    having = [source.subgraph.name for source in sources]
    lacking = [subgraph.name for subgraph, _ in schema.sources(owner.name) if subgraph.name not in having]
    if lacking:
        kind = "OBJECT" if owner.kind is Kind.OBJECT else "INTERFACE"
        report.hint(
            f"INCONSISTENT_{kind}_VALUE_TYPE_FIELD",
            f'"{coordinate}" is in {subgraph_list(having)}, but not in {subgraph_list(lacking)}.',
        )


def _joins(
    owner: MergedType, merged_type: str, sources: Sequence[FieldSource], schema: MergedSchema
) -> list[JoinField]:
    """Return how each subgraph takes part; nothing when all that have the type simply have the field."""
    types_differ = any(source.field.type != merged_type for source in sources)
    joins = [
        _join(source, schema, with_type=types_differ)
        for source in sources
        if not source.is_overridden or source.is_used
    ]
    if all(join.is_plain for join in joins) and len(joins) == len(schema.sources(owner.name)):
        return []
    return joins


def _join(source: FieldSource, schema: MergedSchema, *, with_type: bool) -> JoinField:
    field = source.field
    requires, provides, override = (field.applied(name) for name in ("requires", "provides", "override"))
    return JoinField(
        source.subgraph.graph,
        requires=requires.text("fields") if requires else None,
        provides=provides.text("fields") if provides else None,
        type=field.type if with_type else None,
        is_external=source.is_external,
        override=override.text("from") if override else None,
        is_used_overridden=source.is_overridden,
        override_label=_override_label(source, schema),
        context_arguments=join_arguments(source.owner, field, source.subgraph),
    )


def _override_label(source: FieldSource, schema: MergedSchema) -> str | None:
    """Return the label by which a subgraph takes the field over, or loses it, for a part of the requests."""
    coordinate = (source.subgraph.name, source.owner.name, source.field.name)
    return next((each.label for each in schema.labelled if coordinate in (each.source, each.target)), None)
