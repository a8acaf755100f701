"""Devices and sessions: what a client says of the one it runs on, and what an account is signed in on."""

from datetime import datetime
from typing import Self
from uuid import UUID

import strawberry

from subgraphs.shared.graphql.scalars import CountryCode
from subgraphs.shared.ids import encode_id
from subgraphs.shared.values import DeviceType
from subgraphs.users import models
from subgraphs.users.repository.sessions import StoredSession
from subgraphs.users.service.opening import DeviceFacts


@strawberry.input(description="What a client says of the device that it runs on.")
class DeviceInput:
    client_id: str = strawberry.field(
        description="Random id that this installation gave itself and keeps, by which the device is known again; 1 to "
        "100 characters."
    )
    type: DeviceType = strawberry.field(description="What it is.")
    name: str | None = strawberry.field(default=None, description="What it calls itself; at most 100 characters.")

    def facts(self) -> DeviceFacts:
        """Return what signing in needs of it."""
        return DeviceFacts(client_id=self.client_id, type=self.type, name=self.name)


@strawberry.type(description="A device that the account was signed in on.")
class Device:
    id: strawberry.ID = strawberry.field(description="For `deviceRevoke`.")
    name: str = strawberry.field(description="What it calls itself, else program and system.")
    type: DeviceType = strawberry.field(description="What it is.")
    first_seen_at: datetime = strawberry.field(description="When the account was first signed in to on it.")
    last_seen_at: datetime = strawberry.field(description="When the account was last signed in to on it.")
    last_country: CountryCode = strawberry.field(description="From which country that was.")
    current: bool = strawberry.field(description="Whether this request comes from it.")

    @classmethod
    def of(cls, row: models.Device, *, is_current: bool) -> Self:
        """Return the GraphQL form of a stored device."""
        return cls(
            id=strawberry.ID(encode_id("Device", row.id)),
            name=row.name,
            type=row.type,
            first_seen_at=row.first_seen_at,
            last_seen_at=row.last_seen_at,
            last_country=CountryCode(row.country),
            current=is_current,
        )


@strawberry.type(description="A sign-in that has not ended.")
class Session:
    id: strawberry.ID = strawberry.field(description="For `sessionRevoke`.")
    device: Device | None = strawberry.field(description="What it is on; null once that device is forgotten.")
    created_at: datetime = strawberry.field(description="When it was opened.")
    expires_at: datetime = strawberry.field(description="When it ends, unless it is refreshed before.")
    ip_hash: str | None = strawberry.field(description="Digest of the address that it was opened from.")
    current: bool = strawberry.field(description="Whether this request belongs to it.")

    @classmethod
    def of(cls, session_id: str, stored: StoredSession, *, device: models.Device | None, is_current: bool) -> Self:
        """Return the GraphQL form of a living session."""
        return cls(
            id=strawberry.ID(encode_id("Session", UUID(session_id))),
            device=Device.of(device, is_current=is_current) if device else None,
            created_at=stored.created_at,
            expires_at=stored.expires_at,
            ip_hash=stored.ip_hash,
            current=is_current,
        )
