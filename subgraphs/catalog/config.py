"""Settings of the catalog subgraph."""

from pydantic import Field

from subgraphs.shared.config import SharedSettings


class Settings(SharedSettings):
    """Names are the environment variables."""

    catalog_database: str = Field(default="catalog", description="Name of the catalog's PostgreSQL database.")
