"""Entities, their keys, and the ways between subgraphs that the keys open."""

from __future__ import annotations

from tests.conformance.plain_data import Plain, ask


async def test_simple_entity_call_completes_a_list_in_one_request() -> None:
    found = await ask(
        "{ people { name email } }",
        people=Plain(
            'type Query { people: [Person!]! } type Person @key(fields: "id") { id: ID! name: String }',
            {"people": [{"id": "1", "name": "Ada"}, {"id": "2", "name": "Bo"}, {"id": "1", "name": "Ada"}]},
        ),
        accounts=Plain(
            'type Person @key(fields: "id") { id: ID! email: String }',
            entities={"Person": [{"id": "1", "email": "a@x"}, {"id": "2", "email": "b@x"}]},
        ),
    )

    assert found.data == {
        "people": [
            {"name": "Ada", "email": "a@x"},
            {"name": "Bo", "email": "b@x"},
            {"name": "Ada", "email": "a@x"},
        ]
    }
    assert found.errors == []
    assert found.calls == [
        "people { people { id name } }",
        'accounts { _entities([Person(id: "1"), Person(id: "2")]) { ... on Person { email } } }',
    ]


async def test_an_entity_that_a_subgraph_does_not_know_is_null_there_and_nowhere_else() -> None:
    found = await ask(
        "{ people { name email } }",
        people=Plain(
            'type Query { people: [Person!]! } type Person @key(fields: "id") { id: ID! name: String }',
            {"people": [{"id": "9", "name": "Cy"}, {"id": "1", "name": "Ada"}]},
        ),
        accounts=Plain(
            'type Person @key(fields: "id") { id: ID! email: String }',
            entities={"Person": [{"id": "1", "email": "a@x"}]},
        ),
    )

    assert found.data == {"people": [{"name": "Cy", "email": None}, {"name": "Ada", "email": "a@x"}]}
    assert found.errors == []
    assert found.calls == [
        "people { people { id name } }",
        'accounts { _entities([Person(id: "9"), Person(id: "1")]) { ... on Person { email } } }',
    ]


async def test_complex_entity_call_goes_through_nested_and_composite_keys() -> None:
    region = {"code": "in", "zone": "s"}
    found = await ask(
        "{ charts { films { price { amount } } } }",
        charts=Plain(
            """
            type Query { charts: [Chart!]! }
            type Chart { films: [Film!]! }
            type Film @key(fields: "id") { id: ID! }
            """,
            {"charts": [{"films": [{"id": "f1"}, {"id": "f2"}]}]},
        ),
        links=Plain(
            """
            type Film @key(fields: "id") @key(fields: "id region { code zone }") { id: ID! region: Region! }
            type Region @shareable { code: String! zone: String! }
            """,
            entities={"Film": [{"id": "f1", "region": region}, {"id": "f2", "region": region}]},
        ),
        prices=Plain(
            """
            type Film @key(fields: "id region { code zone }") { id: ID! region: Region! price: Price }
            type Region @shareable { code: String! zone: String! }
            type Price { amount: Int }
            """,
            entities={
                "Film": [
                    {"id": "f1", "region": region, "price": {"amount": 5}},
                    {"id": "f2", "region": region, "price": {"amount": 7}},
                ]
            },
        ),
    )

    assert found.data == {"charts": [{"films": [{"price": {"amount": 5}}, {"price": {"amount": 7}}]}]}
    assert found.errors == []
    assert found.calls == [
        "charts { charts { films { id } } }",
        'links { _entities([Film(id: "f1"), Film(id: "f2")]) { ... on Film { region { code zone } } } }',
        (
            'prices { _entities([Film(id: "f1", region: {"code": "in", "zone": "s"}), Film(id: "f2", region: '
            '{"code": "in", "zone": "s"})]) { ... on Film { price { amount } } } }'
        ),
    ]


async def test_keys_mashup_takes_the_only_chain_of_keys_that_can_be_entered() -> None:
    found = await ask(
        "{ start { last } }",
        a=Plain(
            'type Query { start: Film } type Film @key(fields: "id") { id: ID! }',
            {"start": {"id": "f1"}},
        ),
        b=Plain(
            """
            type Film @key(fields: "id") @key(fields: "slug", resolvable: false) { id: ID! slug: String! }
            """,
            entities={"Film": [{"id": "f1", "slug": "up"}]},
        ),
        c=Plain(
            """
            type Film @key(fields: "slug") @key(fields: "box { no }") @key(fields: "id", resolvable: false) {
              id: ID! slug: String! box: Box!
            }
            type Box @shareable { no: Int! }
            """,
            entities={"Film": [{"id": "f1", "slug": "up", "box": {"no": 4}}]},
        ),
        d=Plain(
            """
            type Film @key(fields: "box { no }") { box: Box! last: String }
            type Box @shareable { no: Int! }
            """,
            entities={"Film": [{"box": {"no": 4}, "last": "end"}]},
        ),
    )

    assert found.data == {"start": {"last": "end"}}
    assert found.errors == []
    assert found.calls == [
        "a { start { id } }",
        'b { _entities([Film(id: "f1")]) { ... on Film { slug } } }',
        'c { _entities([Film(slug: "up")]) { ... on Film { box { no } } } }',
        'd { _entities([Film(box: {"no": 4})]) { ... on Film { last } } }',
    ]


async def test_null_keys_stop_a_chain_without_an_error() -> None:
    found = await ask(
        "{ films { title } }",
        shelf=Plain(
            'type Query { films: [Film!] } type Film @key(fields: "upc") { upc: ID! }',
            {"films": [{"upc": "u1"}, {"upc": "u2"}, {"upc": "u3"}]},
        ),
        ids=Plain(
            'type Film @key(fields: "upc") @key(fields: "id") { upc: ID! id: ID }',
            entities={"Film": [{"upc": "u1", "id": None}, {"upc": "u3", "id": "f3"}]},
        ),
        titles=Plain(
            'type Film @key(fields: "id") { id: ID title: String }',
            entities={"Film": [{"id": "f3", "title": "Up"}]},
        ),
    )

    assert found.data == {"films": [{"title": None}, {"title": None}, {"title": "Up"}]}
    assert found.errors == []
    assert found.calls == [
        "shelf { films { upc } }",
        'ids { _entities([Film(upc: "u1"), Film(upc: "u2"), Film(upc: "u3")]) { ... on Film { id } } }',
        'titles { _entities([Film(id: "f3")]) { ... on Film { title } } }',
    ]


async def test_node_interface_over_an_entity_of_which_a_subgraph_has_only_the_key() -> None:
    found = await ask(
        "{ node { id ... on Film { title } } }",
        nodes=Plain(
            """
            type Query { node: Node }
            interface Node { id: ID! }
            type Film implements Node @key(fields: "id") { id: ID! }
            """,
            {"node": {"__typename": "Film", "id": "f1"}},
        ),
        films=Plain(
            """
            interface Node { id: ID! }
            type Film implements Node @key(fields: "id") { id: ID! title: String }
            """,
            entities={"Film": [{"id": "f1", "title": "Up"}]},
        ),
    )

    assert found.data == {"node": {"id": "f1", "title": "Up"}}
    assert found.errors == []
    assert found.calls == [
        "nodes { node { __typename id } }",
        'films { _entities([Film(id: "f1")]) { ... on Film { title } } }',
    ]


async def test_corrupted_node_id_is_read_where_it_is_resolved() -> None:
    """One subgraph returns nodes of which it cannot tell the id; another one that shares the field can."""
    found = await ask(
        "{ node { __typename id } }",
        a=Plain(
            """
            type Query { node: Node @shareable }
            interface Node { id: ID! }
            type Film implements Node { id: ID! @external rating: Int }
            """,
            {"node": {"__typename": "Film", "rating": 4}},
        ),
        b=Plain(
            """
            type Query { node: Node @shareable }
            interface Node { id: ID! }
            type Film implements Node { id: ID! }
            """,
            {"node": {"__typename": "Film", "id": "f1"}},
        ),
    )

    assert found.data == {"node": {"__typename": "Film", "id": "f1"}}
    assert found.errors == []
    assert found.calls == [
        "b { node { __typename id } }",
    ]


async def test_parent_entity_call_comes_back_to_a_value_through_its_parent() -> None:
    found = await ask(
        "{ film { id category { id details } } }",
        a=Plain(
            """
            type Query { film: Film }
            type Film @key(fields: "id") { id: ID! category: Category @shareable }
            type Category @shareable { id: ID }
            """,
            {"film": {"id": "f1", "category": {"id": "c1"}}},
        ),
        b=Plain(
            """
            type Film @key(fields: "id") { id: ID! category: Category @shareable }
            type Category @shareable { details: String }
            """,
            entities={"Film": [{"id": "f1", "category": {"details": "calm"}}]},
        ),
    )

    assert found.data == {"film": {"id": "f1", "category": {"id": "c1", "details": "calm"}}}
    assert found.errors == []
    assert found.calls == [
        "a { film { id category { id } } }",
        'b { _entities([Film(id: "f1")]) { ... on Film { category { details } } } }',
    ]


async def test_parent_entity_call_merges_the_items_of_value_lists_by_position() -> None:
    found = await ask(
        "{ film { scenes { no label } } }",
        a=Plain(
            """
            type Query { film: Film }
            type Film @key(fields: "id") { id: ID! scenes: [Scene] @shareable }
            type Scene { no: Int }
            """,
            {"film": {"id": "f1", "scenes": [{"no": 1}, None, {"no": 3}]}},
        ),
        b=Plain(
            'type Film @key(fields: "id") { id: ID! scenes: [Scene] @shareable } type Scene { label: String }',
            entities={"Film": [{"id": "f1", "scenes": [{"label": "a"}, None, {"label": "c"}]}]},
        ),
    )

    assert found.data == {"film": {"scenes": [{"no": 1, "label": "a"}, None, {"no": 3, "label": "c"}]}}
    assert found.errors == []
    assert found.calls == [
        "a { film { id scenes { no } } }",
        'b { _entities([Film(id: "f1")]) { ... on Film { scenes { label } } } }',
    ]


async def test_circular_reference_through_a_covariant_interface_field() -> None:
    first = {"__typename": "Film", "id": "f1"}
    second = {"__typename": "Film", "id": "f2", "sequel": first}
    found = await ask(
        "{ work { id sequel { id sequel { title } } } }",
        a=Plain(
            """
            type Query { work: Work }
            interface Work { id: ID! sequel: Work }
            type Film implements Work @key(fields: "id") { id: ID! sequel: Film }
            """,
            {"work": {"__typename": "Film", "id": "f0", "sequel": second}},
        ),
        b=Plain(
            """
            interface Work { id: ID! title: String }
            type Film implements Work @key(fields: "id") { id: ID! title: String }
            """,
            entities={"Film": [{"id": "f1", "title": "One"}]},
        ),
    )

    assert found.data == {"work": {"id": "f0", "sequel": {"id": "f2", "sequel": {"title": "One"}}}}
    assert found.errors == []
    assert found.calls == [
        "a { work { __typename id ... on Film { sequel { __typename id sequel { __typename id } } } } }",
        'b { _entities([Film(id: "f1")]) { ... on Film { title } } }',
    ]


async def test_one_entity_in_two_places_is_completed_in_each_as_it_is_wanted_there() -> None:
    found = await ask(
        '{ one { studio { label(lang: "en") } } two { studio { label(lang: "ta") } } }',
        films=Plain(
            'type Query { one: Film two: Film } type Film @key(fields: "id") { id: ID! }',
            {"one": {"id": "f1"}, "two": {"id": "f1"}},
        ),
        studios=Plain(
            'type Film @key(fields: "id") { id: ID! studio: Studio } type Studio @key(fields: "id") { id: ID! }',
            entities={"Film": [{"id": "f1", "studio": {"id": "s1"}}]},
        ),
        names=Plain(
            'type Studio @key(fields: "id") { id: ID! label(lang: String): String }',
            entities={"Studio": [{"id": "s1", "label": lambda _, given: f"Ghibli ({given['lang']})"}]},
        ),
    )

    assert found.data == {"one": {"studio": {"label": "Ghibli (en)"}}, "two": {"studio": {"label": "Ghibli (ta)"}}}
    assert found.errors == []


async def test_entities_of_different_types_may_have_equal_keys() -> None:
    found = await ask(
        "{ hits { ... on Film { rating } ... on Show { rating } } }",
        search=Plain(
            """
            type Query { hits: [Hit!]! } union Hit = Film | Show
            type Film @key(fields: "id") { id: ID! } type Show @key(fields: "id") { id: ID! }
            """,
            {"hits": [{"__typename": "Film", "id": "1"}, {"__typename": "Show", "id": "1"}]},
        ),
        ratings=Plain(
            """
            type Film @key(fields: "id") { id: ID! rating: Int }
            type Show @key(fields: "id") { id: ID! rating: Int }
            """,
            entities={"Film": [{"id": "1", "rating": 7}], "Show": [{"id": "1", "rating": 8}]},
        ),
    )

    assert found.data == {"hits": [{"rating": 7}, {"rating": 8}]}
    assert found.errors == []
