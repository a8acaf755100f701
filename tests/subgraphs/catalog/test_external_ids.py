"""What others call a title: set by editors, kept through versions and imports."""

from typing import Any

import pytest

from tests.subgraphs.catalog.desk import ADMIN, CREATOR, Desk
from tests.subgraphs.catalog.support import id_of, movie

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


@pytest.mark.parametrize(
    "given",
    [
        pytest.param([{"scheme": "im db", "value": "tt1"}], id="space in the scheme"),
        pytest.param([{"scheme": "imdb:x", "value": "tt1"}], id="colon in the scheme"),
        pytest.param([{"scheme": "", "value": "tt1"}], id="no scheme"),
        pytest.param([{"scheme": "a" * 41, "value": "tt1"}], id="long scheme"),
        pytest.param([{"scheme": "imdb", "value": "  "}], id="no value"),
        pytest.param([{"scheme": "imdb", "value": "t" * 201}], id="long value"),
        pytest.param([{"scheme": "imdb", "value": "tt\u00001"}], id="control character"),
        pytest.param([{"scheme": "imdb", "value": "नदी"}], id="not ASCII"),
        pytest.param([IMDB, {"scheme": "IMDB", "value": "tt2"}], id="scheme twice"),
        pytest.param([{"scheme": f"s{n}", "value": "1"} for n in range(21)], id="too many"),
    ],
)
async def test_external_ids_that_are_none_are_refused_and_change_nothing(desk: Desk, given: Any) -> None:
    own = await desk.draft(externalIds=[IMDB])

    codes = await desk.refusals("titleUpdate", CREATOR, id=own, expectedVersion=1, input={"externalIds": given})

    assert codes[0] == "EXTERNAL_ID_INVALID"
    assert await ids_of(desk, own) == [IMDB]
