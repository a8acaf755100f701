"""A subscription is served by one subgraph: its root fields cannot be shared."""

from router.composition.errors import Report, subgraph_list
from router.composition.merged_model import MergedSchema


def check_subscription_fields(schema: MergedSchema, *, report: Report) -> None:
    """Refuse `@shareable` on fields of the subscription root."""
    for subgraph, definition in schema.sources("Subscription"):
        for field in definition.fields.values():
            if field.uses("shareable"):
                report.error(
                    "INVALID_FIELD_SHARING",
                    f'"Subscription.{field.name}" in {subgraph_list([subgraph.name])} is marked @shareable, but one'
                    " subgraph alone serves a subscription. Remove @shareable.",
                    subgraphs=[subgraph.name],
                )
