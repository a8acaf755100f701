"""The rules of the recommendations subgraph.

ranking    pure scores: how alike two titles are, what a profile's taste makes of a title, and the honest reason
personal   the rows of one profile
boards     reads ranked rows from Valkey, ranks them anew on a miss, does without Valkey when it is lost
pages      which trays and items a viewer gets to see of the ranked rows
wording    reasons and headings in the viewer's language
tracking   the tokens that name a tray, a rank and a title
curating   what curators do with the trays of pages
privacy    exporting what is kept about people
batches    `open_service`: what workers call

Workers import from here and from models.facts through the names below.
"""

from subgraphs.recommendations.models.facts import (
    Choice,
    CollectedTitles,
    CreditedPerson,
    Engagement,
    Entitlement,
    GenreName,
    Play,
    TitleFeatures,
)
from subgraphs.recommendations.service.batches import Batches, open_service

__all__ = [
    "Batches",
    "Choice",
    "CollectedTitles",
    "CreditedPerson",
    "Engagement",
    "Entitlement",
    "GenreName",
    "Play",
    "TitleFeatures",
    "open_service",
]
