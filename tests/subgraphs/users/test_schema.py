"""The viewer, and accounts and profiles as entities."""

from uuid import UUID

import asyncpg
import pytest
from alembic.autogenerate import compare_metadata
from alembic.migration import MigrationContext
from sqlalchemy.ext.asyncio import create_async_engine

from subgraphs.shared.identity import Viewer
from subgraphs.shared.ids import encode_id
from subgraphs.shared.telemetry import count_statements
from subgraphs.users.config import Settings
from subgraphs.users.models import Model
from tests.subgraphs.users.support import ENTITIES, Client
from tests.support.servers import DatabaseFactory

VIEWER = "{ viewer { isAnonymous country locale account { id email profiles { name } } profile { id name } } }"


async def test_an_anonymous_viewer_has_a_country_and_a_language(client: Client) -> None:
    with count_statements() as statements:
        response = await client.run(VIEWER, Viewer(country="NP", accept_locale="hi-IN"))

    assert response == {
        "data": {"viewer": {"isAnonymous": True, "country": "NP", "locale": "hi-IN", "account": None, "profile": None}}
    }
    assert statements == {}


async def test_the_viewer_sees_account_and_active_profile_in_one_statement_and_all_profiles_in_another(
    client: Client, settings: Settings
) -> None:
    viewer = await client.newcomer()

    with count_statements() as statements:
        response = await client.run(VIEWER, viewer)

    assert response == {
        "data": {
            "viewer": {
                "isAnonymous": False,
                "country": "IN",
                "locale": "en",
                "account": {"id": viewer.user_id, "email": "asha@example.com", "profiles": [{"name": "asha"}]},
                "profile": {"id": viewer.profile_id, "name": "asha"},
            }
        }
    }
    assert statements == {f"postgres:{settings.users_database}": 2}


async def test_only_the_own_account_and_profiles_resolve_in_order_in_one_statement_each(
    client: Client, settings: Settings
) -> None:
    other = await client.newcomer("ravi@example.com")
    viewer = await client.newcomer()
    own_user = {"__typename": "User", "id": viewer.user_id}
    own_profile = {"__typename": "Profile", "id": viewer.profile_id}
    representations = [
        own_profile,
        {"__typename": "User", "id": other.user_id},
        own_user,
        {"__typename": "Profile", "id": other.profile_id},
        {"__typename": "Profile", "id": viewer.user_id},
        {"__typename": "Profile", "id": "nonsense"},
        {"__typename": "User", "id": encode_id("User", UUID(int=0))},
        own_user,
        own_profile,
    ]

    with count_statements() as statements:
        response = await client.run(ENTITIES, viewer, representations=representations)

    user = {**own_user, "email": "asha@example.com"}
    profile = {**own_profile, "name": "asha"}
    assert response == {"data": {"_entities": [profile, None, user, None, None, None, None, user, profile]}}
    assert statements == {f"postgres:{settings.users_database}": 2}


async def test_anonymous_viewers_resolve_no_account_and_cost_no_statement(client: Client) -> None:
    owner = await client.newcomer()
    representations = [{"__typename": "User", "id": owner.user_id}, {"__typename": "Profile", "id": owner.profile_id}]

    with count_statements() as statements:
        response = await client.run(ENTITIES, representations=representations)

    assert response == {"data": {"_entities": [None, None]}}
    assert statements == {}


async def test_an_unknown_type_is_an_error_at_its_place(client: Client) -> None:
    viewer = await client.newcomer()
    representations = [{"__typename": "Movie", "id": "x"}, {"__typename": "User", "id": viewer.user_id}]

    response = await client.run(ENTITIES, viewer, representations=representations)

    assert response["data"]["_entities"] == [
        None,
        {"__typename": "User", "id": viewer.user_id, "email": "asha@example.com"},
    ]
    assert [error["path"] for error in response["errors"]] == [["_entities", 0]]


async def test_migrations_and_models_agree(make_database: DatabaseFactory) -> None:
    database = await make_database("users")
    engine = create_async_engine(database.url)

    async with engine.connect() as connection:
        differences = await connection.run_sync(
            lambda sync: compare_metadata(
                MigrationContext.configure(sync, opts={"include_name": _is_not_outbox}), Model.metadata
            )
        )
    await engine.dispose()

    assert differences == []


async def test_the_database_itself_refuses_an_address_in_upper_case(make_database: DatabaseFactory) -> None:
    database = await make_database("users")
    connection = await asyncpg.connect(f"{database.server_url}/{database.name}")
    insert = "INSERT INTO users VALUES (gen_random_uuid(), $1, false, '', 'ACTIVE', '{}', 'en', null, now(), null)"

    await connection.execute(insert, "a@example.com")
    with pytest.raises(asyncpg.CheckViolationError, match="ck_users_email_is_lower_case"):
        await connection.execute(insert, "A@example.com")
    await connection.close()


def _is_not_outbox(name: str | None, kind: str, _parents: object) -> bool:
    """The kernel owns that table."""
    return not (kind == "table" and name == "outbox")
