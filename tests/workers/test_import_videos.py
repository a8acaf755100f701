"""A CSV file that says which uploaded film plays for each of its titles: rows are taken whole, or not at all."""

from collections.abc import AsyncIterator
from datetime import timedelta
from typing import Any
from uuid import UUID

import pytest
import sqlalchemy as sa

from subgraphs.catalog.service.spreadsheet import spreadsheet_head, spreadsheet_row
from subgraphs.catalog.service.taking import stored_forms
from subgraphs.catalog.service.videos import SentVideo, record_videos
from subgraphs.shared.ids import encode_id
from tests.workers.conftest import NOW, MovableClock
from tests.workers.importing_support import Importer, open_importer
from workers.config import Settings
from workers.services import Services

FIRST, NEWER, OTHER = (UUID(int=n) for n in (1, 2, 3))
ROWS = (
    "id,title,video_file\n"
    "one,Golden River,river.mp4\n"
    "two,Silver Lake,lost.mp4\n"
    f"three,Blue Hill,{encode_id('VideoAsset', OTHER)}\n"
    f"four,Red Field,{encode_id('VideoAsset', UUID(int=9))}\n"
    "five,Green Road,\n"
).encode()


@pytest.fixture
async def importer(worker_settings: Settings, services: Services, clock: MovableClock) -> AsyncIterator[Importer]:
    async with services.outboxes["catalog"].writing() as session:
        await record_videos(
            session,
            [
                SentVideo(encode_id("VideoAsset", FIRST), "river.mp4", NOW),
                SentVideo(encode_id("VideoAsset", NEWER), "river.mp4", NOW + timedelta(seconds=1)),
                SentVideo(encode_id("VideoAsset", OTHER), "hill.mp4", NOW),
            ],
        )
    async with open_importer(worker_settings, services, clock) as opened:
        yield opened


async def playing(services: Services) -> list[tuple[str, UUID | None]]:
    """Return the titles, by name, and what plays for each."""
    query = "SELECT t.original_name, p.video_asset_id FROM titles t JOIN playables p ON p.title_id = t.id ORDER BY 1"
    async with services.outboxes["catalog"].reading() as session:
        rows = await session.execute(sa.text(query))
        return [(name, None if video is None else UUID(int=video.int)) for name, video in rows]


async def exported(services: Services) -> bytes:
    """Return all titles as a spreadsheet."""
    async with services.outboxes["catalog"].reading() as session:
        ids = (await session.execute(sa.text("SELECT id FROM titles ORDER BY original_name"))).scalars().all()
        forms = await stored_forms(session, ids)
    return b"".join([spreadsheet_head(), *(spreadsheet_row(forms[UUID(int=own.int)].record) for own in ids)])


def refused(done: Any) -> list[tuple[int, str, str]]:
    return [(error["row"], error["externalId"], error["code"]) for error in done["errors"]]


@pytest.mark.requirement("FR-CMS-001.2")
async def test_rows_name_the_films_that_play(importer: Importer, services: Services) -> None:
    tried = await importer.run(ROWS, format="CSV", dryRun=True)
    before = await playing(services)
    done = await importer.run(ROWS + b"\n", format="CSV")
    again = await importer.run(ROWS + b"\n\n", format="CSV")

    assert before == []
    assert (
        refused(tried)
        == refused(done)
        == refused(again)
        == [
            (3, "two", "VIDEO_UNKNOWN"),
            (5, "four", "VIDEO_UNKNOWN"),
        ]
    )
    assert (tried["inserted"], done["inserted"], done["failed"], again["unchanged"]) == (3, 3, 2, 3)
    assert (done["comparison"]["compared"], done["comparison"]["matching"]) == (3, 3)
    assert await playing(services) == [("Blue Hill", OTHER), ("Golden River", NEWER), ("Green Road", None)]


@pytest.mark.requirement("FR-CMS-001.2")
async def test_what_was_exported_comes_back_and_changes_only_what_it_says(
    importer: Importer, services: Services
) -> None:
    await importer.run(ROWS, format="CSV")
    sheet = await exported(services)

    same = await importer.run(sheet, format="CSV")
    changed = await importer.run(sheet.replace(encode_id("VideoAsset", OTHER).encode(), b"river.mp4"), format="CSV")
    bad = await importer.run(sheet.replace(encode_id("VideoAsset", OTHER).encode(), b"lost.mp4"), format="CSV")

    assert (same["unchanged"], same["updated"], same["failed"]) == (3, 0, 0)
    assert (changed["unchanged"], changed["updated"]) == (2, 1)
    assert [field["field"] for each in changed["changes"] for field in each["fields"]] == ["video_asset_id"]
    assert [code for _, _, code in refused(bad)] == ["VIDEO_UNKNOWN"]
    assert await playing(services) == [("Blue Hill", NEWER), ("Golden River", NEWER), ("Green Road", None)]
