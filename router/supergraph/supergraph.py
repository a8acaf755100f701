"""`Supergraph`: the immutable value that composition makes, planning reads and execution serves."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from functools import cached_property
from typing import Self

from graphql import GraphQLSchema

from router.supergraph.derive_api_schema import derive_api_schema
from router.supergraph.read_supergraph import read_supergraph
from router.supergraph.tables import Graph, TypeTable


@dataclass(frozen=True, eq=False)
class Supergraph:
    """A composed supergraph.

    Attributes:
        sdl: The text it was read from.
        graphs: The subgraphs, in an order that does not depend on their names.
        types: All types of the supergraph, inaccessible ones too, by name.
        object_names: Object types; their places are the bits of type masks.
        root_types: Root type name by operation kind (`query`, `mutation`, `subscription`).
        api_schema: What clients see: without federation machinery and without inaccessible elements.
        override_labels: Labels of progressive overrides that occur.
        active_labels: Those that are on in these tables.
    """

    sdl: str
    graphs: tuple[Graph, ...]
    types: Mapping[str, TypeTable]
    object_names: tuple[str, ...]
    root_types: Mapping[str, str]
    api_schema: GraphQLSchema
    override_labels: frozenset[str]
    active_labels: frozenset[str]

    @classmethod
    def from_sdl(cls, text: str, *, active_labels: frozenset[str] = frozenset()) -> Self:
        """Return the supergraph described by join-spec SDL, v0.1 to v0.5.

        Args:
            text: The SDL.
            active_labels: Labels of progressive overrides that are on.

        Raises:
            InvalidSupergraphError: It does not parse or is not a supergraph.
            UnsupportedFeatureError: It links an unknown feature for security or execution.
        """
        tables = read_supergraph(text, active_labels=active_labels)
        return cls(
            sdl=text,
            graphs=tables.graphs,
            types=tables.types,
            object_names=tables.object_names,
            root_types=tables.root_types,
            api_schema=derive_api_schema(tables.document),
            override_labels=tables.override_labels,
            active_labels=active_labels,
        )

    @cached_property
    def urls(self) -> Mapping[str, str]:
        """Address of each subgraph by its name; empty if the supergraph has none."""
        return {graph.name: graph.url for graph in self.graphs}

    def names_of(self, mask: int) -> tuple[str, ...]:
        """Return the names of the object types in a type mask, sorted."""
        return tuple(name for index, name in enumerate(self.object_names) if mask >> index & 1)
