"""Interfaces and unions of which every subgraph knows another part."""

from __future__ import annotations

from tests.conformance.plain_data import Plain, ask

_FILM = {"__typename": "Film", "id": "f1", "minutes": 90}
_SHOW = {"__typename": "Show", "id": "s1", "seasons": 3}


async def test_one_response_key_of_different_types_per_branch() -> None:
    found = await ask(
        "{ works { ... on Film { length: minutes } ... on Show { length: seasons } } }",
        a=Plain(
            """
            type Query { works: [Work!]! }
            interface Work { id: ID! }
            type Film implements Work { id: ID! minutes: Int! }
            type Show implements Work { id: ID! seasons: Int! }
            """,
            {"works": [_FILM, _SHOW]},
        ),
    )

    assert found.data == {"works": [{"length": 90}, {"length": 3}]}
    assert found.errors == []
    assert found.calls == [
        "a { works { __typename ... on Film { length: minutes } ... on Show { length: seasons } } }",
    ]


async def test_child_type_mismatch_is_asked_for_under_keys_of_the_routers_own() -> None:
    """One subgraph says `ID` where another says `ID!`: merged they may share a key, in the one request they may not."""
    found = await ask(
        "{ members { ... on User { id } ... on Bot { id } } }",
        a=Plain(
            """
            type Query { members: [Member!]! }
            union Member = User | Bot
            type User @key(fields: "id") { id: ID! }
            type Bot { id: ID }
            """,
            {"members": [{"__typename": "User", "id": "u1"}, {"__typename": "Bot", "id": None}]},
        ),
        b=Plain('type User @key(fields: "id") { id: ID name: String }'),
    )

    assert found.data == {"members": [{"id": "u1"}, {"id": None}]}
    assert found.errors == []
    assert found.calls == [
        "a { members { __typename ... on Bot { _id_1: id } ... on User { id } } }",
    ]


async def test_partial_union_keeps_the_members_that_all_sources_know() -> None:
    """`shared` is one value: a subgraph that could return a `Show` may not be taken for one that could not."""
    union = "type Film @shareable { id: ID! minutes: Int! } type Show @shareable { id: ID! seasons: Int! }"
    found = await ask(
        "{ shared { __typename ... on Film { minutes } ... on Show { seasons } } mine { ... on Show { seasons } } }",
        a=Plain(
            f"type Query {{ shared: Work @shareable }} union Work = Film {union}",
            {"shared": _FILM},
        ),
        b=Plain(
            f"type Query {{ shared: Work @shareable mine: Work }} union Work = Film | Show {union}",
            {"shared": _FILM, "mine": _SHOW},
        ),
    )

    assert found.data == {"shared": {"__typename": "Film", "minutes": 90}, "mine": {"seasons": 3}}
    assert found.errors == []
    assert found.calls == [
        "b { shared { __typename ... on Film { minutes } } mine { __typename ... on Show { seasons } } }",
    ]


async def test_members_that_a_subgraph_does_not_know_are_not_sent_to_it() -> None:
    found = await ask(
        "{ a { __typename ... on Film { minutes } ... on Show { seasons } } b { ... on Film { minutes } } }",
        a=Plain(
            "type Query { a: Work } union Work = Film type Film @shareable { id: ID! minutes: Int! }",
            {"a": _FILM},
        ),
        b=Plain(
            "type Query { b: Work } union Work = Show type Show { id: ID! seasons: Int! }",
            {"b": _SHOW},
        ),
    )

    assert found.data == {"a": {"__typename": "Film", "minutes": 90}, "b": {}}
    assert found.errors == []
    assert found.calls == [
        "a { a { __typename ... on Film { minutes } } }",
        "b { b { __typename } }",
    ]


async def test_interface_that_a_type_implements_in_some_subgraphs_only() -> None:
    found = await ask(
        "{ works { id ... on Named { name } } }",
        a=Plain(
            """
            type Query { works: [Work!]! }
            interface Work { id: ID! }
            type Film implements Work @key(fields: "id") { id: ID! }
            type Show implements Work @key(fields: "id") { id: ID! }
            """,
            {"works": [{"__typename": "Film", "id": "f1"}, {"__typename": "Show", "id": "s1"}]},
        ),
        b=Plain(
            """
            interface Named { name: String }
            type Film implements Named @key(fields: "id") { id: ID! name: String }
            """,
            entities={"Film": [{"id": "f1", "name": "Up"}]},
        ),
    )

    assert found.data == {"works": [{"id": "f1", "name": "Up"}, {"id": "s1"}]}
    assert found.errors == []
    assert found.calls == [
        "a { works { __typename id } }",
        'b { _entities([Film(id: "f1")]) { ... on Film { name } } }',
    ]


async def test_field_of_an_interface_that_the_subgraph_at_hand_does_not_declare() -> None:
    found = await ask(
        "{ works { title } }",
        a=Plain(
            """
            type Query { works: [Work!]! }
            interface Work { id: ID! }
            type Film implements Work @key(fields: "id") { id: ID! title: String @shareable }
            type Show implements Work @key(fields: "id") { id: ID! }
            """,
            {"works": [{"__typename": "Film", "id": "f1", "title": "Up"}, {"__typename": "Show", "id": "s1"}]},
        ),
        b=Plain(
            """
            interface Work { id: ID! title: String }
            type Film implements Work @key(fields: "id") { id: ID! title: String @shareable }
            type Show implements Work @key(fields: "id") { id: ID! title: String }
            """,
            entities={"Show": [{"id": "s1", "title": "Dark"}]},
        ),
    )

    assert found.data == {"works": [{"title": "Up"}, {"title": "Dark"}]}
    assert found.errors == []
    assert found.calls == [
        "a { works { __typename ... on Show { id } ... on Film { title } } }",
        'b { _entities([Show(id: "s1")]) { ... on Show { title } } }',
    ]


async def test_typename_under_aliases_is_told_of_unions_interfaces_and_objects() -> None:
    found = await ask(
        "{ any { a: __typename b: __typename } work { t: __typename } film { u: __typename } q: __typename }",
        a=Plain(
            """
            type Query { any: Any work: Work film: Film }
            union Any = Film
            interface Work { id: ID! }
            type Film implements Work { id: ID! }
            """,
            {"any": _FILM, "work": _FILM, "film": _FILM},
        ),
    )

    assert found.data == {
        "any": {"a": "Film", "b": "Film"},
        "work": {"t": "Film"},
        "film": {"u": "Film"},
        "q": "Query",
    }
    assert found.errors == []
    assert found.calls == [
        "a { any { __typename } work { __typename } film { __typename } }",
    ]


async def test_conditions_on_fragments_are_kept() -> None:
    found = await ask(
        "query($no: Boolean!) { works { ... @include(if: $no) { id } ... on Film @skip(if: $no) { minutes } } }",
        {"no": False},
        a=Plain(
            """
            type Query { works: [Work!]! }
            interface Work { id: ID! }
            type Film implements Work { id: ID! minutes: Int! }
            type Show implements Work { id: ID! seasons: Int! }
            """,
            {"works": [_FILM, _SHOW]},
        ),
    )

    assert found.data == {"works": [{"minutes": 90}, {}]}
    assert found.errors == []
    assert found.calls == [
        "a { works { __typename id @include(if: false) ... on Film { minutes @skip(if: false) } } }",
    ]


async def test_enum_value_that_is_hidden_from_clients_is_null_with_an_error() -> None:
    found = await ask(
        "{ film { state } draft { state } }",
        a=Plain(
            "type Query { film: Film draft: Film } type Film { state: State } enum State { LIVE HELD @inaccessible }",
            {"film": {"state": "LIVE"}, "draft": {"state": "HELD"}},
        ),
    )

    assert found.data == {"film": {"state": "LIVE"}, "draft": {"state": None}}
    assert found.errors == [
        ("Film.state did not resolve to a value of State.", ["draft", "state"], "SERVICE_INVALID_DATA"),
    ]
    assert found.calls == [
        "a { film { state } draft { state } }",
    ]


async def test_runtime_type_that_is_hidden_from_clients_is_null_with_an_error() -> None:
    found = await ask(
        "{ works { id } }",
        a=Plain(
            """
            type Query { works: [Work] }
            interface Work { id: ID! }
            type Film implements Work { id: ID! }
            type Cut implements Work @inaccessible { id: ID! }
            """,
            {"works": [{"__typename": "Film", "id": "f1"}, {"__typename": "Cut", "id": "c1"}]},
        ),
    )

    assert found.data == {"works": [{"id": "f1"}, None]}
    assert found.errors == [
        ("Query.works did not resolve to a type of Work.", ["works", 1], "SERVICE_INVALID_DATA"),
    ]
    assert found.calls == [
        "a { works { __typename id } }",
    ]
