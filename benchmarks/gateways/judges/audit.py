"""Runs the cases of a federation gateway audit that serves at some address through our router.

The audit serves subgraphs, a supergraph and tests per case. Each test is answered twice: over the supergraph that the
audit gives, and over the one that we compose of the same subgraphs; queries also as those that come again, as generated
code over typed replies.
"""

import json
import urllib.request
from functools import partial
from typing import Any

from router.composition import Subgraph, compose
from router.execution.engine import Engine, EngineOptions
from router.execution.http_client import HttpClient
from router.execution.http_transport import HttpTransport
from router.execution.requests import GraphQLRequest
from router.planning import plan_operation
from router.supergraph import Supergraph

_SECONDS = 60


def audit_cases(address: str) -> list[str]:
    """Return the names of the cases."""
    names: list[str] = get_json(f"{address}/ids")
    return names


def get_json(address: str) -> Any:
    """Return the JSON at an address."""
    return json.loads(_get(address))


async def run_audit(address: str) -> tuple[int, list[str]]:
    """Return the number of tests, and what went wrong in words."""
    count, wrong = 0, []
    client = HttpClient()
    for name in audit_cases(address):
        given = _get(f"{address}/{name}/supergraph").decode()
        for origin, sdl in (("their", given), ("our", _composed(address, name))):
            tests = get_json(f"{address}/{name}/tests")  # mutations of the last round must not come again
            wrong += [f"{name} over {origin} supergraph: {each}" for each in await _run_case(sdl, tests, client)]
        count += len(tests)
    return count, wrong


def _composed(address: str, name: str) -> str:
    found = get_json(f"{address}/{name}/subgraphs")
    result = compose([Subgraph(each["name"], each["url"], each["sdl"]) for each in found])
    return result.supergraph_sdl


async def _run_case(sdl: str, tests: list[dict[str, Any]], client: HttpClient) -> list[str]:
    supergraph = Supergraph.from_sdl(sdl)
    engine = Engine(
        supergraph,
        {graph.name: HttpTransport(graph.url, client=client) for graph in supergraph.graphs},
        planner=partial(plan_operation, supergraph),
        options=EngineOptions(),
    )
    wrong = []
    try:
        for test in tests:
            expected = test["expected"]
            for body in await _answers(engine, test["query"]):
                is_same = body.get("data") == expected.get("data")
                if isinstance(expected.get("errors"), bool):
                    is_same = is_same and bool(body.get("errors")) == expected["errors"]
                if not is_same:
                    wrong.append(f"{test['query']}\nexpected {json.dumps(expected)}\nfound    {json.dumps(body)}")
    finally:
        engine.close()
    return wrong


async def _answers(engine: Engine, query: str) -> list[dict[str, Any]]:
    """Return the answer to an operation that comes for the first time, and, unless it changes something, later."""
    first = (await engine.execute(GraphQLRequest(query=query))).body
    if query.lstrip().startswith("mutation") or "data" not in first:
        return [first]
    engine.warm([query])
    later = await engine.execute(GraphQLRequest(query=query, as_json=True))
    return [first, later.body if later.json is None else json.loads(later.json)]


def _get(address: str) -> bytes:
    with urllib.request.urlopen(address, timeout=_SECONDS) as reply:
        content: bytes = reply.read()
    return content
