"""The jobs that make streams of films, as a worker takes them: one at a time, held by a lease, ended once.

Whoever takes a job gets an attempt number. Only who holds the newest attempt can say anything about the job, so that a
worker that was thought dead, and is not, changes nothing any more.
"""

import asyncio
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import timedelta
from pathlib import Path
from typing import Any
from uuid import UUID

from media.storage import ObjectStore
from subgraphs.playback.models.facts import Asset
from subgraphs.playback.models.media import AssetStatus, CaptionTrack, MediaJob, MediaJobStatus
from subgraphs.playback.repository import media, rights
from subgraphs.shared.clock import Clock
from subgraphs.shared.job_news import announce
from subgraphs.shared.postgres import Database
from subgraphs.shared.redis import Cache

LEASE = timedelta(seconds=60)
"""How long a job is its worker's without another word."""
MOST_LOSSES = 3
"""Workers that may die over one job before it is taken to be the job that kills them."""

WORKER_LOST = "WORKER_LOST"
CHECKSUM_MISMATCH = "CHECKSUM_MISMATCH"
CAPTIONS_INVALID = "CAPTIONS_INVALID"
OWNER = "playback"
"""Under which news of jobs are told; the job's channel is that of its film."""


@dataclass(frozen=True, slots=True)
class TakenJob:
    """A job in a worker's hands, with what it needs to know of the film. `language` is what the title whose film it is
    was made in, the first one that it can be heard in; None while no title is known to have it, or titles differ."""

    id: UUID
    attempt: int
    asset_id: UUID
    upload_id: UUID
    sha256: str | None
    captions: Sequence[CaptionTrack]
    language: str | None = None


@dataclass(frozen=True, slots=True)
class Failure:
    """Why a film could not be made a stream: a stable code, and a sentence for whoever sent it."""

    code: str
    message: str


class EncodingDesk:
    """Hands out jobs and takes back what became of them. Each method is an edge of its own."""

    def __init__(self, database: Database, cache: Cache, store: ObjectStore, *, clock: Clock) -> None:
        self._database = database
        self._cache = cache
        self._clock = clock
        self.store = store

    async def waits(self) -> bool:
        """Whether there is a job to take."""
        async with self._database.reading() as session:
            return await media.job_is_due(session, now=self._clock())

    async def take(self) -> TakenJob | None:
        """Return the job that waits longest, which is the caller's for the length of a lease; None when there is none.

        One over which too many workers died is ended instead, and the next one looked at.
        """
        while True:
            now = self._clock()
            async with self._database.writing() as session:
                job = await media.lock_due_job(session, now=now)
                if job is None:
                    return None
                losses = job.losses + (job.status == MediaJobStatus.RUNNING.value)
                asset = (await media.assets_by_id(session, [job.asset_id]))[job.asset_id]
                if losses < MOST_LOSSES:
                    await media.start_job(session, job.id, now=now, lease_until=now + LEASE, losses=losses)
                    if asset.status != AssetStatus.READY.value:
                        await media.set_status(session, asset.id, AssetStatus.PROCESSING)
                    upload = await media.upload_of_asset(session, asset)
                    captions = await media.captions_of(session, asset.id)
                    language = await rights.language_of_film(session, str(asset.id))
                    taken = TakenJob(job.id, job.attempts + 1, asset.id, upload.id, upload.sha256, captions, language)
                else:
                    taken = None
                    failure = Failure(WORKER_LOST, "The worker stopped over it, several times.")
                    await self._fail(session, job, failure)
            await announce(self._cache, OWNER, job.asset_id)
            if taken is not None:
                return taken

    async def report(self, job: TakenJob, progress: float) -> bool:
        """Note how far the job has come, and prolong the lease; False when the job is no longer the caller's."""
        share = min(1.0, max(0.0, progress))
        async with self._database.writing() as session:
            is_own = await media.prolong_job(
                session, job.id, attempt=job.attempt, progress=share, lease_until=self._clock() + LEASE
            )
        await announce(self._cache, OWNER, job.asset_id)
        return is_own

    async def put_back(self, job: TakenJob) -> None:
        """Leave the job to somebody else."""
        async with self._database.writing() as session:
            await media.put_back_job(session, job.id, attempt=job.attempt)
        await announce(self._cache, OWNER, job.asset_id)

    async def fail(self, job: TakenJob, failure: Failure) -> None:
        """Note why it could not be done; nothing when the job is no longer the caller's."""
        async with self._database.writing() as session:
            known = await media.lock_own_job(session, job.id, job.asset_id, attempt=job.attempt)
            if known is not None:
                await self._fail(session, known, failure)
        await announce(self._cache, OWNER, job.asset_id)

    async def finish(self, job: TakenJob, folder: Path, facts: Mapping[str, Any]) -> bool:
        """Let the stream in the folder be played; False, with nothing changed, when the job is no longer the caller's.

        The row of the job stays locked while the folder moves to its place: nobody else can take the job meanwhile. A
        worker that dies in between leaves the stream at its place and the job to be done again, to the same end.
        """
        now = self._clock()
        async with self._database.writing() as session:
            if await media.lock_own_job(session, job.id, job.asset_id, attempt=job.attempt) is None:
                return False
            name = str(job.asset_id)
            await asyncio.to_thread(self.store.publish, folder, name)
            kept = {**facts, "caption_uploads": [str(each.upload_id) for each in job.captions]}
            await media.set_status(session, job.asset_id, AssetStatus.READY, facts=kept)
            qualities = [each["quality"] for each in facts["renditions"]]
            await rights.upsert_asset(session, Asset(name, qualities, facts), now=now)
            await media.finish_job(session, job.id, MediaJobStatus.SUCCEEDED, now=now, code=None, message=None)
        await announce(self._cache, OWNER, job.asset_id)
        return True

    async def _fail(self, session: Any, job: MediaJob, failure: Failure) -> None:
        """End the job. What played before it plays on; captions that nobody can read are forgotten."""
        await media.finish_job(
            session, job.id, MediaJobStatus.FAILED, now=self._clock(), code=failure.code, message=failure.message
        )
        asset = (await media.assets_by_id(session, [job.asset_id]))[job.asset_id]
        if asset.status != AssetStatus.READY.value:
            await media.set_status(session, asset.id, AssetStatus.FAILED)
        if failure.code == CAPTIONS_INVALID:
            used = (asset.facts or {}).get("caption_uploads", [])
            await media.forget_captions(session, asset.id, but=[UUID(each) for each in used])
