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


class PersonalDataSettings(SharedSettings):
    """What the users subgraph and the worker share. Names are the environment variables."""

    users_database: str = Field(default="users", description="Name of the PostgreSQL database of the users subgraph.")
    personal_data_keys: str = Field(
        repr=False,
        description="Keys that seal phone numbers, stored tokens and letters: `<id>:<base64url of 32 bytes>`, "
        "comma-separated. The first one seals, all open.",
    )
    personal_data_lookup_key: str = Field(
        min_length=32, repr=False, description="Secret of the digests by which sealed values and addresses are found."
    )


class Settings(PersonalDataSettings):
    """Settings of the subgraph itself. Names are the environment variables."""

    access_token_key_file: Path = Field(description="PEM file of the private RSA key that signs access tokens.")
    access_token_issuer: str = Field(default="reelgraph", description="`iss` of access tokens.")
    access_token_audience: str = Field(default="reelgraph", description="`aud` of access tokens.")
    password_hash_cost: int = Field(default=12, ge=4, le=16, description="bcrypt cost; below 12 only in tests.")
    password_hash_threads: int = Field(default=2, ge=1, le=16, description="Passwords hashed at once per process.")
    password_hash_queue: int = Field(
        default=64, ge=1, description="Passwords that may wait for a thread; beyond that sign-in is unavailable."
    )
