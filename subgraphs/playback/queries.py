"""Root query fields of the playback subgraph."""

from typing import Annotated

import strawberry

from subgraphs.playback.context import Info
from subgraphs.playback.models.media import MediaJobStatus
from subgraphs.playback.repository.media import newest_jobs
from subgraphs.playback.service.films import ASSET
from subgraphs.playback.service.uploads import find_upload
from subgraphs.playback.types import PlaybackSession
from subgraphs.playback.types.media import ADMIN, UPLOAD, MediaJob, Upload, VideoAsset
from subgraphs.shared.graphql.pagination import First, check_page_size
from subgraphs.shared.ids import decode_id

SessionId = Annotated[strawberry.ID, strawberry.argument(description="Global id of a playback session.")]
UploadId = Annotated[strawberry.ID, strawberry.argument(description="Id of an upload.")]
AssetId = Annotated[strawberry.ID, strawberry.argument(description="Global id of a film.")]
JobStatus = Annotated[MediaJobStatus | None, strawberry.argument(description="Only jobs that stand so.")]


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

    @strawberry.federation.field(
        tags=ADMIN,
        requires_scopes=[["media:write"]],
        description="An upload that you opened, with what has arrived of it; null when there is none.",
    )
    async def upload(self, id: UploadId, info: Info) -> Upload | None:
        context, own = info.context, decode_id(id, UPLOAD).uuid
        async with context.stores.database.reading() as session:
            known = await find_upload(session, context.store, own, user_id=context.viewer.require_user())
        return None if known is None else Upload.of(known, base_url=context.settings.uploads_base_url)

    @strawberry.federation.field(
        tags=ADMIN, requires_scopes=[["media:read"]], description="A film; null when there is none."
    )
    async def video_asset(self, id: AssetId, info: Info) -> VideoAsset | None:
        row = await info.context.loaders.asset_by_id.load(decode_id(id, ASSET).uuid)
        return None if row is None else VideoAsset(row=row)

    @strawberry.federation.field(
        tags=ADMIN, requires_scopes=[["media:read"]], description="Encodings of all films, the newest first."
    )
    async def media_jobs(self, info: Info, status: JobStatus = None, first: First = 50) -> list[MediaJob] | None:
        async with info.context.stores.database.reading() as session:
            rows = await newest_jobs(session, status=status, limit=check_page_size(first))
        return [MediaJob.of(row) for row in rows]
