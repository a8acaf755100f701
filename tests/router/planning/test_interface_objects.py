"""`@interfaceObject`: graphs that add fields to an interface without knowing its types."""

from __future__ import annotations

from tests.router.planning.plans import plan_text, supergraph, text

GRAPHS = "catalog ratings views"
TYPES = """
type Query @in(CATALOG) @in(RATINGS) {
  title: Title @from(CATALOG)
  best: [Title!]! @from(RATINGS)
}
interface Title @in(CATALOG, key: "id")
  @in(RATINGS, key: "id", isInterfaceObject: true) @in(VIEWS, key: "id", isInterfaceObject: true)
{
  id: ID!
  name: String @from(CATALOG)
  stars: Int @from(RATINGS)
  views: Int @from(VIEWS)
}
type Movie implements Title @implements(CATALOG, "Title") @in(CATALOG, key: "id") {
  id: ID! @from(CATALOG)
  name: String @from(CATALOG)
  stars: Int @join__field
  views: Int @join__field
  minutes: Int @from(CATALOG)
}
type Show implements Title @implements(CATALOG, "Title") @in(CATALOG, key: "id") {
  id: ID! @from(CATALOG)
  name: String @from(CATALOG)
  stars: Int @join__field
  views: Int @join__field
}
"""

SUPERGRAPH = supergraph(GRAPHS, TYPES)


def test_sends_the_interfaces_name_whatever_the_concrete_type() -> None:
    operation = "{ title { name stars } }"

    printed = plan_text(SUPERGRAPH, operation)

    assert printed == text(
        """
        QueryPlan {
          Sequence {
            Fetch(service: "catalog", id: 0) {
              {
                title {
                  __typename
                  id
                  name
                }
              }
            }
            Fetch(service: "ratings", id: 1, after: [0]) {
              title { __typename: Title id }
              => {
                ... on Title {
                  stars
                }
              }
            }
          }
        }
        """
    )


def test_asks_about_one_type_only_if_only_that_is_wanted() -> None:
    operation = "{ title { ... on Movie { stars } } }"

    printed = plan_text(SUPERGRAPH, operation)

    assert printed == text(
        """
        QueryPlan {
          Sequence {
            Fetch(service: "catalog", id: 0) {
              {
                title {
                  __typename
                  ... on Movie {
                    id
                  }
                }
              }
            }
            Fetch(service: "ratings", id: 1, after: [0]) {
              title on Movie { __typename: Title id }
              => {
                ... on Title {
                  stars
                }
              }
            }
          }
        }
        """
    )


def test_stays_in_graphs_without_types_while_no_type_matters() -> None:
    operation = "{ best { id stars views } }"

    printed = plan_text(SUPERGRAPH, operation)

    assert printed == text(
        """
        QueryPlan {
          Sequence {
            Fetch(service: "ratings", id: 0) {
              {
                best {
                  id
                  stars
                }
              }
            }
            Fetch(service: "views", id: 1, after: [0]) {
              best.@ { __typename: Title id }
              => {
                ... on Title {
                  views
                }
              }
            }
          }
        }
        """
    )


def test_asks_a_graph_that_knows_the_types_for_typename() -> None:
    operation = "{ best { __typename stars } }"

    printed = plan_text(SUPERGRAPH, operation)

    assert printed == text(
        """
        QueryPlan {
          Sequence {
            Fetch(service: "ratings", id: 0) {
              {
                best {
                  id
                  stars
                }
              }
            }
            Fetch(service: "catalog", id: 1, after: [0]) {
              best.@ { __typename: Title id }
              => {
                ... on Title {
                  __typename
                }
              }
            }
          }
        }
        """
    )


def test_asks_a_graph_that_knows_the_types_before_a_type_condition() -> None:
    operation = "{ best { stars ... on Movie { minutes views } } }"

    printed = plan_text(SUPERGRAPH, operation)

    assert printed == text(
        """
        QueryPlan {
          Sequence {
            Fetch(service: "ratings", id: 0) {
              {
                best {
                  id
                  stars
                }
              }
            }
            Fetch(service: "catalog", id: 1, after: [0]) {
              best.@ { __typename: Title id }
              => {
                ... on Title {
                  __typename
                  ... on Movie {
                    minutes
                  }
                }
              }
            }
            Fetch(service: "views", id: 2, after: [0, 1]) {
              best.@ on Movie { __typename: Title id }
              => {
                ... on Title {
                  views
                }
              }
            }
          }
        }
        """
    )


def test_reads_fields_of_the_interface_from_the_graph_that_knows_it() -> None:
    operation = "{ best { stars name views } }"

    printed = plan_text(SUPERGRAPH, operation)

    assert printed == text(
        """
        QueryPlan {
          Sequence {
            Fetch(service: "ratings", id: 0) {
              {
                best {
                  id
                  stars
                }
              }
            }
            Parallel {
              Fetch(service: "catalog", id: 1, after: [0]) {
                best.@ { __typename: Title id }
                => {
                  ... on Title {
                    __typename
                    name
                  }
                }
              }
              Fetch(service: "views", id: 2, after: [0]) {
                best.@ { __typename: Title id }
                => {
                  ... on Title {
                    views
                  }
                }
              }
            }
          }
        }
        """
    )
