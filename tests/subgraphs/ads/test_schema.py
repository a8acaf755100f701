"""Schedules and slots, as the router asks for them; campaigns and the projection of entitlements behind them."""

from collections.abc import Sequence
from dataclasses import replace
from datetime import datetime, timedelta
from typing import Any
from uuid import UUID, uuid4

import pytest
from alembic.autogenerate import compare_metadata
from alembic.migration import MigrationContext
from sqlalchemy.ext.asyncio import create_async_engine

from subgraphs.ads.config import Settings
from subgraphs.ads.errors import InvalidCampaignError
from subgraphs.ads.models import Model
from subgraphs.ads.service import AdsBatches, Campaign, Creative, Entitlement, Priority, TargetingConsent
from subgraphs.shared.graphql.app import SubgraphApp
from subgraphs.shared.identity import ANONYMOUS, Viewer
from subgraphs.shared.ids import encode_id
from subgraphs.shared.telemetry import count_statements
from subgraphs.shared.values import MaturityRating, Tier
from tests.subgraphs.ads.conftest import NOW
from tests.support.servers import DatabaseFactory

DAY = timedelta(days=1)
ASHA = Viewer(user_id=encode_id("User", uuid4()), profile_id=encode_id("Profile", uuid4()))
KID = replace(ASHA, is_kids=True, maturity_limit=MaturityRating.UA_7)
TEA = Creative(UUID(int=1), "A cup of tea", "/artwork/ads/tea")
HOUSE = Campaign(
    campaign_id=UUID(int=10),
    advertiser="Chai & Co",
    category="food",
    priority=Priority.HOUSE,
    starts_at=NOW - DAY,
    ends_at=NOW + DAY,
    creatives=[TEA],
    click_through_url="https://chai.example/",
)
SLOTS = [encode_id("AdSlot", UUID(int=number)) for number in range(20)]
PLAYABLES = [encode_id("Playable", UUID(int=number)) for number in range(20)]

ENTITIES = """
query ($representations: [_Any!]!) {
  _entities(representations: $representations) {
    ... on Playable { id adSchedule { kind offsetSeconds } }
    ... on AdSlot { id decision { id advertiser clickThroughUrl creative { id name mediaUrl category } } }
  }
}"""


async def entities(app: SubgraphApp, viewer: Viewer, *representations: dict[str, Any]) -> list[Any]:
    response = await app.execute_as(viewer, ENTITIES, variables={"representations": list(representations)})
    assert "errors" not in response, response
    found: list[Any] = response["data"]["_entities"]
    return found


def slot(number: int) -> dict[str, Any]:
    return {"__typename": "AdSlot", "id": SLOTS[number]}


def playable(number: int, *, duration_seconds: int | None = 1801, rating: str | None = "U") -> dict[str, Any]:
    return {
        "__typename": "Playable",
        "id": PLAYABLES[number],
        "durationSeconds": duration_seconds,
        "genreIds": [],
        "maturityRating": rating,
    }


def entitlement(tier: Tier, *, version: int, until: datetime | None = None) -> Entitlement:
    return Entitlement(user_id=ASHA.require_user(), tier=tier, until=until, version=version)


async def advertiser(app: SubgraphApp, viewer: Viewer) -> str | None:
    decision = (await entities(app, viewer, slot(0)))[0]["decision"]
    return decision["advertiser"] if decision else None


@pytest.mark.requirement("IN-B-04")
async def test_a_free_viewer_gets_an_ad_in_a_slot(app: SubgraphApp, batches: AdsBatches) -> None:
    await batches.keep_campaigns([HOUSE])

    first, again = await entities(app, ASHA, slot(0)), await entities(app, ASHA, slot(0))

    assert first == again
    assert first[0]["decision"].pop("id")
    assert first == [
        {
            "id": SLOTS[0],
            "decision": {
                "advertiser": "Chai & Co",
                "clickThroughUrl": "https://chai.example/",
                "creative": {
                    "id": encode_id("Creative", TEA.creative_id),
                    "name": "A cup of tea",
                    "mediaUrl": "http://127.0.0.1:4000/artwork/ads/tea",
                    "category": "food",
                },
            },
        }
    ]


@pytest.mark.requirement("FR-UM-003.4")
async def test_kids_profiles_get_neither_ads_nor_breaks_and_cost_no_statement(
    app: SubgraphApp, batches: AdsBatches
) -> None:
    await batches.keep_campaigns([HOUSE])

    with count_statements() as statements:
        found = await entities(app, KID, slot(0), playable(0))

    assert found == [{"id": SLOTS[0], "decision": None}, {"id": PLAYABLES[0], "adSchedule": []}]
    assert statements == {}


class TestTargeting:
    """Who watches chooses ads only with the account's consent, and never for somebody who is not an adult."""

    MANY = replace(
        HOUSE, creatives=[Creative(UUID(int=100 + number), "Tea", "/artwork/ads/tea") for number in range(9)]
    )

    async def decisions(self, app: SubgraphApp, viewer: Viewer) -> list[str]:
        return [found["decision"]["id"] for found in await entities(app, viewer, *map(slot, range(len(SLOTS))))]

    async def decide(self, batches: AdsBatches, *, is_granted: bool, days: int) -> None:
        decision = TargetingConsent(ASHA.require_user(), is_granted=is_granted, decided_at=NOW + days * DAY)
        await batches.project_targeting_consents([decision])

    @pytest.mark.requirement("IN-GDPR-1")
    async def test_ads_are_those_of_strangers_before_and_after_the_consent(
        self, app: SubgraphApp, batches: AdsBatches
    ) -> None:
        await batches.keep_campaigns([self.MANY])
        others = replace(ASHA, user_id=encode_id("User", uuid4()))

        stranger = await self.decisions(app, ANONYMOUS)
        never_asked = await self.decisions(app, ASHA)
        await self.decide(batches, is_granted=True, days=1)
        agreed = await self.decisions(app, ASHA)
        other = await self.decisions(app, others)
        await self.decide(batches, is_granted=False, days=2)
        withdrawn = await self.decisions(app, ASHA)

        assert never_asked == withdrawn == other == stranger
        assert set(agreed) & set(stranger) == set()

    @pytest.mark.parametrize("limit", [each for each in MaturityRating if each is not MaturityRating.A])
    async def test_a_profile_that_is_no_adult_s_is_never_singled_out(
        self, app: SubgraphApp, batches: AdsBatches, limit: MaturityRating
    ) -> None:
        await batches.keep_campaigns([self.MANY])
        await self.decide(batches, is_granted=True, days=1)

        young = await self.decisions(app, replace(ASHA, maturity_limit=limit))

        assert young == await self.decisions(app, ANONYMOUS)

    async def test_decisions_come_twice_and_in_any_order_and_of_one_moment_the_refusal_counts(
        self, app: SubgraphApp, batches: AdsBatches
    ) -> None:
        await batches.keep_campaigns([self.MANY])
        stranger = await self.decisions(app, ANONYMOUS)

        await self.decide(batches, is_granted=False, days=2)
        await self.decide(batches, is_granted=True, days=1)
        late = await self.decisions(app, ASHA)
        await self.decide(batches, is_granted=True, days=2)
        same_moment = await self.decisions(app, ASHA)
        both = [TargetingConsent(ASHA.require_user(), each, NOW + 3 * DAY) for each in (False, True)]
        await batches.project_targeting_consents(both)
        in_one_batch = await self.decisions(app, ASHA)
        await self.decide(batches, is_granted=True, days=4)

        assert late == same_moment == in_one_batch == stranger
        assert await self.decisions(app, ASHA) != stranger


@pytest.mark.requirement("IN-B-04")
async def test_premium_viewers_get_neither_ads_nor_breaks_until_it_ends(app: SubgraphApp, batches: AdsBatches) -> None:
    await batches.keep_campaigns([HOUSE])

    await batches.project_entitlements([entitlement(Tier.PREMIUM, version=1, until=NOW + DAY)])
    premium = await entities(app, ASHA, slot(0), playable(0))
    await batches.project_entitlements([entitlement(Tier.PREMIUM, version=2, until=NOW)])
    ended = await entities(app, ASHA, slot(0), playable(0))

    assert premium == [{"id": SLOTS[0], "decision": None}, {"id": PLAYABLES[0], "adSchedule": []}]
    assert ended[0]["decision"] is not None
    assert len(ended[1]["adSchedule"]) == 2


async def test_entitlements_come_twice_and_in_any_order(app: SubgraphApp, batches: AdsBatches) -> None:
    await batches.keep_campaigns([HOUSE])
    newest = entitlement(Tier.FREE, version=3)
    older = [entitlement(Tier.PREMIUM, version=version, until=NOW + DAY) for version in (1, 2)]

    await batches.project_entitlements([])
    await batches.project_entitlements([older[1], newest, older[0]])
    await batches.project_entitlements(older)
    await batches.project_entitlements([newest, newest])

    assert await advertiser(app, ASHA) == "Chai & Co"


@pytest.mark.parametrize(
    ("change", "viewer", "is_shown"),
    [
        ({}, ANONYMOUS, True),
        ({"countries": ["IN", "NP"]}, ASHA, True),
        ({"countries": ["NP"]}, ASHA, False),
        ({"countries": []}, ASHA, False),
        ({"countries": ["NP"]}, Viewer(country="NP"), True),
        ({"starts_at": NOW}, ASHA, True),
        ({"starts_at": NOW + timedelta(microseconds=1)}, ASHA, False),
        ({"ends_at": NOW + timedelta(microseconds=1)}, ASHA, True),
        ({"ends_at": NOW}, ASHA, False),
    ],
)
async def test_an_ad_is_shown_in_its_countries_during_its_flight(
    app: SubgraphApp, batches: AdsBatches, change: dict[str, Any], viewer: Viewer, *, is_shown: bool
) -> None:
    await batches.keep_campaigns([replace(HOUSE, **change)])

    assert await advertiser(app, viewer) == ("Chai & Co" if is_shown else None)


@pytest.mark.requirement("FR-AD-002.1")
async def test_a_schedule_follows_the_length_and_stays_away_from_what_is_hidden(app: SubgraphApp) -> None:
    teen = Viewer(maturity_limit=MaturityRating.UA_13)
    representations = [
        playable(0, duration_seconds=1800),
        playable(1, duration_seconds=1801, rating="UA_13"),
        playable(2, duration_seconds=None),
        playable(3, rating="UA_16"),
        playable(4, rating=None),
        {"__typename": "Playable", "id": "nonsense"},
    ]

    found = await entities(app, teen, *representations)

    pre_roll = {"kind": "PRE_ROLL", "offsetSeconds": 0}
    mid_roll = {"kind": "MID_ROLL", "offsetSeconds": 900}
    assert [entity and entity["adSchedule"] for entity in found] == [
        [pre_roll],
        [pre_roll, mid_roll],
        [pre_roll],
        [],
        [],
        None,
    ]


@pytest.mark.parametrize("page_size", [2, 20])
async def test_slots_and_videos_keep_their_order_for_one_statement(
    app: SubgraphApp, batches: AdsBatches, settings: Settings, page_size: int
) -> None:
    await batches.keep_campaigns([HOUSE])
    representations: Sequence[dict[str, Any]] = [
        *(slot(number) for number in range(page_size)),
        *(playable(number) for number in range(page_size)),
        {"__typename": "AdSlot", "id": PLAYABLES[0]},
        {"__typename": "AdSlot", "id": "nonsense"},
        slot(0),
    ]

    with count_statements() as statements:
        found = await entities(app, ASHA, *representations)

    ids = [entity and entity["id"] for entity in found]
    assert ids == [*SLOTS[:page_size], *PLAYABLES[:page_size], None, None, SLOTS[0]]
    assert statements == {f"postgres:{settings.ads_database}": 1}


async def test_keeping_a_campaign_again_replaces_it(app: SubgraphApp, batches: AdsBatches) -> None:
    coffee = Creative(UUID(int=2), "A cup of coffee", "/artwork/ads/coffee")
    await batches.keep_campaigns([HOUSE, HOUSE])

    await batches.keep_campaigns([replace(HOUSE, advertiser="Kaapi & Co", creatives=[coffee])])

    decision = (await entities(app, ASHA, slot(0)))[0]["decision"]
    assert (decision["advertiser"], decision["creative"]["name"]) == ("Kaapi & Co", "A cup of coffee")


@pytest.mark.parametrize(
    "change",
    [
        {"ends_at": HOUSE.starts_at},
        {"creatives": []},
        {"creatives": [replace(TEA, image_path="https://tracker.example/tea.png")]},
        {"creatives": [replace(TEA, image_path="//tracker.example/tea.png")]},
    ],
)
async def test_a_campaign_that_could_not_be_shown_is_refused_with_its_whole_batch(
    app: SubgraphApp, batches: AdsBatches, change: dict[str, Any]
) -> None:
    refused = replace(HOUSE, campaign_id=UUID(int=11), **change)

    with pytest.raises(InvalidCampaignError):
        await batches.keep_campaigns([HOUSE, refused])

    assert await advertiser(app, ASHA) is None


async def test_migrations_and_models_agree(make_database: DatabaseFactory) -> None:
    database = await make_database("ads")
    engine = create_async_engine(database.url)

    async with engine.connect() as connection:
        differences = await connection.run_sync(
            lambda sync: compare_metadata(MigrationContext.configure(sync), Model.metadata)
        )
    await engine.dispose()

    assert differences == []
