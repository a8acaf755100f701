"""Every statement of the ads subgraph. Flight and country are part of what selects an ad."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime

import sqlalchemy as sa
from sqlalchemy.dialects.postgresql import insert
from sqlalchemy.ext.asyncio import AsyncSession
from sqlmodel import col

from subgraphs.ads.models import (
    Campaign,
    CampaignRow,
    Candidate,
    CreativeRow,
    Entitlement,
    EntitlementRow,
    TargetingConsent,
    TargetingConsentRow,
)
from subgraphs.shared.postgres import Database
from subgraphs.shared.prepared import Prepared
from subgraphs.shared.values import Tier

_NOW = sa.bindparam("now", type_=sa.DateTime(timezone=True))

_in_flight = (
    sa.select(
        col(CreativeRow.id),
        col(CreativeRow.name),
        col(CreativeRow.image_path),
        col(CampaignRow.advertiser),
        col(CampaignRow.category),
        col(CampaignRow.priority),
        col(CampaignRow.click_through_url),
    )
    .join(CampaignRow, col(CampaignRow.id) == col(CreativeRow.campaign_id))
    .where(
        col(CampaignRow.starts_at) <= _NOW,
        col(CampaignRow.ends_at) > _NOW,
        sa.or_(
            col(CampaignRow.countries).is_(None),
            sa.bindparam("country", type_=sa.Text) == sa.any_(col(CampaignRow.countries)),
        ),
    )
)
_USER_ID = sa.bindparam("user_id", type_=sa.Text)
_standing = sa.select(
    sa.select(col(EntitlementRow.tier))
    .where(
        col(EntitlementRow.user_id) == _USER_ID,
        sa.or_(col(EntitlementRow.until).is_(None), col(EntitlementRow.until) > _NOW),
    )
    .scalar_subquery()
    .label("tier"),
    sa.exists()
    .where(col(TargetingConsentRow.user_id) == _USER_ID, col(TargetingConsentRow.is_granted))
    .label("has_agreed"),
).subquery()
_shown = _in_flight.subquery()
_is_free = sa.func.coalesce(sa.cast(_standing.c.tier, sa.Text), Tier.FREE.value) == Tier.FREE.value

_CANDIDATES = Prepared(_in_flight.order_by(col(CreativeRow.id)))
_OFFER = Prepared(sa.select(_standing, _shown).select_from(_standing.outerjoin(_shown, _is_free)).order_by(_shown.c.id))


@dataclass(frozen=True, slots=True)
class Offer:
    """The tier that an account has now, whether it agreed to ads chosen by who watches, and the creatives that it may
    be shown: with PREMIUM none."""

    tier: Tier
    has_agreed: bool
    candidates: Sequence[Candidate]


async def candidates(database: Database, *, country: str, now: datetime) -> list[Candidate]:
    """Return the creatives of every campaign that is in flight now in the country."""
    return [Candidate(*row) for row in await database.fetch(_CANDIDATES, country=country, now=now)]


async def offer_to(database: Database, user_id: str, *, country: str, now: datetime) -> Offer:
    """Return how the account stands to ads, with the candidates, in one statement.

    One that is not known has FREE and has not agreed.
    """
    rows = await database.fetch(_OFFER, user_id=user_id, country=country, now=now)
    tier, has_agreed = rows[0][:2]
    return Offer(tier or Tier.FREE, has_agreed, [Candidate(*row[2:]) for row in rows if row[2] is not None])


async def upsert_targeting_consents(session: AsyncSession, consents: Sequence[TargetingConsent]) -> None:
    """Record the decisions that are newer than what is known; of one moment the refusal. Users must be distinct."""
    # In one order, so that two writers of overlapping batches cannot wait for each other.
    rows = [
        {"user_id": each.user_id, "is_granted": each.is_granted, "decided_at": each.decided_at}
        for each in sorted(consents, key=lambda each: each.user_id)
    ]
    upsert = insert(TargetingConsentRow).values(rows)
    decided_at = col(TargetingConsentRow.decided_at)
    await session.execute(
        upsert.on_conflict_do_update(
            index_elements=[col(TargetingConsentRow.user_id)],
            set_={name: upsert.excluded[name] for name in ("is_granted", "decided_at")},
            where=sa.or_(
                decided_at < upsert.excluded.decided_at,
                sa.and_(decided_at == upsert.excluded.decided_at, sa.not_(upsert.excluded.is_granted)),
            ),
        )
    )


async def upsert_entitlements(session: AsyncSession, entitlements: Sequence[Entitlement]) -> None:
    """Record the entitlements that are newer than what is known. Users must be distinct."""
    # In one order, so that two writers of overlapping batches cannot wait for each other.
    rows = [
        {"user_id": each.user_id, "tier": each.tier, "until": each.until, "version": each.version}
        for each in sorted(entitlements, key=lambda each: each.user_id)
    ]
    upsert = insert(EntitlementRow).values(rows)
    await session.execute(
        upsert.on_conflict_do_update(
            index_elements=[col(EntitlementRow.user_id)],
            set_={name: upsert.excluded[name] for name in ("tier", "until", "version")},
            where=col(EntitlementRow.version) < upsert.excluded.version,
        )
    )


async def upsert_campaign(session: AsyncSession, campaign: Campaign) -> None:
    """Write the campaign and its creatives as given; creatives that it no longer has are deleted."""
    values = {
        "id": campaign.campaign_id,
        "advertiser": campaign.advertiser,
        "category": campaign.category,
        "priority": campaign.priority,
        "starts_at": campaign.starts_at,
        "ends_at": campaign.ends_at,
        "countries": None if campaign.countries is None else list(campaign.countries),
        "click_through_url": campaign.click_through_url,
    }
    upsert = insert(CampaignRow).values(values)
    await session.execute(upsert.on_conflict_do_update(index_elements=[col(CampaignRow.id)], set_=values))
    kept = [creative.creative_id for creative in campaign.creatives]
    await session.execute(
        sa.delete(CreativeRow).where(
            col(CreativeRow.campaign_id) == campaign.campaign_id, col(CreativeRow.id).not_in(kept)
        )
    )
    creatives = insert(CreativeRow).values(
        [
            {
                "id": creative.creative_id,
                "campaign_id": campaign.campaign_id,
                "name": creative.name,
                "image_path": creative.image_path,
            }
            for creative in campaign.creatives
        ]
    )
    await session.execute(
        creatives.on_conflict_do_update(
            index_elements=[col(CreativeRow.id)],
            set_={name: creatives.excluded[name] for name in ("campaign_id", "name", "image_path")},
        )
    )


async def entitlement_of(session: AsyncSession, user_id: str) -> EntitlementRow | None:
    """Return the account's tier as it is kept."""
    return (await session.execute(sa.select(EntitlementRow).where(col(EntitlementRow.user_id) == user_id))).scalar()


async def targeting_consent_of(session: AsyncSession, user_id: str) -> TargetingConsentRow | None:
    """Return the account's decision as it is kept."""
    statement = sa.select(TargetingConsentRow).where(col(TargetingConsentRow.user_id) == user_id)
    return (await session.execute(statement)).scalar()


async def delete_everything_of(session: AsyncSession, user_ids: Sequence[str]) -> None:
    """Delete the tiers and decisions of the accounts."""
    for table in (EntitlementRow, TargetingConsentRow):
        await session.execute(sa.delete(table).where(col(table.user_id).in_(user_ids)))
