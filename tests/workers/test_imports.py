"""Imports that editors ask for: taken row by row, once, whatever happens, and nothing of a file that is rubbish."""

import gzip
import json
from collections.abc import AsyncIterator
from typing import Any

import pytest
import sqlalchemy as sa

from subgraphs.catalog.service import imports, taking
from subgraphs.catalog.service.writing import store_titles
from subgraphs.shared.identity import Viewer
from subgraphs.shared.ids import decode_id
from subgraphs.users.models import Role
from subgraphs.users.service.scopes import scopes_of
from tests.workers.conftest import NOW, MovableClock
from tests.workers.importing_support import ADMIN, ASK, PLACE, Importer, open_importer
from workers.config import Settings
from workers.importing import advance_imports, imports_wait
from workers.services import Services

FILMS = [{"title": f"Film {n}", "year": 1950, "cast": [f"Star {n % 3}"], "genres": ["Drama"]} for n in range(7)]


@pytest.fixture
async def importer(worker_settings: Settings, services: Services, clock: MovableClock) -> AsyncIterator[Importer]:
    async with open_importer(worker_settings, services, clock) as opened:
        yield opened


def lines(*rows: object) -> bytes:
    return b"".join(json.dumps(row).encode() + b"\n" for row in rows)


async def everything(services: Services) -> Any:
    """Return what an import may change: titles with versions, events, search documents."""
    async with services.outboxes["catalog"].reading() as session:
        return [
            (await session.execute(sa.text(query))).all()
            for query in (
                "SELECT id, slug, version, source_digest FROM titles ORDER BY id",
                "SELECT count(*) FROM outbox",
                "SELECT count(*) FROM search_documents",
                "SELECT count(*) FROM credits",
            )
        ]


@pytest.mark.requirement("CL-19")
async def test_rows_that_are_right_are_taken_and_the_others_named(importer: Importer) -> None:
    content = lines(*FILMS[:3], {"title": "No year"}, FILMS[0], *FILMS[3:]) + b"{broken\n"

    done = await importer.run(gzip.compress(content))

    messages = [error.pop("message") for error in done["errors"]]
    comparison = done.pop("comparison")
    assert done == {
        "status": "PARTIAL", "dryRun": False, "feed": None, "total": 10, "done": 10, "inserted": 7, "updated": 0,
        "unchanged": 0, "kept": 0, "failed": 3, "percent": 100.0, "finishedAt": NOW.isoformat(), "failure": None,
        "errors": [
            {"row": 4, "externalId": None, "code": "ROW_INVALID"},
            {"row": 5, "externalId": None, "code": "ROW_DUPLICATE"},
            {"row": 10, "externalId": None, "code": "ROW_UNREADABLE"},
        ],
        "changes": [{"name": film["title"], "isNew": True, "fields": []} for film in FILMS],
    }  # fmt: skip
    assert messages[:2] == ["`year` must be a whole number from 1870 to 2100.", "It repeats line 1."]
    assert (comparison["compared"], comparison["matching"]) == (7, 7)
    assert comparison["sourceChecksum"] == comparison["storedChecksum"]
    shown = await importer.ask("{ titles(first: 1) { totalCount } }", Viewer())
    assert shown["titles"]["totalCount"] == 7


@pytest.mark.requirement("FR-CMS-001.2")
async def test_a_dry_run_says_what_would_change_and_changes_nothing(importer: Importer, services: Services) -> None:
    await importer.run(b"id,title,tier,cast\n1,First,,Asha Rao\n2,Second,,\n", format="CSV")
    before = await everything(services)
    changed = b"id,title,tier,cast\n1,First again,PREMIUM,Asha Rao|Ravi\n2,Second,,\n3,Third,,\n"

    done = await importer.run(changed, format="CSV", dryRun=True)

    assert await everything(services) == before
    assert (done["status"], done["inserted"], done["updated"], done["unchanged"]) == ("SUCCEEDED", 1, 1, 1)
    assert done["comparison"] is None
    assert done["changes"] == [
        {"name": "Third", "isNew": True, "fields": []},
        {
            "name": "First again",
            "isNew": False,
            "fields": [
                {"field": "credits", "before": '["ACTOR: Asha Rao"]', "after": '["ACTOR: Asha Rao","ACTOR: Ravi"]'},
                {"field": "name.en", "before": "First", "after": "First again"},
                {"field": "original_name", "before": "First", "after": "First again"},
                {"field": "required_tier", "before": "FREE", "after": "PREMIUM"},
            ],
        },
    ]


@pytest.mark.requirement("CL-19")
async def test_a_file_that_comes_again_changes_nothing_and_what_editors_made_stays(
    importer: Importer, services: Services
) -> None:
    await importer.run(lines(*FILMS))
    first = (await importer.ask("{ titles(first: 1, sort: NAME_ASC) { edges { node { id } } } }"))["titles"]["edges"][0]
    edit = (
        "mutation($id: ID!) { titleUpdate(id: $id, expectedVersion: 1, input: {rentable: true}) { errors { code } } }"
    )
    await importer.ask(edit, id=first["node"]["id"])
    before = await everything(services)

    done = await importer.run(lines({**FILMS[0], "cast": ["Somebody else"]}, *FILMS[1:]))

    assert await everything(services) == before
    assert [done[each] for each in ("status", "inserted", "updated", "unchanged", "kept")] == ["SUCCEEDED", 0, 0, 6, 1]


@pytest.mark.requirement("FR-CMS-002.1")
async def test_a_draft_does_not_come_before_viewers_by_way_of_a_file(importer: Importer, services: Services) -> None:
    make = """mutation { titleCreate(kind: MOVIE, input: {translations: [{locale: "en", name: "Draft"}]}) {
      title { id } errors { code }
    } }"""
    own = (await importer.ask(make))["titleCreate"]["title"]["id"]
    line = {"reelgraph": 1, "id": own, "publishedAt": None, "genres": []}
    title = {"kind": "MOVIE", "texts": {"en": {"name": "Draft"}}}

    whole = await importer.run(lines({**line, "title": title}))
    row = await importer.run(f"id,title\n{own},Draft\n".encode(), format="CSV")

    assert [(each["status"], each["kept"], each["inserted"]) for each in (whole, row)] == [("SUCCEEDED", 1, 0)] * 2
    assert (await importer.ask("query($id: ID!) { title(id: $id) { id } }", id=own))["title"] is None


async def test_a_file_that_fails_for_no_foreseen_reason_does_not_hold_up_the_others(
    importer: Importer, services: Services, monkeypatch: pytest.MonkeyPatch
) -> None:
    asked = [await importer.request(await importer.send(lines(*FILMS))) for _ in range(2)]
    first, second = sorted((each["catalogImport"]["id"] for each in asked), key=lambda own: decode_id(own).uuid)
    check, calls = imports.ImportFile.check, []

    def fail_once(file: imports.ImportFile) -> imports.Checked:
        calls.append(1)
        if len(calls) == 1:
            raise RuntimeError("nobody foresaw this")
        return check(file)

    monkeypatch.setattr(imports.ImportFile, "check", fail_once)
    await advance_imports(services)

    found = [await importer.read(own) for own in (first, second)]
    assert [(each["status"], each["failure"]) for each in found] == [
        ("FAILED", {"code": "INTERNAL"}), ("SUCCEEDED", None)
    ]  # fmt: skip


RUBBISH = [
    (b"\x89PNG\r\n\x1a\n" + bytes(range(256)), "JSON_LINES", "NO_USABLE_ROW"),
    (b"\x89PNG\r\n\x1a\n" + bytes(range(256)), "CSV", "FILE_FORMAT"),
    (b"\x89PNG\r\n\x1a\n" + bytes(range(256)), "MRSS", "FILE_FORMAT"),
    (b"\x89PNG\r\n\x1a\n" + bytes(range(256)), "SQLITE_LEGACY", "FILE_FORMAT"),
    (b"SQLite format 3\x00" + bytes(5000), "SQLITE_LEGACY", "FILE_FORMAT"),
    (b"title,id,titel\n1,2,3\n", "CSV", "FILE_FORMAT"),
    (b"id,title\n", "CSV", "NO_USABLE_ROW"),
    (gzip.compress(lines(*FILMS))[:-10], "JSON_LINES", "FILE_DAMAGED"),
    (b"<html/>", "MRSS", "FILE_FORMAT"),
    (b"<rss><channel><item><guid>1</guid><title>A</title></item>", "MRSS", "FILE_DAMAGED"),
    (b'<!DOCTYPE rss [<!ENTITY a "aa">]><rss><channel/></rss>', "MRSS", "FILE_UNSAFE"),
    (b'<!DOCTYPE rss SYSTEM "file:///etc/passwd"><rss><channel/></rss>', "MRSS", "FILE_UNSAFE"),
]


@pytest.mark.requirement("CL-19")
async def test_rubbish_fails_with_its_code_and_changes_nothing(importer: Importer, services: Services) -> None:
    before = await everything(services)

    for content, file_format, code in RUBBISH:
        done = await importer.run(content, format=file_format)

        assert (done["status"], done["failure"]) == ("FAILED", {"code": code}), (content[:40], file_format)
        assert (done["inserted"], done["comparison"], done["changes"]) == (0, None, [])
    assert await everything(services) == before


@pytest.mark.parametrize(
    ("limit", "value", "code"), [("MOST_ROWS", 6, "TOO_MANY_ROWS"), ("MOST_UNPACKED_BYTES", 100, "FILE_TOO_LARGE")]
)
async def test_a_file_beyond_the_limits_changes_nothing(
    importer: Importer, services: Services, monkeypatch: pytest.MonkeyPatch, limit: str, value: int, code: str
) -> None:
    monkeypatch.setattr(imports, limit, value)
    before = await everything(services)

    done = await importer.run(gzip.compress(lines(*FILMS)))

    assert (done["status"], done["failure"]) == ("FAILED", {"code": code})
    assert await everything(services) == before


async def test_an_address_takes_one_whole_file_for_a_while(
    importer: Importer, clock: MovableClock, monkeypatch: pytest.MonkeyPatch, worker_settings: Settings
) -> None:
    places = [(await importer.ask(PLACE))["importUploadCreate"] for _ in range(3)]
    monkeypatch.setattr("subgraphs.catalog.intake.MOST_FILE_BYTES", 10)
    urls = [place["url"] for place in places]

    answers = [
        await importer.http.put(urls[0], content=b"0123456789"),
        await importer.http.put(urls[0], content=b"again"),
        await importer.http.put(urls[1], content=b""),
        await importer.http.put(urls[1], content=b"01234567890"),
        await importer.http.put(urls[1][:-1] + ("0" if urls[1][-1] != "0" else "1"), content=b"a"),
    ]
    clock.advance(minutes=30)
    answers.append(await importer.http.put(urls[2], content=b"late"))

    assert [(each.status_code, each.json().get("code")) for each in answers] == [
        (201, None),
        (409, "UPLOAD_DONE"),
        (422, "FILE_EMPTY"),
        (413, "FILE_TOO_LARGE"),
        (403, "UPLOAD_EXPIRED"),
        (403, "UPLOAD_EXPIRED"),
    ]
    assert len(list((worker_settings.objects_dir / "imports").iterdir())) == 1


async def test_only_who_sent_a_file_asks_for_its_import_and_a_key_makes_one(importer: Importer) -> None:
    upload = await importer.send(lines(*FILMS))
    empty = (await importer.ask(PLACE))["importUploadCreate"]["id"]
    other = Viewer(user_id="other", scopes=ADMIN.scopes)
    creator = Viewer(user_id="admin", scopes=frozenset(scopes_of([Role.CREATOR.value])))
    given = {"uploadId": upload, "format": "CSV", "idempotencyKey": "k"}

    asked = [await importer.request(upload, idempotencyKey="k") for _ in range(2)]
    reused = await importer.request(upload, idempotencyKey="k", dryRun=True)
    unsent = await importer.request(empty, idempotencyKey="e")
    foreign = (await importer.ask(ASK, other, input=given))["catalogImport"]
    refused = await importer.app.execute_as(creator, ASK, variables={"input": given})
    no_place = await importer.app.execute_as(creator, PLACE)
    malformed = await importer.app.execute_as(ADMIN, ASK, variables={"input": {**given, "uploadId": "TW92aWU6MQ"}})

    assert asked[0] == asked[1]
    assert [[error["code"] for error in each["errors"]] for each in (reused, unsent, foreign)] == [
        ["IDEMPOTENCY_KEY_REUSED"], ["UNKNOWN_UPLOAD"], ["UNKNOWN_UPLOAD"],
    ]  # fmt: skip
    for answer in (refused, no_place):
        assert [error["extensions"]["code"] for error in answer["errors"]] == ["FORBIDDEN"]
    assert [error["extensions"]["code"] for error in malformed["errors"]] == ["BAD_USER_INPUT"]
    listed = await importer.ask("{ cmsImports { edges { node { id } } pageInfo { hasNextPage } } }")
    assert [edge["node"]["id"] for edge in listed["cmsImports"]["edges"]] == [asked[0]["catalogImport"]["id"]]


async def test_a_row_that_fails_for_no_foreseen_reason_does_not_hold_up_the_others(
    importer: Importer, monkeypatch: pytest.MonkeyPatch
) -> None:

    async def fail_for_one(session: Any, records: Any, **named: Any) -> Any:
        if any(record.original_name == "Film 3" for record in records):
            raise RuntimeError("nobody foresaw this")
        return await store_titles(session, records, **named)

    monkeypatch.setattr(taking, "store_titles", fail_for_one)
    done = await importer.run(lines(*FILMS))

    assert (done["status"], done["inserted"], done["failed"], done["done"]) == ("PARTIAL", 6, 1, 7)
    assert [(error["row"], error["code"]) for error in done["errors"]] == [(4, "INTERNAL")]
    assert (done["comparison"]["compared"], done["comparison"]["matching"]) == (7, 6)


async def test_a_worker_that_fails_between_batches_goes_on_where_it_was(
    importer: Importer, services: Services, monkeypatch: pytest.MonkeyPatch
) -> None:
    asked = await importer.request(await importer.send(lines(*FILMS)))
    calls = []
    note = imports._note

    async def fail_in_the_third(*arguments: Any, **named: Any) -> Any:
        calls.append(1)
        if len(calls) == 3:
            raise KeyboardInterrupt
        return await note(*arguments, **named)

    with monkeypatch.context() as patch:
        patch.setattr(imports, "_note", fail_in_the_third)
        with pytest.raises(KeyboardInterrupt):
            await advance_imports(services, batch=2)
    half = await importer.read(asked["catalogImport"]["id"])
    waits = [await imports_wait(services)]
    taken = await advance_imports(services, batch=2)
    waits.append(await imports_wait(services))

    done = await importer.read(asked["catalogImport"]["id"])
    assert (half["status"], half["done"], half["percent"]) == ("RUNNING", 4, 57.1)
    assert waits == [True, False]
    assert (taken, done["status"], done["inserted"]) == (3, "SUCCEEDED", 7)
    assert (await everything(services))[1] == [(7,)]


async def test_files_are_kept_for_a_week_and_imports_for_a_quarter(
    importer: Importer, services: Services, clock: MovableClock
) -> None:
    upload = await importer.send(lines(*FILMS))
    asked = await importer.request(upload)
    await advance_imports(services)
    folder = imports.folder_of(services.objects_dir)
    counts = []

    for days in (7, 1):
        async with services.outboxes["catalog"].writing() as session:
            counts.append(await imports.forget_files(session, folder, now=clock()))
        clock.advance(days=days)
    async with services.outboxes["catalog"].writing() as session:
        counts.append(await imports.forget_files(session, folder, now=clock()))

    assert counts == [0, 0, 1]
    assert list(folder.iterdir()) == []
    kept = await importer.read(asked["catalogImport"]["id"])
    clock.advance(days=83)
    async with services.outboxes["catalog"].writing() as session:
        await imports.forget_files(session, folder, now=clock())
    assert (kept["inserted"], await importer.read(asked["catalogImport"]["id"])) == (7, None)
    assert [error["code"] for error in (await importer.request(upload))["errors"]] == ["UNKNOWN_UPLOAD"]
