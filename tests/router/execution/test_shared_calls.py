"""Equal queries under way together are one call; nobody gets another viewer's answer or another request's object."""

import asyncio
from collections.abc import Mapping
from dataclasses import replace
from typing import Any

import pytest

from router.execution.shared_calls import SharedCalls
from router.execution.transport import SubgraphRequest, UnreachableError
from tests.router.http.kit import app_in_memory, client_of, post, shop

REQUEST = SubgraphRequest(
    document="{a}",
    document_json=b'"{a}"',
    operation_name=None,
    variables={"n": 1},
    headers={"x-correlation-id": "c-1", "x-viewer-context": "ann"},
    is_query=True,
)


class Held:
    """A subgraph that answers when it is let go."""

    def __init__(self, error: Exception | None = None) -> None:
        self.go = asyncio.Event()
        self.requests: list[SubgraphRequest] = []
        self.cancelled = 0
        self._error = error

    async def send(self, request: SubgraphRequest) -> Mapping[str, Any]:
        self.requests.append(request)
        try:
            await self.go.wait()
        except asyncio.CancelledError:
            self.cancelled += 1
            raise
        if self._error is not None:
            raise self._error
        return {"data": {"a": [{"b": len(self.requests)}]}}


async def together(held: Held, *requests: SubgraphRequest) -> list[Any]:
    shared = SharedCalls(held)
    waiting = [asyncio.create_task(shared.send(request)) for request in requests]
    await asyncio.sleep(0.01)
    held.go.set()
    outcomes: list[Any] = await asyncio.gather(*waiting, return_exceptions=True)
    return outcomes


async def test_equal_queries_are_one_call_and_each_gets_an_object_of_its_own() -> None:
    held = Held()

    one, two = await together(held, REQUEST, replace(REQUEST, headers={**REQUEST.headers, "x-correlation-id": "c-2"}))

    assert len(held.requests) == 1
    assert one == two == {"data": {"a": [{"b": 1}]}}
    one["data"]["a"][0]["b"] = "changed"
    assert two == {"data": {"a": [{"b": 1}]}}


@pytest.mark.parametrize(
    "other",
    [
        replace(REQUEST, headers={"x-viewer-context": "bob"}),
        replace(REQUEST, headers={**REQUEST.headers, "x-tenant": "t"}),
        replace(REQUEST, headers={}),
        replace(REQUEST, variables={"n": 2}),
        replace(REQUEST, variables={"n": True}),
        replace(REQUEST, document="{b}", document_json=b'"{b}"'),
        replace(REQUEST, operation_name="A"),
        replace(REQUEST, is_query=False),
    ],
)
async def test_what_differs_in_anything_is_a_call_of_its_own(other: SubgraphRequest) -> None:
    held = Held()

    await together(held, REQUEST, other)

    assert len(held.requests) == 2
    assert all(request in held.requests for request in (REQUEST, other))


async def test_equal_mutations_are_never_shared() -> None:
    held = Held()
    mutation = replace(REQUEST, is_query=False)

    await together(held, mutation, mutation)

    assert len(held.requests) == 2


async def test_a_failure_is_shared_and_the_next_call_tries_anew() -> None:
    held = Held(UnreachableError("down"))
    shared = SharedCalls(held)
    held.go.set()

    outcomes = await asyncio.gather(shared.send(REQUEST), shared.send(REQUEST), return_exceptions=True)
    with pytest.raises(UnreachableError):
        await shared.send(REQUEST)

    assert [type(outcome) for outcome in outcomes] == [UnreachableError] * 2
    assert len(held.requests) == 2


async def test_one_who_gives_up_leaves_the_call_to_the_others_and_the_last_one_ends_it() -> None:
    held = Held()
    shared = SharedCalls(held)
    leaving, staying, last = (asyncio.ensure_future(shared.send(REQUEST)) for _ in range(3))
    await asyncio.sleep(0)
    leaving.cancel()
    await asyncio.sleep(0.01)
    assert held.cancelled == 0

    staying.cancel()
    last.cancel()
    await asyncio.wait([leaving, staying, last])
    await asyncio.sleep(0)
    assert held.cancelled == 1

    held.go.set()
    assert await shared.send(REQUEST) == {"data": {"a": [{"b": 2}]}}


async def test_whole_operations_give_the_same_answers_with_and_without_sharing() -> None:
    query = "{ topProducts { name reviews { body author { name } } stars } me { name } }"
    answers = []
    for share in (False, True):
        subgraphs = shop()
        async with client_of(app_in_memory(subgraphs, subgraph_share_calls=share)) as client:
            answers += await asyncio.gather(*(post(client, query) for _ in range(20)))

    assert all(answer == answers[0] for answer in answers)
    assert "errors" not in answers[0]
