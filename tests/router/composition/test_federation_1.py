"""Subgraphs without a federation link are brought to Federation 2 first."""

from tests.router.composition.compositions import composed_raw, errors, federation_2, type_of


def test_extension_with_external_key_is_a_part_of_the_entity() -> None:
    result = composed_raw(
        a='type Query { t: T } type T @key(fields: "id") { id: ID! name: String }',
        b='extend type T @key(fields: "id") { id: ID! @external name: String @external x: Int }',
    )

    assert type_of(result, "T") == (
        'type T\n  @join__type(graph: A, key: "id")\n  @join__type(graph: B, key: "id")\n{\n'
        "  id: ID!\n  name: String @join__field(graph: A)\n  x: Int @join__field(graph: B)\n}"
    )


def test_value_types_are_shared_without_saying_so() -> None:
    value = "type V { x: Int }"

    assert errors(composed_raw(a=f"type Query {{ a: V }} {value}", b=f"extend type Query {{ b: V }} {value}")) == []


def test_federation_2_subgraphs_have_to_say_so_even_beside_old_ones() -> None:
    value = "type V { x: Int }"

    result = composed_raw(a=f"type Query {{ a: V }} {value}", b=federation_2(f"type Query {{ b: V }} {value}"))

    assert [(error.code, error.subgraphs) for error in result.errors] == [("INVALID_FIELD_SHARING", ("a", "b"))]


def test_requirement_of_an_extension_is_kept() -> None:
    result = composed_raw(
        a='type Query { t: T } type T @key(fields: "id") { id: ID! size: Int }',
        b="""
        extend type T @key(fields: "id") {
          id: ID! @external
          size: Int @external
          cost: Int @requires(fields: "size")
          again: Int @requires(fields: "id")
        }
        """,
    )

    assert "  size: Int @join__field(graph: A) @join__field(graph: B, external: true)\n" in type_of(result, "T")
    assert '  cost: Int @join__field(graph: B, requires: "size")\n' in type_of(result, "T")
    assert "  again: Int @join__field(graph: B)\n" in type_of(result, "T")


def test_extension_without_a_key_stands_on_the_key_of_the_owner() -> None:
    result = composed_raw(
        a='type Query { t: T } type T @key(fields: "id") { id: ID! }',
        b="extend type T { id: ID! @external x: Int } extend type Query { other: T }",
    )

    assert [error.code for error in result.errors] == ["SATISFIABILITY_ERROR"]


def test_refuses_an_extension_of_nothing() -> None:
    result = composed_raw(a="type Query { x: Int }", b='extend type T @key(fields: "id") { id: ID! @external }')

    assert [error.code for error in result.errors] == ["EXTENSION_WITH_NO_BASE"]
