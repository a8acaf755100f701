"""Refusals of the ads subgraph.

ReelgraphError
└── BadUserInputError
    └── InvalidCampaignError   a campaign that could never be shown, or a picture that is no path of this platform
"""

from subgraphs.shared.errors import BadUserInputError


class InvalidCampaignError(BadUserInputError):
    """The campaign cannot be kept as it is."""
