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
from subgraphs.shared.graphql.schema import Loader
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
        self.licence_by_playable: Loader[str, Licence | None] = Loader(load_fn=self._licences_of_playables)
        self.licence_by_title: Loader[str, Licence | None] = Loader(load_fn=self._licences_of_titles)
        self.progress_by_id: Loader[str, Progress | None] = Loader(load_fn=self._progress)
        self.stream_by_session: Loader[UUID, Stream | None] = Loader(load_fn=self._streams)
        self.asset_by_id: Loader[UUID, VideoAsset | None] = Loader(load_fn=self._assets)
        self.jobs_by_asset: Loader[UUID, Sequence[MediaJob] | None] = Loader(load_fn=self._jobs)

    async def _licences_of_playables(self, ids: Sequence[str]) -> list[Licence | None]:
        found = await rights.licences_to_show(self._stores.database, ids, user_id=self._viewer.user_id)
        return [found.get(each) for each in ids]

    async def _licences_of_titles(self, ids: Sequence[str]) -> list[Licence | None]:
        found = await rights.licences_of_titles(self._stores.database, ids, user_id=self._viewer.user_id)
        return [found.get(each) for each in ids]

    async def _progress(self, ids: Sequence[str]) -> list[Progress | None]:
        """Titles and playables together: both are fields of one hash."""
        if self._viewer.profile_id is None:
            return [None] * len(ids)
        found = await progress_of(self._read_model, self._viewer.profile_id, ids=ids)
        return [found.get(each) for each in ids]

    async def _streams(self, ids: Sequence[UUID]) -> list[Stream | None]:
        async with self._stores.database.reading() as session:
            found = await own_streams(session, ids, viewer=self._viewer, now=self._now, config=self._settings)
        return [found.get(each) for each in ids]

    async def _assets(self, ids: Sequence[UUID]) -> list[VideoAsset | None]:
        async with self._stores.database.reading() as session:
            found = await media.assets_by_id(session, ids)
        return [found.get(each) for each in ids]

    async def _jobs(self, asset_ids: Sequence[UUID]) -> list[Sequence[MediaJob] | None]:
        async with self._stores.database.reading() as session:
            found = await media.jobs_of(session, asset_ids)
        return [found.get(each, ()) for each in asset_ids]
