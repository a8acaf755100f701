"""The supergraph as immutable tables, shared by composition, planning and execution.

Reads join-spec SDL and derives the API schema. Writing a supergraph is the work of `router.composition`.
"""

from router.supergraph.supergraph import Supergraph

__all__ = ["Supergraph"]
