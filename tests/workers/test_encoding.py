"""Films become streams: once, one at a time, watched, and whoever dies over one is followed by somebody else."""

import asyncio
import hashlib
import os
import signal
import sys
from collections.abc import AsyncIterator
from contextlib import aclosing
from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest

from subgraphs.catalog.service.videos import find_videos
from subgraphs.playback import config as playback_config
from subgraphs.playback.service import PlayableRights, TitleRights
from subgraphs.playback.service.encoding import LEASE, MOST_LOSSES, Failure
from subgraphs.shared.identity import ANONYMOUS, Viewer, sign_viewer_context
from subgraphs.shared.ids import decode_id
from subgraphs.shared.values import MaturityRating, Tier
from subgraphs.users.models import Role
from tests.subgraphs.playback.uploading import (
    ASSET,
    CAPTIONS,
    FILM,
    RETRY,
    SUBTITLES,
    Studio,
    editor,
    open_studio,
    unknown,
)
from tests.workers.conftest import KEY, MovableClock
from tests.workers.encoding_support import MASTER, FakeEncoder
from workers import encoding
from workers.config import Settings
from workers.draining import drain_all
from workers.encoding import EncoderLostError, EncodingFailedError, Order, encode_beside, encode_next, encodings_wait
from workers.services import Services
from workers.turns import TakingTurns, Turn

_ROOT = Path(__file__).parents[2]
JOBS = "query($status: MediaJobStatus) { mediaJobs(status: $status) { status errorCode asset { id } } }"
WATCH = 'subscription {{ job: mediaJobUpdated(assetId: "{}") {{ kind status progress errorCode }} }}'


@pytest.fixture
async def studio(worker_settings: Settings, services: Services, clock: MovableClock) -> AsyncIterator[Studio]:
    values = playback_config.Settings(**worker_settings.model_dump())
    async with open_studio(values, clock) as opened:
        yield opened


@pytest.fixture
def encoder() -> FakeEncoder:
    """An encoder that need not wait."""
    ready = FakeEncoder()
    ready.may_go_on.set()
    return ready


def context_of(viewer: Viewer) -> str:
    claims = {"sub": viewer.user_id, "scp": sorted(viewer.scopes)}
    payload: dict[str, Any] = {} if viewer is ANONYMOUS else {"claims": claims}
    return sign_viewer_context(payload, key=KEY, expires_at=MovableClock().now + timedelta(minutes=1))


async def asset_of(studio: Studio, own: str) -> Any:
    return await studio.ask(ASSET, id=own)


def files(settings: Settings) -> list[str]:
    folder = settings.objects_dir
    return sorted(str(path.relative_to(folder)) for path in folder.rglob("*") if path.is_file())


def last_job(asset: Any) -> tuple[str, float, str | None]:
    job = asset["jobs"][0]
    return job["status"], job["progress"], job["errorCode"]


@pytest.mark.requirement("FR-CMS-001.3")
async def test_a_film_becomes_a_stream(
    studio: Studio, services: Services, worker_settings: Settings, encoder: FakeEncoder
) -> None:
    own = (await studio.film(sha256=hashlib.sha256(FILM).hexdigest()))["id"]
    waited = await encodings_wait(services)

    done = [await encode_next(services, encoder=encoder) for _ in range(2)]

    asset = await asset_of(studio, own)
    assert (waited, done, await encodings_wait(services)) == (True, [True, False], False)
    assert encoder.sources == [FILM]
    assert (asset["status"], last_job(asset)) == ("READY", ("SUCCEEDED", 1.0, None))
    assert (asset["durationSeconds"], asset["width"], asset["height"], asset["frameRate"]) == (
        2.0,
        64,
        48,
        "24000/1001",
    )
    assert [each["quality"] for each in asset["renditions"]] == ["P144"]
    assert [each["language"] for each in asset["audioTracks"]] == ["hi"]
    assert len(asset["stills"]) == 3
    assert [each.split("/")[0] for each in files(worker_settings)] == ["originals", "streams"]
    manifest = await studio.http.get(asset["manifestUrl"])
    assert (manifest.status_code, manifest.text) == (200, MASTER)


@pytest.mark.requirement("FR-CMS-001.3")
@pytest.mark.parametrize(
    ("spoken", "language"),
    [([], None), ([["hi", "en"]], "hi"), ([["hi", "en"], ["hi"]], "hi"), ([["hi"], ["ta"]], None), ([[]], None)],
)
async def test_a_film_is_encoded_in_the_language_of_its_title_where_that_is_known(
    studio: Studio, services: Services, encoder: FakeEncoder, spoken: list[list[str]], language: str | None
) -> None:
    own = decode_id((await studio.film())["id"]).uuid
    await services.playback.project_titles(
        [
            TitleRights(
                title_id=f"title-{number}",
                version=1,
                published=True,
                required_tier=Tier.FREE,
                audio_languages=languages,
                playables=[PlayableRights(f"playable-{number}", "FEATURE", 6000, MaturityRating.U, own)],
            )
            for number, languages in enumerate(spoken)
        ]
    )

    await encode_next(services, encoder=encoder)

    assert [order.language for order in encoder.orders] == [language]


async def test_whoever_watches_sees_a_job_go_on_to_its_end(
    studio: Studio, services: Services, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(encoding, "REPORT_EVERY_SECONDS", 0.01)
    own = (await studio.film())["id"]
    encoder = FakeEncoder()
    seen: list[Any] = []
    async with asyncio.timeout(60):
        work = asyncio.create_task(encode_next(services, encoder=encoder))
        async with aclosing(
            studio.app.subscribe(WATCH.format(own), viewer_context=context_of(studio.viewer))
        ) as events:
            async for result in events:
                seen.append(result["data"]["job"])
                if seen[-1]["progress"] == 0.5:
                    encoder.may_go_on.set()
        await work

    assert seen[-1] == {"kind": "ENCODE", "status": "SUCCEEDED", "progress": 1.0, "errorCode": None}
    assert {"kind": "ENCODE", "status": "RUNNING", "progress": 0.5, "errorCode": None} in seen


@pytest.mark.parametrize(("viewer", "code"), [(ANONYMOUS, "UNAUTHENTICATED"), (editor(Role.PUBLISHER), "FORBIDDEN")])
async def test_nobody_watches_without_the_scope(studio: Studio, viewer: Viewer, code: str) -> None:
    own = (await studio.film())["id"]

    async with aclosing(studio.app.subscribe(WATCH.format(own), viewer_context=context_of(viewer))) as events:
        results = [result async for result in events]

    assert [error["extensions"]["code"] for result in results for error in result["errors"]] == [code]


async def test_there_is_nothing_to_watch_of_what_there_is_not(studio: Studio) -> None:
    query = WATCH.format(unknown("VideoAsset"))

    async with aclosing(studio.app.subscribe(query, viewer_context=context_of(studio.viewer))) as events:
        assert [result async for result in events] == []


@pytest.mark.parametrize(
    ("failure", "code"),
    [(EncodingFailedError("NOT_MEDIA", "No film."), "NOT_MEDIA"), (RuntimeError("a fault of ours"), "INTERNAL")],
)
async def test_what_cannot_be_encoded_says_why_and_can_be_tried_again(
    studio: Studio,
    services: Services,
    worker_settings: Settings,
    clock: MovableClock,
    encoder: FakeEncoder,
    failure: Exception,
    code: str,
) -> None:
    own = (await studio.film())["id"]
    encoder.failure = failure

    await encode_next(services, encoder=encoder)
    failed = await asset_of(studio, own)
    left = files(worker_settings)
    listed = await studio.ask(JOBS, status="FAILED")
    clock.advance(seconds=1)
    retried = await studio.ask(RETRY, id=own)
    encoder.failure = None
    await encode_next(services, encoder=encoder)

    assert (failed["status"], last_job(failed), failed["manifestUrl"]) == ("FAILED", ("FAILED", 0.0, code), None)
    assert [each.split("/")[0] for each in left] == ["originals"]
    assert listed == [{"status": "FAILED", "errorCode": code, "asset": {"id": own}}]
    assert (retried["asset"]["status"], retried["errors"]) == ("UPLOADED", [])
    ready = await asset_of(studio, own)
    assert (ready["status"], [job["status"] for job in ready["jobs"]]) == ("READY", ["SUCCEEDED", "FAILED"])
    assert await studio.ask(JOBS, status="RUNNING") == []


async def test_a_film_of_another_digest_than_announced_is_not_encoded(
    studio: Studio, services: Services, encoder: FakeEncoder
) -> None:
    own = (await studio.film(sha256="0" * 64))["id"]

    await encode_next(services, encoder=encoder)

    asset = await asset_of(studio, own)
    assert (asset["status"], last_job(asset)[2], encoder.orders) == ("FAILED", "CHECKSUM_MISMATCH", [])


async def test_captions_are_put_in_and_those_nobody_can_read_are_left_out(
    studio: Studio, services: Services, clock: MovableClock, encoder: FakeEncoder
) -> None:
    own = (await studio.film())["id"]
    await encode_next(services, encoder=encoder)

    async def give(content: bytes, language: str, *, cc: bool = False) -> Any:
        clock.advance(seconds=1)
        given = {"asset": own, "upload": await studio.captions(content), "language": language}
        await studio.ask(SUBTITLES, **given, forced=False, cc=cc)
        await encode_next(services, encoder=encoder)
        return await asset_of(studio, own)

    first = await give(CAPTIONS, "en")
    second = await give(CAPTIONS + b"\n", "en", cc=True)
    encoder.failure = EncodingFailedError("CAPTIONS_INVALID", "Line 3 makes no sense.")
    failed = await give(CAPTIONS + b"\n\n", "hi")
    encoder.failure = None
    last = await give(CAPTIONS + b"\n\n\n", "ta")

    assert [(each["language"], each["isClosedCaption"]) for each in first["subtitleTracks"]] == [("en", False)]
    assert [each["isClosedCaption"] for each in second["subtitleTracks"]] == [False, True]
    assert (failed["status"], last_job(failed)[2]) == ("READY", "CAPTIONS_INVALID")
    assert failed["subtitleTracks"][0]["language"] == "en"
    assert [each["language"] for each in last["subtitleTracks"]] == ["en", "en", "ta"]
    assert [job["kind"] for job in last["jobs"]] == ["CAPTIONS"] * 4 + ["ENCODE"]


async def test_captions_that_come_meanwhile_have_the_encoding_begin_anew(
    studio: Studio,
    services: Services,
    worker_settings: Settings,
    clock: MovableClock,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr(encoding, "REPORT_EVERY_SECONDS", 0.01)
    own = (await studio.film())["id"]
    encoder = FakeEncoder()
    async with asyncio.timeout(60):
        work = asyncio.create_task(encode_next(services, encoder=encoder))
        await encoder.is_half_done.wait()
        clock.advance(seconds=1)
        given = {"asset": own, "upload": await studio.captions(), "language": "en", "forced": True, "cc": False}
        await studio.ask(SUBTITLES, **given)
        await work
    left = files(worker_settings)
    encoder.may_go_on.set()
    await encode_next(services, encoder=encoder)

    asset = await asset_of(studio, own)
    assert [each for each in left if each.startswith(("encoding", "streams"))] == []
    assert [(job["kind"], job["status"]) for job in asset["jobs"]] == [("ENCODE", "SUCCEEDED"), ("ENCODE", "CANCELLED")]
    assert [each["isForced"] for each in asset["subtitleTracks"]] == [True]


async def test_a_worker_that_stops_leaves_the_film_to_the_next(
    studio: Studio, services: Services, worker_settings: Settings
) -> None:
    own = (await studio.film())["id"]
    encoder = FakeEncoder()

    async def soon(_services: Services) -> None:
        await asyncio.sleep(0.01)

    def encode(given: Services) -> Any:
        return encode_next(given, encoder=encoder)

    taking = TakingTurns(services)
    taking.start([Turn("encodings", encodings_wait, encode, soon, longest_seconds=None, can_break_off=True)])
    async with asyncio.timeout(60):
        await encoder.is_half_done.wait()
        await taking.end()
    stopped = await asset_of(studio, own)
    left = files(worker_settings)
    encoder.may_go_on.set()
    await encode_next(services, encoder=encoder)

    assert last_job(stopped) == ("QUEUED", 0.0, None)
    assert [each.split("/")[0] for each in left] == ["originals"]
    assert (await asset_of(studio, own))["status"] == "READY"


async def test_who_was_thought_dead_changes_nothing_any_more(
    studio: Studio, services: Services, worker_settings: Settings, clock: MovableClock
) -> None:
    own = (await studio.film())["id"]
    desk = services.playback.encodings
    first = await desk.take()
    nobody = await desk.take()
    clock.now += LEASE
    clock.advance(seconds=1)
    second = await desk.take()
    assert first is not None
    assert second is not None
    folder = worker_settings.objects_dir / "encoding" / "late"
    folder.mkdir(parents=True)

    outcome = (await desk.report(first, 0.9), await desk.finish(first, folder, {}))
    await desk.fail(first, Failure("NOT_MEDIA", "No film."))

    assert nobody is None
    assert (first.attempt, second.attempt, outcome) == (1, 2, (False, False))
    assert last_job(await asset_of(studio, own)) == ("RUNNING", 0.0, None)
    assert await desk.report(second, 2.0) is True
    assert last_job(await asset_of(studio, own)) == ("RUNNING", 1.0, None)


async def test_a_film_over_which_workers_die_is_given_up(
    studio: Studio, services: Services, clock: MovableClock, encoder: FakeEncoder
) -> None:
    own = (await studio.film())["id"]
    encoder.failure = EncoderLostError()

    for _ in range(MOST_LOSSES):
        assert await encode_next(services, encoder=encoder) is True
        clock.now += LEASE
        clock.advance(seconds=1)
    after = await encode_next(services, encoder=encoder)

    asset = await asset_of(studio, own)
    assert (after, len(encoder.orders)) == (False, MOST_LOSSES)
    assert (asset["status"], last_job(asset)[2]) == ("FAILED", "WORKER_LOST")


@pytest.mark.requirement("FR-CMS-001.3")
async def test_a_killed_worker_is_followed_by_another_and_leaves_nothing_behind(
    studio: Studio, services: Services, worker_settings: Settings, clock: MovableClock, encoder: FakeEncoder
) -> None:
    own = (await studio.film())["id"]
    process = await asyncio.create_subprocess_exec(
        *(sys.executable, "-m", "tests.workers.encoding_worker"),
        cwd=_ROOT,
        env={**os.environ, "PYTHONPATH": str(_ROOT)},
        stdin=asyncio.subprocess.PIPE,
        stdout=asyncio.subprocess.PIPE,
    )
    assert process.stdin is not None
    assert process.stdout is not None
    try:
        process.stdin.write(worker_settings.model_dump_json().encode())
        process.stdin.close()
        async with asyncio.timeout(120):
            said = await process.stdout.readline()
    finally:
        process.send_signal(signal.SIGKILL)
        await process.wait()
    half = await asset_of(studio, own)
    left = [each for each in files(worker_settings) if each.startswith("encoding")]

    too_early = await encode_next(services, encoder=encoder)
    clock.now += LEASE
    clock.advance(seconds=1)
    await encode_next(services, encoder=encoder)

    ready = await asset_of(studio, own)
    assert said == b"half done\n"
    assert (half["status"], half["jobs"][0]["status"], len(left), too_early) == ("PROCESSING", "RUNNING", 1, False)
    assert (ready["status"], [job["status"] for job in ready["jobs"]]) == ("READY", ["SUCCEEDED"])
    assert [each.split("/")[0] for each in files(worker_settings)] == ["originals", "streams"]


async def test_what_is_no_film_fails_in_a_process_of_its_own(tmp_path: Path) -> None:
    source = tmp_path / "film.mp4"
    source.write_bytes(b"no film at all")

    with pytest.raises(EncodingFailedError) as raised:
        await encode_beside(Order(source, tmp_path / "made", ()), lambda _share: None)

    assert raised.value.failure.code == "NOT_MEDIA"
    assert not (tmp_path / "made").exists()


async def test_films_that_were_sent_are_told_to_the_catalog(studio: Studio, services: Services) -> None:
    own = (await studio.film(fileName="Monsoon.mp4"))["id"]

    await drain_all(services)

    async with services.outboxes["catalog"].reading() as session:
        found = await find_videos(session, ["Monsoon.mp4", own, "other.mp4"])
    assert found == {"Monsoon.mp4": decode_id(own).uuid, own: decode_id(own).uuid}
