"""Seasons and episodes as editors make them, and as viewers see them afterwards."""

from typing import Any

import pytest

from tests.subgraphs.catalog.desk import ADMIN, CREATOR, PAYLOAD, Desk

SEASON = f"""mutation($id: ID!, $version: Int!, $input: SeasonInput!) {{
  done: seasonUpsert(titleId: $id, expectedVersion: $version, input: $input) {PAYLOAD}
}}"""
EPISODE = f"""mutation($id: ID!, $version: Int!, $season: Int!, $input: EpisodeInput!) {{
  done: episodeUpsert(titleId: $id, expectedVersion: $version, seasonNumber: $season, input: $input) {PAYLOAD}
}}"""
SHOWN = """query($id: ID!, $locale: Locale) { title(id: $id) { kind ... on Show { seasonCount episodeCount seasons {
  number name(locale: $locale) releaseDate
  episodes { edges { node {
    number name(locale: $locale) description(locale: $locale) descriptionHtml(locale: $locale) airDate
    thumbnail { width height url } playable { durationSeconds }
  } } }
} } } }"""


def texts(english: str, hindi: str) -> list[dict[str, str]]:
    return [
        {"locale": "en", "name": english, "descriptionHtml": f"<p>About <b>{english}</b>.</p>"},
        {"locale": "hi", "name": hindi, "description": f"{hindi} के बारे में।"},
    ]


async def new_show(desk: Desk) -> str:
    film = await desk.draft()
    given = await desk.catalog.data(
        "query($id: ID!) { cmsTitle(id: $id) { genres { id } } }", {"id": film}, viewer=CREATOR
    )
    images = [
        {"role": role, "uploadId": await desk.uploaded(width, height)}
        for role, width, height in (("POSTER", 1280, 720), ("THUMBNAIL", 640, 480))
    ]
    made = await desk.title(
        "titleCreate",
        CREATOR,
        kind="SHOW",
        input={
            "translations": [{"locale": locale, "name": "Harbour", "description": "Ships."} for locale in ("en", "hi")],
            "releaseDate": "2026-02-01",
            "maturityRating": "U",
            "genreIds": [genre["id"] for genre in given["cmsTitle"]["genres"]],
            "images": images,
            "trailerUrl": "https://trailers.example/harbour",
            "credits": [{"name": "Asha Rao", "role": "DIRECTOR"}],
        },
    )
    return str(made["id"])


async def sent(desk: Desk, mutation: str, **variables: Any) -> Any:
    return (await desk.catalog.data(mutation, variables, viewer=CREATOR))["done"]


@pytest.mark.requirement("FR-CC-003")
async def test_seasons_and_episodes_reach_the_screen_with_all_that_they_have(desk: Desk) -> None:
    own = await new_show(desk)
    season = {"number": 1, "translations": texts("The Port", "बंदरगाह"), "releaseDate": "2026-02-01"}
    episode = {
        "number": 1,
        "translations": texts("Low Tide", "भाटा"),
        "durationMinutes": 42,
        "airDate": "2026-02-03",
        "thumbnailUploadId": await desk.uploaded(1920, 1080),
    }
    await sent(desk, SEASON, id=own, version=1, input=season)
    await sent(desk, EPISODE, id=own, version=2, season=1, input=episode)
    done = await sent(desk, EPISODE, id=own, version=3, season=1, input={**episode, "number": 2})
    assert done["errors"] == []
    await desk.publish(own)

    english = (await desk.catalog.data(SHOWN, {"id": own, "locale": "en"}))["title"]
    hindi = (await desk.catalog.data(SHOWN, {"id": own, "locale": "hi"}))["title"]

    assert (english["kind"], english["seasonCount"], english["episodeCount"]) == ("SHOW", 1, 2)
    (shown,) = english["seasons"]
    assert (shown["number"], shown["name"], shown["releaseDate"]) == (1, "The Port", "2026-02-01")
    first = shown["episodes"]["edges"][0]["node"]
    assert first.pop("thumbnail")["height"] == 1080
    assert first == {
        "number": 1,
        "name": "Low Tide",
        "description": "About Low Tide.",
        "descriptionHtml": "<p>About <b>Low Tide</b>.</p>",
        "airDate": "2026-02-03",
        "playable": {"durationSeconds": 42 * 60},
    }
    assert hindi["seasons"][0]["name"] == "बंदरगाह"
    assert hindi["seasons"][0]["episodes"]["edges"][1]["node"]["name"] == "भाटा"


@pytest.mark.requirement("FR-CC-003")
async def test_a_number_that_is_taken_is_refused_where_a_new_one_is_meant(desk: Desk) -> None:
    own = await new_show(desk)
    new = {"number": 1, "mustBeNew": True, "translations": [{"locale": "en", "name": "One"}]}
    await sent(desk, SEASON, id=own, version=1, input=new)
    await sent(desk, EPISODE, id=own, version=2, season=1, input=new)
    before = await desk.everything()

    season = await sent(desk, SEASON, id=own, version=3, input=new)
    episode = await sent(desk, EPISODE, id=own, version=3, season=1, input=new)

    for refused, path in (
        (season, ["seasons", "1", "number"]),
        (episode, ["seasons", "1", "episodes", "1", "number"]),
    ):
        assert refused == {"title": None, "errors": [{"code": "DUPLICATE_NUMBER", "path": path}]}
    assert await desk.everything() == before
    changed = await sent(desk, SEASON, id=own, version=3, input={**new, "mustBeNew": False})
    elsewhere = await sent(desk, EPISODE, id=own, version=4, season=2, input=new)
    assert (changed["errors"], elsewhere["errors"]) == ([], [])


async def test_a_thumbnail_has_the_shape_of_a_still_and_can_be_replaced_by_a_drawn_one(desk: Desk) -> None:
    own = await new_show(desk)
    episode = {"number": 1, "translations": [{"locale": "en", "name": "One"}], "durationMinutes": 10}
    query = "query($id: ID!) { cmsTitle(id: $id) { seasons { episodes { thumbnail { width height isDrawn } } } } }"

    async def thumbnail(version: int, upload: str | None) -> Any:
        given = {**episode, "thumbnailUploadId": upload}
        return await sent(desk, EPISODE, id=own, version=version, season=1, input=given)

    square = await thumbnail(1, await desk.uploaded(500, 500))
    await thumbnail(1, await desk.uploaded(1280, 720))
    uploaded = await desk.catalog.data(query, {"id": own}, viewer=CREATOR)
    await desk.publish(own)
    edges = "title(id: $id) { ... on Show { seasons { episodes { edges { node { thumbnail { width url } } } } } } }"
    shown = await desk.catalog.data(f"query($id: ID!) {{ {edges} }}", {"id": own})
    await thumbnail(2, None)
    await desk.publish_as(ADMIN, own)
    drawn = await desk.catalog.data(f"query($id: ID!) {{ {edges} }}", {"id": own})

    path = ["seasons", "1", "episodes", "1", "thumbnail"]
    assert square == {"title": None, "errors": [{"code": "IMAGE_RATIO", "path": path}]}
    seasons = uploaded["cmsTitle"]["seasons"]
    assert seasons == [{"episodes": [{"thumbnail": {"width": 1280, "height": 720, "isDrawn": False}}]}]
    pictures = [each["title"]["seasons"][0]["episodes"]["edges"][0]["node"]["thumbnail"] for each in (shown, drawn)]
    assert [picture["width"] for picture in pictures] == [1280, 800]
    assert pictures[0]["url"] != pictures[1]["url"]
