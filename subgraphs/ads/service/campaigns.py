"""Keeping campaigns."""

from subgraphs.ads import repository
from subgraphs.ads.errors import InvalidCampaignError
from subgraphs.ads.models import Campaign
from subgraphs.shared.postgres import WriteSession


async def keep_campaign(session: WriteSession, campaign: Campaign) -> None:
    """Write the campaign with its creatives; doing so again changes nothing.

    Raises:
        InvalidCampaignError: It ends before it starts, has no creative, or a picture is no path of this platform.
    """
    if campaign.ends_at <= campaign.starts_at:
        raise InvalidCampaignError("A campaign ends after it starts.")
    if not campaign.creatives:
        raise InvalidCampaignError("A campaign has at least one creative.")
    if not all(_is_own_path(creative.image_path) for creative in campaign.creatives):
        raise InvalidCampaignError("A creative's picture is a path of this platform: /artwork/ads/….")
    await repository.upsert_campaign(session, campaign)


def _is_own_path(path: str) -> bool:
    return path.startswith("/") and not path.startswith("//")
