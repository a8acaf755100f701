"""Every error code of subgraphs that do not go together, with its message."""

import pytest

from tests.router.composition.code_cases import Case
from tests.router.composition.compositions import errors

CASES = (
    Case(
        "CONTEXTUAL_ARGUMENT_NOT_CONTEXTUAL_IN_ALL_SUBGRAPHS",
        (
            'The argument "U.f(a:)" takes its value from a context in subgraph "a", so that no client '
            'gives it, but is required in subgraph "b". Make it optional there, or put @fromContext on it.'
        ),
        {
            "a": (
                'type Query { t: T } type T @context(name: "c") @key(fields: "id") { id: ID! p: String! u: U } '
                'type U @key(fields: "id") { id: ID! f(a: String @fromContext(field: "$c { p }")): Int '
                "@shareable }"
            ),
            "b": 'type U @key(fields: "id") { id: ID! f(a: String!): Int @shareable }',
        },
    ),
    Case(
        "DIRECTIVE_COMPOSITION_ERROR",
        ('Subgraph "a" asks to compose @mine, which belongs to no linked specification. Link the one that defines it.'),
        {
            "a": (
                'extend schema @composeDirective(name: "@mine") directive @mine on FIELD_DEFINITION type Query '
                "{ q: Int @mine }"
            )
        },
    ),
    Case(
        "EMPTY_MERGED_ENUM_TYPE",
        (
            'The input enum "E" has no value that all of subgraphs "a" and "b" have, so nothing is left of it. '
            "Give it a common value, or rename one of them."
        ),
        {"a": "type Query { q(e: E): Int } enum E { A }", "b": "enum E { B }"},
    ),
    Case(
        "EMPTY_MERGED_INPUT_TYPE",
        (
            'The input "I" has no field that all of subgraphs "a" and "b" have, so nothing is left of it. '
            "Give it a common field, or rename one of them."
        ),
        {"a": "type Query { q(i: I): Int } input I { a: Int }", "b": "input I { b: Int }"},
    ),
    Case(
        "ENUM_VALUE_MISMATCH",
        (
            'The enum "E" is used for input and for output, but its value "B" is only in subgraph "a", not '
            'in subgraph "b". Add it there, or mark it @inaccessible.'
        ),
        {"a": "type Query { q(e: E): E } enum E { A B }", "b": "enum E { A }"},
    ),
    Case(
        "EXTENSION_WITH_NO_BASE",
        ('"T" is only extended, in subgraph "a", and defined in no subgraph. Define it in the subgraph that owns it.'),
        {"a": "type Query { t: T } extend type T { x: Int }"},
    ),
    Case(
        "EXTERNAL_ARGUMENT_DEFAULT_MISMATCH",
        (
            'The argument "T.x(a:)" has the default 2, but 1 in the @external copy in subgraph "a". Give '
            "the copy the arguments of the field."
        ),
        {
            "a": (
                'type Query { t: T } type T @key(fields: "id") { id: ID! x(a: Int = 1): Int @external y: Int '
                '@requires(fields: "x") }'
            ),
            "b": 'type T @key(fields: "id") { id: ID! x(a: Int = 2): Int }',
        },
    ),
    Case(
        "EXTERNAL_ARGUMENT_MISSING",
        (
            'The argument "T.x(a:)" is missing in the @external copy in subgraph "a". Give the copy the '
            "arguments of the field."
        ),
        {
            "a": (
                'type Query { t: T } type T @key(fields: "id") { id: ID! x: Int @external y: Int '
                '@requires(fields: "x") }'
            ),
            "b": 'type T @key(fields: "id") { id: ID! x(a: Int): Int }',
        },
    ),
    Case(
        "EXTERNAL_ARGUMENT_TYPE_MISMATCH",
        (
            'The argument "T.x(a:)" is of type Int, but of type String in the @external copy in subgraph '
            '"a". Give the copy the arguments of the field.'
        ),
        {
            "a": (
                'type Query { t: T } type T @key(fields: "id") { id: ID! x(a: String): Int @external y: Int '
                '@requires(fields: "x") }'
            ),
            "b": 'type T @key(fields: "id") { id: ID! x(a: Int): Int }',
        },
    ),
    Case(
        "EXTERNAL_MISSING_ON_BASE",
        (
            '"T.x" is marked @external in subgraph "a", but no other subgraph resolves it. Remove '
            "@external where it is resolved, or add it to the subgraph that owns it."
        ),
        {
            "a": (
                'type Query { t: T } type T @key(fields: "id") { id: ID! x: Int @external y: Int '
                '@requires(fields: "x") }'
            )
        },
    ),
    Case(
        "EXTERNAL_TYPE_MISMATCH",
        (
            '"T.x" is of type String, but its @external copy in subgraph "a" of type Int. Give the copy '
            "the type of the field."
        ),
        {
            "a": (
                'type Query { t: T } type T @key(fields: "id") { id: ID! x: Int @external y: Int '
                '@requires(fields: "x") }'
            ),
            "b": 'type T @key(fields: "id") { id: ID! x: String }',
        },
    ),
    Case(
        "FIELD_ARGUMENT_DEFAULT_MISMATCH",
        (
            'The argument "Query.q(a:)" has different defaults: 1 in subgraph "a", 2 in subgraph "b". Make '
            "them the same."
        ),
        {"a": "type Query { q(a: Int = 1): Int @shareable }", "b": "type Query { q(a: Int = 2): Int @shareable }"},
    ),
    Case(
        "FIELD_ARGUMENT_TYPE_MISMATCH",
        (
            'The argument "Query.q(a:)" has types that no value fits in every subgraph: Int in subgraph '
            '"a", String in subgraph "b". Make them the same, `!` aside.'
        ),
        {"a": "type Query { q(a: Int): Int @shareable }", "b": "type Query { q(a: String): Int @shareable }"},
    ),
    Case(
        "FIELD_TYPE_MISMATCH",
        (
            '"Query.q" has types that have no common one: Int in subgraph "a", String in subgraph "b". '
            "Make them the same, or one an interface or union of the other."
        ),
        {"a": "type Query { q: Int @shareable }", "b": "type Query { q: String @shareable }"},
    ),
    Case(
        "INPUT_FIELD_DEFAULT_MISMATCH",
        ('The input field "I.a" has different defaults: 1 in subgraph "a", 2 in subgraph "b". Make them the same.'),
        {"a": "type Query { q(i: I): Int } input I { a: Int = 1 }", "b": "input I { a: Int = 2 }"},
    ),
    Case(
        "INTERFACE_KEY_MISSING_IMPLEMENTATION_TYPE",
        (
            'The interface "I" has a resolvable @key in subgraph "a", which does not know its '
            'implementation "S". Add them there, or make the key resolvable: false.'
        ),
        {
            "a": (
                'type Query { i: I } interface I @key(fields: "id") { id: ID! } type T implements I '
                '@key(fields: "id") { id: ID! }'
            ),
            "b": 'interface I { id: ID! } type S implements I @key(fields: "id") { id: ID! }',
        },
    ),
    Case(
        "INVALID_FIELD_SHARING",
        (
            '"Query.q" is resolved by subgraphs "a" and "b", but not marked @shareable in subgraphs "a" '
            'and "b". Mark it in each, or let one subgraph resolve it.'
        ),
        {"a": "type Query { q: Int }", "b": "type Query { q: Int }"},
    ),
    Case(
        "LINK_IMPORT_NAME_MISMATCH",
        (
            '@tag has different names: @tag in subgraph "a", @label in subgraph "b". Import it under the '
            "same name in every subgraph that uses it."
        ),
        {
            "a": 'type Query { q: Int @tag(name: "x") }',
            "b": (
                'extend schema @link(url: "https://specs.apollo.dev/federation/v2.5", import: [{name: "@tag", '
                'as: "@label"}]) type Query { r: Int @label(name: "x") }'
            ),
        },
        as_written=("b",),
    ),
    Case(
        "MERGED_DIRECTIVE_APPLICATION_ON_EXTERNAL",
        ('"T.x" in subgraph "a" has @tag on an @external copy. Put it on the field where it is resolved.'),
        {
            "a": (
                'type Query { t: T } type T @key(fields: "id") { id: ID! x: Int @external @tag(name: "n") y: '
                'Int @requires(fields: "x") }'
            ),
            "b": 'type T @key(fields: "id") { id: ID! x: Int }',
        },
    ),
    Case(
        "OVERRIDE_COLLISION_WITH_ANOTHER_DIRECTIVE",
        (
            '"T.y" is overridden by subgraph "a", but has @requires in subgraph "b". Remove it there '
            "before moving the field."
        ),
        {
            "a": ('type Query { t: T } type T @key(fields: "id") { id: ID! y: Int @shareable @override(from: "b") }'),
            "b": ('type T @key(fields: "id") { id: ID! x: Int @external y: Int @shareable @requires(fields: "x") }'),
            "c": 'type T @key(fields: "id") { id: ID! x: Int }',
        },
    ),
    Case(
        "OVERRIDE_FROM_SELF_ERROR",
        '"Query.q" in subgraph "a" overrides itself. Name the subgraph that the field comes from.',
        {"a": 'type Query { q: Int @override(from: "a") }'},
    ),
    Case(
        "OVERRIDE_LABEL_INVALID",
        (
            '"Query.q" in subgraph "a" has the override label "percent(101)". A label begins with a letter '
            "and has only letters, digits and _-:./, or is percent(x) with x from 0 to 100 and at most 8 "
            "decimals."
        ),
        {
            "a": 'type Query { q: Int @override(from: "b", label: "percent(101)") }',
            "b": "type Query { r: Int q: Int @shareable }",
        },
    ),
    Case(
        "OVERRIDE_ON_INTERFACE",
        ('The interface field "I.x" in subgraph "a" has @override. Put it on the implementations\' fields.'),
        {
            "a": ('type Query { i: I } interface I { x: Int @override(from: "b") } type T implements I { x: Int }'),
            "b": "type Query { r: Int }",
        },
    ),
    Case(
        "OVERRIDE_SOURCE_HAS_OVERRIDE",
        ('"Query.q" is overridden by subgraph "a" from subgraph "b", which overrides it too. Keep one @override.'),
        {
            "a": 'type Query { q: Int @shareable @override(from: "b") }',
            "b": 'type Query { q: Int @shareable @override(from: "c") }',
            "c": "type Query { q: Int }",
        },
    ),
    Case(
        "REQUIRED_ARGUMENT_MISSING_IN_SOME_SUBGRAPH",
        (
            'The argument "Query.q(a:)" is required in subgraph "a", but does not exist in subgraph "b", '
            "so no call could give it. Make it optional, or add it there."
        ),
        {"a": "type Query { q(a: Int!): Int @shareable }", "b": "type Query { q: Int @shareable }"},
    ),
    Case(
        "REQUIRED_INPUT_FIELD_MISSING_IN_SOME_SUBGRAPH",
        (
            'The input field "I.b" is required in subgraph "a", but does not exist in subgraph "b", so no '
            "call could give it. Make it optional, or add it there."
        ),
        {"a": "type Query { q(i: I): Int } input I { a: Int b: Int! }", "b": "input I { a: Int }"},
    ),
    Case(
        "TYPE_KIND_MISMATCH",
        (
            '"T" is an object in subgraph "a", an input in subgraph "b". Make it the same kind everywhere, '
            "or rename one of them."
        ),
        {"a": "type Query { t: T } type T { x: Int }", "b": "input T { x: Int }"},
    ),
)


@pytest.mark.parametrize("case", CASES, ids=str)
def test_refuses_with_the_code_and_says_how_to_mend_it(case: Case) -> None:
    assert errors(case.compose()) == [(case.code, case.message)]
