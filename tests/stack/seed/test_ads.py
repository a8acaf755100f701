"""The demo campaigns."""

from collections import Counter
from datetime import UTC, datetime
from uuid import uuid4

from stack.seed.ads import DEMO_CAMPAIGNS, seed_ads
from subgraphs.ads.app import create_app
from subgraphs.ads.config import Settings
from subgraphs.shared.graphql.app import SubgraphApp
from subgraphs.shared.identity import Viewer
from subgraphs.shared.ids import encode_id
from tests.support.servers import DatabaseFactory

NOW = datetime(2026, 3, 1, 9, 30, tzinfo=UTC)
SLOTS = """
query ($representations: [_Any!]!) {
  _entities(representations: $representations) { ... on AdSlot { decision { advertiser creative { mediaUrl } } } }
}"""


async def decisions(app: SubgraphApp, country: str) -> list[dict[str, dict[str, str]]]:
    slots = [{"__typename": "AdSlot", "id": encode_id("AdSlot", uuid4())} for _ in range(100)]
    response = await app.execute_as(Viewer(country=country), SLOTS, variables={"representations": slots})
    return [slot["decision"] for slot in response["data"]["_entities"]]


async def test_india_sees_the_advertisers_and_everywhere_else_the_house(make_database: DatabaseFactory) -> None:
    database = await make_database("ads")
    settings = Settings(
        database_url=database.server_url,
        ads_database=database.name,
        mongodb_url="mongodb://127.0.0.1:1/",
        redis_url="redis://127.0.0.1:1/0",
        viewer_context_key="k" * 32,
        media_signing_key="m" * 32,
    )

    counts = [await seed_ads(settings), await seed_ads(settings)]

    assert counts == [len(DEMO_CAMPAIGNS)] * 2 == [6, 6]
    async with create_app(settings, clock=lambda: NOW).running() as app:
        in_india = Counter(decision["advertiser"] for decision in await decisions(app, "IN"))
        elsewhere = Counter(decision["advertiser"] for decision in await decisions(app, "US"))
    assert len(in_india) == 5
    assert elsewhere == {"Reelgraph": 100}


def test_pictures_are_paths_of_this_platform_and_links_lead_nowhere_real() -> None:
    for campaign in DEMO_CAMPAIGNS:
        assert {creative.image_path for creative in campaign.creatives} == {
            f"/artwork/ads/{creative.creative_id}" for creative in campaign.creatives
        }
        assert campaign.click_through_url is None or campaign.click_through_url.endswith(".example/")
