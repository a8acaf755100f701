"""Signing in: what is sent, tokens, and why there are none."""

from datetime import datetime
from typing import Annotated, Self

import strawberry

from subgraphs.shared.graphql.payloads import UserError
from subgraphs.users import models
from subgraphs.users.service.sessions import TokenPair
from subgraphs.users.types.devices import DeviceInput
from subgraphs.users.types.entities import Profile, User
from subgraphs.users.types.signin import AuthorizationPending, InvalidGrant, OtpInvalid, PairingEnded, ProviderNotLinked


@strawberry.input(description="Who signs in.")
class LoginInput:
    email: str = strawberry.field(description="Address; its case does not matter.")
    password: str = strawberry.field(description="Password.")
    device: DeviceInput | None = strawberry.field(
        default=None, description="What is signed in on; without it, the browser that asks."
    )


@strawberry.type(description="Tokens of a session, and whose it is.")
class AuthTokens:
    access_token: str = strawberry.field(description="Send it as `Authorization: Bearer …`; good for 15 minutes.")
    refresh_token: str | None = strawberry.field(
        description="Good for one `tokenRefresh` within 7 days; keep it secret. Null with `X-Session-Mode: "
        "cookie`: then a cookie keeps it."
    )
    access_expires_at: datetime = strawberry.field(description="End of the access token.")
    refresh_expires_at: datetime = strawberry.field(description="End of the refresh token.")
    account: User = strawberry.field(description="The account that is signed in.")
    profile: Profile | None = strawberry.field(description="The active profile.")

    @classmethod
    def of(
        cls,
        pair: TokenPair,
        user: models.User,
        profile: models.Profile | None,
        *,
        shows_refresh_token: bool = True,
    ) -> Self:
        """Return the GraphQL form of a token pair."""
        return cls(
            access_token=pair.access_token,
            refresh_token=pair.refresh_token if shows_refresh_token else None,
            access_expires_at=pair.access_expires_at,
            refresh_expires_at=pair.refresh_expires_at,
            account=User.of(user),
            profile=Profile.of(profile) if profile else None,
        )


@strawberry.type(description="E-mail or password is wrong; which one is not said.")
class InvalidCredentials(UserError):  # noqa: N818 - a GraphQL type, no exception
    remaining_attempts: int | None = strawberry.field(
        default=None, description="Wrong passwords left before the address is locked; the same without an account."
    )


@strawberry.type(description="Too many wrong passwords for the address: none is checked until the moment given.")
class AccountLocked(UserError):  # noqa: N818 - a GraphQL type, no exception
    locked_until: datetime = strawberry.field(description="End of the lock; `passwordReset` ends it sooner.")


@strawberry.type(description="The password is right, but the address was not confirmed: see `emailVerify`.")
class EmailNotVerified(UserError):  # noqa: N818 - a GraphQL type, no exception
    pass


@strawberry.type(description="The profile asks for its PIN: none was given, or a wrong one.")
class PinRequired(UserError):  # noqa: N818 - a GraphQL type, no exception
    locked_until: datetime | None = strawberry.field(
        default=None, description="Until when no PIN is checked, after five wrong ones within 15 minutes."
    )


@strawberry.type(description="The account is suspended.")
class AccountSuspended(UserError):  # noqa: N818 - a GraphQL type, no exception
    pass


@strawberry.type(description="The session has ended, or the token never belonged to one. Sign in again.")
class TokenInvalid(UserError):  # noqa: N818 - a GraphQL type, no exception
    reuse_detected: bool = strawberry.field(
        default=False, description="True when a used refresh token came again: every token of its session is revoked."
    )


AuthResult = Annotated[
    AuthTokens
    | InvalidCredentials
    | AccountLocked
    | EmailNotVerified
    | AccountSuspended
    | PinRequired
    | TokenInvalid
    | InvalidGrant
    | ProviderNotLinked
    | OtpInvalid
    | AuthorizationPending
    | PairingEnded,
    strawberry.union("AuthResult", description="Tokens, or why there are none."),
]
