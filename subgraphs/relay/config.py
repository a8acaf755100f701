"""Settings of the relay subgraph: it has no store, so it needs only the viewer context's key."""

from pydantic import Field
from pydantic_settings import BaseSettings, SettingsConfigDict


class Settings(BaseSettings):
    """Names are the environment variables."""

    model_config = SettingsConfigDict(extra="ignore", frozen=True)

    viewer_context_key: str = Field(min_length=32, description="Secret shared with the router that signs the viewer.")
