"""Root mutation fields of the playback subgraph. They open and commit; the rules are in service."""

from typing import Annotated

import strawberry

from subgraphs.playback.context import Info
from subgraphs.playback.errors import SessionEndedError
from subgraphs.playback.models.tables import StreamFormat
from subgraphs.playback.repository.read_model import Report
from subgraphs.playback.service import sessions
from subgraphs.playback.types import HeartbeatResult, PlaybackSession, Progress, StartPlaybackResult
from subgraphs.playback.types.words import PlayerState
from subgraphs.shared.graphql.payloads import OkPayload, input_error
from subgraphs.shared.ids import decode_id
from subgraphs.shared.values import DeviceType


@strawberry.input(description="What to play, on what.")
class PlaybackStartInput:
    playable_id: strawberry.ID = strawberry.field(description="Global id of the playable.")
    device_type: DeviceType = strawberry.field(description="What it is played on.")
    format: StreamFormat = strawberry.field(default=StreamFormat.HLS, description="Packaging that the player takes.")
    start_over: bool = strawberry.field(default=False, description="Begin at the beginning, whatever was seen before.")
    idempotency_key: strawberry.ID | None = strawberry.field(
        default=None, description="The same key of the same profile gives the same session again."
    )


@strawberry.input(description="Where a player is.")
class PlaybackHeartbeatInput:
    session_id: strawberry.ID = strawberry.field(description="Global id of the playback session.")
    position_seconds: int = strawberry.field(description="Position in seconds; kept between 0 and the length.")
    duration_seconds: int | None = strawberry.field(
        default=None, description="Length that the player measured; used only when the catalogue knows none."
    )
    state: PlayerState = strawberry.field(description="What the player does now.")
    seq: int = strawberry.field(description="Grows with each heartbeat of the session; late ones are ignored.")


StartInput = Annotated[PlaybackStartInput, strawberry.argument(description="What to play, on what.")]
HeartbeatInput = Annotated[PlaybackHeartbeatInput, strawberry.argument(description="Where the player is.")]
SessionId = Annotated[strawberry.ID, strawberry.argument(description="Global id of the playback session.")]
Position = Annotated[
    int | None, strawberry.argument(description="Last position in seconds; that of the last heartbeat if left out.")
]


@strawberry.type
class Mutation:
    @strawberry.mutation(
        description="Start a viewing: access is decided, a session opened, and the stream's address signed. Anonymous "
        "viewers may play what is free for everyone."
    )
    async def playback_start(self, input: StartInput, info: Info) -> StartPlaybackResult:
        context = info.context
        request = sessions.StartRequest(
            playable_id=str(input.playable_id),
            device_type=input.device_type,
            format=input.format,
            start_over=input.start_over,
            idempotency_key=None if input.idempotency_key is None else str(input.idempotency_key),
        )
        decode_id(request.playable_id, "Playable")
        async with context.stores.database.writing() as session:
            stream = await sessions.start(
                session,
                context.read_model,
                request=request,
                viewer=context.viewer,
                now=context.now,
                config=context.settings,
            )
        return PlaybackSession(stream=stream)

    @strawberry.mutation(
        description="Report the position, every `heartbeatIntervalSeconds`. Other devices see it at once. Out of "
        "order, it changes nothing."
    )
    async def playback_heartbeat(self, input: HeartbeatInput, info: Info) -> HeartbeatResult:
        context = info.context
        report = Report(
            position_seconds=input.position_seconds,
            duration_seconds=input.duration_seconds or 0,
            is_playing=input.state is PlayerState.PLAYING,
            seq=input.seq,
            ends=False,
        )
        session_id = decode_id(input.session_id, "PlaybackSession").uuid
        row = await sessions.report(
            context.stores.database,
            context.read_model,
            session_id=session_id,
            given=report,
            viewer=context.viewer,
            now=context.now,
        )
        return Progress.of(row)

    @strawberry.mutation(description="End a viewing. Doing it again changes nothing.")
    async def playback_stop(self, info: Info, session_id: SessionId, position_seconds: Position = None) -> OkPayload:
        context = info.context
        try:
            async with context.stores.database.writing() as session:
                await sessions.stop(
                    session,
                    context.read_model,
                    session_id=decode_id(session_id, "PlaybackSession").uuid,
                    position_seconds=position_seconds,
                    viewer=context.viewer,
                    now=context.now,
                )
        except SessionEndedError as error:
            return OkPayload(ok=False, errors=[input_error(error, "sessionId")])
        return OkPayload(ok=True)
