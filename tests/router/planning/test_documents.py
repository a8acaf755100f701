"""What is sent to the subgraphs: documents, operation names, variables."""

from __future__ import annotations

from graphql import parse

from router.planning import plan_as_json
from router.planning.plan import ALWAYS, EntityFetch, RootFetch, VariableTest
from tests.router.planning.plans import plan, supergraph

TYPES = """
type Query @in(A) { product(id: ID!): Product @from(A) }
type Product @in(A, key: "id") @in(B, key: "id") {
  id: ID!
  price(currency: Currency, at: At): Int @from(B)
}
enum Currency @in(A) @in(B) { EUR @join__enumValue(graph: B) @join__enumValue(graph: A) }
input At @in(B) { days: [Int!]  text: String }
"""

SUPERGRAPH = supergraph("a b", TYPES)


def test_passes_only_the_variables_that_a_subgraph_needs_with_their_defaults() -> None:
    operation = "query Prices($id: ID!, $c: Currency = EUR) { product(id: $id) { price(currency: $c) } }"

    root, entities = plan(SUPERGRAPH, operation).fetches

    assert root.document == "query Prices__a__0($id: ID!) { product(id: $id) { id } }"
    assert root.operation_name == "Prices__a__0"
    assert root.variables == ("id",)
    assert entities.document == (
        "query Prices__b__1($_r: [_Any!]!, $c: Currency = EUR) "
        "{ _entities(representations: $_r) { ... on Product { price(currency: $c) } } }"
    )
    assert entities.variables == ("c",)


def test_leaves_an_operation_without_a_name_without_one() -> None:
    root, entities = plan(SUPERGRAPH, '{ product(id: "1") { price } }').fetches

    assert root.document == '{ product(id: "1") { id } }'
    assert root.operation_name is None
    assert entities.document.startswith("query($_r: [_Any!]!) {")


def test_keeps_clear_of_client_variables_that_look_like_its_own() -> None:
    operation = "query ($_r: ID!, $c: Currency) { product(id: $_r) { price(currency: $c) } }"

    root, entities = plan(SUPERGRAPH, operation).fetches

    assert root.variables == ("_r",)
    assert isinstance(entities, EntityFetch)
    assert entities.entries[0].variable == "_r_"


def test_prints_every_kind_of_argument() -> None:
    operation = '{ product(id: 1) { price(at: {days: [1, 2], text: "a\\"b"}, currency: EUR) } }'

    _, entities = plan(SUPERGRAPH, operation).fetches

    assert isinstance(entities, EntityFetch)
    assert entities.entries[0].selection == (
        '{ ... on Product { price(at: {days: [1, 2], text: "a\\"b"}, currency: EUR) } }'
    )
    parse(entities.document)


def test_names_the_keys_and_the_condition_of_each_entry() -> None:
    operation = """
        query ($x: Boolean!) {
          a: product(id: 1) { price @include(if: $x) }
          b: product(id: 2) { cost: price }
        }
    """

    root, entities = plan(SUPERGRAPH, operation).fetches

    assert isinstance(root, RootFetch)
    assert root.keys == ("a", "b")
    assert isinstance(entities, EntityFetch)
    assert [(entry.alias, entry.variable, entry.keys, entry.condition) for entry in entities.entries] == [
        ("_e0", "_r0", ("price",), ((VariableTest("x", value=True),),)),
        ("_e1", "_r1", ("cost",), ALWAYS),
    ]
    assert entities.condition == ALWAYS
    assert entities.document == (
        "query($_r0: [_Any!]!, $_r1: [_Any!]!, $x: Boolean!) { "
        "_e0: _entities(representations: $_r0) @include(if: $x) { ... on Product { price @include(if: $x) } } "
        "_e1: _entities(representations: $_r1) { ... on Product { cost: price } } }"
    )


def test_fetches_nothing_for_introspection_and_the_roots_typename() -> None:
    found = plan(SUPERGRAPH, "{ __typename __schema { queryType { name } } }")

    assert found.fetches == ()
    assert found.has_introspection


def test_writes_plans_as_json() -> None:
    written = plan_as_json(plan(SUPERGRAPH, "{ product(id: 1) { price } }"))

    fetches = written["fetches"]
    assert isinstance(fetches, list)
    assert [(fetch["type"], fetch["subgraph"], fetch["depends_on"]) for fetch in fetches] == [
        ("root", "a", []),
        ("entities", "b", [0]),
    ]
    assert fetches[1]["entries"][0]["targets"] == [
        {
            "path": [{"key": "product", "list_depth": 0, "types": None}],
            "representations": [
                {
                    "types": None,
                    "typename": "Product",
                    "fields": [{"name": "id", "key": "id", "fields": None, "types": None, "is_key": True}],
                }
            ],
            "condition": [],
        }
    ]
