"""Rules that only the merged schema can meet or break. What clients can reach is checked in satisfiability/."""

from router.composition.errors import Report
from router.composition.merged_model import MergedSchema
from router.composition.validate_supergraph.check_composed_directives import check_composed_directives
from router.composition.validate_supergraph.check_implementations import check_implementations
from router.composition.validate_supergraph.check_inaccessible import check_inaccessible
from router.composition.validate_supergraph.check_queries import check_queries
from router.composition.validate_supergraph.check_transitive_authorization import check_transitive_authorization

__all__ = ["validate_supergraph"]


def validate_supergraph(schema: MergedSchema, *, report: Report) -> None:
    """Check the supergraph; every violation goes to the report."""
    check_queries(schema, report=report)
    check_implementations(schema, report=report)
    check_inaccessible(schema, report=report)
    check_transitive_authorization(schema, report=report)
    check_composed_directives(schema, report=report)
