"""Settings of the catalog subgraph."""

from pydantic import Field

from subgraphs.shared.config import SharedSettings


class Settings(SharedSettings):
    """Names are the environment variables."""

    search_log_seconds: float = Field(
        default=5.0, gt=0, description="How often the counts of what is searched for are written, in seconds."
    )
    catalog_database: str = Field(default="catalog", description="Name of the catalog's PostgreSQL database.")
