"""Films that play for titles: which ones there are, as playback tells of them, and those that drafts name."""

from collections.abc import Collection, Iterable, Iterator, Sequence
from dataclasses import dataclass
from datetime import datetime
from uuid import UUID

from subgraphs.catalog.errors import FieldRefusal
from subgraphs.catalog.repository import videos
from subgraphs.catalog.service.drafts import TitleDraft
from subgraphs.shared.errors import InvalidIdError
from subgraphs.shared.ids import decode_id
from subgraphs.shared.postgres import ReadSession, WriteSession

VIDEO = "VideoAsset"
"""The first half of a film's global id."""
VIDEO_UNKNOWN = "VIDEO_UNKNOWN"


@dataclass(frozen=True, slots=True)
class SentVideo:
    """A film that was uploaded whole, under a name that others may have, too. `asset_id` is a global id."""

    asset_id: str
    file_name: str
    uploaded_at: datetime


async def record_videos(session: WriteSession, sent: Sequence[SentVideo]) -> None:
    """Remember the films; each may come twice."""
    rows = {decode_id(each.asset_id, VIDEO).uuid: (each.file_name, each.uploaded_at) for each in sent}
    await videos.insert_videos(session, rows)


async def find_videos(session: ReadSession | WriteSession, names: Collection[str]) -> dict[str, UUID]:
    """Return the film that each name or global id means: of several of one name the one that was sent last."""
    ids = {name: own for name in names if (own := _id_in(name)) is not None}
    by_name = await videos.newest_by_name(session, [name for name in names if name not in ids])
    known = await videos.known_ids(session, ids.values())
    return by_name | {name: own for name, own in ids.items() if own in known}


async def known_videos(session: WriteSession, drafts: Iterable[TitleDraft]) -> set[UUID]:
    """Return the films that drafts name and that were uploaded."""
    return await videos.known_ids(session, {own for draft in drafts for _, own in _named(draft)})


def unknown_videos(draft: TitleDraft, known: Collection[UUID]) -> list[FieldRefusal]:
    """Return what is wrong with the films that the draft names."""
    message = "No such film was uploaded."
    return [FieldRefusal(VIDEO_UNKNOWN, message, path) for path, own in _named(draft) if own not in known]


def _named(draft: TitleDraft) -> Iterator[tuple[tuple[str, ...], UUID]]:
    if draft.video_asset_id is not None:
        yield ("videoAssetId",), draft.video_asset_id
    for season in draft.seasons:
        for episode in season.episodes:
            if episode.video_asset_id is not None:
                place = ("seasons", str(season.number), "episodes", str(episode.number), "videoAssetId")
                yield place, episode.video_asset_id


def _id_in(text: str) -> UUID | None:
    try:
        return decode_id(text, VIDEO).uuid
    except InvalidIdError:
        return None
