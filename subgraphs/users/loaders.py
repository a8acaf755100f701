"""Batched reads of one request: one statement for each loader and turn of the event loop."""

import asyncio
from collections.abc import Sequence
from datetime import datetime
from uuid import UUID

from subgraphs.shared.clock import Clock
from subgraphs.shared.errors import InvalidIdError
from subgraphs.shared.graphql.schema import loader_method
from subgraphs.shared.identity import Viewer
from subgraphs.shared.ids import decode_id, decode_ids_leniently
from subgraphs.shared.postgres import Database
from subgraphs.users.models import Device, Identity, PhoneNumber, Profile, User
from subgraphs.users.repository import accounts, devices, identities, privacy
from subgraphs.users.repository.accounts import OwnAccount
from subgraphs.users.repository.sessions import SessionStore, StoredSession


class Loaders:
    """The loaders of one request; what another account owns loads as None, and anonymous viewers cost no statement."""

    def __init__(self, database: Database, viewer: Viewer, *, sessions: SessionStore, clock: Clock) -> None:
        self._database = database
        self._sessions = sessions
        self._clock = clock
        self._session_id = viewer.session_id
        self._own_sessions: asyncio.Task[dict[str, StoredSession]] | None = None
        self.viewer_id = _uuid_of(viewer.user_id)
        self._profile_id = viewer.profile_id

    async def own_account(self) -> OwnAccount | None:
        """Return the viewer's account with the active profile, read once; None for anonymous viewers."""
        if self.viewer_id is None:
            return None
        profile = decode_ids_leniently([self._profile_id or ""], "Profile")[0]
        return await self.own_account_by_profile.load(profile.uuid if profile else None)

    @loader_method
    async def own_account_by_profile(self, profile_ids: Sequence[UUID | None]) -> list[OwnAccount | None]:
        """One statement for each profile: a viewer has one."""
        viewer = self.viewer_id
        if viewer is None:
            return [None] * len(profile_ids)
        return [await accounts.own_account(self._database, viewer=viewer, profile=each) for each in profile_ids]

    async def own_sessions(self) -> dict[str, StoredSession]:
        """Return the living sessions of the viewer's account by their ids, read once."""
        if self.viewer_id is None:
            return {}
        if self._own_sessions is None:
            self._own_sessions = asyncio.ensure_future(self._sessions.of_user(self.viewer_id, now=self._clock()))
        return await self._own_sessions

    async def own_session(self) -> StoredSession | None:
        """Return the session of the request; None when it has ended."""
        return (await self.own_sessions()).get(self._session_id or "")

    @loader_method
    async def devices_by_user(self, user_ids: Sequence[UUID]) -> list[list[Device]]:
        async with self._database.reading() as session:
            found = await devices.devices_of_users(session, user_ids)
        return [found[user_id] for user_id in user_ids]

    @loader_method
    async def deletion_date_by_user(self, user_ids: Sequence[UUID]) -> list[datetime | None]:
        async with self._database.reading() as session:
            found = await privacy.deletion_dates(session, user_ids)
        return [found.get(user_id) for user_id in user_ids]

    @loader_method
    async def user_by_id(self, ids: Sequence[UUID]) -> list[User | None]:
        if self.viewer_id is None:
            return [None] * len(ids)
        found = await accounts.visible_users(self._database, ids, viewer=self.viewer_id)
        return [found.get(user_id) for user_id in ids]

    @loader_method
    async def profile_by_id(self, ids: Sequence[UUID]) -> list[Profile | None]:
        if self.viewer_id is None:
            return [None] * len(ids)
        found = await accounts.visible_profiles(self._database, ids, viewer=self.viewer_id)
        return [found.get(profile_id) for profile_id in ids]

    @loader_method
    async def identities_by_user(self, user_ids: Sequence[UUID]) -> list[list[Identity]]:
        async with self._database.reading() as session:
            found = await identities.identities_of_users(session, user_ids)
        return [found[user_id] for user_id in user_ids]

    @loader_method
    async def phone_by_user(self, user_ids: Sequence[UUID]) -> list[PhoneNumber | None]:
        async with self._database.reading() as session:
            found = await identities.phones_of_users(session, user_ids)
        return [found.get(user_id) for user_id in user_ids]

    @loader_method
    async def profiles_by_user(self, user_ids: Sequence[UUID]) -> list[list[Profile]]:
        async with self._database.reading() as session:
            found = await accounts.profiles_of_users(session, user_ids)
        return [found[user_id] for user_id in user_ids]


def _uuid_of(user_id: str | None) -> UUID | None:
    """Return the uuid of a viewer; a signed context never holds another kind of id."""
    if user_id is None:
        return None
    try:
        return decode_id(user_id, "User").uuid
    except InvalidIdError:
        return None
