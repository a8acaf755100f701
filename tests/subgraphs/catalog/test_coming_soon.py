"""Titles that come soon: listed before they can be watched, and announced to who waits for them, once."""

from datetime import datetime, timedelta
from typing import Any

import pytest
import sqlalchemy as sa

from subgraphs.catalog.repository.coming import forget_reminders
from subgraphs.catalog.service.records import LicenceRecord
from subgraphs.catalog.service.reminders import tell_due
from subgraphs.shared.identity import ANONYMOUS, Viewer
from subgraphs.shared.outbox import outbox_table
from subgraphs.shared.values import MaturityRating, Tier
from tests.subgraphs.catalog.support import KID, NOW, Client, id_of, movie

ASHA = Viewer(user_id="asha", profile_id="asha-1", accept_locale="hi")
SET = "mutation($id: ID!) { done: reminderSet(titleId: $id) { ok errors { code path } } }"
REMOVE = "mutation($id: ID!) { done: reminderRemove(titleId: $id) { ok errors { code } } }"
SOON = """query($first: Int, $after: String) { comingSoon(first: $first, after: $after) {
  totalCount pageInfo { hasNextPage endCursor }
  edges { node { name releaseDate availability { status from } isReminderSet } }
} }"""


def coming(name: str, days: int, **changes: Any) -> Any:
    return movie(name, available_from=NOW + timedelta(days=days), **changes)


RIVER, NIGHT = coming("River", 3, hindi="नदी"), coming("Night", 1, maturity_rating=MaturityRating.A)
ABROAD, NOW_ON, OVER = coming("Abroad", 1, countries=("US",)), movie("On"), movie("Over", available_until=NOW)
LICENSED = movie(
    "Licensed",
    available_from=NOW - timedelta(days=9),
    licences=(
        LicenceRecord(("US",), NOW - timedelta(days=9), None, Tier.FREE),
        LicenceRecord(("IN",), NOW + timedelta(days=2), None, Tier.FREE),
    ),
)


async def sent(catalog: Client, mutation: str, title: Any, viewer: Viewer = ASHA) -> Any:
    return (await catalog.data(mutation, {"id": id_of(title)}, viewer=viewer))["done"]


async def told(catalog: Client, *, now: datetime) -> list[tuple[str, str]]:
    """Have those told who wait, and return who was told of what since the beginning."""
    async with catalog.database.writing() as session:
        await tell_due(session, now=now)
    topic = outbox_table.c.topic == "catalog.reminder_due"
    async with catalog.database.reading() as session:
        payloads = (await session.execute(sa.select(outbox_table.c.payload).where(topic))).scalars()
        return sorted((payload["profile_id"], payload["name"]) for payload in payloads)


@pytest.mark.requirement("FR-CC-007.4")
async def test_what_comes_soon_is_listed_with_its_date_the_next_one_first(catalog: Client) -> None:
    await catalog.store(RIVER, NIGHT, ABROAD, NOW_ON, OVER, LICENSED)
    pages, after = [], None

    for _ in range(2):
        page = (await catalog.data(SOON, {"first": 2, "after": after}))["comingSoon"]
        pages.append([edge["node"]["name"] for edge in page["edges"]])
        after = page["pageInfo"]["endCursor"]
    for_kids = (await catalog.data(SOON, viewer=KID))["comingSoon"]

    assert (pages, page["totalCount"], page["pageInfo"]["hasNextPage"]) == (
        [["Night", "Licensed"], ["River"]],
        3,
        False,
    )
    assert page["edges"][0]["node"] == {
        "name": "River",
        "releaseDate": "2020-05-17",
        "availability": {"status": "COMING_SOON", "from": (NOW + timedelta(days=3)).isoformat()},
        "isReminderSet": None,
    }
    assert [edge["node"]["name"] for edge in for_kids["edges"]] == ["Licensed", "River"]
    assert [edge["node"]["isReminderSet"] for edge in for_kids["edges"]] == [False, False]


@pytest.mark.requirement("FR-CC-007.4")
async def test_who_waits_is_told_once_when_the_title_can_be_watched(catalog: Client) -> None:
    await catalog.store(RIVER, LICENSED)
    for title in (RIVER, RIVER, LICENSED):
        assert await sent(catalog, SET, title) == {"ok": True, "errors": []}
    shown = (await catalog.data(SOON, viewer=ASHA))["comingSoon"]["edges"]
    assert [edge["node"]["isReminderSet"] for edge in shown] == [True, True]

    assert await told(catalog, now=NOW + timedelta(days=2, seconds=-1)) == []
    assert await told(catalog, now=NOW + timedelta(days=2)) == [("asha-1", "Licensed")]
    everything = [("asha-1", "Licensed"), ("asha-1", "नदी")]
    assert await told(catalog, now=NOW + timedelta(days=3)) == everything
    assert await told(catalog, now=NOW + timedelta(days=4)) == everything


async def test_who_does_not_wait_any_more_or_may_not_see_it_is_not_told(catalog: Client) -> None:
    other = Viewer(user_id="ravi", profile_id="ravi-1")
    await catalog.store(RIVER, NIGHT)
    await sent(catalog, SET, RIVER)
    await sent(catalog, REMOVE, RIVER)
    await sent(catalog, REMOVE, RIVER)
    await sent(catalog, SET, NIGHT, other)
    async with catalog.database.writing() as session:
        await session.execute(sa.text("UPDATE reminders SET age_limit = 7"))

    assert await told(catalog, now=NOW + timedelta(days=9)) == []


@pytest.mark.parametrize(
    ("title", "viewer", "code"),
    [
        (NOW_ON, ASHA, "ALREADY_AVAILABLE"),
        (OVER, ASHA, "TITLE_UNKNOWN"),
        (ABROAD, ASHA, "TITLE_UNKNOWN"),
        (NIGHT, KID, "TITLE_UNKNOWN"),
        (movie("Nowhere"), ASHA, "TITLE_UNKNOWN"),
    ],
    ids=["there already", "over", "elsewhere", "too strict", "nothing"],
)
async def test_a_reminder_of_what_never_comes_is_refused(
    catalog: Client, title: Any, viewer: Viewer, code: str
) -> None:
    await catalog.store(NOW_ON, OVER, ABROAD, NIGHT)

    done = await sent(catalog, SET, title, viewer)

    assert done == {"ok": False, "errors": [{"code": code, "path": ["titleId"]}]}
    assert await told(catalog, now=NOW + timedelta(days=9)) == []


async def test_only_a_profile_waits_and_it_is_forgotten_when_it_goes(catalog: Client) -> None:
    await catalog.store(RIVER)
    await sent(catalog, SET, RIVER)
    for viewer, code in ((ANONYMOUS, "UNAUTHENTICATED"), (Viewer(user_id="asha"), "FORBIDDEN")):
        answer = await catalog.ask(SET, {"id": id_of(RIVER)}, viewer=viewer)
        assert [error["extensions"]["code"] for error in answer.errors] == [code]

    async with catalog.database.writing() as session:
        await forget_reminders(session, user_ids=(), profile_ids=["asha-1"])

    assert await told(catalog, now=NOW + timedelta(days=9)) == []
