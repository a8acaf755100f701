"""`@authenticated`, `@requiresScopes` and `@policy`: the unauthorised get null, a code, and no fetch."""

from collections.abc import Callable, Collection, Mapping
from pathlib import Path
from typing import Any

import pytest

from router.composition import Subgraph, compose
from router.config import RouterSettings
from router.execution.authorization import ProtectedSchema
from router.execution.limits import Limits
from router.execution.memory_transport import InMemoryTransport
from router.execution.operation import PreparedOperation, prepare_operation
from router.execution.requests import GraphQLRequest
from router.execution.response_errors import ResponseErrors
from router.http import create_app
from router.planning import plan_operation
from router.supergraph import Supergraph
from tests.router.http.kit import PythonSubgraph

LINK = (
    'extend schema @link(url: "https://specs.apollo.dev/federation/v2.6", '
    'import: ["@key", "@authenticated", "@requiresScopes", "@policy"])\n'
)
SHOP = """
type Query {
  items: [Item!]!
  item: Item
  search: [Found]
  secret: String @authenticated
  needed: String! @authenticated
  audit: Audit
  notes: [Note!]
}
type Mutation { publish: Item @requiresScopes(scopes: [["write"]]) rename: Item }
union Found = Book | Film
interface Item { id: ID! name: String price: Int }
type Book implements Item @key(fields: "id") {
  id: ID! name: String price: Int @requiresScopes(scopes: [["a", "b"], ["c"]])
}
type Film implements Item @key(fields: "id") {
  id: ID! name: String price: Int rating: Int! @policy(policies: [["adult"]])
}
type Audit @requiresScopes(scopes: [["audit"]]) { log: String }
type Note @key(fields: "id") { id: ID! text: String }
"""
STAFF = """
type Query { people: [Person!] }
type Book @key(fields: "id") { id: ID! margin: Int @authenticated author: Person }
type Note @key(fields: "id") @authenticated { id: ID! writer: String }
type Person @key(fields: "id") { id: ID! salary: Int! @requiresScopes(scopes: [["pay"]]) name: String }
"""
BOOK = {"__typename": "Book", "id": "b", "name": "Dune", "price": 5, "margin": 2}
FILM = {"__typename": "Film", "id": "f", "name": "Alien", "price": 7, "rating": 18}

ANYBODY: Mapping[str, Any] = {"sub": "u"}


class Shop:
    """A router over two subgraphs with protected fields."""

    def __init__(self, policies: Any = None, *, edit: Callable[[str], str] = str) -> None:
        self.published = 0
        shop = PythonSubgraph(
            "shop",
            SHOP,
            resolvers={
                "Query.items": lambda: [BOOK, FILM],
                "Query.item": lambda: FILM,
                "Query.search": lambda: [BOOK, FILM],
                "Query.secret": lambda: "s",
                "Query.needed": lambda: "n",
                "Query.audit": lambda: {"log": "l"},
                "Query.notes": lambda: [{"__typename": "Note", "id": "n", "text": "t"}],
                "Mutation.publish": self._publish,
                "Mutation.rename": lambda: BOOK,
            },
            entities={"Book": lambda id: BOOK, "Film": lambda id: FILM, "Note": lambda id: {"id": id}},  # noqa: A006
        )
        staff = PythonSubgraph(
            "staff",
            STAFF,
            resolvers={"Book.author": lambda book: {"id": "p", "salary": 9, "name": "Frank"}},
            entities={"Book": lambda id: BOOK, "Note": lambda id: {"writer": "w"}, "Person": lambda id: None},  # noqa: A006
        )
        self.subgraphs = {"shop": shop, "staff": staff}
        composed = compose([Subgraph("shop", "", LINK + SHOP), Subgraph("staff", "", LINK + STAFF)])
        assert composed.errors == ()
        self.app = create_app(
            RouterSettings(),
            transports={name: InMemoryTransport(found.call) for name, found in self.subgraphs.items()},
            supergraph=Supergraph.from_sdl(edit(composed.supergraph_sdl)),
            policies=policies,
        )

    def _publish(self) -> Any:
        self.published += 1
        return BOOK

    async def ask(self, query: str, claims: Mapping[str, Any] | None = None) -> dict[str, Any]:
        response = await self.app.engine.execute(GraphQLRequest(query=query, claims=claims))
        return response.body

    @property
    def documents(self) -> list[str]:
        return [request.document for found in self.subgraphs.values() for request in found.requests]


@pytest.fixture
def shop() -> Shop:
    return Shop()


def refusals(body: Mapping[str, Any]) -> list[tuple[str, list[str | int]]]:
    return [(error["extensions"]["code"], error["path"]) for error in body["errors"]]


@pytest.mark.requirement("ST-01")
async def test_an_authenticated_field_is_null_for_nobody_and_given_to_anybody(shop: Shop) -> None:
    refused = await shop.ask("{ secret items { id } }")
    given = await shop.ask("{ secret }", ANYBODY)

    assert refused["data"] == {"secret": None, "items": [{"id": "b"}, {"id": "f"}]}
    assert refused["errors"] == [
        {
            "message": "Sign in to read Query.secret.",
            "path": ["secret"],
            "extensions": {"code": "UNAUTHENTICATED"},
        }
    ]
    assert given == {"data": {"secret": "s"}}
    assert ["secret" in document for document in shop.documents] == [False, True]


async def test_where_nothing_is_left_no_subgraph_is_called(shop: Shop) -> None:
    body = await shop.ask("{ secret }")

    assert body["data"] == {"secret": None}
    assert shop.documents == []


async def test_a_denied_non_null_field_nulls_its_parent(shop: Shop) -> None:
    root = await shop.ask("{ needed items { id } }")
    nested = await shop.ask("{ item { id ... on Film { rating } } }", ANYBODY)

    assert root["data"] is None
    assert refusals(root) == [("UNAUTHENTICATED", ["needed"])]
    assert nested["data"] == {"item": None}
    assert refusals(nested) == [("FORBIDDEN", ["item", "rating"])]


@pytest.mark.parametrize(
    ("scopes", "is_given"),
    [
        ([], False),
        (["a"], False),
        (["a", "b"], True),
        (["c"], True),
        ("x c", True),
        ("a", False),
        (7, False),
        ([7], False),
    ],
)
async def test_scopes_are_any_of_all_of(shop: Shop, scopes: object, is_given: bool) -> None:
    body = await shop.ask("{ search { ... on Book { name price } } }", {"scp": scopes})

    assert body["data"]["search"] == [{"name": "Dune", "price": 5 if is_given else None}, {}]
    assert ("errors" in body) is not is_given
    assert ["price" in document for document in shop.documents] == [is_given]


async def test_composition_protects_an_interface_by_what_its_types_demand(shop: Shop) -> None:
    by_interface = await shop.ask("{ items { price } }", ANYBODY)
    by_type = await shop.ask("{ items { ... on Book { price } ... on Film { price } } }", ANYBODY)

    assert by_interface["data"] == {"items": [{"price": None}, {"price": None}]}
    assert by_type["data"] == {"items": [{"price": None}, {"price": 7}]}
    assert [document.count("price") for document in shop.documents] == [0, 1]


async def test_through_an_open_interface_only_the_types_that_protect_the_field_lose_it() -> None:
    def opened(sdl: str) -> str:
        interface = sdl.split("interface Item", 1)[1].partition("}")[0]
        price = next(line for line in interface.splitlines() if "price: Int" in line)
        return sdl.replace(f"interface Item{interface}", f"interface Item{interface.replace(price, '  price: Int')}")

    shop = Shop(edit=opened)

    body = await shop.ask("{ items { ...F } } fragment F on Item { cost: price }", ANYBODY)

    assert body["data"] == {"items": [{"cost": None}, {"cost": 7}]}
    assert refusals(body) == [("FORBIDDEN", ["items", 0, "cost"])]


async def test_a_protected_type_protects_what_leads_to_it(shop: Shop) -> None:
    refused = await shop.ask("{ audit { __typename log } }", ANYBODY)
    given = await shop.ask("{ audit { log } }", {"scp": ["audit"]})

    assert refused["data"] == {"audit": None}
    assert refusals(refused) == [("FORBIDDEN", ["audit"])]
    assert given == {"data": {"audit": {"log": "l"}}}
    assert len(shop.documents) == 1


async def test_a_type_protected_by_one_subgraph_is_protected_in_all(shop: Shop) -> None:
    body = await shop.ask("{ notes { text writer } }")

    assert body["data"] == {"notes": None}
    assert refusals(body) == [("UNAUTHENTICATED", ["notes"])]
    assert shop.documents == []


async def test_a_denied_field_of_another_subgraph_costs_no_call(shop: Shop) -> None:
    refused = await shop.ask("{ search { ... on Book { name margin } } }")
    assert len(shop.documents) == 1

    given = await shop.ask("{ search { ... on Book { name margin } } }", ANYBODY)

    assert refused["data"]["search"] == [{"name": "Dune", "margin": None}, {}]
    assert refusals(refused) == [("UNAUTHENTICATED", ["search", 0, "margin"])]
    assert given == {"data": {"search": [{"name": "Dune", "margin": 2}, {}]}}
    assert len(shop.documents) == 3


async def test_an_object_of_which_nothing_may_be_read_is_still_an_object(shop: Shop) -> None:
    body = await shop.ask("{ search { ... on Book { author { salary } } } }", ANYBODY)
    named = await shop.ask("{ search { ... on Book { author { name } } } }", ANYBODY)

    assert body["data"]["search"] == [{"author": None}, {}]
    assert refusals(body) == [("FORBIDDEN", ["search", 0, "author", "salary"])]
    assert not any("salary" in document for document in shop.documents)
    assert named["data"]["search"] == [{"author": {"name": "Frank"}}, {}]


async def test_a_denied_mutation_is_not_executed_and_the_others_are(shop: Shop) -> None:
    body = await shop.ask("mutation { publish { id } rename { id } }", ANYBODY)

    assert body["data"] == {"publish": None, "rename": {"id": "b"}}
    assert refusals(body) == [("FORBIDDEN", ["publish"])]
    assert shop.published == 0


async def test_policies_are_held_by_the_token_or_by_a_program() -> None:
    asked: list[tuple[frozenset[str], object]] = []

    def policies(names: frozenset[str], claims: Mapping[str, Any] | None) -> Collection[str]:
        asked.append((names, claims))
        return names if claims is None else ()

    query = "{ item { ... on Film { rating } } }"
    by_token, by_program = Shop(), Shop(policies)

    assert await by_token.ask(query, {"policies": ["adult"]}) == {"data": {"item": {"rating": 18}}}
    assert (await by_token.ask(query, ANYBODY))["data"] == {"item": None}
    assert await by_program.ask(query) == {"data": {"item": {"rating": 18}}}
    assert (await by_program.ask(query, ANYBODY))["data"] == {"item": None}
    assert asked == [(frozenset({"adult"}), None), (frozenset({"adult"}), ANYBODY)]


async def test_one_viewer_never_gets_the_plan_of_another(shop: Shop) -> None:
    query = "{ secret search { ... on Book { price } } }"
    viewers: list[Mapping[str, Any] | None] = [None, ANYBODY, {"scp": ["c"]}, None, ANYBODY, {"scp": ["a", "b"]}]

    bodies = [await shop.ask(query, claims) for claims in viewers]

    assert [(body["data"]["secret"], body["data"]["search"][0]["price"]) for body in bodies] == [
        (None, None), ("s", None), ("s", 5), (None, None), ("s", None), ("s", 5),
    ]  # fmt: skip


async def test_introspection_and_open_fields_demand_nothing(shop: Shop) -> None:
    body = await shop.ask('{ __typename __type(name: "Audit") { name } items { __typename id } }')

    assert "errors" not in body
    assert body["data"]["__type"] == {"name": "Audit"}


async def test_introspection_shows_the_rest_only_to_who_holds_a_scope(tmp_path: Path) -> None:
    public = tmp_path / "public.graphql"
    public.write_text("type Query { open: Int }", encoding="utf-8")
    subgraph = Subgraph(
        "a",
        "http://a",
        'extend schema @link(url: "https://specs.apollo.dev/federation/v2.5", import: ["@requiresScopes"])\n'
        'type Query { open: Int secret: Int @requiresScopes(scopes: [["staff"]]) }',
    )
    engine = create_app(
        RouterSettings(introspection_schema=public),
        transports={"a": InMemoryTransport(_never)},
        supergraph=Supergraph.from_sdl(compose([subgraph]).supergraph_sdl),
    ).engine

    async def fields(claims: dict[str, Any] | None) -> list[str]:
        query = "{ __schema { queryType { fields { name } } } }"
        response = await engine.execute(GraphQLRequest(query=query, claims=claims))
        return [field["name"] for field in response.body["data"]["__schema"]["queryType"]["fields"]]

    assert await fields(None) == ["open"]
    assert await fields({"sub": "asha", "scp": ["reading"]}) == ["open"]
    assert await fields({"sub": "maya", "scp": ["staff"]}) == ["open", "secret"]
    engine.close()


async def _never(_request: Any) -> Any:
    raise AssertionError


def of_a_stranger(text: str) -> PreparedOperation:
    """Return the operation as somebody gets it who may read nothing that is protected."""
    composed = compose([Subgraph("shop", "", LINK + SHOP), Subgraph("staff", "", LINK + STAFF)])
    supergraph = Supergraph.from_sdl(composed.supergraph_sdl)
    return prepare_operation(
        text,
        None,
        unmet=-1,
        schema=supergraph.api_schema,
        planner=lambda document, name: plan_operation(supergraph, document, name),
        limits=Limits(),
        allow_introspection=True,
        protected=ProtectedSchema(supergraph),
    )


FOUND = "{ search { __typename ... on Book { id price } ... on Film { name } } item { id ... on Book { price } } }"


@pytest.mark.parametrize(
    ("text", "tree", "denied"),
    [
        (FOUND, {"search": [FILM, None], "item": FILM}, []),
        (FOUND, {"search": None, "item": None}, []),
        (FOUND, {"search": [FILM, BOOK], "item": FILM}, [["search", 1, "price"]]),
        (
            FOUND,
            {"search": [BOOK, BOOK], "item": BOOK},
            [["search", 0, "price"], ["search", 1, "price"], ["item", "price"]],
        ),
        ("{ secret items { id } }", {"items": [FILM]}, [["secret"]]),
        ("{ items { id ... on Film { rating } } }", {"items": [BOOK]}, []),
        ("{ items { id ... on Film { rating } } }", {"items": [BOOK, FILM]}, [["items", 1, "rating"]]),
        ("{ item { name ... on Film { price } } }", {"item": FILM}, []),
    ],
)
def test_generated_code_answers_strangers_while_nothing_denied_is_reached(
    text: str, tree: dict[str, Any], denied: list[list[str | int]], monkeypatch: pytest.MonkeyPatch
) -> None:
    operation = of_a_stranger(text)
    careful, quick = ResponseErrors(), ResponseErrors()
    expected = operation.variant({}).projection(tree, None, careful)
    operation.compile(())
    compiled = operation.variant({})
    if not denied:
        monkeypatch.delattr("router.execution.quick_projection.projection_of")

    data = compiled.projection(tree, None, quick)

    assert compiled.is_compiled
    assert (data, quick.formatted) == (expected, careful.formatted)
    assert [error["path"] for error in quick.formatted] == denied
