"""Whatever subgraphs reply, the router neither crashes nor mixes up its clients."""

import asyncio
import random
from collections.abc import Mapping
from typing import Any

import httpx
from hypothesis import given, settings
from hypothesis import strategies as st

from router.config import RouterSettings
from router.execution.memory_transport import InMemoryTransport
from router.execution.requests import GraphQLRequest
from router.execution.transport import SubgraphRequest, dump_json
from router.http import create_app
from router.supergraph import Supergraph
from tests.router.http.kit import PythonSubgraph, shop, supergraph_of

QUERY = """
    query ($deep: Boolean = true) {
      topProducts { __typename id name kind reviews { body author { id name } product { price stars } } stars }
      product(id: "1") { ...F @include(if: $deep) }
      latestReview { author { name } product { ...F } }
      me { id name }
    }
    fragment F on Thing { id name }
"""

JUNK: list[Any] = [
    None, True, 0, -1, 2**70, 1.5, "", "x", [], {}, [[]], [None], {"__typename": "Nobody"}, {"__typename": 7},
    {"id": {"id": 1}}, [{"id": []}],
]  # fmt: skip


def _spoiled(rng: random.Random, value: Any) -> Any:
    """Return `value` with some of its parts replaced, dropped, repeated or put in another order."""
    if rng.random() < 0.06:
        return rng.choice(JUNK)
    if isinstance(value, dict):
        kept = {key: _spoiled(rng, inner) for key, inner in value.items() if rng.random() > 0.04}
        return {**kept, "surplus": rng.choice(JUNK)} if rng.random() < 0.05 else kept
    if isinstance(value, list):
        items = [_spoiled(rng, item) for item in value]
        return rng.choice([items, items, items, items[1:], items + items, [items]])
    return value


@settings(max_examples=100, deadline=None)
@given(seed=st.integers(min_value=0, max_value=2**32))
async def test_spoiled_replies_are_answered_with_errors_and_never_with_a_crash(seed: int) -> None:
    rng = random.Random(seed)
    subgraphs = shop()

    def spoiling(subgraph: PythonSubgraph) -> InMemoryTransport:
        async def call(request: SubgraphRequest) -> Mapping[str, Any]:
            reply: Mapping[str, Any] = _spoiled(rng, dict(await subgraph.call(request)))
            return reply

        return InMemoryTransport(call)

    app = create_app(
        RouterSettings(),
        transports={name: spoiling(subgraph) for name, subgraph in subgraphs.items()},
        supergraph=Supergraph.from_sdl(SUPERGRAPH),
    )

    response = await app.engine.execute(GraphQLRequest(query=QUERY))
    await app.aclose()

    assert response.failed_code is None
    assert response.refused_code is None
    dump_json(response.body)
    data = response.body["data"]
    assert data is None or list(data) == ["topProducts", "product", "latestReview", "me"]
    for error in response.body.get("errors", []):
        assert isinstance(error["message"], str)
        assert isinstance(error["extensions"]["code"], str)


SUPERGRAPH = supergraph_of(shop())


async def test_each_of_many_clients_at_once_gets_its_own_data() -> None:
    async def whoami(request: SubgraphRequest) -> Mapping[str, Any]:
        await asyncio.sleep(random.random() / 100)
        return {"data": {"me": {"name": request.headers["x-name"]}}}

    app = create_app(
        RouterSettings(forward_headers=["x-name"], graphiql=False),
        transports={"accounts": InMemoryTransport(whoami), **{
            name: InMemoryTransport(found.call) for name, found in shop().items() if name != "accounts"
        }},
        supergraph=Supergraph.from_sdl(SUPERGRAPH),
    )  # fmt: skip
    async with httpx.AsyncClient(transport=httpx.ASGITransport(app=app), base_url="http://router.test") as client:
        answers = await asyncio.gather(
            *(
                client.post("/graphql", json={"query": "{ me { name } }"}, headers={"x-name": f"name {number}"})
                for number in range(100)
            )
        )
    await app.aclose()

    assert [answer.json() for answer in answers] == [{"data": {"me": {"name": f"name {n}"}}} for n in range(100)]
