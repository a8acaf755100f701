"""The API schema: what clients see of a supergraph."""

from __future__ import annotations

import pytest
from graphql import print_schema

from router.errors import InvalidSupergraphError
from router.supergraph import Supergraph

HEAD = """
schema @link(url: "https://specs.apollo.dev/join/v0.3", for: EXECUTION) { query: Query }
directive @join__type(graph: join__Graph!) repeatable on OBJECT
directive @inaccessible on FIELD_DEFINITION
directive @shout(loudly: Boolean) on FIELD
directive @owner(team: String) on OBJECT
scalar join__FieldSet
enum link__Purpose { SECURITY EXECUTION }
enum join__Graph { A @join__graph(name: "a", url: "") }
"""


def test_leaves_out_machinery_and_everything_inaccessible() -> None:
    sdl = (
        HEAD
        + """
        "All there is."
        type Query @join__type(graph: A) @owner(team: "x") {
          one(hidden: Int @inaccessible, shown: Filter): Int @deprecated(reason: "old") @join__field(graph: A)
          secret: Int @inaccessible
          any: Any
        }
        input Filter @join__type(graph: A) { by: Int  internal: Int @inaccessible }
        union Any @join__type(graph: A) = Seen | Hidden
        interface Named @join__type(graph: A) { name: String }
        interface Coded @join__type(graph: A) @inaccessible { code: String }
        type Seen implements Named & Coded @join__type(graph: A) {
          name: String  code: String @inaccessible  kind: Kind
        }
        type Hidden @join__type(graph: A) @inaccessible { a: Int }
        enum Kind @join__type(graph: A) { PUBLIC @join__enumValue(graph: A)  PRIVATE @inaccessible }
        scalar Date @join__type(graph: A) @specifiedBy(url: "https://example.com/date")
        """
    )

    printed = print_schema(Supergraph.from_sdl(sdl).api_schema)

    assert printed == (
        'directive @shout(loudly: Boolean) on FIELD\n\n"""All there is."""\ntype Query {\n'
        '  one(shown: Filter): Int @deprecated(reason: "old")\n  any: Any\n}\n\n'
        "input Filter {\n  by: Int\n}\n\nunion Any = Seen\n\ninterface Named {\n  name: String\n}\n\n"
        "type Seen implements Named {\n  name: String\n  kind: Kind\n}\n\nenum Kind {\n  PUBLIC\n}\n\n"
        'scalar Date @specifiedBy(url: "https://example.com/date")'
    )


def test_keeps_inaccessible_elements_in_the_tables() -> None:
    sdl = HEAD + "type Query @join__type(graph: A) { one: Int  secret: Int @inaccessible }"

    supergraph = Supergraph.from_sdl(sdl)

    assert supergraph.types["Query"].fields["secret"].is_inaccessible
    assert supergraph.api_schema.query_type is not None
    assert list(supergraph.api_schema.query_type.fields) == ["one"]


def test_refuses_a_supergraph_that_shows_nothing() -> None:
    with pytest.raises(InvalidSupergraphError):
        Supergraph.from_sdl(HEAD + "type Query @join__type(graph: A) { secret: Int @inaccessible }")
