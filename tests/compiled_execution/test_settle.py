"""Waiting: batches, time limits, context variables, cancellation, work that nobody needs any more."""

import asyncio
import gc
import weakref
from contextvars import ContextVar
from dataclasses import dataclass, field
from typing import Any

import pytest
import strawberry
from strawberry.dataloader import DataLoader

from compiled_execution import CompiledOperations, Loader, deferred, loader_method
from compiled_execution.loader import Load
from tests.compiled_execution.conftest import held_objects, new_tasks
from tests.compiled_execution.nasty import QuietCompiledSchema, QuietSchema

_VARIABLE: ContextVar[str] = ContextVar("variable", default="outside")


@dataclass
class Context:
    events: list[str] = field(default_factory=list)
    batches: list[list[int]] = field(default_factory=list)
    gate: asyncio.Event = field(default_factory=asyncio.Event)
    slow: bool = False
    kept: Load[int] | None = None

    def __post_init__(self) -> None:
        self.loader: DataLoader[int, int] = DataLoader(self._load)
        self.own: Loader[int, int] = Loader(self._load)
        self.failing: DataLoader[int, int] = DataLoader(self._refuse)

    async def _load(self, keys: list[int]) -> list[int]:
        self.batches.append(list(keys))
        if self.slow:
            await self.gate.wait()
        return [key * 10 for key in keys]

    async def _refuse(self, keys: list[int]) -> list[Any]:
        for _ in range(4):
            await asyncio.sleep(0)
        return [ValueError(f"no {key}") for key in keys]


class _Later:
    def __await__(self) -> Any:
        yield
        return 1

    def __repr__(self) -> str:
        return "later"


@strawberry.type
class Leaf:
    n: int

    @strawberry.field
    async def loaded(self, info: strawberry.Info) -> int:
        return await info.context.loader.load(self.n)  # type: ignore[no-any-return]

    @strawberry.field
    def shared(self, info: strawberry.Info) -> int:
        return info.context.loader.load(1)  # type: ignore[no-any-return]  # the same future for all

    @strawberry.field
    async def hangs(self, info: strawberry.Info) -> int | None:
        try:
            await info.context.gate.wait()
        finally:
            info.context.events.append(f"ended {self.n}")
        return self.n

    @strawberry.field
    def own(self, info: strawberry.Info) -> int:
        return deferred(info.context.own.load(self.n))  # type: ignore[no-any-return]

    @strawberry.field
    def kept(self, info: strawberry.Info) -> int:
        return deferred(info.context.kept)  # type: ignore[no-any-return]

    @strawberry.field
    async def brings_awaitable(self, info: strawberry.Info) -> int | None:
        return _Later()  # type: ignore[return-value]  # on purpose

    @strawberry.field
    async def fails(self) -> int:
        await asyncio.sleep(0)
        raise ValueError(f"failed {self.n}")

    @strawberry.field
    async def fails_after(self, turns: int) -> int:
        for _ in range(turns):
            await asyncio.sleep(0)
        raise ValueError(f"failed after {turns}")

    @strawberry.field
    def broken(self, info: strawberry.Info) -> int:
        return info.context.failing.load(self.n)  # type: ignore[no-any-return]

    @strawberry.field
    def fails_now(self) -> int:
        raise ValueError(f"failed now {self.n}")

    @strawberry.field
    async def variable(self) -> str:
        before = _VARIABLE.get()
        _VARIABLE.set(f"inside {self.n}")
        await asyncio.sleep(0)
        return f"{before} {_VARIABLE.get()}"

    @strawberry.field
    async def limited(self) -> str:
        try:
            async with asyncio.timeout(0.01):
                await asyncio.Event().wait()
        except TimeoutError:
            return f"in time, in a task: {asyncio.current_task() is not None}"
        return "never"


@strawberry.type
class Query:
    @strawberry.field
    def leaves(self, count: int = 3) -> list[Leaf | None]:
        return [Leaf(n=n) for n in range(count)]

    @strawberry.field
    def leaf(self) -> Leaf | None:
        return Leaf(n=7)


@strawberry.type
class Mutation:
    @strawberry.mutation
    async def slow(self, info: strawberry.Info, name: str) -> Leaf | None:
        info.context.events.append(f"start {name}")
        await asyncio.sleep(0.001)
        info.context.events.append(f"end {name}")
        return Leaf(n=1)

    @strawberry.mutation
    def must(self) -> int:
        raise ValueError("no")


def make_schema(class_: type[Any]) -> Any:
    from strawberry.extensions import ParserCache

    return class_(Query, Mutation, extensions=[lambda: ParserCache(maxsize=50)])


COMPILED = make_schema(QuietCompiledSchema)
COMPILED.compiled_operations = CompiledOperations(COMPILED, compile_at_sighting=1, in_thread=False)
STOCK = make_schema(QuietSchema)


async def both(query: str) -> tuple[Any, Any, Context]:
    """Return the answers of graphql-core and of compiled execution, and the context of the latter."""
    expected = await STOCK.execute(query, context_value=Context())
    context = Context()
    before = COMPILED.compiled_operations.statistics.compiled_runs
    got = await COMPILED.execute(query, context_value=context)
    assert COMPILED.compiled_operations.statistics.compiled_runs == before + 1
    return expected, got, context


async def test_loads_of_all_objects_are_one_batch() -> None:
    expected, got, context = await both("{ leaves(count: 5) { loaded } }")

    assert got.data == expected.data == {"leaves": [{"loaded": n * 10} for n in range(5)]}
    assert context.batches == [[0, 1, 2, 3, 4]]


async def test_one_future_serves_all_who_wait_for_it() -> None:
    expected, got, _ = await both("{ leaves(count: 4) { shared again: shared } }")

    assert got.data == expected.data == {"leaves": [{"shared": 10, "again": 10}] * 4}


async def test_a_load_whose_batch_others_gave_up_is_loaded_again() -> None:
    context = Context(slow=True)
    kept = context.kept = context.own.load(5)
    waiter = asyncio.ensure_future(_value_of(kept))
    await asyncio.sleep(0.001)
    waiter.cancel()
    await asyncio.sleep(0.001)
    context.gate.set()

    got = await COMPILED.execute("{ leaf { kept } }", context_value=context)

    assert (got.data, got.errors) == ({"leaf": {"kept": 50}}, None)
    assert context.batches == [[5], [5]]


async def _value_of(load: Load[int]) -> int:
    return await load


class _OwnLoaders:
    @loader_method
    async def own(self, keys: list[int]) -> list[int]:
        await asyncio.sleep(0)
        return [key * 10 for key in keys]


@pytest.mark.parametrize("query", ["{ leaves { own } }", "{ leaves { own variable } }", "{ leaf { own n } }"])
async def test_a_request_is_gone_with_its_answer_without_the_garbage_collector(query: str) -> None:
    await COMPILED.execute(query, context_value=_OwnLoaders())
    context = _OwnLoaders()
    known = weakref.ref(context)
    gc.disable()

    try:
        got = await COMPILED.execute(query, context_value=context)
        del context
        await asyncio.sleep(0)

        assert got.errors is None
        assert known() is None
    finally:
        gc.enable()


async def test_a_failed_waiter_leaves_the_shared_future_alone() -> None:
    _, got, _ = await both("{ leaf { fails shared } leaves { shared } }")

    assert got.data == {"leaf": None, "leaves": [{"shared": 10}] * 3}
    assert [error.message for error in got.errors] == ["failed 7"]


async def test_a_dataloader_whose_waiters_are_not_needed_any_more_goes_on_answering() -> None:
    for turns in range(8):
        context = Context()

        got = await COMPILED.execute(f"{{ leaf {{ loaded failsAfter(turns: {turns}) }} }}", context_value=context)
        value = await asyncio.wait_for(context.loader.load(8), 5)

        assert got.data == {"leaf": None}
        assert value == 80


async def test_a_future_that_fails_below_a_nulled_position_leaves_no_word_in_the_log() -> None:
    said: list[Any] = []
    loop = asyncio.get_running_loop()
    loop.set_exception_handler(lambda _, context: said.append(context))
    try:
        for turns in range(8):
            context = Context()
            await COMPILED.execute(f"{{ leaf {{ broken failsAfter(turns: {turns}) }} }}", context_value=context)
            await asyncio.sleep(0)
            del context
            gc.collect()
    finally:
        loop.set_exception_handler(None)

    assert said == []


async def test_the_answer_does_not_wait_for_work_below_a_nulled_position() -> None:
    context = Context()

    got = await asyncio.wait_for(COMPILED.execute("{ leaf { hangs fails } leaves { n } }", context_value=context), 5)

    assert got.data == {"leaf": None, "leaves": [{"n": 0}, {"n": 1}, {"n": 2}]}
    assert [error.path for error in got.errors] == [["leaf", "fails"]]
    assert context.events == ["ended 7"]


async def test_the_answer_does_not_wait_for_what_a_synchronous_error_made_needless() -> None:
    context = Context()

    got = await asyncio.wait_for(COMPILED.execute("{ leaf { hangs failsNow } leaves { n } }", context_value=context), 5)
    context.gate.set()
    await asyncio.sleep(0.01)

    assert got.data == {"leaf": None, "leaves": [{"n": 0}, {"n": 1}, {"n": 2}]}
    assert context.events == ["ended 7"]


async def test_each_coroutine_has_its_own_context_variables() -> None:
    _, got, _ = await both("{ leaves { variable } }")

    assert got.data == {"leaves": [{"variable": f"outside inside {n}"} for n in range(3)]}
    assert _VARIABLE.get() == "outside"


async def test_time_limits_in_resolvers_hold() -> None:
    expected, got, _ = await both("{ leaves { limited } }")

    assert got.data == expected.data == {"leaves": [{"limited": "in time, in a task: True"}] * 3}


@pytest.mark.parametrize("query", ["{ leaf { hangs } }", "{ leaves { hangs loaded } }", "{ leaves { hangs fails } }"])
async def test_a_cancelled_request_leaves_no_task(query: str) -> None:
    await COMPILED.execute("{ leaf { n } }")
    before = asyncio.all_tasks()

    for _ in range(50):
        context = Context()
        request = asyncio.ensure_future(COMPILED.execute(query, context_value=context))
        for _ in range(3):
            await asyncio.sleep(0)
        request.cancel()
        with pytest.raises(asyncio.CancelledError):
            await request
        assert context.events

    assert not new_tasks(before)


async def test_a_time_limit_around_the_request_ends_its_work() -> None:
    context = Context()

    with pytest.raises(TimeoutError):
        async with asyncio.timeout(0.02):
            await COMPILED.execute("{ leaves { hangs } }", context_value=context)

    assert sorted(context.events) == ["ended 0", "ended 1", "ended 2"]


async def test_mutations_run_one_after_another() -> None:
    query = 'mutation { a: slow(name: "a") { loaded } b: slow(name: "b") { n } }'

    expected, got, context = await both(query)

    assert got.data == expected.data == {"a": {"loaded": 10}, "b": {"n": 1}}
    assert context.events == ["start a", "end a", "start b", "end b"]


async def test_a_mutation_that_must_not_be_null_ends_the_operation() -> None:
    expected, got, context = await both('mutation { a: slow(name: "a") { n } must b: slow(name: "b") { n } }')

    assert got.data is expected.data is None
    assert [error.path for error in got.errors] == [error.path for error in expected.errors] == [["must"]]
    assert context.events == ["start a", "end a"]


async def test_requests_leave_nothing_behind() -> None:
    async def run(count: int) -> None:
        for _ in range(count):
            await COMPILED.execute("{ leaves { n loaded } leaf { fails } }", context_value=Context())

    await run(200)
    objects = held_objects()

    await run(300)

    assert held_objects() == objects


async def test_a_coroutine_that_brings_an_awaitable_is_not_awaited_again() -> None:
    expected, got, _ = await both("{ leaf { bringsAwaitable } }")

    assert got.data == expected.data == {"leaf": {"bringsAwaitable": None}}
    assert [error.message for error in got.errors] == [error.message for error in expected.errors]


async def test_siblings_below_a_nulled_position_are_cancelled_at_once() -> None:
    context = Context()

    request = asyncio.ensure_future(
        COMPILED.execute("{ leaf { hangs fails } leaves(count: 1) { hangs } }", context_value=context)
    )
    for _ in range(10):
        await asyncio.sleep(0)
    events = list(context.events)
    context.gate.set()
    got = await request

    assert events == ["ended 7"]
    assert got.data == {"leaf": None, "leaves": [{"hangs": 0}]}


@pytest.mark.parametrize("query", ["{ leaves { own } }", "{ leaves { own loaded } leaf { hangs } }"])
async def test_a_cancelled_request_gives_up_its_batches(query: str) -> None:
    await COMPILED.execute("{ leaf { n } }")
    before = asyncio.all_tasks()

    for turns in range(8):
        context = Context()
        context.slow = True
        request = asyncio.ensure_future(COMPILED.execute(query, context_value=context))
        for _ in range(turns):
            await asyncio.sleep(0)
        request.cancel()
        with pytest.raises(asyncio.CancelledError):
            await request
        await asyncio.sleep(0.001)
        assert not new_tasks(before)


async def test_ten_thousand_cancelled_requests_leave_nothing() -> None:
    before = asyncio.all_tasks()

    await cancelled(200)
    objects = held_objects()
    await cancelled(10_000)

    assert not new_tasks(before)
    assert held_objects() == objects


async def cancelled(count: int) -> None:
    for number in range(count):
        context = Context()
        context.slow = True
        request = asyncio.ensure_future(COMPILED.execute("{ leaves { own loaded hangs } }", context_value=context))
        for _ in range(number % 7):
            await asyncio.sleep(0)
        request.cancel()
        await asyncio.gather(request, return_exceptions=True)
        await asyncio.sleep(0)
