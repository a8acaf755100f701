"""The whole seed, in order, through the services: what it writes reaches every projection before it ends.

Running it again changes nothing. Prints a line per step: the supervisor shows the last one.
"""

import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager

from media.samples import EncodingError, FfmpegMissingError, ensure_sample
from stack.seed.accounts import seed_accounts
from stack.seed.ads import seed_ads
from stack.seed.catalogue import build_catalogue, seed_catalogue
from stack.seed.curated import seed_curated
from stack.seed.oauth import register_demo_clients
from stack.seed.viewing import demo_profiles, seed_viewing, watchable_titles
from subgraphs.ads.config import Settings as AdsSettings
from subgraphs.billing.config import Settings as BillingSettings
from subgraphs.catalog.config import Settings as CatalogSettings
from subgraphs.playback.service import Asset
from subgraphs.shared.clock import Clock, system_clock
from subgraphs.users.config import Settings as UsersSettings
from workers.config import Settings as WorkerSettings
from workers.draining import drain_all
from workers.services import Services, open_services

_BULK_TIMEOUT_SECONDS = 60.0


def run(*, clock: Clock = system_clock) -> None:
    """Fill an empty platform; the environment says where its stores are. Blocks until done."""
    asyncio.run(_run(clock))


async def _run(clock: Clock) -> None:
    _say("titles, seasons and episodes")
    await seed_catalogue(CatalogSettings(), clock=clock)
    _say("people and plans")
    await seed_accounts(UsersSettings(), BillingSettings(), clock=clock)
    await register_demo_clients(UsersSettings(), clock=clock)
    await seed_ads(AdsSettings(), clock=clock)
    async with _bulk_services(clock) as services:
        _say("sample stream")
        await _register_sample_stream(services)
        now = clock()
        catalogue = build_catalogue(now)
        _say("a collection and its tray")
        await seed_curated(services, catalogue)
        _say("rights, features, entitlements")
        await drain_all(services)
        _say("months of viewing")
        titles = watchable_titles(catalogue, now=now)
        await seed_viewing(services, titles=titles, profiles=demo_profiles(now=now), now=now)


@asynccontextmanager
async def _bulk_services(clock: Clock) -> AsyncIterator[Services]:
    """Open the services with patience: thousands of rows at once take longer than a request may."""
    settings = WorkerSettings(store_timeout_seconds=_BULK_TIMEOUT_SECONDS)
    async with open_services(settings, clock=clock) as services:
        yield services


async def _register_sample_stream(services: Services) -> None:
    """Encode the stream that all demo titles play; without FFmpeg they say that they cannot be played."""
    objects_dir = WorkerSettings().objects_dir
    try:
        sample = await asyncio.to_thread(ensure_sample, objects_dir)
    except (FfmpegMissingError, EncodingError) as error:
        _say(f"no sample stream: {error}")
        return
    await services.playback.register_asset(Asset(sample.asset_id, sample.qualities, sample.facts))


def _say(step: str) -> None:
    print(step, flush=True)  # noqa: T201 - the supervisor reads it
