"""What the result of composing is: one text for one set of subgraphs, or errors."""

import gc
from itertools import permutations

import pytest
import strawberry
from graphql import build_schema

from router.composition import CompositionError, HintLevel, Subgraph, compose
from tests.router.composition.compositions import codes, composed, composed_raw, errors, federation_2, hints, type_of

USERS = """
type Query { me: User }
type User @key(fields: "id") { id: ID! name: String }
"""
REVIEWS = """
type User @key(fields: "id") { id: ID! reviews: [Review!] }
type Review { text: String! author: User }
"""
SHOP = """
type Query { cheapest: Product }
type Product { price: Int! buyer: User }
type User @key(fields: "id", resolvable: false) { id: ID! }
"""


def test_prints_the_whole_supergraph() -> None:
    result = composed(users=USERS, reviews=REVIEWS)

    assert errors(result) == []
    assert (
        result.supergraph_sdl
        == """\
schema
  @link(url: "https://specs.apollo.dev/link/v1.0")
  @link(url: "https://specs.apollo.dev/join/v0.3", for: EXECUTION)
{
  query: Query
}

directive @link(url: String, as: String, for: link__Purpose, import: [link__Import]) repeatable on SCHEMA

directive @join__enumValue(graph: join__Graph!) repeatable on ENUM_VALUE

directive @join__field(graph: join__Graph, requires: join__FieldSet, provides: join__FieldSet, type: String, \
external: Boolean, override: String, usedOverridden: Boolean) repeatable on FIELD_DEFINITION | INPUT_FIELD_DEFINITION

directive @join__graph(name: String!, url: String!) on ENUM_VALUE

directive @join__implements(graph: join__Graph!, interface: String!) repeatable on OBJECT | INTERFACE

directive @join__type(graph: join__Graph!, key: join__FieldSet, extension: Boolean! = false, \
resolvable: Boolean! = true, isInterfaceObject: Boolean! = false) \
repeatable on OBJECT | INTERFACE | UNION | ENUM | INPUT_OBJECT | SCALAR

directive @join__unionMember(graph: join__Graph!, member: String!) repeatable on UNION

scalar join__FieldSet

scalar link__Import

enum link__Purpose {
  SECURITY
  EXECUTION
}

enum join__Graph {
  REVIEWS @join__graph(name: "reviews", url: "http://reviews")
  USERS @join__graph(name: "users", url: "http://users")
}

type Query
  @join__type(graph: REVIEWS)
  @join__type(graph: USERS)
{
  me: User @join__field(graph: USERS)
}

type Review
  @join__type(graph: REVIEWS)
{
  text: String!
  author: User
}

type User
  @join__type(graph: REVIEWS, key: "id")
  @join__type(graph: USERS, key: "id")
{
  id: ID!
  reviews: [Review!] @join__field(graph: REVIEWS)
  name: String @join__field(graph: USERS)
}
"""
    )


@pytest.mark.parametrize("sdl", [USERS, "type Query {"])
def test_leaves_the_garbage_collector_as_it_was(sdl: str) -> None:
    before = gc.isenabled()
    compose([Subgraph("a", "", federation_2(sdl))])
    after = gc.isenabled()
    gc.disable()
    try:
        compose([Subgraph("a", "", federation_2(sdl))])
        after_none = gc.isenabled()
    finally:
        gc.enable()

    assert (before, after, after_none) == (True, True, False)


def test_does_not_depend_on_the_order_of_the_subgraphs() -> None:
    subgraphs = [Subgraph(name, "", federation_2(sdl)) for name, sdl in {"a": USERS, "b": REVIEWS, "c": SHOP}.items()]

    results = {compose(order) for order in permutations(subgraphs)}

    assert len(results) == 1
    assert results.pop().errors == ()


def test_names_errors_alike_whatever_the_order_of_the_subgraphs() -> None:
    subgraphs = [
        Subgraph(name, "", federation_2(f"type Query {{ x: {type_text} }}"))
        for name, type_text in {"a": "Int", "b": "String", "c": "Float"}.items()
    ]

    results = {compose(order) for order in permutations(subgraphs)}

    assert len(results) == 1
    assert codes(results.pop()) == ["INVALID_FIELD_SHARING", "FIELD_TYPE_MISMATCH"]


def test_supergraph_is_valid_graphql_whatever_descriptions_say() -> None:
    description = 'Says:\n\n  "fine"  \\ ok\n\n\tand goes on'
    sdl = f'"""\n{description}\n"""\ntype Query {{ q("how many" first: Int = 10): Int }}'

    result = composed(a=sdl)

    assert errors(result) == []
    query = build_schema(result.supergraph_sdl).query_type
    assert query is not None
    assert query.description == description
    assert query.fields["q"].args["first"].description == "how many"


def test_composes_the_sdl_that_strawberry_prints() -> None:
    @strawberry.federation.interface(keys=["id"])
    class Title:
        id: strawberry.ID

    @strawberry.federation.type(keys=["id"])
    class Movie(Title):
        id: strawberry.ID
        name: str = strawberry.federation.field(tags=["admin"], authenticated=True)

    @strawberry.type
    class Query:
        @strawberry.field
        def movie(self, first: int = 10) -> Movie | None:
            return None

    @strawberry.federation.interface_object(name="Title", keys=["id"])
    class RatedTitle:
        id: strawberry.ID
        rating: float | None

    catalog = strawberry.federation.Schema(query=Query, types=[Movie], federation_version="2.9")
    ratings = strawberry.federation.Schema(types=[RatedTitle], federation_version="2.9")

    result = composed_raw(catalog=catalog.as_str(), ratings=ratings.as_str())

    assert type_of(result, "Movie") == (
        "type Movie implements Title\n"
        '  @join__implements(graph: CATALOG, interface: "Title")\n'
        '  @join__type(graph: CATALOG, key: "id")\n'
        "{\n"
        "  id: ID!\n"
        '  name: String! @authenticated @tag(name: "admin")\n'
        "  rating: Float @join__field\n"
        "}"
    )
    assert type_of(result, "Query") == (
        "type Query\n  @join__type(graph: CATALOG)\n  @join__type(graph: RATINGS)\n"
        "{\n  movie(first: Int! = 10): Movie @join__field(graph: CATALOG)\n}"
    )


def test_chooses_the_join_version_by_the_newest_federation_version() -> None:
    sdl = "type Query { x: Int }"

    versions = {
        version: composed(version=version, a=sdl).supergraph_sdl.split("/join/")[1][:4]
        for version in ("2.0", "2.6", "2.7", "2.8", "2.12")
    }

    assert versions == {"2.0": "v0.3", "2.6": "v0.3", "2.7": "v0.4", "2.8": "v0.5", "2.12": "v0.5"}


def test_names_graphs_so_that_they_differ() -> None:
    names = ["a-b", "a.b", "1x", "foo_1", "foo"]

    result = compose(
        [Subgraph(name, "", federation_2(f"type Query {{ q{at}: Int }}")) for at, name in enumerate(names)]
    )

    assert type_of(result, "join__Graph") == (
        "enum join__Graph {\n"
        '  _1X @join__graph(name: "1x", url: "")\n'
        '  A_B_1 @join__graph(name: "a-b", url: "")\n'
        '  A_B_2 @join__graph(name: "a.b", url: "")\n'
        '  FOO @join__graph(name: "foo", url: "")\n'
        '  FOO_1_ @join__graph(name: "foo_1", url: "")\n'
        "}"
    )


def test_refuses_two_subgraphs_of_one_name() -> None:
    subgraph = Subgraph("a", "", federation_2("type Query { x: Int }"))

    result = compose([subgraph, subgraph])

    assert result.errors == (
        CompositionError(
            "INVALID_SUBGRAPH_NAME",
            'A subgraph cannot be named "a": names are not empty, not "_", and different from each other. Rename it.',
            ("a",),
        ),
    )


def test_refuses_no_subgraphs_and_subgraphs_without_queries() -> None:
    message = 'No subgraph has a query. Add a field to the type "Query" of one.'

    assert errors(compose([])) == [("NO_QUERIES", message)]
    assert errors(composed(a="type T { x: Int }")) == [("NO_QUERIES", message)]


def test_hint_has_the_level_of_its_code() -> None:
    result = composed(a='"A" type Query { x: Int }', b='"B" type Query { y: Int }')

    assert hints(result) == [
        (
            "INCONSISTENT_DESCRIPTION",
            '"Query" is described in 2 ways; the most frequent description is used.',
        )
    ]
    assert result.hints[0].level is HintLevel.WARN


def test_refuses_a_type_that_lacks_an_interface_which_its_own_interface_implements_elsewhere() -> None:
    result = composed(
        a="interface J { id: ID } interface I implements J { id: ID } type S implements I & J { id: ID } "
        "type Query { i: I }",
        b="interface I { id: ID } type T implements I { id: ID } type Query { t: T }",
    )

    assert errors(result) == [
        (
            "INVALID_GRAPHQL",
            (
                '"T" implements "I", but not "J", which "I" implements once the subgraphs are merged.'
                ' Let the type in subgraph "b" implement "J" as well.'
            ),
        )
    ]
