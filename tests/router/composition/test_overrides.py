"""`@override`: a field moves between subgraphs."""

import pytest

from tests.router.composition.compositions import codes, composed, errors, hints, type_of


def test_source_no_longer_takes_part_in_the_field() -> None:
    result = composed(a='type Query { x: Int @override(from: "b") }', b="type Query { x: Int y: Int }")

    assert '  x: Int @join__field(graph: A, override: "b")\n' in type_of(result, "Query")
    assert hints(result) == [
        (
            "OVERRIDDEN_FIELD_CAN_BE_REMOVED",
            '"Query.x" in subgraph "b" is overridden by subgraph "a" and can be removed.',
        )
    ]


def test_source_that_still_refers_to_the_field_keeps_a_marked_copy() -> None:
    result = composed(
        a='type Query { t: T } type T @key(fields: "id") { id: ID! @override(from: "b") }',
        b='type T @key(fields: "id") { id: ID! x: Int }',
    )

    assert '  id: ID! @join__field(graph: A, override: "b") @join__field(graph: B, usedOverridden: true)\n' in type_of(
        result, "T"
    )


def test_label_keeps_both_sides() -> None:
    result = composed(
        version="2.7", a='type Query { x: Int @override(from: "b", label: "percent(5)") }', b="type Query { x: Int }"
    )

    assert (
        '  x: Int @join__field(graph: A, override: "b", overrideLabel: "percent(5)")'
        ' @join__field(graph: B, overrideLabel: "percent(5)")\n' in type_of(result, "Query")
    )
    assert [code for code, _ in hints(result)] == ["OVERRIDE_MIGRATION_IN_PROGRESS"]


@pytest.mark.parametrize("label", ["1x", "percent(101)", "percent(1.123456789)", "a b"])
def test_refuses_a_label_that_cannot_be_evaluated(label: str) -> None:
    result = composed(
        version="2.7", a=f'type Query {{ x: Int @override(from: "b", label: "{label}") }}', b="type Query { x: Int }"
    )

    assert codes(result)[0] == "OVERRIDE_LABEL_INVALID"


def test_refuses_to_override_itself() -> None:
    assert errors(composed(a='type Query { x: Int @override(from: "a") }')) == [
        (
            "OVERRIDE_FROM_SELF_ERROR",
            '"Query.x" in subgraph "a" overrides itself. Name the subgraph that the field comes from.',
        )
    ]


def test_unknown_source_is_only_a_hint() -> None:
    result = composed(a='type Query { x: Int @override(from: "z") }')

    assert hints(result) == [
        (
            "FROM_SUBGRAPH_DOES_NOT_EXIST",
            (
                '"Query.x" in subgraph "a" overrides subgraph "z", which does not exist. Correct the name, or'
                " remove the"
                " directive."
            ),
        )
    ]


def test_source_without_the_field_is_only_a_hint() -> None:
    result = composed(a='type Query { x: Int @override(from: "b") }', b="type Query { y: Int }")

    assert [code for code, _ in hints(result)] == ["OVERRIDE_DIRECTIVE_CAN_BE_REMOVED"]


def test_refuses_two_subgraphs_that_override_each_other() -> None:
    result = composed(a='type Query { x: Int @override(from: "b") }', b='type Query { x: Int @override(from: "a") }')

    assert codes(result) == ["OVERRIDE_SOURCE_HAS_OVERRIDE", "OVERRIDE_SOURCE_HAS_OVERRIDE", "INVALID_FIELD_SHARING"]


def test_refuses_to_override_a_field_with_requirements() -> None:
    entity = 'type T @key(fields: "id") { id: ID! %s }'

    result = composed(
        a="type Query { t: T } " + entity % 'y: Int @override(from: "b")',
        b=entity % 'x: Int @external y: Int @requires(fields: "x")',
        c=entity % "x: Int",
    )

    assert codes(result) == ["OVERRIDE_COLLISION_WITH_ANOTHER_DIRECTIVE", "INVALID_FIELD_SHARING"]


def test_refuses_to_override_an_interface_field() -> None:
    result = composed(
        a='type Query { x: Int } interface I { x: Int @override(from: "b") } type T implements I { x: Int }',
        b="type Query { y: Int }",
    )

    assert codes(result) == ["OVERRIDE_ON_INTERFACE"]


def test_the_label_of_an_override_that_takes_over_nothing_is_of_no_account() -> None:
    result = composed(
        version="2.7",
        a='type Query { t: T } type T @key(fields: "id") { id: ID! x: Int @override(from: "b", label: "0") }',
        b='type T @key(fields: "id") { id: ID! }',
    )

    assert [code for code, _ in hints(result)] == ["OVERRIDE_DIRECTIVE_CAN_BE_REMOVED"]
    assert 'x: Int @join__field(graph: A, override: "b")\n' in type_of(result, "T")


def test_a_copy_that_overrides_a_subgraph_without_the_field_only_gets_a_hint() -> None:
    result = composed(
        a='type T @key(fields: "id") { id: ID! x: Int @external @override(from: "b") y: Int @requires(fields: "x") }',
        b='type Query { t: T } type T @key(fields: "id") { id: ID! }',
        c='type T @key(fields: "id") { id: ID! x: Int }',
    )

    assert [code for code, _ in hints(result)] == ["OVERRIDE_DIRECTIVE_CAN_BE_REMOVED"]
