"""`@context` and `@fromContext`: what the supergraph says of them, and who can be asked for such a field."""

import pytest

from tests.router.composition.compositions import codes, composed, errors, hints, type_of

U = 'type U @key(fields: "id") { id: ID! f(a: String @fromContext(field: "$c { p }")): Int }'
T = 'type T @context(name: "c") @key(fields: "id") { id: ID! p: String! u: U }'
SHARED = T.replace("String!", "String! @shareable").replace("u: U", "u: U @shareable")
QUERY = "type Query { t: T }"


def test_the_argument_is_hidden_from_clients_and_listed_for_the_router() -> None:
    result = composed(version="2.8", a=f"{QUERY} {T} {U}")

    assert hints(result) == []
    assert type_of(result, "U") == (
        'type U\n  @join__type(graph: A, key: "id")\n{\n  id: ID!\n  f: Int @join__field(graph: A, contextArguments:'
        ' [{context: "a__c", name: "a", type: "String", selection: " { p }"}])\n}'
    )
    assert '  @join__type(graph: A, key: "id")\n  @context(name: "a__c")\n' in type_of(result, "T")
    assert '  @link(url: "https://specs.apollo.dev/context/v0.1", for: SECURITY)\n' in result.supergraph_sdl
    assert "join/v0.5" in result.supergraph_sdl


def test_an_ordinary_argument_stays() -> None:
    result = composed(version="2.8", a=f"{QUERY} {T} {U.replace('f(', 'f(b: Int = 1, ')}")

    assert "  f(b: Int = 1): Int @join__field(graph: A, contextArguments:" in type_of(result, "U")


@pytest.mark.parametrize(
    "selection",
    ["{ p }", "p", "... on T { p }", "{ ... on T { p } }"],
)
def test_a_value_is_one_field_with_or_without_braces_and_condition(selection: str) -> None:
    result = composed(version="2.8", a=f"{QUERY} {T} {U.replace('{ p }', selection)}")

    assert errors(result) == []


def test_an_interface_or_union_may_set_a_context_for_its_types() -> None:
    result = composed(
        version="2.8",
        a=f"""
        type Query {{ x: X }}
        union X @context(name: "c") = T | S
        type T @key(fields: "id") {{ id: ID! p: String! u: U }}
        type S @key(fields: "id") {{ id: ID! r: String! u: U }}
        {U.replace("{ p }", "... on T { p } ... on S { r }")}
        """,
    )

    assert errors(result) == []
    assert '  @context(name: "a__c")\n  = T | S' in type_of(result, "X")


@pytest.mark.parametrize(
    ("selection", "problem"),
    [
        ("{ p p2: p }", 'it gives "p" the alias "p2"'),
        ("{ p @skip(if: true) }", "it has a directive"),
        ("{ ...F }", "it spreads the fragment F; write an inline fragment"),
        ("{ no }", 'it selects "no", but "T" has no such field'),
        ("{ p } { p }", "it is more than one selection"),
        ("{ id", "it does not parse: Syntax Error: Expected Name, found <EOF>."),
        ("... on T { p } p", "it selects fields beside fragments; a value comes from one field"),
        ("... on T { p } ... on T { p }", 'it has two conditions on "T"'),
        ("... on U { id }", 'none of its conditions is on a type that "T" may be'),
        ("... on T { p } ... on U { id }", 'no type that sets the context is ever a "U"'),
        ("... on I { p }", 'it has a condition on "I", which is no object type'),
        ("{ n }", 'of "T" that is of type Int, which may be null, and the argument of type String'),
        ("{ list }", 'of "T" that is of type [String], which may be null, and the argument of type String'),
        ("{ __typename }", "it selects no field of the types that set the context"),
    ],
)
def test_refuses_a_selection_that_is_not_one_plain_value(selection: str, problem: str) -> None:
    result = composed(
        version="2.8",
        a=f"""
        {QUERY} interface I {{ p: String! }}
        type T implements I @context(name: "c") @key(fields: "id")
          {{ id: ID! p: String! n: Int list: [String!]! u: U }}
        {U.replace("{ p }", selection)}
        """,
    )

    assert errors(result) == [
        (
            "CONTEXT_INVALID_SELECTION",
            f'"U.f(a:)" in subgraph "a" takes "{selection}" from the context "c", but {problem}.',
        )
    ]


@pytest.mark.parametrize("argument", ["a: String!", "a: [String]", "a: Int"])
def test_refuses_an_argument_that_does_not_take_the_value_or_null(argument: str) -> None:
    result = composed(version="2.8", a=f"{QUERY} {T} {U.replace('a: String', argument)}")

    assert codes(result) == ["CONTEXT_INVALID_SELECTION"]


@pytest.mark.parametrize(
    ("types", "reason"),
    [
        (
            T + U.replace("a: String", 'a: String = "x"'),
            '"U.f(a:)" in subgraph "a" has @fromContext, but has a default, which nobody would see',
        ),
        (
            f"{T} interface J {{ f(a: String): Int }} {U.replace('type U', 'type U implements J')}",
            '"U.f(a:)" in subgraph "a" has @fromContext, but is an argument of a field that implements "J.f"',
        ),
        (
            f'{T} directive @d(a: String @fromContext(field: "$c {{ p }}")) on FIELD type U {{ x: Int }}',
            '"@d(a:)" in subgraph "a" has @fromContext, but is an argument of a directive',
        ),
    ],
)
def test_refuses_a_context_where_none_can_be_given(types: str, reason: str) -> None:
    assert errors(composed(version="2.8", a=f"{QUERY} {types}")) == [
        (
            "CONTEXT_NOT_SET",
            f"{reason}. Only an argument without default of an object's own field can take its value from a context.",
        )
    ]


def test_a_copy_that_a_context_gives_is_used_and_may_come_from_another_subgraph() -> None:
    result = composed(
        version="2.8",
        a=f"{QUERY} {T.replace('String!', 'String! @external')} {U}",
        b='type T @key(fields: "id") { id: ID! p: String! }',
    )

    assert errors(result) == []


def test_the_object_that_sets_the_context_may_be_met_in_another_subgraph() -> None:
    result = composed(
        version="2.8",
        a=f"type Query {{ n: Int }} {T.replace(' u: U', '')} {U}",
        b='type Query { t: T } type T @key(fields: "id") { id: ID! u: U } type U @key(fields: "id") { id: ID! }',
    )

    assert errors(result) == []


def test_refuses_a_path_on_which_nobody_sets_the_context() -> None:
    result = composed(version="2.8", a=f"type Query {{ t: T u: U }} {T} {U}")

    assert errors(result) == [
        (
            "SATISFIABILITY_ERROR",
            (
                '"U.f" cannot be had by every operation. This one cannot be answered:\n'
                "  query {\n    u {\n      f\n    }\n  }\n"
                'Its last step has a "U" from subgraph "a", and:\n'
                '- subgraph "a" is reached, but the argument "a" of the field takes "{ p }" from the context "c", which'
                " no object above sets, or not with that value\n"
                'Add a resolvable @key where it is missing, or resolve the field (@shareable) in subgraph "a".'
            ),
        )
    ]


def test_an_object_does_not_set_a_context_for_its_own_fields() -> None:
    result = composed(
        version="2.8",
        a=QUERY + T.replace("u: U", 'f(a: String @fromContext(field: "$c { p }")): Int'),
    )

    assert codes(result) == ["SATISFIABILITY_ERROR"]


def test_the_nearest_object_that_sets_a_context_counts_even_when_its_value_cannot_be_had() -> None:
    nearer = 'type S @context(name: "c") @key(fields: "id", resolvable: false) { id: ID! p: String! @external u: U }'

    result = composed(
        version="2.8",
        a=f"{QUERY} {T.replace('u: U', 's: S')} {nearer} {U}",
        b="type S { id: ID! @shareable p: String! @inaccessible }",
    )

    assert codes(result) == ["SATISFIABILITY_ERROR"]


def test_what_is_taken_from_a_context_asks_for_its_authorisation() -> None:
    protected = T.replace("p: String!", "p: String! @authenticated")

    assert codes(composed(version="2.8", a=f"{QUERY} {protected} {U}")) == ["MISSING_TRANSITIVE_AUTH_REQUIREMENTS"]
    assert errors(composed(version="2.8", a=f"{QUERY} {protected} {U.replace('Int }', 'Int @authenticated }')}")) == []


def test_whoever_takes_from_a_context_asks_for_the_authorisation_of_the_object_that_sets_it() -> None:
    protected = T.replace("type T", "type T @authenticated")

    assert errors(composed(version="2.8", a=f"{QUERY} {protected} {U}")) == [
        (
            "MISSING_TRANSITIVE_AUTH_REQUIREMENTS",
            (
                '"U.f" in subgraph "a" takes a value from the context "c" of "T", which asks for @authenticated. Ask'
                ' for it on "U.f" too.'
            ),
        )
    ]
    assert errors(composed(version="2.8", a=f"{QUERY} {protected} {U.replace('Int }', 'Int @authenticated }')}")) == []


def test_subgraphs_may_use_the_same_name_for_contexts_of_their_own() -> None:
    result = composed(
        version="2.8",
        a=f"{QUERY} {SHARED} {U}",
        b=f"type Query {{ t2: T }} {SHARED} {U.replace('f(', 'g(')}",
    )

    assert '  @context(name: "a__c")\n  @context(name: "b__c")\n' in type_of(result, "T")
