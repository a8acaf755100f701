"""The demo people: complete, the same everywhere, and usable."""

from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest
from joserfc.jwk import RSAKey

from stack.seed.accounts import DEMO_PASSWORD, DEMO_PEOPLE, demo_logins, demo_viewer, seed_accounts
from subgraphs.billing import config as billing_config
from subgraphs.billing.app import create_app as create_billing
from subgraphs.shared.graphql.app import SubgraphApp
from subgraphs.shared.identity import ANONYMOUS, Viewer
from subgraphs.shared.outbox import pending_events
from subgraphs.shared.postgres import Database
from subgraphs.users import config as users_config
from subgraphs.users.app import create_app as create_users
from subgraphs.users.models import Role
from subgraphs.users.service.passwords import password_faults
from tests.support.servers import DatabaseFactory

NOW = datetime(2026, 3, 1, 9, 30, tzinfo=UTC)

LOGIN = """
mutation ($input: LoginInput!) { login(input: $input) {
  ... on AuthTokens { account { id roles profiles { id name language isKids maturityLimit } } profile { id } }
} }"""
SUBSCRIPTION = """
query ($id: ID!) {
  _entities(representations: [{__typename: "User", id: $id}]) {
    ... on User { daysLeft subscription { plan { code } } }
  }
}"""


@pytest.fixture
async def users(make_database: DatabaseFactory, redis_url: str, tmp_path: Path) -> users_config.Settings:
    key_file = tmp_path / "key.pem"
    key_file.write_bytes(RSAKey.generate_key(2048).as_pem(private=True))
    database = await make_database("users")
    return users_config.Settings(
        database_url=database.server_url,
        users_database=database.name,
        mongodb_url="mongodb://127.0.0.1:1/",
        redis_url=redis_url,
        viewer_context_key="k" * 32,
        media_signing_key="m" * 32,
        personal_data_keys=f"k1:{'a' * 43}=",
        personal_data_lookup_key="l" * 32,
        access_token_key_file=key_file,
        password_hash_cost=4,
    )


@pytest.fixture
async def billing(make_database: DatabaseFactory) -> billing_config.Settings:
    database = await make_database("billing")
    return billing_config.Settings(
        database_url=database.server_url,
        billing_database=database.name,
        mongodb_url="mongodb://127.0.0.1:1/",
        redis_url="redis://127.0.0.1:1/0",
        viewer_context_key="k" * 32,
        media_signing_key="m" * 32,
    )


async def subscription(app: SubgraphApp, user_id: str) -> tuple[str | None, int | None]:
    response = await app.execute_as(Viewer(user_id=user_id), SUBSCRIPTION, variables={"id": user_id})
    user = response["data"]["_entities"][0]
    return user["subscription"] and user["subscription"]["plan"]["code"], user["daysLeft"]


async def test_every_demo_person_can_sign_in_and_has_the_plan(
    users: users_config.Settings, billing: billing_config.Settings
) -> None:
    added = await seed_accounts(users, billing, clock=lambda: NOW)

    assert added == len(DEMO_PEOPLE) == 12
    users_app, billing_app = create_users(users, clock=lambda: NOW), create_billing(billing, clock=lambda: NOW)
    async with users_app.running(), billing_app.running():
        for person, (email, password, _description) in zip(DEMO_PEOPLE, demo_logins(), strict=True):
            credentials = {"input": {"email": email, "password": password}}
            login = (await users_app.execute_as(ANONYMOUS, LOGIN, variables=credentials))["data"]["login"]

            assert login["account"]["id"] == person.global_id
            assert login["account"]["roles"] == [role.value for role in person.roles]
            assert [profile["id"] for profile in login["account"]["profiles"]] == [
                profile.global_id for profile in person.profiles
            ]
            assert login["profile"]["id"] == person.profiles[0].global_id
            assert (await subscription(billing_app, person.global_id))[0] == person.plan
        days_left = [(await subscription(billing_app, person.global_id))[1] for person in DEMO_PEOPLE[:5]]
    assert days_left == [None, 20, 50, 265, 345]


async def test_seeding_again_adds_and_announces_nothing(
    users: users_config.Settings, billing: billing_config.Settings
) -> None:
    await seed_accounts(users, billing, clock=lambda: NOW)

    again = await seed_accounts(users, billing, clock=lambda: NOW + timedelta(days=1))

    database = Database(billing.database_url, billing.billing_database)
    async with database.writing() as session:
        events = await pending_events(session, limit=100)
    await database.close()
    assert again == 0
    told = sorted((event.payload["user_id"], event.topic) for event in events)
    assert told == sorted(
        (person.global_id, topic)
        for person in DEMO_PEOPLE
        if person.plan
        for topic in ("billing.entitlement_changed", "billing.subscription_changed")
    )


def test_there_is_one_for_each_role_and_plan() -> None:
    assert {role for person in DEMO_PEOPLE for role in person.roles} == set(Role)
    assert {person.plan for person in DEMO_PEOPLE} == {None, "monthly", "quarterly", "annual"}


def test_the_family_has_a_hindi_and_a_kids_profile_among_four() -> None:
    family = next(person for person in DEMO_PEOPLE if person.key == "family")

    assert len(family.profiles) == 4
    assert sum(profile.language == "hi" for profile in family.profiles) == 1
    assert sum(profile.is_kids for profile in family.profiles) == 1


def test_the_password_says_what_it_is_and_keeps_the_policy() -> None:
    assert DEMO_PASSWORD.startswith("Demo-")
    assert password_faults(DEMO_PASSWORD) == []
    assert all(email.endswith(".example") for email, _password, _description in demo_logins())


def test_a_demo_token_is_for_the_stored_person() -> None:
    family = next(person for person in DEMO_PEOPLE if person.key == "family")

    subject = demo_viewer("family")

    assert subject.user_id == family.user_id
    assert subject.profile is not None
    assert subject.profile.profile_id == family.profiles[0].profile_id
