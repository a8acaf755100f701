"""Subscriptions: one fetch subscribes, the others complete each of its events."""

from tests.router.planning.plans import plan, plan_text, supergraph, text

TYPES = """
type Query @in(A) @in(B) { ok: Boolean @from(A) }
type Subscription @in(A) { changed(of: ID): Change @from(A) }
type Change @in(A) { price: Int  product: Product }
type Product @in(A, key: "id") @in(B, key: "id") {
  id: ID!
  weight: Int @from(A, external: true) @from(B)
  fee: Int @from(A, requires: "weight")
  name: String @from(B)
}
"""
SUPERGRAPH = supergraph("a b", TYPES)


def test_one_fetch_subscribes_and_queries_complete_its_events() -> None:
    operation = "subscription S($of: ID!) { now: changed(of: $of) { price product { name fee } } }"

    found = plan(SUPERGRAPH, operation)

    assert [(fetch.kind.value, fetch.subgraph, fetch.depends_on) for fetch in found.fetches] == [
        ("subscription", "a", ()),
        ("query", "b", (0,)),
        ("query", "a", (0, 1)),
    ]
    assert found.fetches[0].document == (
        "subscription S__a__0($of: ID!) { now: changed(of: $of) { price product { id } } }"
    )


def test_what_the_source_gives_alone_needs_no_other_fetch() -> None:
    assert plan_text(SUPERGRAPH, "subscription { changed { price } }") == text(
        """
        QueryPlan {
          Fetch(service: "a", id: 0) {
            {
              changed {
                price
              }
            }
          }
        }
        """
    )
