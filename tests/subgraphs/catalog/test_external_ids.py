"""What others call a title: set by editors, kept through versions and imports, and never that of two titles."""

import asyncio
import json
from typing import Any

import pytest

from subgraphs.catalog.service.exchange import read_titles
from subgraphs.catalog.service.importing import BadRow
from subgraphs.catalog.service.records import TitleRecord
from subgraphs.catalog.service.taking import Taken, take_rows
from tests.subgraphs.catalog.desk import ADMIN, CREATOR, PUBLISHER, Desk
from tests.subgraphs.catalog.support import NOW, id_of, movie

IMDB = {"scheme": "imdb", "value": "tt0054215"}
EIDR = {"scheme": "eidr", "value": "10.5240/6E1B-7C5D"}


async def ids_of(desk: Desk, own: str) -> Any:
    query = "query($id: ID!) { cmsTitle(id: $id) { externalIds { scheme value } } }"
    return (await desk.catalog.data(query, {"id": own}, viewer=ADMIN))["cmsTitle"]["externalIds"]


async def test_external_ids_are_set_as_a_whole_and_stay_when_left_out(desk: Desk) -> None:
    own = await desk.draft(externalIds=[{"scheme": " IMDb ", "value": " tt0054215 "}])
    assert await ids_of(desk, own) == [IMDB]

    await desk.title("titleUpdate", CREATOR, id=own, expectedVersion=1, input={"rentable": True})
    assert await ids_of(desk, own) == [IMDB]
    await desk.title("titleUpdate", CREATOR, id=own, expectedVersion=2, input={"externalIds": [EIDR, IMDB]})
    assert await ids_of(desk, own) == [EIDR, IMDB]
    await desk.title("titleUpdate", CREATOR, id=own, expectedVersion=3, input={"externalIds": None})
    assert await ids_of(desk, own) == []
    await desk.title("titleRollback", CREATOR, id=own, toVersion=3, expectedVersion=4)
    assert await ids_of(desk, own) == [EIDR, IMDB]


async def test_a_stored_title_keeps_its_external_ids_in_its_editors_hands(desk: Desk) -> None:
    film = movie("Known Elsewhere", external_ids=("imdb:tt0054215", "eidr:10.5240/6E1B-7C5D"))
    await desk.catalog.store(film)
    assert await ids_of(desk, id_of(film)) == [IMDB, EIDR]

    await desk.title("titleUpdate", ADMIN, id=id_of(film), expectedVersion=1, input={"rentable": True})

    assert await ids_of(desk, id_of(film)) == [IMDB, EIDR]


WRONG: list[list[dict[str, str]]] = [
    [{"scheme": "im db", "value": "tt1"}],
    [{"scheme": "imdb:x", "value": "tt1"}],
    [{"scheme": "", "value": "tt1"}],
    [{"scheme": "a" * 41, "value": "tt1"}],
    [{"scheme": "imdb", "value": "  "}],
    [{"scheme": "imdb", "value": "t" * 201}],
    [{"scheme": "imdb", "value": "t t1"}],
    [{"scheme": "imdb", "value": "नदी"}],
    [IMDB, {"scheme": "IMDB", "value": "tt2"}],
    [{"scheme": f"s{number}", "value": "1"} for number in range(21)],
]


async def test_external_ids_that_are_none_are_refused_and_change_nothing(desk: Desk) -> None:
    own = await desk.draft(externalIds=[IMDB])

    for given in WRONG:
        codes = await desk.refusals("titleUpdate", CREATOR, id=own, expectedVersion=1, input={"externalIds": given})
        assert codes == ["EXTERNAL_ID_INVALID"], given

    assert await ids_of(desk, own) == [IMDB]


def given(own: str, *external_ids: dict[str, str], version: int = 1) -> dict[str, Any]:
    return {"id": own, "expectedVersion": version, "input": {"externalIds": list(external_ids)}}


async def test_an_external_id_that_another_title_has_is_refused(desk: Desk) -> None:
    film = movie("Known Elsewhere", external_ids=("eidr:10.5240/6E1B-7C5D",))
    await desk.catalog.store(film)
    first, second = await desk.draft(externalIds=[IMDB]), await desk.draft()
    query = """mutation($input: TitleInput!) { done: titleCreate(kind: MOVIE, input: $input) {
      title { id } errors { code path message }
    } }"""
    before = await desk.everything()

    made = await desk.catalog.data(query, {"input": {"originalName": "A", "externalIds": [EIDR, IMDB]}}, viewer=CREATOR)

    def refusal(scheme: str, value: str) -> dict[str, Any]:
        message = f"Another title has `{scheme}:{value}`."
        return {"code": "EXTERNAL_ID_TAKEN", "path": ["externalIds", scheme], "message": message}

    assert made["done"] == {"title": None, "errors": [refusal(**EIDR), refusal(**IMDB)]}
    assert await desk.everything() == before
    assert await desk.refusals("titleUpdate", CREATOR, **given(second, IMDB)) == ["EXTERNAL_ID_TAKEN"]
    # One's own may be said again, and another system may have the same name for something else.
    await desk.title("titleUpdate", CREATOR, **given(first, IMDB))
    await desk.title("titleUpdate", CREATOR, **given(second, {"scheme": "tmdb", "value": IMDB["value"]}))


async def test_an_external_id_is_free_when_nothing_says_it_any_more(desk: Desk) -> None:
    first, second = await desk.published(externalIds=[IMDB]), await desk.draft()

    await desk.title("titleUpdate", CREATOR, **given(first))
    while_shown = await desk.refusals("titleUpdate", CREATOR, **given(second, IMDB))
    await desk.title("titleUnpublish", PUBLISHER, id=first)
    await desk.title("titleUpdate", CREATOR, **given(second, IMDB))

    assert while_shown == ["EXTERNAL_ID_TAKEN"]
    assert await desk.refusals("titleRollback", CREATOR, id=first, toVersion=1, expectedVersion=2) == [
        "EXTERNAL_ID_TAKEN"
    ]


async def test_an_archived_title_keeps_its_external_ids(desk: Desk) -> None:
    first, second = await desk.draft(externalIds=[IMDB]), await desk.draft()

    await desk.title("titleArchive", ADMIN, id=first)

    assert await desk.refusals("titleUpdate", CREATOR, **given(second, IMDB)) == ["EXTERNAL_ID_TAKEN"]


async def test_of_those_who_want_one_external_id_at_the_same_moment_one_gets_it(desk: Desk) -> None:
    titles = [await desk.draft() for _ in range(6)]
    # In either order, so that two who want both would wait for each other if they were not locked in one.
    wanted = [[IMDB, EIDR] if place % 2 else [EIDR, IMDB] for place in range(6)]

    outcomes = await asyncio.gather(
        *(desk.run("titleUpdate", CREATOR, **given(own, *ids)) for own, ids in zip(titles, wanted, strict=True))
    )

    codes = [[error["code"] for error in done["errors"]] for done in outcomes]
    assert sorted(codes) == [[], *[["EXTERNAL_ID_TAKEN"] * 2] * 5]


def row(record: TitleRecord, *external_ids: str) -> bytes:
    title = {"kind": "MOVIE", "slug": record.slug, "texts": {"en": {"name": record.original_name}}}
    whole: dict[str, Any] = {
        "id": id_of(record),
        "publishedAt": None,
        "genres": [],
        "title": {**title, "external_ids": external_ids},
    }
    return json.dumps({"reelgraph": 1, **whole}).encode()


async def taken(desk: Desk, *lines: bytes, dry_run: bool = False) -> Taken:
    rows = list(read_titles(lines, published_at=NOW))
    async with desk.catalog.database.writing() as session:
        return await take_rows(session, rows, now=NOW, dry_run=dry_run)


@pytest.mark.parametrize("dry_run", [False, True])
async def test_a_row_with_another_titles_external_id_is_a_row_error_and_keeps_no_other(
    desk: Desk, dry_run: bool
) -> None:
    await desk.draft(externalIds=[IMDB])
    wrong, right, twice = movie("Wrong"), movie("Right"), movie("Twice")

    done = await taken(
        desk, row(wrong, "imdb:tt0054215", "tmdb:1"), row(right, "tmdb:2"), row(twice, "tmdb:2"), dry_run=dry_run
    )

    assert (done.inserted, done.updated, [each.name for each in done.differences]) == (1, 0, ["Right"])
    assert sorted(map(described, done.bad)) == [
        (1, "Another title has `imdb:tt0054215`.", "EXTERNAL_ID_TAKEN", id_of(wrong)),
        (3, "`tmdb:2` is that of an earlier line.", "EXTERNAL_ID_TAKEN", id_of(twice)),
    ]


def described(bad: BadRow) -> tuple[int, str, str, str | None]:
    return bad.line, bad.reason, bad.code, bad.key


async def test_a_row_may_have_what_an_earlier_one_gave_up(desk: Desk) -> None:
    old, new = movie("Had It", external_ids=("imdb:tt1",)), movie("Gets It")
    await desk.catalog.store(old, new)

    done = await taken(desk, row(old, "imdb:tt2"), row(new, "imdb:tt1"))

    assert (done.updated, done.bad) == (2, [])
    assert await ids_of(desk, id_of(new)) == [{"scheme": "imdb", "value": "tt1"}]
