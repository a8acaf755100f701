"""The audit log: what an entry holds, and that it stays as it was written."""

from datetime import timedelta
from uuid import UUID, uuid4

import pytest
import sqlalchemy as sa
from sqlalchemy.exc import DBAPIError

from subgraphs.shared.ids import encode_id
from subgraphs.shared.postgres import Database
from subgraphs.users.models import AuditAction, AuditOutcome
from subgraphs.users.repository.audit import AuditFilter, entries, remove_before
from subgraphs.users.service import audit
from subgraphs.users.service.audit import Change, Origin
from tests.subgraphs.users.conftest import TurnedClock
from tests.subgraphs.users.support import CREATE_PROFILE, DELETE_PROFILE, UPDATE_PROFILE, Client

EVERYTHING = AuditFilter()


async def test_an_entry_says_who_did_what_to_whom_from_where(database: Database, clock: TurnedClock) -> None:
    actor, subject = uuid4(), encode_id("User", uuid4())
    origin = Origin(actor_id=actor, ip_hash="2026-03.abc", correlation_id="c-1")

    async with database.writing() as session:
        await audit.record(
            session,
            AuditAction.USER_ROLES_SET,
            origin=origin,
            now=clock(),
            subject=subject,
            changes=[Change("roles", "USER", "USER CREATOR")],
        )

    async with database.reading() as session:
        [entry] = await entries(session, EVERYTHING, before=None, limit=10)
    assert (entry.action, entry.outcome, entry.reason) == ("admin.user_roles_set", AuditOutcome.SUCCESS, None)
    assert (entry.actor_id, entry.subject_id, entry.at) == (actor, subject, clock())
    assert (entry.ip_hash, entry.correlation_id) == ("2026-03.abc", "c-1")
    assert entry.changes == [{"field": "roles", "before": "USER", "after": "USER CREATOR"}]


@pytest.mark.requirement("NFR-SEC-006")
@pytest.mark.parametrize(
    "statement", ["UPDATE audit_entries SET reason = 'x'", "DELETE FROM audit_entries", "TRUNCATE audit_entries"]
)
async def test_the_database_itself_keeps_entries_as_they_are(
    database: Database, clock: TurnedClock, statement: str
) -> None:
    async with database.writing() as session:
        await audit.record(session, AuditAction.LOGIN, origin=Origin(), now=clock(), failure="INVALID_CREDENTIALS")

    with pytest.raises(DBAPIError, match="audit entries are only added"):
        async with database.writing() as session:
            await session.execute(sa.text(statement))

    async with database.reading() as session:
        [entry] = await entries(session, EVERYTHING, before=None, limit=10)
    assert (entry.outcome, entry.reason) == (AuditOutcome.FAILURE, "INVALID_CREDENTIALS")


async def test_retention_removes_the_oldest_and_nothing_else(database: Database, clock: TurnedClock) -> None:
    async with database.writing() as session:
        for _ in range(3):
            await audit.record(session, AuditAction.LOGIN, origin=Origin(), now=clock())
            clock.turn(timedelta(days=200))
    cutoff = clock() - timedelta(days=365)

    async with database.writing() as session:
        first = await remove_before(session, cutoff, limit=1)
        second = await remove_before(session, cutoff, limit=10)

    assert (first, second) == (1, 1)
    async with database.reading() as session:
        left = await entries(session, EVERYTHING, before=None, limit=10)
    assert [entry.at for entry in left] == [clock() - timedelta(days=200)]


@pytest.mark.requirement("FF-05", "NFR-SEC-006")
async def test_what_is_done_to_profiles_is_in_the_log(client: Client) -> None:
    viewer = await client.newcomer()
    created = await client.run(CREATE_PROFILE, viewer, input={"name": "Mini"})
    profile_id = created["data"]["profileCreate"]["profile"]["id"]
    await client.run(UPDATE_PROFILE, viewer, id=profile_id, input={"name": "Maxi"})
    await client.run(DELETE_PROFILE, viewer, id=profile_id)

    rows = await client.sql(
        "SELECT action, outcome, subject_id, actor_id::text FROM audit_entries WHERE action LIKE 'profile.%' ORDER BY 1"
    )

    assert [(row["action"], row["outcome"], row["subject_id"]) for row in rows] == [
        ("profile.create", "SUCCESS", profile_id),
        ("profile.delete", "SUCCESS", profile_id),
        ("profile.update", "SUCCESS", profile_id),
    ]
    assert {encode_id("User", UUID(row["actor_id"])) for row in rows} == {viewer.user_id}
    assert "Mini" not in str(await client.sql("SELECT * FROM audit_entries"))
