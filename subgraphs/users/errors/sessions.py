"""Refusals of signing in and of tokens."""

from datetime import datetime

from subgraphs.shared.errors import BadUserInputError, ReelgraphError, UnauthenticatedError


class InvalidCredentialsError(UnauthenticatedError):
    """Unknown e-mail or wrong password; which one is not said. `remaining_attempts` are left before a lock."""

    def __init__(self, remaining_attempts: int | None = None) -> None:
        super().__init__("E-mail or password is wrong.")
        self.remaining_attempts = remaining_attempts


class AccountSuspendedError(ReelgraphError):
    """The account is suspended."""

    code = "FORBIDDEN"

    def __init__(self) -> None:
        super().__init__("This account is suspended.")


class TokenInvalidError(UnauthenticatedError):
    """The refresh token, or the session behind a token, is unknown, expired or revoked."""

    def __init__(self, *, reuse_detected: bool = False) -> None:
        super().__init__(
            "This refresh token was used before; its session is revoked."
            if reuse_detected
            else "The session has ended. Sign in again."
        )
        self.reuse_detected = reuse_detected


class DeviceInvalidError(BadUserInputError):
    """The client tells of a device without an id, or at too great length."""

    def __init__(self) -> None:
        super().__init__("`device.clientId` has 1 to 100 printable characters, `device.name` at most 100.")


class EmailNotVerifiedError(ReelgraphError):
    """The password is right, but nobody has confirmed the address."""

    code = "FORBIDDEN"

    def __init__(self) -> None:
        super().__init__("Confirm your e-mail address first; the letter can be sent again.")


class AccountLockedError(ReelgraphError):
    """Too many wrong passwords for this address, whether it has an account or not."""

    code = "FORBIDDEN"

    def __init__(self, locked_until: datetime) -> None:
        super().__init__("Too many wrong passwords. Wait, or reset the password.")
        self.locked_until = locked_until


class PinRequiredError(ReelgraphError):
    """The profile asks for its PIN; none was given, or a wrong one, or too many wrong ones until `locked_until`."""

    code = "FORBIDDEN"

    def __init__(self, message: str, *, locked_until: datetime | None = None) -> None:
        super().__init__(message)
        self.locked_until = locked_until
