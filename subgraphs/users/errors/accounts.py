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

    def __init__(self, requirement: str, message: str, *, field: tuple[str, ...] = ("input", "password")) -> None:
        super().__init__(message, path=(*field, requirement))


class PasswordTooLongError(AccountRefusalError):
    """The password has more bytes than are hashed."""

    path = ("input", "password", "maxBytes")
    text = "The password has more than 72 bytes in UTF-8."


class IdempotencyKeyReusedError(AccountRefusalError):
    """The key was used before, for another address."""

    path = ("input", "idempotencyKey")
    text = "This idempotency key was used for another registration."


class PasswordWrongError(AccountRefusalError):
    """The account's present password was not given, or is another one."""

    text = "This is not the account's password."


class PasswordLockedError(AccountRefusalError):
    """Too many wrong passwords: none is checked for a while."""

    text = "Too many wrong passwords. Wait 15 minutes, or reset the password."


class SignInAgainError(AccountRefusalError):
    """The account has no password to prove anything with, and was not signed in to lately."""

    text = "Sign in again first: your account has no password to confirm this with."


class TokenRefusedError(AccountRefusalError):
    """The token of a letter is unknown, expired, was used or replaced by a newer one."""

    path = ("token",)
    text = "This link has expired, was used, or a newer one was sent."

    @property
    def cause(self) -> str:
        """As the member of AuthResult is named."""
        return "TOKEN_INVALID"


class StateCodeInvalidError(AccountRefusalError):
    """The text names no state of India."""

    path = ("input", "stateCode")
    text = "This is no state or union territory of India; write its two letters, like MH."


class SessionUnknownError(AccountRefusalError):
    """The account has no such living session."""

    path = ("id",)
    text = "There is no such session; it may have ended."


class DeviceUnknownError(AccountRefusalError):
    """The account has no such device."""

    path = ("id",)
    text = "There is no such device."
