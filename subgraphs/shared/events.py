"""The envelope of domain events. The events themselves live in the events.py of the subgraph that publishes them.

An event is a frozen pydantic model named in the past tense (`TitlePublished`). Consumers assume that each comes twice
and in any order; a projection keeps the newest by `occurred_at` or by the version inside the event.
"""

from datetime import datetime
from typing import ClassVar
from uuid import UUID, uuid4

from pydantic import BaseModel, ConfigDict, Field


class Event(BaseModel):
    """A fact that a subgraph publishes. `topic` names it on the wire: `catalog.title_changed`."""

    # An event that cannot be read is logged, and its values may be somebody's.
    model_config = ConfigDict(frozen=True, hide_input_in_errors=True)

    topic: ClassVar[str]

    event_id: UUID = Field(default_factory=uuid4)
    occurred_at: datetime
