"""Refusals of the users subgraph.

ReelgraphError
├── AccountRefusalError          an input that the user can mend; reported in `errors` of the payload, with its path
│   ├── EmailInvalidError        EmailTakenError
│   ├── PasswordWeakError        PasswordTooLongError
│   ├── IdempotencyKeyReusedError
│   ├── NameInvalidError         AvatarUrlInvalidError   TooManyLanguagesError
│   └── KidsLimitTooHighError    ProfileLimitReachedError   LastProfileError
├── InvalidCredentialsError      member InvalidCredentials of AuthResult
├── AccountSuspendedError        member AccountSuspended of AuthResult
└── TokenInvalidError            member TokenInvalid of AuthResult

RefusedError carries every AccountRefusalError of one input, so that a form can mark them all.
"""

from typing import ClassVar

from subgraphs.shared.errors import BadUserInputError, ReelgraphError, UnauthenticatedError


class AccountRefusalError(BadUserInputError):
    """One fault of an input. `path` names the field, outermost first; empty when no single field is at fault."""

    path: ClassVar[tuple[str, ...]] = ()
    text: ClassVar[str] = ""

    def __init__(self, message: str = "", *, path: tuple[str, ...] = ()) -> None:
        super().__init__(message or self.text)
        self.full_path = path or self.path


class RefusedError(Exception):
    """Every fault of one input, in the order of its fields. Nothing was changed."""

    def __init__(self, *refusals: AccountRefusalError) -> None:
        super().__init__(", ".join(refusal.cause for refusal in refusals))
        self.refusals = refusals


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


class NameInvalidError(AccountRefusalError):
    """The profile's name is missing, too long or has control characters."""

    path = ("input", "name")
    text = "A profile's name has 1 to 50 printable characters."


class AvatarUrlInvalidError(AccountRefusalError):
    """The picture's address is no http(s) URL."""

    path = ("input", "avatarUrl")
    text = "The avatar must be an http or https URL of at most 2,048 characters."


class TooManyLanguagesError(AccountRefusalError):
    """More audio languages than a profile keeps."""

    path = ("input", "audioLanguages")
    text = "A profile keeps at most 10 audio languages."


class KidsLimitTooHighError(AccountRefusalError):
    """A kids profile with a limit above UA_7, or with none."""

    path = ("input", "maturityLimit")
    text = "A kids profile has the maturity limit U or UA_7."


class ProfileLimitReachedError(AccountRefusalError):
    """The account has five profiles."""

    text = "An account has at most 5 profiles."


class LastProfileError(AccountRefusalError):
    """The only profile of an account cannot be deleted."""

    text = "An account keeps at least one profile."


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
