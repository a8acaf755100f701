"""Root mutation fields of the playback subgraph. They open and commit; the rules are in service."""

from collections.abc import Awaitable, Callable
from typing import Annotated

import strawberry

from subgraphs.playback.context import Context, Info
from subgraphs.playback.errors import MediaRefusedError, SessionEndedError, TrackUnknownError
from subgraphs.playback.models.media import VideoAsset as StoredAsset
from subgraphs.playback.models.rows import ChosenTracks
from subgraphs.playback.models.tables import StreamFormat
from subgraphs.playback.repository.read_model import Report
from subgraphs.playback.service import films, sessions
from subgraphs.playback.service.encoding import OWNER
from subgraphs.playback.service.uploads import UploadRequest, open_upload
from subgraphs.playback.types import HeartbeatResult, PlaybackSession, Progress, StartPlaybackResult
from subgraphs.playback.types.media import (
    ADMIN,
    UPLOAD,
    Upload,
    UploadCreateInput,
    UploadPayload,
    VideoAsset,
    VideoAssetPayload,
)
from subgraphs.playback.types.words import PlayerState
from subgraphs.shared.graphql.payloads import InputError, OkPayload, UserError, input_error
from subgraphs.shared.graphql.scalars import Locale
from subgraphs.shared.ids import decode_id
from subgraphs.shared.job_news import announce
from subgraphs.shared.postgres import WriteSession
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
AudioLanguage = Annotated[Locale, strawberry.argument(description="Language of the sound that plays now.")]
SubtitleLanguage = Annotated[
    Locale | None, strawberry.argument(description="Language of the subtitles that are shown now; null for none.")
]
NewUpload = Annotated[UploadCreateInput, strawberry.argument(description="The file.")]
OwnUpload = Annotated[strawberry.ID, strawberry.argument(description="Id of an upload that you opened.")]
Etags = Annotated[list[str], strawberry.argument(description="The ETags of all its parts, in their order.")]
AssetId = Annotated[strawberry.ID, strawberry.argument(description="Global id of a film.")]
Language = Annotated[Locale, strawberry.argument(description="Their language.")]
Forced = Annotated[bool, strawberry.argument(description="Whether who chose none sees them, too.")]
ForDeaf = Annotated[bool, strawberry.argument(description="Whether they tell of sounds: closed captions.")]

_WRITERS = [["media:write"]]


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

    @strawberry.mutation(
        description="Remember for the title what the viewer switched to: its next viewing by the profile, of any "
        "episode, starts in these languages. Errors, which change nothing: SESSION_ENDED, TRACK_UNKNOWN. Of an "
        "anonymous viewer nothing is remembered."
    )
    async def playback_tracks_choose(
        self, info: Info, session_id: SessionId, audio: AudioLanguage, subtitle: SubtitleLanguage = None
    ) -> OkPayload:
        context = info.context
        try:
            async with context.stores.database.writing() as session:
                await sessions.choose_tracks(
                    session,
                    session_id=decode_id(session_id, "PlaybackSession").uuid,
                    chosen=ChosenTracks(audio, subtitle),
                    viewer=context.viewer,
                    now=context.now,
                )
        except SessionEndedError as error:
            return OkPayload(ok=False, errors=[input_error(error, "sessionId")])
        except TrackUnknownError as error:
            return OkPayload(ok=False, errors=[input_error(error, error.path)])
        return OkPayload(ok=True)

    @strawberry.federation.mutation(
        tags=ADMIN,
        requires_scopes=_WRITERS,
        description="Open an upload: PUT its parts to their addresses in any order, then complete it. Asked again with "
        "the same key, it tells what has arrived. Errors: FILE_NAME_INVALID, CONTENT_TYPE_NOT_ALLOWED, FILE_EMPTY, "
        "FILE_TOO_LARGE, SHA256_INVALID, TOO_MANY_UPLOADS (20 at once), IDEMPOTENCY_KEY_REUSED.",
    )
    async def upload_create(self, input: NewUpload, info: Info) -> UploadPayload:
        context = info.context
        request = UploadRequest(
            user_id=context.viewer.require_user(),
            file_name=input.file_name,
            size_bytes=_whole(input.size_bytes),
            content_type=input.content_type,
            sha256=input.sha256,
            idempotency_key=str(input.idempotency_key),
        )
        try:
            async with context.stores.database.writing() as session:
                known = await open_upload(session, context.store, request, now=context.now, config=context.settings)
        except MediaRefusedError as error:
            return UploadPayload(upload=None, errors=_errors(error))
        return UploadPayload(upload=Upload.of(known, base_url=context.settings.uploads_base_url), errors=[])

    @strawberry.federation.mutation(
        tags=ADMIN,
        requires_scopes=_WRITERS,
        description="Make a film of an upload whose parts have all arrived; a worker encodes it. Completed again with "
        "the same ETags, it is the same film. Errors, which change nothing: UPLOAD_UNKNOWN, UPLOAD_EXPIRED, "
        "PART_COUNT, PART_MISSING, ETAG_MISMATCH, UPLOAD_IS_CAPTIONS, UPLOAD_COMPLETE.",
    )
    async def upload_complete(self, id: OwnUpload, etags: Etags, info: Info) -> VideoAssetPayload:
        context, own = info.context, decode_id(id, UPLOAD).uuid
        user_id = context.viewer.require_user()
        return await _change(
            context,
            lambda session: films.complete_upload(session, context.store, own, etags, user_id=user_id, now=context.now),
        )

    @strawberry.federation.mutation(
        tags=ADMIN,
        requires_scopes=_WRITERS,
        description="Encode a film anew that FAILED. Errors: ASSET_UNKNOWN, NOT_OWNER, ASSET_NOT_FAILED.",
    )
    async def video_asset_retry(self, id: AssetId, info: Info) -> VideoAssetPayload:
        context, own = info.context, decode_id(id, films.ASSET).uuid
        return await _change(context, lambda session: films.retry(session, own, viewer=context.viewer, now=context.now))

    @strawberry.federation.mutation(
        tags=ADMIN,
        requires_scopes=_WRITERS,
        description="Give a film captions, in place of those of the same language and purpose: an upload of text/vtt "
        "or application/x-subrip whose part has arrived, and that needs no uploadComplete. The film is made anew with "
        "them, and plays as it did until then. Errors: ASSET_UNKNOWN, NOT_OWNER, UPLOAD_UNKNOWN, UPLOAD_IS_VIDEO, "
        "UPLOAD_EXPIRED, PART_COUNT, PART_MISSING.",
    )
    async def subtitle_track_set(
        self,
        asset_id: AssetId,
        upload_id: OwnUpload,
        language: Language,
        info: Info,
        *,
        forced: Forced = False,
        cc: ForDeaf = False,
    ) -> VideoAssetPayload:
        context, own = info.context, decode_id(asset_id, films.ASSET).uuid
        captions = films.Captions(decode_id(upload_id, UPLOAD).uuid, language, forced, cc)
        return await _change(
            context,
            lambda session: films.set_captions(
                session, context.store, own, captions, viewer=context.viewer, now=context.now
            ),
        )


async def _change(context: Context, work: Callable[[WriteSession], Awaitable[StoredAsset]]) -> VideoAssetPayload:
    """Do the work in one transaction; what an editor can mend comes back as data, and changes nothing."""
    try:
        async with context.stores.database.writing() as session:
            asset = await work(session)
    except MediaRefusedError as error:
        return VideoAssetPayload(asset=None, errors=_errors(error))
    await announce(context.stores.cache, OWNER, asset.id)
    return VideoAssetPayload(asset=VideoAsset(row=asset), errors=[])


def _errors(error: MediaRefusedError) -> list[UserError]:
    return [InputError(code=error.fault, message=error.message, path=list(error.path) or None)]


def _whole(number: float) -> int:
    """Return a number of bytes; 0, which no file has, for what is none."""
    return int(number) if number.is_integer() else 0
