"""Refusals of signing in and of tokens."""

from subgraphs.shared.errors import ReelgraphError, UnauthenticatedError


class InvalidCredentialsError(UnauthenticatedError):
    """Unknown e-mail or wrong password; which one is not said."""

    def __init__(self) -> None:
        super().__init__("E-mail or password is wrong.")


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
