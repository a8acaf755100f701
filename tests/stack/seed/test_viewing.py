"""The seeded viewing: plausible, the same again, and true for what is shown from it."""

from collections import Counter
from collections.abc import AsyncIterator
from datetime import UTC, datetime, timedelta
from uuid import UUID

import pytest

from stack.seed.catalogue import build_catalogue, seed_catalogue
from stack.seed.viewing import (
    DAYS,
    NEIGHBOURS,
    demo_profiles,
    neighbour_profiles,
    plan_viewing,
    seed_viewing,
    watchable_titles,
)
from subgraphs.activity import config as activity_config
from subgraphs.activity.app import create_app as create_activity
from subgraphs.catalog import config as catalog_config
from subgraphs.playback import config as playback_config
from subgraphs.playback.app import create_app as create_playback
from subgraphs.playback.service import Asset
from subgraphs.recommendations import config as recommendations_config
from subgraphs.recommendations.app import create_app as create_recommendations
from subgraphs.shared.identity import Viewer
from subgraphs.shared.ids import encode_id
from tests.support.servers import DatabaseFactory
from workers.config import Settings
from workers.draining import drain_all
from workers.services import Services, open_services

NOW = datetime(2026, 5, 1, 14, 0, tzinfo=UTC)


@pytest.fixture
async def settings(make_database: DatabaseFactory, redis_url: str, mongodb_url: str, mongo_database: str) -> Settings:
    names = ("users", "catalog", "playback", "billing", "ads", "recommendations")
    databases = {name: await make_database(name) for name in names}
    return Settings(
        database_url=databases["catalog"].server_url,
        redis_url=redis_url,
        mongodb_url=mongodb_url,
        viewer_context_key="k" * 32,
        media_signing_key="k" * 32,
        personal_data_keys=f"k1:{'a' * 43}=",
        personal_data_lookup_key="l" * 32,
        users_database=databases["users"].name,
        catalog_database=databases["catalog"].name,
        playback_database=databases["playback"].name,
        billing_database=databases["billing"].name,
        ads_database=databases["ads"].name,
        recommendations_database=databases["recommendations"].name,
        playback_mongo_database=mongo_database,
        activity_mongo_database=mongo_database,
    )


@pytest.fixture
async def services(settings: Settings) -> AsyncIterator[Services]:
    async with open_services(settings, clock=lambda: NOW) as opened:
        yield opened


def test_nobody_watches_what_they_may_not_or_in_the_future() -> None:
    titles = {title.title_id: title for title in watchable_titles(build_catalogue(NOW), now=NOW)}
    profiles = {each.profile_id: each for each in [*demo_profiles(now=NOW), *neighbour_profiles(now=NOW)]}

    viewings = plan_viewing(list(titles.values()), list(profiles.values()), now=NOW)

    assert len(profiles) == NEIGHBOURS + len(demo_profiles(now=NOW))
    for viewing in viewings:
        profile, title = profiles[viewing.profile_id], titles[viewing.title_id]
        assert title.since <= viewing.at < NOW
        assert viewing.at > NOW - timedelta(days=DAYS + 1)
        assert viewing.playable.age_floor <= profile.age_limit
        assert 0 < viewing.position_seconds <= viewing.playable.duration_seconds
        assert not title.is_premium or profile.premium_since is not None


def test_the_same_day_gives_the_same_viewing() -> None:
    titles = watchable_titles(build_catalogue(NOW), now=NOW)
    profiles = demo_profiles(now=NOW)

    first = plan_viewing(titles, profiles, now=NOW)

    assert plan_viewing(titles, profiles, now=NOW) == first
    assert len({viewing.session_id for viewing in first}) == len(first)


def test_profiles_have_tastes() -> None:
    titles = watchable_titles(build_catalogue(NOW), now=NOW)
    genres = {title.title_id: title.genres for title in titles}

    shares = []
    for profile in neighbour_profiles(now=NOW):
        watched = Counter(
            genre for viewing in plan_viewing(titles, [profile], now=NOW) for genre in genres[viewing.title_id]
        )
        shares.append(sum(count for _genre, count in watched.most_common(3)) / max(1, watched.total()))

    assert sum(shares) / len(shares) > 0.5


async def test_the_demo_viewer_finds_something_everywhere(settings: Settings, services: Services) -> None:
    await seed_catalogue(catalog_config.Settings(**settings.model_dump()), clock=lambda: NOW)
    await services.playback.register_asset(Asset("sample", ["P720", "P1080"]))
    await drain_all(services)
    titles = watchable_titles(build_catalogue(NOW), now=NOW)

    written = await seed_viewing(services, titles=titles, profiles=demo_profiles(now=NOW), now=NOW)
    again = await seed_viewing(services, titles=titles, profiles=demo_profiles(now=NOW), now=NOW)

    assert written > 5000
    assert again == 0
    viewer = Viewer(user_id=encode_id("User", UUID(int=1)), profile_id=demo_profiles(now=NOW)[0].profile_id)
    own = "query($r: [_Any!]!) { _entities(representations: $r) { ... on Profile { %s } } }"
    reference = {"r": [{"__typename": "Profile", "id": viewer.profile_id}]}
    lists = (
        "continueWatching { edges { node { title { id } } } } history(first: 100) { edges { node { id } } totalCount } "
        "watchlist { totalCount }"
    )
    async with create_activity(activity_config.Settings(**settings.model_dump()), clock=lambda: NOW).running() as app:
        [profile] = (await app.execute_as(viewer, own % lists, variables=reference))["data"]["_entities"]
    continuing = [edge["node"]["title"]["id"] for edge in profile["continueWatching"]["edges"]]
    assert len(continuing) >= 5
    assert profile["history"]["totalCount"] >= 20
    assert profile["watchlist"]["totalCount"] >= 4
    progress = "query($r: [_Any!]!) { _entities(representations: $r) { ... on Title { progress { percent } } } }"
    titles_asked = {"r": [{"__typename": "Title", "id": title_id} for title_id in continuing]}
    async with create_playback(playback_config.Settings(**settings.model_dump()), clock=lambda: NOW).running() as app:
        found = (await app.execute_as(viewer, progress, variables=titles_asked))["data"]["_entities"]
    assert all(each["progress"]["percent"] > 0 for each in found)
    ranked = create_recommendations(recommendations_config.Settings(**settings.model_dump()), clock=lambda: NOW)
    async with ranked.running() as app:
        chart = (await app.execute_as(viewer, "{ trending(first: 20) { title { id } score } }"))["data"]["trending"]
    assert len(chart) == 20
    assert chart[0]["score"] > chart[-1]["score"]
