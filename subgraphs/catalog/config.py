"""Settings of the catalog subgraph."""

from datetime import timedelta

from pydantic import Field

from subgraphs.shared.config import SharedSettings

METADATA_LIFETIME = timedelta(hours=24)
"""How long Valkey keeps what pages show of a title."""
METADATA_BYTES = 16 * 1024 * 1024
"""How much of it each process keeps, as estimated."""
METADATA_REST = timedelta(seconds=1)
"""How long a Valkey that did not answer is not asked for it."""


class Settings(SharedSettings):
    """Names are the environment variables."""

    search_log_seconds: float = Field(
        default=5.0, gt=0, description="How often the counts of what is searched for are written, in seconds."
    )
    catalog_database: str = Field(default="catalog", description="Name of the catalog's PostgreSQL database.")
