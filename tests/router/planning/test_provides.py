"""`@provides`: fields that a graph can supply on one path only."""

from __future__ import annotations

from tests.router.planning.plans import plan_text, supergraph, text

GRAPHS = "a b"
TYPES = """
type Query @in(A) @in(B) {
  top: Review @from(A, provides: "author { name } subject { ... on Book { title } }")
  latest: Review @from(A)
}
type Review @in(A) { author: User @from(A)  subject: Subject @from(A) }
union Subject @in(A) @member(A, "Book") @member(A, "User") = Book | User
type User @in(A, key: "id") @in(B, key: "id") {
  id: ID!
  name: String @from(A, external: true) @from(B)
}
type Book @in(A, key: "id") @in(B, key: "id") {
  id: ID!
  title: String @from(A, external: true) @from(B)
}
"""

SUPERGRAPH = supergraph(GRAPHS, TYPES)


def test_reads_provided_fields_on_the_path_that_provides_them() -> None:
    operation = "{ top { author { name } } }"

    printed = plan_text(SUPERGRAPH, operation)

    assert printed == text(
        """
        QueryPlan {
          Fetch(service: "a", id: 0) {
            {
              top {
                author {
                  name
                }
              }
            }
          }
        }
        """
    )


def test_fetches_them_from_their_own_graph_elsewhere() -> None:
    operation = "{ latest { author { name } } }"

    printed = plan_text(SUPERGRAPH, operation)

    assert printed == text(
        """
        QueryPlan {
          Sequence {
            Fetch(service: "a", id: 0) {
              {
                latest {
                  author {
                    id
                  }
                }
              }
            }
            Fetch(service: "b", id: 1, after: [0]) {
              latest.author { __typename: User id }
              => {
                ... on User {
                  name
                }
              }
            }
          }
        }
        """
    )


def test_reads_what_a_fragment_provides_for_one_type_only() -> None:
    operation = "{ top { subject { ... on Book { title } ... on User { name } } } }"

    printed = plan_text(SUPERGRAPH, operation)

    assert printed == text(
        """
        QueryPlan {
          Sequence {
            Fetch(service: "a", id: 0) {
              {
                top {
                  subject {
                    __typename
                    ... on User {
                      id
                    }
                    ... on Book {
                      title
                    }
                  }
                }
              }
            }
            Fetch(service: "b", id: 1, after: [0]) {
              top.subject on User { __typename: * id }
              => {
                ... on User {
                  name
                }
              }
            }
          }
        }
        """
    )
