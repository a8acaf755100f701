"""Implements: a type implements in the supergraph what it implements in any subgraph."""

from router.composition.merged_model import MergedSchema


def merge_implements(schema: MergedSchema) -> None:
    """Fill the interfaces of every type, with the graphs that say so."""
    for name, merged in schema.types.items():
        merged.implements = [
            (subgraph.graph, interface)
            for subgraph, definition in schema.sources(name)
            for interface in dict.fromkeys(definition.interfaces)
        ]
