"""Small subgraphs in plain Python, a router over them, and an HTTP client for it."""

import asyncio
from collections.abc import AsyncIterator, Callable, Mapping, Sequence
from contextlib import asynccontextmanager
from typing import Any

import httpx
import orjson
from graphql import (
    GraphQLError,
    GraphQLUnionType,
    build_ast_schema,
    graphql_sync,
    parse,
)

from router.composition import Subgraph, compose
from router.config import RouterSettings
from router.execution.memory_transport import InMemoryTransport
from router.execution.transport import SubgraphRequest
from router.http import RouterApp, create_app
from router.supergraph import Supergraph

LINK = (
    'extend schema @link(url: "https://specs.apollo.dev/federation/v2.6", import: ["@key", "@external", "@shareable"])'
)

PRODUCTS = """
type Query { topProducts(first: Int = 2): [Product!]! product(id: ID!): Product }
type Mutation { rename(id: ID!, name: String!): Product }
interface Thing { id: ID! name: String! }
type Product implements Thing @key(fields: "id") { id: ID! name: String! price: Int @shareable kind: Kind }
enum Kind { BOOK FILM }
"""
REVIEWS = """
type Query { latestReview: Review }
type Mutation { review(product: ID!, body: String!): Review }
type Product @key(fields: "id") { id: ID! reviews: [Review!] stars: Float }
type Review @key(fields: "id") { id: ID! body: String! product: Product author: User }
type User @key(fields: "id", resolvable: false) { id: ID! }
"""
ACCOUNTS = """
type Query { me: User }
type User @key(fields: "id") { id: ID! name: String }
"""

Resolvers = Mapping[str, Callable[..., Any]]


class PythonSubgraph:
    """A subgraph over plain data.

    Args:
        resolvers: By `Type.field`; called with the arguments. A field without one is read from the object.
        entities: By type name; takes the key `id` and returns the object or None.
    """

    def __init__(self, name: str, sdl: str, *, resolvers: Resolvers, entities: Resolvers) -> None:
        self.name = name
        self.sdl = f"{LINK}\n{sdl}"
        self._resolvers = resolvers
        self._entities = entities
        self.requests: list[SubgraphRequest] = []
        self.bodies: list[dict[str, Any]] = []
        self.header_lines: list[str] = []
        self.answer_headers: Sequence[tuple[str, str]] = ()
        machinery = f"""
            scalar _Any union _Entity = {" | ".join(entities) or "Query"}
            extend type Query {{ _entities(representations: [_Any!]!): [_Entity]! }}
        """
        document = parse(f"{sdl}{machinery}")
        self._schema = build_ast_schema(document, assume_valid=True, assume_valid_sdl=True)
        union = self._schema.get_type("_Entity")
        assert isinstance(union, GraphQLUnionType)
        union.resolve_type = lambda value, *_: value["__typename"]

    async def call(self, request: SubgraphRequest) -> Mapping[str, Any]:
        """Answer a call in memory."""
        self.requests.append(request)
        return self._execute({"query": request.document, "variables": dict(request.variables)})

    async def serve(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        """Answer calls over HTTP."""
        try:
            while True:
                head = (await reader.readuntil(b"\r\n\r\n")).decode()
                self.header_lines += head.split("\r\n")
                lengths = [line[15:] for line in head.lower().split("\r\n") if line.startswith("content-length:")]
                body = orjson.dumps(self._execute(orjson.loads(await reader.readexactly(int(lengths[0])))))
                more = "".join(f"{name}: {value}\r\n" for name, value in self.answer_headers)
                writer.write(f"HTTP/1.1 200 OK\r\n{more}content-length: {len(body)}\r\n\r\n".encode() + body)
        except (asyncio.IncompleteReadError, ConnectionError):
            writer.close()

    def _execute(self, body: dict[str, Any], root: Mapping[str, Any] | None = None) -> dict[str, Any]:
        self.bodies.append(body)
        result = graphql_sync(
            self._schema, body["query"], root or {}, variable_values=body.get("variables"), field_resolver=self._resolve
        )
        formatted: dict[str, Any] = orjson.loads(orjson.dumps(result.formatted))
        return formatted

    def _resolve(self, source: Any, info: Any, **arguments: Any) -> Any:
        if info.field_name == "_entities":
            return [self._entity(representation) for representation in arguments["representations"]]
        resolver = self._resolvers.get(f"{info.parent_type.name}.{info.field_name}")
        if resolver is None:
            return source.get(info.field_name)
        return resolver(**arguments) if info.parent_type.name in ("Query", "Mutation") else resolver(source)

    def _entity(self, representation: dict[str, Any]) -> Any:
        found = self._entities[representation["__typename"]](representation["id"])
        return None if found is None else {**found, "__typename": representation["__typename"]}


def shop() -> dict[str, PythonSubgraph]:
    """Return three subgraphs with fresh data."""
    products: dict[str, dict[str, Any]] = {
        "1": {"id": "1", "name": "Dune", "price": 500, "kind": "BOOK"},
        "2": {"id": "2", "name": "Alien", "price": None, "kind": "FILM"},
    }
    reviews: list[dict[str, Any]] = [
        {"id": "r1", "body": "Long.", "product": {"id": "1"}, "author": {"id": "u1"}},
        {"id": "r2", "body": "Loud.", "product": {"id": "2"}, "author": {"id": "u2"}},
        {"id": "r3", "body": "Sandy.", "product": {"id": "1"}, "author": {"id": "u2"}},
    ]

    def rename(id: str, name: str) -> Any:  # noqa: A002 - the argument of the schema
        if not name:
            raise GraphQLError("A name is needed.", extensions={"code": "NAME_MISSING"})
        products[id]["name"] = name
        return products[id]

    def review(product: str, body: str) -> Any:
        reviews.append({"id": f"r{len(reviews) + 1}", "body": body, "product": {"id": product}, "author": None})
        return reviews[-1]

    def about(product: dict[str, Any]) -> Any:
        return [found for found in reviews if found["product"] == {"id": product["id"]}]

    subgraphs = [
        PythonSubgraph(
            "products",
            PRODUCTS,
            resolvers={
                "Query.topProducts": lambda first: list(products.values())[:first],
                "Query.product": lambda id: products.get(id),  # noqa: A006 - the argument of the schema
                "Mutation.rename": rename,
            },
            entities={"Product": products.get},
        ),
        PythonSubgraph(
            "reviews",
            REVIEWS,
            resolvers={
                "Query.latestReview": lambda: reviews[-1],
                "Mutation.review": review,
                "Product.reviews": about,
                "Product.stars": lambda product: len(about(product)) + 0.5,
            },
            entities={"Product": lambda id: {"id": id}, "Review": lambda id: {"id": id}},  # noqa: A006
        ),
        PythonSubgraph(
            "accounts",
            ACCOUNTS,
            resolvers={"Query.me": lambda: {"id": "u1", "name": "Ann"}},
            entities={"User": lambda id: {"id": id, "name": "Ann"} if id == "u1" else None},  # noqa: A006
        ),
    ]
    return {subgraph.name: subgraph for subgraph in subgraphs}


def supergraph_of(subgraphs: Mapping[str, PythonSubgraph], urls: Mapping[str, str] | None = None) -> str:
    """Return the supergraph SDL."""
    result = compose([Subgraph(name, (urls or {}).get(name, ""), found.sdl) for name, found in subgraphs.items()])
    assert result.errors == ()
    return result.supergraph_sdl


def app_in_memory(subgraphs: Mapping[str, PythonSubgraph], **settings: Any) -> RouterApp:
    """Return a router that calls the subgraphs in memory."""
    return create_app(
        RouterSettings(**settings),
        transports={name: InMemoryTransport(found.call) for name, found in subgraphs.items()},
        supergraph=Supergraph.from_sdl(supergraph_of(subgraphs)),
    )


@asynccontextmanager
async def served_over_http(subgraphs: Mapping[str, PythonSubgraph]) -> AsyncIterator[dict[str, str]]:
    """Serve each subgraph on a loopback port and give their addresses."""
    listeners = {
        name: await asyncio.start_server(subgraph.serve, "127.0.0.1", 0) for name, subgraph in subgraphs.items()
    }
    try:
        yield {
            name: f"http://127.0.0.1:{listener.sockets[0].getsockname()[1]}/" for name, listener in listeners.items()
        }
    finally:
        for listener in listeners.values():
            listener.close()
        await asyncio.sleep(0.01)


@asynccontextmanager
async def client_of(app: RouterApp) -> AsyncIterator[httpx.AsyncClient]:
    """Give an HTTP client whose requests go straight into the application."""
    async with httpx.AsyncClient(transport=httpx.ASGITransport(app=app), base_url="http://router.test") as client:
        yield client
    await app.aclose()


async def post(client: httpx.AsyncClient, query: str, **more: Any) -> dict[str, Any]:
    """Return the body of the answer to a POST."""
    headers = more.pop("headers", {})
    answer = await client.post("/graphql", json={"query": query, **more}, headers=headers)
    body: dict[str, Any] = answer.json()
    return body
