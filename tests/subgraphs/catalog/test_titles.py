"""Browsing: filters, orders, cursors, totals, one title."""

from datetime import UTC, date, datetime
from typing import Any

import pytest

from subgraphs.catalog.models import CreditRole, PlayableKind
from subgraphs.catalog.service.genres import KNOWN_GENRES
from subgraphs.catalog.service.records import CreditRecord, person_id
from subgraphs.shared.graphql.pagination import encode_cursor
from subgraphs.shared.ids import encode_id
from subgraphs.shared.values import MaturityRating, Tier
from tests.subgraphs.catalog.support import UNKNOWN, Client, acted_by, event, id_of, movie, show

SLUGS = """
query($filter: TitleFilter, $sort: TitleSort! = NAME_ASC, $first: Int! = 20, $after: String) {
  titles(filter: $filter, sort: $sort, first: $first, after: $after) {
    edges { cursor node { slug } }
    pageInfo { hasNextPage hasPreviousPage startCursor endCursor }
  }
}
"""


async def slugs(catalog: Client, **variables: object) -> list[str]:
    data = await catalog.data(SLUGS, variables)
    return [edge["node"]["slug"] for edge in data["titles"]["edges"]]


@pytest.mark.requirement("FR-CC-001")
@pytest.mark.requirement("IN-B-03")
async def test_a_title_is_a_movie_a_show_or_a_sports_event(catalog: Client) -> None:
    starts_at, ends_at = datetime(2026, 2, 1, 14, tzinfo=UTC), datetime(2026, 2, 1, 17, tzinfo=UTC)
    await catalog.store(
        movie("Amber"), show("Birch"), event("Cup", starts_at=starts_at, ends_at=ends_at, kind=PlayableKind.REPLAY)
    )

    data = await catalog.data(
        """{ titles(sort: NAME_ASC) { edges { node { __typename kind
             ... on Movie { playable { kind durationSeconds } }
             ... on Show { seasonCount episodeCount }
             ... on SportsEvent { sport competition startsAt liveState playable { kind } } } } } }"""
    )

    assert [edge["node"] for edge in data["titles"]["edges"]] == [
        {"__typename": "Movie", "kind": "MOVIE", "playable": {"kind": "FEATURE", "durationSeconds": 6000}},
        {"__typename": "Show", "kind": "SHOW", "seasonCount": 1, "episodeCount": 2},
        {
            "__typename": "SportsEvent",
            "kind": "SPORTS_EVENT",
            "sport": "Cricket",
            "competition": "Monsoon Cup",
            "startsAt": "2026-02-01T14:00:00+00:00",
            "liveState": "REPLAY",
            "playable": {"kind": "REPLAY"},
        },
    ]


@pytest.mark.requirement("FR-CC-006.1")
@pytest.mark.requirement("FR-CC-006.3")
@pytest.mark.requirement("IN-API-06")
@pytest.mark.parametrize(
    ("narrowed", "expected"),
    [
        ({"kind": ["SHOW"]}, ["cedar"]),
        ({"genre": ["comedy"]}, ["birch", "cedar"]),
        ({"genre": ["comedy", "action"]}, ["amber", "birch", "cedar"]),
        ({"genre": ["unheard-of"]}, []),
        ({"audioLanguage": "hi"}, ["amber", "birch"]),
        ({"subtitleLanguage": "en"}, ["cedar"]),
        ({"yearFrom": 2015, "yearTo": 2016}, ["birch"]),
        ({"yearFrom": 2_147_483_647}, []),
        ({"yearFrom": -2_147_483_648, "yearTo": 2_147_483_647, "kind": ["SHOW"]}, ["cedar"]),
        ({"maturityMax": "UA_13"}, ["amber", "birch"]),
        ({"maturityMax": "A"}, ["amber", "birch", "cedar", "dune"]),
        ({"tier": "PREMIUM"}, ["birch"]),
        ({"rentable": True}, ["amber"]),
        ({"personId": encode_id("Person", person_id("Naina Oberai"))}, ["amber", "cedar"]),
        ({"kind": ["MOVIE"], "audioLanguage": "hi", "tier": "FREE"}, ["amber"]),
        ({}, ["amber", "birch", "cedar", "dune"]),
    ],
)
async def test_filters_narrow_the_list(catalog: Client, narrowed: dict[str, object], expected: list[str]) -> None:
    action, comedy = KNOWN_GENRES["action"], KNOWN_GENRES["comedy"]
    await catalog.store(
        movie(
            "Amber",
            genres=(action,),
            audio_languages=("hi", "en"),
            release_year=2010,
            rentable=True,
            maturity_rating=MaturityRating.U,
            credits=acted_by("Naina Oberai"),
        ),
        movie(
            "Birch",
            genres=(comedy,),
            audio_languages=("hi",),
            release_year=2015,
            required_tier=Tier.PREMIUM,
            maturity_rating=MaturityRating.UA_13,
        ),
        show(
            "Cedar",
            genres=(KNOWN_GENRES["drama"], comedy),
            subtitle_languages=("en",),
            maturity_rating=MaturityRating.UA_16,
            credits=(CreditRecord("Naina Oberai", CreditRole.DIRECTOR),),
        ),
        movie("Dune", maturity_rating=None, genres=()),
    )

    found = await slugs(catalog, filter=narrowed)

    assert found == expected


@pytest.mark.requirement("FR-CC-006.4")
@pytest.mark.parametrize(
    ("sort", "expected"),
    [
        ("NAME_ASC", ["a-first", "b-second", "c-third"]),
        ("RECENTLY_ADDED", ["c-third", "a-first", "b-second"]),
        ("RELEASE_DATE_DESC", ["b-second", "c-third", "a-first"]),
        ("TRENDING", ["c-third", "a-first", "b-second"]),
    ],
)
async def test_sorts(catalog: Client, sort: str, expected: list[str]) -> None:
    await catalog.store(
        movie("A first", release_date=date(2001, 1, 1), published_at=datetime(2026, 1, 5, tzinfo=UTC)),
        movie("B second", release_date=date(2021, 1, 1), published_at=datetime(2026, 1, 1, tzinfo=UTC)),
        movie("C third", release_date=None, release_year=2011, published_at=datetime(2026, 2, 5, tzinfo=UTC)),
    )

    found = await slugs(catalog, sort=sort)

    assert found == expected


@pytest.mark.requirement("FR-CC-006.4")
@pytest.mark.parametrize("sort", ["NAME_ASC", "RECENTLY_ADDED", "RELEASE_DATE_DESC", "TRENDING"])
async def test_pages_neither_repeat_nor_miss_a_title_while_titles_are_added(catalog: Client, sort: str) -> None:
    same = [movie(f"Title {number}") for number in range(5)]
    await catalog.store(*same)
    whole = await slugs(catalog, sort=sort)

    first = (await catalog.data(SLUGS, {"sort": sort, "first": 2}))["titles"]
    await catalog.store(movie("Aaa new", release_date=date(2026, 1, 1), published_at=datetime(2026, 2, 9, tzinfo=UTC)))
    second = (await catalog.data(SLUGS, {"sort": sort, "first": 2, "after": first["pageInfo"]["endCursor"]}))["titles"]
    third = (await catalog.data(SLUGS, {"sort": sort, "first": 2, "after": second["pageInfo"]["endCursor"]}))["titles"]

    pages = [first, second, third]
    assert [edge["node"]["slug"] for page in pages for edge in page["edges"]] == whole
    assert [page["pageInfo"]["hasNextPage"] for page in pages] == [True, True, False]
    assert [page["pageInfo"]["hasPreviousPage"] for page in pages] == [False, True, True]


@pytest.mark.requirement("IN-API-06")
async def test_totals_are_counted_only_when_asked_for(catalog: Client) -> None:
    await catalog.store(*(movie(f"Title {number}") for number in range(3)))

    without = await catalog.ask_again("{ titles(first: 2) { edges { node { slug } } } }")
    with_total = await catalog.ask_again("{ titles(first: 2) { totalCount edges { node { slug } } } }")

    assert with_total.data["titles"]["totalCount"] == 3
    assert (without.statements, with_total.statements) == (2, 3)


@pytest.mark.requirement("IN-API-06")
@pytest.mark.parametrize(
    ("arguments", "cause"),
    [
        ("first: 101", "PAGE_SIZE"),
        ("first: -1", "PAGE_SIZE"),
        ('after: "nonsense"', "INVALID_CURSOR"),
        ('filter: { personId: "nobody" }', "INVALID_ID"),
    ],
)
async def test_refuses_arguments_that_make_no_sense(catalog: Client, arguments: str, cause: str) -> None:
    answer = await catalog.ask(f"{{ titles({arguments}) {{ edges {{ cursor }} }} }}")

    assert answer.data == {"titles": None}
    assert [error["extensions"] for error in answer.errors] == [{"code": "BAD_USER_INPUT", "cause": cause}]
    assert answer.statements == 0


@pytest.mark.requirement("IN-API-06")
@pytest.mark.parametrize(
    ("sort", "key"),
    [
        ("TRENDING", (2**31, "2026-01-01T12:00:00+00:00", str(UNKNOWN))),
        ("TRENDING", (1, "0001-01-01T00:00:00+14:00", str(UNKNOWN))),
        ("RECENTLY_ADDED", ("9999-12-31T23:59:59-14:00", str(UNKNOWN))),
        ("RECENTLY_ADDED", ("2026-01-01T12:00:00+00:00", None)),
        ("RELEASE_DATE_DESC", (20200517, str(UNKNOWN))),
    ],
)
async def test_refuses_a_forged_cursor_of_the_same_order(catalog: Client, sort: str, key: tuple[Any, ...]) -> None:
    answer = await catalog.ask(SLUGS, {"sort": sort, "after": encode_cursor(f"titles:{sort}", *key)})

    assert answer.data == {"titles": None}
    assert [error["extensions"]["cause"] for error in answer.errors] == ["INVALID_CURSOR"]
    assert answer.statements == 0


@pytest.mark.parametrize(
    "field", ['title(slug: "a\\u0000") { id }', 'titles(filter: { genre: ["a\\u0000"] }) { edges { cursor } }']
)
async def test_refuses_a_text_with_nul(catalog: Client, field: str) -> None:
    answer = await catalog.ask(f"{{ found: {field} }}")

    assert answer.data == {"found": None}
    assert [error["extensions"] for error in answer.errors] == [{"code": "BAD_USER_INPUT", "cause": "UNSTORABLE_TEXT"}]


async def test_refuses_the_cursor_of_another_order(catalog: Client) -> None:
    await catalog.store(movie("A"), movie("B"))
    page = (await catalog.data(SLUGS, {"first": 1}))["titles"]

    answer = await catalog.ask(SLUGS, {"sort": "TRENDING", "after": page["pageInfo"]["endCursor"]})

    assert [error["extensions"]["cause"] for error in answer.errors] == ["INVALID_CURSOR"]


@pytest.mark.requirement("FF-07")
@pytest.mark.requirement("IN-API-07")
async def test_one_title_by_id_or_by_slug_with_its_cast_and_directors(catalog: Client) -> None:
    film = movie(
        "Quiet Harbour",
        credits=(CreditRecord("Omkar Jagtap", CreditRole.DIRECTOR), *acted_by("Zoya Thakkar", "Rudra Zaveri")),
    )
    await catalog.store(film)
    query = """query($id: ID!) { byId: title(id: $id) { ...Facts } bySlug: title(slug: "quiet-harbour") { ...Facts } }
        fragment Facts on Title { id slug credits { role character order person { name } }
        directors: credits(role: DIRECTOR) { person { name } }
        stars: credits(role: ACTOR, first: 1) { person { name } } }"""

    data = await catalog.data(
        query,
        {"id": id_of(film)},
    )

    assert (
        data["byId"]
        == data["bySlug"]
        == {
            "id": id_of(film),
            "slug": "quiet-harbour",
            "credits": [
                {"role": "DIRECTOR", "character": None, "order": 1, "person": {"name": "Omkar Jagtap"}},
                {"role": "ACTOR", "character": "Role of Zoya Thakkar", "order": 1, "person": {"name": "Zoya Thakkar"}},
                {"role": "ACTOR", "character": "Role of Rudra Zaveri", "order": 2, "person": {"name": "Rudra Zaveri"}},
            ],
            "directors": [{"person": {"name": "Omkar Jagtap"}}],
            "stars": [{"person": {"name": "Zoya Thakkar"}}],
        }
    )


@pytest.mark.requirement("FF-07")
async def test_an_unknown_title_is_null_without_an_error(catalog: Client) -> None:
    film = movie("Amber")
    await catalog.store(film)

    data = await catalog.data(
        "query($unknown: ID!, $otherKind: ID!) "
        '{ a: title(id: $unknown) { id } b: title(id: $otherKind) { id } c: title(slug: "none") { id } }',
        {"unknown": encode_id("Movie", UNKNOWN), "otherKind": encode_id("Show", film.id)},
    )

    assert data == {"a": None, "b": None, "c": None}


@pytest.mark.parametrize(
    ("arguments", "cause"),
    [
        ('(id: "nonsense")', "INVALID_ID"),
        ("", "BAD_USER_INPUT"),
        ('(id: "x", slug: "y")', "BAD_USER_INPUT"),
    ],
)
async def test_refuses_what_names_no_title(catalog: Client, arguments: str, cause: str) -> None:
    answer = await catalog.ask(f"{{ title{arguments} {{ id }} }}")

    assert answer.data == {"title": None}
    assert [error["extensions"]["cause"] for error in answer.errors] == [cause]


@pytest.mark.requirement("CS-01")
async def test_movies_with_their_names_and_languages(catalog: Client) -> None:
    await catalog.store(movie("Amber", audio_languages=("hi", "en")), movie("Birch"), show("Cedar"))

    data = await catalog.data(
        '{ titles(filter: { kind: [MOVIE], audioLanguage: "hi" }) '
        "{ totalCount edges { node { name audioLanguages subtitleLanguages } } } }"
    )

    node = {"name": "Amber", "audioLanguages": ["hi", "en"], "subtitleLanguages": ["hi"]}
    assert data["titles"] == {"totalCount": 1, "edges": [{"node": node}]}


async def test_a_page_of_cards_takes_two_statements_whatever_its_size(seeded: Client) -> None:
    query = """query($first: Int!) { titles(first: $first) { edges { node {
        id name description genres { name slug } genreIds playableIds badges availability { status }
        images(role: POSTER) { url } ... on Movie { playable { id durationSeconds genreIds thumbnail { url } } }
        } } } }"""

    small = await seeded.ask_again(query, {"first": 2})
    large = await seeded.ask_again(query, {"first": 20})

    assert (small.errors, large.errors) == ([], [])
    assert (len(small.data["titles"]["edges"]), len(large.data["titles"]["edges"])) == (2, 20)
    assert (small.statements, large.statements) == (2, 2)


async def test_credits_and_seasons_of_a_page_take_one_statement_each(seeded: Client) -> None:
    query = """query($first: Int!) { titles(first: $first, filter: { kind: [SHOW] }) { edges { node {
        credits(first: 3) { person { name } } ... on Show { seasonCount seasons { number episodeCount
        episodes(first: 3) { edges { node { number name next { number } previous { number } playable { id } } } } } }
        } } } }"""

    small = await seeded.ask_again(query, {"first": 2})
    large = await seeded.ask_again(query, {"first": 20})

    # Places, cards, credits, seasons, episodes, neighbours, the neighbouring episodes.
    assert (small.errors, large.errors) == ([], [])
    assert (small.statements, large.statements) == (7, 7)
