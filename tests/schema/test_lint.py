"""Each convention of the API, broken once."""

import pytest
from graphql import build_schema

from schema.files import compose_subgraphs, saved_subgraphs
from schema.lint import lint_subgraphs

OWNER = """
extend schema @link(url: "https://specs.apollo.dev/federation/v2.9", import: ["@key"])
type Query {
  "Things." things("How many." first: Int! = 20, "Where to go on." after: String): ThingConnection
}
"A thing." type Thing @key(fields: "id") { "Its id." id: ID!  "Its name." name: String!  "Its kind." kind: Kind! }
"A page." type ThingConnection { "The things." nodes: [Thing!]! }
"A kind." enum Kind { "The only one." THE_ONE }
"What to make." input ThingInput { "Its name." name: String! }
"""
OTHER = """
extend schema @link(url: "https://specs.apollo.dev/federation/v2.9", import: ["@key"])
type Thing @key(fields: "id") { id: ID!  "Its colour." colour: String }
"A box." type Box { "What is in it." thing: Thing  "All in it." things: [Thing]! }
type Query { "The box." box: Box }
"""


def test_an_api_that_keeps_all_conventions_has_no_fault() -> None:
    assert lint_subgraphs({"owner": OWNER, "other": OTHER}) == []


def test_the_committed_api_keeps_all_conventions() -> None:
    assert lint_subgraphs(saved_subgraphs()) == []


@pytest.mark.parametrize(
    ("text", "replacement", "fault"),
    [
        ('"A kind." ', "", "owner: Kind has no description."),
        ('"The only one." ', "", "owner: Kind.THE_ONE has no description."),
        ('"Its name." name: String!  ', "name: String! ", "owner: Thing.name has no description."),
        ('"How many." ', "", "owner: Query.things(first:) has no description."),
        ('"Its name." name: String! }', "name: String! }", "owner: ThingInput.name has no description."),
        ('"Things."', '" "', "owner: Query.things has no description."),
        ("name: String!  ", "full_name: String!  ", "owner: Thing.full_name is not camelCase."),
        ("THE_ONE", "TheOne", "owner: Kind.TheOne is not SCREAMING_SNAKE."),
        ("input ThingInput", "input ThingData", "owner: The input ThingData ends neither in Input nor in Filter."),
        (
            ', "Where to go on." after: String',
            "",
            "owner: Query.things returns a connection and lacks `first` or `after`.",
        ),
        (
            "first: Int! = 20",
            "first: Int = 20",
            "owner: Query.things must declare `first: Int!` with a default between 0 and 100.",
        ),
        (
            "first: Int! = 20",
            "first: Int! = 101",
            "owner: Query.things must declare `first: Int!` with a default between 0 and 100.",
        ),
        (
            "first: Int! = 20",
            "first: Int!",
            "owner: Query.things must declare `first: Int!` with a default between 0 and 100.",
        ),
        (
            "String): ThingConnection",
            "String): ThingConnection!",
            "owner: Query.things is a root field and must be nullable.",
        ),
    ],
)
def test_a_breach_by_the_owner_is_the_only_fault(text: str, replacement: str, fault: str) -> None:
    broken = OWNER.replace(text, replacement, 1)
    assert broken != OWNER

    assert lint_subgraphs({"owner": broken, "other": OTHER}) == [fault]


@pytest.mark.parametrize(
    ("text", "replacement", "fault"),
    [
        (
            "thing: Thing ",
            "thing: Thing! ",
            "other: Box.thing refers to an entity of another subgraph and must be nullable, also inside a list.",
        ),
        (
            "[Thing]!",
            "[Thing!]",
            "other: Box.things refers to an entity of another subgraph and must be nullable, also inside a list.",
        ),
        (
            "colour: String",
            "colour: String!",
            "other: Thing.colour adds to an entity of another subgraph and must be nullable.",
        ),
    ],
)
def test_a_breach_by_another_subgraph_is_the_only_fault(text: str, replacement: str, fault: str) -> None:
    broken = OTHER.replace(text, replacement, 1)
    assert broken != OTHER

    assert lint_subgraphs({"owner": OWNER, "other": broken}) == [fault]


def test_an_entity_is_described_in_its_owners_words() -> None:
    other = OTHER.replace("type Thing", '"Something with a colour." type Thing').replace("id: ID!", '"Key." id: ID!')

    result = compose_subgraphs({"owner": OWNER, "other": other})

    assert [hint for hint in result.hints if hint.code == "INCONSISTENT_DESCRIPTION"] == []
    thing = build_schema(result.supergraph_sdl, assume_valid_sdl=True).type_map["Thing"]
    assert thing.description == "A thing."
