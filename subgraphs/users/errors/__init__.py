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

from subgraphs.users.errors.accounts import (
    EmailInvalidError,
    EmailTakenError,
    IdempotencyKeyReusedError,
    PasswordTooLongError,
    PasswordWeakError,
)
from subgraphs.users.errors.base import AccountRefusalError, RefusedError
from subgraphs.users.errors.profiles import (
    AvatarUrlInvalidError,
    KidsLimitTooHighError,
    LastProfileError,
    NameInvalidError,
    ProfileLimitReachedError,
    TooManyLanguagesError,
)
from subgraphs.users.errors.sessions import AccountSuspendedError, InvalidCredentialsError, TokenInvalidError

__all__ = [
    "AccountRefusalError",
    "AccountSuspendedError",
    "AvatarUrlInvalidError",
    "EmailInvalidError",
    "EmailTakenError",
    "IdempotencyKeyReusedError",
    "InvalidCredentialsError",
    "KidsLimitTooHighError",
    "LastProfileError",
    "NameInvalidError",
    "PasswordTooLongError",
    "PasswordWeakError",
    "ProfileLimitReachedError",
    "RefusedError",
    "TokenInvalidError",
    "TooManyLanguagesError",
]
