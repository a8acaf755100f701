"""A supergraph for gateways that cannot ask who a viewer is: the same, without what it demands of viewers.

Such a gateway refuses a supergraph with demands, since a demand that nobody makes protects nothing. So this is for
graphs whose subgraphs make them again by themselves.
"""

from router.composition.merged_model import MergedSchema

AUTHORIZATION = ("authenticated", "policy", "requiresScopes")


def leave_out_authorization(schema: MergedSchema) -> None:
    """Remove every demand from a merged and validated supergraph."""
    for element in schema.elements():
        for name in AUTHORIZATION:
            element.drop(name)
