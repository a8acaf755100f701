"""Directives that reach the supergraph: tags, visibility, deprecation, authorisation."""

import pytest

from tests.router.composition.compositions import codes, composed, errors, hints, type_of


def test_tags_are_united_and_linked() -> None:
    result = composed(
        a='type Query { x: Int @shareable @tag(name: "b") @tag(name: "a") }',
        b='type Query { x: Int @shareable @tag(name: "b") @tag(name: "c") }',
    )

    assert '  x: Int @tag(name: "a") @tag(name: "b") @tag(name: "c")\n' in type_of(result, "Query")
    assert '  @link(url: "https://specs.apollo.dev/tag/v0.3")\n' in result.supergraph_sdl
    assert "directive @tag(name: String!) repeatable on FIELD_DEFINITION" in result.supergraph_sdl


def test_one_subgraph_is_enough_to_hide_or_protect_an_element() -> None:
    result = composed(
        a="type Query { x: Int @shareable @inaccessible y: Int @shareable @authenticated }",
        b="type Query { x: Int @shareable y: Int @shareable }",
    )

    assert "  x: Int @inaccessible\n  y: Int @authenticated\n" in type_of(result, "Query")
    assert '/inaccessible/v0.2", for: SECURITY)' in result.supergraph_sdl
    assert '/authenticated/v0.1", for: SECURITY)' in result.supergraph_sdl


def test_scopes_of_all_subgraphs_are_needed_together() -> None:
    result = composed(
        a='type Query { x: Int @shareable @requiresScopes(scopes: [["a", "b"], ["c"]]) }',
        b='type Query { x: Int @shareable @requiresScopes(scopes: [["a"], ["d"]]) }',
    )

    assert '@requiresScopes(scopes: [["a", "b"], ["a", "c"], ["c", "d"]])' in type_of(result, "Query")
    assert [code for code, _ in hints(result)] == ["MERGED_NON_REPEATABLE_DIRECTIVE_ARGUMENTS"]


def test_most_frequent_deprecation_wins() -> None:
    result = composed(
        a='type Query { x: Int @shareable @deprecated(reason: "old") }',
        b='type Query { x: Int @shareable @deprecated(reason: "slow") }',
        c='type Query { x: Int @shareable @deprecated(reason: "slow") }',
    )

    assert '  x: Int @deprecated(reason: "slow")\n' in type_of(result, "Query")
    assert [code for code, _ in hints(result)] == ["INCONSISTENT_NON_REPEATABLE_DIRECTIVE_ARGUMENTS"]


def test_highest_cost_wins() -> None:
    result = composed(
        version="2.9",
        a="type Query { x: [Int] @shareable @cost(weight: 9) @listSize(assumedSize: 5) }",
        b="type Query { x: [Int] @shareable @cost(weight: 10) @listSize(assumedSize: 50) }",
    )

    assert "  x: [Int] @cost(weight: 10) @listSize(assumedSize: 50)\n" in type_of(result, "Query")
    assert '/cost/v0.1", import: ["@listSize"])' in result.supergraph_sdl


@pytest.mark.parametrize(
    "sdl",
    [
        "interface I @authenticated { x: Int } type T implements I { x: Int }",
        'interface I { x: Int @requiresScopes(scopes: [["a"]]) } type T implements I { x: Int }',
    ],
)
def test_refuses_authorisation_on_interfaces(sdl: str) -> None:
    assert codes(composed(a="type Query { i: I } " + sdl)) == ["AUTH_REQUIREMENTS_APPLIED_ON_INTERFACE"]


def _reading(own: str, read: str) -> list[str]:
    fields = f'id: ID x: Int @external y: Int @requires(fields: "x") {own}'
    result = composed(
        a=f'type Query {{ q: Int }} type T @key(fields: "id") {{ {fields} }}',
        b=f'type T @key(fields: "id") {{ id: ID x: Int {read} }}',
    )
    return codes(result)


def test_a_field_asks_for_what_the_fields_that_it_requires_ask_for() -> None:
    missing = ["MISSING_TRANSITIVE_AUTH_REQUIREMENTS"]
    scopes = "@requiresScopes(scopes: [[%s]])"

    assert _reading("", "@authenticated") == missing
    assert _reading("@authenticated", "@authenticated") == []
    assert _reading(scopes % '"a", "b"', scopes % '"a"') == []
    assert _reading(scopes % '"a"', scopes % '"a", "b"') == missing
    assert _reading(scopes % '"a"], ["b"', scopes % '"a"') == missing


@pytest.mark.parametrize(
    ("sdl", "code"),
    [
        ("type Query { t: T q: Int } type T @inaccessible { x: Int }", "REFERENCED_INACCESSIBLE"),
        ("type Query { q(i: I): Int } input I @inaccessible { x: Int }", "REFERENCED_INACCESSIBLE"),
        ("type Query { t: T } type T { x: Int @inaccessible }", "ONLY_INACCESSIBLE_CHILDREN"),
        ("type Query { u: U } union U = A type A @inaccessible { x: Int }", "ONLY_INACCESSIBLE_CHILDREN"),
        ("type Query @inaccessible { q: Int }", "QUERY_ROOT_TYPE_INACCESSIBLE"),
        ("type Query { q(n: Int! @inaccessible): Int }", "REQUIRED_INACCESSIBLE"),
        ("type Query { q(e: E = A): Int } enum E { A @inaccessible B }", "DEFAULT_VALUE_USES_INACCESSIBLE"),
        (
            "type Query { q(i: I = {l: [A]}): Int } input I { l: [E] } enum E { A @inaccessible B }",
            "DEFAULT_VALUE_USES_INACCESSIBLE",
        ),
        (
            "type Query { i: I } interface I { x: Int y: Int } type T implements I { x: Int @inaccessible y: Int }",
            "IMPLEMENTED_BY_INACCESSIBLE",
        ),
    ],
)
def test_refuses_a_visible_element_that_needs_a_hidden_one(sdl: str, code: str) -> None:
    assert codes(composed(a=sdl)) == [code]


def test_accepts_hidden_elements_that_nothing_visible_needs() -> None:
    result = composed(
        a="""
        type Query { q(n: Int @inaccessible, e: E): Int t: T @inaccessible }
        type T @inaccessible { x: Int } enum E { A @inaccessible B }
        """
    )

    assert errors(result) == []


def test_directives_of_operations_are_kept_as_far_as_all_subgraphs_have_them() -> None:
    result = composed(
        a="""
        directive @slow(n: Int = 1, m: Int) repeatable on FIELD | QUERY
        directive @own on FIELD
        type Query { x: Int }
        """,
        b="directive @slow(n: Int = 1) on FIELD | OBJECT type Query { y: Int }",
    )

    assert [code for code, _ in hints(result)] == [
        "INCONSISTENT_EXECUTABLE_DIRECTIVE_PRESENCE",
        "INCONSISTENT_EXECUTABLE_DIRECTIVE_LOCATIONS",
        "INCONSISTENT_EXECUTABLE_DIRECTIVE_REPEATABLE",
        "INCONSISTENT_ARGUMENT_PRESENCE",
    ]
    assert "\ndirective @slow(n: Int = 1) on FIELD\n" in result.supergraph_sdl
    assert "@own" not in result.supergraph_sdl


def test_a_directive_for_schemas_alone_stays_in_its_subgraph() -> None:
    result = composed(a="directive @mine on FIELD_DEFINITION type Query { x: Int @mine }")

    assert hints(result) == []
    assert "@mine" not in result.supergraph_sdl


def test_refuses_a_hidden_argument_that_implements_a_visible_one() -> None:
    result = composed(
        a="type Query { i: I } interface I { x(a: Int): Int } type T implements I { x(a: Int @inaccessible): Int }"
    )

    assert errors(result) == [
        (
            "IMPLEMENTED_BY_INACCESSIBLE",
            (
                '"T.x(a:)" is @inaccessible in subgraph "a", but implements the visible argument of an'
                " interface. Hide that too, or show the argument."
            ),
        )
    ]


@pytest.mark.parametrize(
    ("sdl", "expected"),
    [
        ("directive @d(a: Int! @inaccessible) on FIELD type Query { q: Int }", ["REQUIRED_INACCESSIBLE"]),
        (
            "directive @d(a: N) on FIELD input N @inaccessible { n: Int } type Query { q: Int }",
            ["REFERENCED_INACCESSIBLE"],
        ),
        ("directive @d(a: Int @inaccessible) on FIELD type Query { q: Int }", []),
    ],
)
def test_arguments_of_directives_for_operations_may_be_hidden_like_others(sdl: str, expected: list[str]) -> None:
    assert codes(composed(a=sdl)) == expected


def test_sizes_that_are_null_say_nothing() -> None:
    result = composed(
        version="2.9",
        a="type Query { q(first: Int): [Int] @shareable @listSize(assumedSize: null, slicingArguments: []) }",
        b='type Query { q(first: Int): [Int] @shareable @listSize(assumedSize: 3, slicingArguments: ["first"]) }',
    )

    assert '@listSize(assumedSize: 3, slicingArguments: ["first"])' in type_of(result, "Query")
