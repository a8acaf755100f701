"""The signed stream over HTTP: from playbackStart to a byte range of a segment."""

from collections.abc import AsyncIterator
from pathlib import Path

import httpx
import pytest

from subgraphs.shared.identity import ANONYMOUS
from tests.subgraphs.playback.conftest import PlaybackWorld


@pytest.fixture
async def http(world: PlaybackWorld) -> AsyncIterator[httpx.AsyncClient]:
    """A client of the subgraph's own server, with a small stream in the object store."""
    stream = Path(world.settings.objects_dir) / "streams" / "sample"
    master = "#EXTM3U\n"
    for height in (144, 1080):
        (stream / f"p{height}").mkdir(parents=True)
        (stream / f"p{height}" / "segment_000.m4s").write_bytes(b"0123456789")
        master += f"#EXT-X-STREAM-INF:BANDWIDTH=1,RESOLUTION=1x{height}\np{height}/index.m3u8\n"
    (stream / "master.m3u8").write_text(master, encoding="utf-8")
    transport = httpx.ASGITransport(app=world.app)
    async with httpx.AsyncClient(transport=transport, base_url="http://media.test") as client:
        yield client


async def test_a_started_film_streams(world: PlaybackWorld, http: httpx.AsyncClient) -> None:
    film = await world.film()
    session = await world.start(ANONYMOUS, film.playable_id)

    master = await http.get(session["manifestUrl"])
    segment = await http.get(str(master.url.join("p144/segment_000.m4s")), headers={"range": "bytes=2-4"})

    assert master.status_code == 200
    assert master.headers["content-type"].startswith("application/vnd.apple.mpegurl")
    assert master.text == "#EXTM3U\n#EXT-X-STREAM-INF:BANDWIDTH=1,RESOLUTION=1x144\np144/index.m3u8\n"
    assert (segment.status_code, segment.content) == (206, b"234")
    assert segment.headers["cache-control"] == "public, max-age=86400, immutable"
    assert segment.headers["access-control-allow-origin"] == "*"


async def test_what_is_not_covered_is_refused_and_not_cached(world: PlaybackWorld, http: httpx.AsyncClient) -> None:
    film = await world.film()
    session = await world.start(ANONYMOUS, film.playable_id)
    base = httpx.URL(session["manifestUrl"])

    above = await http.get(base.join("p1080/segment_000.m4s"))
    forged = await http.get(str(base).replace("/P720/", "/P1080/"))
    missing = await http.get(base.join("p144/segment_001.m4s"))
    outside = await http.get(str(base).replace("master.m3u8", "p144/%2e%2e/%2e%2e/%2e%2e/secret.mp4"))
    world.clock.advance(hours=1, seconds=31)
    expired = await http.get(base)

    answers = (above, forged, missing, outside, expired)
    assert [answer.status_code for answer in answers] == [403, 403, 404, 404, 403]
    assert {answer.headers["cache-control"] for answer in answers} == {"no-store"}
