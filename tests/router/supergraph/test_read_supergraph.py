"""Reading join-spec SDL: which subgraph knows, and can resolve, what."""

from __future__ import annotations

import pytest

from router.errors import InvalidSupergraphError
from router.supergraph import Supergraph
from router.supergraph.tables import Authorization, TypeKind

LINKS = '@link(url: "https://specs.apollo.dev/join/v0.3", for: EXECUTION)'
GRAPHS = 'enum join__Graph { A @join__graph(name: "a", url: "http://a") B @join__graph(name: "b-c", url: "") }'


def read(types: str, *, links: str = LINKS, graphs: str = GRAPHS) -> Supergraph:
    return Supergraph.from_sdl(f"schema {links} {{ query: Query }} {graphs} {types}")


def index_of(supergraph: Supergraph, name: str) -> int:
    return next(graph.index for graph in supergraph.graphs if graph.name == name)


QUERY = "type Query @join__type(graph: A) { one: Int }"


def test_lists_the_subgraphs_with_their_addresses() -> None:
    supergraph = read(QUERY)

    assert {graph.name for graph in supergraph.graphs} == {"a", "b-c"}
    assert supergraph.urls == {"a": "http://a", "b-c": ""}


def test_orders_graphs_by_content_so_that_their_names_do_not_matter() -> None:
    swapped = 'enum join__Graph { B @join__graph(name: "b-c", url: "") A @join__graph(name: "zzz", url: "") }'
    types = QUERY + "type User @join__type(graph: B) { name: String }"

    assert index_of(read(types), "a") == index_of(read(types, graphs=swapped), "zzz")


def test_a_field_without_join_field_is_in_every_graph_of_its_type() -> None:
    supergraph = read(QUERY + "type User @join__type(graph: A) @join__type(graph: B) { name: String! }")

    field = supergraph.types["User"].fields["name"]

    assert sorted(field.graphs) == [0, 1]
    assert all(declared.is_resolvable and declared.type_text == "String!" for declared in field.graphs.values())


def test_reads_what_each_graph_says_of_a_field() -> None:
    supergraph = read(
        QUERY
        + """
        type User @join__type(graph: A, key: "id") @join__type(graph: B, key: "id", resolvable: false) {
          id: ID!
          name: String @join__field(graph: A, external: true) @join__field(graph: B, type: "String!")
          greeting: String @join__field(graph: A, requires: "name")
          old: Int @join__field(graph: A, usedOverridden: true) @join__field(graph: B, override: "a")
          friends: [[User!]] @join__field(graph: B, provides: "name")
        }
        """
    )
    a, b = index_of(supergraph, "a"), index_of(supergraph, "b-c")
    user = supergraph.types["User"]

    assert [(key.text, key.resolvable) for key in (*user.keys[a], *user.keys[b])] == [("id", True), ("id", False)]
    assert not user.fields["name"].graphs[a].is_resolvable
    assert user.fields["name"].graphs[b].type_text == "String!"
    assert repr(user.fields["greeting"].graphs[a].requires) == "{name:name}"
    assert not user.fields["old"].graphs[a].is_resolvable
    assert user.fields["friends"].list_depth == 2
    assert user.fields["friends"].type_name == "User"
    assert repr(user.fields["friends"].graphs[b].provides) == "{name:name}"


def test_tells_which_types_a_graph_may_return() -> None:
    supergraph = read(
        QUERY
        + """
        interface Node @join__type(graph: A) @join__type(graph: B, key: "id", isInterfaceObject: true) { id: ID! }
        type User implements Node @join__implements(graph: A, interface: "Node") @join__type(graph: A) { id: ID! }
        type Robot implements Node @join__implements(graph: A, interface: "Node") @join__type(graph: A) { id: ID! }
        union Any @join__type(graph: A) @join__type(graph: B)
          @join__unionMember(graph: A, member: "User") @join__unionMember(graph: B, member: "Robot") = User | Robot
        """
    )
    a, b = index_of(supergraph, "a"), index_of(supergraph, "b-c")
    node, union = supergraph.types["Node"], supergraph.types["Any"]

    assert node.kind is TypeKind.INTERFACE
    assert node.interface_object == 1 << b
    assert node.possible_in is not None
    assert supergraph.names_of(node.possible_in[a]) == ("Robot", "User")
    assert supergraph.names_of(node.possible_in[b]) == ()
    assert union.possible_in is not None
    assert supergraph.names_of(union.possible_in[a]) == ("User",)
    assert supergraph.names_of(union.mask) == ("Robot", "User")


def test_reads_what_a_viewer_needs() -> None:
    supergraph = read(
        QUERY
        + """
        type Audit @join__type(graph: A) @authenticated {
          log: String @requiresScopes(scopes: [["audit:read"], ["admin", "root"]])
          open: String
        }
        """
    )
    audit = supergraph.types["Audit"]

    assert audit.authorization == Authorization()
    assert audit.fields["log"].authorization == Authorization(scopes=(("audit:read",), ("admin", "root")))
    assert audit.fields["open"].authorization is None


def test_reads_the_first_join_version_with_owners_and_unmarked_value_types() -> None:
    supergraph = read(
        """
        type Query { me: User @join__field(graph: A) }
        type User @join__owner(graph: A) @join__type(graph: A, key: "id") @join__type(graph: B, key: "id") {
          id: ID!
          name: String
          reviews: Int @join__field(graph: B)
          address: Address
        }
        type Address { street: String }
        """,
        links='@core(feature: "https://specs.apollo.dev/join/v0.1", for: EXECUTION)',
    )
    a, b = index_of(supergraph, "a"), index_of(supergraph, "b-c")
    user = supergraph.types["User"]

    assert sorted(user.fields["id"].graphs) == [0, 1]
    assert list(user.fields["name"].graphs) == [a]
    assert list(user.fields["reviews"].graphs) == [b]
    assert sorted(supergraph.types["Address"].fields["street"].graphs) == [0, 1]


START = f"schema {LINKS} {{ query: Query }} {GRAPHS} {QUERY} "


@pytest.mark.parametrize(
    ("sdl", "reason"),
    [
        ("type Query {", "does not parse"),
        ("type Query { a: Int }", "no schema definition"),
        (f"schema {LINKS} {{ query: Query }} type Query {{ a: Int }}", "join__Graph"),
        (START + "type T @join__type(graph: X) { a: Int }", "subgraph X"),
        (START + 'type T @join__type(graph: A, key: "nothing") { id: ID }', "T has no field nothing"),
        (START + 'type T @join__type(graph: A, key: "id {") { id: ID }', 'field set "id {" of T'),
    ],
)
def test_refuses_what_is_not_a_supergraph_and_says_why(sdl: str, reason: str) -> None:
    with pytest.raises(InvalidSupergraphError) as refusal:
        Supergraph.from_sdl(sdl)

    assert reason in refusal.value.message
    assert refusal.value.code == "INVALID_SUPERGRAPH"
