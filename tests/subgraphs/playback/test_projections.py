"""What other domains tell playback: twice, late, in batches; and the durable progress."""

from dataclasses import replace
from datetime import timedelta
from pathlib import Path

import sqlalchemy as sa
from alembic.autogenerate import compare_metadata
from alembic.migration import MigrationContext
from sqlalchemy.ext.asyncio import create_async_engine

from subgraphs.playback.models.tables import Model
from subgraphs.playback.service import Entitlement, Heartbeat, PlayableRights, TitleRights
from subgraphs.shared.identity import ANONYMOUS
from subgraphs.shared.values import MaturityRating, Tier
from tests.subgraphs.playback.conftest import NOW, PlaybackWorld, make_viewer
from tests.support.servers import DatabaseFactory

PLAYABLE = PlayableRights("playable-1", "FEATURE", 600, MaturityRating.U)
TITLE = TitleRights("title-1", 5, published=True, required_tier=Tier.FREE, playables=[PLAYABLE])


async def reason(world: PlaybackWorld, playable_id: str = "playable-1") -> str:
    return str((await world.access(ANONYMOUS, playable_id))["reason"])


async def test_the_highest_version_of_a_title_wins_however_it_comes(world: PlaybackWorld) -> None:
    newer = replace(TITLE, version=6, required_tier=Tier.PREMIUM)

    await world.batches.project_titles([newer, TITLE])
    await world.batches.project_titles([TITLE])
    await world.batches.project_titles([newer, newer])

    assert await reason(world) == "LOGIN_REQUIRED"


async def test_a_late_event_does_not_bring_an_unpublished_title_back(world: PlaybackWorld) -> None:
    await world.batches.project_titles([replace(TITLE, version=6, published=False)])
    await world.batches.project_titles([TITLE])

    entity = await world.entity(ANONYMOUS, "title-1", "access { reason }", type_name="Title")
    assert entity == {"access": {"reason": "NOT_AVAILABLE"}}


async def test_a_playable_that_left_its_title_plays_no_more(world: PlaybackWorld) -> None:
    second = replace(PLAYABLE, playable_id="playable-2")
    await world.batches.project_titles([replace(TITLE, playables=[PLAYABLE, second])])
    await world.batches.project_titles([replace(TITLE, version=6, playables=[second])])

    query = "query($r: [_Any!]!) { _entities(representations: $r) { ... on Playable { id } } }"
    references = [{"__typename": "Playable", "id": each} for each in ("playable-1", "playable-2")]
    assert (await world.ask(ANONYMOUS, query, r=references))["_entities"] == [None, {"id": "playable-2"}]


async def test_an_empty_batch_does_nothing(world: PlaybackWorld) -> None:
    await world.batches.project_titles([])
    await world.batches.project_entitlements([])
    await world.batches.persist_progress([])


async def test_the_highest_version_of_an_entitlement_wins(world: PlaybackWorld) -> None:
    film = await world.film(tier=Tier.PREMIUM)
    viewer = make_viewer()
    assert viewer.user_id is not None
    premium = Entitlement(viewer.user_id, Tier.PREMIUM, None, 2)

    await world.batches.project_entitlements([replace(premium, tier=Tier.FREE, version=1), premium])
    await world.batches.project_entitlements([replace(premium, tier=Tier.FREE, version=1)])
    granted = await world.access(viewer, film.playable_id)
    await world.batches.project_entitlements([replace(premium, tier=Tier.FREE, version=3)])
    revoked = await world.access(viewer, film.playable_id)

    assert (granted["reason"], revoked["reason"]) == ("SUBSCRIPTION", "UPGRADE_REQUIRED")


async def test_durable_progress_keeps_the_newest_position_and_watched_for_ever(world: PlaybackWorld) -> None:
    viewer = make_viewer()
    film = await world.film(duration_seconds=100)
    assert viewer.profile_id is not None
    first = Heartbeat(viewer.profile_id, film.title_id, film.playable_id, 95, 100, NOW)
    later = replace(first, position_seconds=20, at=NOW + timedelta(minutes=1))

    await world.batches.persist_progress([later, first])
    await world.batches.persist_progress([first])

    progress = await world.progress(viewer, film.playable_id)
    assert (progress["positionSeconds"], progress["watched"]) == (20, True)
    assert progress["updatedAt"] == later.at.isoformat()


async def test_migrations_and_models_agree(make_database: DatabaseFactory) -> None:
    database = await make_database("playback")
    engine = create_async_engine(database.url)

    def differences(connection: sa.Connection) -> list[object]:
        # The kernel makes the outbox, and knows its table.
        options = {"compare_type": True, "include_name": lambda name, kind, _: (kind, name) != ("table", "outbox")}
        context = MigrationContext.configure(connection, opts=options)
        found: list[object] = compare_metadata(context, Model.metadata)
        return [each for each in found if "alembic_version" not in str(each)]

    async with engine.connect() as connection:
        found = await connection.run_sync(differences)
    await engine.dispose()

    assert found == []
    assert (Path(__file__).parents[3] / "subgraphs/playback/migrations/versions").is_dir()
