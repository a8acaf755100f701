"""Directives of operations: a router may pass one to any subgraph, so only what all of them know is kept."""

from collections.abc import Sequence

from router.composition.errors import Report, subgraph_list
from router.composition.merge.merge_arguments import merge_arguments
from router.composition.merge.merge_descriptions import merge_descriptions
from router.composition.merged_model import MergedDirectiveDefinition, MergedSchema
from router.composition.model import DirectiveDefinition, SubgraphSchema

Sources = Sequence[tuple[SubgraphSchema, DirectiveDefinition]]


def merge_executable_directives(schema: MergedSchema, *, report: Report) -> None:
    """Add to the supergraph the directives that every subgraph defines for operations."""
    names = {name for subgraph in schema.subgraphs for name in subgraph.executable_directives}
    for name in sorted(names - schema.composed.keys()):
        lacking = [subgraph.name for subgraph in schema.subgraphs if name not in subgraph.executable_directives]
        if lacking:
            report.hint(
                "INCONSISTENT_EXECUTABLE_DIRECTIVE_PRESENCE",
                f'The directive "@{name}" is left out of the supergraph, because it does not exist in'
                f" {subgraph_list(lacking)}.",
            )
            continue
        sources = [(subgraph, subgraph.executable_directives[name]) for subgraph in schema.subgraphs]
        locations = _common_locations(name, sources, report)
        if locations:
            schema.executable_directives[name] = _merge(name, sources, locations, report)


def _common_locations(name: str, sources: Sources, report: Report) -> list[str]:
    common = set.intersection(*(set(definition.locations) for _, definition in sources))
    if not common:
        report.hint(
            "NO_EXECUTABLE_DIRECTIVE_INTERSECTION",
            f'The directive "@{name}" is left out of the supergraph, because no place is common to all subgraphs.',
        )
    elif any(set(definition.locations) != common for _, definition in sources):
        report.hint(
            "INCONSISTENT_EXECUTABLE_DIRECTIVE_LOCATIONS",
            f'The directive "@{name}" may stand in different places; the supergraph has {", ".join(sorted(common))}.',
        )
    return sorted(common)


def _merge(name: str, sources: Sources, locations: list[str], report: Report) -> MergedDirectiveDefinition:
    repeatable = {definition.is_repeatable for _, definition in sources}
    if len(repeatable) > 1:
        report.hint(
            "INCONSISTENT_EXECUTABLE_DIRECTIVE_REPEATABLE",
            f'The directive "@{name}" is repeatable in some subgraphs only; in the supergraph it is not.',
        )
    return MergedDirectiveDefinition(
        name,
        merge_descriptions(
            f"@{name}", [(subgraph.graph, definition) for subgraph, definition in sources], report=report
        ),
        arguments=merge_arguments(
            f"@{name}", [(subgraph, definition.arguments) for subgraph, definition in sources], report=report
        ),
        locations=locations,
        is_repeatable=all(repeatable),
    )
