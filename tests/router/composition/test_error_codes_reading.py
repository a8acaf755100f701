"""Every error code of reading and upgrading subgraphs, with its message."""

import pytest

from tests.router.composition.code_cases import Case
from tests.router.composition.compositions import errors

CASES = (
    Case(
        "DIRECTIVE_DEFINITION_INVALID",
        (
            'Subgraph "a" defines @key unlike federation does: it lacks the argument "fields"; it has no '
            'argument "since". Remove the definition and import the directive with @link.'
        ),
        {"a": "directive @key(since: Int) on OBJECT type Query { q: Int }"},
    ),
    Case(
        "INVALID_GRAPHQL",
        "The schema of subgraph \"a\" is not valid GraphQL: Unknown type 'Unknown'.",
        {"a": "type Query { q: Unknown }"},
    ),
    Case(
        "INVALID_LINK_DIRECTIVE_USAGE",
        'Subgraph "a" links https://example.com/foo twice. Keep one @link, with all imports.',
        {
            "a": (
                'extend schema @link(url: "https://example.com/foo/v1.0") @link(url: '
                '"https://example.com/foo/v1.1") type Query { q: Int }'
            )
        },
    ),
    Case(
        "INVALID_LINK_IDENTIFIER",
        (
            'Subgraph "a" links "https://example.com/foo", which is no address of a specification. It ends '
            "in a name and a version, as in https://example.com/name/v1.0."
        ),
        {"a": 'extend schema @link(url: "https://example.com/foo") type Query { q: Int }'},
    ),
    Case(
        "INVALID_SUBGRAPH_NAME",
        ('A subgraph cannot be named "_": names are not empty, not "_", and different from each other. Rename it.'),
        {"_": "type Query { q: Int }"},
    ),
    Case(
        "ROOT_MUTATION_USED",
        (
            'Subgraph "a" has "Root" as its mutation root and another type named "Mutation". Rename that '
            'type: the supergraph\'s mutation root is always "Mutation".'
        ),
        {
            "a": (
                "extend schema { query: Query mutation: Root } type Query { q: Mutation } type Root { x: Int } "
                "type Mutation { x: Int }"
            )
        },
    ),
    Case(
        "ROOT_QUERY_USED",
        (
            'Subgraph "a" has "Root" as its query root and another type named "Query". Rename that type: '
            'the supergraph\'s query root is always "Query".'
        ),
        {"a": "extend schema { query: Root } type Root { q: Query } type Query { x: Int }"},
    ),
    Case(
        "ROOT_SUBSCRIPTION_USED",
        (
            'Subgraph "a" has "Root" as its subscription root and another type named "Subscription". '
            'Rename that type: the supergraph\'s subscription root is always "Subscription".'
        ),
        {
            "a": (
                "extend schema { query: Query subscription: Root } type Query { q: Subscription } type Root { "
                "x: Int } type Subscription { x: Int }"
            )
        },
    ),
    Case(
        "TYPE_DEFINITION_INVALID",
        (
            'Subgraph "a" defines "link__Purpose" unlike its specification does. Write `enum link__Purpose '
            "{ SECURITY EXECUTION }`, or remove the definition."
        ),
        {"a": "enum link__Purpose { SECURITY } type Query { q: Int }"},
    ),
    Case(
        "TYPE_WITH_ONLY_UNUSED_EXTERNAL",
        (
            '"T" in subgraph "a" has only fields marked @external that no @key, @requires or @provides '
            "there uses, so nothing is left of it. Resolve one of the fields, or use one in a @key."
        ),
        {"a": "type Query { t: T } extend type T { x: Int @external }", "b": "type T { x: Int }"},
        as_written=("a", "b"),
    ),
    Case(
        "UNKNOWN_FEDERATION_LINK_VERSION",
        ('Subgraph "a" links federation v2.99, which is not known here. Link a version from v2.0 to v2.14.'),
        {"a": 'extend schema @link(url: "https://specs.apollo.dev/federation/v2.99") type Query { q: Int }'},
        as_written=("a",),
    ),
    Case(
        "UNKNOWN_LINK_VERSION",
        ('Subgraph "a" links https://specs.apollo.dev/tag/v9.0, a version that is not known here. Link v0.3.'),
        {"a": ('extend schema @link(url: "https://specs.apollo.dev/tag/v9.0", as: "label") type Query { q: Int }')},
    ),
    Case(
        "UNSUPPORTED_FEATURE",
        (
            'Subgraph "a" links https://specs.apollo.dev/connect/v0.1: fields with @connect have no '
            "subgraph behind them, and this router calls only subgraphs. Put a subgraph before the data "
            "source and remove the link."
        ),
        {"a": 'extend schema @link(url: "https://specs.apollo.dev/connect/v0.1") type Query { q: Int }'},
    ),
    Case(
        "UNSUPPORTED_LINKED_FEATURE",
        (
            'Subgraph "a" links "secret" for SECURITY, which is not supported. Remove the link, or its '
            "`for` if the schema works without it."
        ),
        {"a": ('extend schema @link(url: "https://example.com/secret/v1.0", for: SECURITY) type Query { q: Int }')},
    ),
)


@pytest.mark.parametrize("case", CASES, ids=str)
def test_refuses_with_the_code_and_says_how_to_mend_it(case: Case) -> None:
    assert errors(case.compose()) == [(case.code, case.message)]
