"""Settings of the ads subgraph, and the numbers that requirements fix."""

from pydantic import Field

from subgraphs.shared.config import SharedSettings

MID_ROLL_EVERY_SECONDS = 900
MID_ROLLS_ONLY_ABOVE_SECONDS = 1800
LAST_BREAK_BEFORE_END_SECONDS = 120


class Settings(SharedSettings):
    """Names are the environment variables."""

    ads_database: str = Field(default="ads", description="Name of the PostgreSQL database of the ads subgraph.")
