"""`@context` and `@fromContext`: an argument takes its value from the nearest object above that offers it."""

from __future__ import annotations

from typing import Any

from tests.conformance.plain_data import Plain, Record, ask

PRICE = 'type Price @key(fields: "id") { id: ID! shown(in: String @fromContext(field: "$shop { currency }")): String }'
SHOP = 'type Shop @context(name: "shop") @key(fields: "id") { id: ID! currency: String offers: [Price!] best: Price }'


def shown(price: Record, arguments: Record) -> str:
    return f"{price['id']} in {arguments.get('in')}"


def prices(*names: str) -> list[dict[str, Any]]:
    return [{"id": name, "shown": shown} for name in names]


def shop(name: str, currency: str | None, *offers: str) -> dict[str, Any]:
    return {"id": name, "currency": currency, "offers": [{"id": offer} for offer in offers], "best": {"id": "p1"}}


async def test_the_value_of_an_argument_comes_from_the_object_above() -> None:
    found = await ask(
        "{ shop { best { shown } } }",
        a=Plain(
            f"type Query {{ shop: Shop }} {SHOP} {PRICE}",
            {"shop": shop("s1", "EUR")},
            {"Price": prices("p1")},
        ),
    )

    assert found.data == {"shop": {"best": {"shown": "p1 in EUR"}}}
    assert found.errors == []
    assert found.calls == [
        "a { shop { __currency: currency best { id } } }",
        'a { _entities([Price(id: "p1")]) { ... on Price { shown(in: "EUR") } } }',
    ]


async def test_objects_below_different_values_share_one_request_but_no_answer() -> None:
    found = await ask(
        "{ shops { currency offers { id cost: shown } } }",
        a=Plain(
            f"type Query {{ shops: [Shop!] }} {SHOP} {PRICE}",
            {"shops": [shop("s1", "EUR", "p1", "p2"), shop("s2", "INR", "p1"), shop("s3", "EUR", "p1")]},
            {"Price": prices("p1", "p2")},
        ),
    )

    one, two = {"id": "p1", "cost": "p1 in EUR"}, {"id": "p2", "cost": "p2 in EUR"}
    assert found.data == {
        "shops": [
            {"currency": "EUR", "offers": [one, two]},
            {"currency": "INR", "offers": [{"id": "p1", "cost": "p1 in INR"}]},
            {"currency": "EUR", "offers": [one]},
        ]
    }
    assert found.errors == []
    assert len(found.calls) == 2
    assert 'Price(id: "p1"), Price(id: "p2")' in found.calls[1]


async def test_many_different_values_go_into_few_requests() -> None:
    names = [f"s{number}" for number in range(120)]
    found = await ask(
        "{ shops { best { shown } } }",
        a=Plain(
            f"type Query {{ shops: [Shop!] }} {SHOP} {PRICE}",
            {"shops": [shop(name, name) for name in names]},
            {"Price": prices("p1")},
        ),
    )

    assert found.data == {"shops": [{"best": {"shown": f"p1 in {name}"}} for name in names]}
    assert found.errors == []
    assert len(found.calls) == 4


async def test_a_value_that_is_null_is_handed_on_as_null() -> None:
    found = await ask(
        "{ shop { best { shown } } }",
        a=Plain(f"type Query {{ shop: Shop }} {SHOP} {PRICE}", {"shop": shop("s1", None)}, {"Price": prices("p1")}),
    )

    assert found.data == {"shop": {"best": {"shown": "p1 in None"}}}
    assert found.errors == []


async def test_the_nearest_object_that_sets_the_context_counts() -> None:
    found = await ask(
        "{ mall { shop { best { shown } } top { shown } } }",
        a=Plain(
            f"""
            type Query {{ mall: Mall }}
            type Mall @context(name: "shop") @key(fields: "id") {{ id: ID! currency: String shop: Shop top: Price }}
            {SHOP} {PRICE}
            """,
            {"mall": {"id": "m", "currency": "USD", "shop": shop("s1", "EUR"), "top": {"id": "p2"}}},
            {"Price": prices("p1", "p2")},
        ),
    )

    assert found.data == {"mall": {"shop": {"best": {"shown": "p1 in EUR"}}, "top": {"shown": "p2 in USD"}}}
    assert found.errors == []
    assert len(found.calls) == 2


async def test_an_object_in_between_may_be_of_a_type_that_sets_it_or_not() -> None:
    found = await ask(
        "{ mall { stands { ... on Shop { best { shown } } ... on Kiosk { best { shown } } } } }",
        a=Plain(
            f"""
            type Query {{ mall: Mall }}
            type Mall @context(name: "shop") @key(fields: "id") {{ id: ID! currency: String stands: [Stand!] }}
            union Stand = Shop | Kiosk
            type Kiosk {{ best: Price }}
            {SHOP} {PRICE}
            """,
            {
                "mall": {
                    "id": "m",
                    "currency": "USD",
                    "stands": [
                        {"__typename": "Shop", **shop("s1", "EUR")},
                        {"__typename": "Kiosk", "best": {"id": "p1"}},
                    ],
                }
            },
            {"Price": prices("p1")},
        ),
    )

    assert found.data == {"mall": {"stands": [{"best": {"shown": "p1 in EUR"}}, {"best": {"shown": "p1 in USD"}}]}}
    assert found.errors == []


async def test_types_of_a_union_may_offer_the_value_under_different_names() -> None:
    found = await ask(
        "{ places { ... on Shop { best { shown } } ... on Stall { best { shown } } } }",
        a=Plain(
            """
            type Query { places: [Place!] }
            union Place @context(name: "place") = Shop | Stall
            type Shop @key(fields: "id") { id: ID! currency: String best: Price }
            type Stall @key(fields: "id") { id: ID! land: Land best: Price }
            type Land { money: String }
            type Price @key(fields: "id") {
              id: ID!
              shown(in: String
                @fromContext(field: "$place ... on Shop { currency } ... on Stall { land { money } }")): String
            }
            """,
            {
                "places": [
                    {"__typename": "Shop", "id": "s", "currency": "EUR", "best": {"id": "p1"}},
                    {"__typename": "Stall", "id": "t", "land": {"money": "INR"}, "best": {"id": "p1"}},
                    {"__typename": "Stall", "id": "t", "land": None, "best": {"id": "p1"}},
                ]
            },
            {"Price": prices("p1")},
        ),
    )

    assert found.data == {"places": [{"best": {"shown": f"p1 in {currency}"}} for currency in ("EUR", "INR", None)]}
    assert found.errors == []


async def test_the_value_may_come_from_another_subgraph_first() -> None:
    found = await ask(
        "{ shop { best { shown } } }",
        a=Plain(
            f"""
            type Query {{ shop: Shop }}
            {SHOP.replace("currency: String", "currency: String @external")} {PRICE}
            """,
            {"shop": {"id": "s1", "best": {"id": "p1"}}},
            {"Price": prices("p1")},
        ),
        b=Plain(
            'type Shop @key(fields: "id") { id: ID! currency: String }',
            entities={"Shop": [{"id": "s1", "currency": "EUR"}]},
        ),
    )

    assert found.data == {"shop": {"best": {"shown": "p1 in EUR"}}}
    assert found.errors == []
    assert [call.split(" ")[0] for call in found.calls] == ["a", "b", "a"]


async def test_the_object_above_may_come_from_another_subgraph() -> None:
    found = await ask(
        "{ favourite { best { shown name } } }",
        a=Plain(
            f"{SHOP} {PRICE}",
            entities={"Price": prices("p1"), "Shop": [{"id": "s1", "currency": "EUR", "best": {"id": "p1"}}]},
        ),
        b=Plain(
            """
            type Query { favourite: Shop }
            type Shop @key(fields: "id") { id: ID! }
            type Price @key(fields: "id") { id: ID! name: String }
            """,
            {"favourite": {"id": "s1"}},
            {"Price": [{"id": "p1", "name": "Bread"}]},
        ),
    )

    assert found.data == {"favourite": {"best": {"shown": "p1 in EUR", "name": "Bread"}}}
    assert found.errors == []


async def test_clients_may_pass_other_arguments_of_the_field_and_use_it_twice() -> None:
    def shown_long(price: Record, arguments: Record) -> str:
        return f"{shown(price, arguments)}, {arguments['digits']} digits"

    found = await ask(
        "query ($_c0: Int!) { shop { currency: id best { shown(digits: 1) other: shown(digits: $_c0) } } }",
        {"_c0": 3},
        a=Plain(
            f"type Query {{ shop: Shop }} {SHOP} {PRICE.replace('(in:', '(digits: Int!, in:')}",
            {"shop": shop("s1", "EUR")},
            {"Price": [{"id": "p1", "shown": shown_long}]},
        ),
    )

    assert found.errors == []
    assert found.data == {
        "shop": {"currency": "s1", "best": {"shown": "p1 in EUR, 1 digits", "other": "p1 in EUR, 3 digits"}}
    }


async def test_what_is_not_wanted_now_asks_for_no_value() -> None:
    plain = Plain(f"type Query {{ shop: Shop }} {SHOP} {PRICE}", {"shop": shop("s1", "EUR")}, {"Price": prices("p1")})
    operation = "query ($now: Boolean!) { shop { best { id shown @include(if: $now) } } }"

    without = await ask(operation, {"now": False}, a=plain)
    with_it = await ask(operation, {"now": True}, a=plain)

    assert without.data == {"shop": {"best": {"id": "p1"}}}
    assert len(without.calls) == 1
    assert with_it.data == {"shop": {"best": {"id": "p1", "shown": "p1 in EUR"}}}
    assert with_it.errors == []


async def test_what_is_below_such_a_field_is_completed_by_others() -> None:
    found = await ask(
        "{ shops { best { seller { name } } } }",
        a=Plain(
            f"""
            type Query {{ shops: [Shop!] }} {SHOP}
            type Price @key(fields: "id") {{
              id: ID! seller(in: String @fromContext(field: "$shop currency")): Seller
            }}
            type Seller @key(fields: "id") {{ id: ID! }}
            """,
            {"shops": [shop("s1", "EUR"), shop("s2", "INR")]},
            {"Price": [{"id": "p1", "seller": lambda price, arguments: {"id": f"seller of {arguments['in']}"}}]},
        ),
        b=Plain(
            'type Seller @key(fields: "id") { id: ID! name: String }',
            entities={"Seller": [{"id": f"seller of {money}", "name": money.lower()} for money in ("EUR", "INR")]},
        ),
    )

    assert found.data == {"shops": [{"best": {"seller": {"name": "eur"}}}, {"best": {"seller": {"name": "inr"}}}]}
    assert found.errors == []
    assert len(found.calls) == 3


async def test_an_error_of_such_a_field_has_the_paths_of_all_who_asked() -> None:
    def refuse(price: Record, arguments: Record) -> str:
        if arguments["in"] == "INR":
            raise ValueError("no rupees")
        return shown(price, arguments)

    found = await ask(
        "{ shops { best { shown } } }",
        a=Plain(
            f"type Query {{ shops: [Shop!] }} {SHOP} {PRICE}",
            {"shops": [shop("s1", "EUR"), shop("s2", "INR"), shop("s3", "INR")]},
            {"Price": [{"id": "p1", "shown": refuse}]},
        ),
    )

    assert found.data == {
        "shops": [{"best": {"shown": "p1 in EUR"}}, {"best": {"shown": None}}, {"best": {"shown": None}}]
    }
    assert [path for _, path, _ in found.errors] == [["shops", index, "best", "shown"] for index in (1, 2)]
