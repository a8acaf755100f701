"""Settings that every subgraph and worker reads, from the environment only. One URL configures each store."""

from pathlib import Path

from pydantic import Field
from pydantic_settings import BaseSettings, SettingsConfigDict


class SharedSettings(BaseSettings):
    """What all services share; a subgraph's own config.py inherits from it. Names are the environment variables."""

    model_config = SettingsConfigDict(extra="ignore", frozen=True)

    database_url: str = Field(
        description="PostgreSQL server, `postgresql://user:password@host:port`; each subgraph adds its database name."
    )
    mongodb_url: str = Field(description="MongoDB server, `mongodb://host:port/`.")
    redis_url: str = Field(description="Valkey or Redis, `redis://host:port/db`.")
    viewer_context_key: str = Field(min_length=32, description="Secret shared with the router that signs the viewer.")
    media_signing_key: str = Field(min_length=32, description="Secret that signs playback URLs.")
    public_url: str = Field(
        default="http://127.0.0.1:4000",
        description="Where clients reach the platform; images and streams hang below it.",
    )
    objects_dir: Path = Field(
        default=Path(".reelgraph/objects"),
        description="Folder of the local object store: streams and drawn artwork.",
    )
    database_pool_size: int = Field(
        default=5, ge=1, le=20, description="PostgreSQL connections per process and database."
    )
    store_timeout_seconds: float = Field(
        default=3.0,
        gt=0,
        description="Longest wait for any store. Shorter than the router's for a subgraph (5 s), so that a hung store "
        "is answered as such and does not look like a hung subgraph.",
    )
