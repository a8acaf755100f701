"""`@requires`: closures, cycles, arguments, abstract values."""

from __future__ import annotations

from tests.router.planning.plans import plan_text, supergraph, text

GRAPHS = "a b c"
TYPES = """
type Query @in(A) { product: Product @from(A) }
interface Price @in(A) @in(B) { amount: Int }
type Net implements Price @implements(A, "Price") @implements(B, "Price") @in(A) @in(B) { amount: Int }
type Gross implements Price @implements(A, "Price") @implements(B, "Price") @in(A) @in(B) { amount: Int  tax: Int }
type Product @in(A, key: "id") @in(B, key: "id") @in(C, key: "id") {
  id: ID!
  weight(unit: String): Int @from(A) @from(B, external: true)
  price: Price @from(A) @from(B, external: true)
  shipping: Int @from(B, requires: "weight(unit: \\"kg\\")") @from(C, external: true)
  shippingInPounds: Int @from(B, requires: "weight(unit: \\"lb\\")")
  duty: Int @from(B, requires: "price { amount ... on Gross { tax } }")
  total: Int @from(C, requires: "shipping")
  first: Int @from(B) @from(C, external: true)
  second: Int @from(C, requires: "first") @from(B, external: true)
  third: Int @from(B, requires: "second")
  stock: Int @from(B)
}
"""

SUPERGRAPH = supergraph(GRAPHS, TYPES)


def test_reads_the_required_field_with_its_own_arguments() -> None:
    operation = "{ product { shipping } }"

    printed = plan_text(SUPERGRAPH, operation)

    assert printed == text(
        """
        QueryPlan {
          Sequence {
            Fetch(service: "a", id: 0) {
              {
                product {
                  id
                  weight(unit: "kg")
                }
              }
            }
            Fetch(service: "b", id: 1, after: [0]) {
              product { __typename: Product id weight }
              => {
                ... on Product {
                  shipping
                }
              }
            }
          }
        }
        """
    )


def test_keeps_the_clients_field_with_other_arguments_apart() -> None:
    operation = '{ product { weight(unit: "g") shipping } }'

    printed = plan_text(SUPERGRAPH, operation)

    assert printed == text(
        """
        QueryPlan {
          Sequence {
            Fetch(service: "a", id: 0) {
              {
                product {
                  id
                  _weight_1: weight(unit: "kg")
                  weight(unit: "g")
                }
              }
            }
            Fetch(service: "b", id: 1, after: [0]) {
              product { __typename: Product id weight: _weight_1 }
              => {
                ... on Product {
                  shipping
                }
              }
            }
          }
        }
        """
    )


def test_gives_two_requirements_of_one_field_with_different_arguments_an_entry_each() -> None:
    operation = "{ product { shipping shippingInPounds } }"

    printed = plan_text(SUPERGRAPH, operation)

    assert printed == text(
        """
        QueryPlan {
          Sequence {
            Fetch(service: "a", id: 0) {
              {
                product {
                  id
                  weight(unit: "kg")
                  _weight_1: weight(unit: "lb")
                }
              }
            }
            Fetch(service: "b", id: 1, after: [0]) {
              product { __typename: Product id weight }
              => {
                ... on Product {
                  shipping
                }
              }
              product { __typename: Product id weight: _weight_1 }
              => {
                ... on Product {
                  shippingInPounds
                }
              }
            }
          }
        }
        """
    )


def test_follows_a_requirement_of_a_requirement() -> None:
    operation = "{ product { total } }"

    printed = plan_text(SUPERGRAPH, operation)

    assert printed == text(
        """
        QueryPlan {
          Sequence {
            Fetch(service: "a", id: 0) {
              {
                product {
                  id
                  weight(unit: "kg")
                }
              }
            }
            Fetch(service: "b", id: 1, after: [0]) {
              product { __typename: Product id weight }
              => {
                ... on Product {
                  shipping
                }
              }
            }
            Fetch(service: "c", id: 2, after: [0, 1]) {
              product { __typename: Product id shipping }
              => {
                ... on Product {
                  total
                }
              }
            }
          }
        }
        """
    )


def test_goes_back_and_forth_between_two_graphs_that_require_from_each_other() -> None:
    operation = "{ product { third } }"

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
                  first
                }
              }
            }
            Fetch(service: "c", id: 2, after: [0, 1]) {
              product { __typename: Product id first }
              => {
                ... on Product {
                  second
                }
              }
            }
            Fetch(service: "b", id: 3, after: [0, 2]) {
              product { __typename: Product id second }
              => {
                ... on Product {
                  third
                }
              }
            }
          }
        }
        """
    )


def test_sends_typename_with_abstract_required_values() -> None:
    operation = "{ product { duty } }"

    printed = plan_text(SUPERGRAPH, operation)

    assert printed == text(
        """
        QueryPlan {
          Sequence {
            Fetch(service: "a", id: 0) {
              {
                product {
                  id
                  price {
                    __typename
                    amount
                    ... on Gross {
                      tax
                    }
                  }
                }
              }
            }
            Fetch(service: "b", id: 1, after: [0]) {
              product { __typename: Product id price { __typename amount ... on Gross { tax } } }
              => {
                ... on Product {
                  duty
                }
              }
            }
          }
        }
        """
    )


def test_lets_a_field_that_nobody_waits_for_travel_with_a_later_fetch() -> None:
    operation = "{ product { stock shipping } }"

    printed = plan_text(SUPERGRAPH, operation)

    assert printed == text(
        """
        QueryPlan {
          Sequence {
            Fetch(service: "a", id: 0) {
              {
                product {
                  id
                  weight(unit: "kg")
                }
              }
            }
            Fetch(service: "b", id: 1, after: [0]) {
              product { __typename: Product id weight }
              => {
                ... on Product {
                  stock
                  shipping
                }
              }
            }
          }
        }
        """
    )
