"""Settings of the playback subgraph, and the numbers that requirements fix."""

from datetime import timedelta

from pydantic import Field

from subgraphs.shared.config import SharedSettings

HEARTBEAT_INTERVAL_SECONDS = 10
"""How often a player reports its position (FR-VP-004.1)."""

WATCHED_PERCENT = 90
"""From here on a playable counts as watched (FR-VP-004.3). The heartbeat script has the same number as an argument."""

RESUME_FROM_SECONDS = 15
"""Whoever saw less starts again at the beginning (FR-VP-004.2)."""

READ_MODEL_LIFETIME = timedelta(days=30)
"""How long progress stays in Valkey after the last change (IN-DB-21); the durable copy stays."""

SESSION_LIFETIME = timedelta(hours=24)
"""How long Valkey remembers a session after its last heartbeat; later ones are looked up in PostgreSQL."""

HEARTBEAT_STREAM = "playback:heartbeats"

UPLOAD_LIFETIME = timedelta(hours=24)
"""How long an upload takes parts after it was opened."""

MOST_CAPTION_BYTES = 10 * 1024 * 1024
MOST_PARTS = 1_000
MOST_OPEN_UPLOADS = 20
"""Uploads that one account may have open."""


class Settings(SharedSettings):
    """Names are the environment variables."""

    playback_database: str = Field(default="playback", description="Name of playback's PostgreSQL database.")
    playback_mongo_database: str = Field(default="playback", description="Name of playback's MongoDB database.")
    streams_url: str | None = Field(
        default=None, description="Where clients reach `/v/…`, the signed streams; PUBLIC_URL unless given."
    )
    playback_default_asset: str = Field(
        default="sample", description="Asset that plays for every playable without one of its own."
    )

    upload_max_bytes: int = Field(
        default=64 * 1024**3, ge=1, le=1024**4, description="Largest film that may be uploaded, in bytes."
    )
    upload_part_bytes: int = Field(
        default=8 * 1024**2,
        ge=1024,
        le=1024**3,
        description="Size of the parts in which films are uploaded; larger where there would be more than a thousand.",
    )

    @property
    def uploads_base_url(self) -> str:
        """The beginning of every address to which a part is sent, without a slash at its end."""
        return self.public_url.rstrip("/")

    @property
    def streams_base_url(self) -> str:
        """The beginning of every stream's address, without a slash at its end."""
        return (self.streams_url or self.public_url).rstrip("/")
