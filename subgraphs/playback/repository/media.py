"""Statements on films that were sent, and on the jobs that encode them."""

from collections.abc import Sequence
from datetime import datetime
from typing import Any
from uuid import UUID

import sqlalchemy as sa
from sqlalchemy.dialects.postgresql import ARRAY, insert

from subgraphs.playback.models.media import (
    AssetStatus,
    CaptionTrack,
    MediaJob,
    MediaJobKind,
    MediaJobStatus,
    Upload,
    VideoAsset,
)
from subgraphs.shared.postgres import ReadSession, WriteSession

_assets = VideoAsset.__table__  # type: ignore[attr-defined]  # SQLModel adds it to tables
_jobs = MediaJob.__table__  # type: ignore[attr-defined]  # SQLModel adds it to tables
_captions = CaptionTrack.__table__  # type: ignore[attr-defined]  # SQLModel adds it to tables
_uploads = Upload.__table__  # type: ignore[attr-defined]  # SQLModel adds it to tables

_RUNNING = _jobs.c.status == MediaJobStatus.RUNNING.value
_QUEUED = _jobs.c.status == MediaJobStatus.QUEUED.value


async def insert_asset(session: WriteSession, new: VideoAsset) -> None:
    """Store a film."""
    await session.execute(sa.insert(_assets).values(**new.model_dump()))


async def assets_by_id(session: ReadSession | WriteSession, ids: Sequence[UUID]) -> dict[UUID, VideoAsset]:
    """Return those of the films that there are."""
    any_id = sa.any_(sa.bindparam("ids", type_=ARRAY(sa.Uuid)))
    rows = await session.execute(sa.select(_assets).where(_assets.c.id == any_id), {"ids": list(ids)})
    return {each.id: each for each in (_asset(row) for row in rows)}


async def asset_of_upload(session: WriteSession, upload_id: UUID) -> VideoAsset | None:
    """Return the film that came with the upload."""
    row = (await session.execute(sa.select(_assets).where(_assets.c.upload_id == upload_id))).first()
    return None if row is None else _asset(row)


async def lock_asset(session: WriteSession, own: UUID) -> VideoAsset | None:
    """Return the film, locked until the transaction ends."""
    row = (await session.execute(sa.select(_assets).where(_assets.c.id == own).with_for_update())).first()
    return None if row is None else _asset(row)


async def set_status(
    session: WriteSession, own: UUID, status: AssetStatus, *, facts: dict[str, Any] | None = None
) -> None:
    """Note how far the film has come; without new facts it keeps those that it has."""
    values: dict[str, Any] = {"status": status.value} if facts is None else {"status": status.value, "facts": facts}
    await session.execute(sa.update(_assets).where(_assets.c.id == own).values(**values))


async def set_captions(session: WriteSession, new: CaptionTrack) -> None:
    """Keep the captions, in place of those of the same language and purpose."""
    insertion = insert(_captions).values(**new.model_dump())
    await session.execute(
        insertion.on_conflict_do_update(
            index_elements=[column.name for column in _captions.primary_key],
            set_={name: insertion.excluded[name] for name in ("upload_id", "added_at")},
        )
    )


async def captions_of(session: ReadSession | WriteSession, asset_id: UUID) -> list[CaptionTrack]:
    """Return the captions that were sent for the film, by language."""
    rows = await session.execute(
        sa.select(_captions)
        .where(_captions.c.asset_id == asset_id)
        .order_by(_captions.c.language, _captions.c.is_forced, _captions.c.is_closed_caption)
    )
    return [CaptionTrack.model_validate(dict(row._mapping)) for row in rows]  # noqa: SLF001  # the public name of a row's mapping


async def forget_captions(session: WriteSession, asset_id: UUID, *, but: Sequence[UUID]) -> None:
    """Forget the captions of the film, but those of these uploads."""
    await session.execute(
        sa.delete(_captions).where(_captions.c.asset_id == asset_id, _captions.c.upload_id.not_in(but))
    )


async def insert_job(session: WriteSession, new: MediaJob) -> bool:
    """Queue the job; return False, and change nothing, where the film has one that is not finished."""
    insertion = insert(_jobs).values(**new.model_dump())
    stored = insertion.on_conflict_do_nothing(
        index_elements=[_jobs.c.asset_id], index_where=_jobs.c.status.in_(["QUEUED", "RUNNING"])
    )
    return (await session.execute(stored.returning(_jobs.c.id))).first() is not None


async def cancel_running(session: WriteSession, asset_id: UUID, *, now: datetime) -> MediaJobKind | None:
    """Cancel the job of the film that a worker is at and return its kind; None where there is none."""
    changed = sa.update(_jobs).where(_jobs.c.asset_id == asset_id, _RUNNING)
    cancelled = changed.values(status=MediaJobStatus.CANCELLED.value, lease_until=None, finished_at=now)
    kind = (await session.execute(cancelled.returning(_jobs.c.kind))).scalar_one_or_none()
    return None if kind is None else MediaJobKind(kind)


async def jobs_of(session: ReadSession, asset_ids: Sequence[UUID]) -> dict[UUID, list[MediaJob]]:
    """Return the jobs of the films, newest first."""
    any_id = sa.any_(sa.bindparam("ids", type_=ARRAY(sa.Uuid)))
    rows = await session.execute(
        sa.select(_jobs).where(_jobs.c.asset_id == any_id).order_by(_jobs.c.queued_at.desc(), _jobs.c.id.desc()),
        {"ids": list(asset_ids)},
    )
    found: dict[UUID, list[MediaJob]] = {}
    for row in rows:
        job = _job(row)
        found.setdefault(job.asset_id, []).append(job)
    return found


async def newest_job(session: ReadSession | WriteSession, asset_id: UUID) -> MediaJob | None:
    """Return the newest job of the film."""
    statement = (
        sa.select(_jobs)
        .where(_jobs.c.asset_id == asset_id)
        .order_by(_jobs.c.queued_at.desc(), _jobs.c.id.desc())
        .limit(1)
    )
    row = (await session.execute(statement)).first()
    return None if row is None else _job(row)


async def newest_jobs(session: ReadSession, *, status: MediaJobStatus | None, limit: int) -> list[MediaJob]:
    """Return jobs, newest first, of that status where one is given."""
    statement = sa.select(_jobs).order_by(_jobs.c.queued_at.desc(), _jobs.c.id.desc()).limit(limit)
    if status is not None:
        statement = statement.where(_jobs.c.status == status.value)
    return [_job(row) for row in await session.execute(statement)]


async def job_is_due(session: ReadSession, *, now: datetime) -> bool:
    """Return whether a job waits, or was left by a worker that is gone."""
    statement = sa.select(sa.exists().where(_is_due(now)))
    return bool((await session.execute(statement)).scalar_one())


async def lock_due_job(session: WriteSession, *, now: datetime) -> MediaJob | None:
    """Return the job that waits longest, locked with its film until the transaction ends; others' locks are passed
    over."""
    statement = (
        sa.select(_jobs)
        .join(_assets, _assets.c.id == _jobs.c.asset_id)
        .where(_is_due(now))
        .order_by(_jobs.c.queued_at, _jobs.c.id)
        .limit(1)
        .with_for_update(skip_locked=True, of=[_assets, _jobs])
    )
    row = (await session.execute(statement)).first()
    return None if row is None else _job(row)


async def lock_own_job(session: WriteSession, own: UUID, asset_id: UUID, *, attempt: int) -> MediaJob | None:
    """Return the job, locked with its film, if it is still in the hands of whoever took it at that attempt.

    The film is locked first, as by editors who change it: else two could wait for each other.
    """
    await lock_asset(session, asset_id)
    statement = sa.select(_jobs).where(_jobs.c.id == own, _jobs.c.attempts == attempt, _RUNNING).with_for_update()
    row = (await session.execute(statement)).first()
    return None if row is None else _job(row)


async def start_job(session: WriteSession, own: UUID, *, now: datetime, lease_until: datetime, losses: int) -> None:
    """Note that somebody takes the job, and how many before them never came back."""
    await session.execute(
        sa.update(_jobs)
        .where(_jobs.c.id == own)
        .values(
            status=MediaJobStatus.RUNNING.value,
            progress=0.0,
            attempts=_jobs.c.attempts + 1,
            losses=losses,
            started_at=now,
            lease_until=lease_until,
        )
    )


async def prolong_job(
    session: WriteSession, own: UUID, *, attempt: int, progress: float, lease_until: datetime
) -> bool:
    """Note how far the job has come; return False, and change nothing, where somebody else has it."""
    changed = (
        sa.update(_jobs)
        .where(_jobs.c.id == own, _jobs.c.attempts == attempt, _RUNNING)
        .values(progress=progress, lease_until=lease_until)
    )
    return (await session.execute(changed.returning(_jobs.c.id))).first() is not None


async def put_back_job(session: WriteSession, own: UUID, *, attempt: int) -> None:
    """Let somebody else take the job."""
    await session.execute(
        sa.update(_jobs)
        .where(_jobs.c.id == own, _jobs.c.attempts == attempt, _RUNNING)
        .values(status=MediaJobStatus.QUEUED.value, lease_until=None, started_at=None, progress=0.0)
    )


async def finish_job(
    session: WriteSession, own: UUID, status: MediaJobStatus, *, now: datetime, code: str | None, message: str | None
) -> None:
    """Note the end of the job."""
    values: dict[str, Any] = {
        "status": status.value,
        "finished_at": now,
        "lease_until": None,
        "error_code": code,
        "error": message,
    }
    if status is MediaJobStatus.SUCCEEDED:
        values["progress"] = 1.0
    await session.execute(sa.update(_jobs).where(_jobs.c.id == own).values(**values))


async def upload_of_asset(session: WriteSession, asset: VideoAsset) -> Upload:
    """Return the upload with which the film came."""
    row = (await session.execute(sa.select(_uploads).where(_uploads.c.id == asset.upload_id))).one()
    return Upload.model_validate(dict(row._mapping))  # noqa: SLF001  # the public name of a row's mapping


def _is_due(now: datetime) -> Any:
    return _QUEUED | (_RUNNING & (_jobs.c.lease_until < now))


def _asset(row: Any) -> VideoAsset:
    return VideoAsset.model_validate(dict(row._mapping))  # noqa: SLF001  # the public name of a row's mapping


def _job(row: Any) -> MediaJob:
    return MediaJob.model_validate(dict(row._mapping))  # noqa: SLF001  # the public name of a row's mapping
