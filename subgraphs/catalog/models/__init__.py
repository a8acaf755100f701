"""The catalog's tables.

published  what viewers read: titles with all that hangs on them, search documents
editorial  what editors work on: drafts, their versions, the log of what was done
"""

from subgraphs.catalog.models.editorial import CmsLogEntry, CmsTitle, CmsVersion, EditorialAction, WorkflowState
from subgraphs.catalog.models.published import (
    TYPE_NAMES,
    Credit,
    CreditRole,
    Episode,
    Genre,
    Image,
    ImageRole,
    Model,
    Person,
    Playable,
    PlayableKind,
    SearchDocument,
    SearchWord,
    Season,
    SportsFixture,
    Title,
    TitleGenre,
    TitleKind,
    Translation,
    TrendingSnapshot,
    table,
)

__all__ = [
    "TYPE_NAMES",
    "CmsLogEntry",
    "CmsTitle",
    "CmsVersion",
    "Credit",
    "CreditRole",
    "EditorialAction",
    "Episode",
    "Genre",
    "Image",
    "ImageRole",
    "Model",
    "Person",
    "Playable",
    "PlayableKind",
    "SearchDocument",
    "SearchWord",
    "Season",
    "SportsFixture",
    "Title",
    "TitleGenre",
    "TitleKind",
    "Translation",
    "TrendingSnapshot",
    "WorkflowState",
    "table",
]
