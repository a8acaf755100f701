"""What workers call: whole batches, each its own edge, safe to come twice and in any order."""

from collections.abc import AsyncIterator, Callable, Hashable, Iterable, Sequence
from contextlib import asynccontextmanager
from datetime import datetime
from typing import TypeVar

from media.storage import LocalStore
from subgraphs.playback.config import Settings
from subgraphs.playback.models.facts import Asset, Entitlement, Heartbeat, TitleRights
from subgraphs.playback.repository import durable, rights
from subgraphs.playback.repository.stores import Stores, open_stores
from subgraphs.playback.service import privacy, progress, uploads
from subgraphs.playback.service.encoding import EncodingDesk
from subgraphs.shared.clock import Clock, system_clock
from subgraphs.shared.privacy import DataSubject, Records

Fact = TypeVar("Fact", TitleRights, Entitlement)


class PlaybackBatches:
    """The batch functions over open stores."""

    def __init__(self, stores: Stores, settings: Settings, *, clock: Clock) -> None:
        self._stores = stores
        self._settings = settings
        self._clock = clock
        self._store = LocalStore(settings.objects_dir, key=settings.media_signing_key)
        self.encodings = EncodingDesk(stores.database, stores.cache, self._store, clock=clock)

    async def project_titles(self, titles: Sequence[TitleRights]) -> None:
        """Keep the rights of each title at its highest version."""
        newest = _highest_versions(titles, key=lambda title: title.title_id)
        if not newest:
            return
        async with self._stores.database.writing() as session:
            changed = await rights.upsert_versions(session, newest)
            if changed:
                kept = [title for title in newest if title.title_id in changed]
                await rights.replace_rights(session, kept, asset_id=self._settings.playback_default_asset)

    async def project_entitlements(self, entitlements: Sequence[Entitlement]) -> None:
        """Keep the entitlement of each account at its highest version."""
        newest = _highest_versions(entitlements, key=lambda each: each.user_id)
        if newest:
            async with self._stores.database.writing() as session:
                await rights.upsert_entitlements(session, newest)

    async def persist_progress(self, heartbeats: Sequence[Heartbeat]) -> None:
        """Keep the newest position of each profile in each playable; `watched` never un-sets."""
        await progress.persist(heartbeats)

    async def export_account(self, subject: DataSubject) -> Records:
        """Return what is kept about the account: its viewings, and how far its profiles came."""
        return await privacy.export_account(self._stores, subject)

    async def forget_accounts(self, subjects: Sequence[DataSubject]) -> None:
        """Delete everything that is kept about the accounts and profiles; what is gone already is no error."""
        await privacy.forget_accounts(self._stores, subjects)

    async def forget_profiles(self, profile_ids: Sequence[str]) -> None:
        """Delete everything that is kept about the profiles."""
        await privacy.forget_profiles(self._stores, profile_ids)

    async def anonymise_viewings(self, *, before: datetime) -> int:
        """Forget whose the viewings were that began before the moment; return how many."""
        return await privacy.anonymise_viewings(self._stores, before=before)

    async def forget_progress(self, *, before: datetime) -> int:
        """Delete positions that nobody went on from since the moment; return how many."""
        return await durable.delete_progress_before(before)

    async def forget_uploads(self) -> int:
        """Delete uploads that nobody completed in time, and captions that were replaced; return how many."""
        async with self._stores.database.writing() as session:
            return await uploads.forget(session, self._store, now=self._clock())

    async def register_asset(self, asset: Asset) -> None:
        """Let the stream be played from now on. It must lie in the object store already."""
        async with self._stores.database.writing() as session:
            await rights.upsert_asset(session, asset, now=self._clock())


@asynccontextmanager
async def open_service(settings: Settings, *, clock: Clock = system_clock) -> AsyncIterator[PlaybackBatches]:
    """Open the stores and give the batch functions over them."""
    async with open_stores(settings) as stores:
        yield PlaybackBatches(stores, settings, clock=clock)


def _highest_versions(facts: Iterable[Fact], *, key: Callable[[Fact], Hashable]) -> list[Fact]:
    highest: dict[Hashable, Fact] = {}
    for fact in facts:
        known = highest.get(key(fact))
        if known is None or known.version < fact.version:
            highest[key(fact)] = fact
    return list(highest.values())
