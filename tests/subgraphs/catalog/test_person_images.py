"""Pictures of people: uploaded, square, seen wherever a person is."""

from typing import Any

import pytest

from subgraphs.catalog.service.records import person_id
from subgraphs.shared.ids import encode_id
from tests.subgraphs.catalog.desk import ADMIN, CREATOR, Desk
from tests.subgraphs.catalog.support import UNKNOWN, acted_by, id_of, movie

VIKRAM = encode_id("Person", person_id("Vikram Sen"))
SET = """mutation($id: ID!, $upload: ID) { done: personImageSet(id: $id, uploadId: $upload) {
  person { name image { url } } errors { code path message } } }"""
SEEN = """query($person: ID!, $title: ID!) {
  person(id: $person) { image(width: 150) { url width height role ratio alt } }
  title(id: $title) { credits { person { image { width } } } }
  search(query: "vikram") { edges { node { __typename ... on Person { image { width } } } } }
  _entities(representations: [{__typename: "Person", id: $person}]) { ... on Person { image { width } } }
}"""


async def set_image(desk: Desk, upload: str | None, person: str = VIKRAM) -> Any:
    return (await desk.catalog.data(SET, {"id": person, "upload": upload}, viewer=CREATOR))["done"]


@pytest.mark.requirement("FR-CMS-003.2")
async def test_a_picture_of_a_person_is_seen_wherever_the_person_is(desk: Desk) -> None:
    ids = {"person": VIKRAM, "title": id_of(movie("Old Film"))}
    before = await desk.catalog.data(SEEN, ids)

    done = await set_image(desk, await desk.uploaded(400, 400))
    seen = await desk.catalog.data(SEEN, ids)

    assert done["errors"] == []
    assert before["person"] == {"image": None}
    image = seen["person"]["image"]
    address = image.pop("url")
    assert address.startswith("https://reelgraph.example/artwork/")
    assert address.endswith("-avatar-w160.webp")
    assert image == {"width": 160, "height": 160, "role": "AVATAR", "ratio": "R1_1", "alt": "Vikram Sen"}
    assert seen["title"]["credits"] == [{"person": {"image": {"width": 400}}}]
    found = [edge["node"] for edge in seen["search"]["edges"] if edge["node"]["__typename"] == "Person"]
    assert found == [{"__typename": "Person", "image": {"width": 400}}]
    assert seen["_entities"] == [{"image": {"width": 400}}]


async def test_another_picture_has_another_address_and_none_is_none(desk: Desk) -> None:
    first, second = await desk.uploaded(400, 400), await desk.uploaded(600, 600)

    urls = [(await set_image(desk, upload))["person"]["image"]["url"] for upload in (first, second, first)]
    removed = await set_image(desk, None)
    query = "query($id: ID!) { cmsRegisterVersions(id: $id) { number author changes { field before after } } }"
    log = (await desk.catalog.data(query, {"id": VIKRAM}, viewer=ADMIN))["cmsRegisterVersions"]

    assert (urls[0] == urls[2], urls[0] == urls[1], removed["person"]["image"]) == (True, False, None)
    assert [(each["number"], each["author"], len(each["changes"])) for each in log] == [
        (number, "creator", 1) for number in (5, 4, 3, 2)
    ]


async def test_the_same_picture_again_changes_nothing(desk: Desk) -> None:
    upload = await desk.uploaded(400, 400)
    await set_image(desk, upload)
    before = await desk.everything()

    again = await set_image(desk, upload)

    assert again["errors"] == []
    assert await desk.everything() == before


@pytest.mark.parametrize("size", [(640, 480), (400, 600), (1280, 720), (400, 410)])
async def test_a_picture_that_is_not_square_is_refused(desk: Desk, size: tuple[int, int]) -> None:
    upload = await desk.uploaded(*size)
    before = await desk.everything()

    done = await set_image(desk, upload)

    message = f"An avatar is 1:1, and this is {size[0]}×{size[1]} pixels."
    assert done == {"person": None, "errors": [{"code": "IMAGE_RATIO", "path": ["uploadId"], "message": message}]}
    assert await desk.everything() == before


async def test_unknown_people_and_pictures_are_refused(desk: Desk) -> None:
    upload = await desk.uploaded(400, 400)
    before = await desk.everything()

    nobody = await set_image(desk, upload, encode_id("Person", UNKNOWN))
    nothing = await set_image(desk, encode_id("ImageUpload", UNKNOWN))

    assert [[error["code"] for error in done["errors"]] for done in (nobody, nothing)] == [
        ["PERSON_UNKNOWN"],
        ["UNKNOWN_UPLOAD"],
    ]
    assert await desk.everything() == before


async def test_a_title_has_no_avatar(desk: Desk) -> None:
    own, upload = await desk.draft(), await desk.uploaded(400, 400)

    codes = await desk.refusals(
        "titleUpdate", CREATOR, id=own, expectedVersion=1, input={"images": [{"role": "AVATAR", "uploadId": upload}]}
    )

    assert codes == ["KIND_MISMATCH"]


@pytest.mark.parametrize("count", [2, 20])
async def test_pictures_of_any_number_of_people_are_one_statement(desk: Desk, count: int) -> None:
    names = [f"Person {number}" for number in range(count)]
    film = movie("Crowd", credits=acted_by(*names))
    await desk.catalog.store(film)
    query = "query($id: ID!) { title(id: $id) { credits(first: 20) { person { name %s } } } }"

    plain = await desk.catalog.ask_again(query % "", {"id": id_of(film)})
    pictured = await desk.catalog.ask_again(query % "image { url }", {"id": id_of(film)})

    assert len(pictured.data["title"]["credits"]) == count
    assert pictured.statements == plain.statements + 1
