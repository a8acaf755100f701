"""Refusals about consents, deletion and grievances."""

from subgraphs.users.errors.base import AccountRefusalError


class ConsentRequiredError(AccountRefusalError):
    """A purpose without which there can be no account."""

    def __init__(self, purpose: str) -> None:
        super().__init__(
            f"{purpose} cannot be withdrawn while there is an account; ask for its deletion instead.",
            path=("input", purpose, "granted"),
        )


class ConsentVersionInvalidError(AccountRefusalError):
    """A version of a text that cannot be one."""

    def __init__(self, purpose: str) -> None:
        super().__init__(
            "A version has 1 to 40 letters, digits, dots, dashes and underscores.", path=("input", purpose, "version")
        )


class NoDeletionError(AccountRefusalError):
    """The account is not to be deleted."""

    text = "Nobody asked for this account to be deleted."


class GrievanceUnknownError(AccountRefusalError):
    """There is no such complaint."""

    path = ("id",)
    text = "There is no complaint with this id."


class GrievanceDecidedError(AccountRefusalError):
    """The complaint was decided; a decision is not changed."""

    path = ("id",)
    text = "This complaint was decided before."


class DecisionInvalidError(AccountRefusalError):
    """A decision without words, or with too many."""

    path = ("decision",)
    text = "A decision has 1 to 5,000 characters."


class GrievanceInvalidError(AccountRefusalError):
    """A complaint that cannot be taken as it is."""

    def __init__(self, field: str, message: str) -> None:
        super().__init__(message, path=("input", field))
