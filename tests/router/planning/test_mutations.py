"""Mutations run their root fields one after the other."""

from __future__ import annotations

import pytest

from router.planning.name_unreachable import UnreachableFieldError
from tests.router.planning.plans import plan_text, supergraph, text

GRAPHS = "a b"
TYPES = """
type Query @in(A) { ok: Boolean @from(A) }
type Mutation @in(A) @in(B) {
  add(price: Int!): Product @from(A)
  remove: Product @from(B)
  touch: Product
}
type Product @in(A, key: "id") @in(B, key: "id") { id: ID!  name: String @from(A)  price: Int @from(B) }
"""

SUPERGRAPH = supergraph(GRAPHS, TYPES)


def test_finishes_the_entity_fetches_of_a_field_before_the_next_field() -> None:
    operation = """
        mutation ($p: Int! = 3) { first: add(price: $p) { name price } remove { id } last:
        add(price: 2) { id } }
    """

    printed = plan_text(SUPERGRAPH, operation)

    assert printed == text(
        """
        QueryPlan {
          Sequence {
            Fetch(service: "a", id: 0) {
              {
                first: add(price: $p) {
                  id
                  name
                }
              }
            }
            Fetch(service: "b", id: 1, after: [0]) {
              first { __typename: Product id }
              => {
                ... on Product {
                  price
                }
              }
            }
            Fetch(service: "b", id: 2, after: [0, 1]) {
              {
                remove {
                  id
                }
              }
            }
            Fetch(service: "a", id: 3, after: [0, 1, 2]) {
              {
                last: add(price: 2) {
                  id
                }
              }
            }
          }
        }
        """
    )


def test_runs_neighbouring_fields_of_one_graph_in_one_request() -> None:
    operation = """mutation { one: add(price: 1) { id } two: add(price: 2) { id price } remove { id } }"""

    printed = plan_text(SUPERGRAPH, operation)

    assert printed == text(
        """
        QueryPlan {
          Sequence {
            Fetch(service: "a", id: 0) {
              {
                one: add(price: 1) {
                  id
                }
                two: add(price: 2) {
                  id
                }
              }
            }
            Fetch(service: "b", id: 1, after: [0]) {
              two { __typename: Product id }
              => {
                ... on Product {
                  price
                }
              }
            }
            Fetch(service: "b", id: 2, after: [0, 1]) {
              {
                remove {
                  id
                }
              }
            }
          }
        }
        """
    )


def test_calls_a_shared_mutation_once() -> None:
    operation = "mutation { touch { name price } }"

    printed = plan_text(SUPERGRAPH, operation)

    assert printed == text(
        """
        QueryPlan {
          Sequence {
            Fetch(service: "b", id: 0) {
              {
                touch {
                  id
                  price
                }
              }
            }
            Fetch(service: "a", id: 1, after: [0]) {
              touch { __typename: Product id }
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


def test_refuses_to_change_something_twice_for_what_no_graph_has_alone() -> None:
    graph = supergraph(
        "a b",
        """
        type Query @in(A) @in(B) { q: Int @from(A) }
        type Mutation @in(A) @in(B) { add: Added }
        type Added @in(A) @in(B) { x: Int @from(A)  y: Int @from(B) }
        """,
    )

    with pytest.raises(UnreachableFieldError):
        plan_text(graph, "mutation { add { x y } }")
