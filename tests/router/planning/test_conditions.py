"""`@skip` and `@include` stay with what they are about."""

from __future__ import annotations

from tests.router.planning.plans import plan_text, supergraph, text

GRAPHS = "a b"
TYPES = """
type Query @in(A) @in(B) { product: Product @from(A)  other: Int @from(B) }
type Product @in(A, key: "id") @in(B, key: "id") {
  id: ID!
  name: String @from(A) @from(B, external: true)
  price: Int @from(B)
  offer: Int @from(B, requires: "name")
}
"""

SUPERGRAPH = supergraph(GRAPHS, TYPES)


def test_puts_the_condition_on_a_local_field() -> None:
    operation = "query ($x: Boolean!) { product { id name @include(if: $x) } }"

    printed = plan_text(SUPERGRAPH, operation)

    assert printed == text(
        """
        QueryPlan {
          Fetch(service: "a", id: 0) {
            {
              product {
                id
                name @include(if: $x)
              }
            }
          }
        }
        """
    )


def test_puts_the_condition_of_its_only_field_on_a_fetch() -> None:
    operation = "query ($x: Boolean!) { product { name price @skip(if: $x) } }"

    printed = plan_text(SUPERGRAPH, operation)

    assert printed == text(
        """
        QueryPlan {
          Sequence {
            Fetch(service: "a", id: 0) {
              {
                product {
                  id @skip(if: $x)
                  name
                }
              }
            }
            Fetch(service: "b", id: 1, after: [0], if: !$x) {
              product { __typename: Product id }
              if !$x => {
                ... on Product {
                  price @skip(if: $x)
                }
              }
            }
          }
        }
        """
    )


def test_joins_alternatives_on_a_fetch() -> None:
    operation = """
        query ($x: Boolean!, $y: Boolean!) { product { price @include(if: $x) again: price
        @include(if: $y) } }
    """

    printed = plan_text(SUPERGRAPH, operation)

    assert printed == text(
        """
        QueryPlan {
          Sequence {
            Fetch(service: "a", id: 0) {
              {
                product {
                  id @include(if: $x)
                  id @include(if: $y)
                }
              }
            }
            Fetch(service: "b", id: 1, after: [0], if: $x | $y) {
              product { __typename: Product id }
              if $x | $y => {
                ... on Product {
                  price @include(if: $x)
                  again: price @include(if: $y)
                }
              }
            }
          }
        }
        """
    )


def test_makes_a_requirement_as_conditional_as_the_field_that_requires_it() -> None:
    operation = "query ($x: Boolean!) { product { offer @include(if: $x) } }"

    printed = plan_text(SUPERGRAPH, operation)

    assert printed == text(
        """
        QueryPlan {
          Sequence {
            Fetch(service: "a", id: 0) {
              {
                product {
                  id @include(if: $x)
                  name @include(if: $x)
                }
              }
            }
            Fetch(service: "b", id: 1, after: [0], if: $x) {
              product { __typename: Product id name }
              if $x => {
                ... on Product {
                  offer @include(if: $x)
                }
              }
            }
          }
        }
        """
    )


def test_nests_conditions_of_the_same_kind() -> None:
    operation = """query ($x: Boolean!, $y: Boolean!) { product { ... @include(if: $x) { name @include(if: $y) } } }"""

    printed = plan_text(SUPERGRAPH, operation)

    assert printed == text(
        """
        QueryPlan {
          Fetch(service: "a", id: 0) {
            {
              product {
                ... @include(if: $y) {
                  name @include(if: $x)
                }
              }
            }
          }
        }
        """
    )


def test_decides_literal_conditions_at_once() -> None:
    operation = "{ product { name @include(if: false) price @skip(if: false) id } }"

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
                  price
                }
              }
            }
          }
        }
        """
    )


def test_drops_what_contradicts_itself() -> None:
    operation = """query ($x: Boolean!) { product { id ... @include(if: $x) { name @skip(if: $x) } } }"""

    printed = plan_text(SUPERGRAPH, operation)

    assert printed == text(
        """
        QueryPlan {
          Fetch(service: "a", id: 0) {
            {
              product {
                id
              }
            }
          }
        }
        """
    )


def test_wants_a_field_always_if_it_is_wanted_once_without_a_condition() -> None:
    operation = "query ($x: Boolean!) { product { name @include(if: $x) name } }"

    printed = plan_text(SUPERGRAPH, operation)

    assert printed == text(
        """
        QueryPlan {
          Fetch(service: "a", id: 0) {
            {
              product {
                name
              }
            }
          }
        }
        """
    )
