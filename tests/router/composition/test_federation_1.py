"""Subgraphs without a federation link are brought to Federation 2 first."""

import pytest

from tests.router.composition.compositions import codes, composed_raw, errors, federation_2, type_of


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


@pytest.mark.parametrize("fields", ['["id", "k"]', "[id, k]", '"id k"'])
def test_fields_that_are_no_string_are_read_as_one(fields: str) -> None:
    result = composed_raw(a=f"type Query {{ t: T }} type T @key(fields: {fields}) {{ id: ID! k: ID! }}")

    assert '@join__type(graph: A, key: "id k")' in type_of(result, "T")


def test_refuses_fields_that_are_no_names() -> None:
    result = composed_raw(a="type Query { t: T } type T @key(fields: 3) { id: ID! }")

    assert codes(result) == ["KEY_INVALID_FIELDS_TYPE"]


def test_external_on_a_whole_type_means_nothing() -> None:
    result = composed_raw(a='type Query { t: T } type T @key(fields: "id") @external { id: ID! x: Int }')

    assert type_of(result, "T") == 'type T\n  @join__type(graph: A, key: "id")\n{\n  id: ID!\n  x: Int\n}'


INTERFACE = 'interface I {key} {{ id: ID! }} type T implements I @key(fields: "id") {{ id: ID! }}'


def test_refuses_an_interface_object_beside_a_key_on_an_interface_that_had_no_meaning() -> None:
    result = composed_raw(
        a="type Query { i: I } " + INTERFACE.format(key='@key(fields: "id")'),
        b=federation_2('type I @interfaceObject @key(fields: "id") { id: ID! x: Int }'),
    )

    assert errors(result) == [
        (
            "INTERFACE_OBJECT_USAGE_ERROR",
            (
                '"I" is an @interfaceObject in subgraph "b", and has a @key as an interface in subgraph "a", which'
                " links no federation specification: there that key has no meaning. Link federation v2.3 or newer"
                " in it."
            ),
        )
    ]


def test_a_subgraph_that_has_nothing_of_the_interface_may_stay_as_it_is() -> None:
    result = composed_raw(
        a='type Query { t: T } type T @key(fields: "id") { id: ID! }',
        b=federation_2(INTERFACE.format(key='@key(fields: "id")')),
        c=federation_2('type I @interfaceObject @key(fields: "id") { id: ID! x: Int }'),
    )

    assert errors(result) == []


def test_a_type_of_unused_copies_is_left_out_unless_something_returns_it() -> None:
    copies = "extend type T { x: Int @external }"
    owner = "type Query { s: T } type T { x: Int }"

    assert errors(composed_raw(a=f"extend type Query {{ q: Int }} {copies}", b=owner)) == []
    assert codes(composed_raw(a=f"extend type Query {{ t: T }} {copies}", b=owner)) == [
        "TYPE_WITH_ONLY_UNUSED_EXTERNAL"
    ]


def test_a_tag_on_a_copy_is_left_out_when_the_field_has_it_too() -> None:
    fields = 'id: ID! @external k: Int @external @tag(name: "a") y: Int @requires(fields: "k")'
    copy = f'extend type T @key(fields: "id") {{ {fields} }}'
    owner = 'type Query { t: T } type T @key(fields: "id") { id: ID! k: Int %s }'

    assert errors(composed_raw(a=copy, b=owner % '@tag(name: "a")')) == []
    assert codes(composed_raw(a=copy, b=owner % "")) == ["MERGED_DIRECTIVE_APPLICATION_ON_EXTERNAL"]
