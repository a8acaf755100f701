"""Refusals of the recommendations subgraph; the tree they hang in is subgraphs.shared.errors.

ForbiddenError
└── OtherProfileError     the rows of a profile that is not the active one
CurationError             a curator's request that cannot be done as it stands; reported in a payload's `errors`
├── TrayUnknownError      no such tray
├── VersionConflictError  somebody else changed the tray meanwhile
└── TrayRefusedError      what is wrong with a tray, field by field
"""

from collections.abc import Sequence
from typing import NamedTuple

from subgraphs.shared.errors import ForbiddenError, ReelgraphError


class OtherProfileError(ForbiddenError):
    """Rows are computed for the active profile and shown to nobody else, not even on the same account."""

    def __init__(self) -> None:
        super().__init__("Recommendations are shown to the active profile only. Switch to it first.")


class CurationError(ReelgraphError):
    """A curator's request that cannot be done as it stands. Nothing was changed."""

    code = "CONFLICT"


class TrayUnknownError(CurationError):
    """There is no such tray."""

    def __init__(self) -> None:
        super().__init__("There is no such tray.")


class VersionConflictError(CurationError):
    """The curator has seen another version than the newest."""

    def __init__(self, *, expected: int, newest: int) -> None:
        super().__init__(f"You have seen version {expected}, but the newest is {newest}. Load it and try again.")


class FieldRefusal(NamedTuple):
    """What is wrong with one field."""

    code: str
    message: str
    path: tuple[str, ...]


class TrayRefusedError(CurationError):
    """The tray cannot be stored as it is asked for."""

    def __init__(self, refusals: Sequence[FieldRefusal]) -> None:
        super().__init__(f"{len(refusals)} fields need mending.")
        self.refusals = tuple(refusals)
