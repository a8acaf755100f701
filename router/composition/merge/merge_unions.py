"""Unions: the members of all subgraphs together."""

from router.composition.errors import Report, subgraph_list
from router.composition.merged_model import MergedSchema
from router.composition.model import Kind


def merge_unions(schema: MergedSchema, *, report: Report) -> None:
    """Fill the members of every union, with the graphs that have each."""
    for name, merged in schema.types.items():
        if merged.kind is not Kind.UNION:
            continue
        sources = schema.sources(name)
        for subgraph, definition in sources:
            for member in definition.members:
                merged.members.setdefault(member, []).append(subgraph.graph)
        for member, graphs in merged.members.items():
            lacking = [subgraph.name for subgraph, _ in sources if subgraph.graph not in graphs]
            if lacking:
                report.hint(
                    "INCONSISTENT_UNION_MEMBER",
                    f'The union "{name}" has the member "{member}" in some subgraphs, but not in'
                    f" {subgraph_list(lacking)}.",
                )
