"""Titles in their editors' hands: from a draft to the screen and back, versions, conflicts, and what viewers see."""

import asyncio
from datetime import timedelta
from typing import Any

import pytest

from subgraphs.catalog.service.editing import publish_due
from subgraphs.shared.identity import Viewer
from subgraphs.users.models import Role
from tests.subgraphs.catalog.desk import ADMIN, COMPLETE, CREATOR, PAYLOAD, PUBLISHER, REVIEWER, Desk, person
from tests.subgraphs.catalog.support import ADULT, NOW, TurnedClock, acted_by, id_of, movie, show


@pytest.mark.requirement("FR-CMS-002.1")
@pytest.mark.requirement("IN-API-22")
@pytest.mark.requirement("IN-API-24")
@pytest.mark.requirement("IN-API-25")
@pytest.mark.requirement("CL-01")
async def test_a_title_goes_from_draft_to_the_screen_and_is_seen_only_there(desk: Desk) -> None:
    own = await desk.draft()
    states = []
    for mutation, viewer in (
        ("titleSubmitForReview", CREATOR),
        ("titleApprove", REVIEWER),
        ("titlePublish", PUBLISHER),
    ):
        assert await desk.seen(own) is None
        title = await desk.title(mutation, viewer, id=own)
        states.append((title["state"], title["version"], title["liveVersion"]))

    assert states == [("PENDING_REVIEW", 1, None), ("APPROVED", 1, None), ("PUBLISHED", 1, 1)]
    assert await desk.seen(own) == "Monsoon Letters"


async def test_a_published_title_has_all_that_the_draft_said(desk: Desk) -> None:
    own = await desk.published()

    query = """query($id: ID!) { title(id: $id) {
      name hindi: name(locale: "hi") description slug releaseDate maturityRating audioLanguages
      credits { role character person { name } } publishedAt
      ... on Movie { playable { durationSeconds maturityRating } }
    } }"""
    assert (await desk.catalog.data(query, {"id": own}))["title"] == {
        "name": "Monsoon Letters",
        "hindi": "बारिश की चिट्ठियाँ",
        "description": "Letters that arrive too late.",
        "slug": "monsoon-letters",
        "releaseDate": "2026-02-01",
        "maturityRating": "UA_13",
        "audioLanguages": ["hi"],
        "credits": [
            {"role": "DIRECTOR", "character": None, "person": {"name": "Asha Rao"}},
            {"role": "ACTOR", "character": "Ravi", "person": {"name": "Vikram Sen"}},
        ],
        "publishedAt": NOW.isoformat(),
        "playable": {"durationSeconds": 7080, "maturityRating": "UA_13"},
    }


@pytest.mark.requirement("IN-API-26")
async def test_a_scheduled_title_is_seen_once_its_moment_has_come(desk: Desk, clock: TurnedClock) -> None:
    own = await desk.approved()
    moment = NOW + timedelta(hours=2)
    scheduled = await desk.title("titlePublish", PUBLISHER, id=own, at=moment.isoformat())
    assert (scheduled["state"], scheduled["publishAt"]) == ("SCHEDULED", moment.isoformat())

    for passed, published, name in ((timedelta(hours=1), 0, None), (timedelta(hours=1), 1, "Monsoon Letters")):
        clock.turn(passed)
        async with desk.catalog.database.writing() as session:
            assert await publish_due(session, now=clock.now) == published
        assert await desk.seen(own) == name

    async with desk.catalog.database.writing() as session:
        assert await publish_due(session, now=clock.now) == 0


async def test_a_schedule_can_be_taken_back(desk: Desk, clock: TurnedClock) -> None:
    own = await desk.approved()
    await desk.title("titlePublish", PUBLISHER, id=own, at=(NOW + timedelta(hours=2)).isoformat())

    taken_back = await desk.title("titleUnpublish", PUBLISHER, id=own)

    assert (taken_back["state"], taken_back["publishAt"]) == ("APPROVED", None)
    async with desk.catalog.database.writing() as session:
        assert await publish_due(session, now=NOW + timedelta(days=1)) == 0


@pytest.mark.requirement("FR-CMS-004")
@pytest.mark.requirement("IN-API-23")
async def test_an_edit_of_a_published_title_is_seen_only_when_it_is_published_itself(desk: Desk) -> None:
    own = await desk.published()
    text = {"translations": [{"locale": "en", "name": "Letters of Rain", "description": "New."}]}

    edited = await desk.title("titleUpdate", CREATOR, id=own, expectedVersion=1, input=text)

    assert (edited["state"], edited["version"], edited["liveVersion"]) == ("DRAFT", 2, 1)
    assert await desk.seen(own) == "Monsoon Letters"
    await desk.title("titleSubmitForReview", CREATOR, id=own)
    await desk.title("titleApprove", REVIEWER, id=own)
    assert await desk.seen(own) == "Monsoon Letters"
    await desk.title("titlePublish", PUBLISHER, id=own)
    assert await desk.seen(own) == "Letters of Rain"


@pytest.mark.parametrize("state", ["PUBLISHED", "DRAFT"])
@pytest.mark.parametrize("mutation", ["titleUnpublish", "titleArchive"])
async def test_taking_a_title_down_hides_what_was_live(desk: Desk, mutation: str, state: str) -> None:
    own = await desk.published()
    if state == "DRAFT":
        await desk.title("titleUpdate", CREATOR, id=own, expectedVersion=1, input={"rentable": True})

    taken_down = await desk.title(mutation, ADMIN, id=own)

    assert taken_down["liveVersion"] is None
    assert await desk.seen(own) is None


@pytest.mark.requirement("FR-CMS-004")
async def test_versions_can_be_compared_and_returned_to(desk: Desk) -> None:
    own = await desk.draft()
    text = {"translations": [{"locale": "en", "name": "Letters of Rain", "description": "New."}], "slug": "rain"}
    await desk.title("titleUpdate", CREATOR, id=own, expectedVersion=1, input=text)

    query = """query($id: ID!) {
      cmsTitle(id: $id) { diff(from: 1, to: 2) { field before after } none: diff(from: 1, to: 9) { field } }
    }"""
    shown = (await desk.catalog.data(query, {"id": own}, viewer=CREATOR))["cmsTitle"]
    back = await desk.title("titleRollback", CREATOR, id=own, toVersion=1, expectedVersion=2)

    assert shown == {
        "diff": [
            {"field": "slug", "before": None, "after": "rain"},
            {
                "field": "texts.en.description",
                "before": "Letters that arrive too late.",
                "after": "New.",
            },
            {"field": "texts.en.name", "before": "Monsoon Letters", "after": "Letters of Rain"},
        ],
        "none": None,
    }
    assert (back["version"], back["name"], back["slug"]) == (3, "Monsoon Letters", None)
    assert await desk.refusals("titleRollback", CREATOR, id=own, toVersion=9, expectedVersion=3) == ["VERSION_UNKNOWN"]


@pytest.mark.requirement("FR-CMS-004")
async def test_every_action_is_in_the_log_with_its_author_moment_and_comment(desk: Desk, clock: TurnedClock) -> None:
    own = await desk.draft()
    await desk.title("titleSubmitForReview", CREATOR, id=own)
    clock.turn(timedelta(minutes=5))
    await desk.title("titleReject", REVIEWER, id=own, comment="  The Hindi text has a typo. ")

    query = "query($id: ID!) { cmsTitle(id: $id) { log { version action state author at comment } } }"
    log = (await desk.catalog.data(query, {"id": own}, viewer=CREATOR))["cmsTitle"]["log"]

    later = (NOW + timedelta(minutes=5)).isoformat()
    assert [tuple(entry.values()) for entry in log] == [
        (1, "REJECT", "DRAFT", "reviewer", later, "The Hindi text has a typo."),
        (1, "SUBMIT", "PENDING_REVIEW", "creator", NOW.isoformat(), None),
        (1, "CREATE", "DRAFT", "creator", NOW.isoformat(), None),
    ]


async def test_a_rejection_needs_a_comment(desk: Desk) -> None:
    own = await desk.draft()
    await desk.title("titleSubmitForReview", CREATOR, id=own)

    assert await desk.refusals("titleReject", REVIEWER, id=own, comment="  ") == ["COMMENT_REQUIRED"]


@pytest.mark.requirement("FR-CMS-004")
async def test_who_has_seen_another_version_is_refused(desk: Desk) -> None:
    own = await desk.draft()
    await desk.title("titleUpdate", CREATOR, id=own, expectedVersion=1, input={"rentable": True})

    for mutation, more in (("titleUpdate", {"input": {"rentable": False}}), ("titleSubmitForReview", {})):
        assert await desk.refusals(mutation, CREATOR, id=own, expectedVersion=1, **more) == ["VERSION_CONFLICT"]


async def test_of_two_editors_at_once_one_wins(desk: Desk) -> None:
    own = await desk.draft()

    async def edit(year: int) -> Any:
        return await desk.run("titleUpdate", CREATOR, id=own, expectedVersion=1, input={"releaseYear": year})

    outcomes = await asyncio.gather(*(edit(year) for year in range(2000, 2008)))

    assert [outcome["title"]["version"] for outcome in outcomes if outcome["title"]] == [2]
    assert [e["code"] for outcome in outcomes for e in outcome["errors"]] == ["VERSION_CONFLICT"] * 7


async def test_the_same_key_makes_one_title(desk: Desk) -> None:
    async def create(viewer: Viewer) -> Any:
        return await desk.run("titleCreate", viewer, kind="MOVIE", input=COMPLETE, idempotencyKey="k")

    mine = await asyncio.gather(*(create(CREATOR) for _ in range(5)))
    other = await create(ADMIN)

    assert len({done["title"]["id"] for done in mine}) == 1
    assert other["title"]["id"] != mine[0]["title"]["id"]


@pytest.mark.requirement("FR-CC-002.1")
async def test_what_is_missing_is_said_field_by_field(desk: Desk) -> None:
    bare = (await desk.title("titleCreate", CREATOR, kind="MOVIE", input={"originalName": "Bare"}))["id"]

    done = await desk.run("titleSubmitForReview", CREATOR, id=bare)

    assert done["title"] is None
    assert [(error["code"], ".".join(error["path"])) for error in done["errors"]] == [
        ("REQUIRED_FIELD", "translations.en.name"),
        ("REQUIRED_FIELD", "translations.en.description"),
        ("REQUIRED_FIELD", "translations.hi.name"),
        ("REQUIRED_FIELD", "translations.hi.description"),
        ("REQUIRED_FIELD", "releaseDate"),
        ("REQUIRED_FIELD", "maturityRating"),
        ("REQUIRED_FIELD", "genreIds"),
        ("REQUIRED_FIELD", "images.POSTER"),
        ("REQUIRED_FIELD", "images.THUMBNAIL"),
        ("REQUIRED_FIELD", "trailerUrl"),
        ("REQUIRED_FIELD", "credits"),
        ("REQUIRED_FIELD", "durationMinutes"),
    ]
    query = "query($id: ID!) { cmsTitle(id: $id) { validation { code } } }"
    assert len((await desk.catalog.data(query, {"id": bare}, viewer=CREATOR))["cmsTitle"]["validation"]) == 12


WRONG = {
    "no name": ({"translations": [{"locale": "en", "name": ""}]}, ["NAME_LENGTH"]),
    "a blank name": ({"translations": [{"locale": "en", "name": "  "}]}, ["NAME_LENGTH"]),
    "a long name": ({"translations": [{"locale": "en", "name": "x" * 501}]}, ["NAME_LENGTH"]),
    "NUL": ({"translations": [{"locale": "en", "name": "a\x00b"}]}, ["TEXT_INVALID"]),
    "too short": ({"durationMinutes": 0}, ["DURATION_OUT_OF_RANGE"]),
    "too long": ({"durationMinutes": 601}, ["DURATION_OUT_OF_RANGE"]),
    "year": ({"releaseYear": 10000}, ["YEAR_OUT_OF_RANGE"]),
    "window": (
        {"availableFrom": "2026-02-02T00:00:00+00:00", "availableUntil": "2026-02-02T00:00:00+00:00"},
        ["WINDOW_EMPTY"],
    ),
    "slug": ({"slug": "Not A Slug"}, ["SLUG_INVALID"]),
    "slug of a published title": ({"slug": "old-film"}, ["SLUG_TAKEN"]),
    "genre": ({"genreIds": ["R2VucmU6MDAwMDAwMDAtMDAwMC00MDAwLTgwMDAtMDAwMDAwMDAwMDAw"]}, ["UNKNOWN_GENRE"]),
    "fixture": (
        {"fixture": {"sport": "Cricket", "startsAt": "2026-02-02T00:00:00Z", "endsAt": "2026-02-03T00:00:00Z"}},
        ["KIND_MISMATCH"],
    ),
}


@pytest.mark.parametrize("case", WRONG)
async def test_wrong_input_is_refused_and_changes_nothing(desk: Desk, case: str) -> None:
    own = await desk.draft()
    given, codes = WRONG[case]

    assert await desk.refusals("titleUpdate", CREATOR, id=own, expectedVersion=1, input=given) == codes


@pytest.mark.parametrize(("minutes", "name"), [(1, "x"), (600, "x" * 500)])
async def test_the_limits_themselves_are_allowed(desk: Desk, minutes: int, name: str) -> None:
    own = await desk.draft()
    given = {"durationMinutes": minutes, "translations": [{"locale": "en", "name": name}]}

    assert (await desk.title("titleUpdate", CREATOR, id=own, expectedVersion=1, input=given))["version"] == 2


async def test_an_unknown_title_and_a_foreign_id_are_refused(desk: Desk) -> None:
    unknown = "TW92aWU6MDAwMDAwMDAtMDAwMC00MDAwLTgwMDAtMDAwMDAwMDAwMDAw"
    assert await desk.refusals("titleArchive", ADMIN, id=unknown) == ["TITLE_UNKNOWN"]

    before = await desk.everything()
    genre = (await desk.catalog.data("{ genres { id } }"))["genres"][0]["id"]
    answer = await desk.catalog.ask(
        "mutation($id: ID!) { titleArchive(id: $id) { errors { code } } }", {"id": genre}, viewer=ADMIN
    )
    assert [error["extensions"]["code"] for error in answer.errors] == ["BAD_USER_INPUT"]
    assert await desk.everything() == before


@pytest.mark.parametrize("viewer", [ADULT, person("viewer", Role.USER)], ids=["anonymous", "user"])
async def test_who_is_no_editor_sees_and_changes_nothing(desk: Desk, viewer: Viewer) -> None:
    own = await desk.draft()
    before = await desk.everything()
    code = "UNAUTHENTICATED" if viewer.is_anonymous else "FORBIDDEN"

    for query in (
        "query($id: ID!) { cmsTitle(id: $id) { id } }",
        "query($id: ID!) { cmsTitles { totalCount } title(id: $id) { id } }",
        "mutation($id: ID!) { titleArchive(id: $id) { errors { code } } }",
        "mutation($id: ID!) { titlePublish(id: $id) { errors { code } } }",
    ):
        answer = await desk.catalog.ask(query, {"id": own}, viewer=viewer)
        assert [error["extensions"]["code"] for error in answer.errors] == [code]

    assert await desk.everything() == before


async def test_a_stored_title_can_be_taken_over_edited_and_published_again(desk: Desk) -> None:
    series = show("Old Show", episodes=(2, 1))
    own = id_of(series)
    before = await desk.catalog.data(SERIES, {"id": own})

    edited = await _add_episode(desk, own)
    assert (edited["state"], edited["version"], edited["liveVersion"]) == ("DRAFT", 2, 1)
    assert await desk.catalog.data(SERIES, {"id": own}) == before
    await desk.title(
        "titleUpdate",
        ADMIN,
        id=own,
        expectedVersion=2,
        input={
            "translations": [{"locale": "hi", "name": "पुराना", "description": "पुराना।"}],
            "credits": [{"name": "Asha Rao", "role": "DIRECTOR"}],
            "trailerUrl": "https://trailers.example/old",
        },
    )
    for mutation in ("titleSubmitForReview", "titleApprove", "titlePublish"):
        await desk.title(mutation, ADMIN, id=own)

    after = await desk.catalog.data(SERIES, {"id": own})
    episodes = [
        [episode["node"]["playable"]["id"] for episode in season["episodes"]["edges"]]
        for season in after["title"]["seasons"]
    ]
    known = [
        [episode["node"]["playable"]["id"] for episode in season["episodes"]["edges"]]
        for season in before["title"]["seasons"]
    ]
    assert [len(season) for season in episodes] == [3, 1]
    assert [episodes[0][:2], episodes[1]] == known


async def test_a_title_from_its_source_again_does_not_undo_what_editors_did(desk: Desk) -> None:
    record = movie("Old Film", credits=acted_by("Vikram Sen"))
    own = id_of(record)
    text = {"translations": [{"locale": locale, "name": "New Name", "description": "New."} for locale in ("en", "hi")]}
    given = {**text, "trailerUrl": "https://trailers.example/old"}
    await desk.title("titleUpdate", ADMIN, id=own, expectedVersion=1, input=given)
    for mutation in ("titleSubmitForReview", "titleApprove", "titlePublish"):
        await desk.title(mutation, ADMIN, id=own)

    await desk.catalog.store(record)

    assert (await desk.catalog.data("query($id: ID!) { title(id: $id) { name } }", {"id": own}))["title"] == {
        "name": "New Name"
    }


async def test_editors_list_all_titles_the_most_recently_changed_first(desk: Desk, clock: TurnedClock) -> None:
    clock.turn(timedelta(minutes=1))
    own = await desk.draft()
    query = """query($filter: CmsTitleFilter, $after: String) {
      cmsTitles(filter: $filter, first: 2, after: $after) {
        edges { node { id name state } } totalCount pageInfo { endCursor hasNextPage }
      }
    }"""

    async def page(**variables: Any) -> Any:
        return (await desk.catalog.data(query, variables, viewer=CREATOR))["cmsTitles"]

    first = await page()
    second = await page(after=first["pageInfo"]["endCursor"])
    assert first["edges"][0]["node"]["id"] == own
    assert first["totalCount"] == 3
    names = [edge["node"]["name"] for edge in (*first["edges"], *second["edges"])]
    assert sorted(names) == ["Monsoon Letters", "Old Film", "Old Show"]
    assert second["pageInfo"]["hasNextPage"] is False
    for given, found in (
        ({"state": ["DRAFT"]}, ["Monsoon Letters"]),
        ({"state": ["PUBLISHED"], "kind": ["SHOW"]}, ["Old Show"]),
        ({"createdBy": "creator"}, ["Monsoon Letters"]),
        ({"query": "FILM"}, ["Old Film"]),
        ({"query": "%"}, []),
    ):
        shown = await page(filter=given)
        assert [edge["node"]["name"] for edge in shown["edges"]] == found
        assert shown["totalCount"] == len(found)


async def test_a_page_of_editors_costs_the_same_statements_for_every_size(desk: Desk) -> None:
    for _ in range(4):
        await desk.draft()
    query = (
        "query($n: Int!) { cmsTitles(first: $n) { edges { node { name log { at } genres { name } live { name } } } } }"
    )

    counts = [(await desk.catalog.ask_again(query, {"n": size}, viewer=CREATOR)).statements for size in (3, 6)]

    assert counts[0] == 5  # places, drafts, genres, log, live cards
    assert counts[1] == 5 + 11  # and the stored titles that nobody took over yet: one statement for each kind of part


SERIES = """query($id: ID!) { title(id: $id) { name ... on Show { seasons {
  number name episodes { edges { node { number name playable { id durationSeconds } } } }
} } } }"""


async def _add_episode(desk: Desk, own: str) -> Any:
    query = f"""mutation($id: ID!, $input: EpisodeInput!) {{
      episodeUpsert(titleId: $id, seasonNumber: 1, expectedVersion: 1, input: $input) {PAYLOAD}
    }}"""
    given = {"number": 3, "durationMinutes": 40, "translations": [{"locale": "en", "name": "The third"}]}
    done = (await desk.catalog.data(query, {"id": own, "input": given}, viewer=ADMIN))["episodeUpsert"]
    assert done["errors"] == []
    return done["title"]
