"""Who may play what: the decision, the same from a title, a playable and the start of a stream."""

from datetime import timedelta
from typing import Any

import pytest

from subgraphs.shared.identity import ANONYMOUS
from subgraphs.shared.telemetry import count_statements
from subgraphs.shared.values import MaturityRating, Tier
from tests.subgraphs.playback.conftest import NOW, PlaybackWorld, make_viewer


def plays(reason: str, quality: str, *, ads: bool, expires: str | None = None) -> dict[str, Any]:
    return {"canPlay": True, "reason": reason, "maxQuality": quality, "withAds": ads, "expiresAt": expires}


def refuses(reason: str, *, expires: str | None = None) -> dict[str, Any]:
    return {"canPlay": False, "reason": reason, "maxQuality": None, "withAds": False, "expiresAt": expires}


async def test_a_free_title_plays_for_anonymous_viewers_with_ads_up_to_720_lines(world: PlaybackWorld) -> None:
    film = await world.film()

    assert await world.access(ANONYMOUS, film.playable_id) == plays("FREE", "P720", ads=True)
    assert (await world.start(ANONYMOUS, film.playable_id))["maxQuality"] == "P720"


async def test_a_free_viewer_gets_what_anonymous_viewers_get(world: PlaybackWorld) -> None:
    film = await world.film()

    assert await world.access(make_viewer(), film.playable_id) == plays("FREE", "P720", ads=True)


@pytest.mark.parametrize("rating", [MaturityRating.A, None])
async def test_what_is_for_adults_asks_anonymous_viewers_to_sign_in(
    world: PlaybackWorld, rating: MaturityRating | None
) -> None:
    film = await world.film(rating=rating)

    assert await world.access(ANONYMOUS, film.playable_id) == refuses("LOGIN_REQUIRED")
    assert (await world.start(ANONYMOUS, film.playable_id))["__typename"] == "LoginRequired"
    assert await world.access(make_viewer(), film.playable_id) == plays("FREE", "P720", ads=True)


async def test_premium_needs_an_account_and_then_a_subscription(world: PlaybackWorld) -> None:
    film = await world.film(tier=Tier.PREMIUM)
    viewer = make_viewer()

    assert await world.access(ANONYMOUS, film.playable_id) == refuses("LOGIN_REQUIRED")
    assert await world.access(viewer, film.playable_id) == refuses("UPGRADE_REQUIRED")
    assert await world.start(viewer, film.playable_id) == {
        "__typename": "UpgradeRequired",
        "code": "UPGRADE_REQUIRED",
        "message": "A subscription is needed to play this.",
        "requiredTier": "PREMIUM",
    }

    await world.subscribe(viewer)

    assert await world.access(viewer, film.playable_id) == plays("SUBSCRIPTION", "P1080", ads=False)


async def test_a_subscriber_sees_free_titles_without_ads_in_the_best_quality(world: PlaybackWorld) -> None:
    film = await world.film()
    viewer = make_viewer()
    await world.subscribe(viewer)

    assert await world.access(viewer, film.playable_id) == plays("FREE", "P1080", ads=False)


async def test_a_subscription_ends_to_the_second(world: PlaybackWorld) -> None:
    film = await world.film(tier=Tier.PREMIUM)
    viewer = make_viewer()
    end = NOW + timedelta(hours=2)
    await world.subscribe(viewer, until=end)

    world.clock.now = end - timedelta(seconds=1)
    before = await world.access(viewer, film.playable_id)
    world.clock.now = end
    after = await world.access(viewer, film.playable_id)

    assert before == plays("SUBSCRIPTION", "P1080", ads=False, expires=end.isoformat())
    assert after == refuses("UPGRADE_REQUIRED")


async def test_a_window_is_half_open_to_the_second(world: PlaybackWorld) -> None:
    opens, closes = NOW + timedelta(hours=1), NOW + timedelta(hours=2)
    film = await world.film(available_from=opens, available_until=closes)

    async def reason_at(moment: Any) -> str:
        world.clock.now = moment
        return str((await world.access(ANONYMOUS, film.playable_id))["reason"])

    second = timedelta(seconds=1)
    assert await reason_at(opens - second) == "NOT_AVAILABLE_YET"
    assert await reason_at(opens) == "FREE"
    assert await reason_at(closes - second) == "FREE"
    assert await reason_at(closes) == "EXPIRED"


async def test_the_start_says_when_a_window_opens_and_that_it_has_closed(world: PlaybackWorld) -> None:
    opens, closes = NOW + timedelta(hours=1), NOW + timedelta(hours=2)
    film = await world.film(available_from=opens, available_until=closes)

    early = await world.start(ANONYMOUS, film.playable_id)
    world.clock.now = closes
    late = await world.start(ANONYMOUS, film.playable_id)

    assert (early["__typename"], early["availableFrom"]) == ("NotYetAvailable", opens.isoformat())
    assert late["__typename"] == "TitleExpired"


async def test_countries_decide_by_the_country_of_the_request(world: PlaybackWorld) -> None:
    film = await world.film(countries=["IN", "NP"])

    assert (await world.access(make_viewer(country="NP"), film.playable_id))["reason"] == "FREE"
    assert await world.access(make_viewer(country="US"), film.playable_id) == refuses("GEO_BLOCKED")
    assert (await world.start(make_viewer(country="US"), film.playable_id))["country"] == "US"


@pytest.mark.parametrize(
    ("rating", "limit", "reason"),
    [
        (MaturityRating.UA_13, MaturityRating.UA_13, "FREE"),
        (MaturityRating.UA_16, MaturityRating.UA_13, "MATURITY_BLOCKED"),
        (None, MaturityRating.UA_16, "MATURITY_BLOCKED"),
        (None, None, "FREE"),
    ],
)
async def test_a_profile_limit_compares_ages_and_unrated_counts_as_adult(
    world: PlaybackWorld, rating: MaturityRating | None, limit: MaturityRating | None, reason: str
) -> None:
    film = await world.film(rating=rating)

    decision = await world.access(make_viewer(maturity_limit=limit), film.playable_id)

    assert decision["reason"] == reason


async def test_the_start_refuses_what_is_above_the_limit_with_its_rating(world: PlaybackWorld) -> None:
    film = await world.film(rating=MaturityRating.A)
    child = make_viewer(maturity_limit=MaturityRating.UA_7, is_kids=True)

    answer = await world.start(child, film.playable_id)

    assert (answer["__typename"], answer["code"], answer["rating"]) == ("MaturityBlocked", "MATURITY_BLOCKED", "A")


async def test_children_see_no_ads(world: PlaybackWorld) -> None:
    film = await world.film()
    child = make_viewer(maturity_limit=MaturityRating.UA_7, is_kids=True)

    assert await world.access(child, film.playable_id) == plays("FREE", "P720", ads=False)


async def test_a_show_is_decided_by_its_first_episode_and_each_episode_by_itself(world: PlaybackWorld) -> None:
    show, episodes = await world.show(MaturityRating.U, MaturityRating.A)
    child = make_viewer(maturity_limit=MaturityRating.UA_7, is_kids=True)

    assert (await world.access(child, show, type_name="Title"))["reason"] == "FREE"
    assert (await world.access(child, episodes[0]))["reason"] == "FREE"
    assert (await world.access(child, episodes[1]))["reason"] == "MATURITY_BLOCKED"


async def test_what_has_no_stream_is_not_available(world: PlaybackWorld) -> None:
    bare = await world.film(playables=[])
    unpublished = await world.film(published=False)

    title = await world.access(ANONYMOUS, bare.title_id, type_name="Title")

    assert title == refuses("NOT_AVAILABLE")
    assert (await world.start(ANONYMOUS, unpublished.playable_id))["__typename"] == "TitleNotAvailable"


async def test_a_stream_caps_the_quality(world: PlaybackWorld) -> None:
    from subgraphs.playback.service import Asset

    film = await world.film()
    await world.batches.register_asset(Asset("sample", ["P144", "P480"]))

    assert await world.access(ANONYMOUS, film.playable_id) == plays("FREE", "P480", ads=True)


@pytest.mark.parametrize("type_name", ["Title", "Playable"])
async def test_references_keep_order_and_length_in_one_statement(world: PlaybackWorld, type_name: str) -> None:
    first, second = await world.film(), await world.film(tier=Tier.PREMIUM)
    ids = [each.title_id if type_name == "Title" else each.playable_id for each in (first, second)]
    given = [ids[1], "no id", ids[0], first.title_id[:-2] + "AA", ids[1], "", "TW92aWU6eA"]
    fields = f"... on {type_name} {{ id access {{ reason }} }}"
    query = f"query($r: [_Any!]!) {{ _entities(representations: $r) {{ {fields} }} }}"

    with count_statements() as statements:
        data = await world.ask(ANONYMOUS, query, r=[{"__typename": type_name, "id": each} for each in given])

    premium = {"id": ids[1], "access": {"reason": "LOGIN_REQUIRED"}}
    free = {"id": ids[0], "access": {"reason": "FREE"}}
    assert data["_entities"] == [premium, None, free, None, premium, None, None]
    assert statements == {f"postgres:{world.settings.playback_database}": 1}


@pytest.mark.parametrize("size", [2, 20])
async def test_access_and_progress_of_a_page_cost_one_statement_and_one_round_trip(
    world: PlaybackWorld, size: int
) -> None:
    viewer = make_viewer()
    films = [await world.film() for _ in range(size)]
    await world.progress(viewer, films[0].playable_id)  # builds the read model
    query = (
        "query($r: [_Any!]!) { _entities(representations: $r) { ... on Title { id access { reason } "
        "progress { percent } } } }"
    )

    with count_statements() as statements:
        data = await world.ask(viewer, query, r=[{"__typename": "Title", "id": film.title_id} for film in films])

    assert len(data["_entities"]) == size
    assert statements == {f"postgres:{world.settings.playback_database}": 1, "redis": 1}
