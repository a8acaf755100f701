"""Signing in at a provider, by phone and by pairing: what is sent, and what comes back instead of tokens."""

from datetime import datetime
from typing import Self

import strawberry

from subgraphs.shared.graphql.enums import describe_enum
from subgraphs.shared.graphql.payloads import UserError
from subgraphs.shared.graphql.scalars import URL, CountryCode
from subgraphs.shared.values import DeviceType
from subgraphs.users import models
from subgraphs.users.models import IdentityProvider
from subgraphs.users.repository.pairings import WaitingDevice
from subgraphs.users.service.pairing import StartedPairing
from subgraphs.users.service.providers import BegunSignIn
from subgraphs.users.types.devices import DeviceInput

describe_enum(
    IdentityProvider,
    "Who may vouch for a person.",
    GOOGLE="Google.",
    FACEBOOK="Facebook.",
)


@strawberry.type(description="A person at a provider who may sign in to the account.")
class LinkedIdentity:
    provider: IdentityProvider = strawberry.field(description="Who vouches for the person.")
    subject: str = strawberry.field(description="The provider's lasting name for the person.")
    linked_at: datetime = strawberry.field(description="Since when the person may sign in.")

    @classmethod
    def of(cls, row: models.Identity) -> Self:
        """Return the GraphQL form of a stored identity."""
        return cls(provider=row.provider, subject=row.subject, linked_at=row.linked_at)


@strawberry.input(description="A sign-in at a provider that begins.")
class ProviderLoginStartInput:
    provider: IdentityProvider = strawberry.field(description="Where to sign in.")
    redirect_uri: URL = strawberry.field(description="Where the provider sends the person back; a registered one.")
    code_challenge: str = strawberry.field(
        description="PKCE: the SHA-256 of a random verifier, in base64url without padding. The client keeps the "
        "verifier for `loginWithProvider`."
    )


@strawberry.type(description="A sign-in at a provider that was begun. It lasts ten minutes and can be finished once.")
class ProviderLogin:
    authorization_url: URL = strawberry.field(description="Send the person there.")
    state: str = strawberry.field(
        description="Comes back with the person; the client checks that it is this one, and sends it along."
    )
    expires_at: datetime = strawberry.field(description="End of the time for coming back.")

    @classmethod
    def of(cls, begun: BegunSignIn) -> Self:
        """Return the GraphQL form of a begun sign-in."""
        return cls(authorization_url=URL(begun.authorization_url), state=begun.state, expires_at=begun.expires_at)


@strawberry.input(description="A person who came back from a provider.")
class ProviderLoginInput:
    provider: IdentityProvider = strawberry.field(description="Where the person was.")
    code: str = strawberry.field(description="The authorization code that came back.")
    code_verifier: str = strawberry.field(description="PKCE: the verifier whose challenge the sign-in began with.")
    redirect_uri: URL = strawberry.field(description="The address that the sign-in began with.")
    state: str = strawberry.field(description="The state that the sign-in began with; good once.")
    device: DeviceInput | None = strawberry.field(default=None, description="What is signed in on.")


@strawberry.type(description="The code, its verifier or its state is wrong, expired, or was used before. Begin again.")
class InvalidGrant(UserError):  # noqa: N818 - a GraphQL type, no exception
    pass


@strawberry.type(
    description="The provider knows the person, but no account was made or linked: it does not vouch for the address "
    "(PROVIDER_EMAIL_UNVERIFIED), or account or person are linked otherwise (PROVIDER_ALREADY_LINKED)."
)
class ProviderNotLinked(UserError):  # noqa: N818 - a GraphQL type, no exception
    pass


@strawberry.type(description="The code by phone is wrong, has expired, was used, or was tried five times.")
class OtpInvalid(UserError):  # noqa: N818 - a GraphQL type, no exception
    pass


@strawberry.type(description="Nobody has approved the device yet: ask again, no sooner than the interval.")
class AuthorizationPending(UserError):  # noqa: N818 - a GraphQL type, no exception
    interval_seconds: int = strawberry.field(default=0, description="Seconds to wait between two questions.")
    slow_down: bool = strawberry.field(
        default=False, description="True when the device asked too soon; the interval has grown by five seconds."
    )


@strawberry.type(
    description="The pairing has ended without tokens: the viewer said no (PAIRING_DENIED), or the code has expired or "
    "was used (PAIRING_EXPIRED)."
)
class PairingEnded(UserError):  # noqa: N818 - a GraphQL type, no exception
    pass


@strawberry.type(description="A pairing that was started: what the device keeps, and what it shows.")
class DevicePairing:
    user_code: str = strawberry.field(description="To show: eight letters with a dash. Case and dash do not matter.")
    device_code: str = strawberry.field(description="To keep secret, and to ask with.")
    verification_url: URL = strawberry.field(description="To show: where a signed-in viewer types the user code.")
    verification_url_complete: URL = strawberry.field(description="The same with the code in it, for a QR code.")
    interval_seconds: int = strawberry.field(description="Shortest time between two `devicePairingPoll`.")
    expires_at: datetime = strawberry.field(description="End of both codes.")

    @classmethod
    def of(cls, started: StartedPairing, *, verification_url: str) -> Self:
        """Return the GraphQL form of a started pairing."""
        return cls(
            user_code=started.user_code,
            device_code=started.device_code,
            verification_url=URL(verification_url),
            verification_url_complete=URL(f"{verification_url}?user_code={started.user_code}"),
            interval_seconds=started.interval_seconds,
            expires_at=started.expires_at,
        )


@strawberry.type(description="A device that waits for approval, as it describes itself.")
class PendingDevice:
    client_id: str = strawberry.field(description="Which app asks.")
    name: str | None = strawberry.field(description="What the device calls itself.")
    type: DeviceType = strawberry.field(description="What it is.")
    country: CountryCode = strawberry.field(description="Country from which it asks.")
    started_at: datetime = strawberry.field(description="When it began to show the code.")

    @classmethod
    def of(cls, device: WaitingDevice) -> Self:
        """Return the GraphQL form of a waiting device."""
        return cls(
            client_id=device.client_id,
            name=device.name,
            type=device.type,
            country=CountryCode(device.country),
            started_at=device.started_at,
        )


@strawberry.type(description="Outcome of looking up a user code.")
class PendingDevicePayload:
    device: PendingDevice | None = strawberry.field(description="The device; null when none waits with the code.")
    errors: list[UserError] = strawberry.field(description="What is wrong with the code; empty when a device waits.")
