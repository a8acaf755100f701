"""Markers of what plays, and why titles are rated as they are."""

from typing import Any

import orjson
import pytest
import sqlalchemy as sa

from subgraphs.catalog.service.timecode import FrameRate, timecode
from tests.subgraphs.catalog.desk import ADMIN, CREATOR, PUBLISHER, REVIEWER, Desk
from tests.subgraphs.catalog.support import ADULT, UNKNOWN, id_of, show

INTRO: dict[str, Any] = {"kind": "INTRO", "startMs": 60_000, "endMs": 90_500}
CUE: dict[str, Any] = {"kind": "AD_CUE", "startMs": 2_400_000}
CHAPTER: dict[str, Any] = {"kind": "CHAPTER", "startMs": 0, "label": "The letter"}
MARKERS = "markers { kind startMs endMs label }"


async def event_of(desk: Desk, own: str) -> Any:
    """Return the payload of the one event that tells of the title."""
    async with desk.catalog.database.reading() as session:
        rows = await session.execute(sa.text("SELECT payload::text FROM outbox"))
        events = [orjson.loads(row[0]) for row in rows]
    (event,) = [event for event in events if event["title_id"] == own]
    return event


async def test_markers_are_seen_once_they_are_published_in_the_order_of_time(desk: Desk) -> None:
    own = await desk.draft()
    query = f"query($id: ID!) {{ title(id: $id) {{ ... on Movie {{ playable {{ id {MARKERS} }} }} }} }}"
    edited = await desk.title("markersSet", CREATOR, titleId=own, expectedVersion=1, markers=[CUE, INTRO, CHAPTER])
    await desk.publish(own)

    playable = (await desk.catalog.data(query, {"id": own}))["title"]["playable"]

    assert edited["version"] == 2
    assert playable["markers"] == [
        {"kind": "CHAPTER", "startMs": 0, "endMs": None, "label": "The letter"},
        {"kind": "INTRO", "startMs": 60_000, "endMs": 90_500, "label": None},
        {"kind": "AD_CUE", "startMs": 2_400_000, "endMs": None, "label": None},
    ]
    markers = (await event_of(desk, own))["playables"][0]["markers"]
    assert [(each["kind"], each["start_ms"], each["end_ms"]) for each in markers] == [
        ("CHAPTER", 0, None),
        ("INTRO", 60_000, 90_500),
        ("AD_CUE", 2_400_000, None),
    ]


async def test_an_episode_of_a_stored_show_gets_markers_and_keeps_them_when_it_is_edited_again(desk: Desk) -> None:
    own = id_of(show("Old Show", episodes=(2, 1)))
    place = {"seasonNumber": 1, "episodeNumber": 2}
    await desk.title("markersSet", ADMIN, titleId=own, expectedVersion=1, markers=[INTRO], **place)
    text = {"translations": [{"locale": each, "name": "Old", "description": "Old."} for each in ("en", "hi")]}
    complete = {**text, "credits": [{"name": "Asha Rao", "role": "DIRECTOR"}], "trailerUrl": "https://t.example"}
    await desk.title("titleUpdate", ADMIN, id=own, expectedVersion=2, input=complete)
    await desk.publish_as(ADMIN, own)

    query = f"""query($id: ID!) {{ title(id: $id) {{ ... on Show {{
      seasons {{ episodes {{ edges {{ node {{ playable {{ {MARKERS} }} }} }} }} }} }} }} }}"""
    seasons = (await desk.catalog.data(query, {"id": own}))["title"]["seasons"]

    found = [[edge["node"]["playable"]["markers"] for edge in each["episodes"]["edges"]] for each in seasons]
    assert found == [[[], [{**INTRO, "label": None}]], [[]]]


async def test_markers_of_many_playables_take_one_statement(desk: Desk) -> None:
    query = f"{{ titles(first: 9) {{ edges {{ node {{ ... on Movie {{ playable {{ {MARKERS} }} }} }} }} }} }}"
    counts = []
    for _ in range(2):
        await desk.published()
        counts.append((await desk.catalog.ask(query)).statements)

    assert counts == [4, 4]  # places, which of them are seen, cards that are new, markers


@pytest.mark.parametrize(
    ("markers", "codes"),
    [
        ([{**INTRO, "endMs": None}], ["REQUIRED_FIELD"]),
        ([{**INTRO, "endMs": INTRO["startMs"]}], ["MARKER_EMPTY"]),
        ([{**CUE, "startMs": -1}], ["MARKER_OUT_OF_RANGE"]),
        ([{**CUE, "startMs": 118 * 60_000 + 1}], ["MARKER_OUT_OF_RANGE"]),
        ([INTRO, {**INTRO, "startMs": 90_499, "endMs": 99_000}], ["MARKERS_OVERLAP"]),
        ([{**CHAPTER, "label": ""}], ["LABEL_LENGTH"]),
        ([{**CHAPTER, "label": "x" * 201}], ["LABEL_LENGTH"]),
        ([{**CUE, "startMs": each} for each in range(201)], ["TOO_MANY"]),
    ],
    ids=["no end", "empty", "before", "behind", "overlap", "no label", "long label", "many"],
)
async def test_wrong_markers_are_refused(desk: Desk, markers: list[Any], codes: list[str]) -> None:
    own = await desk.draft()

    assert await desk.refusals("markersSet", CREATOR, titleId=own, expectedVersion=1, markers=markers) == codes


async def test_what_cannot_have_markers_gets_none(desk: Desk) -> None:
    own = await desk.draft()
    series = id_of(show("Old Show", episodes=(2, 1)))
    given: dict[str, Any] = {"expectedVersion": 1, "markers": [INTRO]}

    assert await desk.refusals("markersSet", ADMIN, titleId=series, **given) == ["KIND_MISMATCH"]
    for season, number in ((1, 9), (9, 1)):
        place = {"seasonNumber": season, "episodeNumber": number}
        assert await desk.refusals("markersSet", ADMIN, titleId=series, **given, **place) == ["EPISODE_UNKNOWN"]
    assert await desk.refusals("markersSet", CREATOR, titleId=own, **{**given, "expectedVersion": 7}) == [
        "VERSION_CONFLICT"
    ]
    assert await desk.refusals("markersSet", CREATOR, titleId=series, **given) == ["NOT_OWNER"]


async def test_only_editors_set_markers(desk: Desk) -> None:
    own = await desk.draft()
    before = await desk.everything()
    mutation = """mutation($id: ID!, $season: Int) {
      markersSet(titleId: $id, expectedVersion: 1, seasonNumber: $season, markers: []) { errors { code } }
    }"""
    genre = (await desk.catalog.data("{ genres { id } }"))["genres"][0]["id"]

    for viewer, variables, code in (
        (ADULT, {"id": own}, "UNAUTHENTICATED"),
        (REVIEWER, {"id": own}, "FORBIDDEN"),
        (PUBLISHER, {"id": own}, "FORBIDDEN"),
        (ADMIN, {"id": genre}, "BAD_USER_INPUT"),
        (ADMIN, {"id": str(UNKNOWN)}, "BAD_USER_INPUT"),
        (ADMIN, {"id": own, "season": 1}, "BAD_USER_INPUT"),
    ):
        answer = await desk.catalog.ask(mutation, variables, viewer=viewer)
        assert [error["extensions"]["code"] for error in answer.errors] == [code]
    assert await desk.everything() == before


async def test_the_reasons_of_a_rating_reach_the_screen_and_other_subgraphs(desk: Desk) -> None:
    own = await desk.published(contentDescriptors=["VIOLENCE", "TOBACCO"])

    shown = await desk.catalog.data("query($id: ID!) { title(id: $id) { contentDescriptors } }", {"id": own})
    draft = await desk.catalog.data(
        "query($id: ID!) { cmsTitle(id: $id) { contentDescriptors } }", {"id": own}, viewer=CREATOR
    )

    assert shown["title"] == draft["cmsTitle"] == {"contentDescriptors": ["VIOLENCE", "TOBACCO"]}
    assert (await event_of(desk, own))["content_descriptors"] == ["VIOLENCE", "TOBACCO"]


@pytest.mark.parametrize(
    ("milliseconds", "rate", "label"),
    [
        (0, FrameRate.F25, "00:00:00:00"),
        (3_661_040, FrameRate.F25, "01:01:01:01"),
        (1_001_000, FrameRate.F23_976, "00:16:40:00"),
        (1_001, FrameRate.F23_976, "00:00:01:00"),
        (59_994, FrameRate.F29_97, "00:00:59;28"),
        (60_060, FrameRate.F29_97, "00:01:00;02"),
        (600_000, FrameRate.F29_97, "00:10:00;00"),
        (3_600_000, FrameRate.F29_97, "01:00:00;00"),
        (60_060, FrameRate.F59_94, "00:01:00;04"),
        (3_600_000, FrameRate.F59_94, "01:00:00;00"),
        (41, FrameRate.F24, "00:00:00:00"),
        (42, FrameRate.F24, "00:00:00:01"),
        (90_000_000, FrameRate.F50, "25:00:00:00"),
    ],
)
def test_a_timecode_names_the_frame_that_is_shown(milliseconds: int, rate: FrameRate, label: str) -> None:
    assert timecode(milliseconds, rate) == label


async def test_a_marker_tells_its_timecode(desk: Desk) -> None:
    own = await desk.draft()
    await desk.title("markersSet", CREATOR, titleId=own, expectedVersion=1, markers=[INTRO])
    await desk.publish(own)

    query = """query($id: ID!) { title(id: $id) { ... on Movie { playable {
      markers { timecode american: timecode(frameRate: F29_97) } } } } }"""
    (marker,) = (await desk.catalog.data(query, {"id": own}))["title"]["playable"]["markers"]

    assert marker == {"timecode": "00:01:00:00", "american": "00:00:59;28"}
