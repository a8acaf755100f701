"""The federation version that a subgraph really asks for: a newer feature that it links may imply a newer one."""

from collections.abc import Sequence

from router.composition.errors import Report, subgraph_subject
from router.composition.model import SubgraphSchema
from router.composition.specifications import STANDALONE_SPECIFICATIONS, Version


def newest_version(subgraphs: Sequence[SubgraphSchema], *, report: Report) -> Version:
    """Return the newest federation version that any subgraph links or implies."""
    return max((_version(subgraph, report) for subgraph in subgraphs), default=(1, 0))


def _version(subgraph: SubgraphSchema, report: Report) -> Version:
    newest = subgraph.version
    if subgraph.is_federation_1:
        return newest
    for feature in subgraph.features:
        standalone = STANDALONE_SPECIFICATIONS.get(feature.name) if feature.is_of_federation else None
        if standalone is not None and standalone.implies is not None and standalone.implies > newest:
            newest = standalone.implies
            report.hint(
                "IMPLICITLY_UPGRADED_FEDERATION_VERSION",
                f"{subgraph_subject([subgraph.name])} links federation v{subgraph.version[0]}.{subgraph.version[1]}"
                f" and {feature.url}, which came with v{newest[0]}.{newest[1]}: it is taken to be of that version.",
            )
    return newest
