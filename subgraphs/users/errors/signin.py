"""Refusals of other ways to sign in: providers, codes by phone, pairing of televisions."""

from subgraphs.shared.errors import BadUserInputError, ReelgraphError, ServiceUnavailableError, UnauthenticatedError
from subgraphs.users.errors.base import AccountRefusalError


class InvalidGrantError(UnauthenticatedError):
    """The authorization code, its verifier or its state is wrong, expired, or was used before; which is not said."""

    def __init__(self) -> None:
        super().__init__("The authorization code is not valid, has expired or was used before. Begin again.")


class ProviderNotLinkedError(UnauthenticatedError):
    """The provider knows the person, but nothing ties that person to an account safely."""

    def __init__(self, message: str) -> None:
        super().__init__(message)


class ProviderEmailUnverifiedError(ProviderNotLinkedError):
    """The provider gives no address, or does not vouch for it."""

    def __init__(self) -> None:
        super().__init__(
            "The provider does not vouch for an e-mail address, so no account was made or linked. Sign in another way "
            "and link the provider to your account."
        )


class ProviderAlreadyLinkedError(ProviderNotLinkedError):
    """The account of this address belongs to another person at the provider, or the person to another account."""

    def __init__(self) -> None:
        super().__init__("This account or this person is linked already, with another one. Sign in another way.")


class ProviderUnavailableError(ServiceUnavailableError):
    """The provider does not answer in time, or not in its own protocol."""

    def __init__(self) -> None:
        super().__init__("The sign-in provider does not answer. Try again, or sign in another way.")


class ProviderNotConfiguredError(BadUserInputError):
    """This platform has no credentials at the provider."""

    def __init__(self, provider: str) -> None:
        super().__init__(f"Signing in with {provider} is not set up here.")


class RedirectUriNotAllowedError(BadUserInputError):
    """No address to which this platform sends people back from a provider."""

    def __init__(self) -> None:
        super().__init__("`redirectUri` is not one of this platform's.")


class CodeChallengeInvalidError(BadUserInputError):
    """Not the SHA-256 of a verifier in base64url without padding."""

    def __init__(self) -> None:
        super().__init__("`codeChallenge` is not the base64url of a SHA-256: 43 characters.")


class LastSignInMethodError(AccountRefusalError):
    """Without it, nobody could sign in to the account again."""

    text = "This is the only way to sign in to the account. Set a password first."


class IdentityUnknownError(AccountRefusalError):
    """The account has no such identity."""

    text = "The account has no such way to sign in."


class PhoneInvalidError(AccountRefusalError):
    """Not a number that can get a text message."""

    path = ("phone",)
    text = "This is not a mobile number; write it like +91 98765 43210."


class PhoneTakenError(AccountRefusalError):
    """Another account signs in with the number."""

    path = ("input", "phone")
    text = "Another account has this number. Sign in with it there."


class PhoneCodeInvalidError(AccountRefusalError):
    """The code is wrong, has expired, was used, or was guessed at too often; which is not said."""

    path = ("input", "phoneCode")
    text = "The code is wrong or has expired. Ask for one with `otpRequest`."

    @property
    def cause(self) -> str:
        """As the member of AuthResult is named."""
        return "OTP_INVALID"


class OtpTooSoonError(AccountRefusalError):
    """A code was sent a moment ago, or too many within the hour."""

    path = ("phone",)

    def __init__(self, retry_after_seconds: int) -> None:
        super().__init__(f"A code was sent already. Ask for another one in {retry_after_seconds} seconds.")
        self.retry_after_seconds = retry_after_seconds


class OtpInvalidError(UnauthenticatedError):
    """The code is wrong, has expired, was used, or was guessed at too often; which is not said."""

    def __init__(self) -> None:
        super().__init__("The code is wrong or has expired. After five wrong ones, ask for another.")


class AuthorizationPendingError(ReelgraphError):
    """The viewer has not approved the device yet."""

    code = "AUTHORIZATION_PENDING"

    def __init__(self, *, interval_seconds: int, slow_down: bool) -> None:
        super().__init__(
            "Asked too soon; wait longer from now on." if slow_down else "Nobody has approved this device yet."
        )
        self.interval_seconds = interval_seconds
        self.slow_down = slow_down


class PairingEndedError(ReelgraphError):
    """Nothing more will come of this pairing."""

    code = "FORBIDDEN"


class PairingExpiredError(PairingEndedError):
    """The device code has expired, was used, or never existed."""

    def __init__(self) -> None:
        super().__init__("The code has expired or was used. Start again.")


class PairingDeniedError(PairingEndedError):
    """The viewer said no."""

    def __init__(self) -> None:
        super().__init__("The viewer did not approve this device.")


class UserCodeUnknownError(AccountRefusalError):
    """No device waits with this code."""

    path = ("userCode",)
    text = "No device shows this code now. Check it, or have the device show a new one."


class UserCodeTriesUsedUpError(AccountRefusalError):
    """Too many wrong codes from this account."""

    path = ("userCode",)
    text = "Too many wrong codes. Try again in 15 minutes."
