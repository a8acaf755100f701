"""Root subscription fields of the playback subgraph."""

from collections.abc import AsyncGenerator
from contextlib import aclosing
from typing import Annotated

import strawberry

from subgraphs.playback.context import Info
from subgraphs.playback.repository.media import newest_job
from subgraphs.playback.service.films import ASSET
from subgraphs.playback.types.media import ADMIN, MediaJob
from subgraphs.shared.ids import decode_id
from subgraphs.shared.job_news import watch

AssetId = Annotated[strawberry.ID, strawberry.argument(description="Global id of a film.")]


@strawberry.type
class Subscription:
    @strawberry.federation.field(
        is_subscription=True,
        tags=ADMIN,
        requires_scopes=[["media:read"]],
        description="The newest encoding of a film as it is, and whenever it has come further; ends with it, at once "
        "where there is none.",
    )
    async def media_job_updated(self, info: Info, asset_id: AssetId) -> AsyncGenerator[MediaJob, None]:
        context, own = info.context, decode_id(asset_id, ASSET).uuid
        changes = watch(context.feed, context.stores.database, own, read=newest_job)
        async with aclosing(changes) as jobs:
            async for job in jobs:
                yield MediaJob.of(job)
