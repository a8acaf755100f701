"""Refuses what composition does not merge yet, rather than leave it out of the supergraph in silence."""

from collections.abc import Iterator

from router.composition.errors import Report, subgraph_list
from router.composition.model import Element, SubgraphSchema

_NOT_MERGED = frozenset({"context", "fromContext", "cacheTag", "composeDirective"})


def check_supported(schema: SubgraphSchema, *, report: Report) -> None:
    """Refuse directives that change how an operation is executed and that composition does not merge."""
    for element in _elements(schema):
        for applied in element.directives:
            if applied.name in _NOT_MERGED:
                report.error(
                    "UNSUPPORTED_FEATURE",
                    f'"{element.name}" in {subgraph_list([schema.name])} has @{applied.name}, which this composition'
                    " does not support. Remove it.",
                    subgraphs=[schema.name],
                )


def _elements(schema: SubgraphSchema) -> Iterator[Element]:
    yield Element("schema", directives=schema.directives)
    for definition in schema.types.values():
        yield definition
        for field in definition.fields.values():
            yield field
            yield from field.arguments.values()
