"""Value types without a key: they are completed through the nearest ancestor that can be fetched again."""

from __future__ import annotations

from tests.router.planning.plans import plan_text, supergraph, text

GRAPHS = "a b"
TYPES = """
type Query @in(A) @in(B) {
  product: Product @from(A)
  settings: Settings
}
type Product @in(A, key: "id") @in(B, key: "id") { id: ID!  category: Category }
type Category @in(A) @in(B) { details: [Details!] }
type Details @in(A) @in(B) { products: Int @from(A)  rank: Int @from(B)  name: String }
type Settings @in(A) @in(B) { theme: String @from(A)  locale: String @from(B) }
"""

SUPERGRAPH = supergraph(GRAPHS, TYPES)


def test_enters_the_parent_entity_again_and_merges_lists_by_position() -> None:
    operation = "{ product { category { details { name products rank } } } }"

    printed = plan_text(SUPERGRAPH, operation)

    assert printed == text(
        """
        QueryPlan {
          Sequence {
            Fetch(service: "a", id: 0) {
              {
                product {
                  id
                  category {
                    details {
                      name
                      products
                    }
                  }
                }
              }
            }
            Fetch(service: "b", id: 1, after: [0]) {
              product { __typename: Product id }
              => {
                ... on Product {
                  category {
                    details {
                      rank
                    }
                  }
                }
              }
            }
          }
        }
        """
    )


def test_asks_both_graphs_for_a_root_field_that_they_share() -> None:
    operation = "{ settings { theme locale } }"

    printed = plan_text(SUPERGRAPH, operation)

    assert printed == text(
        """
        QueryPlan {
          Parallel {
            Fetch(service: "a", id: 0) {
              {
                settings {
                  theme
                }
              }
            }
            Fetch(service: "b", id: 1) {
              {
                settings {
                  locale
                }
              }
            }
          }
        }
        """
    )


def test_asks_only_the_graph_that_has_all_that_is_wanted() -> None:
    operation = "{ settings { locale } }"

    printed = plan_text(SUPERGRAPH, operation)

    assert printed == text(
        """
        QueryPlan {
          Fetch(service: "b", id: 0) {
            {
              settings {
                locale
              }
            }
          }
        }
        """
    )
