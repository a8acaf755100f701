"""A new key for personal data takes over everything that an old one sealed, in pieces, whoever stops in between."""

from collections.abc import AsyncIterator
from typing import Any

import pytest
import sqlalchemy as sa

from subgraphs.shared.postgres import Database
from subgraphs.users.config import WorkerSettings
from subgraphs.users.models import Model
from subgraphs.users.service import Resealed, UsersBatches, open_service
from subgraphs.users.service.crypto import PersonalData, make_key
from subgraphs.users.service.privacy import grievances
from subgraphs.users.service.resealing import SEALED, reseal
from tests.workers.conftest import MovableClock
from tests.workers.person import Person, personal_of, seed_account
from workers.config import Settings
from workers.relay import relay_pending
from workers.resealing import lines_of
from workers.services import Services

_PEOPLE = 3


@pytest.fixture(name="rotated")
async def _rotated(services: Services, worker_settings: Settings, clock: MovableClock) -> WorkerSettings:
    """Settings with a new key in front, after people left sealed values of every kind under the old one."""
    personal = personal_of(worker_settings)
    for _ in range(_PEOPLE):
        await seed_account(Person(), services, worker_settings, now=clock())
    async with services.outboxes["users"].writing() as session:
        ids = (await session.execute(sa.text("SELECT id FROM grievances"))).scalars().all()
        for grievance_id in ids:
            await grievances.decide(session, grievance_id, "Upheld.", sealer=personal, now=clock())
    await relay_pending(services)
    keys = f"{make_key('k2')},{worker_settings.personal_data_keys}"
    return WorkerSettings(**worker_settings.model_copy(update={"personal_data_keys": keys}).model_dump())


@pytest.fixture(name="users")
async def _users(rotated: WorkerSettings, clock: MovableClock) -> AsyncIterator[UsersBatches]:
    async with open_service(rotated, clock=clock) as users:
        yield users


async def under_the_old_key(database: Database) -> dict[str, int]:
    """Return how many values of each text column begin with the old key's id; the outbox and its kin are not asked."""
    found: dict[str, int] = {}
    async with database.reading() as session:
        for table in Model.metadata.sorted_tables:
            for column in (each for each in table.columns if isinstance(each.type, sa.Text)):
                statement = sa.select(sa.func.count()).where(column.startswith("k1."))
                count = (await session.execute(statement)).scalar_one()
                found |= {f"{table.name}.{column.name}": count} if count else {}
    return found


@pytest.mark.requirement("NFR-SEC-004")
async def test_every_sealed_column_is_moved_and_the_old_key_can_go(
    services: Services, rotated: WorkerSettings, users: UsersBatches
) -> None:
    database = services.outboxes["users"]
    before = await under_the_old_key(database)

    moved = await users.reseal()
    again = await users.reseal()

    only_new = PersonalData(rotated.personal_data_keys.partition(",")[0], lookup_key=rotated.personal_data_lookup_key)
    assert set(before) == {column.name for column in SEALED}
    assert moved == {name: Resealed(moved=count) for name, count in before.items()}
    assert set(again.values()) == {Resealed()}
    assert await under_the_old_key(database) == {}
    assert lines_of(moved)[-1] == "Everything is under one key."
    async with database.reading() as session:
        for column in SEALED:
            for row in (await session.execute(sa.select(column.table))).scalars():
                assert only_new.open(getattr(row, column.column), purpose=column.purpose(getattr(row, column.key)))


async def test_who_stops_in_the_middle_goes_on_there(
    services: Services, rotated: WorkerSettings, users: UsersBatches
) -> None:
    database = services.outboxes["users"]
    sealer = PersonalData(rotated.personal_data_keys, lookup_key=rotated.personal_data_lookup_key)
    phones = "phone_numbers.sealed_number"

    counts: list[Any] = []
    for _ in range(_PEOPLE + 1):
        done = await reseal(database, sealer=sealer, most_batches=1, batch_size=1)
        counts.append(done[phones].moved)

    assert counts == [1] * _PEOPLE + [0]


async def test_values_that_no_key_opens_are_left_counted_and_in_nobodys_way(
    services: Services, rotated: WorkerSettings, users: UsersBatches
) -> None:
    database = services.outboxes["users"]
    async with database.writing() as session:
        lost = "UPDATE phone_numbers SET sealed_number = 'gone.AAAA' WHERE user_id = (SELECT min(user_id::text)::uuid "
        await session.execute(sa.text(f"{lost} FROM phone_numbers)"))
    sealer = PersonalData(rotated.personal_data_keys, lookup_key=rotated.personal_data_lookup_key)

    done = await reseal(database, sealer=sealer, batch_size=1)

    assert done["phone_numbers.sealed_number"] == Resealed(moved=_PEOPLE - 1, lost=1)
    assert lines_of(done)[-1] == "1 values open with no key: bring theirs back."
