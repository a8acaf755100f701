"""Refusals of registration and of changes to an account."""

from subgraphs.users.errors.base import AccountRefusalError


class EmailInvalidError(AccountRefusalError):
    """The text is no e-mail address that we can write to."""

    path = ("input", "email")
    text = "This is not an e-mail address; write it like name@example.com, in ASCII."


class EmailTakenError(AccountRefusalError):
    """Another account has the address, in whatever case it is written."""

    path = ("input", "email")
    text = "An account with this e-mail address exists."


class PasswordWeakError(AccountRefusalError):
    """The password lacks something; one error for each thing, named as in PasswordPolicy at the end of the path."""

    def __init__(self, requirement: str, message: str) -> None:
        super().__init__(message, path=("input", "password", requirement))


class PasswordTooLongError(AccountRefusalError):
    """The password has more bytes than are hashed."""

    path = ("input", "password", "maxBytes")
    text = "The password has more than 72 bytes in UTF-8."


class IdempotencyKeyReusedError(AccountRefusalError):
    """The key was used before, for another address."""

    path = ("input", "idempotencyKey")
    text = "This idempotency key was used for another registration."
