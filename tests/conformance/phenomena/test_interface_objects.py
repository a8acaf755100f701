"""`@interfaceObject`: a subgraph that adds fields to an interface without knowing what implements it."""

from __future__ import annotations

import pytest

from tests.conformance.plain_data import Answer, Plain, ask

_TYPES = Plain(
    """
    type Query { works: [Work!]! }
    interface Work @key(fields: "id") { id: ID! name: String }
    type Film implements Work @key(fields: "id") { id: ID! name: String minutes: Int }
    type Show implements Work @key(fields: "id") { id: ID! name: String seasons: Int }
    """,
    {
        "works": [
            {"__typename": "Film", "id": "f1", "name": "Up", "minutes": 90},
            {"__typename": "Show", "id": "s1", "name": "Dark", "seasons": 3},
        ]
    },
    {
        "Film": [{"id": "f1", "name": "Up", "minutes": 90}],
        "Show": [{"id": "s1", "name": "Dark", "seasons": 3}],
    },
)
_RATINGS = Plain(
    """
    type Query { best: [Work!]! }
    type Work @key(fields: "id") @interfaceObject {
      id: ID! stars: Int
      name: String @external
      praise: String @requires(fields: "name")
    }
    """,
    {
        "best": [
            {"__typename": "Work", "id": "s1", "stars": 5},
            {"__typename": "Work", "id": "f1", "stars": 4},
        ]
    },
    {
        "Work": [
            {"id": "s1", "stars": 5, "praise": lambda work, _: f"{work['name']}!"},
            {"id": "f1", "stars": 4, "praise": lambda work, _: f"{work['name']}!"},
        ]
    },
)


async def _ask(operation: str) -> Answer:
    return await ask(operation, types=_TYPES, ratings=_RATINGS)


async def test_fields_of_the_interface_object_complete_what_the_interface_returns() -> None:
    found = await _ask("{ works { name stars } }")

    assert found.data == {"works": [{"name": "Up", "stars": 4}, {"name": "Dark", "stars": 5}]}
    assert found.errors == []
    assert found.calls == [
        "types { works { __typename id name } }",
        'ratings { _entities([Work(id: "f1"), Work(id: "s1")]) { ... on Work { stars } } }',
    ]


async def test_what_every_type_has_needs_no_concrete_type() -> None:
    found = await _ask("{ best { id stars } }")

    assert found.data == {"best": [{"id": "s1", "stars": 5}, {"id": "f1", "stars": 4}]}
    assert found.errors == []
    assert found.calls == [
        "ratings { best { id stars } }",
    ]


async def test_typename_of_an_interface_object_is_the_concrete_type() -> None:
    found = await _ask("{ best { kind: __typename stars } }")

    assert found.data == {"best": [{"kind": "Show", "stars": 5}, {"kind": "Film", "stars": 4}]}
    assert found.errors == []
    assert found.calls == [
        "ratings { best { id stars } }",
        'types { _entities([Work(id: "s1"), Work(id: "f1")]) { ... on Work { __typename } } }',
    ]


async def test_type_conditions_on_an_interface_object_choose_by_concrete_type() -> None:
    found = await _ask("{ best { stars ... on Film { minutes } ... on Show { seasons } } }")

    assert found.data == {"best": [{"stars": 5, "seasons": 3}, {"stars": 4, "minutes": 90}]}
    assert found.errors == []
    assert found.calls == [
        "ratings { best { id stars } }",
        (
            'types { _entities([Work(id: "s1"), Work(id: "f1")]) { ... on Work { __typename ... on Film { '
            "minutes } ... on Show { seasons } } } }"
        ),
    ]


@pytest.mark.parametrize("condition", ["Work", "Film"])
async def test_requirements_of_an_interface_object_are_read_from_the_interface(condition: str) -> None:
    found = await _ask(f"{{ works {{ ... on {condition} {{ praise }} }} }}")

    show = {"praise": "Dark!"} if condition == "Work" else {}
    assert found.data == {"works": [{"praise": "Up!"}, show]}
    assert found.errors == []
    assert [call.split()[0] for call in found.calls] == ["types", "ratings"]


async def test_a_subgraph_that_extends_one_implementation_is_entered_once_the_type_is_known() -> None:
    found = await ask(
        "{ best { ... on Film { studio } } }",
        types=_TYPES,
        ratings=_RATINGS,
        studios=Plain(
            'type Film @key(fields: "id") { id: ID! studio: String }',
            entities={"Film": [{"id": "f1", "studio": "P"}]},
        ),
    )

    assert found.data == {"best": [{}, {"studio": "P"}]}
    assert found.errors == []
    assert found.calls == [
        "ratings { best { id } }",
        'types { _entities([Work(id: "s1"), Work(id: "f1")]) { ... on Work { __typename } } }',
        'studios { _entities([Film(id: "f1")]) { ... on Film { studio } } }',
    ]


async def test_two_interface_objects_complete_each_other() -> None:
    found = await ask(
        "{ best { stars shelf ... on Film { shelf minutes } } }",
        types=_TYPES,
        ratings=_RATINGS,
        shelves=Plain(
            'type Work @key(fields: "id") @interfaceObject { id: ID! shelf: String }',
            entities={"Work": [{"id": "s1", "shelf": "A"}, {"id": "f1", "shelf": "B"}]},
        ),
    )

    assert found.data == {
        "best": [{"stars": 5, "shelf": "A"}, {"stars": 4, "shelf": "B", "minutes": 90}],
    }
    assert found.errors == []
    assert found.calls == [
        "ratings { best { id stars } }",
        'types { _entities([Work(id: "s1"), Work(id: "f1")]) { ... on Work { __typename ... on Film { minutes } } } }',
        'shelves { _entities([Work(id: "f1"), Work(id: "s1")]) { ... on Work { shelf } } }',
    ]


async def test_an_interface_object_that_cannot_be_entered_still_leads_elsewhere() -> None:
    found = await ask(
        "{ best { id name } works { id } }",
        types=_TYPES,
        ratings=Plain(
            """
            type Query { best: Work }
            type Work @key(fields: "id", resolvable: false) @interfaceObject { id: ID! }
            """,
            {"best": {"__typename": "Work", "id": "s1"}},
        ),
    )

    assert found.data == {"best": {"id": "s1", "name": "Dark"}, "works": [{"id": "f1"}, {"id": "s1"}]}
    assert found.errors == []
    assert found.calls == [
        "types { works { __typename id } }",
        "ratings { best { id } }",
        'types { _entities([Work(id: "s1")]) { ... on Work { __typename name } } }',
    ]


async def test_an_interface_object_whose_object_nobody_knows_is_null_with_an_error() -> None:
    found = await ask(
        "{ best { __typename id } }",
        types=_TYPES,
        ratings=Plain(
            """
            type Query { best: Work }
            type Work @key(fields: "id") @interfaceObject { id: ID! stars: Int }
            """,
            {"best": {"__typename": "Work", "id": "gone"}},
        ),
    )

    assert found.data == {"best": None}
    assert found.errors == [
        ("Query.best did not resolve to a type of Work.", ["best"], "SERVICE_INVALID_DATA"),
    ]
    assert found.calls == [
        "ratings { best { id } }",
        'types { _entities([Work(id: "gone")]) { ... on Work { __typename } } }',
    ]
