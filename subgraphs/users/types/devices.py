"""Devices and sessions: what a client says of the one it runs on, and what an account is signed in on."""

import strawberry

from subgraphs.shared.values import DeviceType
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
