"""The film that plays for a title or an episode: known ones only, told to others, taken away again."""

from typing import Any
from uuid import UUID

import pytest

from subgraphs.catalog.service.genres import KNOWN_GENRES
from subgraphs.catalog.service.videos import SentVideo, record_videos
from subgraphs.shared.ids import encode_id
from subgraphs.shared.outbox import pending_events
from tests.subgraphs.catalog.desk import ADMIN, CREATOR, Desk
from tests.subgraphs.catalog.support import NOW, Client, movie

FILM, OTHER = (encode_id("VideoAsset", UUID(int=n)) for n in (1, 2))
READ = "query($id: ID!) { cmsTitle(id: $id) { version videoAsset { id } seasons { episodes { videoAsset { id } } } } }"
EPISODE = """mutation($id: ID!, $version: Int!, $input: EpisodeInput!) {
  done: episodeUpsert(titleId: $id, expectedVersion: $version, seasonNumber: 1, input: $input) { errors { code path } }
}"""
UNKNOWN = encode_id("VideoAsset", UUID(int=3))


@pytest.fixture
async def desk(catalog: Client) -> Desk:
    await catalog.store(movie("Golden River", genres=(KNOWN_GENRES["drama"],)))
    async with catalog.database.writing() as session:
        await record_videos(session, [SentVideo(FILM, "film.mp4", NOW), SentVideo(OTHER, "other.mp4", NOW)])
        await record_videos(session, [SentVideo(FILM, "film.mp4", NOW)])
    return Desk(catalog)


async def read(desk: Desk, own: str) -> Any:
    return (await desk.catalog.data(READ, {"id": own}, viewer=ADMIN))["cmsTitle"]


async def update(desk: Desk, own: str, **given: Any) -> Any:
    version = (await read(desk, own))["version"]
    return await desk.run("titleUpdate", CREATOR, id=own, expectedVersion=version, input=given)


async def test_a_title_is_given_a_film_and_loses_it(desk: Desk) -> None:
    own = await desk.draft(videoAssetId=FILM)
    first = await read(desk, own)
    await update(desk, own, durationMinutes=90)
    kept = await read(desk, own)
    await update(desk, own, videoAssetId=OTHER)
    changed = await read(desk, own)
    await update(desk, own, videoAssetId=None)
    removed = await read(desk, own)

    assert [each["videoAsset"] for each in (first, kept, changed, removed)] == [
        {"id": FILM},
        {"id": FILM},
        {"id": OTHER},
        None,
    ]


async def test_a_film_that_nobody_sent_is_refused(desk: Desk) -> None:
    own = await desk.draft(videoAssetId=FILM)
    version = (await read(desk, own))["version"]

    codes = await desk.refusals(
        "titleUpdate", CREATOR, id=own, expectedVersion=version, input={"videoAssetId": UNKNOWN}
    )

    assert codes == ["VIDEO_UNKNOWN"]
    assert (await read(desk, own))["videoAsset"] == {"id": FILM}


async def test_what_viewers_play_is_told_with_the_title(desk: Desk) -> None:
    own = await desk.draft(videoAssetId=FILM)

    await desk.publish(own)

    async with desk.catalog.database.writing() as session:
        other, event = await pending_events(session, limit=10)
    assert [each["video_asset_id"] for each in other.payload["playables"]] == [None]
    assert [each["video_asset_id"] for each in event.payload["playables"]] == [FILM]


async def test_an_episode_has_a_film_of_its_own(desk: Desk) -> None:
    made = await desk.title("titleCreate", CREATOR, kind="SHOW", input={"originalName": "Tides"})
    own = made["id"]

    async def upsert(version: int, video: str) -> Any:
        values = {"id": own, "version": version, "input": {"number": 1, "videoAssetId": video}}
        return (await desk.catalog.data(EPISODE, values, viewer=CREATOR))["done"]["errors"]

    assert await upsert(1, OTHER) == []
    assert await upsert(2, UNKNOWN) == [
        {"code": "VIDEO_UNKNOWN", "path": ["seasons", "1", "episodes", "1", "videoAssetId"]}
    ]
    shown = await read(desk, own)
    assert [each["videoAsset"] for each in shown["seasons"][0]["episodes"]] == [{"id": OTHER}]
