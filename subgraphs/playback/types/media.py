"""Films as editors see them: uploads, assets, and the jobs that encode them. What viewers play is in sessions."""

from collections.abc import Mapping, Sequence
from datetime import datetime
from typing import Any, Self

import strawberry

from media.delivery import LINK_LIFETIME, MASTER_PLAYLIST, Grant, sign_prefix
from subgraphs.playback.context import Context, Info
from subgraphs.playback.models import media
from subgraphs.playback.models.contents import Contents, read_contents
from subgraphs.playback.models.media import AssetStatus, MediaJobKind, MediaJobStatus
from subgraphs.playback.service.films import ASSET
from subgraphs.playback.service.uploads import OfferedPart, OpenUpload
from subgraphs.playback.types import words as _words  # noqa: F401  # describes the enums
from subgraphs.playback.types.streams import AudioTrack, Rendition, Storyboard, SubtitleTrack
from subgraphs.shared.graphql.payloads import UserError
from subgraphs.shared.graphql.scalars import URL
from subgraphs.shared.graphql.schema import Reference
from subgraphs.shared.ids import decode_ids_leniently, encode_id
from subgraphs.shared.values import Quality

ADMIN = ["admin"]
UPLOAD, JOB = "Upload", "MediaJob"
"""First halves of global ids."""

_READS = "media:read"
_EDITORS = "editors"
"""Stands in signed addresses where a viewer's has its session."""


@strawberry.federation.input(tags=ADMIN, description="A file that is to be sent.")
class UploadCreateInput:
    file_name: str = strawberry.field(
        description="1 to 255 characters without a slash. An import may name the film by it."
    )
    size_bytes: float = strawberry.field(
        description="Its exact size: at most 64 GiB for a film, unless set otherwise, and 10 MiB for captions."
    )
    content_type: str = strawberry.field(
        description="video/mp4, video/quicktime, video/x-matroska, video/webm, video/mp2t; for captions text/vtt or "
        "application/x-subrip."
    )
    sha256: str | None = strawberry.field(
        default=None,
        description="SHA-256 of the whole file, 64 small hexadecimal digits. A film of another digest is not encoded: "
        "CHECKSUM_MISMATCH.",
    )
    idempotency_key: strawberry.ID = strawberry.field(
        description="Text of your choice. The same one, come again, returns the upload that it made, with what has "
        "arrived: that is how to go on with one that broke off."
    )


@strawberry.federation.type(tags=ADMIN, description="A part of an upload.")
class UploadPart:
    number: int = strawberry.field(description="Its place in the file, from 1.")
    size_bytes: int = strawberry.field(description="Its exact size.")
    url: URL = strawberry.field(
        description="Where to PUT its bytes, as often as needed; the last that came whole counts. The answer has an "
        "`ETag`; or an error with a `code`: UPLOAD_EXPIRED, UPLOAD_DONE, PART_SIZE, PART_INCOMPLETE, CONTENT_MISMATCH."
    )
    etag: str | None = strawberry.field(description="The ETag of what has arrived, for uploadComplete; null before.")

    @classmethod
    def of(cls, part: OfferedPart, *, base_url: str) -> Self:
        """Return the GraphQL form of a part."""
        address = part.address if "://" in part.address else base_url + part.address
        return cls(number=part.number, size_bytes=part.size_bytes, url=URL(address), etag=part.etag)


@strawberry.federation.type(tags=ADMIN, description="A file on its way in, which its sender alone sees.")
class Upload:
    id: strawberry.ID = strawberry.field(description="Opaque id, for uploadComplete and subtitleTrackSet.")
    method: str = strawberry.field(description="The HTTP method with which parts are sent: PUT.")
    part_size: int = strawberry.field(description="Size in bytes of every part but the last.")
    parts: list[UploadPart] = strawberry.field(description="All its parts, by number.")
    expires_at: datetime = strawberry.field(description="Until when it takes parts: a day.")
    received_bytes: float = strawberry.field(description="How much of it has arrived whole.")
    is_complete: bool = strawberry.field(description="Whether it was completed; it takes no more parts then.")

    @classmethod
    def of(cls, known: OpenUpload, *, base_url: str) -> Self:
        """Return the GraphQL form of an upload."""
        return cls(
            id=strawberry.ID(encode_id(UPLOAD, known.upload.id)),
            method="PUT",
            part_size=known.upload.part_size_bytes,
            parts=[UploadPart.of(part, base_url=base_url) for part in known.parts],
            expires_at=known.upload.expires_at,
            received_bytes=float(known.received_bytes),
            is_complete=known.upload.completed_at is not None,
        )


@strawberry.federation.type(tags=ADMIN, description="Outcome of opening an upload.")
class UploadPayload:
    upload: Upload | None = strawberry.field(description="The upload; null when it was refused.")
    errors: list[UserError] = strawberry.field(description="What to mend; empty when it was done.")


@strawberry.federation.type(tags=ADMIN, description="A picture out of a film: a candidate for its artwork.")
class Still:
    url: URL = strawberry.field(
        description="Signed address, for an hour. To use it, send it to where `imageUploadCreate` says."
    )
    at_seconds: float = strawberry.field(description="Where in the film it is.")
    width: int = strawberry.field(description="Width in pixels.")
    height: int = strawberry.field(description="Height in pixels.")


@strawberry.federation.type(tags=ADMIN, description="An encoding of a film.")
class MediaJob:
    row: strawberry.Private[media.MediaJob]

    kind: MediaJobKind = strawberry.field(description="Why it is done.")
    status: MediaJobStatus = strawberry.field(description="How it stands.")
    progress: float = strawberry.field(description="Which share is done, 0 to 1.")
    error_code: str | None = strawberry.field(
        description="Why it failed, as a stable code: NOT_MEDIA, NO_VIDEO, TRUNCATED, UNSUPPORTED, CAPTIONS_INVALID, "
        "CHECKSUM_MISMATCH are the file's fault; TOOL_MISSING, TOOL_FAILED, TOOL_TIMEOUT, SOURCE_MISSING, WORKER_LOST, "
        "INTERNAL are not."
    )
    error: str | None = strawberry.field(description="Why it failed, in words.")
    queued_at: datetime = strawberry.field(description="When it was asked for.")
    started_at: datetime | None = strawberry.field(description="When a worker took it; null before.")
    finished_at: datetime | None = strawberry.field(description="When it ended; null before.")

    @strawberry.field(description="Opaque global id.")
    def id(self) -> strawberry.ID:
        return strawberry.ID(encode_id(JOB, self.row.id))

    @strawberry.field(description="The film.")
    async def asset(self, info: Info) -> "VideoAsset | None":
        row = await info.context.loaders.asset_by_id.load(self.row.asset_id)
        return None if row is None else VideoAsset(row=row)

    @classmethod
    def of(cls, row: media.MediaJob) -> Self:
        """Return the GraphQL form of a job."""
        return cls(
            row=row,
            kind=MediaJobKind(row.kind),
            status=MediaJobStatus(row.status),
            progress=row.progress,
            error_code=row.error_code,
            error=row.error,
            queued_at=row.queued_at,
            started_at=row.started_at,
            finished_at=row.finished_at,
        )


@strawberry.federation.type(
    keys=["id"], tags=ADMIN, description="A film as it was sent and encoded. Who may read media sees it; else null."
)
class VideoAsset:
    row: strawberry.Private[media.VideoAsset]

    @classmethod
    async def resolve_references(cls, references: list[Reference], info: Info) -> Sequence[Self | None]:
        """Return the films; null for what there is not, and all of them for who may not read media."""
        if _READS not in info.context.viewer.scopes:
            return [None] * len(references)
        ids = decode_ids_leniently([str(reference.get("id")) for reference in references], ASSET)
        wanted = list({each.uuid for each in ids if each is not None})
        found = dict(zip(wanted, await info.context.loaders.asset_by_id.load_many(wanted), strict=True))
        rows = (None if each is None else found[each.uuid] for each in ids)
        return [None if row is None else cls(row=row) for row in rows]

    @strawberry.field(description="Opaque global id, for `TitleInput.videoAssetId` and `EpisodeInput.videoAssetId`.")
    def id(self) -> strawberry.ID:
        return strawberry.ID(encode_id(ASSET, self.row.id))

    @strawberry.field(description="How far it has come.")
    def status(self) -> AssetStatus:
        return AssetStatus(self.row.status)

    @strawberry.field(description="When it was sent.")
    def created_at(self) -> datetime:
        return self.row.created_at

    @strawberry.field(description="Global id of the account that sent it; null when that is gone.")
    def uploaded_by(self) -> strawberry.ID | None:
        return None if self.row.uploaded_by is None else strawberry.ID(self.row.uploaded_by)

    @strawberry.field(description="Length in seconds; null before it is encoded.")
    def duration_seconds(self) -> float | None:
        return self._probe.get("duration_seconds")

    @strawberry.field(description="Width of what was sent, in pixels, as it is shown; null before it is encoded.")
    def width(self) -> int | None:
        return self._probe.get("width")

    @strawberry.field(description="Height of what was sent, in pixels, as it is shown; null before it is encoded.")
    def height(self) -> int | None:
        return self._probe.get("height")

    @strawberry.field(description="Pictures in a second, as a fraction: 25, 24000/1001; null before it is encoded.")
    def frame_rate(self) -> str | None:
        return self._probe.get("frame_rate")

    @strawberry.field(description="Its picture in every quality, the lowest first; none before it is encoded.")
    def renditions(self) -> list[Rendition]:
        return [Rendition.of(each) for each in self._contents.renditions]

    @strawberry.field(description="Its sound tracks, the default one first.")
    def audio_tracks(self) -> list[AudioTrack]:
        return [AudioTrack.of(each) for each in self._contents.audio_tracks]

    @strawberry.field(description="Its subtitles, those that are sent with it and those of subtitleTrackSet.")
    def subtitle_tracks(self, info: Info) -> list[SubtitleTrack]:
        base_url = self._base_url(info.context)
        return [SubtitleTrack.of(each, base_url=base_url) for each in self._contents.subtitle_tracks]

    @strawberry.field(description="At least three pictures out of it, none of them black: candidates for its artwork.")
    def stills(self, info: Info) -> list[Still]:
        base_url = self._base_url(info.context)
        return [
            Still(
                url=URL(base_url + each["path"]),
                at_seconds=each["at_seconds"],
                width=each["width"],
                height=each["height"],
            )
            for each in (self.row.facts or {}).get("stills", ())
        ]

    @strawberry.field(description="Small pictures for seeking; null before it is encoded.")
    def storyboard(self, info: Info) -> Storyboard | None:
        made = self._contents.storyboard
        return None if made is None else Storyboard.of(made, base_url=self._base_url(info.context))

    @strawberry.field(description="Signed address at which editors play it, for an hour; null before it is encoded.")
    def manifest_url(self, info: Info) -> URL | None:
        return None if self.row.facts is None else URL(self._base_url(info.context) + MASTER_PLAYLIST)

    @strawberry.field(description="Its encodings, the newest first.")
    async def jobs(self, info: Info) -> list[MediaJob]:
        return [MediaJob.of(row) for row in await info.context.loaders.jobs_by_asset.load(self.row.id) or ()]

    @property
    def _probe(self) -> Mapping[str, Any]:
        probe: Mapping[str, Any] = (self.row.facts or {}).get("probe", {})
        return probe

    @property
    def _contents(self) -> Contents:
        return read_contents(self.row.facts)

    def _base_url(self, context: Context) -> str:
        """Return the signed address of the stream."""
        grant = Grant(str(self.row.id), Quality.P1080.value, _EDITORS, context.now + LINK_LIFETIME)
        return context.settings.streams_base_url + sign_prefix(grant, key=context.settings.media_signing_key)


@strawberry.federation.type(tags=ADMIN, description="Outcome of what an editor asked for.")
class VideoAssetPayload:
    asset: VideoAsset | None = strawberry.field(description="The film; null when it was refused.")
    errors: list[UserError] = strawberry.field(description="What to mend; empty when it was done.")
