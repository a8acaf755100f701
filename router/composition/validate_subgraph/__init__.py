"""Rules that one subgraph has to meet by itself, before anything is merged."""

from router.composition.errors import Report
from router.composition.model import SubgraphSchema
from router.composition.validate_subgraph.check_authorization import check_authorization
from router.composition.validate_subgraph.check_contexts import check_contexts
from router.composition.validate_subgraph.check_cost import check_cost
from router.composition.validate_subgraph.check_externals import check_externals
from router.composition.validate_subgraph.check_interface_objects import check_interface_objects
from router.composition.validate_subgraph.check_keys import check_keys
from router.composition.validate_subgraph.check_provides import check_provides
from router.composition.validate_subgraph.check_requires import check_requires
from router.composition.validate_subgraph.check_shareable import check_shareable

__all__ = ["validate_subgraph"]


def validate_subgraph(schema: SubgraphSchema, *, report: Report) -> None:
    """Check one subgraph; every violation goes to the report."""
    check_keys(schema, report=report)
    check_requires(schema, report=report)
    check_provides(schema, report=report)
    check_externals(schema, report=report)
    check_shareable(schema, report=report)
    check_interface_objects(schema, report=report)
    check_authorization(schema, report=report)
    check_contexts(schema, report=report)
    check_cost(schema, report=report)
