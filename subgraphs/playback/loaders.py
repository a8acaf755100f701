"""Batched reads of one request: one statement or round trip for each loader."""

from collections.abc import Sequence
from datetime import datetime
from uuid import UUID

from subgraphs.playback.config import Settings
from subgraphs.playback.models.media import MediaJob, VideoAsset
from subgraphs.playback.models.rows import Licence, Progress
from subgraphs.playback.repository import media, rights
from subgraphs.playback.repository.read_model import ReadModel
from subgraphs.playback.repository.stores import Stores
from subgraphs.playback.service.progress import progress_of
from subgraphs.playback.service.sessions import Stream, own_streams
from subgraphs.shared.graphql.schema import loader_method
from subgraphs.shared.identity import Viewer


class Loaders:
    """The loaders of one request. Licences carry the entitlement of its viewer; progress is the active profile's."""

    def __init__(
        self, stores: Stores, read_model: ReadModel, *, viewer: Viewer, now: datetime, settings: Settings
    ) -> None:
        self._stores = stores
        self._read_model = read_model
        self._viewer = viewer
        self._now = now
        self._settings = settings

    @loader_method
    async def licence_by_playable(self, ids: Sequence[str]) -> list[Licence | None]:
        found = await rights.licences_to_show(self._stores.database, ids, user_id=self._viewer.user_id)
        return [found.get(each) for each in ids]

    @loader_method
    async def licence_by_title(self, ids: Sequence[str]) -> list[Licence | None]:
        found = await rights.licences_of_titles(self._stores.database, ids, user_id=self._viewer.user_id)
        return [found.get(each) for each in ids]

    @loader_method
    async def progress_by_id(self, ids: Sequence[str]) -> list[Progress | None]:
        """Titles and playables together: both are fields of one hash."""
        if self._viewer.profile_id is None:
            return [None] * len(ids)
        found = await progress_of(self._read_model, self._viewer.profile_id, ids=ids)
        return [found.get(each) for each in ids]

    @loader_method
    async def stream_by_session(self, ids: Sequence[UUID]) -> list[Stream | None]:
        async with self._stores.database.reading() as session:
            found = await own_streams(session, ids, viewer=self._viewer, now=self._now, config=self._settings)
        return [found.get(each) for each in ids]

    @loader_method
    async def asset_by_id(self, ids: Sequence[UUID]) -> list[VideoAsset | None]:
        async with self._stores.database.reading() as session:
            found = await media.assets_by_id(session, ids)
        return [found.get(each) for each in ids]

    @loader_method
    async def jobs_by_asset(self, asset_ids: Sequence[UUID]) -> list[Sequence[MediaJob] | None]:
        async with self._stores.database.reading() as session:
            found = await media.jobs_of(session, asset_ids)
        return [found.get(each, ()) for each in asset_ids]
