"""Operations that cannot be planned are refused with what is wrong."""

from __future__ import annotations

import pytest
from graphql import parse

from router.errors import QueryPlanningBudgetExceededError
from router.planning import plan_operation
from router.planning.name_unreachable import UnreachableFieldError
from router.planning.read_operation import OperationNotFoundError
from tests.router.planning.plans import plan, supergraph

ONE_WAY = """
type Query @in(A) @in(B) { product: Product @from(A)  node: Node @from(B) }
interface Node @in(B) { id: ID! }
type Product implements Node @implements(B, "Node")
  @in(A, key: "id") @in(B, key: "id", resolvable: false)
{
  id: ID!
  name: String @from(A)
  price: Int @from(B)
}
"""


def test_names_a_field_that_no_graph_can_supply_there_once_and_with_its_path() -> None:
    graph = supergraph("a b", ONE_WAY)

    with pytest.raises(UnreachableFieldError) as refusal:
        plan(graph, "{ product { name price } }")

    assert refusal.value.fields == (("product.price", "Product.price"),)
    assert refusal.value.code == "UNREACHABLE_FIELD"
    assert len(plan(graph, "{ node { ... on Product { name price } } }").fetches) == 2


def test_ends_with_a_clear_error_when_the_budget_is_used_up() -> None:
    graph = supergraph("a b", ONE_WAY)

    with pytest.raises(QueryPlanningBudgetExceededError) as refusal:
        plan_operation(graph, parse("{ product { name } }"), step_budget=2)

    assert refusal.value.budget == 2
    assert refusal.value.code == "QUERY_PLANNING_BUDGET_EXCEEDED"


def test_ends_with_a_clear_error_when_the_time_is_used_up() -> None:
    graph = supergraph("a b", ONE_WAY)
    # Wants much enough that the clock is looked at.
    fields = " ".join(f"a{number}: node {{ ... on Product {{ p{number}: price name }} }}" for number in range(40))
    clock = iter([100.0, *[103.0] * 1000])

    with pytest.raises(QueryPlanningBudgetExceededError) as refusal:
        plan_operation(graph, parse(f"{{ {fields} }}"), time_budget_seconds=2.0, clock=lambda: next(clock))

    assert (refusal.value.budget, refusal.value.unit) == (2.0, "seconds")
    assert refusal.value.message.startswith("No query plan was found within 2 seconds.")


@pytest.mark.parametrize(
    ("operation", "name"),
    [
        ("query A { product { id } } query B { product { id } }", None),
        ("query A { product { id } }", "B"),
        ("fragment F on Product { id }", None),
    ],
)
def test_asks_which_operation_is_meant(operation: str, name: str | None) -> None:
    with pytest.raises(OperationNotFoundError):
        plan_operation(supergraph("a b", ONE_WAY), parse(operation), name)


def test_plans_the_operation_that_is_named() -> None:
    document = parse("query A { product { id } } query B { node { id } }")

    found = plan_operation(supergraph("a b", ONE_WAY), document, "B")

    assert found.operation_name == "B"
    assert [fetch.subgraph for fetch in found.fetches] == ["b"]
