"""Pictures of editors: uploaded, checked by role, seen once they are published, in any width."""

import io
from collections.abc import AsyncIterator
from datetime import timedelta
from pathlib import Path
from typing import Any

import httpx
import pytest
from PIL import Image

from subgraphs.catalog.config import Settings
from subgraphs.catalog.service.privacy import forget_accounts
from subgraphs.shared.ids import encode_id
from tests.subgraphs.catalog.desk import ADMIN, CREATOR, PUBLISHER, REVIEWER, Desk
from tests.subgraphs.catalog.support import ADULT, UNKNOWN, Client, TurnedClock, id_of, movie

CREATE = "mutation { imageUploadCreate { id url expiresAt maxBytes } }"
IMAGES = """query($id: ID!, $width: Int) { title(id: $id) {
  images(role: POSTER, width: $width) { url width height ratio } trailerUrl
  lying: images(ratio: R4_3) { role } } }"""


@pytest.fixture
async def http(catalog: Client) -> AsyncIterator[httpx.AsyncClient]:
    transport = httpx.ASGITransport(catalog.app)
    async with httpx.AsyncClient(transport=transport, base_url="https://reelgraph.example") as client:
        yield client


def png(width: int, height: int, color: tuple[int, int, int] = (10, 120, 200)) -> bytes:
    output = io.BytesIO()
    Image.new("RGB", (width, height), color).save(output, "PNG")
    return output.getvalue()


async def place(desk: Desk) -> Any:
    return (await desk.catalog.data(CREATE, viewer=CREATOR))["imageUploadCreate"]


async def uploaded(desk: Desk, http: httpx.AsyncClient, data: bytes) -> str:
    """Return the id of the upload of these bytes."""
    upload = await place(desk)
    response = await http.put(upload["url"], content=data)
    assert response.status_code == 201
    return str(upload["id"])


def files(settings: Settings) -> list[str]:
    folder = Path(settings.objects_dir) / "artwork"
    return sorted(path.parent.name for path in folder.rglob("*") if path.is_file())


@pytest.mark.requirement("FR-CC-002.2", "FR-CMS-003.2")
async def test_an_uploaded_poster_is_shown_in_any_width_once_it_is_published(
    desk: Desk, http: httpx.AsyncClient
) -> None:
    own = await desk.draft()
    upload = await uploaded(desk, http, png(1280, 720))
    images = [{"role": "POSTER", "uploadId": upload}]
    await desk.title("titleUpdate", CREATOR, id=own, expectedVersion=1, input={"images": images})
    await desk.publish(own)

    whole, small = [(await desk.catalog.data(IMAGES, {"id": own, "width": width}))["title"] for width in (None, 300)]
    pictures = [Image.open(io.BytesIO((await http.get(each["images"][0]["url"])).content)) for each in (whole, small)]

    assert [(p["width"], p["height"], p["ratio"]) for each in (whole, small) for p in each["images"]] == [
        (1280, 720, "R16_9"),
        (320, 180, "R16_9"),
    ]
    assert [picture.size for picture in pictures] == [(1280, 720), (320, 180)]
    red, green, blue = pictures[1].convert("RGB").getpixel((5, 5))  # type: ignore[misc]  # three bands
    assert abs(red - 10) + abs(green - 120) + abs(blue - 200) < 20
    assert whole["lying"] == [{"role": "THUMBNAIL"}]
    assert whole["trailerUrl"] == "https://trailers.example/monsoon-letters"


async def test_another_picture_has_another_address(desk: Desk, http: httpx.AsyncClient) -> None:
    own = id_of(movie("Old Film"))
    drawn = (await desk.catalog.data(IMAGES, {"id": own}))["title"]["images"]
    upload = await uploaded(desk, http, png(600, 900))
    text = {"translations": [{"locale": each, "name": "Old", "description": "Old."} for each in ("en", "hi")]}
    given = {**text, "images": [{"role": "POSTER", "uploadId": upload}], "trailerUrl": "https://t.example/old"}
    await desk.title("titleUpdate", ADMIN, id=own, expectedVersion=1, input=given)
    await desk.publish_as(ADMIN, own)

    shown = (await desk.catalog.data(IMAGES, {"id": own}))["title"]["images"]

    assert [(len(each), each[0]["ratio"]) for each in (drawn, shown)] == [(1, "R2_3"), (1, "R2_3")]
    assert drawn[0]["url"] != shown[0]["url"]
    assert (await http.get(drawn[0]["url"])).status_code == 404


@pytest.mark.requirement("FR-CC-002.2")
@pytest.mark.parametrize(
    ("role", "size", "codes"),
    [
        ("POSTER", (1280, 720), []),
        ("POSTER", (400, 600), []),
        ("POSTER", (1280, 733), ["IMAGE_RATIO"]),
        ("POSTER", (640, 480), ["IMAGE_RATIO"]),
        ("THUMBNAIL", (640, 480), []),
        ("THUMBNAIL", (641, 480), []),
        ("THUMBNAIL", (400, 600), ["IMAGE_RATIO"]),
        ("SPOTLIGHT", (1920, 800), []),
        ("SPOTLIGHT", (640, 480), ["IMAGE_RATIO"]),
    ],
)
async def test_a_picture_has_a_shape_of_its_role(
    desk: Desk, role: str, size: tuple[int, int], codes: list[str]
) -> None:
    own = await desk.draft()
    images = [{"role": role, "uploadId": await desk.uploaded(*size)}]
    given: dict[str, Any] = {"id": own, "expectedVersion": 1, "input": {"images": images}}

    if codes:
        assert await desk.refusals("titleUpdate", CREATOR, **given) == codes
    else:
        assert (await desk.title("titleUpdate", CREATOR, **given))["version"] == 2


async def test_an_upload_that_is_not_there_or_empty_is_refused(desk: Desk) -> None:
    own = await desk.draft()

    for upload in (encode_id("ImageUpload", UNKNOWN), (await place(desk))["id"]):
        images = [{"role": "POSTER", "uploadId": upload}]
        codes = await desk.refusals("titleUpdate", CREATOR, id=own, expectedVersion=1, input={"images": images})
        assert codes == ["UNKNOWN_UPLOAD"]


@pytest.mark.parametrize(
    ("data", "status", "code"),
    [
        (b"<svg/>", 422, "IMAGE_TYPE"),
        (png(100, 100), 422, "IMAGE_SIZE"),
        (b"x" * (10 * 1024 * 1024 + 1), 422, "IMAGE_SIZE"),
        (png(640, 360)[:300], 422, "IMAGE_DAMAGED"),
    ],
    ids=["type", "small", "heavy", "cut"],
)
async def test_what_is_no_picture_is_refused_and_leaves_nothing(
    desk: Desk, http: httpx.AsyncClient, settings: Settings, data: bytes, status: int, code: str
) -> None:
    upload = await place(desk)
    before = await desk.everything()

    response = await http.put(upload["url"], content=data)

    assert (response.status_code, response.json()["code"]) == (status, code)
    assert await desk.everything() == before
    assert files(settings) == []


async def test_an_address_takes_one_picture_in_its_time_and_no_other_address_any(
    desk: Desk, http: httpx.AsyncClient, settings: Settings, clock: TurnedClock
) -> None:
    upload, late = await place(desk), await place(desk)
    data = png(640, 360)

    first = await http.put(upload["url"], content=data)
    again = await http.put(upload["url"], content=data)
    forged = await http.put(upload["url"][:-1] + ("0" if upload["url"][-1] != "0" else "1"), content=data)
    shown = await http.get(upload["url"])
    clock.turn(timedelta(minutes=30))
    expired = await http.put(late["url"], content=data)

    assert (first.status_code, first.json()) == (201, {"width": 640, "height": 360})
    assert [(each.status_code, each.json()["code"]) for each in (again, forged, expired)] == [
        (409, "UPLOAD_DONE"),
        (403, "UPLOAD_EXPIRED"),
        (403, "UPLOAD_EXPIRED"),
    ]
    assert shown.status_code == 405
    assert files(settings) == ["originals"]


async def test_who_uploaded_a_picture_is_forgotten_with_the_account_and_the_picture_stays(desk: Desk) -> None:
    own = await desk.published()
    await desk.draft()

    async with desk.catalog.database.writing() as session:
        await forget_accounts(session, ["creator"])

    assert "creator" not in str(await desk.everything())
    assert len((await desk.catalog.data(IMAGES, {"id": own}))["title"]["images"]) == 1


async def test_only_editors_upload_pictures(desk: Desk) -> None:
    before = await desk.everything()

    for viewer, code in ((ADULT, "UNAUTHENTICATED"), (REVIEWER, "FORBIDDEN"), (PUBLISHER, "FORBIDDEN")):
        answer = await desk.catalog.ask(CREATE, viewer=viewer)
        assert [error["extensions"]["code"] for error in answer.errors] == [code]
    assert await desk.everything() == before


@pytest.mark.parametrize(
    "address",
    [
        "http://t.example/a",
        "javascript:alert(1)",
        "https://",
        "https://a b",
        "https://u@t.example",
        pytest.param("https://t.example/" + "x" * 2000, id="long"),
    ],
)
async def test_a_trailer_has_an_address_that_is_safe_to_follow(desk: Desk, address: str) -> None:
    own = await desk.draft()

    codes = await desk.refusals("titleUpdate", CREATOR, id=own, expectedVersion=1, input={"trailerUrl": address})

    assert codes == ["URL_INVALID"]
