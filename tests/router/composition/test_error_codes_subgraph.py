"""Every error code that one subgraph can provoke by itself, with its message."""

import pytest

from tests.router.composition.code_cases import Case
from tests.router.composition.compositions import errors

CASES = (
    Case(
        "AUTH_REQUIREMENTS_APPLIED_ON_INTERFACE",
        (
            '"I" in subgraph "a" has @authenticated, but is an interface, a field of one, or an interface '
            "object. Put the directive on the implementations."
        ),
        {"a": "type Query { i: I } interface I @authenticated { x: Int } type T implements I { x: Int }"},
    ),
    Case(
        "CONTEXT_INVALID_SELECTION",
        (
            '"U.f(a:)" in subgraph "a" takes "{ p id }" from the context "c", but it selects several '
            "fields, where a value comes from one. Select one."
        ),
        {
            "a": (
                'type Query { t: T } type T @context(name: "c") @key(fields: "id") { id: ID! p: String! u: U } '
                'type U @key(fields: "id") { id: ID! f(a: String @fromContext(field: "$c { p id }")): Int }'
            )
        },
    ),
    Case(
        "CONTEXT_NAME_INVALID",
        (
            '"T" in subgraph "a" sets the context "a_b". Give it a name that begins with a letter and has '
            "only letters and digits."
        ),
        {"a": 'type Query { t: T } type T @context(name: "a_b") { x: Int }'},
    ),
    Case(
        "CONTEXT_NOT_SET",
        (
            '"U.f(a:)" in subgraph "a" takes its value from the context "c", which no type there sets. Put '
            '@context(name: "c") on one.'
        ),
        {
            "a": (
                'type Query { u: U } type U @key(fields: "id") { id: ID! f(a: String @fromContext(field: "$c { '
                'p }")): Int }'
            )
        },
    ),
    Case(
        "CONTEXT_NO_RESOLVABLE_KEY",
        (
            '"U.f(a:)" in subgraph "a" takes its value from a context, but "U" has no resolvable @key '
            "there, by which the router could come with the value. Add one."
        ),
        {
            "a": (
                'type Query { t: T } type T @context(name: "c") @key(fields: "id") { id: ID! p: String! u: U } '
                'type U @shareable { id: ID! f(a: String @fromContext(field: "$c { p }")): Int }'
            )
        },
    ),
    Case(
        "COST_APPLIED_TO_INTERFACE_FIELD",
        (
            '"I.x" in subgraph "a" has @cost, but is an interface field. Put the weight on the fields of '
            "the implementations."
        ),
        {"a": "type Query { i: I } interface I { x: Int @cost(weight: 1) } type T implements I { x: Int }"},
    ),
    Case(
        "EXTERNAL_COLLISION_WITH_ANOTHER_DIRECTIVE",
        (
            '"T.u" in subgraph "a" has both @external and @provides: it is resolved elsewhere, or here, '
            "but not both. Remove one."
        ),
        {
            "a": (
                'type Query { t: T } type T @key(fields: "id") { id: ID! u: U @external @provides(fields: "x") '
                'y: Int @requires(fields: "u { x }") } type U @key(fields: "x") { x: Int }'
            )
        },
    ),
    Case(
        "EXTERNAL_ON_INTERFACE",
        ('The interface field "I.x" in subgraph "a" is marked @external. Mark the fields of the implementations.'),
        {
            "a": (
                'type Query { i: I @provides(fields: "x") } interface I { x: Int @external } type T implements '
                'I @key(fields: "id") { id: ID! x: Int @external }'
            )
        },
    ),
    Case(
        "EXTERNAL_UNUSED",
        (
            '"T.x" in subgraph "a" is marked @external, but no @key, @requires, @provides or interface '
            "there uses it. Remove the field, or remove @external if the subgraph resolves it."
        ),
        {"a": 'type Query { t: T } type T @key(fields: "id") { id: ID! x: Int @external }'},
    ),
    Case(
        "INTERFACE_KEY_NOT_ON_IMPLEMENTATION",
        (
            'The interface "I" has @key(fields: "id") in subgraph "a", but "T" there has no such '
            "resolvable key. Add the key to every implementation."
        ),
        {"a": ('type Query { i: I } interface I @key(fields: "id") { id: ID! } type T implements I { id: ID! }')},
    ),
    Case(
        "INTERFACE_OBJECT_USAGE_ERROR",
        '"I" in subgraph "a" has @interfaceObject but no @key. Add the key of the interface.',
        {"a": "type Query { i: I } type I @interfaceObject { id: ID! }"},
    ),
    Case(
        "INVALID_SHAREABLE_USAGE",
        ('"Query.q" in subgraph "a" has @shareable, but it is marked @shareable more than once. Keep one.'),
        {"a": "type Query { q: Int @shareable @shareable }"},
    ),
    Case(
        "KEY_DIRECTIVE_IN_FIELDS_ARG",
        (
            '@key(fields: "id @include(if: true)") on "T" in subgraph "a" has a directive inside its '
            "fields, which has no meaning there. Remove it."
        ),
        {"a": 'type Query { t: T } type T @key(fields: "id @include(if: true)") { id: ID! }'},
    ),
    Case(
        "KEY_FIELDS_HAS_ARGS",
        (
            '@key(fields: "id") on "T" in subgraph "a" selects "T.id", which has arguments. Select a field '
            "without arguments."
        ),
        {"a": 'type Query { t: T } type T @key(fields: "id") { id(short: Boolean): ID! }'},
    ),
    Case(
        "KEY_FIELDS_SELECT_INVALID_TYPE",
        (
            '@key(fields: "i { id }") on "T" in subgraph "a" selects "T.i", whose type "I" is an '
            "interface. Select a field of a concrete type."
        ),
        {
            "a": (
                'type Query { t: T } type T @key(fields: "i { id }") { i: I } interface I { id: ID! } type J '
                "implements I { id: ID! }"
            )
        },
    ),
    Case(
        "KEY_INVALID_FIELDS",
        (
            '@key(fields: "no") on "T" in subgraph "a" is no valid selection of "T": it selects "no", but '
            '"T" has no such field. Correct it.'
        ),
        {"a": 'type Query { t: T } type T @key(fields: "no") { id: ID! }'},
    ),
    Case(
        "KEY_INVALID_FIELDS_TYPE",
        (
            '@key(fields: ["id"]) on "T" in subgraph "a" does not give its fields as a string. Write them '
            "in one pair of quotes."
        ),
        {"a": 'type Query { t: T } type T @key(fields: ["id"]) { id: ID! }'},
    ),
    Case(
        "KEY_UNSUPPORTED_ON_INTERFACE",
        ('Subgraph "a" has @key on the interface "T", which federation v2.2 does not know. Link v2.3 or newer.'),
        {"a": 'type Query { t: T } interface T @key(fields: "id") { id: ID! }'},
        version="2.2",
    ),
    Case(
        "LIST_SIZE_APPLIED_TO_NON_LIST",
        (
            '"Query.q" in subgraph "a" has @listSize, but its type Int is no list. Name its lists in '
            "sizedFields, or remove the directive."
        ),
        {"a": "type Query { q: Int @listSize(assumedSize: 3) }"},
    ),
    Case(
        "LIST_SIZE_INVALID_ASSUMED_SIZE",
        '"Query.q" in subgraph "a" has the assumed list size -3. Give it one from 0 up.',
        {"a": "type Query { q: [Int] @listSize(assumedSize: -3) }"},
    ),
    Case(
        "LIST_SIZE_INVALID_SIZED_FIELD",
        ('"Query.c" in subgraph "a" has the sized field "nodes", which "C" does not have. Name one of its lists.'),
        {"a": 'type Query { c: C @listSize(assumedSize: 3, sizedFields: ["nodes"]) } type C { items: [Int] }'},
    ),
    Case(
        "LIST_SIZE_INVALID_SLICING_ARGUMENT",
        (
            '"Query.q" in subgraph "a" has the slicing argument "last", which is none of its arguments. '
            "Name one that limits the list."
        ),
        {"a": 'type Query { q(first: Int): [Int] @listSize(slicingArguments: ["last"]) }'},
    ),
    Case(
        "NO_CONTEXT_IN_SELECTION",
        (
            '"U.f(a:)" in subgraph "a" has @fromContext, but does not name a context and what to take from '
            'it. Write it as in "$context { field }".'
        ),
        {"a": ('type Query { u: U } type U @key(fields: "id") { id: ID! f(a: String @fromContext(field: "p")): Int }')},
    ),
    Case(
        "PROVIDES_DIRECTIVE_IN_FIELDS_ARG",
        (
            '@provides(fields: "x @skip(if: true)") on "Query.t" in subgraph "a" has a directive inside '
            "its fields, which has no meaning there. Remove it."
        ),
        {
            "a": (
                'type Query { t: T @provides(fields: "x @skip(if: true)") } type T @key(fields: "id") { id: '
                "ID! x: Int @external }"
            )
        },
    ),
    Case(
        "PROVIDES_FIELDS_HAS_ARGS",
        (
            '@provides(fields: "x") on "Query.t" in subgraph "a" selects "T.x", which has arguments. '
            "Select a field without arguments."
        ),
        {
            "a": (
                'type Query { t: T @provides(fields: "x") } type T @key(fields: "id") { id: ID! x(a: Int): Int '
                "@external }"
            ),
            "b": 'type T @key(fields: "id") { id: ID! x(a: Int): Int @shareable }',
        },
    ),
    Case(
        "PROVIDES_FIELDS_MISSING_EXTERNAL",
        (
            '@provides(fields: "x") on "Query.t" in subgraph "a" selects "T.x", which the subgraph '
            "resolves itself. Mark the field @external, or leave it out of the fields."
        ),
        {"a": 'type Query { t: T @provides(fields: "x") } type T @key(fields: "id") { id: ID! x: Int }'},
    ),
    Case(
        "PROVIDES_INVALID_FIELDS",
        (
            '@provides(fields: "no") on "Query.t" in subgraph "a" is no valid selection of "T": it selects '
            '"no", but "T" has no such field. Correct it.'
        ),
        {"a": 'type Query { t: T @provides(fields: "no") } type T @key(fields: "id") { id: ID! }'},
    ),
    Case(
        "PROVIDES_INVALID_FIELDS_TYPE",
        (
            '@provides(fields: ["x"]) on "Query.t" in subgraph "a" does not give its fields as a string. '
            "Write them in one pair of quotes."
        ),
        {"a": 'type Query { t: T @provides(fields: ["x"]) } type T @key(fields: "id") { id: ID! }'},
    ),
    Case(
        "PROVIDES_ON_NON_OBJECT_FIELD",
        (
            '@provides(fields: "x") on "Query.q" in subgraph "a" stands on a field of type Int, which has '
            "no fields to provide. Remove it."
        ),
        {"a": 'type Query { q: Int @provides(fields: "x") }'},
    ),
    Case(
        "PROVIDES_UNSUPPORTED_ON_INTERFACE",
        (
            '@provides(fields: "id") on "I.t" in subgraph "a" stands on an interface field. Put it on the '
            "field of each implementation."
        ),
        {
            "a": (
                'type Query { i: I } interface I { t: T @provides(fields: "id") } type T @key(fields: "id") { id: ID! }'
            )
        },
    ),
    Case(
        "REQUIRES_DIRECTIVE_IN_FIELDS_ARG",
        (
            '@requires(fields: "x @skip(if: true)") on "T.y" in subgraph "a" has a directive inside its '
            "fields, which has no meaning there. Remove it."
        ),
        {
            "a": (
                'type Query { t: T } type T @key(fields: "id") { id: ID! x: Int @external y: Int '
                '@requires(fields: "x @skip(if: true)") }'
            )
        },
    ),
    Case(
        "REQUIRES_FIELDS_MISSING_EXTERNAL",
        (
            '@requires(fields: "x") on "T.y" in subgraph "a" selects "T.x", which the subgraph resolves '
            "itself. Mark the field @external, or leave it out of the fields."
        ),
        {"a": ('type Query { t: T } type T @key(fields: "id") { id: ID! x: Int y: Int @requires(fields: "x") }')},
    ),
    Case(
        "REQUIRES_INVALID_FIELDS",
        (
            '@requires(fields: "no") on "T.y" in subgraph "a" is no valid selection of "T": it selects '
            '"no", but "T" has no such field. Correct it.'
        ),
        {"a": 'type Query { t: T } type T @key(fields: "id") { id: ID! y: Int @requires(fields: "no") }'},
    ),
    Case(
        "REQUIRES_INVALID_FIELDS_TYPE",
        (
            '@requires(fields: ["id"]) on "T.y" in subgraph "a" does not give its fields as a string. '
            "Write them in one pair of quotes."
        ),
        {"a": 'type Query { t: T } type T @key(fields: "id") { id: ID! y: Int @requires(fields: ["id"]) }'},
    ),
    Case(
        "REQUIRES_UNSUPPORTED_ON_INTERFACE",
        (
            '@requires(fields: "x") on "I.y" in subgraph "a" stands on an interface field. Put it on the '
            "field of each implementation."
        ),
        {
            "a": (
                'type Query { i: I } interface I { x: Int y: Int @requires(fields: "x") } type T implements I '
                '@key(fields: "id") { id: ID! x: Int @external y: Int }'
            )
        },
    ),
)


@pytest.mark.parametrize("case", CASES, ids=str)
def test_refuses_with_the_code_and_says_how_to_mend_it(case: Case) -> None:
    assert errors(case.compose()) == [(case.code, case.message)]
