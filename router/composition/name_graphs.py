"""Gives each subgraph its value in the enum `join__Graph`, as the join specification asks."""

import re
from collections.abc import Sequence

from router.composition.model import SubgraphSchema


def name_graphs(subgraphs: Sequence[SubgraphSchema]) -> None:
    """Set `graph` on each subgraph. Names that become equal are numbered in their order."""
    by_graph: dict[str, list[SubgraphSchema]] = {}
    for subgraph in subgraphs:
        by_graph.setdefault(_graph_name(subgraph.name), []).append(subgraph)
    for graph, sharing in by_graph.items():
        if len(sharing) == 1:
            sharing[0].graph = graph
            continue
        for number, subgraph in enumerate(sharing, start=1):
            subgraph.graph = f"{graph}_{number}"


def _graph_name(name: str) -> str:
    """Return a name as an enum value: no other signs, no leading digit, and no end that numbering could produce."""
    sanitised = re.sub(r"\W", "_", name, flags=re.ASCII)
    if re.match(r"\d", sanitised):
        sanitised = f"_{sanitised}"
    if re.search(r"_\d+$", sanitised):
        sanitised = f"{sanitised}_"
    return sanitised.upper()
