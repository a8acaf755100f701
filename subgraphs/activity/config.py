"""Settings of the activity subgraph, and the numbers that requirements fix."""

from datetime import timedelta

from pydantic import Field

from subgraphs.shared.config import SharedSettings

CONTINUE_WATCHING_LIMIT = 20
"""The longest continue-watching row (FR-PR-001.2)."""

BEGUN_AFTER_SECONDS = 30
"""Whoever saw no more than this has not begun: neither a row in continue watching nor one in the history."""

WATCHED_PERCENT = 90
"""From here on something counts as watched (FR-VP-004.3)."""

READ_MODEL_LIFETIME = timedelta(days=30)
"""How long Valkey keeps a profile's read model after the last change."""

READ_MODEL_MAX_AGE = timedelta(days=7)
"""How long a read model is believed before it is built again. Shorter than its lifetime, so that it never loses a
part before it is noticed."""

ENGAGEMENT_STREAM = "activity:engagement"


class Settings(SharedSettings):
    """Names are the environment variables."""

    activity_mongo_database: str = Field(default="activity", description="Name of activity's MongoDB database.")
