"""The pictures over HTTP: drawn once, kept, bounded."""

import asyncio
import io
from collections.abc import AsyncIterator
from pathlib import Path
from uuid import UUID

import httpx
import pytest
from PIL import Image

from subgraphs.catalog.config import Settings
from tests.subgraphs.catalog.support import UNKNOWN, Client, movie, show


@pytest.fixture
async def http(catalog: Client) -> AsyncIterator[httpx.AsyncClient]:
    transport = httpx.ASGITransport(catalog.app)
    async with httpx.AsyncClient(transport=transport, base_url="https://reelgraph.example") as client:
        yield client


def kept(settings: Settings) -> list[str]:
    """Return the files in the folder of pictures."""
    folder = Path(settings.objects_dir) / "artwork"
    return sorted(str(path.relative_to(folder)) for path in folder.rglob("*") if path.is_file())


async def image_url(catalog: Client, arguments: str) -> tuple[str, int, int]:
    data = await catalog.data(f'{{ title(slug: "amber") {{ images({arguments}) {{ url width height }} }} }}')
    (image,) = data["title"]["images"]
    return image["url"], image["width"], image["height"]


@pytest.mark.requirement("IN-SEED-3")
@pytest.mark.parametrize(
    ("arguments", "size"),
    [
        ("role: POSTER", (400, 600)),
        ("role: POSTER, width: 1", (160, 240)),
        ("role: POSTER, width: 161", (320, 480)),
        ("role: POSTER, width: 400", (400, 600)),
        ("role: POSTER, width: 9999", (400, 600)),
        ("role: SPOTLIGHT, width: 1200", (1280, 533)),
        ("role: THUMBNAIL", (800, 450)),
    ],
)
async def test_the_address_of_an_image_gives_a_picture_of_its_size(
    catalog: Client, http: httpx.AsyncClient, arguments: str, size: tuple[int, int]
) -> None:
    await catalog.store(movie("Amber"))
    url, width, height = await image_url(catalog, arguments)

    response = await http.get(url)

    assert (response.status_code, response.headers["content-type"]) == (200, "image/webp")
    assert response.headers["cache-control"] == "public, max-age=31536000, immutable"
    assert Image.open(io.BytesIO(response.content)).size == (width, height) == size


async def test_a_picture_is_drawn_once_and_kept(catalog: Client, http: httpx.AsyncClient, settings: Settings) -> None:
    await catalog.store(movie("Amber"))
    url, _, _ = await image_url(catalog, "role: POSTER")
    responses = await asyncio.gather(*(http.get(url) for _ in range(4)))
    path = Path(settings.objects_dir) / "artwork" / url.rsplit("/", 1)[1]
    written = path.stat().st_mtime_ns

    again = await http.get(url)

    assert {response.content for response in [*responses, again]} == {path.read_bytes()}
    assert path.stat().st_mtime_ns == written
    assert kept(settings) == [path.name]


async def test_episodes_have_their_own_stills(catalog: Client, http: httpx.AsyncClient) -> None:
    await catalog.store(show("Birch", episodes=(2,)))
    data = await catalog.data(
        '{ title(slug: "birch") { ... on Show { seasons { episodes { edges { node { thumbnail { url } } } } } } } }'
    )
    edges = data["title"]["seasons"][0]["episodes"]["edges"]

    pictures = [(await http.get(edge["node"]["thumbnail"]["url"])).content for edge in edges]

    assert len(set(pictures)) == 2


@pytest.mark.parametrize(
    "name",
    [
        f"{UNKNOWN}-poster.webp",
        "{id}-backdrop.webp",
        "{id}-thumbnail.webp",
        "{id}-poster-w161.webp",
        "{id}-poster-w640.webp",
        "{id}-poster-w99999999.webp",
        "{id}-poster.png",
        "..%2F..%2Fetc%2Fpasswd",
        "ads/nonsense",
    ],
)
async def test_what_is_not_given_out_is_not_found_and_leaves_nothing(
    catalog: Client, http: httpx.AsyncClient, settings: Settings, name: str
) -> None:
    await catalog.store(movie("Amber"))
    url, _, _ = await image_url(catalog, "role: POSTER")
    own_id = UUID(url.rsplit("/", 1)[1].removesuffix("-poster.webp"))

    response = await http.get(f"https://reelgraph.example/artwork/{name.format(id=own_id)}")

    assert response.status_code == 404
    assert kept(settings) == []


async def test_ad_creatives_are_drawn_from_their_id(http: httpx.AsyncClient, settings: Settings) -> None:
    first, alike, other = UUID(int=1), UUID(int=257), UUID(int=2)

    pictures = [(await http.get(f"/artwork/ads/{creative}")).content for creative in (first, alike, other)]

    assert pictures[0] == pictures[1] != pictures[2]
    assert Image.open(io.BytesIO(pictures[0])).size == (800, 450)
    assert kept(settings) == ["ads/1.webp", "ads/2.webp"]
