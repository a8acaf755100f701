"""The cost of an operation: default weights, `@cost`, `@listSize`, conditions; what costs too much is refused."""

from typing import Any

import pytest
from graphql import OperationDefinitionNode, build_schema, parse

from router.execution.cost import CostRules, OperationCost, compile_cost
from router.execution.refusals import RefusedError
from router.supergraph.read_costs import Costs, read_costs
from tests.router.http.kit import app_in_memory, client_of, post, shop

SDL = """
directive @cost(weight: Int!) on ARGUMENT_DEFINITION | ENUM | FIELD_DEFINITION | OBJECT | SCALAR
directive @listSize(
  assumedSize: Int, slicingArguments: [String!], sizedFields: [String!], requireOneSlicingArgument: Boolean = true
) on FIELD_DEFINITION
type Query {
  a: A
  number: Int
  heavy: Int @cost(weight: 7)
  list: [A!]
  twelve: [A] @listSize(assumedSize: 12)
  page(first: Int, last: Int, search: String @cost(weight: 3)): [A!]! @listSize(slicingArguments: ["first", "last"])
  either(first: Int = 4, last: Int): [A]
    @listSize(slicingArguments: ["first", "last"], assumedSize: 2, requireOneSlicingArgument: false)
  edges(first: Int): Edges @listSize(slicingArguments: ["first"], sizedFields: ["edges"])
  node: Node
  either_kind: Kind
}
type Mutation { a: A }
union Kind = A | B
interface Node { id: ID }
type A implements Node { id: ID a: A b: B grid: [[B]] code: Code }
type B implements Node @cost(weight: 5) { id: ID a: A }
type Edges { edges: [Edge] total: Int }
type Edge { node: A }
scalar Code @cost(weight: 2)
"""
SCHEMA = build_schema(SDL)
COSTS = read_costs(SDL)


def cost_of(query: str, *, list_size: int = 10) -> OperationCost:
    document = parse(query)
    operation = next(node for node in document.definitions if isinstance(node, OperationDefinitionNode))
    return compile_cost(SCHEMA, document, operation, costs=COSTS, rules=CostRules(list_size=list_size))


@pytest.mark.parametrize(
    ("query", "expected"),
    [
        ("{ number }", 0),
        ("{ __typename __schema { types { name } } }", 0),
        ("{ a { id } }", 1),
        ("{ a { a { id } } x: a { id } }", 3),
        ("mutation { a { id } }", 11),
        ("{ heavy }", 7),
        ("{ a { code } }", 3),
        ("{ a { b { id } } }", 6),
        ("{ list { id } }", 10),
        ("{ list { a { id } } }", 20),
        ("{ a { grid { id } } }", 51),
        ("{ twelve { a { id } } }", 24),
        ("{ page(first: 3) { a { id } } }", 6),
        ("{ page(first: 3, search: null) { a { id } } }", 9),
        ("{ page(first: -3) { id } }", 0),
        ("{ either { id } }", 4),
        ("{ either(last: 6) { id } }", 6),
        ("{ either(first: null) { id } }", 4),
        ("{ edges(first: 5) { total edges { node { id } } } }", 11),
        ("{ edges(first: 5) { e: edges { node { a { id } } } } }", 16),
        ("{ node { id } }", 5),
        ("{ either_kind { ... on A { a { id } } ... on B { a { id } } } }", 7),
        ("{ ...F a { ...G } } fragment F on Query { a { ...G } } fragment G on A { b { id } }", 12),
        ("{ a @skip(if: true) { id } x: a @include(if: false) { id } y: a @include(if: true) { id } }", 1),
    ],
)
def test_costs(query: str, expected: int) -> None:
    cost = cost_of(query)

    assert cost.is_constant
    assert cost.estimate({}) == expected


@pytest.mark.parametrize(
    ("query", "variables", "expected"),
    [
        ("query ($n: Int) { page(first: $n) { a { id } } }", {"n": 50}, 100),
        ("query ($n: Int) { page(first: $n) { a { id } } }", {}, 0),
        ("query ($n: Int) { either(last: $n) { id } }", {"n": 9}, 9),
        ("query ($n: Int) { either(last: $n, first: 3) { id } }", {"n": 1}, 3),
        ("query ($n: Int) { edges(first: $n) { edges { node { id } } } }", {"n": 6}, 13),
        ("query ($n: Int) { page(first: $n) { id } }", {"n": 10**12}, 2**31),
        ("query ($b: Boolean!) { a @include(if: $b) { id } }", {"b": True}, 1),
        ("query ($b: Boolean!) { a @include(if: $b) { id } }", {"b": False}, 0),
        ("query ($b: Boolean!) { a @skip(if: $b) { id } }", {"b": True}, 0),
        ("query ($b: Boolean!) { ...F @skip(if: $b) } fragment F on Query { a { id } }", {"b": False}, 1),
    ],
)
def test_costs_that_depend_on_variables(query: str, variables: dict[str, Any], expected: int) -> None:
    cost = cost_of(query)

    assert not cost.is_constant
    assert cost.estimate(variables) == expected


def test_the_default_list_size_can_be_set() -> None:
    assert cost_of("{ list { id } }", list_size=3).estimate({}) == 3


@pytest.mark.parametrize("query", ["{ page { id } }", "{ page(first: 1, last: 1) { id } }", "{ edges { total } }"])
def test_where_one_slicing_argument_is_needed_none_and_two_are_refused(query: str) -> None:
    with pytest.raises(RefusedError) as raised:
        cost_of(query)

    assert raised.value.refusal_code == "LIST_SIZE_ARGUMENT_NEEDED"


def test_an_sdl_without_the_directives_is_not_even_parsed() -> None:
    assert read_costs("not GraphQL at all") == Costs()


async def test_what_costs_too_much_is_refused_with_the_numbers_before_anything_is_called() -> None:
    subgraphs = shop()
    query = "{ topProducts { reviews { body } } }"
    async with client_of(app_in_memory(subgraphs, max_cost=109)) as client:
        refused = await post(client, query)
    assert sum(len(found.requests) for found in subgraphs.values()) == 0
    async with client_of(app_in_memory(subgraphs, max_cost=110)) as client:
        allowed = await post(client, query)

    assert refused == {
        "errors": [
            {
                "message": "The operation costs 110; 109 is allowed.",
                "extensions": {"code": "COST_LIMIT_EXCEEDED", "cost": {"estimated": 110, "maximum": 109}},
            }
        ]
    }
    assert "errors" not in allowed


async def test_the_cost_of_the_same_operation_is_judged_by_its_variables() -> None:
    subgraphs = shop()
    query = "query ($all: Boolean!) { me { id } topProducts @include(if: $all) { id } }"
    async with client_of(app_in_memory(subgraphs, max_cost=5)) as client:
        allowed = await post(client, query, variables={"all": False})
        refused = await post(client, query, variables={"all": True})

    assert allowed == {"data": {"me": {"id": "u1"}}}
    assert refused["errors"][0]["extensions"]["cost"] == {"estimated": 11, "maximum": 5}


async def test_the_limit_can_be_switched_off() -> None:
    async with client_of(app_in_memory(shop(), max_cost=0)) as client:
        body = await post(client, "{ topProducts { reviews { product { reviews { product { id } } } } } }")

    assert "errors" not in body
