"""What the cache of operations keeps compiled when not everything can be."""

import threading
from typing import Any

import pytest

from router.execution.operation_cache import OperationCache

# Room for plans and code of a dozen of the texts below.
ROOM = 270_000


class Prepared:
    """An operation that notes what is done with it, and asks to be compiled until it is."""

    def __init__(self, text: str) -> None:
        self.text = text
        self.uses = 0
        self.is_compiled = False
        self.done = threading.Event()

    @property
    def to_compile(self) -> set[tuple[bool, ...]]:
        """What there is to compile."""
        return set() if self.is_compiled else {()}

    def take_to_compile(self) -> list[tuple[bool, ...]]:
        """Count as compiled from now on."""
        self.is_compiled = True
        return [()]

    def compile(self, _key: tuple[bool, ...]) -> None:
        """Let the test go on."""
        self.done.set()

    def forget_code(self) -> None:
        """Count as not compiled."""
        self.is_compiled = False


class Kept:
    """A cache of fakes, and the fakes by their text."""

    def __init__(self, size: int = ROOM) -> None:
        self.made: dict[str, Prepared] = {}
        self.cache = OperationCache(self._make, max_entries=100, max_bytes=size)

    def _make(self, text: str, *_: object) -> Any:
        self.made[text] = Prepared(text)
        return self.made[text]

    async def ask(self, text: str, *, times: int) -> None:
        """Ask for an operation some times."""
        for _ in range(times):
            await self.cache.get(text, None)

    @property
    def compiled(self) -> set[str]:
        """The operations that have code."""
        return {text for text, prepared in self.made.items() if prepared.is_compiled}


@pytest.fixture(name="kept")
def a_cache() -> Any:
    kept = Kept()
    yield kept
    kept.cache.close()


async def test_compiles_what_comes_again(kept: Kept) -> None:
    await kept.ask("{a}", times=1)
    once = kept.compiled

    await kept.ask("{a}", times=1)

    assert once == set()
    assert kept.compiled == {"{a}"}
    assert kept.made["{a}"].done.wait(5)


async def test_what_is_seldom_asked_for_takes_the_place_of_nobody(kept: Kept) -> None:
    hot = [f"{{hot{number}}}" for number in range(12)]
    for text in hot:
        await kept.ask(text, times=10)
    before = kept.compiled

    for number in range(10):
        await kept.ask(f"{{cold{number}}}", times=2)

    assert before == set(hot)
    assert len(kept.compiled & set(hot)) == 10
    assert len(kept.compiled) == 11


async def test_what_is_not_asked_for_any_more_gives_way(kept: Kept) -> None:
    for number in range(12):
        await kept.ask(f"{{old{number}}}", times=4)
    rising = [f"{{new{number}}}" for number in range(8)]

    for _ in range(12):
        for text in rising:
            await kept.ask(text, times=1)

    assert set(rising) <= kept.compiled
    assert len(kept.cache) == 20


async def test_code_that_is_larger_than_all_room_is_not_made() -> None:
    kept = Kept(size=30_000)

    await kept.ask("{a" + " b" * 500 + "}", times=5)

    assert kept.compiled == set()
    assert len(kept.cache) == 1
    kept.cache.close()


async def test_code_gives_way_to_plans(kept: Kept) -> None:
    for number in range(12):
        await kept.ask(f"{{a{number}}}", times=3)

    for number in range(40):
        await kept.ask(f"{{b{number}}}", times=1)

    assert len(kept.cache) == 52
    assert len(kept.compiled) == 7
