"""What editors do with films that were sent: complete them, encode them anew, give them captions."""

import asyncio
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from uuid import UUID, uuid4

from media.storage import ObjectStore
from subgraphs.playback.errors import MediaRefusedError
from subgraphs.playback.events import AssetUploaded
from subgraphs.playback.models.media import (
    AssetStatus,
    CaptionTrack,
    MediaJob,
    MediaJobKind,
    MediaJobStatus,
    Upload,
    UploadKind,
    VideoAsset,
)
from subgraphs.playback.repository import media, uploads
from subgraphs.playback.service.uploads import complete
from subgraphs.shared import outbox
from subgraphs.shared.identity import Viewer
from subgraphs.shared.ids import encode_id
from subgraphs.shared.postgres import WriteSession

ASSET = "VideoAsset"
"""The first half of a film's global id."""

_ANY_EDITOR = "cms:edit_any"
"""Who may change every title may change every film."""


@dataclass(frozen=True, slots=True)
class Captions:
    """A caption file that was uploaded, and what it is for."""

    upload_id: UUID
    language: str
    is_forced: bool
    is_closed_caption: bool


async def complete_upload(
    session: WriteSession, store: ObjectStore, own: UUID, etags: Sequence[str], *, user_id: str, now: datetime
) -> VideoAsset:
    """Make a film of the account's upload and have it encoded. Come again, with the same etags, it is the same film.

    Raises:
        MediaRefusedError: UPLOAD_UNKNOWN, UPLOAD_IS_CAPTIONS, UPLOAD_COMPLETE with other etags; or as
            `uploads.complete`.
    """
    upload = await _lock_upload(session, own, user_id=user_id, path="id")
    if upload.kind != UploadKind.VIDEO.value:
        raise MediaRefusedError("UPLOAD_IS_CAPTIONS", "Captions are taken by subtitleTrackSet.", "id")
    known = await media.asset_of_upload(session, own)
    if known is not None:
        if upload.etags != [etag.strip('"') for etag in etags]:
            raise MediaRefusedError("UPLOAD_COMPLETE", "The upload was completed with other parts.", "etags")
        return known
    await complete(session, store, upload, etags, now=now)
    asset = VideoAsset(
        id=uuid4(), upload_id=own, status=AssetStatus.UPLOADED.value, uploaded_by=user_id, created_at=now
    )
    await media.insert_asset(session, asset)
    await media.insert_job(session, _job(asset, MediaJobKind.ENCODE, now=now))
    event = AssetUploaded(occurred_at=now, asset_id=encode_id(ASSET, asset.id), file_name=upload.file_name)
    await outbox.publish(session, [event])
    return asset


async def retry(session: WriteSession, own: UUID, *, viewer: Viewer, now: datetime) -> VideoAsset:
    """Encode a film anew that could not be encoded.

    Raises:
        MediaRefusedError: ASSET_UNKNOWN, NOT_OWNER, ASSET_NOT_FAILED.
    """
    asset = await _lock_asset(session, own, viewer=viewer, path="id")
    if asset.status != AssetStatus.FAILED.value:
        raise MediaRefusedError("ASSET_NOT_FAILED", "Only what could not be encoded is tried again.", "id")
    await media.insert_job(session, _job(asset, MediaJobKind.ENCODE, now=now))
    asset.status = AssetStatus.UPLOADED.value
    await media.set_status(session, own, AssetStatus.UPLOADED)
    return asset


async def set_captions(
    session: WriteSession, store: ObjectStore, own: UUID, captions: Captions, *, viewer: Viewer, now: datetime
) -> VideoAsset:
    """Give a film captions, in place of those of the same language and purpose. It is made anew with them; until then
    it plays as it did.

    Raises:
        MediaRefusedError: ASSET_UNKNOWN, NOT_OWNER, UPLOAD_UNKNOWN, UPLOAD_IS_VIDEO, PART_MISSING, UPLOAD_EXPIRED.
    """
    asset = await _lock_asset(session, own, viewer=viewer, path="assetId")
    upload = await _lock_upload(session, captions.upload_id, user_id=viewer.require_user(), path="uploadId")
    if upload.kind != UploadKind.CAPTIONS.value:
        raise MediaRefusedError("UPLOAD_IS_VIDEO", "The upload is a film, no captions.", "uploadId")
    if upload.completed_at is None:
        arrived = await asyncio.to_thread(store.parts, str(upload.id))
        await complete(session, store, upload, [part.etag for part in arrived], now=now)
    await media.set_captions(
        session,
        CaptionTrack(
            asset_id=own,
            language=captions.language,
            is_forced=captions.is_forced,
            is_closed_caption=captions.is_closed_caption,
            upload_id=captions.upload_id,
            added_at=now,
        ),
    )
    # What is being made lacks these captions; a job that still waits will find them.
    kind = await media.cancel_running(session, own, now=now) or MediaJobKind.CAPTIONS
    await media.insert_job(session, _job(asset, kind, now=now))
    return asset


async def _lock_upload(session: WriteSession, own: UUID, *, user_id: str, path: str) -> Upload:
    upload = await uploads.lock_upload_of(session, own, user_id=user_id)
    if upload is None:
        raise MediaRefusedError("UPLOAD_UNKNOWN", "You have opened no such upload.", path)
    return upload


async def _lock_asset(session: WriteSession, own: UUID, *, viewer: Viewer, path: str) -> VideoAsset:
    asset = await media.lock_asset(session, own)
    if asset is None:
        raise MediaRefusedError("ASSET_UNKNOWN", "There is no such film.", path)
    if asset.uploaded_by != viewer.require_user() and _ANY_EDITOR not in viewer.scopes:
        raise MediaRefusedError("NOT_OWNER", "You may change only films that you uploaded.", path)
    return asset


def _job(asset: VideoAsset, kind: MediaJobKind, *, now: datetime) -> MediaJob:
    return MediaJob(
        id=uuid4(),
        asset_id=asset.id,
        kind=kind.value,
        status=MediaJobStatus.QUEUED.value,
        progress=0.0,
        queued_at=now,
    )
