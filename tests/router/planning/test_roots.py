"""Root types: subscriptions, and a query root that is reached from deep in the operation."""

from __future__ import annotations

from router.planning.plan import OperationKind
from tests.router.planning.plans import plan, plan_text, supergraph, text

SUPERGRAPH = supergraph(
    "a b",
    """
    type Query @in(A) @in(B) { price: Int @from(A)  stock: Int @from(B)  again: Query @from(A) }
    type Mutation @in(A) { buy: Receipt @from(A) }
    type Subscription @in(A) { sold: Product @from(A) }
    type Receipt @in(A) { query: Query }
    type Product @in(A, key: "id") @in(B, key: "id") { id: ID!  name: String @from(B) }
    """,
)


def test_completes_the_objects_of_a_subscription_with_queries() -> None:
    operation = "subscription { sold { name } }"

    found = plan(SUPERGRAPH, operation)

    assert [(fetch.kind, fetch.subgraph) for fetch in found.fetches] == [
        (OperationKind.SUBSCRIPTION, "a"),
        (OperationKind.QUERY, "b"),
    ]
    assert found.fetches[0].document == "subscription { sold { id } }"


def test_asks_another_graph_for_its_part_of_a_query_root_below_a_mutation() -> None:
    operation = "mutation { buy { query { price stock } } }"

    printed = plan_text(SUPERGRAPH, operation)

    assert printed == text(
        """
        QueryPlan {
          Sequence {
            Fetch(service: "a", id: 0) {
              {
                buy {
                  query {
                    price
                  }
                }
              }
            }
            Fetch(service: "b", id: 1, after: [0]) {
              buy.query <-
              {
                stock
              }
            }
          }
        }
        """
    )
    assert plan(SUPERGRAPH, operation).fetches[1].kind is OperationKind.QUERY


def test_answers_typename_of_roots_without_asking_anyone() -> None:
    assert plan(SUPERGRAPH, "mutation { __typename }").fetches == ()
