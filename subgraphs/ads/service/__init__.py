"""The rules of ads.

breaks     where a video breaks for ads: one pure function
decisions  which ad fills a slot: one pure function
campaigns  keeping campaigns
batches    what workers call: `open_service`
"""

from subgraphs.ads.models import Campaign, Creative, Entitlement, Priority, TargetingConsent
from subgraphs.ads.service.batches import AdsBatches, open_service
from subgraphs.ads.service.campaigns import keep_campaign

__all__ = [
    "AdsBatches",
    "Campaign",
    "Creative",
    "Entitlement",
    "Priority",
    "TargetingConsent",
    "keep_campaign",
    "open_service",
]
