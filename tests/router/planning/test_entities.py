"""Fields of an entity in several graphs: keys, chains of keys, batches."""

from __future__ import annotations

from tests.router.planning.plans import plan_text, supergraph, text

GRAPHS = "accounts catalog stock"
TYPES = """
type Query @in(CATALOG) @in(ACCOUNTS) {
  products: [Product!]! @from(CATALOG)
  featured: Product @from(CATALOG)
  me: User @from(ACCOUNTS)
}
type User @in(ACCOUNTS) { name: String  favourite: Product  cart: [[Product!]!] }
type Product
  @in(CATALOG, key: "id") @in(CATALOG, key: "sku { code }")
  @in(STOCK, key: "sku { code }") @in(ACCOUNTS, key: "id", resolvable: false)
{
  id: ID! @from(CATALOG) @from(ACCOUNTS)
  sku: Sku! @from(CATALOG) @from(STOCK)
  title: String @from(CATALOG)
  inStock: Int @from(STOCK)
}
type Sku @in(CATALOG) @in(STOCK) { code: String! }
"""

SUPERGRAPH = supergraph(GRAPHS, TYPES)


def test_fetches_a_field_of_another_graph_with_a_nested_key() -> None:
    operation = "{ featured { title inStock } }"

    printed = plan_text(SUPERGRAPH, operation)

    assert printed == text(
        """
        QueryPlan {
          Sequence {
            Fetch(service: "catalog", id: 0) {
              {
                featured {
                  sku {
                    code
                  }
                  title
                }
              }
            }
            Fetch(service: "stock", id: 1, after: [0]) {
              featured { __typename: Product sku { code } }
              => {
                ... on Product {
                  inStock
                }
              }
            }
          }
        }
        """
    )


def test_enters_a_third_graph_through_the_second_when_its_key_is_only_known_there() -> None:
    operation = "{ me { favourite { inStock } } }"

    printed = plan_text(SUPERGRAPH, operation)

    assert printed == text(
        """
        QueryPlan {
          Sequence {
            Fetch(service: "accounts", id: 0) {
              {
                me {
                  favourite {
                    id
                  }
                }
              }
            }
            Fetch(service: "catalog", id: 1, after: [0]) {
              me.favourite { __typename: Product id }
              => {
                ... on Product {
                  sku {
                    code
                  }
                }
              }
            }
            Fetch(service: "stock", id: 2, after: [0, 1]) {
              me.favourite { __typename: Product sku { code } }
              => {
                ... on Product {
                  inStock
                }
              }
            }
          }
        }
        """
    )


def test_follows_lists_within_lists() -> None:
    operation = "{ me { cart { title } } }"

    printed = plan_text(SUPERGRAPH, operation)

    assert printed == text(
        """
        QueryPlan {
          Sequence {
            Fetch(service: "accounts", id: 0) {
              {
                me {
                  cart {
                    id
                  }
                }
              }
            }
            Fetch(service: "catalog", id: 1, after: [0]) {
              me.cart.@.@ { __typename: Product id }
              => {
                ... on Product {
                  title
                }
              }
            }
          }
        }
        """
    )


def test_sends_representations_of_several_paths_in_one_entry_if_they_ask_for_the_same() -> None:
    operation = "{ a: featured { inStock } products { inStock } }"

    printed = plan_text(SUPERGRAPH, operation)

    assert printed == text(
        """
        QueryPlan {
          Sequence {
            Fetch(service: "catalog", id: 0) {
              {
                a: featured {
                  sku {
                    code
                  }
                }
                products {
                  sku {
                    code
                  }
                }
              }
            }
            Fetch(service: "stock", id: 1, after: [0]) {
              a { __typename: Product sku { code } }
              products.@ { __typename: Product sku { code } }
              => {
                ... on Product {
                  inStock
                }
              }
            }
          }
        }
        """
    )


def test_gives_entries_of_one_fetch_aliases_if_they_ask_for_different_things() -> None:
    operation = """
        { a: featured { inStock } products { inStock sku { code } id } me { favourite { title }
        cart { id title sku { code } } } }
    """

    printed = plan_text(SUPERGRAPH, operation)

    assert printed == text(
        """
        QueryPlan {
          Sequence {
            Parallel {
              Fetch(service: "accounts", id: 0) {
                {
                  me {
                    favourite {
                      id
                    }
                    cart {
                      id
                    }
                  }
                }
              }
              Fetch(service: "catalog", id: 1) {
                {
                  a: featured {
                    sku {
                      code
                    }
                  }
                  products {
                    sku {
                      code
                    }
                    id
                  }
                }
              }
            }
            Parallel {
              Fetch(service: "catalog", id: 2, after: [0]) {
                me.favourite { __typename: Product id }
                => {
                  ... on Product {
                    title
                  }
                }
                me.cart.@.@ { __typename: Product id }
                => {
                  ... on Product {
                    title
                    sku {
                      code
                    }
                  }
                }
              }
              Fetch(service: "stock", id: 3, after: [1]) {
                a { __typename: Product sku { code } }
                products.@ { __typename: Product sku { code } }
                => {
                  ... on Product {
                    inStock
                  }
                }
              }
            }
          }
        }
        """
    )


def test_takes_everything_from_one_graph_without_a_second_fetch() -> None:
    operation = "{ products { id title sku { code } } }"

    printed = plan_text(SUPERGRAPH, operation)

    assert printed == text(
        """
        QueryPlan {
          Fetch(service: "catalog", id: 0) {
            {
              products {
                id
                title
                sku {
                  code
                }
              }
            }
          }
        }
        """
    )
