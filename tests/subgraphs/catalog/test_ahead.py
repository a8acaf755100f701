"""Things made in a thread while others are at work: in order, whatever happens."""

from collections.abc import Iterator
from contextlib import aclosing

import pytest

from subgraphs.catalog.service.ahead import MOST_AHEAD, made_ahead


def numbers(until: int, *, made: list[int] | None = None, fails_at: int | None = None) -> Iterator[int]:
    for number in range(until):
        if number == fails_at:
            raise ValueError("nobody foresaw this")
        if made is not None:
            made.append(number)
        yield number


@pytest.mark.parametrize("until", [0, 1, MOST_AHEAD, 3 * MOST_AHEAD + 1])
async def test_yields_everything_in_order(until: int) -> None:
    assert [number async for number in made_ahead(numbers(until))] == list(range(until))


async def test_what_fails_does_so_in_its_place() -> None:
    taken: list[int] = []

    async def take() -> None:
        async with aclosing(made_ahead(numbers(9, fails_at=5))) as things:
            async for number in things:
                taken.append(number)  # noqa: PERF401 - what came before the failure is kept

    with pytest.raises(ValueError, match="nobody foresaw this"):
        await take()
    assert taken == [0, 1, 2, 3, 4]


async def test_makes_no_more_than_a_few_ahead() -> None:
    made: list[int] = []

    async with aclosing(made_ahead(numbers(1000, made=made))) as things:
        assert await anext(things) == 0

    assert len(made) <= MOST_AHEAD + 1
