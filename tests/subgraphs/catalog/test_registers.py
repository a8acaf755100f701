"""Genres and people as editors keep them: made, renamed, found by their new names, credited by id."""

import asyncio
from datetime import timedelta
from typing import Any

import pytest

from subgraphs.catalog.service.genres import KNOWN_GENRES
from subgraphs.catalog.service.records import person_id
from subgraphs.shared.ids import encode_id
from tests.subgraphs.catalog.desk import ADMIN, CREATOR, PUBLISHER, REVIEWER, Desk
from tests.subgraphs.catalog.support import ADULT, NOW, UNKNOWN, TurnedClock

GENRE = """mutation($id: ID, $slug: String!, $names: [NameInput!]!, $position: Int) {
  done: genreUpsert(id: $id, slug: $slug, translations: $names, position: $position) {
    made: genre { id slug name hindi: name(locale: "hi") } errors { code path }
  }
}"""
PERSON = """mutation($id: ID, $name: String!, $key: ID) {
  done: personUpsert(id: $id, name: $name, idempotencyKey: $key) { made: person { id name } errors { code path } }
}"""
DRAMA = encode_id("Genre", KNOWN_GENRES["drama"].id)
VIKRAM = encode_id("Person", person_id("Vikram Sen"))
FOLK = {"slug": "folk-tale", "names": [{"locale": "en", "name": "Folk Tale"}, {"locale": "hi", "name": "लोककथा"}]}


async def made(desk: Desk, mutation: str, **variables: Any) -> Any:
    """Return what a mutation without errors made."""
    done = (await desk.catalog.data(mutation, variables, viewer=CREATOR))["done"]
    assert done["errors"] == []
    return done["made"]


async def refused(desk: Desk, mutation: str, **variables: Any) -> list[tuple[str, str]]:
    """Return codes and places of a refusal that changed nothing."""
    before = await desk.everything()
    done = (await desk.catalog.data(mutation, variables, viewer=ADMIN))["done"]
    assert done["made"] is None
    assert await desk.everything() == before
    return [(error["code"], ".".join(error["path"] or ())) for error in done["errors"]]


async def found(desk: Desk, words: str) -> list[str]:
    query = (
        "query($q: String!) { search(query: $q) { edges { node { ... on Title { name } ... on Person { name } } } } }"
    )
    edges = (await desk.catalog.data(query, {"q": words}))["search"]["edges"]
    return sorted(edge["node"]["name"] for edge in edges)


@pytest.mark.requirement("CL-04", "IN-API-09")
async def test_a_new_genre_is_in_the_list_and_can_be_given_to_titles(desk: Desk) -> None:
    genre = await made(desk, GENRE, **FOLK, position=0)

    listed = (await desk.catalog.data("{ genres { slug name titleCount } }"))["genres"]
    own = await desk.draft(genreIds=[genre["id"]])

    assert (genre["slug"], genre["name"], genre["hindi"]) == ("folk-tale", "Folk Tale", "लोककथा")
    assert {"slug": "folk-tale", "name": "Folk Tale", "titleCount": 0} in listed
    shown = await desk.catalog.data(
        "query($id: ID!) { cmsTitle(id: $id) { genres { slug } } }", {"id": own}, viewer=CREATOR
    )
    assert shown["cmsTitle"]["genres"] == [{"slug": "folk-tale"}]


@pytest.mark.requirement("CL-04")
async def test_a_renamed_genre_keeps_its_id_and_its_titles_are_found_by_the_new_name(desk: Desk) -> None:
    assert await found(desk, "tragic") == []

    renamed = await made(desk, GENRE, id=DRAMA, slug="drama", names=[{"locale": "en", "name": "Tragic"}])

    assert renamed == {"id": DRAMA, "slug": "drama", "name": "Tragic", "hindi": "नाटक"}
    assert await found(desk, "tragic") == ["Old Film", "Old Show"]
    assert await found(desk, "tragik") == ["Old Film", "Old Show"]


async def test_of_those_who_want_one_genre_at_the_same_moment_one_makes_it(desk: Desk) -> None:
    async def make() -> Any:
        return (await desk.catalog.data(GENRE, FOLK, viewer=CREATOR))["done"]

    outcomes = await asyncio.gather(*(make() for _ in range(4)))

    codes = sorted([error["code"] for error in outcome["errors"]] for outcome in outcomes)
    assert codes == [[], *[["SLUG_TAKEN"]] * 3]


@pytest.mark.parametrize(
    ("given", "codes"),
    [
        ({**FOLK, "slug": "drama"}, [("SLUG_TAKEN", "slug")]),
        ({**FOLK, "slug": "Folk Tale"}, [("SLUG_INVALID", "slug")]),
        ({**FOLK, "slug": ""}, [("SLUG_INVALID", "slug")]),
        ({**FOLK, "slug": "x" * 101}, [("SLUG_INVALID", "slug")]),
        ({**FOLK, "id": DRAMA}, [("SLUG_FIXED", "slug")]),
        ({**FOLK, "names": []}, [("REQUIRED_FIELD", "translations")]),
        ({**FOLK, "names": [{"locale": "en", "name": "x" * 501}]}, [("NAME_LENGTH", "translations.en.name")]),
        ({**FOLK, "names": [{"locale": "en", "name": "a\x00"}]}, [("NAME_LENGTH", "translations.en.name")]),
        ({**FOLK, "position": -1}, [("NUMBER_OUT_OF_RANGE", "position")]),
        ({**FOLK, "id": encode_id("Genre", UNKNOWN)}, [("GENRE_UNKNOWN", "")]),
    ],
)
async def test_a_wrong_genre_is_refused(desk: Desk, given: dict[str, Any], codes: list[tuple[str, str]]) -> None:
    assert await refused(desk, GENRE, **given) == codes


async def test_two_people_of_one_name_are_two_where_they_are_made_so(desk: Desk) -> None:
    first, again, other = [await made(desk, PERSON, name="Vikram Sen", key=key) for key in ("k", "k", "l")]

    assert first == again
    assert len({first["id"], other["id"], VIKRAM}) == 3


@pytest.mark.requirement("FR-CMS-003.2")
async def test_a_renamed_person_is_the_same_in_every_title_and_found_by_both_names(desk: Desk) -> None:
    renamed = await made(desk, PERSON, id=VIKRAM, name="Vikram Senapati")

    shown = await desk.catalog.data('{ title(slug: "old-film") { credits { person { id name } } } }')
    assert renamed == {"id": VIKRAM, "name": "Vikram Senapati"}
    assert shown["title"]["credits"] == [{"person": renamed}]
    assert await found(desk, "senapati") == ["Old Film", "Vikram Senapati"]
    assert await found(desk, "vikram sen") == ["Old Film", "Vikram Senapati"]


@pytest.mark.parametrize(
    ("given", "codes"),
    [
        ({"name": ""}, [("NAME_LENGTH", "name")]),
        ({"name": "x" * 501}, [("NAME_LENGTH", "name")]),
        ({"id": encode_id("Person", UNKNOWN), "name": "Asha"}, [("PERSON_UNKNOWN", "")]),
    ],
)
async def test_a_wrong_person_is_refused(desk: Desk, given: dict[str, Any], codes: list[tuple[str, str]]) -> None:
    assert await refused(desk, PERSON, **given) == codes


@pytest.mark.parametrize(
    ("mutation", "given"), [(GENRE, {**FOLK, "id": VIKRAM}), (PERSON, {"id": DRAMA, "name": "Asha"})]
)
async def test_an_id_of_another_type_is_refused(desk: Desk, mutation: str, given: dict[str, Any]) -> None:
    before = await desk.everything()

    answer = await desk.catalog.ask(mutation, given, viewer=ADMIN)

    assert [error["extensions"]["code"] for error in answer.errors] == ["BAD_USER_INPUT"]
    assert await desk.everything() == before


@pytest.mark.parametrize(("mutation", "given"), [(GENRE, FOLK), (PERSON, {"name": "Asha"})])
async def test_only_who_edits_titles_keeps_genres_and_people(desk: Desk, mutation: str, given: dict[str, Any]) -> None:
    before = await desk.everything()

    for viewer, code in ((ADULT, "UNAUTHENTICATED"), (REVIEWER, "FORBIDDEN"), (PUBLISHER, "FORBIDDEN")):
        answer = await desk.catalog.ask(mutation, given, viewer=viewer)
        assert [error["extensions"]["code"] for error in answer.errors] == [code]

    assert await desk.everything() == before


async def test_a_wrong_language_tag_is_refused(desk: Desk) -> None:
    given = {**FOLK, "names": [{"locale": "english!", "name": "Folk"}]}

    answer = await desk.catalog.ask(GENRE, given, viewer=ADMIN)

    assert len(answer.errors) == 1
    assert answer.data is None


@pytest.mark.requirement("FR-CC-002.1")
async def test_credits_by_id_in_every_role_reach_the_screen_with_the_name_of_that_day(desk: Desk) -> None:
    twin = await made(desk, PERSON, name="Vikram Sen")
    roles = ["OTHER", "WRITER", "DIRECTOR", "ACTOR", "PRODUCER"]
    own = await desk.draft(credits=[{"personId": twin["id"], "role": role} for role in roles])
    await made(desk, PERSON, id=twin["id"], name="Vikram Sen II")
    for mutation, viewer in (
        ("titleSubmitForReview", CREATOR),
        ("titleApprove", REVIEWER),
        ("titlePublish", PUBLISHER),
    ):
        await desk.title(mutation, viewer, id=own)

    query = "query($id: ID!) { title(id: $id) { credits { role person { id name } } } }"
    shown = (await desk.catalog.data(query, {"id": own}))["title"]["credits"]

    assert [credit["role"] for credit in shown] == ["DIRECTOR", "ACTOR", "WRITER", "PRODUCER", "OTHER"]
    assert {credit["person"]["id"] for credit in shown} == {twin["id"]}
    assert {credit["person"]["name"] for credit in shown} == {"Vikram Sen II"}


async def test_wrong_credits_are_refused(desk: Desk) -> None:
    own = await desk.draft()

    for credit, code in (
        ({"role": "ACTOR", "personId": encode_id("Person", UNKNOWN)}, ["UNKNOWN_PERSON"]),
        ({"role": "ACTOR"}, ["NAME_LENGTH"]),
        ({"role": "ACTOR", "name": "x" * 501}, ["NAME_LENGTH"]),
        ({"role": "ACTOR", "name": "Asha", "character": "x" * 501}, ["NAME_LENGTH"]),
    ):
        codes = await desk.refusals("titleUpdate", CREATOR, id=own, expectedVersion=1, input={"credits": [credit]})
        assert codes == code


VERSIONS = "query($id: ID!) { cmsRegisterVersions(id: $id) { number author at changes { field before after } } }"


@pytest.mark.requirement("FR-CMS-004")
async def test_every_change_of_a_genre_or_a_person_is_kept_with_its_author_and_moment(
    desk: Desk, clock: TurnedClock
) -> None:
    genre = await made(desk, GENRE, **FOLK)
    clock.turn(timedelta(minutes=5))
    await made(desk, GENRE, id=genre["id"], slug="folk-tale", names=[{"locale": "en", "name": "Folklore"}])
    await made(desk, PERSON, id=VIKRAM, name="Vikram Sen-Rao")

    async def versions(own: str) -> Any:
        return (await desk.catalog.data(VERSIONS, {"id": own}, viewer=REVIEWER))["cmsRegisterVersions"]

    later = (NOW + timedelta(minutes=5)).isoformat()
    assert await versions(genre["id"]) == [
        {
            "number": 2,
            "author": "creator",
            "at": later,
            "changes": [{"field": "names.en", "before": "Folk Tale", "after": "Folklore"}],
        },
        {
            "number": 1,
            "author": "creator",
            "at": NOW.isoformat(),
            "changes": [
                {"field": "names.en", "before": None, "after": "Folk Tale"},
                {"field": "names.hi", "before": None, "after": "लोककथा"},
                {"field": "slug", "before": None, "after": "folk-tale"},
            ],
        },
    ]
    renamed = [{"field": "name", "before": "Vikram Sen", "after": "Vikram Sen-Rao"}]
    assert await versions(VIKRAM) == [{"number": 2, "author": "creator", "at": later, "changes": renamed}]
    answer = await desk.catalog.ask(VERSIONS, {"id": VIKRAM}, viewer=ADULT)
    assert [error["extensions"]["code"] for error in answer.errors] == ["UNAUTHENTICATED"]
