"""The base of this subgraph's tables: one registry of its own."""

from sqlmodel import SQLModel

from subgraphs.shared.postgres import subgraph_registry


class Model(SQLModel, registry=subgraph_registry()):
    """Base of this subgraph's tables."""
