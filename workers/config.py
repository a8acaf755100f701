"""Settings of the worker: the stores of all subgraphs that it serves, and its schedule."""

from pathlib import Path

from pydantic import Field

from subgraphs.catalog.config import ExternalCatalogueSettings
from subgraphs.users.config import WorkerSettings


class Settings(WorkerSettings, ExternalCatalogueSettings):
    """Names are the environment variables. Subgraphs' own settings are made from these (`services`)."""

    store_timeout_seconds: float = Field(default=10.0, gt=0, description="Longest wait for any store, in batches.")
    catalog_database: str = Field(default="catalog", description="Name of the catalog's PostgreSQL database.")
    playback_database: str = Field(default="playback", description="Name of playback's PostgreSQL database.")
    billing_database: str = Field(
        default="billing", description="Name of the PostgreSQL database of the billing subgraph."
    )
    ads_database: str = Field(default="ads", description="Name of the PostgreSQL database of the ads subgraph.")
    recommendations_database: str = Field(
        default="recommendations", description="Name of the PostgreSQL database of the recommendations subgraph."
    )
    playback_mongo_database: str = Field(default="playback", description="Name of playback's MongoDB database.")
    activity_mongo_database: str = Field(default="activity", description="Name of activity's MongoDB database.")
    renewal_notice_days: int = Field(
        default=2, ge=1, le=30, description="How many days before a plan renews its owner is told."
    )
    beat_schedule_file: Path = Field(
        default=Path(".reelgraph/beat-schedule"),
        description="File in which the scheduler remembers what ran when.",
    )
