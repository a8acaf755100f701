"""Refusals of what administrators do to accounts."""

from subgraphs.users.errors.base import AccountRefusalError


class AccountUnknownError(AccountRefusalError):
    """There is no such account."""

    path = ("id",)
    text = "There is no account with this id."


class OwnAccountError(AccountRefusalError):
    """Nobody suspends themselves, or gives themselves roles."""

    path = ("id",)
    text = "This is your own account; somebody else has to do that."


class ReasonInvalidError(AccountRefusalError):
    """The reason is missing or too long."""

    path = ("reason",)
    text = "Give a reason of 1 to 500 characters."
