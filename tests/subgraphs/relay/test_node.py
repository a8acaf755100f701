"""node and nodes: global ids become typed references."""

from collections.abc import AsyncIterator
from uuid import UUID

import pytest

from subgraphs.relay.app import create_app
from subgraphs.relay.config import Settings
from subgraphs.relay.types import NODE_TYPES
from subgraphs.shared.graphql.app import SubgraphApp
from subgraphs.shared.identity import ANONYMOUS
from subgraphs.shared.ids import encode_id

NODE = "query ($id: ID!) { node(id: $id) { __typename id } }"
NODES = "query ($ids: [ID!]!) { nodes(ids: $ids) { __typename id } }"


@pytest.fixture
async def app() -> AsyncIterator[SubgraphApp]:
    app = create_app(Settings(viewer_context_key="k" * 32))
    async with app.running():
        yield app


@pytest.mark.parametrize("type_name", sorted(NODE_TYPES))
async def test_an_id_becomes_a_reference_of_its_type(app: SubgraphApp, type_name: str) -> None:
    global_id = encode_id(type_name, UUID(int=1))

    response = await app.execute_as(ANONYMOUS, NODE, variables={"id": global_id})

    assert response == {"data": {"node": {"__typename": type_name, "id": global_id}}}


async def test_many_ids_keep_their_order_and_come_as_often_as_asked(app: SubgraphApp) -> None:
    movie, user = encode_id("Movie", UUID(int=1)), encode_id("User", UUID(int=2))

    response = await app.execute_as(ANONYMOUS, NODES, variables={"ids": [user, movie, user]})

    found = [(node["__typename"], node["id"]) for node in response["data"]["nodes"]]
    assert found == [("User", user), ("Movie", movie), ("User", user)]


@pytest.mark.parametrize("global_id", ["", "x", encode_id("AdSlot", UUID(int=1)), encode_id("Query", UUID(int=1))])
async def test_what_is_no_node_is_refused(app: SubgraphApp, global_id: str) -> None:
    response = await app.execute_as(ANONYMOUS, NODE, variables={"id": global_id})

    assert response["data"] == {"node": None}
    assert [error["extensions"] for error in response["errors"]] == [{"code": "BAD_USER_INPUT", "cause": "INVALID_ID"}]


@pytest.mark.parametrize(("count", "is_allowed"), [(0, True), (100, True), (101, False)])
async def test_at_most_100_ids_at_once(app: SubgraphApp, count: int, *, is_allowed: bool) -> None:
    ids = [encode_id("Movie", UUID(int=number)) for number in range(count)]

    response = await app.execute_as(ANONYMOUS, NODES, variables={"ids": ids})

    if is_allowed:
        assert len(response["data"]["nodes"]) == count
    else:
        assert response["data"] == {"nodes": None}
        assert [error["extensions"]["cause"] for error in response["errors"]] == ["PAGE_SIZE"]
