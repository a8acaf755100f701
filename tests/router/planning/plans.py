"""Small supergraphs for the tests of planning, and plans as text."""

from __future__ import annotations

import re
from textwrap import dedent

from graphql import parse, validate

from router.planning import plan_operation, print_plan
from router.planning.plan import QueryPlan
from router.supergraph import Supergraph

_HEADER = """
schema
  @link(url: "https://specs.apollo.dev/link/v1.0")
  @link(url: "https://specs.apollo.dev/join/v0.4", for: EXECUTION)
{ query: Query %s }
"""


_SHORTHANDS = (
    (r"@in\((\w+)", r"@join__type(graph: \1"),
    (r"@from\((\w+)", r"@join__field(graph: \1"),
    (r"@implements\((\w+), ", r"@join__implements(graph: \1, interface: "),
    (r"@member\((\w+), ", r"@join__unionMember(graph: \1, member: "),
)


def supergraph_sdl(graphs: str, types: str) -> str:
    """Return join-spec SDL.

    Args:
        graphs: Names of the subgraphs, such as `"a b"`; their `join__Graph` values are the upper-cased names.
        types: The type definitions, with `@in`, `@from`, `@implements` and `@member` short for `@join__type`,
            `@join__field`, `@join__implements` and `@join__unionMember`; the graph is their first argument.
    """
    values = " ".join(f'{name.upper()} @join__graph(name: "{name}", url: "http://{name}")' for name in graphs.split())
    others = " ".join(f"{name.lower()}: {name}" for name in ("Mutation", "Subscription") if f"type {name} " in types)
    for short, long in _SHORTHANDS:
        types = re.sub(short, long, types)
    return _HEADER % others + f"enum join__Graph {{ {values} }}\n" + types


def supergraph(graphs: str, types: str, *, active_labels: frozenset[str] = frozenset()) -> Supergraph:
    """Return the supergraph of `supergraph_sdl`."""
    return Supergraph.from_sdl(supergraph_sdl(graphs, types), active_labels=active_labels)


def plan(graph: Supergraph, operation: str) -> QueryPlan:
    """Return the plan of a valid operation."""
    document = parse(operation)
    assert validate(graph.api_schema, document) == []
    return plan_operation(graph, document)


def plan_text(graph: Supergraph, operation: str) -> str:
    """Return the plan of a valid operation as text."""
    return print_plan(plan(graph, operation))


def text(expected: str) -> str:
    """Return an expected plan without the indentation of the test around it."""
    return dedent(expected).strip("\n").rstrip(" \n")
