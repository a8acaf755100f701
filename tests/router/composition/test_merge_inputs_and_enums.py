"""Inputs are intersected; enums merge by their use; unions are joined."""

from tests.router.composition.compositions import codes, composed, errors, hints, type_of


def _input(fields: str, field: str) -> str:
    return f"type Query {{ {field}(i: I): Int }} input I {{ {fields} }}"


def test_input_keeps_only_the_fields_that_all_subgraphs_have() -> None:
    result = composed(a=_input("x: Int y: Int", "p"), b=_input("x: Int!", "q"))

    assert type_of(result, "I") == (
        "input I\n  @join__type(graph: A)\n  @join__type(graph: B)\n{\n"
        '  x: Int! @join__field(graph: A, type: "Int") @join__field(graph: B, type: "Int!")\n}'
    )
    assert hints(result) == [
        (
            "INCONSISTENT_BUT_COMPATIBLE_FIELD_TYPE",
            (
                'The input field "I.x" has compatible types: Int in subgraph "a", Int! in subgraph "b". The'
                " supergraph has"
                " Int!."
            ),
        ),
        (
            "INCONSISTENT_INPUT_OBJECT_FIELD",
            'The input field "I.y" is left out of the supergraph, because it does not exist in subgraph "b".',
        ),
    ]


def test_refuses_a_required_input_field_that_one_subgraph_lacks() -> None:
    result = composed(a=_input("x: Int y: Int!", "p"), b=_input("x: Int", "q"))

    assert errors(result) == [
        (
            "REQUIRED_INPUT_FIELD_MISSING_IN_SOME_SUBGRAPH",
            (
                'The input field "I.y" is required in subgraph "a", but does not exist in subgraph "b", so no'
                " call could"
                " give it. Make it optional, or add it there."
            ),
        )
    ]


def test_refuses_an_input_of_which_nothing_is_left() -> None:
    result = composed(a=_input("x: Int", "p"), b=_input("y: Int", "q"))

    assert errors(result) == [
        (
            "EMPTY_MERGED_INPUT_TYPE",
            (
                'The input "I" has no field that all of subgraphs "a" and "b" have, so nothing is left of it. Give it a'
                " common field, or rename one of them."
            ),
        )
    ]


def test_refuses_input_types_and_defaults_that_differ() -> None:
    result = composed(a=_input("x: Int y: Int = 1", "p"), b=_input("x: String y: Int = 2", "q"))

    assert [error.code for error in result.errors] == ["FIELD_TYPE_MISMATCH", "INPUT_FIELD_DEFAULT_MISMATCH"]


def test_output_enum_has_the_values_of_all_subgraphs() -> None:
    result = composed(a="type Query { x: E } enum E { A B }", b="type Query { y: E } enum E { B C }")

    assert type_of(result, "E") == (
        "enum E\n  @join__type(graph: A)\n  @join__type(graph: B)\n{\n  A @join__enumValue(graph: A)\n"
        "  B @join__enumValue(graph: A) @join__enumValue(graph: B)\n  C @join__enumValue(graph: B)\n}"
    )


def test_input_enum_has_only_the_values_that_all_subgraphs_have() -> None:
    result = composed(a="type Query { x(e: E): Int } enum E { A B }", b="type Query { y(e: E): Int } enum E { B C }")

    assert type_of(result, "E").endswith("{\n  B @join__enumValue(graph: A) @join__enumValue(graph: B)\n}")
    assert [code for code, _ in hints(result)] == ["INCONSISTENT_ENUM_VALUE_FOR_INPUT_ENUM"] * 2


def test_refuses_an_input_enum_of_which_nothing_is_left() -> None:
    result = composed(a="type Query { x(e: E): Int } enum E { A }", b="type Query { y(e: E): Int } enum E { B }")

    assert [error.code for error in result.errors] == ["EMPTY_MERGED_ENUM_TYPE"]


def test_enum_for_input_and_output_has_to_be_the_same_everywhere() -> None:
    result = composed(a="type Query { x(e: E): E } enum E { A B }", b="type Query { y: E } enum E { A }")

    assert errors(result) == [
        (
            "ENUM_VALUE_MISMATCH",
            (
                'The enum "E" is used for input and for output, but its value "B" is only in subgraph "a", not'
                " in subgraph"
                ' "b". Add it there, or mark it @inaccessible.'
            ),
        )
    ]


def test_enum_value_that_clients_cannot_see_may_differ() -> None:
    result = composed(a="type Query { x(e: E): E } enum E { A B @inaccessible }", b="type Query { y: E } enum E { A }")

    assert "  B @join__enumValue(graph: A) @inaccessible\n" in type_of(result, "E")


def test_enum_that_nothing_uses_is_joined_with_a_hint() -> None:
    result = composed(a="type Query { x: Int } enum E { A }", b="type Query { y: Int } enum E { B }")

    assert next(code for code, _ in hints(result)) == "UNUSED_ENUM_TYPE"
    assert "A @join__enumValue(graph: A)\n  B @join__enumValue(graph: B)" in type_of(result, "E")


def test_union_has_the_members_of_all_subgraphs() -> None:
    result = composed(
        a="type Query { x: U } union U = P type P @shareable { x: Int }",
        b="type Query { y: U } union U = P | Q type P @shareable { x: Int } type Q { y: Int }",
    )

    assert type_of(result, "U") == (
        "union U\n  @join__type(graph: A)\n  @join__type(graph: B)\n"
        '  @join__unionMember(graph: A, member: "P")\n  @join__unionMember(graph: B, member: "P")\n'
        '  @join__unionMember(graph: B, member: "Q")\n  = P | Q'
    )


def test_enum_of_an_input_field_that_is_left_out_is_an_input_all_the_same() -> None:
    result = composed(
        a="type Query { x(i: I): Int } input I { n: Int e: E } enum E { A B }",
        b="type Query { y(i: I): Int } input I { n: Int } enum E { A }",
    )

    assert "e: E" not in type_of(result, "I")
    assert "  A @join__enumValue(graph: A) @join__enumValue(graph: B)\n}" in type_of(result, "E")


def test_an_enum_whose_values_all_differ_is_refused_for_that_alone() -> None:
    result = composed(a="type Query { x(e: E): E } enum E { A }", b="type Query { y: E } enum E { B }")

    assert codes(result) == ["ENUM_VALUE_MISMATCH", "ENUM_VALUE_MISMATCH"]
