"""The circuit breaker under a fake clock, in front of fake subgraphs and of a real socket."""

import asyncio
from collections.abc import Mapping
from typing import Any

import pytest

from router.execution.circuit_breaker import CircuitBreaker, CircuitOpenError, CircuitState
from router.execution.http_client import HttpClient
from router.execution.http_transport import HttpTransport
from router.execution.memory_transport import InMemoryTransport
from router.execution.transport import (
    BadResponseError,
    ResponseTooLargeError,
    SubgraphRequest,
    SubgraphTimeoutError,
    TransportError,
    UnreachableError,
)
from tests.router.execution.kit import FakeSubgraph

pytestmark = pytest.mark.requirement("NFR-REL-002")

GOOD: Mapping[str, Any] = {"data": {"a": 1}}
REQUEST = SubgraphRequest(
    document="{a}", document_json=b'"{a}"', operation_name=None, variables={}, headers={}, is_query=True
)
DOWN = UnreachableError("down")


class Guarded:
    """A breaker over a subgraph with prepared answers, and a clock that a test can turn."""

    def __init__(self, *answers: Mapping[str, Any] | Exception) -> None:
        self.subgraph = FakeSubgraph(*answers)
        self.seconds = 0.0
        self.breaker = CircuitBreaker(self.subgraph, service="a", clock=lambda: self.seconds)

    async def outcomes(self, count: int) -> list[str]:
        return [await self._outcome() for _ in range(count)]

    async def _outcome(self) -> str:
        try:
            await self.breaker.send(REQUEST)
        except TransportError as error:
            return type(error).__name__
        return "good"

    @property
    def calls(self) -> int:
        return len(self.subgraph.requests)


@pytest.mark.parametrize("error", [DOWN, SubgraphTimeoutError("late"), BadResponseError("rubbish")])
async def test_five_failures_in_a_row_open_it_and_then_nobody_is_called(error: TransportError) -> None:
    guarded = Guarded(*[error] * 5)

    outcomes = await guarded.outcomes(7)

    assert outcomes == [type(error).__name__] * 5 + ["CircuitOpenError"] * 2
    assert guarded.calls == 5
    assert CircuitOpenError.code == "SERVICE_UNAVAILABLE"


async def test_a_success_between_failures_starts_the_count_anew() -> None:
    guarded = Guarded(*[DOWN] * 4, GOOD, *[DOWN] * 4, GOOD)

    await guarded.outcomes(10)

    assert guarded.breaker.state is CircuitState.CLOSED
    assert guarded.calls == 10


async def test_a_response_with_errors_or_too_large_is_no_failure() -> None:
    guarded = Guarded(*[ResponseTooLargeError("large")] * 5, *[{"data": None, "errors": [{"message": "x"}]}] * 5, GOOD)

    await guarded.outcomes(11)

    assert guarded.breaker.state is CircuitState.CLOSED
    assert guarded.calls == 11


async def test_after_thirty_seconds_three_successes_close_it() -> None:
    guarded = Guarded(*[DOWN] * 5, GOOD, GOOD, GOOD, *[DOWN] * 4, GOOD)
    await guarded.outcomes(5)
    guarded.seconds = 29.9
    assert await guarded.outcomes(1) == ["CircuitOpenError"]

    guarded.seconds = 30.0
    states = []
    for _ in range(3):
        states.append(guarded.breaker.state)
        await guarded.outcomes(1)

    assert states == [CircuitState.HALF_OPEN] * 3
    assert guarded.breaker.state is CircuitState.CLOSED
    assert await guarded.outcomes(5) == ["UnreachableError"] * 4 + ["good"]


async def test_one_failure_while_half_open_opens_it_for_another_thirty_seconds() -> None:
    guarded = Guarded(*[DOWN] * 5, GOOD, GOOD, DOWN, GOOD)
    await guarded.outcomes(5)
    guarded.seconds = 30.0

    assert await guarded.outcomes(4) == ["good", "good", "UnreachableError", "CircuitOpenError"]
    guarded.seconds = 59.9
    assert await guarded.outcomes(1) == ["CircuitOpenError"]
    guarded.seconds = 60.0
    assert await guarded.outcomes(1) == ["good"]


async def test_while_half_open_one_call_at_a_time_tries_the_subgraph() -> None:
    guarded = Guarded(*[DOWN] * 5, GOOD)
    await guarded.outcomes(5)
    guarded.seconds = 30.0

    outcomes = await asyncio.gather(*(guarded.outcomes(1) for _ in range(4)))

    assert outcomes == [["good"], *[["CircuitOpenError"]] * 3]
    assert guarded.calls == 6


async def test_a_cancelled_trial_says_nothing_and_lets_the_next_one_try() -> None:
    guarded = Guarded(*[DOWN] * 5, GOOD, GOOD)
    await guarded.outcomes(5)
    guarded.seconds = 30.0
    trial = asyncio.create_task(guarded.outcomes(1))
    await asyncio.sleep(0)
    trial.cancel()
    await asyncio.wait([trial])

    assert guarded.breaker.state is CircuitState.HALF_OPEN
    assert await guarded.outcomes(1) == ["good"]


async def test_a_call_that_began_before_it_opened_changes_nothing_when_it_ends() -> None:
    release = asyncio.Event()

    async def call(request: SubgraphRequest) -> Mapping[str, Any]:
        if request.document == "{slow}":
            await release.wait()
            return GOOD
        raise DOWN

    breaker = CircuitBreaker(InMemoryTransport(call), service="a")
    slow = SubgraphRequest(
        document="{slow}", document_json=b"", operation_name=None, variables={}, headers={}, is_query=True
    )
    early = asyncio.create_task(breaker.send(slow))
    await asyncio.sleep(0)
    for _ in range(5):
        with pytest.raises(UnreachableError):
            await breaker.send(REQUEST)

    release.set()
    assert await early == GOOD
    assert breaker.state is CircuitState.OPEN


async def test_it_guards_the_http_transport_too() -> None:
    connections = 0

    async def reset(_: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        nonlocal connections
        connections += 1
        writer.transport.abort()

    listener = await asyncio.start_server(reset, "127.0.0.1", 0)
    client = HttpClient()
    url = f"http://127.0.0.1:{listener.sockets[0].getsockname()[1]}/"
    breaker = CircuitBreaker(HttpTransport(url, client=client, max_tries=1), service="a")
    errors = []
    for _ in range(6):
        with pytest.raises(UnreachableError) as raised:
            await breaker.send(REQUEST)
        errors.append(type(raised.value))
    listener.close()
    await client.aclose()

    assert errors == [UnreachableError] * 5 + [CircuitOpenError]
    assert connections == 5
