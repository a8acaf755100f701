"""Resolvers refuse what the directives of their fields demand, whatever the router did."""

from collections.abc import AsyncGenerator
from dataclasses import dataclass
from typing import Any

import pytest
import strawberry

from subgraphs.shared.errors import ReelgraphError
from subgraphs.shared.graphql.schema import FederatedSchema
from subgraphs.shared.identity import ANONYMOUS, Viewer

ASHA = Viewer(user_id="asha")
STAFF = Viewer(user_id="maya", scopes=frozenset({"users:read"}))
AUDITOR = Viewer(user_id="omar", scopes=frozenset({"audit:read", "audit:all"}))


@dataclass
class Context:
    viewer: Viewer


@strawberry.type
class Account:
    name: str = "Asha"
    phone: str | None = strawberry.federation.field(authenticated=True, default="555")


@strawberry.type
class Query:
    @strawberry.field
    def open(self) -> int:
        return 1

    @strawberry.field
    def account(self) -> Account:
        return Account()

    @strawberry.federation.field(authenticated=True)
    def mine(self) -> int | None:
        return 2

    @strawberry.federation.field(requires_scopes=[["users:read"], ["audit:read", "audit:all"]])
    async def users(self) -> int | None:
        return 3


done: list[str] = []


@strawberry.type
class Mutation:
    @strawberry.federation.mutation(requires_scopes=[["users:read"]])
    async def suspend(self) -> int:
        done.append("suspend")
        return 4


@strawberry.type
class Subscription:
    @strawberry.federation.field(authenticated=True, is_subscription=True)
    async def noticed(self) -> AsyncGenerator[int, None]:
        yield 5


SCHEMA = FederatedSchema(query=Query, mutation=Mutation, subscription=Subscription)


async def ask(viewer: Viewer, query: str) -> tuple[Any, list[str]]:
    result = await SCHEMA.execute(query, context_value=Context(viewer))
    codes = []
    for error in result.errors or ():
        assert isinstance(error.original_error, ReelgraphError)
        codes.append(error.original_error.code)
    return result.data, codes


@pytest.mark.parametrize(
    ("viewer", "data", "codes"),
    [
        (ANONYMOUS, {"open": 1, "mine": None, "users": None}, ["UNAUTHENTICATED"] * 2),
        (ASHA, {"open": 1, "mine": 2, "users": None}, ["FORBIDDEN"]),
        (STAFF, {"open": 1, "mine": 2, "users": 3}, []),
        (AUDITOR, {"open": 1, "mine": 2, "users": 3}, []),
        (Viewer(user_id="x", scopes=frozenset({"audit:read"})), {"open": 1, "mine": 2, "users": None}, ["FORBIDDEN"]),
        # Scopes without a person are nobody's.
        (Viewer(scopes=frozenset({"users:read"})), {"open": 1, "mine": None, "users": None}, ["UNAUTHENTICATED"] * 2),
    ],
)
async def test_root_fields_are_checked(viewer: Viewer, data: dict[str, Any], codes: list[str]) -> None:
    assert await ask(viewer, "{ open mine users }") == (data, codes)


async def test_plain_attributes_are_checked() -> None:
    assert await ask(ANONYMOUS, "{ account { name phone } }") == (
        {"account": {"name": "Asha", "phone": None}},
        ["UNAUTHENTICATED"],
    )
    assert await ask(ASHA, "{ account { name phone } }") == ({"account": {"name": "Asha", "phone": "555"}}, [])


async def test_a_refused_mutation_does_nothing() -> None:
    done.clear()

    assert await ask(ASHA, "mutation { suspend }") == (None, ["FORBIDDEN"])
    assert done == []
    assert await ask(STAFF, "mutation { suspend }") == ({"suspend": 4}, [])


@pytest.mark.parametrize(("viewer", "is_allowed"), [(ANONYMOUS, False), (ASHA, True)])
async def test_subscriptions_are_checked(viewer: Viewer, is_allowed: bool) -> None:
    opened = await SCHEMA.subscribe("subscription { noticed }", context_value=Context(viewer))
    assert not hasattr(opened, "errors")
    results = [result async for result in opened]

    assert [result.data for result in results] == ([{"noticed": 5}] if is_allowed else [None])


def test_the_router_reads_the_same_directives() -> None:
    sdl = SCHEMA.as_str()

    assert "mine: Int @authenticated" in sdl
    assert 'users: Int @requiresScopes(scopes: [["users:read"], ["audit:read", "audit:all"]])' in sdl
