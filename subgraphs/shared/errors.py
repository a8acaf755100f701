"""The tree of refusals that every subgraph shares.

ReelgraphError
├── BadUserInputError      the client sent something that it can mend      BAD_USER_INPUT
│   ├── InvalidIdError     not an id of this platform, or of another type
│   ├── InvalidCursorError not a cursor of this list
│   └── PageSizeError      `first` outside 0..100
├── UnauthenticatedError   nobody is signed in                             UNAUTHENTICATED
├── ForbiddenError         signed in, but not allowed                      FORBIDDEN
├── ConflictError          the state changed meanwhile                     CONFLICT
└── ServiceUnavailableError a store or provider does not answer            SERVICE_UNAVAILABLE

`code` is the coarse type on which a client branches (`extensions.code`); `cause` the fine one (`extensions.cause`).
Refusals that a client must branch on with data are members of result unions instead: see each subgraph's errors.py.
"""

import re
from typing import ClassVar


class ReelgraphError(Exception):
    """A refusal whose text is safe to send to the client."""

    code: ClassVar[str] = "INTERNAL"

    def __init__(self, message: str) -> None:
        super().__init__(message)
        self.message = message

    @property
    def cause(self) -> str:
        """The class name in capitals, without its `Error`: `InvalidCursorError` → `INVALID_CURSOR`."""
        name = type(self).__name__.removesuffix("Error")
        return re.sub(r"(?<!^)(?=[A-Z])", "_", name).upper()


class BadUserInputError(ReelgraphError):
    """The client sent something that it can mend."""

    code = "BAD_USER_INPUT"


class InvalidIdError(BadUserInputError):
    """The text is not an id of this platform, or names another type than the field takes."""

    def __init__(self, given: str, *, expected: str) -> None:
        super().__init__(f"'{given[:80]}' is not an id of a {expected}.")


class InvalidCursorError(BadUserInputError):
    """The cursor was not made by this list with this order."""

    def __init__(self) -> None:
        super().__init__("The cursor does not belong to this list. Start again without `after`.")


class PageSizeError(BadUserInputError):
    """`first` is below 0 or above the largest page."""

    def __init__(self, first: int, *, largest: int) -> None:
        super().__init__(f"`first` is {first}; it must lie between 0 and {largest}.")


class UnauthenticatedError(ReelgraphError):
    """The operation needs a signed-in viewer."""

    code = "UNAUTHENTICATED"

    def __init__(self, message: str = "Sign in first.") -> None:
        super().__init__(message)


class ForbiddenError(ReelgraphError):
    """The viewer is known and may not do this."""

    code = "FORBIDDEN"

    def __init__(self, message: str = "You are not allowed to do this.") -> None:
        super().__init__(message)


class ConflictError(ReelgraphError):
    """The state changed between reading and writing."""

    code = "CONFLICT"


class ServiceUnavailableError(ReelgraphError):
    """A store or provider behind this subgraph does not answer in time."""

    code = "SERVICE_UNAVAILABLE"
