"""Contracts: the part of a supergraph's API that tags select."""

import pytest
from graphql import print_schema

from router.composition import CompositionResult, Subgraph, compose, contract
from router.supergraph import Supergraph
from tests.router.composition.compositions import errors, federation_2

SUBGRAPHS = [
    Subgraph(
        "a",
        "http://a",
        federation_2(
            """
            type Query {
              t: T @tag(name: "public")
              internal: I @tag(name: "internal")
              find(by: By, first: Int, after: S @tag(name: "internal")): [T]
            }
            type T @key(fields: "id") {
              id: ID!
              name(short: Boolean, raw: Boolean @tag(name: "internal")): String @tag(name: "public")
              secret: Secret @tag(name: "internal")
            }
            type Secret { x: Int u: U }
            type I { y: Int }
            union U = T | Secret
            scalar S
            enum By { NAME ROW @tag(name: "internal") }
            """
        ),
    ),
    Subgraph("b", "http://b", federation_2('type T @key(fields: "id") { id: ID! price: Int }')),
]


def _api(result: CompositionResult) -> str:
    assert errors(result) == []
    return print_schema(Supergraph.from_sdl(result.supergraph_sdl).api_schema)


def test_leaves_out_what_has_an_excluded_tag_and_what_nothing_leads_to_then() -> None:
    assert _api(contract(SUBGRAPHS, exclude=["internal"])) == (
        "enum By {\n  NAME\n}\n\n"
        "type Query {\n  t: T\n  find(by: By, first: Int): [T]\n}\n\n"
        "type T {\n  id: ID!\n  name(short: Boolean): String\n  price: Int\n}"
    )


def test_leaves_only_the_fields_that_have_an_included_tag() -> None:
    assert _api(contract(SUBGRAPHS, include=["public"])) == (
        "type Query {\n  t: T\n}\n\ntype T {\n  name(short: Boolean, raw: Boolean): String\n}"
    )


def test_an_excluded_tag_counts_for_more_than_an_included_one() -> None:
    assert "raw" not in _api(contract(SUBGRAPHS, include=["public"], exclude=["internal"]))


def test_an_included_tag_on_a_type_counts_for_its_fields() -> None:
    subgraph = Subgraph(
        "a",
        "http://a",
        federation_2(
            'type Query { t: T @tag(name: "x") u: U @tag(name: "x") q: Int }'
            ' type T @tag(name: "x") { a: Int b: Int @tag(name: "y") } union U @tag(name: "x") = T'
        ),
    )

    assert _api(contract([subgraph], include=["x"], exclude=["y"])) == (
        "type Query {\n  t: T\n  u: U\n}\n\ntype T {\n  a: Int\n}\n\nunion U = T"
    )


def test_what_is_left_out_stays_for_keys_and_requirements() -> None:
    result = contract(SUBGRAPHS, include=["public"])

    assert '@join__type(graph: B, key: "id")' in result.supergraph_sdl
    assert "id: ID! @inaccessible" in result.supergraph_sdl


def test_a_supergraph_gives_the_same_contract_as_its_subgraphs() -> None:
    supergraph = compose(SUBGRAPHS).supergraph_sdl

    assert contract(supergraph, exclude=["internal"]) == contract(SUBGRAPHS, exclude=["internal"])


def test_a_contract_of_a_contract_is_cut_down_further() -> None:
    first = contract(SUBGRAPHS, exclude=["internal"])

    second = contract(first.supergraph_sdl, include=["public"])

    assert _api(second) == "type Query {\n  t: T\n}\n\ntype T {\n  name(short: Boolean): String\n}"
    assert second.supergraph_sdl.count("/inaccessible/v0.2") == 1


def test_tags_and_hiding_are_read_under_the_names_that_the_supergraph_has() -> None:
    sdl = """
    extend schema @link(url: "https://specs.apollo.dev/federation/v2.5",
      import: [{name: "@tag", as: "@label"}, {name: "@inaccessible", as: "@hidden"}])
    type Query { q: Int r: Int @label(name: "x") s: Int @hidden }
    """

    result = contract([Subgraph("a", "http://a", sdl)], exclude=["x"])

    assert _api(result) == "type Query {\n  q: Int\n}"
    assert '  r: Int @label(name: "x") @hidden\n' in result.supergraph_sdl


def test_an_argument_of_a_directive_for_operations_may_be_left_out() -> None:
    sdl = federation_2('directive @d(a: Int, b: N @tag(name: "x")) on FIELD input N { n: Int } type Query { q: Int }')

    result = contract([Subgraph("a", "http://a", sdl)], exclude=["x"])

    assert _api(result) == "directive @d(a: Int) on FIELD\n\ntype Query {\n  q: Int\n}"


def test_the_implementations_of_a_returned_interface_are_reached() -> None:
    sdl = federation_2(
        'type Query { i: I s: S @tag(name: "x") } interface I { a: Int } type T implements I { a: Int e: E }'
        " type S { b: Int } enum E { A }"
    )

    api = _api(contract([Subgraph("a", "http://a", sdl)], exclude=["x"]))

    assert "type T implements I" in api
    assert "enum E" in api
    assert "type S" not in api


def test_another_implementation_of_a_mentioned_interface_is_not_reached() -> None:
    sdl = federation_2(
        'type Query { t: T i: I @tag(name: "x") } interface I { a: Int }'
        " type T implements I { a: Int } type S implements I { a: Int }"
    )

    api = _api(contract([Subgraph("a", "http://a", sdl)], exclude=["x"]))

    assert "type T implements I" in api
    assert "type S" not in api


@pytest.mark.parametrize(
    ("sdl", "code", "message"),
    [
        (
            'type Query { t: T q: Int } type T @tag(name: "x") { a: Int }',
            "REFERENCED_INACCESSIBLE",
            '"Query.t" is visible, but its type "T" is @inaccessible. Hide it too, or show the type.',
        ),
        (
            'type Query { q(a: Int! @tag(name: "x")): Int }',
            "REQUIRED_INACCESSIBLE",
            (
                '"Query.q(a:)" is @inaccessible, but required, so that no client could give it. Make it optional, or'
                " show it."
            ),
        ),
        (
            'type Query { i: I } interface I { a: Int b: Int } type T implements I { a: Int b: Int @tag(name: "x") }',
            "IMPLEMENTED_BY_INACCESSIBLE",
            '"T.b" is @inaccessible, but implements the visible "I.b". Hide that too, or show the field.',
        ),
        (
            'type Query { q: Int @tag(name: "x") }',
            "QUERY_ROOT_TYPE_INACCESSIBLE",
            'The type "Query" is @inaccessible. Remove the directive.',
        ),
    ],
)
def test_refuses_tags_that_leave_no_sensible_api(sdl: str, code: str, message: str) -> None:
    assert errors(contract([Subgraph("a", "http://a", federation_2(sdl))], exclude=["x"])) == [(code, message)]


def test_says_why_the_subgraphs_do_not_compose() -> None:
    result = contract([Subgraph("a", "http://a", "type T { x: Int }")], exclude=["x"])

    assert [error.code for error in result.errors] == ["NO_QUERIES"]
