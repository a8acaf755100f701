"""Fields that a subgraph declares without resolving them: `@external`, Federation 1 extensions, `@override`."""

from __future__ import annotations

import pytest

from tests.conformance.plain_data import Plain, ask

_PEOPLE = {"id": "1", "name": "Ada", "rid": "r1"}


@pytest.mark.parametrize(
    "extension",
    [
        'extend type Person @key(fields: "id") { id: ID! @external name: String @external }',
        'type Person @extends @key(fields: "id") { id: ID! @external name: String @external }',
    ],
)
async def test_federation_1_extension_provides_a_field_of_the_type_it_extends(extension: str) -> None:
    found = await ask(
        "{ mine { id name rid } given { name } }",
        a=Plain(
            f'type Query {{ mine: Person given: Person @provides(fields: "name") }} {extension}',
            {"mine": {"id": "1"}, "given": {"id": "1", "name": "Ada"}},
            is_federation_1=True,
        ),
        b=Plain(
            'type Person @key(fields: "id") { id: ID! name: String rid: ID }',
            entities={"Person": [_PEOPLE]},
            is_federation_1=True,
        ),
    )

    assert found.data == {"mine": {"id": "1", "name": "Ada", "rid": "r1"}, "given": {"name": "Ada"}}
    assert found.errors == []
    assert found.calls == [
        "a { mine { id } given { name } }",
        'b { _entities([Person(id: "1")]) { ... on Person { name rid } } }',
    ]


async def test_federation_2_external_key_of_an_extension_is_resolved_by_it() -> None:
    found = await ask(
        "{ mine { id rid } given { name } }",
        a=Plain(
            """
            type Query { mine: Person given: Person @provides(fields: "name") }
            extend type Person @key(fields: "id") { id: ID! name: String @external }
            """,
            {"mine": {"id": "1"}, "given": {"id": "1", "name": "Ada"}},
        ),
        b=Plain(
            'type Person @key(fields: "id") { id: ID! name: String @shareable rid: ID }',
            entities={"Person": [_PEOPLE]},
        ),
    )

    assert found.data == {"mine": {"id": "1", "rid": "r1"}, "given": {"name": "Ada"}}
    assert found.errors == []
    assert found.calls == [
        "a { mine { id } given { name } }",
        'b { _entities([Person(id: "1")]) { ... on Person { rid } } }',
    ]


async def test_mysterious_external_is_read_from_the_subgraph_that_resolves_it() -> None:
    """The subgraph at hand declares the price external for its requirement and so cannot answer it itself."""
    found = await ask(
        "{ film { price discount } }",
        a=Plain(
            """
            type Query { film: Film }
            type Film @key(fields: "id") {
              id: ID! price: Int @external discount: Int @requires(fields: "price")
            }
            """,
            {"film": {"id": "f1"}},
            {"Film": [{"id": "f1", "discount": lambda film, _: film["price"] // 2}]},
        ),
        b=Plain(
            'type Film @key(fields: "id") { id: ID! price: Int }',
            entities={"Film": [{"id": "f1", "price": 10}]},
        ),
    )

    assert found.data == {"film": {"price": 10, "discount": 5}}
    assert found.errors == []
    assert found.calls == [
        "a { film { id } }",
        'b { _entities([Film(id: "f1")]) { ... on Film { price } } }',
        'a { _entities([Film(id: "f1", price: 10)]) { ... on Film { discount } } }',
    ]


async def test_override_moves_a_field_to_another_subgraph() -> None:
    found = await ask(
        "{ posts { id createdAt } }",
        a=Plain(
            'type Query { posts: [Post!]! } type Post @key(fields: "id") { id: ID! createdAt: String }',
            {"posts": [{"id": "p1"}]},
        ),
        b=Plain(
            'type Post @key(fields: "id") { id: ID! createdAt: String @override(from: "a") }',
            entities={"Post": [{"id": "p1", "createdAt": "now"}]},
        ),
    )

    assert found.data == {"posts": [{"id": "p1", "createdAt": "now"}]}
    assert found.errors == []
    assert found.calls == [
        "a { posts { id } }",
        'b { _entities([Post(id: "p1")]) { ... on Post { createdAt } } }',
    ]


async def test_override_of_a_type_whose_interfaces_differ() -> None:
    found = await ask(
        "{ feed { id createdAt } }",
        a=Plain(
            """
            type Query { feed: [Dated!]! }
            interface Dated { id: ID! createdAt: String }
            type Post implements Dated @key(fields: "id") { id: ID! createdAt: String }
            """,
            {"feed": [{"__typename": "Post", "id": "p1"}]},
        ),
        b=Plain(
            'type Post @key(fields: "id") { id: ID! createdAt: String @override(from: "a") }',
            entities={"Post": [{"id": "p1", "createdAt": "now"}]},
        ),
    )

    assert found.data == {"feed": [{"id": "p1", "createdAt": "now"}]}
    assert found.errors == []
    assert found.calls == [
        "a { feed { __typename id } }",
        'b { _entities([Post(id: "p1")]) { ... on Post { createdAt } } }',
    ]


async def test_override_of_a_field_that_another_subgraph_requires() -> None:
    found = await ask(
        "{ film { label } }",
        a=Plain(
            'type Query { film: Film } type Film @key(fields: "id") { id: ID! name: String }',
            {"film": {"id": "f1"}},
        ),
        b=Plain(
            'type Film @key(fields: "id") { id: ID! name: String @override(from: "a") }',
            entities={"Film": [{"id": "f1", "name": "Up"}]},
        ),
        c=Plain(
            'type Film @key(fields: "id") { id: ID! name: String @external label: String @requires(fields: "name") }',
            entities={"Film": [{"id": "f1", "label": lambda film, _: f"<{film['name']}>"}]},
        ),
    )

    assert found.data == {"film": {"label": "<Up>"}}
    assert found.errors == []
    assert found.calls == [
        "a { film { id } }",
        'b { _entities([Film(id: "f1")]) { ... on Film { name } } }',
        'c { _entities([Film(id: "f1", name: "Up")]) { ... on Film { label } } }',
    ]


@pytest.mark.parametrize("source", ["a", "nobody"])
async def test_override_from_a_subgraph_that_does_not_have_the_field_changes_nothing(source: str) -> None:
    found = await ask(
        "{ film { name } }",
        a=Plain('type Query { film: Film } type Film @key(fields: "id") { id: ID! }', {"film": {"id": "f1"}}),
        b=Plain(
            f'type Film @key(fields: "id") {{ id: ID! name: String @override(from: "{source}") }}',
            entities={"Film": [{"id": "f1", "name": "Up"}]},
        ),
    )

    assert found.data == {"film": {"name": "Up"}}
    assert found.errors == []
    assert found.calls == [
        "a { film { id } }",
        'b { _entities([Film(id: "f1")]) { ... on Film { name } } }',
    ]


async def test_inaccessible_fields_serve_as_keys_and_cannot_be_asked_for() -> None:
    subgraphs = {
        "a": Plain(
            """
            type Query { film: Film }
            type Film @key(fields: "id") @key(fields: "secret") { id: ID! secret: ID! @inaccessible }
            """,
            {"film": {"id": "f1", "secret": "x"}},
        ),
        "b": Plain(
            'type Film @key(fields: "secret") { secret: ID! name: String }',
            entities={"Film": [{"secret": "x", "name": "Up"}]},
        ),
    }

    found = await ask("{ film { id name } }", **subgraphs)
    refused = await ask("{ film { secret } }", **subgraphs)

    assert found.data == {"film": {"id": "f1", "name": "Up"}}
    assert found.errors == []
    assert found.calls == [
        "a { film { secret id } }",
        'b { _entities([Film(secret: "x")]) { ... on Film { name } } }',
    ]
    assert refused.calls == []
    assert [(path, code) for _, path, code in refused.errors] == [(None, "GRAPHQL_VALIDATION_FAILED")]
