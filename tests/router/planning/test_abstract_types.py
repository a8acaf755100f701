"""Interfaces and unions: type conditions that a graph knows, expansion where fields live in different graphs."""

from __future__ import annotations

import pytest

from router.planning.name_unreachable import UnreachableFieldError
from tests.router.planning.plans import plan_text, supergraph, text

GRAPHS = "a b"
TYPES = """
type Query @in(A) @in(B) {
  media: [Media!]! @from(A)
  node: Node @from(A)
  any: Anything @from(A)
  same: Media @from(A)
}
interface Node @in(A) { id: ID! }
interface Media @in(A) @in(B) { id: ID!  title: String  sequel: Media @from(A) }
union Anything @in(A) @in(B)
  @member(A, "Book") @member(A, "Film") @member(B, "Song")
  = Book | Film | Song
type Book implements Media & Node @implements(A, "Media") @implements(A, "Node")
  @in(A, key: "id") {
  id: ID!  title: String  sequel: Book  pages: Int
}
type Film implements Media & Node
  @implements(A, "Media") @implements(A, "Node") @implements(B, "Media") @in(A, key: "id") @in(B, key: "id") {
  id: ID!
  title: String @from(A, external: true) @from(B)
  sequel: Media @from(A)
  minutes: Int @from(B)
  length: String @from(A, type: "String!")
}
type Song implements Media @implements(B, "Media") @in(B, key: "id") { id: ID!  title: String  sequel: Media }
"""

SUPERGRAPH = supergraph(GRAPHS, TYPES)


def test_selects_on_the_interface_what_all_its_types_have_here() -> None:
    operation = "{ media { id } }"

    printed = plan_text(SUPERGRAPH, operation)

    assert printed == text(
        """
        QueryPlan {
          Fetch(service: "a", id: 0) {
            {
              media {
                __typename
                id
              }
            }
          }
        }
        """
    )


def test_expands_a_field_that_some_types_have_elsewhere() -> None:
    operation = "{ media { title } }"

    printed = plan_text(SUPERGRAPH, operation)

    assert printed == text(
        """
        QueryPlan {
          Sequence {
            Fetch(service: "a", id: 0) {
              {
                media {
                  __typename
                  ... on Film {
                    id
                  }
                  ... on Book {
                    title
                  }
                }
              }
            }
            Fetch(service: "b", id: 1, after: [0]) {
              media.@ on Film { __typename: * id }
              => {
                ... on Film {
                  title
                }
              }
            }
          }
        }
        """
    )


def test_leaves_out_types_that_the_graph_cannot_return() -> None:
    operation = "{ any { __typename ... on Song { title } ... on Book { pages } } }"

    printed = plan_text(SUPERGRAPH, operation)

    assert printed == text(
        """
        QueryPlan {
          Fetch(service: "a", id: 0) {
            {
              any {
                __typename
                ... on Book {
                  pages
                }
              }
            }
          }
        }
        """
    )


def test_selects_a_covariant_field_on_the_type_that_narrows_it() -> None:
    operation = "{ same { ... on Book { sequel { pages } } sequel { id } } }"

    printed = plan_text(SUPERGRAPH, operation)

    assert printed == text(
        """
        QueryPlan {
          Fetch(service: "a", id: 0) {
            {
              same {
                __typename
                ... on Book {
                  sequel {
                    pages
                    id
                  }
                }
                ... on Film {
                  sequel {
                    __typename
                    id
                  }
                }
              }
            }
          }
        }
        """
    )


def test_asks_for_typename_even_if_only_an_interface_is_wanted() -> None:
    operation = "{ node { id } }"

    printed = plan_text(SUPERGRAPH, operation)

    assert printed == text(
        """
        QueryPlan {
          Fetch(service: "a", id: 0) {
            {
              node {
                __typename
                id
              }
            }
          }
        }
        """
    )


def test_renames_fields_whose_types_a_graph_would_not_merge() -> None:
    operation = "{ media { ... on Book { text: title } ... on Film { text: length } } }"

    printed = plan_text(SUPERGRAPH, operation)

    assert printed == text(
        """
        QueryPlan {
          Fetch(service: "a", id: 0) {
            {
              media {
                __typename
                ... on Book {
                  text: title
                }
                ... on Film {
                  _text_1: length
                }
              }
            }
          }
          Rename(media.text on Film <- _text_1)
        }
        """
    )


def test_keeps_the_path_of_a_type_condition() -> None:
    operation = "{ media { ... on Film { sequel { ... on Film { minutes } } } } }"

    printed = plan_text(SUPERGRAPH, operation)

    assert printed == text(
        """
        QueryPlan {
          Sequence {
            Fetch(service: "a", id: 0) {
              {
                media {
                  __typename
                  ... on Film {
                    sequel {
                      __typename
                      ... on Film {
                        id
                      }
                    }
                  }
                }
              }
            }
            Fetch(service: "b", id: 1, after: [0]) {
              media.@|[Film].sequel on Film { __typename: * id }
              => {
                ... on Film {
                  minutes
                }
              }
            }
          }
        }
        """
    )


def test_refuses_a_key_that_each_graph_can_tell_of_other_types_only() -> None:
    graph = supergraph(
        "a b",
        """
        type Query @in(A) @in(B) { node: Node }
        interface Node @in(A) @in(B) { id: ID! }
        type Account implements Node
          @implements(A, "Node") @implements(B, "Node") @in(A, key: "id") @in(B, key: "id")
        { id: ID! @from(A) @from(B, external: true)  name: String @from(A) }
        type Chat implements Node
          @implements(A, "Node") @implements(B, "Node") @in(A, key: "id") @in(B, key: "id")
        { id: ID! @from(A, external: true) @from(B)  text: String @from(B) }
        """,
    )

    with pytest.raises(UnreachableFieldError):
        plan_text(graph, "{ node { id } }")  # from a for accounts, from b for chats: but of which node?

    assert 'service: "a"' in plan_text(graph, "{ node { ... on Account { id } } }")
    assert 'service: "b"' in plan_text(graph, "{ node { ... on Chat { id } } }")
