"""`@provides`: a field is there on one path and nowhere else."""

from __future__ import annotations

from tests.conformance.plain_data import Plain, ask

_OWNER = Plain(
    'type Film @key(fields: "id") { id: ID! name: String @shareable extra: Extra @shareable } '
    "type Extra @shareable { no: Int text: String }",
    entities={"Film": [{"id": "f1", "name": "Up", "extra": {"no": 1, "text": "x"}}]},
)


async def test_provided_fields_need_no_further_request_and_only_on_their_path() -> None:
    found = await ask(
        "{ top { name } other { name } }",
        a=Plain(
            """
            type Query { top: Film @provides(fields: "name") other: Film }
            type Film @key(fields: "id") { id: ID! name: String @external }
            """,
            {"top": {"id": "f1", "name": "Up"}, "other": {"id": "f1"}},
        ),
        b=_OWNER,
    )

    assert found.data == {"top": {"name": "Up"}, "other": {"name": "Up"}}
    assert found.errors == []
    assert found.calls == [
        "a { top { name } other { id } }",
        'b { _entities([Film(id: "f1")]) { ... on Film { name } } }',
    ]


async def test_nested_provides_reach_down_a_path() -> None:
    found = await ask(
        "{ lists { film { extra { no } } } }",
        a=Plain(
            """
            type Query { lists: [Shelf] @provides(fields: "film { extra { no } }") }
            type Shelf { film: Film @shareable }
            type Film @key(fields: "id") { id: ID! extra: Extra @external }
            type Extra { no: Int @external }
            """,
            {"lists": [{"film": {"id": "f1", "extra": {"no": 1}}}]},
        ),
        b=_OWNER,
    )

    assert found.data == {"lists": [{"film": {"extra": {"no": 1}}}]}
    assert found.errors == []
    assert found.calls == [
        "a { lists { film { extra { no } } } }",
    ]


async def test_provides_on_an_interface_holds_for_the_types_it_names() -> None:
    found = await ask(
        "{ work { id ... on Film { name } ... on Show { name } } }",
        a=Plain(
            """
            type Query { work: [Work] @provides(fields: "... on Film { name }") }
            interface Work { id: ID! }
            type Film implements Work @key(fields: "id") { id: ID! name: String @external }
            type Show implements Work @key(fields: "id") { id: ID! }
            """,
            {"work": [{"__typename": "Film", "id": "f1", "name": "Up"}, {"__typename": "Show", "id": "s1"}]},
        ),
        b=Plain(
            """
            type Film @key(fields: "id") { id: ID! name: String @shareable }
            type Show @key(fields: "id") { id: ID! name: String }
            """,
            entities={"Show": [{"id": "s1", "name": "Dark"}]},
        ),
    )

    assert found.data == {"work": [{"id": "f1", "name": "Up"}, {"id": "s1", "name": "Dark"}]}
    assert found.errors == []
    assert found.calls == [
        "a { work { __typename id ... on Film { name } } }",
        'b { _entities([Show(id: "s1")]) { ... on Show { name } } }',
    ]


async def test_provides_on_a_union_holds_for_the_members_it_names() -> None:
    found = await ask(
        "{ any { ... on Film { name } ... on Show { name } } }",
        a=Plain(
            """
            type Query { any: [Work] @provides(fields: "... on Film { name } ... on Show { name }") }
            union Work = Film | Show
            type Film @key(fields: "id") { id: ID! name: String @external }
            type Show @key(fields: "id") { id: ID! name: String @external }
            """,
            {"any": [{"__typename": "Film", "name": "Up"}, {"__typename": "Show", "name": "Dark"}]},
        ),
        b=Plain(
            """
            type Film @key(fields: "id") { id: ID! name: String @shareable }
            type Show @key(fields: "id") { id: ID! name: String @shareable }
            """,
        ),
    )

    assert found.data == {"any": [{"name": "Up"}, {"name": "Dark"}]}
    assert found.errors == []
    assert found.calls == [
        "a { any { __typename ... on Film { name } ... on Show { name } } }",
    ]
