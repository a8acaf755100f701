"""From the outboxes to the consumers: at least once, to everyone, one topic not waiting for another."""

from collections.abc import Sequence
from typing import Any, ClassVar
from uuid import uuid4

import pytest
import sqlalchemy as sa

from subgraphs.shared.events import Event
from subgraphs.shared.ids import encode_id
from subgraphs.shared.outbox import outbox_table, pending_events
from subgraphs.shared.privacy import DataSubject
from subgraphs.users.events import ConsentChanged, ConsentPurpose
from tests.workers.conftest import NOW, put_into_outbox
from workers.relay import relay_batch, relay_pending
from workers.routing import Route
from workers.services import Services


class Counted(Event):
    """A test's event."""

    topic: ClassVar[str] = "test.counted"
    number: int


class Other(Event):
    """Another one."""

    topic: ClassVar[str] = "test.other"


class Recorder:
    """A consumer that remembers, and fails when told to."""

    def __init__(self) -> None:
        self.batches: list[list[int]] = []
        self.fails = False

    async def __call__(self, _services: Services, events: Sequence[Any]) -> None:
        if self.fails:
            raise RuntimeError("cannot take it")
        self.batches.append([event.number for event in events])


def routes(*consumers: Recorder) -> dict[str, Route]:
    return {Counted.topic: Route(Counted, {str(number): each for number, each in enumerate(consumers)})}


def counted(*numbers: int) -> list[Counted]:
    return [Counted(occurred_at=NOW, number=number) for number in numbers]


async def relayed_at(services: Services) -> list[Any]:
    async with services.outboxes["catalog"].reading() as session:
        return list(
            (await session.execute(sa.select(outbox_table.c.relayed_at).order_by(outbox_table.c.position))).scalars()
        )


async def test_every_consumer_gets_every_event_once_in_order(services: Services) -> None:
    first, second = Recorder(), Recorder()
    await put_into_outbox(services, "catalog", *counted(1, 2, 3))

    relayed = await relay_pending(services, routes=routes(first, second))
    again = await relay_pending(services, routes=routes(first, second))

    assert (relayed, again) == (3, 0)
    assert first.batches == second.batches == [[1, 2, 3]]
    assert await relayed_at(services) == [NOW] * 3


async def test_what_a_consumer_cannot_take_comes_again_to_all(services: Services) -> None:
    healthy, broken = Recorder(), Recorder()
    broken.fails = True
    await put_into_outbox(services, "catalog", *counted(1), Other(occurred_at=NOW))

    first = await relay_pending(services, routes=routes(healthy, broken))
    broken.fails = False
    second = await relay_pending(services, routes=routes(healthy, broken))

    assert (first, second) == (1, 1)  # the other topic did not wait
    assert healthy.batches == [[1], [1]]
    assert broken.batches == [[1]]


async def test_what_is_not_understood_stays_and_keeps_nobody_waiting(services: Services) -> None:
    consumer = Recorder()
    await put_into_outbox(services, "catalog", Other(occurred_at=NOW))
    async with services.outboxes["catalog"].writing() as session:
        await session.execute(sa.update(outbox_table).values(topic=Counted.topic))
    await put_into_outbox(services, "billing", *counted(1))

    assert await relay_pending(services, routes=routes(consumer)) == 1
    assert consumer.batches == [[1]]
    assert await relayed_at(services) == [None]


async def test_one_event_that_is_not_understood_keeps_no_other_of_its_topic_waiting(services: Services) -> None:
    consumer = Recorder()
    await put_into_outbox(services, "catalog", *counted(1), Other(occurred_at=NOW), *counted(2))
    async with services.outboxes["catalog"].writing() as session:
        await session.execute(sa.update(outbox_table).values(topic=Counted.topic))

    first = await relay_pending(services, routes=routes(consumer))
    again = await relay_pending(services, routes=routes(consumer))

    assert (first, again) == (2, 0)
    assert consumer.batches == [[1, 2]]
    assert await relayed_at(services) == [NOW, None, NOW]


async def test_two_relays_never_deliver_the_same_rows_at_once(services: Services) -> None:
    consumer = Recorder()
    await put_into_outbox(services, "catalog", *counted(1, 2))
    database = services.outboxes["catalog"]

    async with database.writing() as session:
        held = await pending_events(session, limit=1)
        meanwhile = await relay_batch(database, services, routes=routes(consumer))

    assert [event.payload["number"] for event in held] == [1]
    assert meanwhile == 1
    assert consumer.batches == [[2]]


async def test_more_than_a_batch_is_relayed_in_batches(services: Services, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("workers.relay.BATCH_SIZE", 2)
    consumer = Recorder()
    await put_into_outbox(services, "catalog", *counted(1, 2, 3, 4, 5))

    assert await relay_pending(services, most_batches=2, routes=routes(consumer)) == 4
    assert await relay_pending(services, most_batches=2, routes=routes(consumer)) == 1
    assert consumer.batches == [[1, 2], [3, 4], [5]]


async def test_a_consent_to_targeted_ads_reaches_ads_and_no_other_consent_does(services: Services) -> None:
    asha, vikram = (encode_id("User", uuid4()) for _ in range(2))

    def decided(user_id: str, purpose: ConsentPurpose, *, granted: bool) -> ConsentChanged:
        return ConsentChanged(occurred_at=NOW, user_id=user_id, purpose=purpose, granted=granted, version="1")

    await put_into_outbox(
        services,
        "users",
        decided(asha, ConsentPurpose.TARGETED_ADS, granted=True),
        decided(asha, ConsentPurpose.ANALYTICS, granted=False),
        decided(vikram, ConsentPurpose.MARKETING_EMAIL, granted=True),
    )

    await relay_pending(services)

    kept = [(await services.ads.export_account(DataSubject(each, ())))["ads_targeting"] for each in (asha, vikram)]
    assert kept == [[{"granted": True, "decided_at": NOW.isoformat()}], []]
