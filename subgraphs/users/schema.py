"""The users subgraph's schema, and how its refusals become members of AuthResult."""

from subgraphs.shared.graphql.payloads import InputError
from subgraphs.shared.graphql.refusals import AsMember
from subgraphs.shared.graphql.schema import FederatedSchema
from subgraphs.users import errors
from subgraphs.users.mutations import Mutation
from subgraphs.users.queries import Query
from subgraphs.users.subscriptions import Subscription
from subgraphs.users.types import (
    AccountLocked,
    AccountSuspended,
    EmailNotVerified,
    InvalidCredentials,
    PinRequired,
    Profile,
    TokenInvalid,
    User,
)
from subgraphs.users.types.signin import AuthorizationPending, InvalidGrant, OtpInvalid, PairingEnded, ProviderNotLinked

schema = FederatedSchema(
    query=Query,
    mutation=Mutation,
    subscription=Subscription,
    types=[User, Profile, InputError],
    exception_handlers=[
        AsMember(
            errors.InvalidCredentialsError,
            InvalidCredentials,
            details=lambda error: {"remaining_attempts": error.remaining_attempts},
        ),
        AsMember(errors.AccountLockedError, AccountLocked, details=lambda error: {"locked_until": error.locked_until}),
        AsMember(errors.EmailNotVerifiedError, EmailNotVerified),
        AsMember(errors.PinRequiredError, PinRequired, details=lambda error: {"locked_until": error.locked_until}),
        AsMember(errors.AccountSuspendedError, AccountSuspended),
        AsMember(
            errors.TokenInvalidError, TokenInvalid, details=lambda error: {"reuse_detected": error.reuse_detected}
        ),
        AsMember(errors.InvalidGrantError, InvalidGrant),
        AsMember(errors.ProviderNotLinkedError, ProviderNotLinked),
        AsMember(errors.OtpInvalidError, OtpInvalid),
        AsMember(
            errors.AuthorizationPendingError,
            AuthorizationPending,
            details=lambda error: {"interval_seconds": error.interval_seconds, "slow_down": error.slow_down},
        ),
        AsMember(errors.PairingEndedError, PairingEnded),
    ],
)
