"""Root query fields of the playback subgraph."""

from typing import Annotated

import strawberry

from subgraphs.playback.context import Info
from subgraphs.playback.types import PlaybackSession
from subgraphs.shared.ids import decode_id

SessionId = Annotated[strawberry.ID, strawberry.argument(description="Global id of a playback session.")]


@strawberry.type
class Query:
    @strawberry.field(
        description="A running session of the active profile, with a fresh link; null when it has ended, is somebody "
        "else's, or may no longer be played."
    )
    async def playback_session(self, id: SessionId, info: Info) -> PlaybackSession | None:
        session_id = decode_id(id, "PlaybackSession").uuid
        stream = await info.context.loaders.stream_by_session.load(session_id)
        return None if stream is None else PlaybackSession(stream=stream)
