"""Hand-written plans, fake subgraphs and engines for the tests of execution."""

import asyncio
from collections.abc import Callable, Mapping
from typing import Any

from graphql import DocumentNode, build_schema

from router.execution.engine import Engine, EngineOptions
from router.execution.requests import GraphQLRequest
from router.execution.transport import SubgraphRequest
from router.planning.plan import (
    ALWAYS,
    Condition,
    EntityEntry,
    EntityFetch,
    EntityTarget,
    OperationKind,
    PathStep,
    QueryPlan,
    Representation,
    RepresentationField,
    RootFetch,
)
from router.supergraph import Supergraph
from router.supergraph.tables import Graph

Reply = Mapping[str, Any] | Exception
Answer = Reply | Callable[[SubgraphRequest], Reply]


class FakeSubgraph:
    """A transport that gives prepared answers, in order, and keeps the requests it got."""

    def __init__(self, *answers: Answer) -> None:
        self._answers = list(answers)
        self.requests: list[SubgraphRequest] = []

    async def send(self, request: SubgraphRequest) -> Mapping[str, Any]:
        """Return or raise the next answer."""
        self.requests.append(request)
        await asyncio.sleep(0)
        answer = self._answers.pop(0)
        reply = answer(request) if callable(answer) else answer
        if isinstance(reply, Exception):
            raise reply
        return reply

    @property
    def variables(self) -> list[Mapping[str, Any]]:
        """The variables of each request."""
        return [request.variables for request in self.requests]


def root_fetch(
    number: int,
    subgraph: str,
    *keys: str,
    kind: OperationKind = OperationKind.QUERY,
    depends_on: tuple[int, ...] = (),
    variables: tuple[str, ...] = (),
    condition: Condition = ALWAYS,
) -> RootFetch:
    """Return a root fetch whose document only serves to be looked at."""
    selection = "{" + " ".join(keys) + "}"
    return RootFetch(
        id=number,
        subgraph=subgraph,
        kind=kind,
        document=f"{kind.value} {selection}",
        operation_name=None,
        variables=variables,
        depends_on=depends_on,
        condition=condition,
        path=(),
        keys=keys,
        selection=selection,
    )


def entity_fetch(number: int, subgraph: str, *entries: EntityEntry, depends_on: tuple[int, ...]) -> EntityFetch:
    """Return an entity fetch whose document only serves to be looked at."""
    return EntityFetch(
        id=number,
        subgraph=subgraph,
        kind=OperationKind.QUERY,
        document="query($representations:[_Any!]!){_entities(representations:$representations){__typename}}",
        operation_name=None,
        variables=(),
        depends_on=depends_on,
        condition=ALWAYS,
        entries=entries,
    )


def entry(
    *targets: EntityTarget, keys: tuple[str, ...], alias: str = "_entities", variable: str = "representations"
) -> EntityEntry:
    """Return the entry that completes `targets` with `keys`."""
    return EntityEntry(alias=alias, variable=variable, targets=targets, selection="", keys=keys)


def target(path: tuple[PathStep, ...], typename: str = "Movie", *extra: RepresentationField) -> EntityTarget:
    """Return a target described by its `id`."""
    key = RepresentationField("id", "id", is_key=True)
    return EntityTarget(path, (Representation(None, typename, (key, *extra)),))


def engine(
    sdl: str,
    plan: QueryPlan,
    transports: Mapping[str, FakeSubgraph],
    *,
    options: EngineOptions | None = None,
) -> Engine:
    """Return an engine that has one plan for every operation over the API schema `sdl`."""
    schema = build_schema(sdl)
    graphs = tuple(Graph(index, name, "", name.upper()) for index, name in enumerate(transports))
    supergraph = Supergraph(
        sdl="",
        graphs=graphs,
        types={},
        object_names=(),
        root_types={"query": "Query"},
        api_schema=schema,
        override_labels=frozenset(),
        active_labels=frozenset(),
    )

    def planner(document: DocumentNode, operation_name: str | None) -> QueryPlan:
        return plan

    return Engine(supergraph, transports, planner=planner, options=options)


def query_plan(*fetches: RootFetch | EntityFetch, kind: OperationKind = OperationKind.QUERY, **more: Any) -> QueryPlan:
    """Return a plan of these fetches."""
    return QueryPlan(kind=kind, operation_name=None, fetches=fetches, **more)


async def run(served: Engine, query: str, variables: Mapping[str, Any] | None = None) -> dict[str, Any]:
    """Return the body of the response."""
    response = await served.execute(GraphQLRequest(query=query, variables=variables or {}))
    return response.body
