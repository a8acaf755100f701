"""`@requires`: values of other subgraphs travel in the representation."""

from __future__ import annotations

from typing import Any

import pytest

from tests.conformance.plain_data import Plain, Record, ask


def _shipping(film: Record, arguments: Record) -> int:
    return int(film["weight"]) * 2


async def test_a_field_is_computed_from_what_another_subgraph_says() -> None:
    found = await ask(
        "{ film { shipping } }",
        a=Plain(
            'type Query { film: Film } type Film @key(fields: "id") { id: ID! weight: Int }',
            {"film": {"id": "f1", "weight": 4}},
        ),
        b=Plain(
            """
            type Film @key(fields: "id") { id: ID! weight: Int @external shipping: Int @requires(fields: "weight") }
            """,
            entities={"Film": [{"id": "f1", "shipping": _shipping}]},
        ),
    )

    assert found.data == {"film": {"shipping": 8}}
    assert found.errors == []
    assert found.calls == [
        "a { film { id weight } }",
        'b { _entities([Film(id: "f1", weight: 4)]) { ... on Film { shipping } } }',
    ]


async def test_a_required_value_that_is_null_is_sent_as_null() -> None:
    found = await ask(
        "{ film { known } }",
        a=Plain(
            'type Query { film: Film } type Film @key(fields: "id") { id: ID! weight: Int }',
            {"film": {"id": "f1", "weight": None}},
        ),
        b=Plain(
            """
            type Film @key(fields: "id") { id: ID! weight: Int @external known: Boolean @requires(fields: "weight") }
            """,
            entities={"Film": [{"id": "f1", "known": lambda film, _: film["weight"] is not None}]},
        ),
    )

    assert found.data == {"film": {"known": False}}
    assert found.errors == []
    assert found.calls == [
        "a { film { id weight } }",
        'b { _entities([Film(id: "f1", weight: null)]) { ... on Film { known } } }',
    ]


async def test_requirements_of_requirements_are_fetched_first() -> None:
    found = await ask(
        "{ film { label } }",
        a=Plain(
            """
            type Query { film: Film }
            type Film @key(fields: "id") {
              id: ID! tax: Int @external total: Int @requires(fields: "tax")
            }
            """,
            {"film": {"id": "f1"}},
            {"Film": [{"id": "f1", "total": lambda film, _: film["tax"] + 100}]},
        ),
        b=Plain(
            """
            type Film @key(fields: "id") {
              id: ID! net: Int @inaccessible
              total: Int @external label: String @requires(fields: "total")
            }
            """,
            entities={"Film": [{"id": "f1", "net": 50, "label": lambda film, _: f"{film['total']} in all"}]},
        ),
        c=Plain(
            'type Film @key(fields: "id") { id: ID! net: Int @external tax: Int @requires(fields: "net") }',
            entities={"Film": [{"id": "f1", "tax": lambda film, _: film["net"] // 10}]},
        ),
    )

    assert found.data == {"film": {"label": "105 in all"}}
    assert found.errors == []
    assert found.calls == [
        "a { film { id } }",
        'b { _entities([Film(id: "f1")]) { ... on Film { net } } }',
        'c { _entities([Film(id: "f1", net: 50)]) { ... on Film { tax } } }',
        'a { _entities([Film(id: "f1", tax: 5)]) { ... on Film { total } } }',
        'b { _entities([Film(id: "f1", total: 105)]) { ... on Film { label } } }',
    ]


async def test_two_subgraphs_that_require_of_each_other_are_asked_in_turns() -> None:
    found = await ask(
        "{ film { byBoth } }",
        a=Plain(
            """
            type Query { film: Film }
            type Film @key(fields: "id") {
              id: ID! one: Int
              byB: Int @external
              byBoth: Int @requires(fields: "byB")
            }
            """,
            {"film": {"id": "f1", "one": 1}},
            {"Film": [{"id": "f1", "one": 1, "byBoth": lambda film, _: film["byB"] + 1}]},
        ),
        b=Plain(
            'type Film @key(fields: "id") { id: ID! one: Int @external byB: Int @requires(fields: "one") }',
            entities={"Film": [{"id": "f1", "byB": lambda film, _: film["one"] + 1}]},
        ),
    )

    assert found.data == {"film": {"byBoth": 3}}
    assert found.errors == []
    assert found.calls == [
        "a { film { id one } }",
        'b { _entities([Film(id: "f1", one: 1)]) { ... on Film { byB } } }',
        'a { _entities([Film(id: "f1", byB: 2)]) { ... on Film { byBoth } } }',
    ]


async def test_a_required_field_has_other_arguments_than_the_clients() -> None:
    found = await ask(
        '{ film { price(unit: "eur") cheap } }',
        a=Plain(
            'type Query { film: Film } type Film @key(fields: "id") { id: ID! price(unit: String!): Int }',
            {"film": {"id": "f1", "price": lambda _, given: {"eur": 9, "inr": 900}[given["unit"]]}},
        ),
        b=Plain(
            """
            type Film @key(fields: "id") {
              id: ID! price(unit: String!): Int @external
              cheap: Boolean @requires(fields: "price(unit: \\"inr\\")")
            }
            """,
            entities={"Film": [{"id": "f1", "cheap": lambda film, _: film["price"] < 901}]},
        ),
    )

    assert found.data == {"film": {"price": 9, "cheap": True}}
    assert found.errors == []
    assert found.calls == [
        'a { film { id _price_1: price(unit: "inr") price(unit: "eur") } }',
        'b { _entities([Film(id: "f1", price: 900)]) { ... on Film { cheap } } }',
    ]


async def test_two_fields_require_one_field_with_different_arguments() -> None:
    found = await ask(
        "{ film { inEuro inRupees } }",
        a=Plain(
            'type Query { film: Film } type Film @key(fields: "id") { id: ID! price(unit: String!): Int }',
            {"film": {"id": "f1", "price": lambda _, given: {"eur": 9, "inr": 900}[given["unit"]]}},
        ),
        b=Plain(
            """
            type Film @key(fields: "id") {
              id: ID! price(unit: String!): Int @external
              inEuro: String @requires(fields: "price(unit: \\"eur\\")")
              inRupees: String @requires(fields: "price(unit: \\"inr\\")")
            }
            """,
            entities={
                "Film": [
                    {
                        "id": "f1",
                        "inEuro": lambda film, _: f"€{film['price']}",
                        "inRupees": lambda film, _: f"₹{film['price']}",
                    }
                ]
            },
        ),
    )

    assert found.data == {"film": {"inEuro": "€9", "inRupees": "₹900"}}
    assert found.errors == []
    assert found.calls == [
        'a { film { id price(unit: "eur") _price_1: price(unit: "inr") } }',
        (
            'b { _e0: _entities([Film(id: "f1", price: 9)]) { ... on Film { inEuro } } _e1: _entities([Film(id: '
            '"f1", price: 900)]) { ... on Film { inRupees } } }'
        ),
    ]


async def test_a_requirement_through_an_interface_carries_the_concrete_type() -> None:
    found = await ask(
        "{ people { name greeting } }",
        a=Plain(
            """
            type Query { people: [Person!]! }
            type Person @key(fields: "id") { id: ID! name: String address: Address }
            interface Address { id: ID! }
            type Home implements Address @key(fields: "id") { id: ID! city: String @shareable }
            type Office implements Address @key(fields: "id") { id: ID! }
            """,
            {
                "people": [
                    {"id": "1", "name": "Ada", "address": {"__typename": "Home", "id": "h1", "city": "Pune"}},
                    {"id": "2", "name": "Bo", "address": {"__typename": "Office", "id": "o1"}},
                ]
            },
        ),
        b=Plain(
            'type Office @key(fields: "id") { id: ID! floor: Int }',
            entities={"Office": [{"id": "o1", "floor": 7}]},
        ),
        c=Plain(
            """
            type Person @key(fields: "id") {
              id: ID! address: Address @external
              greeting: String @requires(fields: "address { ... on Home { city } ... on Office { floor } }")
            }
            interface Address { id: ID! }
            type Home implements Address @key(fields: "id") { id: ID! city: String @external }
            type Office implements Address @key(fields: "id") { id: ID! floor: Int @external }
            """,
            entities={"Person": [{"id": "1", "greeting": _greeting}, {"id": "2", "greeting": _greeting}]},
        ),
    )

    assert found.data == {
        "people": [{"name": "Ada", "greeting": "Home in Pune"}, {"name": "Bo", "greeting": "Office on 7"}]
    }
    assert found.errors == []
    assert found.calls == [
        "a { people { id address { __typename ... on Office { id } ... on Home { city } } name } }",
        'b { _entities([Office(id: "o1")]) { ... on Office { floor } } }',
        (
            'c { _entities([Person(id: "1", address: {"__typename": "Home", "city": "Pune"}), Person(id: "2", '
            'address: {"__typename": "Office", "floor": 7})]) { ... on Person { greeting } } }'
        ),
    ]


def _greeting(person: Record, _: Record) -> str:
    address: dict[str, Any] = person["address"]
    where = f"in {address['city']}" if "city" in address else f"on {address['floor']}"
    return f"{address['__typename']} {where}"


@pytest.mark.parametrize(
    ("shown", "data"),
    [(True, {"film": {"shipping": 8}}), (False, {"film": {}})],
)
async def test_a_skipped_field_has_its_requirements_skipped(shown: bool, data: dict[str, Any]) -> None:
    found = await ask(
        "query($shown: Boolean!) { film { shipping @include(if: $shown) } }",
        {"shown": shown},
        a=Plain(
            'type Query { film: Film } type Film @key(fields: "id") { id: ID! weight: Int }',
            {"film": {"id": "f1", "weight": 4}},
        ),
        b=Plain(
            """
            type Film @key(fields: "id") { id: ID! weight: Int @external shipping: Int @requires(fields: "weight") }
            """,
            entities={"Film": [{"id": "f1", "shipping": _shipping}]},
        ),
    )

    assert found.data == data
    assert found.errors == []
    assert [call.split()[0] for call in found.calls] == (["a", "b"] if shown else ["a"])
