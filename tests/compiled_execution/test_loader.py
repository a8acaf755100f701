"""The loader: one call for all keys, each key once, order and errors by key; awaited anywhere or left to the driver."""

import asyncio
import gc
import weakref
from collections.abc import Iterator, Sequence
from typing import Any

import pytest

from compiled_execution.loader import Loader, LoaderMethod, WrongNumberOfValuesError, loader_method


class Store:
    """Remembers the batches; keys above 100 fail."""

    def __init__(self) -> None:
        self.batches: list[list[int]] = []
        self.gate = asyncio.Event()
        self.gate.set()

    async def load(self, keys: list[int]) -> Sequence[int | BaseException]:
        self.batches.append(keys)
        await self.gate.wait()
        return [ValueError(f"no {key}") if key > 100 else key * 10 for key in keys]


async def test_keys_asked_for_together_are_one_batch_in_their_order() -> None:
    store = Store()
    loader = Loader(store.load)

    values = await asyncio.gather(loader.load(3), loader.load(1), loader.load(3), loader.load(2))

    assert list(values) == [30, 10, 30, 20]
    assert store.batches == [[3, 1, 2]]


async def test_tasks_that_start_in_the_same_turn_join_the_batch() -> None:
    store = Store()
    loader = Loader(store.load)

    async def load(key: int) -> int:
        return await loader.load(key)

    first = loader.load(9)
    tasks = [asyncio.create_task(load(key)) for key in range(3)]

    assert [await first, *(await asyncio.gather(*tasks))] == [90, 0, 10, 20]
    assert store.batches == [[9, 0, 1, 2]]


async def test_a_key_is_loaded_once_and_its_load_can_be_awaited_again() -> None:
    store = Store()
    loader = Loader(store.load)
    load = loader.load(1)

    assert [await load, await load, await loader.load(1)] == [10, 10, 10]
    assert store.batches == [[1]]


async def test_without_cache_every_load_is_sent() -> None:
    store = Store()
    loader = Loader(store.load, cache=False)

    assert await loader.load_many([1, 1]) == [10, 10]
    assert await loader.load(1) == 10
    assert store.batches == [[1, 1], [1]]


async def test_an_error_is_that_of_its_key_alone_and_is_kept() -> None:
    store = Store()
    loader = Loader(store.load)

    results: list[Any] = await asyncio.gather(
        *(loader.load(key) for key in (1, 101, 2)), loader.load(101), return_exceptions=True
    )

    assert [results[0], results[2]] == [10, 20]
    assert str(results[1]) == str(results[3]) == "no 101"
    with pytest.raises(ValueError, match="no 101"):
        await loader.load_many([1, 101])
    assert store.batches == [[1, 101, 2]]


async def test_an_error_of_the_call_is_that_of_every_key() -> None:
    async def fail(_keys: list[int]) -> list[int]:
        raise OSError("down")

    loader = Loader(fail)

    results = await asyncio.gather(loader.load(1), loader.load(2), return_exceptions=True)

    assert [str(result) for result in results] == ["down", "down"]


async def test_too_few_values_are_an_error_of_every_key() -> None:
    async def one(_keys: list[int]) -> list[int]:
        return [1]

    loader = Loader(one)

    with pytest.raises(WrongNumberOfValuesError, match="A batch of 2 came back as 1 values"):
        await loader.load_many([1, 2])


async def test_batches_have_at_most_the_given_number_of_keys() -> None:
    store = Store()
    loader = Loader(store.load, max_batch_size=2)

    assert await loader.load_many(range(5)) == [0, 10, 20, 30, 40]
    assert store.batches == [[0, 1], [2, 3], [4]]


async def test_primed_values_are_not_loaded() -> None:
    store = Store()
    loader: Loader[int, int] = Loader(store.load)
    waiting = loader.load(5)

    loader.prime(5, 1)
    loader.prime_many({6: 2, 7: 3})
    loader.prime(6, 99)
    loader.prime(7, 99, force=True)

    assert [await waiting, *await loader.load_many([5, 6, 7])] == [1, 1, 2, 99]
    assert store.batches == []


async def test_cleared_keys_are_loaded_again() -> None:
    store = Store()
    loader = Loader(store.load)
    await loader.load_many([1, 2, 3])

    loader.clear(1)
    loader.clear(77)
    await loader.load_many([1, 2, 3])
    loader.clear_many([2, 3])
    await loader.load_many([1, 2, 3])
    loader.clear_all()
    await loader.load(1)

    assert store.batches == [[1, 2, 3], [1], [2, 3], [1]]


async def test_keys_that_cannot_be_hashed_are_told_apart_by_a_function() -> None:
    batches: list[list[dict[str, int]]] = []

    async def load(keys: list[dict[str, int]]) -> list[int]:
        batches.append(keys)
        return [key["id"] for key in keys]

    loader = Loader(load, cache_key_fn=lambda key: key["id"])

    assert await loader.load_many([{"id": 1}, {"id": 2}, {"id": 1}]) == [1, 2, 1]
    assert batches == [[{"id": 1}, {"id": 2}]]


async def test_a_cancelled_waiter_disturbs_no_other() -> None:
    store = Store()
    store.gate.clear()
    loader = Loader(store.load)
    waiters = [asyncio.ensure_future(loader.load(key)) for key in (1, 1, 2)]
    await asyncio.sleep(0.001)

    waiters[0].cancel()
    await asyncio.sleep(0)
    store.gate.set()

    assert await asyncio.gather(*waiters[1:]) == [10, 20]
    assert waiters[0].cancelled()


async def test_a_batch_that_nobody_waits_for_any_more_is_cancelled_and_loaded_again_when_asked_for() -> None:
    store = Store()
    store.gate.clear()
    loader = Loader(store.load)
    load = loader.load(1)
    waiter = asyncio.ensure_future(load)
    await asyncio.sleep(0.001)
    before = len(asyncio.all_tasks())

    waiter.cancel()
    await asyncio.sleep(0.001)
    after = len(asyncio.all_tasks())
    store.gate.set()

    assert before - after == 2  # the waiter and the batch
    assert [await loader.load(1), await load] == [10, 10]
    assert store.batches == [[1], [1], [1]]


async def test_a_load_that_nobody_has_awaited_yet_keeps_its_batch_alive() -> None:
    store = Store()
    store.gate.clear()
    loader = Loader(store.load)
    later = loader.load(1)
    waiter = asyncio.ensure_future(loader.load(2))
    await asyncio.sleep(0.001)

    waiter.cancel()
    await asyncio.sleep(0.001)
    store.gate.set()

    assert await later == 10
    assert store.batches == [[1, 2]]


async def test_keys_asked_for_while_a_batch_is_given_up_are_loaded_all_the_same() -> None:
    store = Store()
    loader = Loader(store.load)
    for turns in range(5):
        waiter = asyncio.ensure_future(loader.load(turns))
        for _ in range(turns):
            await asyncio.sleep(0)

        waiter.cancel()
        await asyncio.gather(waiter, return_exceptions=True)

        assert await asyncio.wait_for(loader.load_many([turns, turns + 50]), 5) == [turns * 10, turns * 10 + 500]


async def test_a_batch_that_all_others_gave_up_is_loaded_again_for_who_waits_in_line() -> None:
    store = Store()
    loader = Loader(store.load)
    store.gate.clear()
    first = asyncio.ensure_future(_value(loader.load(1)))
    await asyncio.sleep(0)
    await asyncio.sleep(0)
    second = asyncio.ensure_future(_value(loader.load(2)))
    await asyncio.sleep(0)
    in_line = asyncio.ensure_future(_value(loader.load_many([1, 2])))
    await asyncio.sleep(0)

    second.cancel()
    await asyncio.sleep(0)
    store.gate.set()

    assert await first == 10
    assert await in_line == [10, 20]


async def test_a_batch_that_was_given_up_leaves_alone_what_is_loaded_again() -> None:
    store = Store()
    loader = Loader(store.load)
    store.gate.clear()
    load = loader.load(1)
    first = asyncio.ensure_future(_value(load))
    for _ in range(3):
        await asyncio.sleep(0)

    first.cancel()
    await asyncio.sleep(0)
    again = asyncio.ensure_future(_value(load))
    await asyncio.sleep(0)
    store.gate.set()

    assert await again == 10
    assert store.batches == [[1], [1]]


class Loaders:
    """A request's: what they load is theirs alone."""

    def __init__(self, factor: int) -> None:
        self.factor = factor
        self.batches: list[list[int]] = []

    @loader_method
    async def multiplied(self, keys: list[int]) -> list[int | None]:
        """By the factor; None for 0."""
        self.batches.append(keys)
        for _ in range(5):
            await asyncio.sleep(0)
        return [key * self.factor or None for key in keys]


@pytest.fixture
def _no_collector() -> Iterator[None]:
    gc.disable()
    yield
    gc.enable()


async def test_a_loader_method_is_a_loader_of_its_object() -> None:
    first, second = Loaders(2), Loaders(3)

    values = await asyncio.gather(first.multiplied.load(1), second.multiplied.load(1), first.multiplied.load(0))

    assert list(values) == [2, 3, None]
    assert await first.multiplied.load(1) == 2
    assert (first.batches, second.batches) == ([[1, 0]], [[1]])


def test_a_loader_method_of_the_class_is_the_method_itself() -> None:
    method: Any = Loaders.multiplied

    assert isinstance(method, LoaderMethod)
    assert method.__doc__ == "By the factor; None for 0."


@pytest.mark.usefixtures("_no_collector")
async def test_what_has_loaded_goes_without_the_garbage_collector() -> None:
    loaders = Loaders(2)
    values = await loaders.multiplied.load_many([1, 2])
    known = weakref.ref(loaders)

    del loaders

    assert values == [2, 4]
    assert known() is None


async def test_a_batch_that_was_begun_keeps_its_object() -> None:
    loaders = Loaders(2)
    load = loaders.multiplied.load(4)

    del loaders

    assert await load == 8


async def test_a_loader_method_loads_no_more_when_its_object_is_gone() -> None:
    loader = Loaders(2).multiplied

    with pytest.raises(ReferenceError, match="What this loader belongs to is gone"):
        loader.load(1)


async def test_a_loader_method_loads_again_what_was_given_up() -> None:
    loaders = Loaders(2)
    load = loaders.multiplied.load(1)
    waiter = asyncio.ensure_future(_value(load))
    for _ in range(3):
        await asyncio.sleep(0)
    waiter.cancel()
    await asyncio.sleep(0)

    assert await load == 2
    assert loaders.batches == [[1], [1]]


async def _value(load: Any) -> Any:
    return await load
