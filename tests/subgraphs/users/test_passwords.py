"""Hashing: beside the event loop, bounded, and the same work for who does not exist."""

import asyncio
import os
import sys
import threading
from collections.abc import AsyncIterator

import bcrypt
import pytest

from subgraphs.shared.errors import ServiceUnavailableError
from subgraphs.users.config import Settings
from subgraphs.users.errors import PasswordTooLongError
from subgraphs.users.service.passwords import PasswordHasher

PASSWORD = "Correct-Horse-7"


@pytest.fixture
async def hasher() -> AsyncIterator[PasswordHasher]:
    hasher = PasswordHasher(cost=4, threads=1, queue=1, longest_wait_seconds=30, longest_run_seconds=30)
    yield hasher
    hasher.close()


def test_the_cost_is_12_unless_set_otherwise() -> None:
    assert Settings.model_fields["password_hash_cost"].default == 12


async def test_a_password_belongs_to_its_own_hash_only(hasher: PasswordHasher) -> None:
    stored = await hasher.hash(PASSWORD)

    assert stored.startswith("$2b$04$")
    assert await hasher.verify(PASSWORD, stored) is True
    assert await hasher.verify(PASSWORD + " ", stored) is False


async def test_an_unknown_account_costs_a_whole_hash_and_never_matches() -> None:
    hasher = PasswordHasher(cost=5, threads=1, queue=1, longest_wait_seconds=30, longest_run_seconds=30)

    assert hasher._unknown_account.startswith("$2b$05$")
    assert bcrypt.checkpw(b"", hasher._unknown_account.encode()) is False
    assert await hasher.verify("", None) is False
    hasher.close()


async def test_one_character_typed_in_two_ways_is_one_password(hasher: PasswordHasher) -> None:
    stored = await hasher.hash("Caf\u00e9-au-7")

    assert await hasher.verify("Cafe\u0301-au-7", stored) is True


@pytest.mark.parametrize("password", ["Aa1-\x00\x00\x00", "Aa1-\ud800xyz"])
async def test_odd_characters_count_like_any_other(hasher: PasswordHasher, password: str) -> None:
    stored = await hasher.hash(password)

    assert await hasher.verify(password, stored) is True
    assert await hasher.verify(password[:-1], stored) is False


async def test_a_password_is_never_cut(hasher: PasswordHasher) -> None:
    stored = await hasher.hash("x" * 72)

    assert await hasher.verify("x" * 73, stored) is False
    with pytest.raises(PasswordTooLongError):
        await hasher.hash("x" * 73)


async def test_beyond_the_queue_sign_in_is_unavailable_and_recovers(hasher: PasswordHasher) -> None:
    outcomes = await asyncio.gather(*(hasher.hash(PASSWORD) for _ in range(4)), return_exceptions=True)

    refused = [outcome for outcome in outcomes if isinstance(outcome, ServiceUnavailableError)]
    assert len(refused) == 2
    assert await hasher.hash(PASSWORD)


async def test_nobody_waits_for_a_thread_until_the_caller_gives_up() -> None:
    hasher = PasswordHasher(cost=4, threads=1, queue=5, longest_wait_seconds=0.05, longest_run_seconds=30)
    done = threading.Event()
    slow = asyncio.ensure_future(hasher._run(lambda: done.wait(30)))
    await asyncio.sleep(0)

    outcomes = await asyncio.gather(*(hasher.hash(PASSWORD) for _ in range(3)), return_exceptions=True)
    done.set()

    assert [type(outcome) for outcome in outcomes] == [ServiceUnavailableError] * 3
    assert await slow is True
    assert await hasher.verify(PASSWORD, await hasher.hash(PASSWORD))
    hasher.close()


@pytest.mark.skipif(sys.platform != "linux", reason="threads have no priorities of their own elsewhere")
@pytest.mark.requirement("NFR-SEC-002")
async def test_hashing_yields_to_everything_else(hasher: PasswordHasher) -> None:
    own = os.getpriority(os.PRIO_PROCESS, threading.get_native_id())

    await hasher.hash(PASSWORD)

    threads = [thread.native_id for thread in threading.enumerate() if thread.name.startswith("bcrypt")]
    priorities = {os.getpriority(os.PRIO_PROCESS, thread) for thread in threads if thread is not None}
    assert priorities == {max(own, 5)}


async def test_work_that_takes_too_long_is_given_up_and_keeps_its_turn_until_it_ends() -> None:
    hasher = PasswordHasher(cost=4, threads=1, queue=1, longest_wait_seconds=0.05, longest_run_seconds=0.01)
    begun, may_end = threading.Event(), threading.Event()

    def long() -> None:
        begun.set()
        may_end.wait(20)

    with pytest.raises(ServiceUnavailableError):
        await hasher._run(long)
    assert begun.is_set()
    with pytest.raises(ServiceUnavailableError):
        await hasher._run(lambda: None)  # no thread is free yet

    may_end.set()
    async with asyncio.timeout(20):
        while hasher._running:  # noqa: ASYNC110 - a thread ends it
            await asyncio.sleep(0.005)
    hasher._longest_run_seconds = 20.0
    assert (await hasher.hash(PASSWORD)).startswith("$2b$04$")
    hasher.close()
