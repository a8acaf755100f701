"""A deadline ends what is late, and tells its own cancellation from others."""

import asyncio
from collections.abc import Callable

import pytest

from router.execution.deadline import Deadline, TimeLimit

Begin = Callable[[float], Deadline]


def alone(seconds: float) -> Deadline:
    return Deadline(asyncio.get_running_loop().time() + seconds)


def among_others(seconds: float) -> Deadline:
    return TimeLimit(seconds).block()


@pytest.fixture(params=[alone, among_others])
def begin(request: pytest.FixtureRequest) -> Begin:
    found: Begin = request.param
    return found


async def test_what_is_late_ends_with_a_timeout_and_the_task_goes_on(begin: Begin) -> None:
    with pytest.raises(TimeoutError), begin(0.01):
        await asyncio.Event().wait()

    task = asyncio.current_task()
    assert task is not None
    assert task.cancelling() == 0


async def test_what_is_in_time_is_left_alone(begin: Begin) -> None:
    with begin(0.01):
        await asyncio.sleep(0)

    await asyncio.sleep(0.02)


async def test_a_deadline_in_the_past_ends_the_first_wait(begin: Begin) -> None:
    with pytest.raises(TimeoutError), begin(-1):
        await asyncio.Event().wait()


async def test_a_cancellation_from_elsewhere_stays_one(begin: Begin) -> None:
    entered = asyncio.Event()

    async def wait() -> None:
        with begin(60):
            entered.set()
            await asyncio.Event().wait()

    task = asyncio.get_running_loop().create_task(wait())
    await entered.wait()
    task.cancel()

    with pytest.raises(asyncio.CancelledError):
        await task


async def test_the_inner_of_two_deadlines_ends_only_its_own_block(begin: Begin) -> None:
    with begin(60):
        with pytest.raises(TimeoutError), begin(0.01):
            await asyncio.Event().wait()
        await asyncio.sleep(0)


async def test_another_error_in_the_block_passes(begin: Begin) -> None:
    with pytest.raises(LookupError), begin(60):
        raise LookupError


async def test_of_many_under_one_limit_each_ends_at_its_own_time() -> None:
    limit = TimeLimit(0.02)
    ended: list[int] = []

    async def work(number: int, *, is_late: bool) -> None:
        try:
            with limit.block():
                await (asyncio.Event().wait() if is_late else asyncio.sleep(0))
        except TimeoutError:
            ended.append(number)

    async with asyncio.TaskGroup() as group:
        for number in range(6):
            group.create_task(work(number, is_late=number % 2 == 1))
            await asyncio.sleep(0.002)

    assert ended == [1, 3, 5]


async def test_a_limit_goes_on_after_a_time_without_blocks() -> None:
    limit = TimeLimit(0.01)
    with limit.block():
        await asyncio.sleep(0)
    await asyncio.sleep(0.03)  # its timer has found nothing

    with pytest.raises(TimeoutError), limit.block():
        await asyncio.Event().wait()


def test_a_limit_serves_one_event_loop_after_another() -> None:
    limit = TimeLimit(0.01)

    async def be_late() -> None:
        with limit.block():
            await asyncio.Event().wait()

    for _ in range(2):
        with asyncio.Runner() as runner, pytest.raises(TimeoutError):
            runner.run(be_late())
