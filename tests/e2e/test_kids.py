"""A limited profile sees nothing above its limit, by any path through the graph that returns a title."""

from collections.abc import Sequence
from typing import Any

import pytest

from stack.seed.accounts import DEMO_PEOPLE
from tests.e2e.platform import Platform, operation

FORBIDDEN = {"UA_13", "UA_16", "A", None}
KIDS_PROFILE = 3

CATALOGUE = """query All($after: String) {
  titles(sort: NAME_ASC, first: 100, after: $after) {
    pageInfo { hasNextPage endCursor }
    edges { node {
      id slug name(locale: "en") maturityRating
      credits(first: 1) { person { id } }
      ... on Movie { playable { id } }
      ... on Show { seasons { id episodes(first: 1) { edges { node { id playable { id } } } } } }
    } }
  }
}"""

BY_ID = """query ById($ids: [ID!]!) { nodes(ids: $ids) { ... on Title { name maturityRating } } }"""

LISTS = """query Lists($search: String!, $person: ID!) {
  titles(first: 100, sort: TRENDING) { edges { node { ...Rated } } }
  recent: titles(first: 100, sort: RECENTLY_ADDED) { edges { node { ...Rated } } }
  search(query: $search, first: 50) { edges { node { ... on Title { ...Rated } } } }
  person(id: $person) { filmography(first: 100) { edges { node { ...Rated } } } }
  trending(first: 100) { title { ...Rated } }
  viewer { profile { recommendations(first: 50) { edges { node { ...Rated similar { title { ...Rated } } } } } } }
  movies: page(slug: MOVIES) { ...Trays }
  shows: page(slug: SHOWS) { ...Trays }
  kids: page(slug: KIDS) { ...Trays }
}
fragment Trays on Page {
  trays(first: 20) { edges { node { items(first: 20) { edges {
    reason { because { ...Rated } } node { ... on TitleItem { title { ...Rated } } }
  } } } } }
}
fragment Rated on Title { id maturityRating }
"""

PLAYABLES = """query Playables($ids: [ID!]!) { nodes(ids: $ids) { ... on Playable { name } } }"""


async def catalogue(platform: Platform, token: str) -> list[dict[str, Any]]:
    """Every title that the holder of the token can list."""
    titles: list[dict[str, Any]] = []
    after = None
    while True:
        page = (await platform.data(CATALOGUE, {"after": after}, token=token))["titles"]
        titles += [edge["node"] for edge in page["edges"]]
        if not page["pageInfo"]["hasNextPage"]:
            return titles
        after = page["pageInfo"]["endCursor"]


def ratings_in(value: object) -> list[object]:
    """Every maturity rating anywhere in an answer."""
    if isinstance(value, dict):
        own = [value["maturityRating"]] if "maturityRating" in value else []
        return own + [rating for part in value.values() for rating in ratings_in(part)]
    if isinstance(value, list):
        return [rating for part in value for rating in ratings_in(part)]
    return []


@pytest.mark.requirement("FR-UM-003.4")
async def test_no_list_page_or_row_shows_a_kids_profile_anything_above_its_limit(platform: Platform) -> None:
    kid = platform.token("family", profile=KIDS_PROFILE)
    everything = await catalogue(platform, platform.token("annual"))
    hidden = [title for title in everything if title["maturityRating"] in FORBIDDEN]
    assert len(hidden) > 100

    shown = await catalogue(platform, kid)
    seen = ratings_in(shown) + ratings_in(await platform.data(operation("home"), token=kid))
    for title in hidden[:8]:
        arguments = {"search": title["name"], "person": title["credits"][0]["person"]["id"]}
        seen += ratings_in(await platform.data(LISTS, arguments, token=kid))

    assert len(seen) > 1000
    assert set(seen) == {"U", "UA_7"}


@pytest.mark.requirement("FR-UM-003.4")
async def test_no_id_slug_or_reference_opens_a_hidden_title_to_a_kids_profile(platform: Platform) -> None:
    kid = platform.token("family", profile=KIDS_PROFILE)
    hidden = [t for t in await catalogue(platform, platform.token("annual")) if t["maturityRating"] in FORBIDDEN]

    for some in batched(hidden, 20):
        by_argument = await platform.data(one_by_one(some), token=kid)
        by_reference = (await platform.send(BY_ID, {"ids": [title["id"] for title in some]}, token=kid))["data"]

        assert set(by_argument.values()) == {None}
        assert by_reference["nodes"] == [None] * len(some)


@pytest.mark.requirement("FR-UM-003.4")
async def test_a_kids_profile_cannot_see_or_start_a_hidden_playable(platform: Platform) -> None:
    kid = platform.token("family", profile=KIDS_PROFILE)
    everything = await catalogue(platform, platform.token("annual"))
    ids = [t["playable"]["id"] for t in everything if t["maturityRating"] in FORBIDDEN and t.get("playable")]

    for some in batched(ids, 40):
        named = (await platform.send(PLAYABLES, {"ids": some}, token=kid))["data"]
        started = await platform.data(start_all(some), token=kid)

        assert named["nodes"] == [None] * len(some)
        assert list(started.values()) == [{"__typename": "MaturityBlocked"}] * len(some)


def one_by_one(titles: Sequence[dict[str, Any]]) -> str:
    """An operation that asks for each title by its id and by its slug."""
    fields = [
        f'i{number}: title(id: "{title["id"]}") {{ id }} s{number}: title(slug: "{title["slug"]}") {{ id }}'
        for number, title in enumerate(titles)
    ]
    return "query OneByOne { " + " ".join(fields) + " }"


def start_all(playables: Sequence[str]) -> str:
    """A mutation that starts each playable."""
    fields = [
        f'p{number}: playbackStart(input: {{playableId: "{playable}", deviceType: TABLET}}) {{ __typename }}'
        for number, playable in enumerate(playables)
    ]
    return "mutation StartAll { " + " ".join(fields) + " }"


def batched(items: list[Any], size: int) -> list[list[Any]]:
    return [items[start : start + size] for start in range(0, len(items), size)]


def test_the_demo_family_has_a_kids_profile_where_these_tests_look() -> None:
    family = next(person for person in DEMO_PEOPLE if person.key == "family")

    assert family.profiles[KIDS_PROFILE].is_kids
