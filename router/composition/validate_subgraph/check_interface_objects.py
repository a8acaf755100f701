"""`@interfaceObject`: an object that can be entered by a key, in a subgraph that knows no implementation."""

from router.composition.errors import Report, subgraph_list
from router.composition.model import SubgraphSchema


def check_interface_objects(schema: SubgraphSchema, *, report: Report) -> None:
    """Check that every interface object of a subgraph has a key."""
    for definition in schema.types.values():
        if definition.is_interface_object and not definition.uses("key"):
            report.error(
                "INTERFACE_OBJECT_USAGE_ERROR",
                f'"{definition.name}" in {subgraph_list([schema.name])} has @interfaceObject but no @key. Add the key'
                " of the interface.",
                subgraphs=[schema.name],
            )
