"""`@override`, also with a label."""

from __future__ import annotations

from tests.router.planning.plans import plan, plan_text, supergraph, text

GRAPHS = "a b"
TYPES = """
type Query @in(A) { product: Product @from(A) }
type Product @in(A, key: "id") @in(B, key: "id") {
  id: ID!
  name: String @from(B, override: "a")
  price: Int
    @from(A, overrideLabel: "percent(20)") @from(B, override: "a", overrideLabel: "percent(20)")
}
"""

SUPERGRAPH = supergraph(GRAPHS, TYPES)


def test_takes_an_overridden_field_from_the_new_graph() -> None:
    operation = "{ product { name } }"

    printed = plan_text(SUPERGRAPH, operation)

    assert printed == text(
        """
        QueryPlan {
          Sequence {
            Fetch(service: "a", id: 0) {
              {
                product {
                  id
                }
              }
            }
            Fetch(service: "b", id: 1, after: [0]) {
              product { __typename: Product id }
              => {
                ... on Product {
                  name
                }
              }
            }
          }
        }
        """
    )


def test_keeps_the_old_graph_while_the_label_is_off() -> None:
    operation = "{ product { price } }"

    printed = plan_text(SUPERGRAPH, operation)

    assert printed == text(
        """
        QueryPlan {
          Fetch(service: "a", id: 0) {
            {
              product {
                price
              }
            }
          }
        }
        """
    )


def test_takes_the_field_from_the_new_graph_while_the_label_is_on() -> None:
    graph = supergraph(GRAPHS, TYPES, active_labels=frozenset({"percent(20)"}))

    found = plan(graph, "{ product { price } }")

    assert graph.override_labels == {"percent(20)"}
    assert [fetch.subgraph for fetch in found.fetches] == ["a", "b"]
