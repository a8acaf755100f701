"""Brings subgraphs without a federation link (Federation 1) to what the rules of Federation 2 expect."""

from collections.abc import Sequence

from router.composition.model import SubgraphSchema


def upgrade_federation_1(schemas: Sequence[SubgraphSchema]) -> None:
    return
