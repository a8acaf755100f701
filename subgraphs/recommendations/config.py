"""Settings of the recommendations subgraph, and the numbers that rules fix."""

from datetime import timedelta

from pydantic import Field

from subgraphs.shared.config import SharedSettings

ROW_LIFETIME = timedelta(hours=6)
"""How old a ranked row may get: trending is recomputed every six hours (FR-PR-004)."""

PERSONAL_LIFETIME = timedelta(hours=24)
"""How long the rows of a profile are kept; a play or a rating drops them at once."""

AGE_LIMITS = (0, 7, 13, 16, 18)
"""The age floors of the five ratings: rows are ranked once for each."""

KIDS_PAGE_AGE_LIMIT = 7
"""The page KIDS shows nothing above U/A 7+, whoever looks."""


class Settings(SharedSettings):
    """Names are the environment variables."""

    recommendations_database: str = Field(
        default="recommendations", description="Name of the PostgreSQL database of the recommendations subgraph."
    )
