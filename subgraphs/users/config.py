"""Settings of the users subgraph, and the numbers that requirements fix."""

from datetime import timedelta
from pathlib import Path

from pydantic import Field

from subgraphs.shared.config import SharedSettings

ACCESS_TOKEN_LIFETIME = timedelta(minutes=15)
REFRESH_TOKEN_LIFETIME = timedelta(days=7)

PASSWORD_MIN_LENGTH = 8
PASSWORD_MAX_BYTES = 72
"""bcrypt reads no more than this; a longer password is refused instead of being cut in silence."""

MAX_PROFILES = 5
PROFILE_NAME_MAX_LENGTH = 50
MAX_AUDIO_LANGUAGES = 10


class Settings(SharedSettings):
    """Names are the environment variables."""

    users_database: str = Field(default="users", description="Name of the PostgreSQL database of the users subgraph.")
    access_token_key_file: Path = Field(description="PEM file of the private RSA key that signs access tokens.")
    access_token_issuer: str = Field(default="reelgraph", description="`iss` of access tokens.")
    access_token_audience: str = Field(default="reelgraph", description="`aud` of access tokens.")
    password_hash_cost: int = Field(default=12, ge=4, le=16, description="bcrypt cost; below 12 only in tests.")
    password_hash_threads: int = Field(default=2, ge=1, le=16, description="Passwords hashed at once per process.")
    password_hash_queue: int = Field(
        default=64, ge=1, description="Passwords that may wait for a thread; beyond that sign-in is unavailable."
    )
