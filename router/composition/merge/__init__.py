"""Merges the subgraphs into one supergraph. One rule is one file; this page is their order.

Interfaces and unions come before fields, because whether field types are compatible depends on them. Enums come
after, because how an enum merges depends on where it is used. What is true of the result alone is checked later, in
validate_supergraph/.
"""

from collections.abc import Sequence

from router.composition.errors import Report
from router.composition.merge.apply_overrides import apply_overrides
from router.composition.merge.check_interface_objects import check_interface_objects
from router.composition.merge.check_subscription_fields import check_subscription_fields
from router.composition.merge.compose_directives import compose_directives
from router.composition.merge.copy_interface_object_fields import copy_interface_object_fields
from router.composition.merge.imply_versions import newest_version
from router.composition.merge.merge_directives import merge_directives
from router.composition.merge.merge_enums import merge_enums
from router.composition.merge.merge_executable_directives import merge_executable_directives
from router.composition.merge.merge_implements import merge_implements
from router.composition.merge.merge_input_objects import merge_input_objects
from router.composition.merge.merge_objects_and_interfaces import merge_objects_and_interfaces
from router.composition.merge.merge_type_headers import merge_type_headers
from router.composition.merge.merge_unions import merge_unions
from router.composition.merge.name_directives import name_directives
from router.composition.merge.spread_authorization import spread_authorization
from router.composition.merged_model import MergedSchema
from router.composition.model import Element, SubgraphSchema

__all__ = ["merge_subgraphs"]


def merge_subgraphs(subgraphs: Sequence[SubgraphSchema], *, report: Report) -> MergedSchema:
    """Return the supergraph of subgraphs in canonical order; every disagreement goes to the report."""
    schema = MergedSchema(
        subgraphs,
        version=newest_version(subgraphs, report=report),
        composed=compose_directives(subgraphs, report=report),
        directive_names=name_directives(subgraphs, report=report),
    )
    schema.directives = merge_directives(
        "schema",
        [(subgraph.graph, Element("schema", directives=subgraph.directives)) for subgraph in subgraphs],
        report=report,
    )
    merge_type_headers(schema, report=report)
    merge_implements(schema)
    merge_unions(schema, report=report)
    check_interface_objects(schema, report=report)
    apply_overrides(schema, report=report)
    merge_input_objects(schema, report=report)
    merge_objects_and_interfaces(schema, report=report)
    check_subscription_fields(schema, report=report)
    copy_interface_object_fields(schema)
    spread_authorization(schema, report=report)
    merge_executable_directives(schema, report=report)
    merge_enums(schema, report=report)
    return schema
