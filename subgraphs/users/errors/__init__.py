"""Refusals of the users subgraph.

ReelgraphError
├── AccountRefusalError          an input that the user can mend; reported in `errors` of the payload, with its path
│   ├── EmailInvalidError        EmailTakenError
│   ├── PasswordWeakError        PasswordTooLongError
│   ├── IdempotencyKeyReusedError
│   ├── NameInvalidError         AvatarUrlInvalidError   TooManyLanguagesError
│   ├── KidsLimitTooHighError    ProfileLimitReachedError   LastProfileError
│   ├── LastSignInMethodError    IdentityUnknownError     PhoneInvalidError        OtpTooSoonError
│   ├── PhoneTakenError          PhoneCodeInvalidError    StateCodeInvalidError
│   ├── UserCodeUnknownError     UserCodeTriesUsedUpError
│   ├── ChannelLockedError       AnnouncementInvalidError
│   ├── ConsentRequiredError     ConsentVersionInvalidError
│   ├── NoDeletionError          GrievanceInvalidError    GrievanceUnknownError    GrievanceDecidedError
│   ├── DecisionInvalidError     SignInAgainError
│   └── AccountUnknownError      OwnAccountError          ReasonInvalidError
├── BadUserInputError            DeviceInvalidError, RedirectUriNotAllowedError, CodeChallengeInvalidError,
│                                ProviderNotConfiguredError
├── ServiceUnavailableError      ProviderUnavailableError
├── InvalidGrantError            member InvalidGrant of AuthResult
├── ProviderNotLinkedError       member ProviderNotLinked: ProviderEmailUnverifiedError, ProviderAlreadyLinkedError
├── OtpInvalidError              member OtpInvalid of AuthResult
├── AuthorizationPendingError    member AuthorizationPending of AuthResult
├── PairingEndedError            member PairingEnded of AuthResult: PairingDeniedError, PairingExpiredError
├── InvalidCredentialsError      member InvalidCredentials of AuthResult
├── EmailNotVerifiedError        member EmailNotVerified of AuthResult
├── AccountLockedError           member AccountLocked of AuthResult
├── AccountSuspendedError        member AccountSuspended of AuthResult
├── PinRequiredError             member PinRequired of AuthResult
└── TokenInvalidError            member TokenInvalid of AuthResult

RefusedError carries every AccountRefusalError of one input, so that a form can mark them all.
"""

from subgraphs.users.errors.accounts import (
    DeviceUnknownError,
    EmailInvalidError,
    EmailTakenError,
    IdempotencyKeyReusedError,
    PasswordLockedError,
    PasswordTooLongError,
    PasswordWeakError,
    PasswordWrongError,
    SessionUnknownError,
    SignInAgainError,
    StateCodeInvalidError,
    TokenRefusedError,
)
from subgraphs.users.errors.administration import AccountUnknownError, OwnAccountError, ReasonInvalidError
from subgraphs.users.errors.base import AccountRefusalError, RefusedError
from subgraphs.users.errors.notices import AnnouncementInvalidError, ChannelLockedError
from subgraphs.users.errors.privacy import (
    ConsentRequiredError,
    ConsentVersionInvalidError,
    DecisionInvalidError,
    GrievanceDecidedError,
    GrievanceInvalidError,
    GrievanceUnknownError,
    NoDeletionError,
)
from subgraphs.users.errors.profiles import (
    AvatarUrlInvalidError,
    KidsLimitTooHighError,
    LastProfileError,
    NameInvalidError,
    PinInvalidError,
    ProfileLimitReachedError,
    TooManyLanguagesError,
)
from subgraphs.users.errors.sessions import (
    AccountLockedError,
    AccountSuspendedError,
    DeviceInvalidError,
    EmailNotVerifiedError,
    InvalidCredentialsError,
    PinRequiredError,
    TokenInvalidError,
)
from subgraphs.users.errors.signin import (
    AuthorizationPendingError,
    CodeChallengeInvalidError,
    IdentityUnknownError,
    InvalidGrantError,
    LastSignInMethodError,
    OtpInvalidError,
    OtpTooSoonError,
    PairingDeniedError,
    PairingEndedError,
    PairingExpiredError,
    PhoneCodeInvalidError,
    PhoneInvalidError,
    PhoneTakenError,
    ProviderAlreadyLinkedError,
    ProviderEmailUnverifiedError,
    ProviderNotConfiguredError,
    ProviderNotLinkedError,
    ProviderUnavailableError,
    RedirectUriNotAllowedError,
    UserCodeTriesUsedUpError,
    UserCodeUnknownError,
)

__all__ = [
    "AccountLockedError",
    "AccountRefusalError",
    "AccountSuspendedError",
    "AccountUnknownError",
    "AnnouncementInvalidError",
    "AuthorizationPendingError",
    "AvatarUrlInvalidError",
    "ChannelLockedError",
    "CodeChallengeInvalidError",
    "ConsentRequiredError",
    "ConsentVersionInvalidError",
    "DecisionInvalidError",
    "DeviceInvalidError",
    "DeviceUnknownError",
    "EmailInvalidError",
    "EmailNotVerifiedError",
    "EmailTakenError",
    "GrievanceDecidedError",
    "GrievanceInvalidError",
    "GrievanceUnknownError",
    "IdempotencyKeyReusedError",
    "IdentityUnknownError",
    "InvalidCredentialsError",
    "InvalidGrantError",
    "KidsLimitTooHighError",
    "LastProfileError",
    "LastSignInMethodError",
    "NameInvalidError",
    "NoDeletionError",
    "OtpInvalidError",
    "OtpTooSoonError",
    "OwnAccountError",
    "PairingDeniedError",
    "PairingEndedError",
    "PairingExpiredError",
    "PasswordLockedError",
    "PasswordTooLongError",
    "PasswordWeakError",
    "PasswordWrongError",
    "PhoneCodeInvalidError",
    "PhoneInvalidError",
    "PhoneTakenError",
    "PinInvalidError",
    "PinRequiredError",
    "ProfileLimitReachedError",
    "ProviderAlreadyLinkedError",
    "ProviderEmailUnverifiedError",
    "ProviderNotConfiguredError",
    "ProviderNotLinkedError",
    "ProviderUnavailableError",
    "ReasonInvalidError",
    "RedirectUriNotAllowedError",
    "RefusedError",
    "SessionUnknownError",
    "SignInAgainError",
    "StateCodeInvalidError",
    "TokenInvalidError",
    "TokenRefusedError",
    "TooManyLanguagesError",
    "UserCodeTriesUsedUpError",
    "UserCodeUnknownError",
]
