"""Licences: one predicate for lists, entities, search and counts; the same answer as playback gives."""

from collections.abc import Sequence
from dataclasses import replace
from datetime import datetime, timedelta
from itertools import product
from typing import Any

import pytest

from subgraphs.catalog.errors import LicensedError
from subgraphs.catalog.models import TitleKind
from subgraphs.catalog.service.bulk import BulkChange
from subgraphs.catalog.service.drafts import DraftLicence, TitleDraft
from subgraphs.catalog.service.records import LicenceRecord, TitleRecord
from subgraphs.playback.models.rows import Licence, Rights
from subgraphs.playback.service import LicenceTerms
from subgraphs.playback.service.access import AccessReason, decide_access
from subgraphs.shared.identity import Viewer
from subgraphs.shared.values import MaturityRating, Quality, Tier
from tests.subgraphs.catalog.desk import ADMIN, CREATOR, PUBLISHER, REVIEWER, Desk
from tests.subgraphs.catalog.support import ADULT, NOW, UNKNOWN, Client, TurnedClock, id_of, movie, playable_id_of

DAY = timedelta(days=1)
ABROAD, ELSEWHERE = Viewer(country="DE"), Viewer(country="FR")
EVERY_PATH = """query($id: ID!, $playable: ID!) {
  title(id: $id) { requiredTier rentable badges availability { status from until countries } }
  playable(id: $playable) { requiredTier }
  titles { totalCount edges { node { id } } }
  free: titles(filter: {tier: FREE}) { totalCount }
  premium: titles(filter: {tier: PREMIUM}) { totalCount }
  rentable: titles(filter: {rentable: true}) { totalCount }
  search(query: "licensed") { totalCount edges { node { ... on Movie { id } } } }
  genres { titleCount }
  _entities(representations: [{__typename: "Movie", id: $id}, {__typename: "Playable", id: $playable}]) { __typename }
}"""


def licence(
    *countries: str, begin: datetime | None = None, end: datetime | None = None, tier: str = "FREE", rent: bool = False
) -> LicenceRecord:
    return LicenceRecord(countries or None, begin, end, Tier(tier), rent)


def licensed(*licences: LicenceRecord) -> TitleRecord:
    """Return a movie whose own columns let everybody in, so that only its licences can keep somebody out."""
    return movie("Licensed", licences=licences, rentable=any(each.rentable for each in licences))


async def seen(catalog: Client, record: TitleRecord, viewer: Viewer) -> Any:
    """Return what each path gives of the title; the paths of a kind must agree."""
    variables = {"id": id_of(record), "playable": playable_id_of(record)}
    data = await catalog.data(EVERY_PATH, variables, viewer=viewer)
    reachable = {
        data["title"] is not None,
        data["playable"] is not None,
        *(each is not None for each in data["_entities"]),
    }
    listed = {data["titles"]["totalCount"], len(data["titles"]["edges"]), data["search"]["totalCount"]}
    listed |= {len(data["search"]["edges"]), sum(each["titleCount"] for each in data["genres"])}
    assert len(reachable) == len(listed) == 1
    assert data["free"]["totalCount"] + data["premium"]["totalCount"] == data["titles"]["totalCount"]
    if data["title"] is None:
        assert listed == {0}
        return None
    if listed == {1}:
        assert data[data["title"]["requiredTier"].lower()]["totalCount"] == 1
        assert data["rentable"]["totalCount"] == data["title"]["rentable"]
    assert data["playable"]["requiredTier"] == data["title"]["requiredTier"]
    assert (data["title"]["availability"]["status"] == "AVAILABLE") is (listed == {1})
    return {"listed": listed == {1}, **data["title"]}


@pytest.mark.requirement("IN-B-01", "IN-B-16", "FR-CC-007.1", "FR-CC-007.2", "FR-CC-007.3")
async def test_each_country_has_its_own_window_and_tier(catalog: Client, clock: TurnedClock) -> None:
    record = licensed(
        licence("IN", end=NOW + DAY, tier="FREE"),
        licence("IN", begin=NOW + DAY, tier="PREMIUM", rent=True),
        licence("DE", "AT", begin=NOW + 2 * DAY, end=NOW + 3 * DAY, tier="PREMIUM"),
    )
    await catalog.store(record)
    found: list[tuple[Any, ...]] = []
    for _ in range(4):
        for viewer in (ADULT, ABROAD, ELSEWHERE):
            title = await seen(catalog, record, viewer)
            found.append(title and (title["listed"], title["requiredTier"], title["rentable"]))
        clock.turn(DAY)

    india_free, india_paid = (True, "FREE", False), (True, "PREMIUM", True)
    german_soon, german = (False, "PREMIUM", False), (True, "PREMIUM", False)
    assert found == [
        *(india_free, german_soon, None),
        *(india_paid, german_soon, None),
        *(india_paid, german, None),
        *(india_paid, None, None),
    ]


async def test_what_is_shown_of_a_title_is_the_licence_that_serves_the_viewer(catalog: Client) -> None:
    record = licensed(licence("IN", end=NOW + DAY), licence("DE", begin=NOW + DAY, tier="PREMIUM"))
    await catalog.store(record)

    at_home, abroad = await seen(catalog, record, ADULT), await seen(catalog, record, ABROAD)

    assert at_home["badges"] == ["LEAVING_SOON"]
    assert at_home["availability"] == {
        "status": "AVAILABLE",
        "from": None,
        "until": (NOW + DAY).isoformat(),
        "countries": ["IN"],
    }
    assert abroad["badges"] == ["COMING_SOON", "PREMIUM"]
    assert abroad["availability"] == {
        "status": "COMING_SOON",
        "from": (NOW + DAY).isoformat(),
        "until": None,
        "countries": ["DE"],
    }


def rights_of(record: TitleRecord) -> Rights:
    terms = [LicenceTerms(each.countries, each.starts_at, each.ends_at, each.tier) for each in record.licences]
    return Rights("p", "t", 60, MaturityRating.U, Tier.FREE, None, None, None, (), (), "a", (Quality.P720,), terms)


WINDOWS = ((None, None), (None, NOW), (NOW, None), (NOW - DAY, NOW + DAY), (NOW + DAY, None))
GRID = [
    licence(*countries, begin=begin, end=end, tier=tier)
    for countries, (begin, end), tier in product(((), ("IN",), ("DE",)), WINDOWS, ("FREE", "PREMIUM"))
]


def expected_reason(title: Any) -> AccessReason | None:
    if title is None:
        return None
    if not title["listed"]:
        return AccessReason.NOT_AVAILABLE_YET
    return AccessReason.FREE if title["requiredTier"] == "FREE" else AccessReason.LOGIN_REQUIRED


@pytest.mark.requirement("FR-CC-007.1", "FR-CC-007.2")
async def test_lists_and_playback_decide_alike_over_pairs_of_licences(catalog: Client) -> None:
    pairs: Sequence[tuple[LicenceRecord, LicenceRecord]] = list(product(GRID[::3], GRID[1::4]))
    records = [replace(movie(f"Pair {n}"), licences=pair) for n, pair in enumerate(pairs)]
    await catalog.store(*records)
    query = """query($ids: [_Any!]!) { _entities(representations: $ids) {
      ... on Movie { id requiredTier availability { status } } } }"""
    references = [{"__typename": "Movie", "id": id_of(record)} for record in records]

    for viewer in (ADULT, ABROAD):
        shown = (await catalog.data(query, {"ids": references}, viewer=viewer))["_entities"]
        for record, title in zip(records, shown, strict=True):
            decision = decide_access(Licence(rights_of(record), None), viewer, now=NOW)
            reason = expected_reason(title and {**title, "listed": title["availability"]["status"] == "AVAILABLE"})
            refused = {AccessReason.GEO_BLOCKED, AccessReason.EXPIRED}
            assert (decision.reason is reason) if reason else (decision.reason in refused), record.licences


INDIA = {"countries": ["IN"], "tier": "PREMIUM", "until": (NOW + DAY).isoformat()}
WORLD = {"tier": "FREE", "from": (NOW + DAY).isoformat(), "rentable": True}


async def test_new_licences_of_what_viewers_see_hold_at_once_and_without_a_review(desk: Desk) -> None:
    own = await desk.published()

    done = await desk.title("licencesSet", PUBLISHER, titleId=own, expectedVersion=1, licences=[INDIA, WORLD])

    query = "query($id: ID!) { title(id: $id) { requiredTier availability { status countries } } }"
    at_home = (await desk.catalog.data(query, {"id": own}))["title"]
    abroad = (await desk.catalog.data(query, {"id": own}, viewer=ABROAD))["title"]
    assert (done["state"], done["version"], done["liveVersion"]) == ("PUBLISHED", 2, 2)
    assert at_home == {"requiredTier": "PREMIUM", "availability": {"status": "AVAILABLE", "countries": ["IN"]}}
    assert abroad == {"requiredTier": "FREE", "availability": {"status": "COMING_SOON", "countries": None}}
    query = """query($id: ID!) { cmsTitle(id: $id) {
      licences { countries from until tier rentable } log(first: 2) { action } } }"""
    draft = await desk.catalog.data(query, {"id": own}, viewer=CREATOR)
    assert draft["cmsTitle"] == {
        "licences": [
            {"countries": ["IN"], "from": None, "until": INDIA["until"], "tier": "PREMIUM", "rentable": False},
            {"countries": None, "from": WORLD["from"], "until": None, "tier": "FREE", "rentable": True},
        ],
        "log": [{"action": "PUBLISH"}, {"action": "LICENSE"}],
    }


async def test_licences_keep_a_title_where_it_stands_in_the_workflow(desk: Desk) -> None:
    own = await desk.approved()

    done = await desk.title("licencesSet", PUBLISHER, titleId=own, expectedVersion=1, licences=[INDIA])
    published = await desk.title("titlePublish", PUBLISHER, id=own)

    assert (done["state"], done["version"], done["liveVersion"]) == ("APPROVED", 2, None)
    assert (published["state"], published["liveVersion"]) == ("PUBLISHED", 2)


async def test_a_licensed_title_comes_back_as_it_was_when_its_editors_take_it_over(desk: Desk) -> None:
    record = licensed(licence("IN", end=NOW + DAY), licence("DE", begin=NOW + DAY, tier="PREMIUM", rent=True))
    await desk.catalog.store(record)
    query = "query($id: ID!) { cmsTitle(id: $id) { licences { countries tier } } }"

    shown = await desk.catalog.data(query, {"id": id_of(record)}, viewer=CREATOR)

    assert shown["cmsTitle"]["licences"] == [
        {"countries": ["IN"], "tier": "FREE"},
        {"countries": ["DE"], "tier": "PREMIUM"},
    ]


async def test_the_own_terms_of_a_licensed_title_cannot_be_set(desk: Desk) -> None:
    own = await desk.draft()
    await desk.title("licencesSet", PUBLISHER, titleId=own, expectedVersion=1, licences=[INDIA])

    for given in ({"requiredTier": "FREE"}, {"countries": None}, {"availableUntil": None}, {"rentable": True}):
        assert await desk.refusals("titleUpdate", CREATOR, id=own, expectedVersion=2, input=given) == ["LICENSED"]


@pytest.mark.parametrize("change", [{"tier": Tier.FREE}, {"available_from": NOW}, {"clear": ("available_until",)}])
def test_a_bulk_change_of_terms_passes_licensed_titles_over(change: dict[str, Any]) -> None:
    licensed_draft = TitleDraft(kind=TitleKind.MOVIE, licences=(DraftLicence(tier=Tier.PREMIUM),))

    with pytest.raises(LicensedError):
        BulkChange(**change).applied_to(licensed_draft)
    assert BulkChange(archive=True).applied_to(licensed_draft) == licensed_draft


@pytest.mark.parametrize(
    ("licences", "codes"),
    [
        ([{**INDIA, "from": INDIA["until"]}], ["WINDOW_EMPTY"]),
        ([{**INDIA, "countries": []}], ["REQUIRED_FIELD"]),
        ([INDIA] * 51, ["TOO_MANY"]),
    ],
)
async def test_wrong_licences_are_refused(desk: Desk, licences: Any, codes: list[str]) -> None:
    own = await desk.published()

    assert await desk.refusals("licencesSet", PUBLISHER, titleId=own, expectedVersion=1, licences=licences) == codes
    assert await desk.refusals("licencesSet", PUBLISHER, titleId=own, expectedVersion=9, licences=[INDIA]) == [
        "VERSION_CONFLICT"
    ]


async def test_only_who_keeps_rights_sets_licences(desk: Desk) -> None:
    own = await desk.published()
    before = await desk.everything()
    mutation = """mutation($id: ID!, $licences: [LicenceInput!]!) {
      licencesSet(titleId: $id, expectedVersion: 1, licences: $licences) { errors { code } }
    }"""

    for viewer, code in ((ADULT, "UNAUTHENTICATED"), (CREATOR, "FORBIDDEN"), (REVIEWER, "FORBIDDEN")):
        answer = await desk.catalog.ask(mutation, {"id": own, "licences": [INDIA]}, viewer=viewer)
        assert [error["extensions"]["code"] for error in answer.errors] == [code]
    for variables in (
        {"id": str(UNKNOWN), "licences": []},
        {"id": own, "licences": [{**INDIA, "countries": ["India"]}]},
    ):
        assert len((await desk.catalog.ask(mutation, variables, viewer=ADMIN)).errors) == 1
    assert await desk.everything() == before
