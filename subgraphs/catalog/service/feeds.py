"""Feeds of partners: files of titles at an address, fetched when they are due and taken in like an editor's file.

A feed that does not answer, or not with a whole file of its format, changes nothing: what was last taken from it stays,
and so do titles that it does not name any more. Each fetch is an import of its own, with what it changed.
"""

import asyncio
import hashlib
import os
from collections.abc import Sequence
from dataclasses import replace
from datetime import datetime, timedelta
from pathlib import Path
from uuid import uuid4

from subgraphs.catalog.config import TitleFeed
from subgraphs.catalog.errors import CatalogueUnavailableError
from subgraphs.catalog.models import ImportFormat, ImportState
from subgraphs.catalog.repository import imports
from subgraphs.catalog.repository.imports import Import
from subgraphs.catalog.service.exports import forget_files as forget_exports
from subgraphs.catalog.service.imports import forget_files
from subgraphs.shared.clock import Clock
from subgraphs.shared.postgres import Database

MOST_FEED_BYTES = 32 * 1024 * 1024
FETCH_SECONDS = 60.0
UNREACHABLE = "FEED_UNREACHABLE"


class FeedFetcher:
    """Fetches the feeds that are due, and forgets files that were kept long enough.

    Args:
        feeds: Where they are.
        database: The catalog's.
        folder: Where files of imports are kept.
        exports: Where files of exports are kept.
        clock: Says what is due.
    """

    def __init__(
        self, feeds: Sequence[TitleFeed], database: Database, folder: Path, *, exports: Path, clock: Clock
    ) -> None:
        self._feeds = tuple(feeds)
        self._database = database
        self._folder = folder
        self._exports = exports
        self._clock = clock

    async def fetch_due(self) -> int:
        """Fetch every feed that is due and return how many imports that made; failed ones count."""
        made = await asyncio.gather(*(self._fetch(feed) for feed in self._feeds))
        async with self._database.writing() as session:
            await forget_files(session, self._folder, now=self._clock())
            await forget_exports(session, self._exports, now=self._clock())
        return sum(made)

    async def _fetch(self, feed: TitleFeed) -> bool:
        now = self._clock()
        async with self._database.reading() as session:
            last = await imports.last_of_feed(session, feed.name)
        if last is not None and (last.finished_at is None or now < last.created_at + _interval(feed)):
            return False
        try:
            content = await _content_of(feed)
        except CatalogueUnavailableError as error:
            return await self._note_failure(feed, error.message, now=now)
        except TimeoutError:
            return await self._note_failure(feed, f"It took longer than {FETCH_SECONDS:.0f} seconds.", now=now)
        return await self._keep(feed, content, now=now)

    async def _note_failure(self, feed: TitleFeed, message: str, *, now: datetime) -> bool:
        failed = replace(
            _import_of(feed, now=now), state=ImportState.FAILED, finished_at=now, failure=(UNREACHABLE, message)
        )
        async with self._database.writing() as session:
            return await imports.insert_import(session, failed, key_hash=_key_of(feed, now))

    async def _keep(self, feed: TitleFeed, content: bytes, *, now: datetime) -> bool:
        """Store the file and ask for its import, once however many workers fetched it."""
        own, digest = uuid4(), hashlib.sha256(content).hexdigest()
        job = replace(_import_of(feed, now=now), file_id=own, file_digest=digest)
        async with self._database.writing() as session:
            if not await imports.insert_import(session, job, key_hash=_key_of(feed, now)):
                return False
            await imports.insert_upload(session, own, created_by=f"feed:{feed.name}", now=now)
            await imports.fill_upload(session, own, size_bytes=len(content), digest=digest)
            await asyncio.to_thread(_write, self._folder / str(own), content)
        return True


async def _content_of(feed: TitleFeed) -> bytes:
    # Only who has feeds pays for the HTTP client.
    from subgraphs.catalog.gateways.calls import PartnerCalls

    async with (
        asyncio.timeout(FETCH_SECONDS),
        PartnerCalls(feed.token.get_secret_value(), most_bytes=MOST_FEED_BYTES, accept="*/*") as calls,
    ):
        return await calls.read(feed.url)


def _import_of(feed: TitleFeed, *, now: datetime) -> Import:
    return Import(
        id=uuid4(),
        created_by=None,
        feed=feed.name,
        file_id=None,
        format=ImportFormat(feed.format),
        dry_run=False,
        created_at=now,
        file_digest=None,
    )


def _interval(feed: TitleFeed) -> timedelta:
    return timedelta(minutes=feed.every_minutes)


def _key_of(feed: TitleFeed, moment: datetime) -> str:
    """Return what two workers that fetch a feed at the same time have in common."""
    turn = int(moment.timestamp()) // int(_interval(feed).total_seconds())
    return hashlib.sha256(f"feed:{feed.name}:{turn}".encode()).hexdigest()


def _write(path: Path, content: bytes) -> None:
    path.parent.mkdir(mode=0o700, parents=True, exist_ok=True)
    partial = path.with_name(f".{path.name}")
    try:
        partial.write_bytes(content)
        os.replace(partial, path)  # noqa: PTH105  # the atomic one
    finally:
        partial.unlink(missing_ok=True)
