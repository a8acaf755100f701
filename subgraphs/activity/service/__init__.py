"""The rules of activity.

rules     what to continue, what plays next: pure functions
reading   what home pages and lists show
saying    watchlist, ratings, dismissals, clearing the history
watching  what heartbeats change
privacy   exporting and forgetting what is kept about people
batches   what workers call: `open_service`
"""

from subgraphs.activity.models.facts import ProjectedPlayable, ProjectedTitle, Watching
from subgraphs.activity.service.batches import ActivityBatches, open_service

__all__ = [
    "ActivityBatches",
    "ProjectedPlayable",
    "ProjectedTitle",
    "Watching",
    "open_service",
]
