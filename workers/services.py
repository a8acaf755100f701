"""The batch functions of all subgraphs that consume events, and the outboxes that are read, opened together."""

from collections.abc import AsyncIterator, Mapping
from contextlib import AsyncExitStack, asynccontextmanager
from dataclasses import dataclass
from datetime import timedelta
from pathlib import Path
from typing import TYPE_CHECKING, TypeVar

from subgraphs.activity import config as activity_config
from subgraphs.activity import service as activity
from subgraphs.ads import config as ads_config
from subgraphs.ads import service as ads
from subgraphs.billing import config as billing_config
from subgraphs.billing import service as billing
from subgraphs.catalog import config as catalog_config
from subgraphs.catalog.service import exports
from subgraphs.catalog.service.engines import open_feed
from subgraphs.catalog.service.external_catalogues import CatalogueGatherer
from subgraphs.catalog.service.feeds import FeedFetcher
from subgraphs.catalog.service.imports import folder_of
from subgraphs.playback import config as playback_config
from subgraphs.playback import service as playback
from subgraphs.recommendations import config as recommendations_config
from subgraphs.recommendations import service as recommendations
from subgraphs.shared.clock import Clock, system_clock
from subgraphs.shared.config import SharedSettings
from subgraphs.shared.listening import Listener
from subgraphs.shared.outbox import CHANNEL
from subgraphs.shared.postgres import Database, async_url
from subgraphs.shared.redis import Cache
from subgraphs.users import config as users_config
from subgraphs.users import service as users
from workers.config import Settings

if TYPE_CHECKING:
    from subgraphs.catalog.service.indexing import IndexFeed

SubgraphSettings = TypeVar("SubgraphSettings", bound=SharedSettings)


@dataclass(frozen=True, slots=True)
class Services:
    """What workers work with."""

    playback: playback.PlaybackBatches
    activity: activity.ActivityBatches
    ads: ads.AdsBatches
    recommendations: recommendations.Batches
    gatherer: CatalogueGatherer
    """Reads the catalogues of others."""
    users: users.UsersBatches
    billing: billing.Cashier
    index: "IndexFeed | None"
    """The index of search, where it is not PostgreSQL's."""
    outboxes: Mapping[str, Database]
    """The databases of the subgraphs that publish events, by subgraph."""
    listeners: Mapping[str, Listener]
    """Told of new events in each of these."""
    streams: Cache
    clock: Clock
    renewal_notice: timedelta
    """How long before a plan renews its owner is told."""
    objects_dir: Path
    """The folder of the object store."""
    public_url: str
    """Where clients reach the platform."""
    feeds: FeedFetcher
    """Fetches partners' files of titles."""


@asynccontextmanager
async def open_services(settings: Settings, *, clock: Clock = system_clock) -> AsyncIterator[Services]:
    """Open every store once, for the time of the block."""
    async with AsyncExitStack() as stack:
        streams = Cache(settings.redis_url, "workers", timeout_seconds=settings.store_timeout_seconds)
        stack.push_async_callback(streams.close)
        outboxes = {
            "users": _open_database(settings, settings.users_database),
            "catalog": _open_database(settings, settings.catalog_database),
            "playback": _open_database(settings, settings.playback_database),
            "billing": _open_database(settings, settings.billing_database),
            "recommendations": _open_database(settings, settings.recommendations_database),
        }
        for database in outboxes.values():
            stack.push_async_callback(database.close)
        listeners = {name: _open_listener(settings, database.name) for name, database in outboxes.items()}
        for listener in listeners.values():
            stack.push_async_callback(listener.close)
        yield Services(
            playback=await stack.enter_async_context(
                playback.open_service(_settings_of(settings, playback_config.Settings), clock=clock)
            ),
            activity=await stack.enter_async_context(
                activity.open_service(_settings_of(settings, activity_config.Settings), clock=clock)
            ),
            ads=await stack.enter_async_context(
                ads.open_service(_settings_of(settings, ads_config.Settings), clock=clock)
            ),
            recommendations=await stack.enter_async_context(
                recommendations.open_service(_settings_of(settings, recommendations_config.Settings), clock=clock)
            ),
            gatherer=CatalogueGatherer(settings.external_catalogues, outboxes["catalog"], clock=clock),
            users=await stack.enter_async_context(
                users.open_service(_settings_of(settings, users_config.WorkerSettings), clock=clock)
            ),
            billing=await stack.enter_async_context(
                billing.open_service(_settings_of(settings, billing_config.Settings), clock=clock)
            ),
            index=await stack.enter_async_context(
                open_feed(_settings_of(settings, catalog_config.Settings), clock=clock)
            ),
            outboxes=outboxes,
            listeners=listeners,
            streams=streams,
            clock=clock,
            renewal_notice=timedelta(days=settings.renewal_notice_days),
            objects_dir=settings.objects_dir,
            public_url=settings.public_url,
            feeds=FeedFetcher(
                settings.catalog_feeds,
                outboxes["catalog"],
                folder_of(settings.objects_dir),
                exports=exports.folder_of(settings.objects_dir),
                clock=clock,
            ),
        )


def _open_database(settings: Settings, name: str) -> Database:
    return Database(settings.database_url, name, pool_size=1, timeout_seconds=settings.store_timeout_seconds)


def _open_listener(settings: Settings, database: str) -> Listener:
    url = async_url(settings.database_url, database)
    return Listener(url, CHANNEL, timeout_seconds=settings.store_timeout_seconds)


def _settings_of(settings: Settings, kind: type[SubgraphSettings]) -> SubgraphSettings:
    """Return a subgraph's settings: ours where we have them, the environment's for the rest."""
    return kind(**settings.model_dump())
