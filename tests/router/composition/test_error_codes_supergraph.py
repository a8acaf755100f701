"""Every error code of what is wrong with the whole only, with its message."""

import pytest

from router.composition import Subgraph, compose, contract
from tests.router.composition.code_cases import Case
from tests.router.composition.compositions import errors

CASES = (
    Case(
        "DEFAULT_VALUE_USES_INACCESSIBLE",
        (
            '"Query.q(e:)" is visible, but its default uses "E.A", which is @inaccessible in subgraph "a". Change the '
            "default, or show the value."
        ),
        {"a": "type Query { q(e: E = A): Int } enum E { A @inaccessible B }"},
    ),
    Case(
        "DISALLOWED_INACCESSIBLE",
        '"@foo(x:)" is @inaccessible in subgraph "a", but clients do not see @foo anyway. Remove the directive.',
        {
            "a": (
                'extend schema @link(url: "https://example.com/foo/v1.0", import: ["@foo"]) '
                '@composeDirective(name: "@foo") directive @foo(x: Int @inaccessible) on FIELD_DEFINITION type '
                "Query { q: Int @foo }"
            )
        },
    ),
    Case(
        "IMPLEMENTED_BY_INACCESSIBLE",
        '"T.x" is @inaccessible in subgraph "a", but implements the visible "I.x". Hide that too, or show the field.',
        {
            "a": (
                "type Query { i: I } interface I { x: Int y: Int } type T implements I { x: Int @inaccessible y: Int }"
            )
        },
    ),
    Case(
        "INTERFACE_FIELD_NO_IMPLEM",
        (
            '"I.y" is declared in subgraph "b", but "T", which implements "I" in subgraph "a", has no '
            'field "y" in any subgraph. Add it to the type, or remove it from the interface.'
        ),
        {
            "a": "type Query { i: I } interface I { x: Int } type T implements I { x: Int }",
            "b": "interface I { x: Int y: Int } type S implements I { x: Int y: Int }",
        },
    ),
    Case(
        "MISSING_TRANSITIVE_AUTH_REQUIREMENTS",
        '"T.y" in subgraph "a" reads "T.x", which asks for @authenticated. Ask for it on "T.y" too.',
        {
            "a": (
                'type Query { t: T } type T @key(fields: "id") { id: ID! x: Int @external y: Int '
                '@requires(fields: "x") }'
            ),
            "b": 'type T @key(fields: "id") { id: ID! x: Int @authenticated }',
        },
    ),
    Case(
        "NO_QUERIES",
        'No subgraph has a query. Add a field to the type "Query" of one.',
        {"a": "type T { x: Int }"},
    ),
    Case(
        "ONLY_INACCESSIBLE_CHILDREN",
        '"T" is visible in subgraph "a", but all that is in it is @inaccessible. Hide it too, or show a part.',
        {"a": "type Query { t: T q: Int } type T { x: Int @inaccessible }"},
    ),
    Case(
        "QUERY_ROOT_TYPE_INACCESSIBLE",
        'The type "Query" is @inaccessible in subgraph "a". Remove the directive.',
        {"a": "type Query @inaccessible { q: Int }"},
    ),
    Case(
        "REFERENCED_INACCESSIBLE",
        '"Query.t" is visible, but its type "T" is @inaccessible in subgraph "a". Hide it too, or show the type.',
        {"a": "type Query { t: T q: Int } type T @inaccessible { x: Int }"},
    ),
    Case(
        "REQUIRED_INACCESSIBLE",
        (
            '"Query.q(a:)" is @inaccessible in subgraph "a", but required, so that no client could give it. Make it '
            "optional, or show it."
        ),
        {"a": "type Query { q(a: Int! @inaccessible): Int }"},
    ),
    Case(
        "SATISFIABILITY_ERROR",
        (
            '"T.y" cannot be had by every operation. This one cannot be answered:\n'
            "  query {\n"
            "    t {\n"
            "      y\n"
            "    }\n"
            "  }\n"
            'Its last step has a "T" from subgraph "a", and:\n'
            '- subgraph "a" is reached, but its "T" has no field "y"\n'
            '- subgraph "b" has the field, but its "T" has no @key by which it could be entered\n'
            'Add a resolvable @key where it is missing, or resolve the field (@shareable) in subgraph "a".'
        ),
        {
            "a": "type Query { t: T } type T @shareable { x: Int }",
            "b": "type Query { u: T } type T @shareable { x: Int y: Int }",
        },
    ),
    Case(
        "SHAREABLE_HAS_MISMATCHED_RUNTIME_TYPES",
        (
            '"Query.u" is shared, but its value may be "A" in subgraph "a", "B" in subgraph "b": nothing '
            "in common. A shared field returns the same object from every subgraph; give the types a "
            "common one, or the fields different names."
        ),
        {
            "a": "type Query { u: U @shareable } union U = A type A { x: Int }",
            "b": "type Query { u: U @shareable } union U = B type B { x: Int }",
        },
    ),
)


@pytest.mark.parametrize("case", CASES, ids=str)
def test_refuses_with_the_code_and_says_how_to_mend_it(case: Case) -> None:
    assert errors(case.compose()) == [(case.code, case.message)]


def test_gives_up_when_more_paths_than_allowed_would_have_to_be_tried() -> None:
    subgraph = Subgraph("a", "http://a", "type Query { t: T } type T { t: T }")

    result = compose([subgraph], max_validation_subgraph_paths=1)

    assert compose([subgraph], max_validation_subgraph_paths=2).errors == ()
    assert errors(result) == [
        (
            "MAX_VALIDATION_SUBGRAPH_PATHS_EXCEEDED",
            (
                "Whether every operation can be answered was not found out within 1 paths through the subgraphs: many"
                " subgraphs share many types without keys. Allow more paths, or let fewer subgraphs resolve the same"
                " fields."
            ),
        )
    ]


@pytest.mark.parametrize(
    ("sdl", "message"),
    [
        (
            "type Query { q: Int }",
            "This is no supergraph: its schema does not link the join specification. Compose the subgraphs first.",
        ),
        ("type {", "The supergraph does not parse: Syntax Error: Expected Name, found '{'."),
    ],
)
def test_makes_no_contract_of_what_is_no_supergraph(sdl: str, message: str) -> None:
    assert errors(contract(sdl, exclude=["x"])) == [("INVALID_FEDERATION_SUPERGRAPH", message)]
