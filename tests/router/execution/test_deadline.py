"""A deadline ends what is late, and tells its own cancellation from others."""

import asyncio

import pytest

from router.execution.deadline import Deadline


def seconds_from_now(seconds: float) -> float:
    return asyncio.get_running_loop().time() + seconds


async def test_what_is_late_ends_with_a_timeout_and_the_task_goes_on() -> None:
    with pytest.raises(TimeoutError), Deadline(seconds_from_now(0.01)):
        await asyncio.Event().wait()

    task = asyncio.current_task()
    assert task is not None
    assert task.cancelling() == 0


async def test_what_is_in_time_is_left_alone() -> None:
    with Deadline(seconds_from_now(0.01)):
        await asyncio.sleep(0)

    await asyncio.sleep(0.02)


async def test_a_deadline_in_the_past_ends_the_first_wait() -> None:
    with pytest.raises(TimeoutError), Deadline(seconds_from_now(-1)):
        await asyncio.Event().wait()


async def test_a_cancellation_from_elsewhere_stays_one() -> None:
    entered = asyncio.Event()

    async def wait() -> None:
        with Deadline(seconds_from_now(60)):
            entered.set()
            await asyncio.Event().wait()

    task = asyncio.get_running_loop().create_task(wait())
    await entered.wait()
    task.cancel()

    with pytest.raises(asyncio.CancelledError):
        await task


async def test_the_inner_of_two_deadlines_ends_only_its_own_block() -> None:
    with Deadline(seconds_from_now(60)):
        with pytest.raises(TimeoutError), Deadline(seconds_from_now(0.01)):
            await asyncio.Event().wait()
        await asyncio.sleep(0)


async def test_another_error_in_the_block_passes() -> None:
    with pytest.raises(LookupError), Deadline(seconds_from_now(60)):
        raise LookupError
