"""From a file on an editor's disk to a film that waits for a worker: in parts, resumable, checked, refused in words."""

import asyncio
from collections.abc import AsyncIterator
from pathlib import Path
from typing import Any

import httpx
import pytest

from subgraphs.playback.app import intake
from subgraphs.playback.config import MOST_OPEN_UPLOADS, Settings
from subgraphs.shared.identity import ANONYMOUS
from subgraphs.users.models import Role
from tests.subgraphs.playback.conftest import MovableClock
from tests.subgraphs.playback.uploading import (
    ASSET,
    CAPTIONS,
    COMPLETE,
    CREATE,
    FILM,
    PART_BYTES,
    RETRY,
    SUBTITLES,
    UPLOAD,
    Studio,
    editor,
    open_studio,
    unknown,
)

LAST_BYTES = len(FILM) - 2 * PART_BYTES


@pytest.fixture
async def studio(playback_settings: Settings, clock: MovableClock) -> AsyncIterator[Studio]:
    async with open_studio(playback_settings, clock) as opened:
        yield opened


def codes(payload: Any) -> list[Any]:
    return [(error["code"], error["path"]) for error in payload["errors"]]


def stored(settings: Settings) -> list[str]:
    """Return the folders of the object store, and how many files are in each."""
    folder = Path(settings.objects_dir)
    return sorted(
        f"{path.parent.relative_to(folder).parts[0]}: {path.stat().st_size}"
        for path in folder.rglob("*")
        if path.is_file()
    )


@pytest.mark.requirement("FR-CMS-001.1")
async def test_a_film_is_sent_in_parts_and_waits_for_a_worker(studio: Studio, playback_settings: Settings) -> None:
    opened = await studio.open()
    upload = opened["upload"]
    answers = [await studio.put(part, FILM) for part in reversed(upload["parts"])]
    etags = [answer.headers["etag"] for answer in reversed(answers)]
    done = await studio.ask(COMPLETE, id=upload["id"], etags=etags)

    assert opened["errors"] == []
    assert (upload["method"], upload["partSize"], upload["receivedBytes"]) == ("PUT", PART_BYTES, 0.0)
    assert [(part["number"], part["sizeBytes"], part["etag"]) for part in upload["parts"]] == [
        (1, PART_BYTES, None),
        (2, PART_BYTES, None),
        (3, LAST_BYTES, None),
    ]
    assert upload["expiresAt"] == "2026-05-02T12:00:00+00:00"
    assert [answer.status_code for answer in answers] == [200, 200, 200]
    assert done["errors"] == []
    asset = done["asset"]
    assert (asset["status"], asset["uploadedBy"]) == ("UPLOADED", studio.viewer.user_id)
    assert [(job["kind"], job["status"], job["progress"]) for job in asset["jobs"]] == [("ENCODE", "QUEUED", 0.0)]
    assert stored(playback_settings) == [*[f"originals: {PART_BYTES}"] * 2, f"originals: {LAST_BYTES}"]
    waiting = await studio.ask(ASSET, id=asset["id"])
    assert (waiting["manifestUrl"], waiting["renditions"], waiting["stills"]) == (None, [], [])


@pytest.mark.requirement("FR-CMS-001.1")
async def test_an_upload_that_broke_off_goes_on(studio: Studio) -> None:
    upload = (await studio.open())["upload"]
    await studio.put(upload["parts"][2], FILM)

    again = (await studio.open())["upload"]
    read = await studio.ask(UPLOAD, id=upload["id"])
    missing = [part for part in again["parts"] if part["etag"] is None]
    for part in missing:
        await studio.put(part, FILM)
    whole = await studio.ask(UPLOAD, id=upload["id"])
    done = await studio.ask(COMPLETE, id=upload["id"], etags=[part["etag"] for part in whole["parts"]])

    assert (again["id"], again["receivedBytes"], read["receivedBytes"]) == (upload["id"], LAST_BYTES, LAST_BYTES)
    assert [part["number"] for part in missing] == [1, 2]
    assert (whole["receivedBytes"], whole["isComplete"]) == (len(FILM), False)
    assert done["errors"] == []
    assert (await studio.ask(UPLOAD, id=upload["id"]))["isComplete"] is True


async def test_a_part_may_come_twice_and_the_last_one_counts(studio: Studio) -> None:
    upload = (await studio.open(FILM[:10]))["upload"]
    other = FILM[:9] + b"x"

    first = await studio.put(upload["parts"][0], FILM[:10])
    second = await studio.put(upload["parts"][0], other)
    stale = await studio.ask(COMPLETE, id=upload["id"], etags=[first.headers["etag"]])
    done = await studio.ask(COMPLETE, id=upload["id"], etags=[second.headers["etag"]])
    again = await studio.ask(COMPLETE, id=upload["id"], etags=[second.headers["etag"]])
    changed = await studio.ask(COMPLETE, id=upload["id"], etags=[first.headers["etag"]])

    assert codes(stale) == [("ETAG_MISMATCH", ["etags", "0"])]
    assert done["asset"]["id"] == again["asset"]["id"]
    assert [job["status"] for job in again["asset"]["jobs"]] == ["QUEUED"]
    assert codes(changed) == [("UPLOAD_COMPLETE", ["etags"])]


REFUSED: list[tuple[dict[str, Any], tuple[str, list[str]]]] = [
    ({"fileName": ""}, ("FILE_NAME_INVALID", ["fileName"])),
    ({"fileName": "x" * 256}, ("FILE_NAME_INVALID", ["fileName"])),
    ({"fileName": "../film.mp4"}, ("FILE_NAME_INVALID", ["fileName"])),
    ({"fileName": "fi\u0000lm.mp4"}, ("FILE_NAME_INVALID", ["fileName"])),
    ({"contentType": "application/zip"}, ("CONTENT_TYPE_NOT_ALLOWED", ["contentType"])),
    ({"sizeBytes": 0.0}, ("FILE_EMPTY", ["sizeBytes"])),
    ({"sizeBytes": -1.0}, ("FILE_EMPTY", ["sizeBytes"])),
    ({"sizeBytes": 1.5}, ("FILE_EMPTY", ["sizeBytes"])),
    ({"sizeBytes": 64.0 * 1024**3 + 1}, ("FILE_TOO_LARGE", ["sizeBytes"])),
    ({"sizeBytes": 1e308}, ("FILE_TOO_LARGE", ["sizeBytes"])),
    ({"contentType": "text/vtt", "sizeBytes": 10.0 * 1024**2 + 1}, ("FILE_TOO_LARGE", ["sizeBytes"])),
    ({"sha256": "abc"}, ("SHA256_INVALID", ["sha256"])),
]


async def test_what_cannot_be_sent_is_refused(studio: Studio, playback_settings: Settings) -> None:
    for given, refusal in REFUSED:
        payload = await studio.open(**given)
        assert (payload["upload"], codes(payload)) == (None, [refusal]), given

    assert stored(playback_settings) == []


async def test_an_account_has_so_many_uploads_open_and_a_key_one_file(studio: Studio) -> None:
    for number in range(MOST_OPEN_UPLOADS):
        assert (await studio.open(idempotencyKey=str(number)))["errors"] == []

    assert codes(await studio.open(idempotencyKey="one more")) == [("TOO_MANY_UPLOADS", None)]
    assert codes(await studio.open(idempotencyKey="0", fileName="other.mp4")) == [
        ("IDEMPOTENCY_KEY_REUSED", ["idempotencyKey"])
    ]
    other = editor()
    assert (await studio.open(idempotencyKey="0", viewer=other))["errors"] == []


async def test_parts_are_refused_that_are_not_what_was_announced(studio: Studio, playback_settings: Settings) -> None:
    upload = (await studio.open())["upload"]
    part = upload["parts"][0]

    async def stream(content: bytes) -> AsyncIterator[bytes]:
        yield content

    longer = await studio.http.put(part["url"], content=stream(FILM[: PART_BYTES + 1]))
    shorter = await studio.http.put(part["url"], content=stream(FILM[: PART_BYTES - 1]))
    announced = await studio.http.put(part["url"], content=FILM)
    text = await studio.http.put(part["url"], content=b"x" * PART_BYTES)
    forged = await studio.http.put(part["url"].replace("/1/1024/", "/1/2048/"), content=FILM[:2048])

    assert [answer_of(each) for each in (longer, shorter, announced)] == [(413, "PART_SIZE")] * 3
    assert answer_of(text) == (415, "CONTENT_MISMATCH")
    assert answer_of(forged) == (403, "UPLOAD_EXPIRED")
    assert (await studio.ask(UPLOAD, id=upload["id"]))["receivedBytes"] == 0.0
    assert stored(playback_settings) == []


def answer_of(response: httpx.Response) -> tuple[int, str]:
    return response.status_code, response.json()["code"]


async def test_a_page_of_another_origin_may_send_parts(studio: Studio) -> None:
    part = (await studio.open(FILM[:10]))["upload"]["parts"][0]

    asked = await studio.http.options(part["url"], headers={"origin": "https://cms.test"})
    sent = await studio.put(part, FILM[:10])

    assert (asked.status_code, asked.headers["access-control-allow-methods"]) == (204, "PUT")
    assert sent.headers["access-control-expose-headers"] == "etag"


async def test_nothing_is_completed_before_all_of_it_is_there(studio: Studio, playback_settings: Settings) -> None:
    upload = (await studio.open())["upload"]
    etags = [(await studio.put(part, FILM)).headers["etag"] for part in upload["parts"][:2]]
    before = stored(playback_settings)

    refused = [
        await studio.ask(COMPLETE, id=upload["id"], etags=given)
        for given in (etags, [*etags, etags[0]], [etags[1], etags[0], etags[1]], [])
    ]

    assert [codes(each) for each in refused] == [
        [("PART_COUNT", ["etags"])],
        [("PART_MISSING", ["etags", "2"])],
        [("ETAG_MISMATCH", ["etags", "0"])],
        [("PART_COUNT", ["etags"])],
    ]
    assert [each["asset"] for each in refused] == [None] * 4
    assert stored(playback_settings) == before
    assert (await studio.ask(UPLOAD, id=upload["id"]))["isComplete"] is False


async def test_time_ends_an_upload(studio: Studio, clock: MovableClock) -> None:
    upload = (await studio.open(FILM[:10]))["upload"]
    etag = (await studio.put(upload["parts"][0], FILM[:10])).headers["etag"]

    clock.advance(days=1)
    late = await studio.put(upload["parts"][0], FILM[:10])
    refused = await studio.ask(COMPLETE, id=upload["id"], etags=[etag])

    assert answer_of(late) == (403, "UPLOAD_EXPIRED")
    assert codes(refused) == [("UPLOAD_EXPIRED", ["id"])]


async def test_a_complete_upload_takes_no_more_parts(studio: Studio) -> None:
    upload = (await studio.open(FILM[:10]))["upload"]
    etag = (await studio.put(upload["parts"][0], FILM[:10])).headers["etag"]
    await studio.ask(COMPLETE, id=upload["id"], etags=[etag])

    assert answer_of(await studio.put(upload["parts"][0], FILM[:10])) == (409, "UPLOAD_DONE")
    assert (await studio.open(FILM[:10]))["upload"]["isComplete"] is True


async def test_an_upload_is_its_senders_alone(studio: Studio) -> None:
    upload, etags = await studio.send()
    other = editor(Role.ADMIN)

    assert await studio.ask(UPLOAD, viewer=other, id=upload) is None
    assert codes(await studio.ask(COMPLETE, viewer=other, id=upload, etags=etags)) == [("UPLOAD_UNKNOWN", ["id"])]
    assert codes(await studio.ask(COMPLETE, id=unknown("Upload"), etags=[])) == [("UPLOAD_UNKNOWN", ["id"])]
    assert await studio.ask(UPLOAD, id=unknown("Upload")) is None
    assert (await studio.ask(UPLOAD, id=upload))["isComplete"] is False


async def test_films_are_changed_by_who_sent_them_and_by_admins(studio: Studio) -> None:
    asset = (await studio.film())["id"]
    captions = await studio.captions()
    stranger, admin = editor(), editor(Role.ADMIN)
    given = {"asset": asset, "upload": captions, "language": "en", "forced": False, "cc": False}

    refused = await studio.ask(RETRY, viewer=stranger, id=asset)
    not_failed = await studio.ask(RETRY, viewer=admin, id=asset)
    nobody = await studio.ask(RETRY, id=unknown("VideoAsset"))
    subtitles = await studio.ask(SUBTITLES, viewer=stranger, **given)
    not_theirs = await studio.ask(SUBTITLES, viewer=admin, **given)
    of_nothing = await studio.ask(SUBTITLES, **{**given, "asset": unknown("VideoAsset")})

    assert codes(refused) == [("NOT_OWNER", ["id"])]
    assert codes(not_failed) == [("ASSET_NOT_FAILED", ["id"])]
    assert codes(nobody) == [("ASSET_UNKNOWN", ["id"])]
    assert codes(subtitles) == [("NOT_OWNER", ["assetId"])]
    assert codes(not_theirs) == [("UPLOAD_UNKNOWN", ["uploadId"])]
    assert codes(of_nothing) == [("ASSET_UNKNOWN", ["assetId"])]
    assert [job["kind"] for job in (await studio.ask(ASSET, id=asset))["jobs"]] == ["ENCODE"]


async def test_captions_and_films_are_not_taken_for_each_other(studio: Studio) -> None:
    asset = (await studio.film())["id"]
    film, etags = await studio.send(idempotencyKey="another")
    captions = await studio.captions()
    given = {"asset": asset, "upload": film, "language": "en", "forced": False, "cc": False}
    subrip: dict[str, Any] = {"fileName": "x.srt", "contentType": "application/x-subrip", "idempotencyKey": "subrip"}
    opened = (await studio.open(CAPTIONS, **subrip))["upload"]

    assert codes(await studio.ask(COMPLETE, id=captions, etags=etags)) == [("UPLOAD_IS_CAPTIONS", ["id"])]
    assert codes(await studio.ask(SUBTITLES, **given)) == [("UPLOAD_IS_VIDEO", ["uploadId"])]
    assert codes(await studio.ask(SUBTITLES, **{**given, "upload": captions})) == []
    assert answer_of(await studio.put(opened["parts"][0], CAPTIONS)) == (415, "CONTENT_MISMATCH")


async def test_expired_uploads_and_replaced_captions_are_forgotten(
    studio: Studio, clock: MovableClock, world: Any, playback_settings: Settings
) -> None:
    asset = (await studio.film())["id"]
    await studio.open(b"\x00" * 4 + b"ftyp", idempotencyKey="never sent")
    for content in (CAPTIONS, CAPTIONS + b"\n"):
        given = {"asset": asset, "upload": await studio.captions(content), "language": "en"}
        assert (await studio.ask(SUBTITLES, **given, forced=False, cc=False))["errors"] == []
    before = stored(playback_settings)

    early = await world.batches.forget_uploads()
    clock.advance(days=2, seconds=1)
    forgotten = await world.batches.forget_uploads()

    assert (early, forgotten) == (0, 2)
    assert len(before) == 5
    assert stored(playback_settings) == [each for each in before if each != f"originals: {len(CAPTIONS)}"]


async def test_films_are_entities_for_who_may_read_media(studio: Studio) -> None:
    asset = (await studio.film())["id"]
    query = """query($r: [_Any!]!) { _entities(representations: $r) { ... on VideoAsset { id status } } }"""
    ids = [asset, unknown("VideoAsset"), "nonsense", asset, unknown("Upload")]
    references = [{"__typename": "VideoAsset", "id": each} for each in ids]

    seen = await studio.ask(query, r=references)
    hidden = await studio.ask(query, viewer=editor(Role.PUBLISHER), r=references)

    known = {"id": asset, "status": "UPLOADED"}
    assert seen == [known, None, None, known, None]
    assert hidden == [None] * 5


async def test_a_sender_that_falls_silent_is_not_waited_for(
    studio: Studio, playback_settings: Settings, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(intake, "SILENCE_SECONDS", 0.05)
    part = (await studio.open())["upload"]["parts"][0]
    never = asyncio.Event()

    async def stall() -> AsyncIterator[bytes]:
        yield FILM[:100]
        await never.wait()

    answer = await studio.http.put(part["url"], content=stall())

    assert answer_of(answer) == (408, "PART_INCOMPLETE")
    assert stored(playback_settings) == []


async def test_who_may_not_is_refused_by_the_subgraph_too(studio: Studio, playback_settings: Settings) -> None:
    upload, etags = await studio.send()
    own = unknown("VideoAsset")
    given = {"fileName": "x.mp4", "sizeBytes": 1.0, "contentType": "video/mp4", "idempotencyKey": "k"}
    captions = {"asset": own, "upload": upload, "language": "en", "forced": False, "cc": False}
    asked: list[tuple[str, dict[str, Any]]] = [
        (CREATE, {"input": given}),
        (COMPLETE, {"id": upload, "etags": etags}),
        (RETRY, {"id": own}),
        (SUBTITLES, captions),
        (UPLOAD, {"id": upload}),
        (ASSET, {"id": own}),
        ("{ mediaJobs { id } }", {}),
    ]
    before = stored(playback_settings)

    for viewer, code in (
        (ANONYMOUS, "UNAUTHENTICATED"),
        (editor(Role.USER), "FORBIDDEN"),
        (editor(Role.PUBLISHER), "FORBIDDEN"),
    ):
        for query, variables in asked:
            answer = await studio.app.execute_as(viewer, query, variables=variables)
            assert [error["extensions"]["code"] for error in answer["errors"]] == [code], query

    assert stored(playback_settings) == before
    assert (await studio.ask(UPLOAD, id=upload))["isComplete"] is False


async def test_ids_of_something_else_are_none(studio: Studio) -> None:
    wrong = unknown("Movie")

    for query, variables in (
        (COMPLETE, {"id": wrong, "etags": []}),
        (RETRY, {"id": wrong}),
        (UPLOAD, {"id": "nonsense"}),
        (ASSET, {"id": wrong}),
        (SUBTITLES, {"asset": unknown("VideoAsset"), "upload": wrong, "language": "en", "forced": False, "cc": False}),
    ):
        answer = await studio.app.execute_as(studio.viewer, query, variables=variables)
        causes = [error["extensions"]["cause"] for error in answer["errors"]]
        assert causes == ["INVALID_ID"], query
