"""MongoDB documents of the playback subgraph: the durable progress behind the Valkey read model."""

from datetime import datetime
from typing import ClassVar

from beanie import Document
from pymongo import ASCENDING, IndexModel


class ProgressDocument(Document):
    """How far a profile has come in a playable; `id` is `<profile>|<playable>`."""

    id: str  # type: ignore[assignment]  # Beanie lets a document choose the type of its id
    profile_id: str
    title_id: str
    playable_id: str
    position_seconds: int
    duration_seconds: int
    watched: bool
    updated_at: datetime

    class Settings:
        name = "progress"
        indexes: ClassVar = [IndexModel([("profile_id", ASCENDING)], name="profile")]
