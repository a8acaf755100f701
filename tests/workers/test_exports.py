"""Exports that editors ask for: whole files whatever happens, behind addresses that end."""

import asyncio
import csv
import hashlib
import io
import json
from collections.abc import AsyncIterator
from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest
import sqlalchemy as sa

from subgraphs.catalog.service import exports
from subgraphs.catalog.service.privacy import forget_accounts
from subgraphs.catalog.service.writing import store_titles
from subgraphs.shared.identity import ANONYMOUS, Viewer
from subgraphs.shared.ids import decode_id
from subgraphs.users.models import Role
from subgraphs.users.service.scopes import scopes_of
from tests.subgraphs.catalog.support import acted_by, id_of, movie, show
from tests.workers.conftest import NOW, MovableClock
from tests.workers.importing_support import ADMIN, Importer, open_importer
from workers.config import Settings
from workers.exporting import advance_exports, exports_wait
from workers.services import Services

ASK = """mutation($input: CatalogExportInput!) { catalogExport(input: $input) {
  catalogExport { id status total done percent url checksum } errors { code path }
} }"""
READ = """query($id: ID!) { cmsExport(id: $id) {
  format status total done percent createdAt finishedAt checksum bytes url urlExpiresAt
} }"""
TITLES = [movie("One", credits=acted_by("Asha Rao")), movie("Two", hindi="दो"), show("Three"), movie("Four")]
UNPUBLISHED = [movie("Draft", published_at=None), movie("Later", published_at=NOW + timedelta(days=1))]


@pytest.fixture
async def desk(worker_settings: Settings, services: Services, clock: MovableClock) -> AsyncIterator[Importer]:
    async with open_importer(worker_settings, services, clock) as opened:
        async with services.outboxes["catalog"].writing() as session:
            await store_titles(session, [*TITLES, *UNPUBLISHED], now=NOW)
        yield opened


async def asked(desk: Importer, file_format: str = "JSON_LINES", key: str = "k") -> str:
    """Return the id of an export that was asked for."""
    done = (await desk.ask(ASK, input={"format": file_format, "idempotencyKey": key}))["catalogExport"]
    assert done["errors"] == []
    return str(done["catalogExport"]["id"])


async def read(desk: Importer, own: str) -> Any:
    return (await desk.ask(READ, id=own))["cmsExport"]


async def content_of(desk: Importer, own: str) -> bytes:
    response = await desk.http.get((await read(desk, own))["url"])
    assert response.status_code == 200, response.text
    return response.content


def file_of(services: Services, own: str) -> Path:
    return exports.folder_of(services.objects_dir) / str(decode_id(own, "CatalogExport").uuid)


@pytest.mark.requirement("FF-10", "CL-03")
async def test_the_published_titles_become_a_file_behind_an_address(desk: Importer, services: Services) -> None:
    own = await asked(desk)
    waiting = await read(desk, own)

    assert await exports_wait(services)
    pieces = await advance_exports(services, batch=3)
    done = await read(desk, own)
    response = await desk.http.get(done["url"])

    lines = [json.loads(line) for line in response.content.splitlines()]
    assert sorted(line["id"] for line in lines) == sorted(map(id_of, TITLES))
    assert {name: waiting[name] for name in ("status", "total", "done", "percent", "url", "checksum", "bytes")} == {
        "status": "QUEUED", "total": None, "done": 0, "percent": 0.0, "url": None, "checksum": None, "bytes": None,
    }  # fmt: skip
    assert {name: value for name, value in done.items() if name != "url"} == {
        "format": "JSON_LINES", "status": "SUCCEEDED", "total": 4, "done": 4, "percent": 100.0,
        "createdAt": NOW.isoformat(), "finishedAt": NOW.isoformat(), "bytes": len(response.content),
        "checksum": hashlib.sha256(response.content).hexdigest(),
        "urlExpiresAt": (NOW + timedelta(hours=1)).isoformat(),
    }  # fmt: skip
    assert response.headers["content-disposition"] == 'attachment; filename="titles.jsonl"'
    assert response.headers["cache-control"] == "private, no-store"
    # One to begin, two with titles, one to end.
    assert pieces == 4
    assert not await exports_wait(services)


async def test_a_spreadsheet_and_a_feed_have_their_titles_too(desk: Importer, services: Services) -> None:
    table, feed = await asked(desk, "CSV", "a"), await asked(desk, "MRSS", "b")

    await advance_exports(services)

    rows = list(csv.DictReader(io.StringIO((await content_of(desk, table)).decode("utf-8-sig"))))
    assert sorted(row["id"] for row in rows) == sorted(map(id_of, TITLES))
    text = (await content_of(desk, feed)).decode()
    assert text.startswith('<?xml version="1.0" encoding="UTF-8"?>')
    assert text.endswith("</channel></rss>\n")
    assert text.count("<item>") == len(TITLES)


@pytest.mark.requirement("FF-10")
async def test_a_file_comes_back_by_an_import_and_changes_nothing(desk: Importer, services: Services) -> None:
    own = await asked(desk)
    await advance_exports(services)

    imported = await desk.run(await content_of(desk, own))

    counts = [imported[name] for name in ("status", "unchanged", "inserted", "updated")]
    assert counts == ["SUCCEEDED", len(TITLES), 0, 0]


@pytest.mark.parametrize("file_format", ["JSON_LINES", "MRSS"])
async def test_a_worker_that_dies_leaves_a_file_that_the_next_goes_on_with(
    desk: Importer, services: Services, file_format: str
) -> None:
    whole, broken = await asked(desk, file_format, "a"), await asked(desk, file_format, "b")

    # The first from begin to end, the second to its first title.
    await advance_exports(services, batch=1, most_pieces=6 + 2)
    half = [(await read(desk, own))["done"] for own in (whole, broken)]
    unfinished = whole if half[0] == 1 else broken
    with file_of(services, unfinished).open("ab") as file:  # written, but not noted before it died
        file.write(b"half a title")
    running = await read(desk, unfinished)
    await advance_exports(services, batch=1)

    assert sorted(half) == [1, 4]
    assert (running["status"], running["total"], running["percent"], running["url"]) == ("RUNNING", 4, 25.0, None)
    assert await content_of(desk, broken) == await content_of(desk, whole)


async def test_a_file_that_was_lost_on_the_way_is_begun_anew(desk: Importer, services: Services) -> None:
    own = await asked(desk)
    await advance_exports(services, batch=1, most_pieces=3)

    file_of(services, own).unlink()
    await advance_exports(services, batch=1)

    assert (await read(desk, own))["done"] == len((await content_of(desk, own)).splitlines()) == len(TITLES)


async def test_an_export_that_fails_says_so_and_holds_up_no_other(desk: Importer, services: Services) -> None:
    failing, other = await asked(desk, key="a"), await asked(desk, key="b")
    file_of(services, failing).mkdir(parents=True)

    await advance_exports(services)

    failed = await read(desk, failing)
    assert (failed["status"], failed["url"], failed["checksum"]) == ("FAILED", None, None)
    assert failed["finishedAt"] == NOW.isoformat()
    assert (await read(desk, other))["status"] == "SUCCEEDED"


async def test_what_is_published_later_is_no_part_of_it(
    desk: Importer, services: Services, clock: MovableClock
) -> None:
    own = await asked(desk)
    clock.now += timedelta(days=2)

    await advance_exports(services)

    assert len((await content_of(desk, own)).splitlines()) == len(TITLES)


async def test_the_same_key_returns_the_same_export_and_never_another(desk: Importer) -> None:
    own = await asked(desk, "CSV", "k")

    again = await asked(desk, "CSV", "k")
    refused = (await desk.ask(ASK, input={"format": "MRSS", "idempotencyKey": "k"}))["catalogExport"]
    theirs = await desk.ask(
        ASK, Viewer(user_id="other", scopes=ADMIN.scopes), input={"format": "CSV", "idempotencyKey": "k"}
    )

    assert again == own
    assert (refused["catalogExport"], [error["code"] for error in refused["errors"]]) == (
        None,
        ["IDEMPOTENCY_KEY_REUSED"],
    )
    assert theirs["catalogExport"]["catalogExport"]["id"] != own


async def test_an_editor_has_so_many_unfinished_exports_and_no_more(desk: Importer, services: Services) -> None:
    async def known() -> list[str]:
        async with services.outboxes["catalog"].reading() as session:
            return sorted(map(repr, (await session.execute(sa.text("SELECT * FROM catalog_exports"))).all()))

    async def wish(key: str, viewer: Viewer = ADMIN) -> list[str]:
        done = (await desk.ask(ASK, viewer, input={"format": "CSV", "idempotencyKey": key}))["catalogExport"]
        assert (done["catalogExport"] is None) == bool(done["errors"])
        return [error["code"] for error in done["errors"]]

    at_once = await asyncio.gather(*(wish(f"key-{number}") for number in range(exports.MOST_UNFINISHED + 2)))
    before = await known()
    made = [number for number, codes in enumerate(at_once) if not codes]
    refused, repeated = await wish("one more"), await wish(f"key-{made[0]}")
    after = await known()
    theirs = await wish("one more", Viewer(user_id="other", scopes=ADMIN.scopes))
    await advance_exports(services)

    assert sorted(at_once) == [[]] * exports.MOST_UNFINISHED + [["TOO_MANY_EXPORTS"]] * 2
    assert (refused, repeated, theirs) == (["TOO_MANY_EXPORTS"], [], [])
    assert (len(before), after) == (exports.MOST_UNFINISHED, before)
    assert await wish("one more") == []


async def test_an_address_holds_for_an_hour_and_a_file_for_a_week(
    desk: Importer, services: Services, clock: MovableClock
) -> None:
    own = await asked(desk)
    await advance_exports(services)
    url = str((await read(desk, own))["url"])

    async def status_of(address: str) -> tuple[int, str]:
        response = await desk.http.get(address)
        return response.status_code, response.json()["code"] if response.status_code != 200 else ""

    head, _, name = url.rpartition("/")
    start, expiry, signature = head.rsplit("/", 2)
    other = "0" if signature[-1] != "0" else "1"
    for forged in (f"{start}/{expiry}/{signature[:-1]}{other}/{name}", f"{start}/9999999999/{signature}/{name}"):
        assert await status_of(forged) == (403, "LINK_EXPIRED")
    assert await status_of(f"{head}/titles.exe") == (404, "FILE_GONE")
    clock.now += timedelta(hours=1) - timedelta(seconds=1)
    assert await status_of(url) == (200, "")
    clock.now += timedelta(seconds=1)
    assert await status_of(url) == (403, "LINK_EXPIRED")

    clock.now = NOW + timedelta(days=7) - timedelta(minutes=30)
    last = await read(desk, own)
    await services.feeds.fetch_due()
    assert last["urlExpiresAt"] == (NOW + timedelta(days=7)).isoformat()
    assert await status_of(last["url"]) == (200, "")
    clock.now = NOW + timedelta(days=7, seconds=1)
    await services.feeds.fetch_due()
    assert (await read(desk, own))["url"] is None
    assert not file_of(services, own).exists()
    clock.now = NOW + timedelta(days=90, seconds=1)
    await services.feeds.fetch_due()
    assert await read(desk, own) is None


async def test_nobody_knows_who_asked_for_an_export_once_the_account_is_gone(
    desk: Importer, services: Services
) -> None:
    own = await asked(desk)
    by = sa.text("SELECT created_by FROM catalog_exports")

    async with services.outboxes["catalog"].writing() as session:
        before = (await session.execute(by)).scalar_one()
        await forget_accounts(session, ["admin"])
        after = (await session.execute(by)).scalar_one()

    assert (before, after.partition(":")[0]) == ("admin", "deleted")
    assert (await read(desk, own))["status"] == "QUEUED"


@pytest.mark.parametrize(
    ("viewer", "code"),
    [
        (ANONYMOUS, "UNAUTHENTICATED"),
        (Viewer(user_id="v", scopes=frozenset(scopes_of([Role.USER.value]))), "FORBIDDEN"),
    ],
    ids=["nobody", "viewer"],
)
async def test_only_editors_ask_for_exports_and_read_them(desk: Importer, viewer: Viewer, code: str) -> None:
    own = await asked(desk)

    for query, variables in ((ASK, {"input": {"format": "CSV", "idempotencyKey": "x"}}), (READ, {"id": own})):
        answer = await desk.app.execute_as(viewer, query, variables=variables)
        assert [error["extensions"]["code"] for error in answer["errors"]] == [code]
