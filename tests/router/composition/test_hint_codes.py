"""Every hint, with its message and its level."""

import pytest

from router.composition.errors import HINT_LEVELS
from tests.router.composition.code_cases import Case
from tests.router.composition.compositions import hints

CASES = (
    Case(
        "CONTEXTUAL_ARGUMENT_NOT_CONTEXTUAL_IN_ALL_SUBGRAPHS",
        (
            'The argument "U.f(a:)" is left out of the supergraph, because it takes its value from a '
            'context in subgraph "a"; subgraph "b" never gets it.'
        ),
        {
            "a": (
                'type Query { t: T } type T @context(name: "c") @key(fields: "id") { id: ID! p: String! u: U } '
                'type U @key(fields: "id") { id: ID! f(a: String @fromContext(field: "$c { p }")): Int '
                "@shareable }"
            ),
            "b": 'type U @key(fields: "id") { id: ID! f(a: String): Int @shareable }',
        },
    ),
    Case(
        "DIRECTIVE_COMPOSITION_INFO",
        'Subgraph "a" asks to compose @tag, which is composed anyway. Remove the @composeDirective.',
        {"a": 'extend schema @composeDirective(name: "@tag") type Query { q: Int @tag(name: "x") }'},
    ),
    Case(
        "DIRECTIVE_COMPOSITION_WARN",
        (
            '@foo of https://example.com/foo has another name in subgraph "b": its uses there are left '
            "out. Import it under the same name to have it composed from there too."
        ),
        {
            "a": (
                'extend schema @link(url: "https://example.com/foo/v1.0", import: ["@foo"]) '
                '@composeDirective(name: "@foo") directive @foo on FIELD_DEFINITION type Query { q: Int @foo }'
            ),
            "b": (
                'extend schema @link(url: "https://example.com/foo/v1.0", import: [{name: "@foo", as: '
                '"@bar"}]) directive @bar on FIELD_DEFINITION type Query { r: Int @bar }'
            ),
        },
    ),
    Case(
        "FROM_SUBGRAPH_DOES_NOT_EXIST",
        (
            '"Query.q" in subgraph "a" overrides subgraph "z", which does not exist. Correct the name, or '
            "remove the directive."
        ),
        {"a": 'type Query { q: Int @override(from: "z") }'},
    ),
    Case(
        "IMPLICITLY_UPGRADED_FEDERATION_VERSION",
        (
            'Subgraph "a" links federation v2.0 and https://specs.apollo.dev/cost/v0.1, which came with '
            "v2.9: it is taken to be of that version."
        ),
        {
            "a": (
                'extend schema @link(url: "https://specs.apollo.dev/federation/v2.0") @link(url: '
                '"https://specs.apollo.dev/cost/v0.1", import: ["@cost"]) type Query { q: Int @cost(weight: 2) '
                "}"
            )
        },
        as_written=("a",),
    ),
    Case(
        "INCONSISTENT_ARGUMENT_PRESENCE",
        ('The argument "Query.q(a:)" is left out of the supergraph, because it does not exist in subgraph "b".'),
        {"a": "type Query { q(a: Int): Int @shareable }", "b": "type Query { q: Int @shareable }"},
    ),
    Case(
        "INCONSISTENT_BUT_COMPATIBLE_ARGUMENT_TYPE",
        (
            'The argument "Query.q(a:)" has compatible types: Int in subgraph "a", Int! in subgraph "b". '
            "The supergraph has Int!."
        ),
        {"a": "type Query { q(a: Int): Int @shareable }", "b": "type Query { q(a: Int!): Int @shareable }"},
    ),
    Case(
        "INCONSISTENT_BUT_COMPATIBLE_FIELD_TYPE",
        ('"Query.q" has compatible types: Int in subgraph "a", Int! in subgraph "b". The supergraph has Int.'),
        {"a": "type Query { q: Int @shareable }", "b": "type Query { q: Int! @shareable }"},
    ),
    Case(
        "INCONSISTENT_DEFAULT_VALUE_PRESENCE",
        'The argument "Query.q(a:)" has a default in subgraph "a" only; the supergraph has none.',
        {"a": "type Query { q(a: Int = 1): Int @shareable }", "b": "type Query { q(a: Int): Int @shareable }"},
    ),
    Case(
        "INCONSISTENT_DESCRIPTION",
        '"Query.q" is described in 2 ways; the most frequent description is used.',
        {"a": 'type Query { "one" q: Int @shareable }', "b": 'type Query { "two" q: Int @shareable }'},
    ),
    Case(
        "INCONSISTENT_ENTITY",
        ('"T" has a @key in some subgraphs, but none in subgraph "b": from there no other subgraph can be reached.'),
        {"a": 'type Query { t: T } type T @key(fields: "id") { id: ID! }', "b": "type T { id: ID! @shareable }"},
    ),
    Case(
        "INCONSISTENT_ENUM_VALUE_FOR_INPUT_ENUM",
        'The value "E.B" is left out of the supergraph, because it does not exist in subgraph "b".',
        {"a": "type Query { q(e: E): Int } enum E { A B }", "b": "enum E { A }"},
    ),
    Case(
        "INCONSISTENT_ENUM_VALUE_FOR_OUTPUT_ENUM",
        'The value "E.B" is in some subgraphs, but not in subgraph "a".',
        {"a": "type Query { e: E } enum E { A }", "b": "type Query { f: E } enum E { A B }"},
    ),
    Case(
        "INCONSISTENT_EXECUTABLE_DIRECTIVE_LOCATIONS",
        'The directive "@d" may stand in different places; the supergraph has FIELD.',
        {
            "a": "directive @d on FIELD | QUERY type Query { q: Int }",
            "b": "directive @d on FIELD type Query { r: Int }",
        },
    ),
    Case(
        "INCONSISTENT_EXECUTABLE_DIRECTIVE_PRESENCE",
        'The directive "@d" is left out of the supergraph, because it does not exist in subgraph "b".',
        {"a": "directive @d on FIELD type Query { q: Int }", "b": "type Query { r: Int }"},
    ),
    Case(
        "INCONSISTENT_EXECUTABLE_DIRECTIVE_REPEATABLE",
        'The directive "@d" is repeatable in some subgraphs only; in the supergraph it is not.',
        {
            "a": "directive @d repeatable on FIELD type Query { q: Int }",
            "b": "directive @d on FIELD type Query { r: Int }",
        },
    ),
    Case(
        "INCONSISTENT_INPUT_OBJECT_FIELD",
        ('The input field "I.b" is left out of the supergraph, because it does not exist in subgraph "b".'),
        {"a": "type Query { q(i: I): Int } input I { a: Int b: Int }", "b": "input I { a: Int }"},
    ),
    Case(
        "INCONSISTENT_INTERFACE_VALUE_TYPE_FIELD",
        '"I.y" is in subgraph "b", but not in subgraph "a".',
        {
            "a": "type Query { i: I } interface I { x: Int } type T implements I @shareable { x: Int y: Int }",
            "b": "interface I { x: Int y: Int } type T implements I @shareable { x: Int y: Int }",
        },
    ),
    Case(
        "INCONSISTENT_NON_REPEATABLE_DIRECTIVE_ARGUMENTS",
        '"Query.q" has @deprecated with 2 different arguments; the most frequent ones are used.',
        {
            "a": 'type Query { q: Int @shareable @deprecated(reason: "old") }',
            "b": 'type Query { q: Int @shareable @deprecated(reason: "slow") }',
        },
    ),
    Case(
        "INCONSISTENT_OBJECT_VALUE_TYPE_FIELD",
        '"T.y" is in subgraph "b", but not in subgraph "a".',
        {
            "a": "type Query { t: T } type T @shareable { x: Int }",
            "b": "type T @shareable { x: Int y: Int @inaccessible }",
        },
    ),
    Case(
        "INCONSISTENT_RUNTIME_TYPES_FOR_SHAREABLE_RETURN",
        ('"Query.i" is shared, but its value may be "A" and "C" in subgraph "a", "B" and "C" in subgraph "b".'),
        {
            "a": (
                "type Query { i: I @shareable } interface I { x: Int } type A implements I { x: Int } type C "
                "implements I @shareable { x: Int }"
            ),
            "b": (
                "type Query { i: I @shareable } interface I { x: Int } type B implements I { x: Int } type C "
                "implements I @shareable { x: Int }"
            ),
        },
    ),
    Case(
        "INCONSISTENT_TYPE_SYSTEM_DIRECTIVE_LOCATIONS",
        (
            '@foo may stand in different places: FIELD_DEFINITION and OBJECT in subgraph "a", '
            'FIELD_DEFINITION in subgraph "b". The supergraph has the definition of subgraph "b".'
        ),
        {
            "a": (
                'extend schema @link(url: "https://example.com/foo/v1.0", import: ["@foo"]) '
                '@composeDirective(name: "@foo") directive @foo on FIELD_DEFINITION | OBJECT type Query { q: '
                "Int @foo }"
            ),
            "b": (
                'extend schema @link(url: "https://example.com/foo/v1.0", import: ["@foo"]) '
                '@composeDirective(name: "@foo") directive @foo on FIELD_DEFINITION type Query { r: Int @foo }'
            ),
        },
    ),
    Case(
        "INCONSISTENT_TYPE_SYSTEM_DIRECTIVE_REPEATABLE",
        '@foo is repeatable only in subgraph "a". The supergraph has the definition of subgraph "b".',
        {
            "a": (
                'extend schema @link(url: "https://example.com/foo/v1.0", import: ["@foo"]) '
                '@composeDirective(name: "@foo") directive @foo repeatable on FIELD_DEFINITION type Query { q: '
                "Int @foo }"
            ),
            "b": (
                'extend schema @link(url: "https://example.com/foo/v1.0", import: ["@foo"]) '
                '@composeDirective(name: "@foo") directive @foo on FIELD_DEFINITION type Query { r: Int @foo }'
            ),
        },
    ),
    Case(
        "INCONSISTENT_UNION_MEMBER",
        'The union "U" has the member "B" in some subgraphs, but not in subgraph "a".',
        {
            "a": "type Query { u: U } union U = A type A @shareable { x: Int }",
            "b": "type Query { v: U } union U = A | B type A @shareable { x: Int } type B { x: Int }",
        },
    ),
    Case(
        "MERGED_NON_REPEATABLE_DIRECTIVE_ARGUMENTS",
        '"Query.q" has @cost with different arguments; the supergraph combines them.',
        {
            "a": "type Query { q: Int @shareable @cost(weight: 1) }",
            "b": "type Query { q: Int @shareable @cost(weight: 2) }",
        },
    ),
    Case(
        "NO_EXECUTABLE_DIRECTIVE_INTERSECTION",
        ('The directive "@d" is left out of the supergraph, because no place is common to all subgraphs.'),
        {"a": "directive @d on QUERY type Query { q: Int }", "b": "directive @d on FIELD type Query { r: Int }"},
    ),
    Case(
        "OVERRIDDEN_FIELD_CAN_BE_REMOVED",
        '"Query.q" in subgraph "b" is overridden by subgraph "a" and can be removed.',
        {"a": 'type Query { q: Int @override(from: "b") }', "b": "type Query { q: Int }"},
    ),
    Case(
        "OVERRIDE_DIRECTIVE_CAN_BE_REMOVED",
        (
            '"Query.q" in subgraph "a" overrides subgraph "b", which no longer resolves the field: '
            "@override can be removed."
        ),
        {"a": 'type Query { q: Int @override(from: "b") }', "b": "type Query { r: Int }"},
    ),
    Case(
        "OVERRIDE_MIGRATION_IN_PROGRESS",
        '"Query.q" is moving from subgraph "b" to subgraph "a", by the label "percent(5)".',
        {"a": 'type Query { q: Int @override(from: "b", label: "percent(5)") }', "b": "type Query { q: Int }"},
    ),
    Case(
        "UNUSED_ENUM_TYPE",
        'The enum "E" is used by no field and no argument; its values are those of all subgraphs.',
        {"a": "type Query { q: Int } enum E { A }"},
    ),
)


@pytest.mark.parametrize("case", CASES, ids=str)
def test_remarks_with_the_code_and_composes(case: Case) -> None:
    result = case.compose()

    assert hints(result) == [(case.code, case.message)]
    assert result.hints[0].level is HINT_LEVELS[case.code]
