"""Batched reads of one request: one statement for each loader and turn of the event loop."""

from collections.abc import Sequence
from uuid import UUID

from strawberry.dataloader import DataLoader

from subgraphs.shared.errors import InvalidIdError
from subgraphs.shared.identity import Viewer
from subgraphs.shared.ids import decode_id
from subgraphs.shared.postgres import Database
from subgraphs.users.models import Identity, Profile, User
from subgraphs.users.repository import accounts, identities


class Loaders:
    """The loaders of one request; what another account owns loads as None, and anonymous viewers cost no statement."""

    def __init__(self, database: Database, viewer: Viewer) -> None:
        self._database = database
        self.viewer_id = _uuid_of(viewer.user_id)
        self.user_by_id: DataLoader[UUID, User | None] = DataLoader(load_fn=self._users)
        self.profile_by_id: DataLoader[UUID, Profile | None] = DataLoader(load_fn=self._profiles)
        self.profiles_by_user: DataLoader[UUID, list[Profile]] = DataLoader(load_fn=self._profiles_of_users)
        self.identities_by_user: DataLoader[UUID, list[Identity]] = DataLoader(load_fn=self._identities_of_users)

    async def _users(self, ids: Sequence[UUID]) -> list[User | None]:
        if self.viewer_id is None:
            return [None] * len(ids)
        async with self._database.reading() as session:
            found = await accounts.visible_users(session, ids, viewer=self.viewer_id)
        return [found.get(user_id) for user_id in ids]

    async def _profiles(self, ids: Sequence[UUID]) -> list[Profile | None]:
        if self.viewer_id is None:
            return [None] * len(ids)
        async with self._database.reading() as session:
            found = await accounts.visible_profiles(session, ids, viewer=self.viewer_id)
        return [found.get(profile_id) for profile_id in ids]

    async def _identities_of_users(self, user_ids: Sequence[UUID]) -> list[list[Identity]]:
        async with self._database.reading() as session:
            found = await identities.identities_of_users(session, user_ids)
        return [found[user_id] for user_id in user_ids]

    async def _profiles_of_users(self, user_ids: Sequence[UUID]) -> list[list[Profile]]:
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
