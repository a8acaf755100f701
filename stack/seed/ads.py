"""The demo campaigns: advertisers that do not exist, and a house campaign for where they do not advertise."""

from collections.abc import Sequence
from datetime import UTC, datetime
from uuid import UUID, uuid5

from subgraphs.ads.config import Settings
from subgraphs.ads.service import Campaign, Creative, Priority, open_service
from subgraphs.shared.clock import Clock, system_clock

_CAMPAIGNS = UUID("5d7c2a0e-8f0b-4f58-9a31-7a1f0c6de002")
_STARTS_AT = datetime(2025, 1, 1, tzinfo=UTC)
_ENDS_AT = datetime(2036, 1, 1, tzinfo=UTC)


def _campaign(
    key: str, advertiser: str, category: str, texts: Sequence[str], *, priority: Priority = Priority.STANDARD
) -> Campaign:
    creative_ids = [uuid5(_CAMPAIGNS, f"{key}:{number}") for number in range(len(texts))]
    return Campaign(
        campaign_id=uuid5(_CAMPAIGNS, key),
        advertiser=advertiser,
        category=category,
        priority=priority,
        starts_at=_STARTS_AT,
        ends_at=_ENDS_AT,
        creatives=[
            Creative(creative_id, text, f"/artwork/ads/{creative_id}")
            for creative_id, text in zip(creative_ids, texts, strict=True)
        ],
        countries=None if priority is Priority.HOUSE else ("IN",),
        click_through_url=None if priority is Priority.HOUSE else f"https://{key}.example/",
    )


DEMO_CAMPAIGNS: Sequence[Campaign] = (
    _campaign("chai-junction", "Chai Junction", "food", ["Chai before the next episode", "Two cups, one sofa"]),
    _campaign("monsoon-umbrellas", "Monsoon Umbrella Works", "fashion", ["Dry in July", "Forty colours of rain"]),
    _campaign("slow-tuktuk", "Slow Tuk-Tuk Tours", "travel", ["See the hills at eleven kilometres an hour"]),
    _campaign("kite-and-string", "Kite & String", "toys", ["The roof is yours on Sunday"]),
    _campaign("moonlight-mattress", "Moonlight Mattress", "home", ["Sleep now, watch the end tomorrow"]),
    _campaign(
        "premium",
        "Reelgraph",
        "house",
        ["Premium: no ads, full HD", "Premium: take it offline"],
        priority=Priority.HOUSE,
    ),
)


async def seed_ads(settings: Settings, *, clock: Clock = system_clock) -> int:
    """Write the demo campaigns, as often as it is called; return how many there are."""
    async with open_service(settings, clock=clock) as ads:
        await ads.keep_campaigns(DEMO_CAMPAIGNS)
    return len(DEMO_CAMPAIGNS)
