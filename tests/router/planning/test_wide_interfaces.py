"""Interfaces with very many implementations take steps in proportion, never in powers. Counted in steps, not time."""

from __future__ import annotations

import pytest
from graphql import parse, validate

from router.planning.budget import Budget
from router.planning.choose_graphs import GraphChooser
from router.planning.moves import moves_of
from router.planning.read_operation import read_operation
from router.supergraph import Supergraph
from tests.router.planning.plans import plan, supergraph

WIDTHS = (70, 140)


def _steps(graph: Supergraph, operation: str) -> int:
    document = parse(operation)
    assert validate(graph.api_schema, document) == []
    wanted = read_operation(document, None, types=graph.types, root_types=graph.root_types)
    budget = Budget(steps=1_000_000, seconds=3600, clock=lambda: 0.0)
    outcome = GraphChooser(moves_of(graph), budget).solve_root(wanted.root_type, wanted.wanted)
    assert outcome.residual == ()
    return budget.steps_taken


def _alike(count: int) -> Supergraph:
    """Return a supergraph in which all implementations look alike: some fields here, others there."""
    types = "".join(
        f"""
        type T{n} implements Node @implements(A, "Node") @in(A, key: "id") @in(B, key: "id") @in(C, key: "id") {{
          id: ID! a: Int @from(A) b: Int @from(B) next: Node @from(A) bc: Int @from(B) @from(C)
        }}"""
        for n in range(count)
    )
    return supergraph(
        "a b c",
        "type Query @in(A) @in(B) @in(C) { nodes: [Node] @from(A) }"
        " interface Node @in(A) { id: ID! a: Int next: Node }" + types,
    )


def _all_different(count: int) -> Supergraph:
    """Return a supergraph in which each implementation has its fields in other subgraphs than the one before."""
    graphs = "bcde"
    types = "".join(
        f"""
        type T{n} implements Node @implements(A, "Node") @in(A, key: "id")
          {" ".join(f'@in({g.upper()}, key: "id")' for g in graphs)}
        {{
          id: ID! next: Node @from(A)
          x{n}: Int @from({graphs[n % 4].upper()}) @from({graphs[n // 4 % 4].upper()})
          y{n}: Int @from({graphs[n // 2 % 4].upper()}) @from({graphs[n // 3 % 4].upper()})
        }}""".replace("@from(B) @from(B)", "@from(B)")
        .replace("@from(C) @from(C)", "@from(C)")
        .replace("@from(D) @from(D)", "@from(D)")
        .replace("@from(E) @from(E)", "@from(E)")
        for n in range(count)
    )
    query = "type Query @in(A) @in(B) @in(C) @in(D) @in(E) { nodes: [Node] @from(A) }"
    return supergraph("a b c d e", f"{query} interface Node @in(A) {{ id: ID! next: Node }}{types}")


def _nested(depth: int, inner: str) -> str:
    return "nodes { id " + "next { id " * depth + inner + " }" * depth + " }"


def test_alike_implementations_cost_as_much_as_one() -> None:
    operation = "{ " + _nested(5, "a ... on Node { id }") + " }"

    assert [_steps(_alike(count), operation) for count in WIDTHS] == [_steps(_alike(1), operation)] * 2


def test_the_depth_of_a_circle_through_a_wide_interface_is_paid_once_per_level() -> None:
    graph = _alike(70)

    shallow, deep = (_steps(graph, "{ " + _nested(depth, "a") + " }") for depth in (4, 8))

    assert deep <= 2 * shallow


@pytest.mark.parametrize("depth", [0, 3])
def test_implementations_that_all_differ_cost_in_proportion_to_their_number(depth: int) -> None:
    few, many = (
        _steps(
            _all_different(count),
            "{ " + _nested(depth, " ".join(f"... on T{n} {{ x{n} y{n} }}" for n in range(count))) + " }",
        )
        for count in WIDTHS
    )

    assert many <= 2.5 * few
    assert many < 140 * 40


def test_a_wide_plan_still_needs_one_request_per_subgraph() -> None:
    graph = _all_different(70)

    found = plan(graph, "{ nodes { " + " ".join(f"... on T{n} {{ x{n} y{n} }}" for n in range(70)) + " } }")

    assert sorted(fetch.subgraph for fetch in found.fetches) == ["a", "b", "c", "d", "e"]
