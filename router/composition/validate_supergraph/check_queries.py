"""A supergraph has at least one query."""

from router.composition.errors import Report
from router.composition.merged_model import MergedSchema


def check_queries(schema: MergedSchema, *, report: Report) -> None:
    """Refuse a supergraph without a query field."""
    query = schema.types.get("Query")
    if query is None or not query.fields:
        report.error(
            "NO_QUERIES",
            'No subgraph has a query. Add a field to the type "Query" of one.',
            subgraphs=[subgraph.name for subgraph in schema.subgraphs],
        )
