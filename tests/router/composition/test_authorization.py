"""Authorisation in the supergraph stands on whatever leads to protected data."""

import re

from router.composition import Subgraph, compose
from tests.router.composition.compositions import composed, errors, federation_2, type_of


def test_an_interface_asks_for_what_any_of_its_implementations_asks_for() -> None:
    result = composed(
        a="""
        type Query { i: I }
        interface I { id: ID! }
        type T implements I @authenticated { id: ID! }
        type S implements I { id: ID! }
        """
    )

    assert "  @authenticated\n{" in type_of(result, "I")
    assert "@authenticated" not in type_of(result, "S")


def test_a_field_of_an_interface_asks_for_the_scopes_of_all_implementations_together() -> None:
    result = composed(
        a="""
        type Query { i: I }
        interface I { x: Int }
        type T implements I { x: Int @requiresScopes(scopes: [["a"], ["b"]]) }
        type S implements I { x: Int @requiresScopes(scopes: [["c"]]) }
        """
    )

    assert '  x: Int @requiresScopes(scopes: [["a", "c"], ["b", "c"]])\n' in type_of(result, "I")
    assert '  x: Int @requiresScopes(scopes: [["c"]])\n' in type_of(result, "S")


def test_a_field_of_an_interface_object_is_protected_on_types_that_resolve_it_too() -> None:
    result = composed(
        a="""
        type Query { i: I j: J }
        interface I @key(fields: "id") { id: ID! }
        interface J { x: Int }
        type T implements I & J @key(fields: "id") { id: ID! x: Int @shareable }
        type S implements I @key(fields: "id") { id: ID! }
        """,
        b='type I @interfaceObject @key(fields: "id") { id: ID! x: Int @shareable @authenticated }',
    )

    assert errors(result) == []
    assert "  x: Int @authenticated\n" in type_of(result, "T")
    assert "  x: Int @join__field @authenticated\n" in type_of(result, "S")
    assert "  x: Int @authenticated\n" in type_of(result, "J")


def test_another_type_that_leads_to_an_object_does_not_ask_for_what_the_object_asks_for() -> None:
    result = composed(a="type Query { u: U t: T } union U = T type T @authenticated { id: ID! }")

    assert "@authenticated" not in type_of(result, "U")
    assert "  @authenticated\n{" in type_of(result, "T")


def test_a_supergraph_for_gateways_without_authorisation_demands_nothing_and_is_otherwise_the_same() -> None:
    sdl = """
    type Query { x: Int @authenticated y: T @tag(name: "t") }
    type T @policy(policies: [["p"]]) { id: ID! @requiresScopes(scopes: [["s"]]) }
    """
    subgraphs = [Subgraph("a", "http://a", federation_2(sdl, version="2.6"))]
    plain = re.sub(r" @(authenticated|policy|requiresScopes)(\(.*?\]\]\))?(?= )", "", sdl)

    demanding, open_ = compose(subgraphs), compose(subgraphs, with_authorization=False)

    assert demanding.supergraph_sdl.count("for: SECURITY") == 3
    assert "@authenticated" in demanding.supergraph_sdl
    assert open_ == compose([Subgraph("a", "http://a", federation_2(plain, version="2.6"))])
