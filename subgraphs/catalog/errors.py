"""Refusals of the catalog.

BadUserInputError
└── EmptyQueryError    a search without a letter or digit
"""

from subgraphs.shared.errors import BadUserInputError


class EmptyQueryError(BadUserInputError):
    """The search text holds no letter and no digit."""

    def __init__(self) -> None:
        super().__init__("`query` needs at least one letter or digit.")
