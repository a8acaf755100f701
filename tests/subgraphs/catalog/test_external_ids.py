"""What others call a title: set by editors, kept through versions and imports."""

from typing import Any

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


WRONG: list[list[dict[str, str]]] = [
    [{"scheme": "im db", "value": "tt1"}],
    [{"scheme": "imdb:x", "value": "tt1"}],
    [{"scheme": "", "value": "tt1"}],
    [{"scheme": "a" * 41, "value": "tt1"}],
    [{"scheme": "imdb", "value": "  "}],
    [{"scheme": "imdb", "value": "t" * 201}],
    [{"scheme": "imdb", "value": "t t1"}],
    [{"scheme": "imdb", "value": "नदी"}],
    [IMDB, {"scheme": "IMDB", "value": "tt2"}],
    [{"scheme": f"s{number}", "value": "1"} for number in range(21)],
]


async def test_external_ids_that_are_none_are_refused_and_change_nothing(desk: Desk) -> None:
    own = await desk.draft(externalIds=[IMDB])

    for given in WRONG:
        codes = await desk.refusals("titleUpdate", CREATOR, id=own, expectedVersion=1, input={"externalIds": given})
        assert codes == ["EXTERNAL_ID_INVALID"], given

    assert await ids_of(desk, own) == [IMDB]
