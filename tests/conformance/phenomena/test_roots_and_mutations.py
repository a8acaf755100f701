"""Root fields: shared between subgraphs, in order, with inputs of which every subgraph knows another part."""

from __future__ import annotations

from typing import Any

import pytest

from tests.conformance.plain_data import Plain, Record, ask


async def test_shared_root_is_fetched_from_several_subgraphs_and_merged() -> None:
    value = "type Film @shareable"
    found = await ask(
        "{ film { id name price } films { id price } }",
        a=Plain(
            f"type Query {{ film: Film @shareable films: [Film] @shareable }} {value} {{ id: ID! }}",
            {"film": {"id": "f1"}, "films": [{"id": "f1"}, {"id": "f2"}]},
        ),
        b=Plain(
            f"type Query {{ film: Film @shareable films: [Film] @shareable }} {value} {{ name: String }}",
            {"film": {"name": "Up"}, "films": [{"name": "Up"}, {"name": "Dark"}]},
        ),
        c=Plain(
            f"type Query {{ film: Film @shareable films: [Film] @shareable }} {value} {{ price: Int }}",
            {"film": {"price": 1}, "films": [{"price": 1}, {"price": 2}]},
        ),
    )

    assert found.data == {
        "film": {"id": "f1", "name": "Up", "price": 1},
        "films": [{"id": "f1", "price": 1}, {"id": "f2", "price": 2}],
    }
    assert found.errors == []
    assert found.calls == [
        "a { film { id } films { id } }",
        "b { film { name } }",
        "c { film { price } films { price } }",
    ]


async def test_mutations_of_different_subgraphs_run_one_after_the_other() -> None:
    log: list[str] = []

    def add(name: str) -> Any:
        def run(_: Record, given: Record) -> Any:
            log.append(f"{name} {given['no']}")
            return {"id": "f1"}

        return run

    film = 'type Film @key(fields: "id") { id: ID! }'
    found = await ask(
        "mutation { one: a(no: 1) { title } two: b(no: 2) { id } three: a(no: 3) { id } four: a(no: 4) { id } }",
        a=Plain(f"type Query {{ x: Int }} type Mutation {{ a(no: Int!): Film }} {film}", {"a": add("a")}),
        b=Plain(f"type Mutation {{ b(no: Int!): Film }} {film}", {"b": add("b")}),
        titles=Plain(
            'type Film @key(fields: "id") { id: ID! title: String }',
            entities={"Film": [{"id": "f1", "title": lambda film, _: f"after {log[-1]}"}]},
        ),
    )

    assert found.data == {
        "one": {"title": "after a 1"},
        "two": {"id": "f1"},
        "three": {"id": "f1"},
        "four": {"id": "f1"},
    }
    assert found.errors == []
    assert log == ["a 1", "b 2", "a 3", "a 4"]
    assert found.calls == [
        "a mutation { one: a(no: 1) { id } }",
        'titles { _entities([Film(id: "f1")]) { ... on Film { title } } }',
        "b mutation { two: b(no: 2) { id } }",
        "a mutation { three: a(no: 3) { id } four: a(no: 4) { id } }",
    ]


async def test_a_shareable_mutation_is_called_once() -> None:
    log: list[str] = []

    def bump(name: str) -> Any:
        def run(_: Record, __: Record) -> Any:
            log.append(name)
            return {"id": "f1", "n": len(log)}

        return run

    found = await ask(
        "mutation { bump { id n label } }",
        a=Plain(
            """
            type Query { x: Int }
            type Mutation { bump: Film @shareable }
            type Film @key(fields: "id") { id: ID! n: Int @shareable }
            """,
            {"bump": bump("a")},
        ),
        b=Plain(
            """
            type Mutation { bump: Film @shareable }
            type Film @key(fields: "id") {
              id: ID! n: Int @shareable label: String @requires(fields: "secret") secret: Int @external
            }
            """,
            {"bump": bump("b")},
            {"Film": [{"id": "f1", "label": lambda film, _: f"#{film['secret']}"}]},
        ),
        c=Plain(
            'type Film @key(fields: "id") { id: ID! secret: Int }',
            entities={"Film": [{"id": "f1", "secret": 7}]},
        ),
    )

    assert found.data == {"bump": {"id": "f1", "n": 1, "label": "#7"}}
    assert found.errors == []
    assert len(log) == 1
    assert found.calls == [
        "b mutation { bump { id n } }",
        'c { _entities([Film(id: "f1")]) { ... on Film { secret } } }',
        'b { _entities([Film(id: "f1", secret: 7)]) { ... on Film { label } } }',
    ]


async def test_input_fields_that_not_every_subgraph_knows_are_not_for_clients() -> None:
    subgraphs = {
        "a": Plain(
            "type Query { a(by: Filter): Int } input Filter { first: Int onlyA: Int }",
            {"a": lambda _, given: given["by"]["first"]},
        ),
        "b": Plain(
            "type Query { b(by: Filter): Int } input Filter { first: Int onlyB: Int }",
            {"b": lambda _, given: given["by"]["first"] * 10},
        ),
    }

    found = await ask("query($by: Filter) { a(by: $by) b(by: { first: 3 }) }", {"by": {"first": 2}}, **subgraphs)
    refused = await ask("query($by: Filter) { a(by: $by) }", {"by": {"onlyA": 2}}, **subgraphs)

    assert found.data == {"a": 2, "b": 30}
    assert found.errors == []
    assert found.calls == [
        'a { a(by: {"first": 2}) }',
        "b { b(by: {first: 3}) }",
    ]
    assert refused.calls == []
    assert [code for _, _, code in refused.errors] == ["BAD_USER_INPUT"]


async def test_an_error_of_a_subgraph_is_told_at_every_place_of_the_entity() -> None:
    def fail(_: Record, __: Record) -> Any:
        raise ValueError("no such review")

    found = await ask(
        "{ films { id score } }",
        a=Plain(
            'type Query { films: [Film!]! } type Film @key(fields: "id") { id: ID! }',
            {"films": [{"id": "f1"}, {"id": "f2"}, {"id": "f1"}]},
        ),
        b=Plain(
            'type Film @key(fields: "id") { id: ID! score: Int }',
            entities={"Film": [{"id": "f1", "score": fail}, {"id": "f2", "score": 3}]},
        ),
    )

    assert found.data == {"films": [{"id": "f1", "score": None}, {"id": "f2", "score": 3}, {"id": "f1", "score": None}]}
    assert found.errors == [
        ("no such review", ["films", 0, "score"], "INTERNAL"),
        ("no such review", ["films", 2, "score"], "INTERNAL"),
    ]
    assert found.calls == [
        "a { films { id } }",
        'b { _entities([Film(id: "f1"), Film(id: "f2")]) { ... on Film { score } } }',
    ]


@pytest.mark.parametrize("failing", ["a", "b"])
async def test_shared_root_keeps_what_one_subgraph_gave_although_another_gave_nothing(failing: str) -> None:
    def film(name: str, value: Record) -> Plain:
        return Plain(
            f"type Query {{ film: Film @shareable }} type Film @shareable {{ {name}: String }}",
            {"film": None if name == failing else value},
        )

    found = await ask("{ film { a b } }", a=film("a", {"a": "A"}), b=film("b", {"b": "B"}))

    assert found.data == {"film": {"a": None, "b": "B"} if failing == "a" else {"a": "A", "b": None}}
    assert found.errors == []
