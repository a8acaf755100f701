"""Statements on devices."""

from collections.abc import Sequence
from uuid import UUID

import sqlalchemy as sa
from sqlalchemy.dialects import postgresql
from sqlalchemy.ext.asyncio import AsyncSession
from sqlmodel import col

from subgraphs.users.models import Device


async def see_device(session: AsyncSession, device: Device) -> tuple[UUID, bool]:
    """Add the device, or note what is new of it when its account has it; return its id and whether it was added."""
    insert = postgresql.insert(Device).values(device.model_dump())
    updated = ("name", "type", "agent", "country", "ip_hash", "last_seen_at")
    statement = insert.on_conflict_do_update(
        index_elements=["user_id", "client_id"], set_={name: insert.excluded[name] for name in updated}
    ).returning(col(Device.id))
    device_id: UUID = (await session.execute(statement)).scalar_one()
    return device_id, device_id == device.id


async def devices_of_users(session: AsyncSession, user_ids: Sequence[UUID]) -> dict[UUID, list[Device]]:
    """Return the devices of each account, last seen first; an account without any has an empty list."""
    statement = (
        sa.select(Device)
        .where(col(Device.user_id).in_(user_ids))
        .order_by(col(Device.last_seen_at).desc(), col(Device.id))
    )
    devices: dict[UUID, list[Device]] = {user_id: [] for user_id in user_ids}
    for device in (await session.execute(statement)).scalars():
        devices[device.user_id].append(device)
    return devices


async def remove_device(session: AsyncSession, device_id: UUID, *, viewer: UUID) -> bool:
    """Delete the device of the viewer's account; False when it has no such device."""
    statement = (
        sa.delete(Device).where(col(Device.id) == device_id, col(Device.user_id) == viewer).returning(col(Device.id))
    )
    return (await session.execute(statement)).scalar() is not None
