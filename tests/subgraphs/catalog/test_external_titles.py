"""`externalTitles`: what others offer, found by source, words and language, and the same titles of ours."""

from datetime import timedelta
from typing import Any

import pytest

from subgraphs.catalog.config import CatalogueSource
from subgraphs.catalog.errors import CatalogueUnavailableError
from subgraphs.catalog.gateways.catalogues import Row
from subgraphs.catalog.service.external_catalogues import CatalogueGatherer
from subgraphs.shared.identity import Viewer
from subgraphs.shared.values import MaturityRating
from tests.subgraphs.catalog.desk import CREATOR, Desk
from tests.subgraphs.catalog.support import ADULT, KID, NOW, TEENAGER, Client, TurnedClock, id_of, movie, show

LIST = """query($source: ExternalSource, $query: String, $language: Locale, $first: Int! = 20) {
  externalTitles(source: $source, query: $query, language: $language, first: $first) { name } }"""
MATCHED = "{ externalTitles { name matched { __typename id name } } }"

ROWS: list[Row] = [
    {"id": "1", "name": "The Golden River", "source": 1, "language": "hi", "maturityRating": "U"},
    {"id": "2", "name": "Golden Riverbank", "source": "Prime", "language": "hi-Latn", "maturityRating": "UA_13"},
    {"id": "3", "name": "सुनहरी नदी", "source": "Mubi", "language": "hi"},
    {"id": "4", "name": "Amélie's Lamp", "source": "netflix", "language": "en", "maturityRating": "A"},
    {"id": "5", "name": "Zebra 100%", "source": 3},
]


class Catalogue:
    """A catalogue at our port with these rows, or one that is down."""

    def __init__(self, rows: list[Row] | None) -> None:
        self._rows = rows

    async def rows(self) -> list[Row]:
        if self._rows is None:
            raise CatalogueUnavailableError("It is down.")
        return self._rows


async def gather(catalog: Client, clock: TurnedClock, rows: list[Row] | None) -> None:
    """Let the worker read a catalogue."""
    source = CatalogueSource(name="kino", adapter="none", url="https://kino.example")
    await CatalogueGatherer(
        (source,), catalog.database, clock=clock, adapter=lambda _source: Catalogue(rows)
    ).refresh_due()


@pytest.fixture
async def elsewhere(catalog: Client, clock: TurnedClock) -> Client:
    """Return the catalog when others' titles were gathered."""
    await gather(catalog, clock, ROWS)
    return catalog


async def names(catalog: Client, viewer: Viewer = ADULT, **variables: Any) -> list[str]:
    data = await catalog.data(LIST, variables, viewer=viewer)
    return [each["name"] for each in data["externalTitles"]]


@pytest.mark.requirement("CS-02", "CS-03")
async def test_a_title_of_others_says_all_that_was_gathered_of_it(catalog: Client, clock: TurnedClock) -> None:
    await gather(
        catalog,
        clock,
        [
            {
                "id": "n1",
                "name": "The Golden River",
                "source": "Netflix",
                "language": "hi",
                "cost": {"amountMinor": 14900, "currency": "INR"},
                "deepLink": "https://netflix.example/n1",
                "maturityRating": "UA_7",
            },
            {"id": "n2", "name": "Untold"},
        ],
    )
    clock.turn(timedelta(minutes=30))
    await gather(catalog, clock, None)

    data = await catalog.data(
        """{ externalTitles {
          source sourceName name language cost { amountMinor currency } deepLink maturityRating fetchedAt matched { id }
        } }"""
    )

    assert data["externalTitles"] == [
        {
            "source": "NETFLIX",
            "sourceName": "Netflix",
            "name": "The Golden River",
            "language": "hi",
            "cost": {"amountMinor": 14900, "currency": "INR"},
            "deepLink": "https://netflix.example/n1",
            "maturityRating": "UA_7",
            "fetchedAt": NOW.isoformat(),
            "matched": None,
        },
        {
            "source": "OTHER",
            "sourceName": "kino",
            "name": "Untold",
            "language": None,
            "cost": None,
            "deepLink": None,
            "maturityRating": None,
            "fetchedAt": NOW.isoformat(),
            "matched": None,
        },
    ]


FOUND: list[tuple[dict[str, Any], list[str]]] = [
    ({}, ["Amélie's Lamp", "Golden Riverbank", "The Golden River", "Zebra 100%", "सुनहरी नदी"]),
    ({"source": "NETFLIX"}, ["Amélie's Lamp", "The Golden River"]),
    ({"source": "PRIME"}, ["Golden Riverbank"]),
    ({"source": "OTHER"}, ["Zebra 100%", "सुनहरी नदी"]),
    ({"query": "golden river"}, ["Golden Riverbank", "The Golden River"]),
    ({"query": "River, GOLDEN"}, ["The Golden River"]),
    ({"query": "rive golden"}, []),
    ({"query": "amelies"}, ["Amélie's Lamp"]),
    ({"query": "नदी"}, ["सुनहरी नदी"]),
    ({"query": "zebra 100%"}, ["Zebra 100%"]),
    ({"query": "a' | 'b"}, []),
    ({"language": "hi"}, ["Golden Riverbank", "The Golden River", "सुनहरी नदी"]),
    ({"language": "hi-Latn"}, ["Golden Riverbank"]),
    ({"language": "hi", "source": "NETFLIX", "query": "gol"}, ["The Golden River"]),
    ({"first": 2}, ["Amélie's Lamp", "Golden Riverbank"]),
    ({"first": 0}, []),
]
"""What is asked for, and the names that it finds."""


@pytest.mark.requirement("CS-02")
async def test_titles_are_found_by_source_words_and_language(elsewhere: Client) -> None:
    assert [await names(elsewhere, **asked) for asked, _ in FOUND] == [found for _, found in FOUND]


@pytest.mark.parametrize(
    ("asked", "cause"),
    [({"first": 101}, "PAGE_SIZE"), ({"first": -1}, "PAGE_SIZE"), ({"query": " !? "}, "EMPTY_QUERY")],
    ids=["too many", "fewer than none", "no word"],
)
async def test_a_list_that_cannot_be_meant_is_refused(elsewhere: Client, asked: dict[str, Any], cause: str) -> None:
    answer = await elsewhere.ask(LIST, asked)

    assert [error["extensions"]["cause"] for error in answer.errors] == [cause]
    assert answer.data["externalTitles"] is None


@pytest.mark.parametrize(
    ("viewer", "found"),
    [(KID, ["The Golden River"]), (TEENAGER, ["Golden Riverbank", "The Golden River"])],
    ids=["kid", "teenager"],
)
async def test_what_is_too_mature_or_unrated_is_hidden_from_who_has_a_limit(
    elsewhere: Client, viewer: Viewer, found: list[str]
) -> None:
    assert await names(elsewhere, viewer) == found


def offered(*titles: str) -> list[Row]:
    return [
        {"id": name, "name": name, "maturityRating": "U", "externalIds": {"imdb": name, "eidr": f"10/{name}"}}
        for name in titles
    ]


@pytest.mark.requirement("CS-05")
async def test_the_same_title_of_ours_is_found_by_any_external_id(catalog: Client, clock: TurnedClock) -> None:
    river = movie("River", external_ids=("imdb:A",))
    harbour = show("Harbour", external_ids=("studio:9", "eidr:10/B"))
    await gather(catalog, clock, [*offered("A", "B", "C"), {"id": "D", "name": "D"}])
    await catalog.store(river, harbour, movie("Other", external_ids=("studio:C", "imdb:c")), movie("Plain"))

    data = await catalog.data(MATCHED)

    assert {each["name"]: each["matched"] for each in data["externalTitles"]} == {
        "A": {"__typename": "Movie", "id": id_of(river), "name": "River"},
        "B": {"__typename": "Show", "id": id_of(harbour), "name": "Harbour"},
        "C": None,
        "D": None,
    }


@pytest.mark.requirement("CS-05")
@pytest.mark.parametrize(
    ("viewer", "change"),
    [
        pytest.param(ADULT, {"published_at": None}, id="unpublished"),
        pytest.param(ADULT, {"published_at": NOW + timedelta(days=1)}, id="not yet published"),
        pytest.param(ADULT, {"countries": ("US",)}, id="elsewhere"),
        pytest.param(ADULT, {"available_until": NOW}, id="over"),
        pytest.param(KID, {"maturity_rating": MaturityRating.UA_13}, id="too mature"),
        pytest.param(KID, {"maturity_rating": None}, id="unrated"),
    ],
)
async def test_a_title_of_ours_that_the_viewer_may_not_see_is_no_match(
    catalog: Client, clock: TurnedClock, viewer: Viewer, change: dict[str, Any]
) -> None:
    await gather(catalog, clock, offered("A", "B"))
    twin = movie("Twin", external_ids=("eidr:10/B",), maturity_rating=MaturityRating.U)
    hidden = [movie(name, **{"external_ids": (f"imdb:{name}",), **change}) for name in ("A", "B")]
    await catalog.store(*hidden, twin)

    data = await catalog.data(MATCHED, viewer=viewer)

    assert [each["name"] for each in data["externalTitles"]] == ["A", "B"]
    assert data["externalTitles"][0]["matched"] is None
    assert data["externalTitles"][1]["matched"]["name"] == "Twin"  # the one that can be seen


async def test_of_two_titles_with_one_external_id_the_first_to_be_published_is_the_match(
    catalog: Client, clock: TurnedClock
) -> None:
    await gather(catalog, clock, offered("A"))
    await catalog.store(
        movie("Second", external_ids=("imdb:A",), published_at=NOW - timedelta(days=1)),
        movie("First", external_ids=("eidr:10/A",), published_at=NOW - timedelta(days=2)),
    )

    data = await catalog.data(MATCHED)

    assert data["externalTitles"][0]["matched"]["name"] == "First"


@pytest.mark.requirement("CS-05")
async def test_an_external_id_counts_from_the_moment_at_which_it_is_published(desk: Desk, clock: TurnedClock) -> None:
    await gather(desk.catalog, clock, offered("A"))
    own = await desk.draft(externalIds=[{"scheme": "imdb", "value": "A"}])
    assert (await desk.catalog.data(MATCHED))["externalTitles"][0]["matched"] is None

    await desk.publish(own)
    assert (await desk.catalog.data(MATCHED))["externalTitles"][0]["matched"]["id"] == own

    await desk.title("titleUpdate", CREATOR, id=own, expectedVersion=1, input={"externalIds": []})
    assert (await desk.catalog.data(MATCHED))["externalTitles"][0]["matched"]["id"] == own
    await desk.publish(own)
    assert (await desk.catalog.data(MATCHED))["externalTitles"][0]["matched"] is None


@pytest.mark.requirement("CS-02")
@pytest.mark.parametrize("size", [2, 20])
async def test_a_page_takes_as_many_statements_whatever_its_size(
    catalog: Client, clock: TurnedClock, size: int
) -> None:
    keys = [f"key{number:02}" for number in range(20)]
    await gather(catalog, clock, offered(*keys))
    await catalog.store(*(movie(f"Film {key}", external_ids=(f"imdb:{key}",)) for key in keys))
    query = "query($n: Int!) { externalTitles(first: $n) { name fetchedAt matched { id name } } }"

    # The page, which titles of ours are meant, and whether the viewer may see them.
    answer = await catalog.ask_again(query, {"n": size})

    assert len(answer.data["externalTitles"]) == size
    assert all(each["matched"] for each in answer.data["externalTitles"])
    assert answer.statements == 3
    assert (await catalog.ask(LIST, {"first": size})).statements == 1
