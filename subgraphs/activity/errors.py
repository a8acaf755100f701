"""Refusals of the activity subgraph.

ReelgraphError
└── BadUserInputError
    ├── TitleNotFoundError      no such title, or hidden from the viewer
    └── RatingOutOfRangeError   a rating is −1, 0 or 1

Both are reported in `errors` of the mutation's payload.
"""

from subgraphs.shared.errors import BadUserInputError


class TitleNotFoundError(BadUserInputError):
    """There is no such title, or the viewer must not know of it."""

    def __init__(self) -> None:
        super().__init__("There is no such title.")


class RatingOutOfRangeError(BadUserInputError):
    """The rating is none of −1, 0, 1."""

    def __init__(self, value: int) -> None:
        super().__init__(f"A rating is -1, 0 or 1, not {value}.")
        self.value = value
