"""An editor who sends films to playback, in parts of 1 KiB."""

import hashlib
from collections.abc import AsyncIterator, Mapping
from contextlib import asynccontextmanager
from typing import Any
from uuid import UUID

import httpx

from subgraphs.playback.app import create_app
from subgraphs.playback.config import Settings
from subgraphs.shared.clock import Clock
from subgraphs.shared.graphql.app import SubgraphApp
from subgraphs.shared.identity import Viewer
from subgraphs.shared.ids import encode_id
from subgraphs.users.models import Role
from subgraphs.users.service.scopes import scopes_of
from tests.subgraphs.playback.conftest import make_viewer

PART_BYTES = 1024
# The first box of an MP4 file, and then nothing that anybody could play.
FILM = b"\x00\x00\x00\x18ftypisom" + bytes(range(256)) * 10
CAPTIONS = b"WEBVTT\n\n00:00.000 --> 00:01.000\nHello\n"

CREATE = """mutation($input: UploadCreateInput!) { uploadCreate(input: $input) {
  upload { id method partSize receivedBytes isComplete expiresAt parts { number sizeBytes url etag } }
  errors { code path }
} }"""
UPLOAD = "query($id: ID!) { upload(id: $id) { id receivedBytes isComplete parts { number etag } } }"
COMPLETE = """mutation($id: ID!, $etags: [String!]!) { uploadComplete(id: $id, etags: $etags) {
  asset { id status uploadedBy jobs { id kind status progress } } errors { code path }
} }"""
RETRY = "mutation($id: ID!) { videoAssetRetry(id: $id) { asset { id status } errors { code path } } }"
SUBTITLES = """mutation($asset: ID!, $upload: ID!, $language: Locale!, $forced: Boolean!, $cc: Boolean!) {
  subtitleTrackSet(assetId: $asset, uploadId: $upload, language: $language, forced: $forced, cc: $cc) {
    asset { id status jobs { kind status } } errors { code path }
} }"""
ASSET = """query($id: ID!) { videoAsset(id: $id) {
  status durationSeconds width height frameRate manifestUrl uploadedBy
  renditions { quality width height bitrateKbps codec sizeBytes }
  audioTracks { language channels } subtitleTracks { language isForced isClosedCaption vttUrl }
  stills { url atSeconds } storyboard { vttUrl spriteUrl intervalMs } jobs { kind status progress errorCode }
} }"""


def editor(*roles: Role) -> Viewer:
    """Return an account with the roles, a Creator unless any is given."""
    return make_viewer(scopes=frozenset(scopes_of([role.value for role in roles or (Role.CREATOR,)])))


class Studio:
    """Sends as one account; any other can be given."""

    def __init__(self, app: SubgraphApp, http: httpx.AsyncClient, viewer: Viewer) -> None:
        self.app = app
        self.http = http
        self.viewer = viewer

    async def ask(self, query: str, *, viewer: Viewer | None = None, **variables: Any) -> Any:
        """Return the only field of an answer that has no errors."""
        response = await self.app.execute_as(viewer or self.viewer, query, variables=variables)
        assert "errors" not in response, response["errors"]
        (answer,) = response["data"].values()
        return answer

    async def open(self, content: bytes = FILM, *, viewer: Viewer | None = None, **given: Any) -> Any:
        """Return the payload of opening an upload for the content."""
        values = {
            "fileName": "film.mp4",
            "sizeBytes": float(len(content)),
            "contentType": "video/mp4",
            "idempotencyKey": hashlib.sha256(content).hexdigest(),
        }
        return await self.ask(CREATE, viewer=viewer, input={**values, **given})

    async def put(self, part: Mapping[str, Any], content: bytes) -> httpx.Response:
        """Send that part of the content."""
        start = (part["number"] - 1) * PART_BYTES
        return await self.http.put(part["url"], content=content[start : start + part["sizeBytes"]])

    async def send(self, content: bytes = FILM, **given: Any) -> tuple[str, list[str]]:
        """Return the id of an upload whose parts have all arrived, and their ETags."""
        upload = (await self.open(content, **given))["upload"]
        answers = [await self.put(part, content) for part in upload["parts"]]
        assert [answer.status_code for answer in answers] == [200] * len(answers), answers[0].text
        return upload["id"], [answer.headers["etag"] for answer in answers]

    async def film(self, content: bytes = FILM, **given: Any) -> Any:
        """Return the asset that an upload became."""
        upload, etags = await self.send(content, **given)
        done = await self.ask(COMPLETE, id=upload, etags=etags)
        assert done["errors"] == []
        return done["asset"]

    async def captions(self, content: bytes = CAPTIONS) -> str:
        """Return the id of an upload of captions that has arrived."""
        return (await self.send(content, fileName="film.vtt", contentType="text/vtt"))[0]


def unknown(type_name: str) -> str:
    """Return a well-formed id of nothing."""
    return encode_id(type_name, UUID(int=7))


@asynccontextmanager
async def open_studio(settings: Settings, clock: Clock) -> AsyncIterator[Studio]:
    """Run the subgraph for the time of the block."""
    small = settings.model_copy(update={"upload_part_bytes": PART_BYTES})
    async with create_app(small, clock=clock).running() as app:
        transport = httpx.ASGITransport(app)
        async with httpx.AsyncClient(transport=transport, base_url=settings.public_url) as http:
            yield Studio(app, http, editor())
