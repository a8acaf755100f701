"""Whether every operation can be answered, and how it is said when one cannot."""

import random
from itertools import permutations

import pytest

from router.composition import Subgraph, compose
from tests.router.composition.compositions import codes, composed, errors, federation_2


def _entity(fields: str, *, keys: str = '@key(fields: "id")', name: str = "T") -> str:
    return f"type {name} {keys} {{ {fields} }}"


def test_names_the_operation_and_the_reason_per_subgraph() -> None:
    result = composed(
        catalog="""
        type Query { shelf(slug: Slug!, first: Int): Shelf }
        enum Slug { HOME KIDS }
        type Shelf { items: [Item!]! }
        union Item = Movie | Show
        type Movie { id: ID! @shareable }
        type Show @key(fields: "id") { id: ID! }
        """,
        ratings="""
        type Query { best: Movie }
        type Movie @key(fields: "imdb") { id: ID! @shareable imdb: ID! score: Score }
        type Score { stars: Int }
        """,
        awards="""
        type Movie @key(fields: "id", resolvable: false) {
          id: ID!
          score: Score @external
          won: Int @requires(fields: "score { stars }")
        }
        type Score { stars: Int @external }
        type Query { winner: Movie }
        """,
    )

    by_element = {message.split(" cannot be had")[0]: message for _, message in errors(result)}
    assert set(codes(result)) == {"SATISFIABILITY_ERROR"}
    assert sorted(by_element) == ['"Movie.imdb"', '"Movie.score"', '"Movie.won"']
    assert (
        by_element['"Movie.score"']
        == """\
"Movie.score" cannot be had by every operation. This one cannot be answered:
  query {
    winner {
      score { … }
    }
  }
Its last step has a "Movie" from subgraph "awards", and:
- subgraph "awards" is reached, but the field is @external there
- subgraph "ratings" has the field, but the fields of its @key(fields: "imdb") cannot be collected
Add a resolvable @key where it is missing, or resolve the field (@shareable) in subgraph "awards"."""
    )


def test_witness_shows_conditions_on_types_and_required_arguments() -> None:
    result = composed(
        a="""
        type Query { shelf(slug: Slug!, range: Range!, names: [String!]!, first: Int): [[Item!]!]! }
        enum Slug { HOME } input Range { from: Int! to: Int }
        union Item = Movie | Show
        type Movie { x: Int } type Show @shareable { y: Int }
        """,
        b="type Query { show: Show } type Show @shareable { y: Int } extend type Show { z: Int }",
    )

    assert errors(result) == [
        (
            "SATISFIABILITY_ERROR",
            """\
"Show.z" cannot be had by every operation. This one cannot be answered:
  query {
    shelf(slug: HOME, range: {from: 0}, names: []) {
      ... on Show {
        z
      }
    }
  }
Its last step has a "Show" from subgraph "a", and:
- subgraph "a" is reached, but its "Show" has no field "z"
- subgraph "b" has the field, but its "Show" has no @key by which it could be entered
Add a resolvable @key where it is missing, or resolve the field (@shareable) in subgraph "a".""",
        )
    ]


@pytest.mark.parametrize(
    ("keys_of_b", "fields_of_b", "reason"),
    [
        ("", "id: ID! @shareable y: Int", 'its "T" has no @key by which it could be entered'),
        ('@key(fields: "id", resolvable: false)', "id: ID! y: Int", 'the @key of its "T" is resolvable: false'),
        ('@key(fields: "k")', "k: ID! y: Int", 'the fields of its @key(fields: "k") cannot be collected'),
    ],
)
def test_says_why_a_subgraph_cannot_be_entered(keys_of_b: str, fields_of_b: str, reason: str) -> None:
    result = composed(
        a="type Query { t: T } " + _entity("id: ID! x: Int"),
        b="type Query { s: T } "
        + _entity(f'{fields_of_b} x: Int @external z: Int @requires(fields: "x")', keys=keys_of_b),
    )

    message = next(text for _, text in errors(result) if text.startswith('"T.y"'))
    assert f'- subgraph "b" has the field, but {reason}\n' in message


def test_follows_keys_through_other_subgraphs() -> None:
    result = composed(
        a="type Query { t: T } " + _entity("id: ID!"),
        b=_entity("id: ID! k: ID!", keys='@key(fields: "id") @key(fields: "k")'),
        c=_entity("k: ID! y: Int", keys='@key(fields: "k")'),
    )

    assert errors(result) == []


def test_collects_a_key_from_several_subgraphs() -> None:
    result = composed(
        a="type Query { t: T } " + _entity("id: ID!"),
        b=_entity("id: ID! k: ID! @shareable"),
        c=_entity("id: ID! l: ID! @shareable"),
        d=_entity("k: ID! l: ID! y: Int", keys='@key(fields: "k l")'),
    )

    assert errors(result) == []


def test_collects_the_nested_part_of_a_key_from_another_subgraph() -> None:
    a = "type Query { t: T } " + _entity("id: ID! o: O @shareable") + _entity("id: ID!", name="O")
    b = _entity("id: ID! n: Int @shareable", name="O")
    c = _entity("o: O y: Int", keys='@key(fields: "o { id n }")') + _entity(
        "id: ID! n: Int", name="O", keys='@key(fields: "id", resolvable: false)'
    )

    assert errors(composed(a=a, b=b, c=c)) == []
    assert [message.split(" ")[0] for _, message in errors(composed(a=a, c=c))] == ['"T.y"', '"O.n"']


def test_requirements_in_a_circle_are_never_met() -> None:
    result = composed(
        a="type Query { t: T } " + _entity('id: ID! x: Int @requires(fields: "y") y: Int @external'),
        b=_entity('id: ID! y: Int @requires(fields: "x") x: Int @external'),
    )

    assert [message.split(" ")[0] for _, message in errors(result)] == ['"T.x"', '"T.y"']


def test_requirements_in_a_chain_are_met() -> None:
    result = composed(
        a="type Query { t: T } " + _entity('id: ID! x: Int @requires(fields: "y") y: Int @external'),
        b=_entity('id: ID! y: Int @requires(fields: "z") z: Int @external'),
        c=_entity("id: ID! z: Int"),
    )

    assert errors(result) == []


def test_a_requirement_has_to_be_brought_back_by_a_key() -> None:
    result = composed(
        a="type Query { t: T } "
        + _entity('id: ID! @shareable x: Int @external y: Int @requires(fields: "x")', keys=""),
        b=_entity("id: ID! x: Int"),
    )

    (error,) = result.errors
    assert (
        '- subgraph "a" is reached, but its "T" has no resolvable @key to bring the @requires of the field back by\n'
        in error.message
    )


def test_a_provided_copy_is_enough_on_its_path_only() -> None:
    copy = "id: ID! x: Int @external"
    provided = 'type Query { near: T @provides(fields: "x") far: T } '
    owner = "type Query { own: T } " + _entity(
        "id: ID! x: Int @shareable", keys='@key(fields: "id", resolvable: false)'
    )

    result = composed(a=provided + _entity(copy), b=owner)

    (error,) = result.errors
    assert "    far {\n      x\n" in error.message
    assert errors(composed(a=provided.replace(" far: T", "") + _entity(copy), b=owner)) == []


def test_what_several_subgraphs_answer_is_put_together() -> None:
    result = composed(
        a="type Query { v: V @shareable } type V { a: Int @shareable x: Int }",
        b="type Query { v: V @shareable } type V { a: Int @shareable y: Int }",
    )

    assert errors(result) == []


def test_a_mutation_is_answered_by_one_subgraph_alone() -> None:
    one = "type Mutation { m: V @shareable } type V { a: Int @shareable x: Int %s }"
    two = "type Query { q: Int } type Mutation { m: V @shareable } type V { a: Int @shareable %s }"

    assert codes(composed(a=one % "", b=two % "y: Int")) == ["SATISFIABILITY_ERROR"]
    assert errors(composed(a=one % "", b=two % "")) == []


def test_the_query_type_can_be_entered_from_anywhere() -> None:
    result = composed(
        a="type Query { x: Int } type Mutation { m: Payload } type Payload { query: Query }", b="type Query { y: Int }"
    )

    assert errors(result) == []


def test_an_interface_object_needs_a_subgraph_that_names_the_type() -> None:
    owner = """
    type Query { titles: [Title] }
    interface Title @key(fields: "id"%s) { id: ID! }
    type Movie implements Title @key(fields: "id") { id: ID! }
    """
    ratings = 'type Query { best: Title } type Title @interfaceObject @key(fields: "id") { id: ID! stars: Int }'

    refused = composed(catalog=owner % ", resolvable: false", ratings=ratings)

    assert errors(composed(catalog=owner % "", ratings=ratings)) == []
    assert errors(refused) == [
        (
            "SATISFIABILITY_ERROR",
            """\
An object of type "Movie" cannot be told from others. This operation cannot be answered:
  query {
    best {
      ... on Movie {
        __typename
      }
    }
  }
Its last step has an @interfaceObject "Title" from subgraph "ratings", and no subgraph that has the interface can be \
reached by a resolvable @key. Add the key there.""",
        )
    ]


def test_fields_that_clients_cannot_see_need_not_be_reachable() -> None:
    result = composed(
        a="type Query { t: T } type T { x: Int }", b="type Query { u: T } type T { y: Int @inaccessible }"
    )

    assert [message.split(" ")[0] for _, message in errors(result)] == ['"T.x"']


def test_keys_that_clients_cannot_see_still_lead_on() -> None:
    result = composed(a="type Query { t: T } " + _entity("id: ID! @inaccessible x: Int"), b=_entity("id: ID! y: Int"))

    assert errors(result) == []


def test_a_taken_over_field_is_looked_for_in_its_new_place() -> None:
    result = composed(
        a='type Query { t: T } type T @key(fields: "id", resolvable: false) { id: ID! x: Int @override(from: "b") }',
        b="type Query { s: T } " + _entity("id: ID! x: Int"),
    )

    (error,) = result.errors
    assert "is reached, but the field is overridden there by another subgraph" in error.message


def test_shared_field_whose_types_have_nothing_in_common_is_refused() -> None:
    shared = "type Query { u: U @shareable } "

    result = composed(a=shared + "union U = A type A { x: Int }", b=shared + "union U = B type B { x: Int }")

    assert errors(result) == [
        (
            "SHAREABLE_HAS_MISMATCHED_RUNTIME_TYPES",
            (
                '"Query.u" is shared, but its value may be "A" in subgraph "a", "B" in subgraph "b": nothing in'
                " common. A"
                " shared field returns the same object from every subgraph; give the types a common one, or the fields"
                " different names."
            ),
        )
    ]


@pytest.mark.parametrize("seed", range(20))
def test_verdict_does_not_depend_on_names_or_order(seed: int) -> None:
    chance = random.Random(seed)
    fields = {"id": "ID!", "k": "ID!", "x": "Int", "y": "Int"}
    parts = []
    for _ in range(3):
        key = chance.choice(["id", "k", "k id"])
        own = sorted({*key.split(), *chance.sample(sorted(fields), 2)})
        suffix = chance.choice(["", ", resolvable: false"])
        body = " ".join(f"{name}: {fields[name]} @shareable" for name in own)
        parts.append(f'type T @key(fields: "{key}"{suffix}) {{ {body} }} ' + "type Query { t%d: T }")

    verdicts = set()
    for names in permutations("abc"):
        subgraphs = [
            Subgraph(name, "", federation_2(part % number))
            for number, (name, part) in enumerate(zip(names, parts, strict=True))
        ]
        result = compose(subgraphs)
        verdicts.add(frozenset(error.message.split(" cannot")[0] for error in result.errors))

    assert len(verdicts) == 1


def test_a_labelled_override_is_satisfiable_with_the_label_and_without() -> None:
    target = _entity('id: ID! x: V @override(from: "b", label: "percent(5)")') + " type V @shareable { n: Int }"
    source = "type Query { t: T } " + _entity("id: ID! x: V")

    whole = composed(version="2.7", a=target, b=source + " type V @shareable { n: Int }")
    partial = composed(version="2.7", a=target, b=source + " type V @shareable { n: Int m: Int }")

    assert errors(whole) == []
    (error,) = partial.errors
    assert error.message.startswith('"V.m" cannot be had by every operation.')
    assert '- subgraph "a" is reached, but its "V" has no field "m"\n' in error.message


def test_the_types_of_a_shared_field_that_never_meet_are_reported_before_what_is_below() -> None:
    result = composed(
        a="type Query { u: U @shareable } union U = A type A { x: Int @shareable }",
        b="type Query { u: U @shareable } union U = B type B { x: Int }",
        c="type Query { c: Int } type A { x: Int @shareable only: Int }",
    )

    assert codes(result) == ["SHAREABLE_HAS_MISMATCHED_RUNTIME_TYPES"]


def test_a_missing_field_of_an_implementation_is_reported_before_what_is_hidden() -> None:
    result = composed(
        a="""
        type Query { i: I hidden: H }
        interface I { x: Int }
        type T implements I { x: Int }
        type H @inaccessible { x: Int }
        """,
        b="type Query { j: I } interface I { y: Int } type S implements I { y: Int }",
    )

    assert set(codes(result)) == {"INTERFACE_FIELD_NO_IMPLEM"}


def test_a_type_that_one_subgraph_of_a_shared_field_does_not_know_is_never_behind_it() -> None:
    subgraphs = {
        "a": "type Query { u: U SHARED } union U = A | B type A { x: Int @shareable } type B { y: Int }",
        "b": "type Query { u: U SHARED } union U = A type A { x: Int @shareable }",
        "c": "type Query { b: B } type B { z: Int }",
    }

    shared = composed(**{name: sdl.replace("SHARED", "@shareable") for name, sdl in subgraphs.items()})
    alone = composed(a=subgraphs["a"].replace("SHARED", ""), c=subgraphs["c"])

    assert codes(alone) == ["SATISFIABILITY_ERROR", "SATISFIABILITY_ERROR"]
    assert {error.message.partition(" ")[0] for error in alone.errors} == {'"B.z"', '"B.y"'}
    assert {error.message.partition(" ")[0] for error in shared.errors} == {'"B.y"'}
