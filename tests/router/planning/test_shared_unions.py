"""Unions whose members differ between graphs."""

from __future__ import annotations

from tests.router.planning.plans import plan_text, supergraph, text

GRAPHS = "a b"
TYPES = """
type Query @in(A) @in(B) { mine: Box @from(A)  shared: Box }
type Box @in(A) @in(B) { content: Content  special: Content @from(A) }
union Content @in(A) @in(B)
  @member(A, "Common") @member(B, "Common") @member(A, "Own") = Common | Own
type Common @in(A) @in(B) { label: String }
type Own @in(A) { text: String }
"""

SUPERGRAPH = supergraph(GRAPHS, TYPES)


def test_asks_for_every_member_where_only_one_graph_can_answer() -> None:
    operation = "{ mine { content { ... on Own { text } } } }"

    printed = plan_text(SUPERGRAPH, operation)

    assert printed == text(
        """
        QueryPlan {
          Fetch(service: "a", id: 0) {
            {
              mine {
                content {
                  __typename
                  ... on Own {
                    text
                  }
                }
              }
            }
          }
        }
        """
    )


def test_asks_only_for_members_that_all_graphs_know_where_several_can_answer() -> None:
    operation = "{ shared { content { ... on Common { label } ... on Own { text } } } }"

    printed = plan_text(SUPERGRAPH, operation)

    assert printed == text(
        """
        QueryPlan {
          Fetch(service: "a", id: 0) {
            {
              shared {
                content {
                  __typename
                  ... on Common {
                    label
                  }
                }
              }
            }
          }
        }
        """
    )


def test_asks_for_every_member_of_a_field_of_one_graph() -> None:
    operation = "{ shared { special { ... on Own { text } } } }"

    printed = plan_text(SUPERGRAPH, operation)

    assert printed == text(
        """
        QueryPlan {
          Fetch(service: "a", id: 0) {
            {
              shared {
                special {
                  __typename
                  ... on Own {
                    text
                  }
                }
              }
            }
          }
        }
        """
    )
