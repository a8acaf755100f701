"""Rules that only the merged schema can meet or break. What clients can reach is checked in satisfiability/."""

from router.composition.errors import Report
from router.composition.merged_model import MergedSchema
from router.composition.validate_supergraph.check_composed_directives import check_composed_directives
from router.composition.validate_supergraph.check_implementations import check_implementations, check_interface_fields
from router.composition.validate_supergraph.check_inaccessible import check_inaccessible
from router.composition.validate_supergraph.check_queries import check_queries
from router.composition.validate_supergraph.check_requirements import check_requirements
from router.composition.validate_supergraph.check_transitive_authorization import check_transitive_authorization

__all__ = ["validate_supergraph"]

_STAGES = (
    (check_queries,),
    (check_interface_fields, check_requirements, check_transitive_authorization),
    (check_implementations, check_composed_directives),
    (check_inaccessible,),
)


def validate_supergraph(schema: MergedSchema, *, report: Report) -> None:
    """Check the supergraph until a stage finds something; every violation of that stage goes to the report."""
    for checks in _STAGES:
        for check in checks:
            check(schema, report=report)
        if report.errors:
            return
