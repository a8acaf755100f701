"""From a film file on an editor's disk to a viewer's player, through the whole platform."""

import asyncio
import io
import subprocess
from collections.abc import AsyncIterator, Mapping
from pathlib import Path
from typing import Any
from urllib.parse import urljoin, urlsplit

import pytest
from PIL import Image

from media.tools import find_tool
from tests.e2e.platform import Platform, open_platform, settings_of
from workers.config import Settings
from workers.draining import drain_all
from workers.encoding import encode_next
from workers.services import Services, open_services

PART_BYTES = 32_768
OPEN = """mutation($input: UploadCreateInput!) { uploadCreate(input: $input) {
  upload { id receivedBytes parts { number sizeBytes url etag } } errors { code }
} }"""
MISSING = "query($id: ID!) { upload(id: $id) { receivedBytes parts { number sizeBytes url etag } } }"
COMPLETE = """mutation($id: ID!, $etags: [String!]!) { uploadComplete(id: $id, etags: $etags) {
  asset { id status } errors { code }
} }"""
PICTURE = "mutation { imageUploadCreate { id url } }"
CREATE = """mutation($input: TitleInput!) {
  titleCreate(kind: MOVIE, input: $input) { title { id } errors { code path } }
}"""
STEP = "mutation($id: ID!) {{ done: {}(id: $id) {{ errors {{ code path }} }} }}"
CMS = """query($id: ID!) { cmsTitle(id: $id) {
  videoAsset { id status width height frameRate durationSeconds renditions { quality } stills { url } jobs { status } }
} }"""
PLAYABLE = "query($id: ID!) { title(id: $id) { ... on Movie { playable { id } } } }"
START = """mutation($input: PlaybackStartInput!) { playbackStart(input: $input) {
  __typename ... on PlaybackSession { manifestUrl maxQuality } ... on UserError { code }
} }"""


@pytest.fixture(scope="module")
def small_parts(environment: dict[str, str]) -> dict[str, str]:
    return {**environment, "UPLOAD_PART_BYTES": str(PART_BYTES)}


@pytest.fixture
async def studio(small_parts: dict[str, str]) -> AsyncIterator[Platform]:
    async with open_platform(small_parts) as platform:
        yield platform


@pytest.fixture
async def services(small_parts: dict[str, str]) -> AsyncIterator[Services]:
    with settings_of(small_parts):
        settings = Settings()
    async with open_services(settings) as opened:
        yield opened


@pytest.fixture
def clip(tmp_path: Path) -> bytes:
    """Two seconds of a test picture and a tone, in two parts."""
    path = tmp_path / "clip.mp4"
    subprocess.run(
        [
            *(find_tool("ffmpeg"), "-hide_banner", "-loglevel", "error"),
            *("-f", "lavfi", "-i", "testsrc2=size=160x90:rate=12:duration=2"),
            *("-f", "lavfi", "-i", "sine=frequency=440:sample_rate=48000:duration=2"),
            *(
                "-c:v",
                "libx264",
                "-preset",
                "ultrafast",
                "-pix_fmt",
                "yuv420p",
                "-c:a",
                "aac",
                "-b:a",
                "32k",
                str(path),
            ),
        ],
        check=True,
        timeout=60,
    )
    return path.read_bytes()


async def put(platform: Platform, part: Mapping[str, Any], content: bytes) -> str:
    start = (part["number"] - 1) * PART_BYTES
    answer = await platform.http.put(
        urlsplit(part["url"]).path, content=content[start : start + int(part["sizeBytes"])]
    )
    assert answer.status_code == 200, answer.text
    return answer.headers["etag"]


async def picture(platform: Platform, token: str, size: tuple[int, int]) -> str:
    """Return the id of an uploaded picture."""
    place = (await platform.data(PICTURE, token=token))["imageUploadCreate"]
    drawn = io.BytesIO()
    Image.new("RGB", size, "teal").save(drawn, "PNG")
    sent = await platform.http.put(urlsplit(place["url"]).path, content=drawn.getvalue())
    assert sent.status_code == 201, sent.text
    return str(place["id"])


async def title_with(platform: Platform, token: str, asset: str) -> str:
    """Return the id of a published film that plays the asset."""
    genre = (await platform.data("{ genres { id } }"))["genres"][0]["id"]
    given = {
        "translations": [{"locale": locale, "name": "Two Seconds", "description": "Short."} for locale in ("en", "hi")],
        "releaseDate": "2026-02-01",
        "durationMinutes": 1,
        "maturityRating": "U",
        "genreIds": [genre],
        "credits": [{"name": "Asha Rao", "role": "DIRECTOR"}],
        "trailerUrl": "https://trailers.example/two-seconds",
        "images": [
            {"role": "POSTER", "uploadId": await picture(platform, token, (640, 360))},
            {"role": "THUMBNAIL", "uploadId": await picture(platform, token, (640, 480))},
        ],
        "videoAssetId": asset,
    }
    made = (await platform.data(CREATE, {"input": given}, token=token))["titleCreate"]
    assert made["errors"] == []
    own = str(made["title"]["id"])
    for step in ("titleSubmitForReview", "titleApprove", "titlePublish"):
        assert (await platform.data(STEP.format(step), {"id": own}, token=token))["done"] == {"errors": []}
    return own


@pytest.mark.requirement("FR-CMS-001.1", "FR-CMS-001.3")
async def test_a_film_that_an_editor_sends_plays(studio: Platform, services: Services, clip: bytes) -> None:
    token = studio.token("admin")
    given = {
        "fileName": "clip.mp4",
        "sizeBytes": float(len(clip)),
        "contentType": "video/mp4",
        "idempotencyKey": "clip",
    }
    upload = (await studio.data(OPEN, {"input": given}, token=token))["uploadCreate"]["upload"]
    last = await put(studio, upload["parts"][-1], clip)
    broken_off = (await studio.data(MISSING, {"id": upload["id"]}, token=token))["upload"]
    etags = [each["etag"] or await put(studio, each, clip) for each in broken_off["parts"]]
    done = (await studio.data(COMPLETE, {"id": upload["id"], "etags": etags}, token=token))["uploadComplete"]

    await drain_all(services)
    title = await title_with(studio, token, done["asset"]["id"])
    async with asyncio.timeout(120):
        while await encode_next(services):
            pass
    await drain_all(services)
    shown = (await studio.data(CMS, {"id": title}, token=token))["cmsTitle"]["videoAsset"]
    playable = (await studio.data(PLAYABLE, {"id": title}))["title"]["playable"]["id"]
    start = {"playableId": playable, "deviceType": "WEB"}
    session = (await studio.data(START, {"input": start}))["playbackStart"]
    manifest = await studio.http.get(urlsplit(session["manifestUrl"]).path)
    playlist = next(line for line in manifest.text.splitlines() if line.startswith("p144/"))
    segments = await studio.http.get(urlsplit(urljoin(session["manifestUrl"], playlist)).path)
    still = await studio.http.get(urlsplit(shown["stills"][0]["url"]).path)

    assert len(upload["parts"]) == 2
    assert broken_off["receivedBytes"] == len(clip) - PART_BYTES
    assert [each["etag"] is None for each in broken_off["parts"]] == [True, False]
    assert etags[1] == last.strip('"')
    assert (done["asset"]["status"], done["errors"]) == ("UPLOADED", [])
    assert (shown["id"], shown["status"]) == (done["asset"]["id"], "READY")
    assert (shown["width"], shown["height"], shown["frameRate"], shown["durationSeconds"]) == (160, 90, "12", 2.0)
    assert [each["quality"] for each in shown["renditions"]] == ["P144"]
    assert [each["status"] for each in shown["jobs"]] == ["SUCCEEDED"]
    assert len(shown["stills"]) >= 3
    assert (still.status_code, still.headers["content-type"]) == (200, "image/jpeg")
    assert (session["__typename"], session["maxQuality"]) == ("PlaybackSession", "P144")
    assert (manifest.status_code, segments.status_code) == (200, 200)
    assert "#EXTINF" in segments.text
