"""Rate limits: what an operation is charged, sliding windows in memory and in Valkey, one count for many routers."""

import asyncio
from collections.abc import AsyncIterator
from uuid import uuid4

import pytest
from graphql import FragmentDefinitionNode, OperationDefinitionNode, parse
from redis.asyncio import Redis

from router.execution.rate_limits import (
    Caller,
    Charge,
    LocalWindows,
    RateClass,
    RateClasses,
    RateLimitedError,
    RateLimiter,
    SharedWindows,
    Take,
    Windows,
    WindowsUnavailableError,
)

LOGIN = RateClass(name="login", limit=5, seconds=900, fields=("Mutation.login",), per_client=True)
ADMIN = RateClass(name="cms", limit=200, seconds=60, fields=("@admin",))
READING = RateClass(name="catalog", limit=100, seconds=60, fields=("Query.*",), per_request=True)

TAGGED = """
type Query { title: Int cms: Int @tag(name: "admin") }
type Mutation { login: Int @tag(name: "admin") publish: Int @tag(name: "internal") @tag(name: "admin") rate: Int }
"""


class TurnedClock:
    def __init__(self) -> None:
        self.now = 1_700_000_000.0

    def __call__(self) -> float:
        return self.now


def charges(text: str, root_type: str = "Query", *classes: RateClass) -> dict[str, int]:
    document = parse(text)
    operation = document.definitions[0]
    assert isinstance(operation, OperationDefinitionNode)
    fragments = {node.name.value: node for node in document.definitions if isinstance(node, FragmentDefinitionNode)}
    found = RateClasses(classes or (LOGIN, ADMIN, READING), sdl=TAGGED)
    return {charge.rate_class.name: charge.amount for charge in found.charges(root_type, operation, fragments)}


def test_a_name_goes_before_a_tag_and_a_tag_before_a_whole_type() -> None:
    assert charges("{ title cms }") == {"catalog": 1, "cms": 1}
    assert charges("mutation { login publish rate }", "Mutation") == {"login": 1, "cms": 1}


def test_introspection_is_in_no_class() -> None:
    assert charges("{ __typename __schema { types { name } } }") == {}


def test_aliases_count_each_and_a_repeated_key_once() -> None:
    aliases = " ".join(f"a{number}: login" for number in range(100))

    assert charges(f"mutation {{ {aliases} }}", "Mutation") == {"login": 100}
    assert charges("mutation { login login ... on Mutation { login } }", "Mutation") == {"login": 1}


def test_fields_in_fragments_count_and_requests_count_once() -> None:
    text = "query { ...A title } fragment A on Query { b: title ...B } fragment B on Query { c: title @skip(if: true) }"

    assert charges(text) == {"catalog": 1}
    assert charges(text, "Query", RateClass(name="each", limit=9, seconds=1, fields=("Query.title",))) == {"each": 3}


@pytest.fixture(params=["local", "shared"])
async def windows(request: pytest.FixtureRequest, redis_url: str) -> AsyncIterator[tuple[Windows, TurnedClock]]:
    clock = TurnedClock()
    made: Windows = (
        LocalWindows(clock=clock)
        if request.param == "local"
        else SharedWindows(redis_url, prefix=f"test:{uuid4().hex}:", clock=clock, monotonic=clock)
    )
    yield made, clock
    await made.aclose()


def take(key: str = "asha", amount: int = 1, *, limit: int = 3, seconds: float = 60) -> Take:
    return Take(key, amount, limit, seconds)


async def test_admits_up_to_the_limit_and_says_when_the_next_may(windows: tuple[Windows, TurnedClock]) -> None:
    made, clock = windows
    admitted = []
    for _ in range(3):
        admitted += await made.take([take()])
        clock.now += 10

    assert admitted == [0, 0, 0]
    assert await made.take([take()]) == [30]
    assert await made.take([take("ravi")]) == [0]


async def test_the_window_slides_over_each_unit_and_refusals_do_not_count(windows: tuple[Windows, TurnedClock]) -> None:
    made, clock = windows
    for _ in range(3):
        await made.take([take()])
        clock.now += 10
    for _ in range(5):
        assert (await made.take([take()]))[0] > 0

    clock.now += 29.5
    assert await made.take([take()]) == [0.5]
    clock.now += 0.5
    assert await made.take([take()]) == [0]
    assert await made.take([take()]) == [10]


async def test_several_units_are_taken_all_or_none(windows: tuple[Windows, TurnedClock]) -> None:
    made, clock = windows
    assert await made.take([take(amount=2)]) == [0]
    clock.now += 5

    assert await made.take([take(amount=2)]) == [55]
    assert await made.take([take(amount=1)]) == [0]
    assert await made.take([take(amount=3)]) == [60]
    assert await made.take([take("ravi", amount=4)]) == [60]


async def test_windows_are_taken_together_or_not_at_all(windows: tuple[Windows, TurnedClock]) -> None:
    made, _clock = windows
    narrow, wide = take("narrow", limit=1), take("wide", limit=2)
    assert await made.take([narrow, wide]) == [0, 0]

    assert await made.take([narrow, wide]) == [60, 0]

    assert await made.take([wide]) == [0]
    assert await made.take([wide]) == [60]


@pytest.mark.requirement("NFR-SEC-003")
async def test_routers_that_race_share_one_count(redis_url: str) -> None:
    prefix = f"test:{uuid4().hex}:"
    routers = [SharedWindows(redis_url, prefix=prefix) for _ in range(4)]

    waits = await asyncio.gather(*(router.take([take(limit=5)]) for _ in range(25) for router in routers))

    assert sum(wait == [0] for wait in waits) == 5
    assert all(0 < wait <= 60 for [wait] in waits if wait)
    for router in routers:
        await router.aclose()


async def test_a_window_ends_with_its_last_unit(redis_url: str) -> None:
    prefix = f"test:{uuid4().hex}:"
    shared = SharedWindows(redis_url, prefix=prefix)

    await shared.take([take(amount=2)])

    client = Redis.from_url(redis_url)
    assert await client.llen(f"{prefix}asha") == 2
    assert 0 < await client.pttl(f"{prefix}asha") <= 60_000
    await client.aclose()
    await shared.aclose()


async def test_who_was_refused_and_keeps_knocking_reaches_no_server(redis_url: str) -> None:
    shared = SharedWindows(redis_url, prefix=f"test:{uuid4().hex}:")
    client = Redis.from_url(redis_url)
    for _ in range(4):
        await shared.take([take()])

    before = await client.info("commandstats")

    for _ in range(20):
        assert (await shared.take([take()]))[0] > 0

    after = await client.info("commandstats")
    assert after["cmdstat_evalsha"]["calls"] == before["cmdstat_evalsha"]["calls"]
    await client.aclose()
    await shared.aclose()


async def test_goes_on_after_the_server_forgot_the_script(redis_url: str) -> None:
    shared = SharedWindows(redis_url, prefix=f"test:{uuid4().hex}:")
    await shared.take([take(limit=1)])
    client = Redis.from_url(redis_url)
    await client.script_flush()
    await client.aclose()

    assert (await shared.take([take("other", limit=1)])) == [0]
    assert (await shared.take([take(limit=1)]))[0] > 0
    await shared.aclose()


async def test_a_server_out_of_reach_is_left_alone_for_a_moment() -> None:
    clock = TurnedClock()
    shared = SharedWindows("redis://127.0.0.1:1/0", monotonic=clock)
    for _ in range(2):
        with pytest.raises(WindowsUnavailableError):
            await shared.take([take()])
    assert shared._asking is None
    await shared.aclose()


async def refused(limiter: RateLimiter, caller: Caller, *given: Charge) -> bool:
    try:
        await limiter.admit(given, caller)
    except RateLimitedError:
        return True
    return False


async def test_without_the_shared_windows_each_router_counts_alone() -> None:
    clock = TurnedClock()
    limiter = RateLimiter(SharedWindows("redis://127.0.0.1:1/0"), local=LocalWindows(clock=clock))
    asha = Caller(subject="asha", address="203.0.113.9")

    outcomes = [await refused(limiter, asha, Charge(LOGIN, 1)) for _ in range(6)]

    assert outcomes == [False] * 5 + [True]
    await limiter.aclose()


async def test_counts_by_user_else_by_address_and_some_classes_always_by_address() -> None:
    once = RateClass(name="once", limit=1, seconds=60, fields=())
    once_per_client = RateClass(name="door", limit=1, seconds=60, fields=(), per_client=True)
    limiter = RateLimiter(None)
    asha, ravi = Caller("asha", "203.0.113.9"), Caller("ravi", "203.0.113.9")

    assert not await refused(limiter, asha, Charge(once, 1))
    assert not await refused(limiter, ravi, Charge(once, 1))
    assert await refused(limiter, Caller("asha", "198.51.100.1"), Charge(once, 1))
    assert not await refused(limiter, Caller(None, "203.0.113.9"), Charge(once, 1))
    assert await refused(limiter, Caller(None, "203.0.113.9"), Charge(once, 1))
    assert not await refused(limiter, asha, Charge(once_per_client, 1))
    assert await refused(limiter, ravi, Charge(once_per_client, 1))


async def test_an_ipv6_household_is_one_client() -> None:
    once = RateClass(name="once", limit=1, seconds=60, fields=())
    limiter = RateLimiter(None)

    assert not await refused(limiter, Caller(None, "2001:db8:1:2::1"), Charge(once, 1))
    assert await refused(limiter, Caller(None, "2001:db8:1:2:ffff::9"), Charge(once, 1))
    assert not await refused(limiter, Caller(None, "2001:db8:1:3::1"), Charge(once, 1))


async def test_no_store_holds_an_address(redis_url: str) -> None:
    prefix = f"test:{uuid4().hex}:"
    limiter = RateLimiter(SharedWindows(redis_url, prefix=prefix), key=b"secret")

    await limiter.admit([Charge(LOGIN, 1)], Caller("asha", "203.0.113.9"))

    client = Redis.from_url(redis_url)
    [key] = await client.keys(f"{prefix}*")
    assert f"{prefix}login:" in str(key)
    assert "203.0.113.9" not in str(key)
    await client.aclose()
    await limiter.aclose()


async def test_the_refusal_names_the_longest_wait() -> None:
    limiter = RateLimiter(None, local=LocalWindows(clock=TurnedClock()))
    short = RateClass(name="short", limit=1, seconds=1.5, fields=())
    given = (Charge(short, 1), Charge(LOGIN, 5))
    await limiter.admit(given, Caller())

    with pytest.raises(RateLimitedError) as caught:
        await limiter.admit(given, Caller())

    assert caught.value.retry_after_seconds == 900
    assert caught.value.errors[0]["extensions"] == {"limit": "login", "retryAfterSeconds": 900, "code": "RATE_LIMITED"}
