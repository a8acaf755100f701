"""What one subgraph has to get right by itself."""

import pytest

from tests.router.composition.compositions import codes, composed, errors

QUERY = "type Query { q: Int } "


def test_names_the_place_where_the_sdl_does_not_parse() -> None:
    result = composed(a="type Query {\n  x Int\n}")

    assert errors(result) == [
        (
            "INVALID_GRAPHQL",
            (
                "The SDL of subgraph \"a\" does not parse at line 3, column 5: Syntax Error: Expected ':', found Name"
                " 'Int'."
            ),
        )
    ]


@pytest.mark.parametrize(
    ("sdl", "problem"),
    [
        ("type Query { x: Foo }", "Unknown type 'Foo'."),
        ("type Query { x: Int @foo }", "Unknown directive '@foo'."),
        ("type Query { x(i: Query): Int }", "The type of Query.x(i:) must be Input Type but got: Query."),
        (
            "type Query { i: I } interface I { x: Int } type T implements I { y: Int }",
            "Interface field I.x expected but T does not provide it.",
        ),
        (QUERY + "type T { x: Int } type T { y: Int }", "There can be only one type named 'T'."),
    ],
)
def test_refuses_what_is_no_valid_graphql(sdl: str, problem: str) -> None:
    assert errors(composed(a=sdl)) == [
        ("INVALID_GRAPHQL", f'The schema of subgraph "a" is not valid GraphQL: {problem}')
    ]


@pytest.mark.parametrize(
    ("key", "code", "reason"),
    [
        ("x", "KEY_INVALID_FIELDS", 'it selects "x", but "T" has no such field'),
        ("o", "KEY_INVALID_FIELDS", 'it selects "T.o" without saying which fields of "O"'),
        ("id { x }", "KEY_INVALID_FIELDS", 'it selects fields of "T.id", which is a leaf'),
        ("key: id", "KEY_INVALID_FIELDS", 'it gives "id" the alias "key"'),
        ("", "KEY_INVALID_FIELDS", "it is empty"),
        ("o { ... on Q { x } }", "KEY_INVALID_FIELDS", "which is no object, interface or union there"),
        ("withArgument", "KEY_FIELDS_HAS_ARGS", 'selects "T.withArgument", which has arguments'),
        ("i { id }", "KEY_FIELDS_SELECT_INVALID_TYPE", 'whose type "I" is an interface'),
        ("u { ... on O { id } }", "KEY_FIELDS_SELECT_INVALID_TYPE", 'whose type "U" is a union'),
        ("id @skip(if: false)", "KEY_DIRECTIVE_IN_FIELDS_ARG", "has a directive inside its fields"),
    ],
)
def test_refuses_a_key_that_identifies_nothing(key: str, code: str, reason: str) -> None:
    result = composed(
        a=f"""
        {QUERY} interface I {{ id: ID }} union U = O type O implements I {{ id: ID }}
        type T @key(fields: "{key}") {{ id: ID o: O i: I u: U withArgument(n: Int): ID }}
        """
    )

    assert codes(result) == [code]
    assert f'@key(fields: "{key}") on "T" in subgraph "a"' in result.errors[0].message
    assert reason in result.errors[0].message


@pytest.mark.parametrize("value", ['["id"]', "id", "1"])
def test_refuses_key_fields_that_are_no_string(value: str) -> None:
    assert codes(composed(a=QUERY + f"type T @key(fields: {value}) {{ id: ID }}")) == ["KEY_INVALID_FIELDS_TYPE"]


@pytest.mark.parametrize(
    ("fields", "code"),
    [
        ('x: Int y: Int @requires(fields: "x")', "REQUIRES_FIELDS_MISSING_EXTERNAL"),
        ('y: Int @requires(fields: "x")', "REQUIRES_INVALID_FIELDS"),
        ("y: Int @requires(fields: 1)", "REQUIRES_INVALID_FIELDS_TYPE"),
        ('x(n: Int): Int @external y: Int @requires(fields: "x(m: 1)")', "REQUIRES_INVALID_FIELDS"),
        ('x(n: Int): Int @external y: Int @requires(fields: "x(n: 1.5)")', "REQUIRES_INVALID_FIELDS"),
        ('x(n: Int!): Int @external y: Int @requires(fields: "x")', "REQUIRES_INVALID_FIELDS"),
        ('x: Int @external y: Int @requires(fields: "x @skip(if: true)")', "REQUIRES_DIRECTIVE_IN_FIELDS_ARG"),
        ("x: Int @external", "EXTERNAL_UNUSED"),
        ("x: Int @shareable @shareable", "INVALID_SHAREABLE_USAGE"),
        ('x: Int @provides(fields: "y")', "PROVIDES_ON_NON_OBJECT_FIELD"),
        ('o: O @provides(fields: "n")', "PROVIDES_FIELDS_MISSING_EXTERNAL"),
        ('o: O @provides(fields: "m")', "PROVIDES_INVALID_FIELDS"),
        ("o: O @provides(fields: [])", "PROVIDES_INVALID_FIELDS_TYPE"),
        ('o: O @provides(fields: "a")', "PROVIDES_FIELDS_HAS_ARGS"),
    ],
)
def test_refuses_a_misused_directive_on_a_field(fields: str, code: str) -> None:
    result = composed(
        a=f"""
        {QUERY} type T @key(fields: "id") {{ id: ID {fields} }}
        type O @key(fields: "id") {{ id: ID n: Int a(x: Int): Int }}
    """
    )

    assert codes(result)[0] == code
    assert result.errors[0].subgraphs == ("a",)


@pytest.mark.parametrize("arguments", ["x(e: A, l: [1, 2], o: {n: 1})", "x(e: null, l: 3, o: {n: null})", "x"])
def test_accepts_a_requirement_whose_arguments_fit(arguments: str) -> None:
    field = "x(e: E, l: [Int!], o: O): Int"
    types = "enum E { A } input O { n: Float }"

    requiring = f'{field} @external y: Int @requires(fields: "{arguments}")'
    result = composed(
        a=f'{QUERY} {types} type T @key(fields: "id") {{ id: ID {requiring} }}',
        b=f'{types} type T @key(fields: "id") {{ id: ID {field} }}',
    )

    assert errors(result) == []


@pytest.mark.parametrize(
    ("field", "expected"),
    [
        ("x: Int @external", ["EXTERNAL_ON_INTERFACE", "EXTERNAL_UNUSED"]),
        ("x: Int @shareable", ["INVALID_SHAREABLE_USAGE"]),
        ('x: O @provides(fields: "n")', ["PROVIDES_UNSUPPORTED_ON_INTERFACE"]),
    ],
)
def test_refuses_directives_about_resolving_on_interface_fields(field: str, expected: list[str]) -> None:
    result = composed(a=f'{QUERY} interface I {{ {field} }} type O @key(fields: "id") {{ id: ID }}')

    assert codes(result) == expected


def test_a_copy_that_implements_an_interface_is_used() -> None:
    result = composed(
        a=QUERY + 'interface I { x: Int } type T implements I @key(fields: "id") { id: ID x: Int @external }',
        b='type T @key(fields: "id") { id: ID x: Int }',
    )

    assert errors(result) == []


@pytest.mark.parametrize(
    ("sdl", "problem"),
    [
        (
            "type Query { q: Int @tag(name: 3) }",
            "The argument 'name' of '@tag' is 3, which is not of type String!.",
        ),
        (
            'type Query { q: Int @cost(weight: "x") }',
            "The argument 'weight' of '@cost' is \"x\", which is not of type Int!.",
        ),
        (
            "directive @own(a: [Int]) on ENUM_VALUE type Query { e: E } enum E { A @own(a: [1.5]) }",
            "The argument 'a' of '@own' is [1.5], which is not of type [Int].",
        ),
    ],
)
def test_refuses_a_value_in_a_directive_that_is_not_of_its_type(sdl: str, problem: str) -> None:
    assert errors(composed(version="2.9", a=sdl)) == [
        ("INVALID_GRAPHQL", f'The schema of subgraph "a" is not valid GraphQL: {problem}')
    ]


def test_one_string_stands_for_a_list_of_it_so_that_a_scope_is_never_lost() -> None:
    result = composed(a='type Query { q: Int @requiresScopes(scopes: "admin") }')

    assert '@requiresScopes(scopes: [["admin"]])' in result.supergraph_sdl


def test_a_scalar_of_graphql_itself_is_not_redefined() -> None:
    result = composed(a="scalar Int @inaccessible type Query { q: Int }")

    assert errors(result) == []
    assert "scalar Int" not in result.supergraph_sdl


def test_sizes_of_lists_below_a_field_are_given_by_the_fields_names() -> None:
    sdl = "type Query { c(first: Int!): C @listSize(slicingArguments: %s, sizedFields: %s) } type C { items: [Int]! }"

    assert errors(composed(version="2.9", a=sdl % ('"first"', '["items"]'))) == []
    assert codes(composed(version="2.9", a=sdl % ("[]", '"no"'))) == ["LIST_SIZE_INVALID_SIZED_FIELD"]


def test_an_external_field_that_an_invalid_field_set_names_is_not_unused_as_well() -> None:
    result = composed(
        a='type Query { t: T @provides(fields: "u") } type T @key(fields: "id") { id: ID! u: U @external } '
        "type U { x: Int }",
        b='type T @key(fields: "id") { id: ID! u: U } type U { x: Int }',
    )

    assert codes(result) == ["PROVIDES_INVALID_FIELDS"]


def test_every_subgraph_is_checked_by_itself_whatever_is_wrong_with_another() -> None:
    result = composed(
        a=QUERY + "type T { x: Foo }",
        b='type T @key(fields: "missing") { id: ID! }',
        c='type S @key(fields: "") { id: ID! }',
    )

    assert [(error.code, error.subgraphs) for error in result.errors] == [
        ("INVALID_GRAPHQL", ("a",)),
        ("KEY_INVALID_FIELDS", ("b",)),
        ("KEY_INVALID_FIELDS", ("c",)),
    ]


def test_names_the_required_argument_that_a_field_set_does_not_give() -> None:
    result = composed(a=QUERY + 'type T @key(fields: "id") { id(n: Int!): ID! }')

    assert errors(result) == [
        (
            "KEY_INVALID_FIELDS",
            (
                '@key(fields: "id") on "T" in subgraph "a" is no valid selection of "T": it selects "T.id" without the'
                ' argument "n", which the field requires. Correct it.'
            ),
        )
    ]


def test_accepts_a_type_condition_in_a_field_set_that_nothing_meets_here() -> None:
    result = composed(
        a=QUERY
        + """
        type T @key(fields: "id") { id: ID! i: I @external x: Int @requires(fields: "i { ... on S { id } }") }
        interface I { id: ID! }
        type S @key(fields: "id") { id: ID! }
        """,
        b='type T @key(fields: "id") { id: ID! i: I } interface I { id: ID! }',
    )

    assert codes(result) == []


def test_a_type_whose_key_is_no_selection_is_not_said_to_lack_its_interface_s_key() -> None:
    keys = ("1", '"missing"')
    sdl = 'interface I @key(fields: "id") { id: ID! } type T implements I @key(fields: KEY) { id: ID! }'

    found = [codes(composed(a=QUERY + sdl.replace("KEY", key))) for key in keys]

    assert found == [["KEY_INVALID_FIELDS_TYPE"], ["KEY_INVALID_FIELDS"]]


def test_an_alias_makes_a_key_of_an_interface_another_one() -> None:
    result = composed(
        a=QUERY + 'interface I @key(fields: "a: id") { id: ID! } type T implements I @key(fields: "id") { id: ID! }'
    )

    assert sorted(codes(result)) == ["INTERFACE_KEY_NOT_ON_IMPLEMENTATION", "KEY_INVALID_FIELDS"]


def test_an_external_field_that_also_provides_is_refused_once() -> None:
    result = composed(
        a='type Query { t: T @external @provides(fields: "x") } type T @key(fields: "id") { id: ID! x: Int @external }'
    )

    assert codes(result) == ["EXTERNAL_COLLISION_WITH_ANOTHER_DIRECTIVE"]


def test_a_query_type_may_be_empty_but_not_be_used_without_being_there() -> None:
    result = composed(a=QUERY, b='type Query type T @key(fields: "id") { id: ID! }')
    used = composed(a=QUERY, b="type T { query: Query }")

    assert codes(result) == []
    assert errors(used) == [
        ("INVALID_GRAPHQL", "The schema of subgraph \"b\" is not valid GraphQL: Unknown type 'Query'.")
    ]
    assert codes(composed(a="type Query")) == ["NO_QUERIES"]


def test_a_key_of_an_abstract_field_is_refused_for_its_type_with_and_without_a_selection_below() -> None:
    sdl = "type T @key(fields: KEY) { id: ID! i: I } interface I { id: ID! } type S implements I { id: ID! }"

    found = [errors(composed(a=QUERY + sdl.replace("KEY", key))) for key in ('"i"', '"i { id }"')]

    assert found == [
        [
            (
                "KEY_FIELDS_SELECT_INVALID_TYPE",
                (
                    f'@key(fields: {key}) on "T" in subgraph "a" selects "T.i", whose type "I" is an interface. Select'
                    " a field of a concrete type."
                ),
            )
        ]
        for key in ('"i"', '"i { id }"')
    ]
