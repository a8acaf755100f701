"""The catalog's tables.

published  what viewers read: titles with all that hangs on them, search documents
collections titles that editors put together
analytics  what is searched for, as figures
editorial  what editors work on: drafts, their versions, the log of what was done
external   catalogues of others, as the worker last read them
imports    files of titles on their way into the catalogue
exports    the published titles on their way into files
reminders  what viewers wait for
"""

from subgraphs.catalog.models.analytics import SearchQueryDay
from subgraphs.catalog.models.collections import Collection, CollectionTitle
from subgraphs.catalog.models.editorial import (
    BulkState,
    CmsBulkItem,
    CmsBulkOperation,
    CmsLogEntry,
    CmsRegisterEntry,
    CmsTitle,
    CmsVersion,
    EditorialAction,
    ImageUpload,
    WorkflowState,
)
from subgraphs.catalog.models.exports import CatalogExport
from subgraphs.catalog.models.external import ExternalCatalogue, ExternalSource, ExternalTitle
from subgraphs.catalog.models.imports import (
    CatalogImport,
    CatalogImportChange,
    CatalogImportError,
    ImportFormat,
    ImportState,
    ImportUpload,
    VideoFile,
)
from subgraphs.catalog.models.published import (
    TYPE_NAMES,
    ContentDescriptor,
    Credit,
    CreditRole,
    Episode,
    Genre,
    Image,
    ImageRole,
    Licence,
    Marker,
    MarkerKind,
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
from subgraphs.catalog.models.reminders import Reminder

__all__ = [
    "TYPE_NAMES",
    "BulkState",
    "CatalogExport",
    "CatalogImport",
    "CatalogImportChange",
    "CatalogImportError",
    "CmsBulkItem",
    "CmsBulkOperation",
    "CmsLogEntry",
    "CmsRegisterEntry",
    "CmsTitle",
    "CmsVersion",
    "Collection",
    "CollectionTitle",
    "ContentDescriptor",
    "Credit",
    "CreditRole",
    "EditorialAction",
    "Episode",
    "ExternalCatalogue",
    "ExternalSource",
    "ExternalTitle",
    "Genre",
    "Image",
    "ImageRole",
    "ImageUpload",
    "ImportFormat",
    "ImportState",
    "ImportUpload",
    "Licence",
    "Marker",
    "MarkerKind",
    "Model",
    "Person",
    "Playable",
    "PlayableKind",
    "Reminder",
    "SearchDocument",
    "SearchQueryDay",
    "SearchWord",
    "Season",
    "SportsFixture",
    "Title",
    "TitleGenre",
    "TitleKind",
    "Translation",
    "TrendingSnapshot",
    "VideoFile",
    "WorkflowState",
    "table",
]
