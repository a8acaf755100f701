"""Settings of the catalog subgraph."""

from datetime import timedelta
from typing import Literal, TypeVar

from pydantic import BaseModel, ConfigDict, Field, SecretStr, field_validator

from subgraphs.shared.config import SharedSettings

METADATA_LIFETIME = timedelta(hours=24)
"""How long Valkey keeps what pages show of a title."""
METADATA_BYTES = 32 * 1024 * 1024
"""How much of it each process keeps, as estimated."""
METADATA_REST = timedelta(seconds=1)
"""How long a Valkey that did not answer is not asked for it."""
UNINDEXED_STREAM = "catalog:unindexed"
"""Documents that could not be written into the index of a cluster, for the worker to try again."""
INDEX_TIMEOUT_SECONDS = 30.0
"""Longest wait for a batch of documents to be read, or written into the index of a cluster."""


class CatalogueSource(BaseModel):
    """Where somebody else's catalogue is, and what reads it.

    `name` is what it is called, `adapter` one of ours or a class as `package.module:Class`, see gateways/catalogues.
    """

    model_config = ConfigDict(frozen=True, extra="forbid")

    name: str = Field(pattern=r"^[a-z0-9][a-z0-9_-]{0,39}$")
    adapter: str
    url: str
    token: SecretStr = SecretStr("")
    refresh_minutes: int = Field(default=60, ge=1, le=10_080)


class TitleFeed(BaseModel):
    """A partner's file of titles, and how often it is taken in. `name` keeps its ids apart from those of others."""

    model_config = ConfigDict(frozen=True, extra="forbid")

    name: str = Field(pattern=r"^[a-z0-9][a-z0-9_-]{0,39}$")
    url: str = Field(pattern=r"^https?://")
    format: Literal["MRSS", "JSON_LINES", "CSV"] = "MRSS"
    token: SecretStr = SecretStr("")
    every_minutes: int = Field(default=360, ge=1, le=10_080)


_Named = TypeVar("_Named", CatalogueSource, TitleFeed)


class ExternalCatalogueSettings(SharedSettings):
    """What the worker alone reads for this subgraph. Names are the environment variables."""

    external_catalogues: list[CatalogueSource] = Field(
        default_factory=list,
        description="JSON list of others' catalogues to gather: `name`, `adapter` (`jsonl`, `pages` or "
        "`package.module:Class`), `url`, and if need be `token` and `refresh_minutes` (60). What is not in it any more "
        "is forgotten.",
    )

    catalog_feeds: list[TitleFeed] = Field(
        default_factory=list,
        description="JSON list of partners' feeds to take in: `name`, `url`, `format` (`MRSS`, `JSON_LINES` or `CSV`), "
        "and if need be `token` and `every_minutes` (360). What is not in a feed any more stays.",
    )

    @field_validator("external_catalogues", "catalog_feeds")
    @classmethod
    def _each_once(cls, sources: list[_Named]) -> list[_Named]:
        if len({source.name for source in sources}) < len(sources):
            raise ValueError("each name may come once")
        return sources


class Settings(SharedSettings):
    """Names are the environment variables."""

    search_url: str = Field(
        default="",
        repr=False,
        description="OpenSearch or Elasticsearch that searches, `https://user:password@host:port`. PostgreSQL does "
        "where it is empty, and while that one does not answer. `./reelgraph rebuild-search` builds its index; the "
        "worker, which has to have this setting too, keeps it up to date.",
    )
    search_index: str = Field(
        default="reelgraph-search",
        pattern=r"^[a-z0-9][a-z0-9_-]{0,99}$",
        description="Name of the index there, an alias; the worker has to know it too.",
    )
    search_timeout_seconds: float = Field(
        default=0.5, gt=0, le=3, description="Longest wait for an answer of the index; PostgreSQL is asked then."
    )

    search_log_seconds: float = Field(
        default=5.0, gt=0, description="How often the counts of what is searched for are written, in seconds."
    )
    web_url: str = Field(
        default="http://127.0.0.1:4000",
        description="Where the web client is; links in letters and to previews lead below it.",
    )
    catalog_database: str = Field(default="catalog", description="Name of the catalog's PostgreSQL database.")
