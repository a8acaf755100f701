"""Three subgraphs, composed, planned and executed, through the HTTP door: equal answers in memory and over HTTP."""

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from typing import Any

import httpx
import pytest

from router.config import RouterSettings
from router.http import create_app
from router.supergraph import Supergraph
from tests.router.http.kit import PythonSubgraph, app_in_memory, client_of, post, served_over_http, shop, supergraph_of

OPERATIONS: list[tuple[str, dict[str, Any], Any]] = [
    (
        "{ topProducts { name reviews { body author { name } product { name } } stars } me { name } }",
        {},
        {
            "topProducts": [
                {
                    "name": "Dune",
                    "reviews": [
                        {"body": "Long.", "author": {"name": "Ann"}, "product": {"name": "Dune"}},
                        {"body": "Sandy.", "author": {"name": None}, "product": {"name": "Dune"}},
                    ],
                    "stars": 2.5,
                },
                {
                    "name": "Alien",
                    "reviews": [{"body": "Loud.", "author": {"name": None}, "product": {"name": "Alien"}}],
                    "stars": 1.5,
                },
            ],
            "me": {"name": "Ann"},
        },
    ),
    (
        (
            "query Q($n: Int, $deep: Boolean = false) { __typename top: topProducts(first: $n) { t: __typename ...P "
            'stars @include(if: $deep) } __type(name: "Kind") { name } } fragment P on Thing { label: name id }'
        ),
        {"n": 1},
        {
            "__typename": "Query",
            "top": [{"t": "Product", "label": "Dune", "id": "1"}],
            "__type": {"name": "Kind"},
        },
    ),
    (
        "query ($deep: Boolean!) { latestReview { product { price kind stars @include(if: $deep) } } }",
        {"deep": True},
        {"latestReview": {"product": {"price": 500, "kind": "BOOK", "stars": 2.5}}},
    ),
    (
        (
            'mutation { a: rename(id: "1", name: "X") { name stars } review(product: "1", body: "B") '
            '{ product { name reviews { id } } } b: rename(id: "1", name: "Y") { name } }'
        ),
        {},
        {
            "a": {"name": "X", "stars": 2.5},
            "review": {"product": {"name": "X", "reviews": [{"id": "r1"}, {"id": "r3"}, {"id": "r4"}]}},
            "b": {"name": "Y"},
        },
    ),
]


@asynccontextmanager
async def router_over(subgraphs: dict[str, PythonSubgraph], way: str) -> AsyncIterator[httpx.AsyncClient]:
    if way == "in memory":
        async with client_of(app_in_memory(subgraphs)) as client:
            yield client
        return
    async with served_over_http(subgraphs) as urls:
        supergraph = Supergraph.from_sdl(supergraph_of(subgraphs, urls))
        async with client_of(create_app(RouterSettings(), supergraph=supergraph)) as client:
            yield client


@pytest.mark.parametrize("way", ["in memory", "over HTTP"])
@pytest.mark.parametrize(("query", "variables", "expected"), OPERATIONS)
async def test_answers_an_operation_across_subgraphs(
    query: str, variables: dict[str, Any], expected: Any, way: str
) -> None:
    async with router_over(shop(), way) as client:
        body = await post(client, query, variables=variables)

    assert body == {"data": expected}
    assert _keys(body["data"]) == _keys(expected)


def _keys(value: Any) -> Any:
    if isinstance(value, dict):
        return [(key, _keys(inner)) for key, inner in value.items()]
    return [_keys(item) for item in value] if isinstance(value, list) else None


@pytest.mark.parametrize("way", ["in memory", "over HTTP"])
async def test_a_refusal_of_a_subgraph_reaches_the_client_and_changes_nothing(way: str) -> None:
    async with router_over(shop(), way) as client:
        refused = await post(client, 'mutation { rename(id: "1", name: "") { name } }')
        after = await post(client, '{ product(id: "1") { name } }')

    assert refused == {
        "errors": [
            {
                "message": "A name is needed.",
                "path": ["rename"],
                "extensions": {"service": "products", "code": "NAME_MISSING"},
            }
        ],
        "data": {"rename": None},
    }
    assert after == {"data": {"product": {"name": "Dune"}}}


@pytest.mark.requirement("NFR-REL-003")
@pytest.mark.parametrize("killed", ["products", "reviews", "accounts"])
async def test_with_one_subgraph_gone_the_rest_is_still_answered(killed: str) -> None:
    subgraphs = shop()
    query = "{ topProducts { name stars } latestReview { body author { name } } me { name } }"
    async with served_over_http(subgraphs) as urls:
        whole_urls = {**urls, killed: "http://127.0.0.1:9/"}
        supergraph = Supergraph.from_sdl(supergraph_of(subgraphs, whole_urls))
        async with client_of(create_app(RouterSettings(subgraph_max_tries=1), supergraph=supergraph)) as client:
            body = await post(client, query)

    expected: dict[str, tuple[Any, list[list[str | int]]]] = {
        "products": (None, [["topProducts"]]),
        "reviews": (
            {
                "topProducts": [{"name": "Dune", "stars": None}, {"name": "Alien", "stars": None}],
                "latestReview": None,
                "me": {"name": "Ann"},
            },
            [["latestReview"], ["topProducts", 0, "stars"], ["topProducts", 1, "stars"]],
        ),
        "accounts": (
            {
                "topProducts": [{"name": "Dune", "stars": 2.5}, {"name": "Alien", "stars": 1.5}],
                "latestReview": {"body": "Sandy.", "author": {"name": None}},
                "me": None,
            },
            [["latestReview", "author", "name"], ["me"]],
        ),
    }
    data, paths = expected[killed]
    assert body["data"] == data
    assert sorted((error["path"] for error in body["errors"]), key=str) == sorted(paths, key=str)
    assert all(error["extensions"] == {"service": killed, "code": "SERVICE_UNAVAILABLE"} for error in body["errors"])
