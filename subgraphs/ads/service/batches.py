"""What workers call: each method opens its own transaction, may be called twice and in any order."""

from collections.abc import AsyncIterator, Sequence
from contextlib import asynccontextmanager

from subgraphs.ads import repository
from subgraphs.ads.config import Settings
from subgraphs.ads.models import Campaign, Entitlement, TargetingConsent
from subgraphs.ads.service.campaigns import keep_campaign
from subgraphs.shared.clock import Clock, system_clock
from subgraphs.shared.postgres import Database
from subgraphs.shared.privacy import DataSubject, Records


class AdsBatches:
    """The batch functions of ads over one database."""

    def __init__(self, database: Database) -> None:
        self._database = database

    async def project_entitlements(self, entitlements: Sequence[Entitlement]) -> None:
        """Keep the entitlement of each account at its highest version."""
        newest: dict[str, Entitlement] = {}
        for each in entitlements:
            if each.user_id not in newest or newest[each.user_id].version < each.version:
                newest[each.user_id] = each
        if newest:
            async with self._database.writing() as session:
                await repository.upsert_entitlements(session, list(newest.values()))

    async def project_targeting_consents(self, consents: Sequence[TargetingConsent]) -> None:
        """Keep the newest decision of each account; of two of one moment the refusal."""
        newest: dict[str, TargetingConsent] = {}
        for each in sorted(consents, key=lambda each: (each.decided_at, not each.is_granted)):
            newest[each.user_id] = each
        if newest:
            async with self._database.writing() as session:
                await repository.upsert_targeting_consents(session, list(newest.values()))

    async def export_account(self, subject: DataSubject) -> Records:
        """Return the tier and the decision by which ads are chosen for the account; nothing else is kept."""
        async with self._database.reading() as session:
            kept = await repository.entitlement_of(session, subject.user_id)
            decision = await repository.targeting_consent_of(session, subject.user_id)
        return {
            "ads_tier": [{"tier": kept.tier.value}] if kept else [],
            "ads_targeting": [{"granted": decision.is_granted, "decided_at": decision.decided_at.isoformat()}]
            if decision
            else [],
        }

    async def forget_accounts(self, subjects: Sequence[DataSubject]) -> None:
        """Delete the tiers and decisions of the accounts."""
        async with self._database.writing() as session:
            await repository.delete_everything_of(session, [subject.user_id for subject in subjects])

    async def keep_campaigns(self, campaigns: Sequence[Campaign]) -> None:
        """Write the campaigns, all or none.

        Raises:
            InvalidCampaignError: One of them cannot be kept as it is.
        """
        async with self._database.writing() as session:
            for campaign in campaigns:
                await keep_campaign(session, campaign)


@asynccontextmanager
async def open_service(settings: Settings, *, clock: Clock = system_clock) -> AsyncIterator[AdsBatches]:  # noqa: ARG001 - the same factory in every subgraph
    """Open the store and give the batch functions over it."""
    async with open_database(settings) as database:
        yield AdsBatches(database)


@asynccontextmanager
async def open_database(settings: Settings) -> AsyncIterator[Database]:
    """Open the ads database for the time of the block."""
    database = Database(
        settings.database_url,
        settings.ads_database,
        pool_size=settings.database_pool_size,
        timeout_seconds=settings.store_timeout_seconds,
    )
    try:
        yield database
    finally:
        await database.close()
