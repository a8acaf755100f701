"""A field that several subgraphs resolve has to be shareable in each of them.

A field that was overridden does not resolve, and neither does a copy (`@external`), unless a path provides it. A field
of an interface object does, for every implementation.
"""

from collections.abc import Sequence

from router.composition.errors import Report, subgraph_list
from router.composition.merge.field_sources import FieldSource
from router.composition.merged_model import MergedSchema, MergedType
from router.composition.model import Kind


def check_field_sharing(
    owner: MergedType, sources: Sequence[FieldSource], schema: MergedSchema, *, report: Report
) -> None:
    """Check who resolves one field. On an interface only interface objects do."""
    field = sources[0].field.name
    shareable_by_subgraph = {
        source.subgraph.name: source.is_external or source.subgraph.is_shareable(owner.name, field)
        for source in sources
        if (source.is_resolved or source.is_provided)
        and (owner.kind is Kind.OBJECT or source.owner.is_interface_object)
        if not _is_labelled_away(source, sources)
    }
    if owner.kind is Kind.OBJECT:
        shareable_by_subgraph = _through_interface_objects(owner, field, schema) | shareable_by_subgraph
    selfish = [name for name, is_shareable in shareable_by_subgraph.items() if not is_shareable]
    if len(shareable_by_subgraph) < 2 or not selfish:
        return
    names = [subgraph.name for subgraph in schema.subgraphs if subgraph.name in shareable_by_subgraph]
    report.error(
        "INVALID_FIELD_SHARING",
        f'"{owner.name}.{field}" is resolved by {subgraph_list(names)}, but not marked @shareable in'
        f" {subgraph_list(sorted(selfish))}. Mark it in each, or let one subgraph resolve it.",
        subgraphs=names,
    )


def _through_interface_objects(owner: MergedType, field: str, schema: MergedSchema) -> dict[str, bool]:
    return {
        subgraph.name: subgraph.is_shareable(interface, field)
        for interface in owner.interfaces
        for subgraph, definition in schema.sources(interface)
        if definition.is_interface_object and field in definition.fields
        if not subgraph.is_external(interface, field)
    }


def _is_labelled_away(source: FieldSource, sources: Sequence[FieldSource]) -> bool:
    """Whether another subgraph takes the field over for some requests: then only one of the two resolves each."""
    return any(
        applied.text("from") == source.subgraph.name and applied.text("label") is not None
        for other in sources
        for applied in other.field.all_applied("override")
    )
