"""What the tables of accounts refuse, whoever writes to them."""

from datetime import UTC, datetime
from uuid import uuid4

import pytest
from sqlalchemy.exc import IntegrityError

from subgraphs.shared.postgres import Database
from subgraphs.users.models import Profile, User

NOW = datetime(2026, 3, 1, tzinfo=UTC)


def account(email: str) -> User:
    return User(id=uuid4(), email=email, password_hash="x", roles=["USER"], locale="en", created_at=NOW)


@pytest.mark.requirement("IN-DB-01")
async def test_an_address_belongs_to_one_account(database: Database) -> None:
    async with database.writing() as session:
        session.add(account("asha@example.com"))

    with pytest.raises(IntegrityError) as refused:
        async with database.writing() as session:
            session.add(account("asha@example.com"))

    assert "uq_users_email" in str(refused.value.orig)


@pytest.mark.requirement("IN-DB-02")
async def test_a_profile_belongs_to_an_account(database: Database) -> None:
    profile = Profile(id=uuid4(), user_id=uuid4(), name="Asha", language="en", audio_languages=["en"], created_at=NOW)

    with pytest.raises(IntegrityError) as refused:
        async with database.writing() as session:
            session.add(profile)

    assert "fk_profiles_user_id" in str(refused.value.orig)
