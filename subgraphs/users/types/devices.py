"""Devices: what a client says of the one it runs on."""

import strawberry

from subgraphs.shared.values import DeviceType


@strawberry.input(description="What a client says of the device that it runs on.")
class DeviceInput:
    client_id: str = strawberry.field(description="Which app asks; 1 to 100 characters.")
    type: DeviceType = strawberry.field(description="What it is.")
    name: str | None = strawberry.field(default=None, description="What it calls itself; at most 100 characters.")
