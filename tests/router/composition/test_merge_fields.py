"""Fields of objects and interfaces: types, arguments, sharing, copies."""

import pytest

from tests.router.composition.compositions import codes, composed, errors, hints, type_of


def _entity(fields: str) -> str:
    return f'type T @key(fields: "id") {{ id: ID! {fields} }}'


def test_fields_of_all_subgraphs_are_joined() -> None:
    result = composed(a="type Query { t: T } " + _entity("a: Int"), b=_entity("b: Int"))

    assert type_of(result, "T") == (
        'type T\n  @join__type(graph: A, key: "id")\n  @join__type(graph: B, key: "id")\n{\n'
        "  id: ID!\n  a: Int @join__field(graph: A)\n  b: Int @join__field(graph: B)\n}"
    )


def test_field_that_all_subgraphs_have_needs_no_join_facts() -> None:
    value = "type V @shareable { x: Int }"

    result = composed(a=f"type Query {{ a: V }} {value}", b=f"type Query {{ b: V }} {value}")

    assert type_of(result, "V") == "type V\n  @join__type(graph: A)\n  @join__type(graph: B)\n{\n  x: Int\n}"


@pytest.mark.parametrize(
    ("first", "second", "merged"),
    [
        ("Int!", "Int", "Int"),
        ("[Int!]", "[Int]!", "[Int]"),
        ("Animal", "Dog", "Animal"),
        ("[Dog!]!", "[Pet]", "[Pet]"),
    ],
)
def test_output_type_is_the_narrowest_that_holds_all(first: str, second: str, merged: str) -> None:
    types = """
    interface Animal { n: Int } union Pet = Dog | Cat
    type Dog implements Animal @shareable { n: Int } type Cat implements Animal @shareable { n: Int }
    """

    result = composed(
        a=f"type Query {{ x: {first} @shareable }} {types}", b=f"type Query {{ x: {second} @shareable }} {types}"
    )

    assert f'  x: {merged} @join__field(graph: A, type: "{first}") @join__field(graph: B, type: "{second}")' in type_of(
        result, "Query"
    )


def test_refuses_output_types_without_a_common_one() -> None:
    result = composed(a="type Query { x: Int @shareable }", b="type Query { x: [Int] @shareable }")

    assert errors(result) == [
        (
            "FIELD_TYPE_MISMATCH",
            (
                '"Query.x" has types that have no common one: Int in subgraph "a", [Int] in subgraph "b". Make them the'
                " same, or one an interface or union of the other."
            ),
        )
    ]


def test_refuses_a_field_that_one_of_its_subgraphs_does_not_share() -> None:
    result = composed(a="type Query { x: Int @shareable }", b="type Query { x: Int }")

    assert errors(result) == [
        (
            "INVALID_FIELD_SHARING",
            (
                '"Query.x" is resolved by subgraphs "a" and "b", but not marked @shareable in subgraph "b". Mark it in'
                " each, or let one subgraph resolve it."
            ),
        )
    ]


def test_key_fields_may_be_resolved_by_all_even_nested_ones() -> None:
    sdl = 'type T @key(fields: "o { a }") { o: O } type O { a: Int }'

    result = composed(a="type Query { t: T } " + sdl, b=sdl)

    assert errors(result) == []


def test_a_provided_copy_counts_as_resolved() -> None:
    provider = 'type Query { t: T @provides(fields: "x") } ' + _entity("x: Int @external")

    refused = composed(a=provider, b=_entity("x: Int"))
    accepted = composed(a=provider, b=_entity("x: Int @shareable"))

    assert [error.code for error in refused.errors] == ["INVALID_FIELD_SHARING"]
    assert type_of(accepted, "Query").endswith('{\n  t: T @join__field(graph: A, provides: "x")\n}')
    assert "  x: Int @join__field(graph: A, external: true) @join__field(graph: B)" in type_of(accepted, "T")


def test_requirement_is_printed_with_the_copy_that_it_reads() -> None:
    result = composed(
        a="type Query { t: T } " + _entity('x: Int @external y: Int @requires(fields: "x")'), b=_entity("x: Int")
    )

    assert "  x: Int @join__field(graph: A, external: true) @join__field(graph: B)\n" in type_of(result, "T")
    assert '  y: Int @join__field(graph: A, requires: "x")\n' in type_of(result, "T")


def test_refuses_a_copy_that_nobody_resolves() -> None:
    result = composed(a="type Query { t: T } " + _entity('x: Int @external y: Int @requires(fields: "x")'))

    assert errors(result) == [
        (
            "EXTERNAL_MISSING_ON_BASE",
            (
                '"T.x" is marked @external in subgraph "a", but no other subgraph resolves it. Remove @external'
                " where it is"
                " resolved, or add it to the subgraph that owns it."
            ),
        )
    ]


@pytest.mark.parametrize(
    ("copy", "field", "code"),
    [
        ("x: Int", "x: String", "EXTERNAL_TYPE_MISMATCH"),
        ("x: Int!", "x: Int", "EXTERNAL_TYPE_MISMATCH"),
        ("x: Int", "x(a: Int): Int", "EXTERNAL_ARGUMENT_MISSING"),
        ("x(a: String): Int", "x(a: Int): Int", "EXTERNAL_ARGUMENT_TYPE_MISMATCH"),
        ("x(a: Int = 1): Int", "x(a: Int = 2): Int", "EXTERNAL_ARGUMENT_DEFAULT_MISMATCH"),
        ('x: Int @tag(name: "t")', "x: Int", "MERGED_DIRECTIVE_APPLICATION_ON_EXTERNAL"),
    ],
)
def test_refuses_a_copy_unlike_the_field(copy: str, field: str, code: str) -> None:
    result = composed(
        a="type Query { t: T } " + _entity(f'{copy} @external y: Int @requires(fields: "x")'), b=_entity(field)
    )

    assert [error.code for error in result.errors] == [code]
    assert result.errors[0].subgraphs == ("a",)


def test_argument_that_one_subgraph_lacks_is_left_out() -> None:
    result = composed(a="type Query { x(n: Int): Int @shareable }", b="type Query { x: Int @shareable }")

    assert hints(result) == [
        (
            "INCONSISTENT_ARGUMENT_PRESENCE",
            'The argument "Query.x(n:)" is left out of the supergraph, because it does not exist in subgraph "b".',
        )
    ]
    assert "  x: Int\n" in type_of(result, "Query")


def test_refuses_a_required_argument_that_one_subgraph_lacks() -> None:
    result = composed(a="type Query { x(n: Int!): Int @shareable }", b="type Query { x: Int @shareable }")

    assert errors(result) == [
        (
            "REQUIRED_ARGUMENT_MISSING_IN_SOME_SUBGRAPH",
            (
                'The argument "Query.x(n:)" is required in subgraph "a", but does not exist in subgraph "b", so no call'
                " could give it. Make it optional, or add it there."
            ),
        )
    ]


def test_argument_type_is_the_most_restrictive() -> None:
    result = composed(a="type Query { x(n: Int): Int @shareable }", b="type Query { x(n: Int!): Int @shareable }")

    assert "  x(n: Int!): Int\n" in type_of(result, "Query")


def test_refuses_argument_types_and_defaults_that_differ() -> None:
    result = composed(
        a="type Query { x(n: Int): Int @shareable y(n: Int = 1): Int @shareable }",
        b="type Query { x(n: String): Int @shareable y(n: Int = 2): Int @shareable }",
    )

    assert [error.code for error in result.errors] == [
        "FIELD_ARGUMENT_TYPE_MISMATCH",
        "FIELD_ARGUMENT_DEFAULT_MISMATCH",
    ]


def test_default_that_one_subgraph_lacks_is_dropped() -> None:
    result = composed(a="type Query { x(n: Int = 1): Int @shareable }", b="type Query { x(n: Int): Int @shareable }")

    assert hints(result) == [
        (
            "INCONSISTENT_DEFAULT_VALUE_PRESENCE",
            'The argument "Query.x(n:)" has a default in subgraph "a" only; the supergraph has none.',
        )
    ]
    assert "  x(n: Int): Int\n" in type_of(result, "Query")


def test_most_frequent_description_wins() -> None:
    result = composed(
        a='type Query { "one" x: Int @shareable }',
        b='type Query { "two" x: Int @shareable }',
        c='type Query { "two" x: Int @shareable }',
    )

    assert '  """two"""\n  x: Int\n' in type_of(result, "Query")


def test_renamed_roots_are_merged_under_their_usual_names() -> None:
    result = composed(a="schema { query: Root } type Root { x: Int again: Root }", b="type Query { y: Int }")

    assert type_of(result, "Query") == (
        "type Query\n  @join__type(graph: A)\n  @join__type(graph: B)\n{\n"
        "  x: Int @join__field(graph: A)\n  again: Query @join__field(graph: A)\n  y: Int @join__field(graph: B)\n}"
    )


def test_extension_without_a_definition_anywhere_is_refused() -> None:
    result = composed(a="type Query { x: Int }", b="extend type T { x: Int }")

    assert errors(result) == [
        (
            "EXTENSION_WITH_NO_BASE",
            (
                '"T" is only extended, in subgraph "b", and defined in no subgraph. Define it in the subgraph that'
                " owns it."
            ),
        )
    ]


def test_extension_of_an_entity_may_mark_its_key_external() -> None:
    result = composed(
        a="type Query { t: T } " + _entity(""),
        b='extend type T @key(fields: "id") { id: ID! @external x: Int }',
    )

    assert type_of(result, "T") == (
        'type T\n  @join__type(graph: A, key: "id")\n  @join__type(graph: B, key: "id", extension: true)\n{\n'
        "  id: ID!\n  x: Int @join__field(graph: B)\n}"
    )


def test_refuses_one_name_for_two_kinds() -> None:
    result = composed(a="type Query { t: T } type T { x: Int }", b="type Query { y(t: T): Int } input T { x: Int }")

    assert errors(result) == [
        (
            "TYPE_KIND_MISMATCH",
            (
                '"T" is an object in subgraph "a", an input in subgraph "b". Make it the same kind everywhere,'
                " or rename"
                " one of them."
            ),
        )
    ]


def test_refuses_a_shareable_subscription() -> None:
    result = composed(a="type Query { x: Int } type Subscription { s: Int @shareable }")

    assert [error.code for error in result.errors] == ["INVALID_FIELD_SHARING"]


def test_a_copy_may_be_narrower_where_those_who_resolve_the_field_differ() -> None:
    owners = {
        "a": 'type Query { t: T } type T @key(fields: "id") { id: ID! x: Int! @shareable }',
        "b": 'type T @key(fields: "id") { id: ID! x: Int @shareable }',
    }
    copy = 'type T @key(fields: "id") { id: ID! x: TYPE @external y: Int @requires(fields: "x") }'

    result = composed(**owners, c=copy.replace("TYPE", "Int!"))

    assert 'x: Int @join__field(graph: A, type: "Int!")' in type_of(result, "T")
    assert '@join__field(graph: C, type: "Int!", external: true)' in type_of(result, "T")
    assert codes(composed(**owners, c=copy.replace("TYPE", "String"))) == ["EXTERNAL_TYPE_MISMATCH"]
    assert codes(composed(a=owners["b"] + "type Query { t: T }", c=copy.replace("TYPE", "Int!"))) == [
        "EXTERNAL_TYPE_MISMATCH"
    ]


@pytest.mark.parametrize("directive", ['@deprecated(reason: "old")', '@tag(name: "t")', "@inaccessible"])
def test_a_copy_has_no_say_in_what_clients_may_see(directive: str) -> None:
    result = composed(
        a='type Query { t: T } type T @key(fields: "id") { id: ID! x: Int }',
        b=f'type T @key(fields: "id") {{ id: ID! x: Int @external {directive} y: Int @requires(fields: "x") }}',
    )

    name = directive.partition("(")[0]
    assert errors(result) == [
        (
            "MERGED_DIRECTIVE_APPLICATION_ON_EXTERNAL",
            f'"T.x" in subgraph "b" has {name} on an @external copy. Put it on the field where it is resolved.',
        )
    ]


def test_refuses_a_requirement_whose_argument_is_left_out_of_the_merged_field() -> None:
    asking = """
    type T @key(fields: "id") { id: ID! x(n: Int): Int @external y: Int @requires(fields: "x(n: 1)") }
    """

    result = composed(
        a='type Query { t: T } type T @key(fields: "id") { id: ID! x(n: Int): Int @shareable }',
        b='type T @key(fields: "id") { id: ID! x: Int @shareable }',
        c=asking,
    )

    assert errors(result) == [
        (
            "REQUIRES_INVALID_FIELDS",
            (
                '@requires(fields: "x(n: 1)") on "T.y" in subgraph "c" gives "T.x" the argument "n", which is left out'
                ' of the supergraph, because it does not exist in subgraph "b". Add it there, or do not give it.'
            ),
        )
    ]


def test_refuses_a_requirement_that_lacks_an_argument_which_the_merged_field_requires() -> None:
    result = composed(
        a='type Query { t: T } type T @key(fields: "id") { id: ID! x(n: Int!): Int }',
        b='type T @key(fields: "id") { id: ID! x(n: Int): Int @external y: Int @requires(fields: "x") }',
    )

    assert errors(result) == [
        (
            "REQUIRES_INVALID_FIELDS",
            (
                '@requires(fields: "x") on "T.y" in subgraph "b" does not give "T.x" the argument "n", which is'
                ' required in subgraph "a". Give it, or make it optional there.'
            ),
        )
    ]


def test_a_copy_is_compared_with_the_field_even_where_those_who_resolve_it_disagree() -> None:
    result = composed(
        a='type Query { t: T } type T @key(fields: "id") { id: ID! x: Int @shareable }',
        b='type T @key(fields: "id") { id: ID! x: String @shareable }',
        c='type T @key(fields: "id") { id: ID! x: Boolean @external y: Int @requires(fields: "x") }',
    )

    assert codes(result) == ["FIELD_TYPE_MISMATCH", "EXTERNAL_TYPE_MISMATCH"]
