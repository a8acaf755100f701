"""What a resolver of the catalog can reach: the viewer, the moment, the loaders, the database and search."""

from collections.abc import Hashable, Sequence
from dataclasses import dataclass, field
from datetime import datetime

from subgraphs.catalog.loaders import Loaders
from subgraphs.catalog.repository.metadata import MetadataCache
from subgraphs.catalog.repository.visibility import Audience
from subgraphs.catalog.service.preview import NothingKept, PreviewDatabase
from subgraphs.catalog.service.records import TitleRecord
from subgraphs.catalog.service.search_engine import PostgresSearch, SearchEngine
from subgraphs.catalog.service.search_log import SearchLog
from subgraphs.shared.identity import Viewer
from subgraphs.shared.live import LiveFeed
from subgraphs.shared.postgres import Database


@dataclass
class CatalogContext:
    """One request's context. `now` is read once, so that every field of an answer speaks of the same moment; in a
    preview it is the moment that is looked at, and `asked_at` still the one of the request."""

    viewer: Viewer
    now: datetime
    database: Database
    metadata: MetadataCache
    public_url: str
    web_url: str
    signing_key: str = field(repr=False)
    search: SearchEngine
    search_log: SearchLog
    feed: LiveFeed
    audience: Audience = field(init=False)
    loaders: Loaders = field(init=False)
    asked_at: datetime = field(init=False)
    _locales: dict[str | None, tuple[str, ...]] = field(default_factory=dict)

    def __post_init__(self) -> None:
        self.asked_at = self.now
        self.audience = Audience(self.now, self.viewer.country, self.viewer.age_limit)
        self.loaders = Loaders(self.database, self.metadata, self.audience, self.viewer.profile_id)

    def show_preview(self, audience: Audience, records: Sequence[TitleRecord]) -> None:
        """Let the rest of this request see what the audience would, with these titles published; nobody else does."""
        if records:
            self.database = PreviewDatabase(self.database, records, now=audience.now)
        self.metadata, self.search, self.search_log = NothingKept(), PostgresSearch(self.database), SearchLog()
        self.now, self.audience = audience.now, audience
        self.loaders = Loaders(self.database, self.metadata, audience)

    def words_of_viewer(self) -> Hashable:
        """Return all that fields of kept answers read here: what `locales` is made of, and the pictures' address."""
        return self.viewer.profile_locale, self.viewer.accept_locale, self.public_url

    def locales(self, asked: str | None) -> tuple[str, ...]:
        """Return the locales to try, best first; remembered, because every name of a page asks."""
        chain = self._locales.get(asked)
        if chain is None:
            chain = self._locales[asked] = self.viewer.locales(asked)
        return chain
