"""Refusals of the recommendations subgraph; the tree they hang in is subgraphs.shared.errors.

ForbiddenError
└── OtherProfileError  the rows of a profile that is not the active one
"""

from subgraphs.shared.errors import ForbiddenError


class OtherProfileError(ForbiddenError):
    """Rows are computed for the active profile and shown to nobody else, not even on the same account."""

    def __init__(self) -> None:
        super().__init__("Recommendations are shown to the active profile only. Switch to it first.")
