"""Turns of the worker: an idle platform costs one look each, what comes is found, and ending cuts nothing short."""

import asyncio
from collections.abc import Callable
from typing import Any

import pytest
import sqlalchemy as sa

from subgraphs.activity.config import ENGAGEMENT_STREAM
from subgraphs.catalog.service.writing import store_titles
from subgraphs.playback.config import HEARTBEAT_STREAM
from subgraphs.shared.outbox import outbox_table
from subgraphs.shared.streams import append
from subgraphs.shared.telemetry import count_statements
from subgraphs.users.config import WorkerSettings
from subgraphs.users.events import MailKind, MailRequested
from subgraphs.users.service import open_service as open_users
from tests.subgraphs.catalog.support import movie
from tests.workers.conftest import NOW, MovableClock, put_into_outbox, title_changed
from tests.workers.test_publishing import schedule
from workers import turns
from workers.config import Settings
from workers.runtime import WorkerRuntime
from workers.services import Services
from workers.turns import OUTBOXES, UNFINISHED_EVERY, Streams, TakingTurns, Turn, all_turns

_PATIENCE_SECONDS = 30


def turn(name: str) -> Turn:
    return next(each for each in all_turns() if each.name == name)


async def never(_services: Services) -> None:
    await asyncio.Event().wait()


async def always(_services: Services) -> bool:
    return True


async def until(holds: Callable[[], Any]) -> None:
    async with asyncio.timeout(_PATIENCE_SECONDS):
        while not await holds():  # noqa: ASYNC110  # a store says nothing when a row changes
            await asyncio.sleep(0.02)


class TestLooks:
    """One statement each, which finds exactly what is there."""

    @pytest.mark.parametrize("outbox", OUTBOXES)
    async def test_an_event_is_found_until_it_was_relayed(self, services: Services, outbox: str) -> None:
        relaying = turn(f"relay {outbox}")
        await relaying.look(services)  # connects

        with count_statements() as statements:
            before = await relaying.look(services)
        await put_into_outbox(services, outbox, title_changed())
        found = await relaying.look(services)
        await relaying.work(services)

        assert (before, found, await relaying.look(services)) == (False, True, False)
        assert statements == {f"postgres:{services.outboxes[outbox].name}": 1}

    async def test_one_turn_relays_more_than_one_call_does(
        self, services: Services, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        for name, value in (("turns._BATCHES_AT_ONCE", 2), ("turns.RELAYED_AT_ONCE", 1), ("relay.BATCH_SIZE", 1)):
            monkeypatch.setattr(f"workers.{name}", value)
        relaying = turn("relay catalog")
        await put_into_outbox(services, "catalog", *(title_changed(f"movie-{number}") for number in range(5)))

        await relaying.work(services)

        assert not await relaying.look(services)

    async def test_a_scheduled_title_is_found_when_its_moment_comes(
        self, services: Services, clock: MovableClock
    ) -> None:
        editors = turn("editors")
        async with services.outboxes["catalog"].writing() as session:
            await store_titles(session, [movie("Known")], now=NOW)  # brings the genre
        await schedule(services, "One")

        with count_statements() as statements:
            early = await editors.look(services)
        clock.advance(hours=1)
        due = await editors.look(services)
        await editors.work(services)

        assert (early, due, await editors.look(services)) == (False, True, False)
        assert statements == {f"postgres:{services.outboxes['catalog'].name}": 1}

    async def test_a_letter_is_found_when_it_is_due_and_when_whoever_had_it_in_hand_is_gone(
        self, services: Services, worker_settings: Settings, clock: MovableClock
    ) -> None:
        settings = WorkerSettings(**worker_settings.model_dump() | {"smtp_url": "smtp://127.0.0.1:1"})
        letter = MailRequested(
            occurred_at=NOW,
            kind=MailKind.PASSWORD_CHANGED,
            user_id=None,
            email="somebody@example.com",
            locale="en",
            dedup_key="one",
            data={"at": NOW.isoformat()},
        )

        async with open_users(settings, clock=clock) as users:
            nothing = await users.mails_wait()
            await users.accept_mails([letter])
            due = await users.mails_wait()
            await users.deliver_mails()
            put_off = await users.mails_wait()
            async with services.outboxes["users"].writing() as session:
                await session.execute(sa.text("UPDATE mails SET status = 'SENDING', claimed_at = :now"), {"now": NOW})
            in_hand = await users.mails_wait()
            clock.advance(hours=2)
            with count_statements() as statements:
                abandoned = await users.mails_wait()

        assert (nothing, due, put_off, in_hand, abandoned) == (False, True, False, False, True)
        assert statements == {f"postgres:{services.outboxes['users'].name}": 1}
        assert not await services.users.mails_wait()  # no mail server, nothing to do

    async def test_entries_are_read_when_others_came_and_those_unfinished_after_a_while(
        self, services: Services, clock: MovableClock
    ) -> None:
        streams = Streams()

        first = await streams.look(services)
        with count_statements() as statements:
            again = await streams.look(services)
        await append(services.streams, HEARTBEAT_STREAM, {"odd": True})
        one_more = await streams.look(services)
        await append(services.streams, ENGAGEMENT_STREAM, {"odd": True})
        on_the_other = await streams.look(services)
        clock.advance(seconds=UNFINISHED_EVERY.total_seconds() - 1)
        still = await streams.look(services)
        clock.advance(seconds=1)

        assert (first, again, one_more, on_the_other, still) == (True, False, True, True, False)
        assert await streams.look(services)
        assert statements == {"redis": 1}


class TestTaking:
    """Turns follow each other; a fault or the end of the worker loses none."""

    async def test_an_event_is_relayed_because_it_is_told_not_because_time_passed(
        self, services: Services, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        monkeypatch.setattr(turns, "UNTOLD_SECONDS", 3600.0)
        taking = TakingTurns(services)
        looked = asyncio.Event()
        relaying = turn("relay catalog")

        async def rest(services: Services) -> None:
            looked.set()
            await relaying.rest(services)

        async def is_relayed() -> bool:
            async with services.outboxes["catalog"].reading() as session:
                relayed = await session.execute(sa.select(outbox_table.c.relayed_at))
                return relayed.scalar_one() is not None

        taking.start([Turn(relaying.name, relaying.look, relaying.work, rest)])
        async with asyncio.timeout(_PATIENCE_SECONDS):
            await looked.wait()
        await put_into_outbox(services, "catalog", title_changed())
        await until(is_relayed)
        await taking.end()

    async def test_what_fails_is_tried_again_and_keeps_no_other_turn(
        self, services: Services, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        monkeypatch.setattr(turns, "_AFTER_FAILURE_SECONDS", 0.0)
        tries: list[str] = []
        done = asyncio.Event()

        async def fails_twice(_services: Services) -> None:
            tries.append("work")
            if len(tries) == 3:
                done.set()
                return
            raise LookupError("nothing there")

        taking = TakingTurns(services)
        taking.start([Turn("faulty", always, fails_twice, never)])
        async with asyncio.timeout(_PATIENCE_SECONDS):
            await done.wait()
        await taking.end()

        assert tries == ["work"] * 3

    async def test_ending_waits_for_work_and_for_no_rest(self, services: Services) -> None:
        started, may_go_on = asyncio.Event(), asyncio.Event()
        finished: list[str] = []

        async def work(_services: Services) -> None:
            started.set()
            await may_go_on.wait()
            finished.append("work")

        async def nothing(_services: Services) -> None:
            finished.append("rested")

        taking = TakingTurns(services)
        taking.start([Turn("slow", always, work, never), Turn("resting", always, nothing, never)])
        await started.wait()
        ending = asyncio.create_task(taking.end())
        await asyncio.sleep(0)
        cut_short = ending.done()
        may_go_on.set()
        async with asyncio.timeout(_PATIENCE_SECONDS):
            await ending

        assert not cut_short
        assert sorted(finished) == ["rested", "work"]

    async def test_the_runtime_takes_turns_from_the_first_task_to_its_close(
        self, worker_settings: Settings, services: Services
    ) -> None:
        await put_into_outbox(services, "catalog", title_changed())
        runtime = WorkerRuntime(settings=lambda: worker_settings, turns=all_turns)

        async def nothing(_services: Services) -> None:
            return None

        async def is_known() -> bool:
            async with services.outboxes["catalog"].reading() as session:
                return (await session.execute(sa.select(outbox_table.c.relayed_at))).scalar_one() is not None

        await asyncio.to_thread(runtime.run, "one", nothing)
        await until(is_known)
        await asyncio.to_thread(runtime.close)
