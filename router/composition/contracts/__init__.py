"""Contracts: a supergraph for some of its clients, cut down by the `@tag`s of its elements.

What is cut off stays in the supergraph, where keys and requirements may need it, but becomes `@inaccessible`:
`filter_by_tags.py` decides what, `hide_unreachable_types.py` goes on with what nothing visible leads to any more,
`read_schema.py` and `mark_inaccessible.py` come before and after.
"""

from router.composition.contracts.contract import contract

__all__ = ["contract"]
