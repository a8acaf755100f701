"""Satisfiability: every operation that the API schema allows can be answered by the subgraphs.

`moves.py` knows what one subgraph can answer and how to get from one to another; `walk.py` goes through the API schema
with all positions that a router could be in at once; `explain.py` turns a dead end into a witness operation and the
reason per subgraph.
"""

from router.composition.satisfiability.walk import check_satisfiability

__all__ = ["check_satisfiability"]
