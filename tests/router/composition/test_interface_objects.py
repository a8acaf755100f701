"""`@interfaceObject` and keys on interfaces."""

import pytest
from graphql import parse

from router.planning import plan_operation, print_plan
from router.supergraph import Supergraph
from tests.router.composition.compositions import codes, composed, errors, type_of

CATALOG = """
type Query { titles: [Title] }
interface Title @key(fields: "id") { id: ID! }
type Movie implements Title @key(fields: "id") { id: ID! minutes: Int }
type Show implements Title @key(fields: "id") { id: ID! seasons: Int }
"""


def test_its_fields_belong_to_the_interface_and_to_every_implementation() -> None:
    result = composed(
        catalog=CATALOG,
        ratings='type Title @interfaceObject @key(fields: "id") { id: ID! rating(of: Int = 5): Float }',
    )

    assert type_of(result, "Title") == (
        'interface Title\n  @join__type(graph: CATALOG, key: "id")\n'
        '  @join__type(graph: RATINGS, key: "id", isInterfaceObject: true)\n{\n'
        "  id: ID!\n  rating(of: Int = 5): Float @join__field(graph: RATINGS)\n}"
    )
    assert type_of(result, "Movie") == (
        'type Movie implements Title\n  @join__implements(graph: CATALOG, interface: "Title")\n'
        '  @join__type(graph: CATALOG, key: "id")\n{\n'
        "  id: ID!\n  minutes: Int\n  rating(of: Int = 5): Float @join__field\n}"
    )
    assert "  rating(of: Int = 5): Float @join__field\n" in type_of(result, "Show")


def test_refuses_one_without_a_key() -> None:
    result = composed(catalog=CATALOG, ratings="type Title @interfaceObject { id: ID! }")

    assert errors(result) == [
        (
            "INTERFACE_OBJECT_USAGE_ERROR",
            '"Title" in subgraph "ratings" has @interfaceObject but no @key. Add the key of the interface.',
        )
    ]


def test_refuses_one_that_is_an_interface_nowhere() -> None:
    result = composed(
        catalog="type Query { x: Int }", ratings='type Title @interfaceObject @key(fields: "id") { id: ID! }'
    )

    assert errors(result) == [
        (
            "INTERFACE_OBJECT_USAGE_ERROR",
            (
                '"Title" is an @interfaceObject in subgraph "ratings", but an interface in no subgraph. Define the'
                " interface and its implementations in one."
            ),
        )
    ]


def test_refuses_one_beside_its_own_implementation() -> None:
    result = composed(
        catalog=CATALOG,
        ratings="""
        type Title @interfaceObject @key(fields: "id") { id: ID! rating: Float }
        type Movie @key(fields: "id") { id: ID! }
        """,
    )

    assert errors(result) == [
        (
            "INTERFACE_OBJECT_USAGE_ERROR",
            (
                'Subgraph "ratings" has "Title" as @interfaceObject and also its implementation "Movie". Move'
                " their fields"
                " to the interface object, or define the interface there."
            ),
        )
    ]


def test_refuses_a_field_that_the_implementation_resolves_too() -> None:
    result = composed(
        catalog=CATALOG,
        ratings='type Title @interfaceObject @key(fields: "id") { id: ID! minutes: Int }',
    )

    assert [(error.code, error.subgraphs) for error in result.errors] == [
        ("INVALID_FIELD_SHARING", ("catalog", "ratings"))
    ]


def test_refuses_an_interface_key_that_an_implementation_lacks() -> None:
    result = composed(
        a='type Query { t: T } interface T @key(fields: "id") { id: ID! } type U implements T { id: ID! }'
    )

    assert errors(result) == [
        (
            "INTERFACE_KEY_NOT_ON_IMPLEMENTATION",
            (
                'The interface "T" has @key(fields: "id") in subgraph "a", but "U" there has no such resolvable'
                " key. Add"
                " the key to every implementation."
            ),
        )
    ]


def test_refuses_an_interface_key_where_not_all_implementations_are_known() -> None:
    result = composed(catalog=CATALOG, sports="interface Title { id: ID! } type Match implements Title { id: ID! }")

    assert errors(result) == [
        (
            "INTERFACE_KEY_MISSING_IMPLEMENTATION_TYPE",
            (
                'The interface "Title" has a resolvable @key in subgraph "catalog", which does not know its'
                " implementation"
                ' "Match". Add them there, or make the key resolvable: false.'
            ),
        )
    ]


def test_refuses_a_field_of_the_interface_that_an_implementation_lacks() -> None:
    result = composed(
        a="type Query { i: I } interface I { x: Int } type T implements I { x: Int }",
        b="type Query { j: I } interface I { x: Int y: Int } type S implements I { x: Int y: Int }",
    )

    assert errors(result) == [
        (
            "INTERFACE_FIELD_NO_IMPLEM",
            (
                '"I.y" is declared in subgraph "b", but "T", which implements "I" in subgraph "a", has no field'
                ' "y" in any'
                " subgraph. Add it to the type, or remove it from the interface."
            ),
        )
    ]


@pytest.mark.parametrize("version", ["2.0", "2.2"])
def test_refuses_interface_keys_before_version_2_3(version: str) -> None:
    result = composed(version=version, a='type Query { x: Int } interface T @key(fields: "id") { id: ID! }')

    assert [error.code for error in result.errors] == ["KEY_UNSUPPORTED_ON_INTERFACE"]


TWO_INTERFACES = """
type Query { i: I j: J }
interface I @key(fields: "id") { id: ID! }
interface J @key(fields: "id") { id: ID! }
type T implements I & J @key(fields: "id") { id: ID! a: Int }
"""
BOTH_AS_OBJECTS = """
type Query { k: I l: J }
type I @interfaceObject @key(fields: "id") { id: ID! x: Int }
type J @interfaceObject @key(fields: "id") { id: ID! y: Int }
"""


def test_a_type_may_be_two_interface_objects_of_one_subgraph_since_the_router_goes_there_as_either() -> None:
    """Other composers refuse it: their routers do not leave a subgraph for itself. Ours does, by the other key."""
    result = composed(a=TWO_INTERFACES, b=BOTH_AS_OBJECTS)
    assert errors(result) == []

    supergraph = Supergraph.from_sdl(result.supergraph_sdl)
    plan = print_plan(plan_operation(supergraph, parse("{ l { y ... on T { x } } }")))

    assert plan == (
        "QueryPlan {\n  Sequence {\n"
        '    Fetch(service: "b", id: 0) {\n      {\n        l {\n          id\n          y\n        }\n      }\n    }\n'
        '    Fetch(service: "a", id: 1, after: [0]) {\n      l { __typename: J id }\n      => {\n        ... on J {\n'
        "          __typename\n        }\n      }\n    }\n"
        '    Fetch(service: "b", id: 2, after: [0, 1]) {\n      l { __typename: I id }\n      => {\n'
        "        ... on I {\n          x\n        }\n      }\n    }\n"
        "  }\n}"
    )


def test_the_type_behind_an_interface_object_is_not_found_out_by_way_of_another_interface() -> None:
    subgraphs = {
        "a": """
        type Query { j: J }
        type T implements I & J @key(fields: "id") { id: ID! }
        interface I @key(fields: "id") { id: ID! }
        interface J KEY { id: ID! }
        """,
        "b": """
        type I @interfaceObject @key(fields: "id") { id: ID! all: [J] }
        type J @interfaceObject @key(fields: "id") { id: ID! x: Int }
        """,
    }

    without = composed(a=subgraphs["a"].replace("KEY", ""), b=subgraphs["b"])
    with_key = composed(a=subgraphs["a"].replace("KEY", '@key(fields: "id")'), b=subgraphs["b"])

    assert codes(with_key) == []
    assert codes(without) == ["SATISFIABILITY_ERROR"]
    assert errors(without)[0][1].startswith('An object of type "T" cannot be told from others.')
