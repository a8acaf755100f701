"""`@interfaceObject` across subgraphs: some subgraph has the interface, and knows all of its implementations."""

from router.composition.errors import Report, name_list, subgraph_list, subgraph_subject
from router.composition.merged_model import MergedSchema, MergedType
from router.composition.model import Kind, SubgraphSchema


def check_interface_objects(schema: MergedSchema, *, report: Report) -> None:
    """Check every interface object, and every interface that can be entered by a key."""
    for name, merged in schema.types.items():
        if merged.kind is not Kind.INTERFACE:
            continue
        sources = schema.sources(name)
        standing_in = [subgraph for subgraph, definition in sources if definition.is_interface_object]
        real = [subgraph for subgraph, definition in sources if not definition.is_interface_object]
        if not real:
            names = [subgraph.name for subgraph in standing_in]
            report.error(
                "INTERFACE_OBJECT_USAGE_ERROR",
                f'"{name}" is an @interfaceObject in {subgraph_list(names)}, but an interface in no subgraph. Define'
                " the interface and its implementations in one.",
                subgraphs=names,
            )
        for subgraph in standing_in:
            _check_knows_no_implementation(merged, subgraph, schema, report)
        for subgraph in real:
            _check_knows_all_implementations(merged, subgraph, schema, report)


def _check_knows_no_implementation(
    interface: MergedType, subgraph: SubgraphSchema, schema: MergedSchema, report: Report
) -> None:
    known = [name for name in schema.implementations_of(interface.name) if name in subgraph.types]
    if known:
        report.error(
            "INTERFACE_OBJECT_USAGE_ERROR",
            f'{subgraph_subject([subgraph.name])} has "{interface.name}" as @interfaceObject and also its'
            f" implementation{'s' if len(known) > 1 else ''} {name_list(known)}. Move their fields to the"
            f" interface object, or"
            " define the interface there.",
            subgraphs=[subgraph.name],
        )


def _check_knows_all_implementations(
    interface: MergedType, subgraph: SubgraphSchema, schema: MergedSchema, report: Report
) -> None:
    """Whoever answers for a reference to the interface has to be able to name any of its types."""
    if not any(key.is_resolvable for key in subgraph.keys.get(interface.name, ())):
        return
    known = set(subgraph.possible_types(interface.name))
    lacking = [name for name in schema.implementations_of(interface.name) if name not in known]
    if lacking:
        report.error(
            "INTERFACE_KEY_MISSING_IMPLEMENTATION_TYPE",
            f'The interface "{interface.name}" has a resolvable @key in {subgraph_list([subgraph.name])}, which does'
            f" not know its implementation{'s' if len(lacking) > 1 else ''} {name_list(lacking)}. Add them"
            " there, or make the key resolvable: false.",
            subgraphs=[subgraph.name],
        )
