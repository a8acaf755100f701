"""Old replies stand in for a subgraph that is left alone: for whom, for how long, and said aloud."""

from collections.abc import Mapping
from typing import Any

import pytest
from joserfc import jwt
from joserfc.jwk import OctKey

from router.config import RouterSettings
from router.execution.circuit_breaker import CircuitBreaker, CircuitOpenError
from router.execution.fallback_replies import FallbackReplies, begin_marking
from router.execution.memory_transport import InMemoryTransport
from router.execution.transport import SubgraphRequest, TransportError, UnreachableError
from router.http import create_app
from router.http.identity import audience_by
from router.supergraph import Supergraph
from tests.router.execution.kit import FakeSubgraph
from tests.router.http.kit import client_of, post, shop, supergraph_of

DOWN = UnreachableError("down")
QUERY = SubgraphRequest(
    document="{a}", document_json=b'"{a}"', operation_name=None, variables={}, headers={}, is_query=True
)


class Remembered:
    """Replies over a breaker that opens at the first failure, and a clock that a test can turn."""

    def __init__(self, *answers: Mapping[str, Any] | Exception, max_bytes: int = 10_000) -> None:
        self.seconds = 0.0
        breaker = CircuitBreaker(FakeSubgraph(*answers), service="a", failures_to_open=1, clock=lambda: self.seconds)
        self.replies = FallbackReplies(
            breaker,
            service="a",
            audience=audience_by(["age_limit"]),
            max_age_seconds=60,
            max_bytes=max_bytes,
            clock=lambda: self.seconds,
        )

    async def send(self, number: int = 0, **headers: str) -> Any:
        request = SubgraphRequest(
            document="{a}",
            document_json=b'"{a}"',
            operation_name=None,
            variables={"n": number},
            headers={name.replace("_", "-"): value for name, value in headers.items()},
            is_query=True,
        )
        try:
            return await self.replies.send(request)
        except TransportError as error:
            return type(error).__name__


def context(*, country: str = "US", sub: str = "u1", age_limit: int | None = None) -> str:
    claims = {"sub": sub, "age_limit": age_limit}
    return jwt.encode({"alg": "HS256"}, {"claims": claims, "country": country}, OctKey.import_key("k" * 32))


@pytest.mark.requirement("NFR-REL-002")
async def test_while_the_circuit_is_open_the_last_good_reply_is_given_and_marked() -> None:
    remembered = Remembered({"data": {"a": 1}}, {"data": {"a": 2}}, DOWN)
    marks = begin_marking()

    first = await remembered.send()
    remembered.seconds = 10.0
    second = await remembered.send()
    failed = await remembered.send()
    remembered.seconds = 22.4
    old = await remembered.send()

    assert (first, second, failed) == ({"data": {"a": 1}}, {"data": {"a": 2}}, "UnreachableError")
    assert old == {"data": {"a": 2}}
    assert marks == {"a": {"ageSeconds": 12}}


async def test_a_reply_is_given_to_the_same_audience_only() -> None:
    remembered = Remembered({"data": {"a": 1}}, DOWN)
    await remembered.send(x_viewer_context=context(), x_correlation_id="1")
    await remembered.send(9)

    assert await remembered.send(x_viewer_context=context(sub="u2"), x_correlation_id="2") == {"data": {"a": 1}}
    assert await remembered.send(x_viewer_context=context(country="IN")) == "CircuitOpenError"
    assert await remembered.send(x_viewer_context=context(age_limit=7)) == "CircuitOpenError"
    assert await remembered.send(x_viewer_context=context(), authorization="Bearer x") == "CircuitOpenError"
    assert await remembered.send(1, x_viewer_context=context()) == "CircuitOpenError"


async def test_what_is_too_old_or_had_errors_is_not_given() -> None:
    remembered = Remembered({"data": {"a": 1}}, {"data": {"a": None}, "errors": [{"message": "x"}]}, DOWN)
    await remembered.send(1)
    await remembered.send(2)
    await remembered.send(3)

    remembered.seconds = 29.0
    assert await remembered.send(1) == {"data": {"a": 1}}
    assert await remembered.send(2) == "CircuitOpenError"


async def test_the_replies_that_were_used_longest_ago_make_room() -> None:
    large = [{"data": {"a": str(number) * 1_000}} for number in range(10)]
    remembered = Remembered(*large, DOWN, max_bytes=5_000)
    for number in range(11):
        await remembered.send(number)

    known = [number for number in range(10) if await remembered.send(number) != "CircuitOpenError"]

    assert known == [6, 7, 8, 9]


async def test_a_mutation_is_never_answered_by_an_old_reply() -> None:
    breaker = CircuitBreaker(FakeSubgraph({"data": {"a": 1}}, DOWN), service="a", failures_to_open=1)
    replies = FallbackReplies(breaker, service="a", audience=audience_by([]), max_age_seconds=60, max_bytes=10_000)
    mutation = SubgraphRequest(
        document="mutation{a}",
        document_json=b'"mutation{a}"',
        operation_name=None,
        variables={},
        headers={},
        is_query=False,
    )
    await replies.send(mutation)
    with pytest.raises(UnreachableError):
        await replies.send(mutation)

    with pytest.raises(CircuitOpenError):
        await replies.send(mutation)


async def test_the_answer_to_the_client_says_which_service_gave_old_replies() -> None:
    subgraphs = shop()
    is_down = False

    async def call(request: SubgraphRequest) -> Mapping[str, Any]:
        if is_down:
            raise DOWN
        return await subgraphs["products"].call(request)

    transports = {name: InMemoryTransport(found.call) for name, found in subgraphs.items()}
    app = create_app(
        RouterSettings(subgraph_circuit_failures=1, subgraph_fallback={"products": []}),
        transports={**transports, "products": InMemoryTransport(call)},
        supergraph=Supergraph.from_sdl(supergraph_of(subgraphs)),
    )
    query = "{ topProducts { name stars } }"
    async with client_of(app) as client:
        fresh = await post(client, query)
        is_down = True
        failed = await post(client, query)
        old = await post(client, query)

    assert "extensions" not in fresh
    assert failed["errors"][0]["extensions"]["code"] == "SERVICE_UNAVAILABLE"
    assert old == {"data": fresh["data"], "extensions": {"staleReplies": {"products": {"ageSeconds": 0}}}}
