"""Genres with their counts; people with their filmographies."""

from datetime import date

import pytest

from subgraphs.catalog.models import CreditRole
from subgraphs.catalog.service.genres import KNOWN_GENRES
from subgraphs.catalog.service.records import CreditRecord, person_id
from subgraphs.shared.ids import encode_id
from tests.subgraphs.catalog.support import UNKNOWN, Client, acted_by, movie, show


@pytest.mark.requirement("FR-CC-006.1")
async def test_genres_in_menu_order_with_both_names_and_their_counts(catalog: Client) -> None:
    action, drama, sports = (KNOWN_GENRES[slug] for slug in ("action", "drama", "sports"))
    await catalog.store(
        movie("Amber", genres=(sports, drama)), show("Birch", genres=(drama,)), movie("Cedar", genres=(action,))
    )

    answer = await catalog.ask('{ genres { slug name hindi: name(locale: "hi") titleCount } }')

    assert answer.errors == []
    assert answer.data["genres"] == [
        {"slug": "action", "name": "Action", "hindi": "एक्शन", "titleCount": 1},
        {"slug": "drama", "name": "Drama", "hindi": "नाटक", "titleCount": 2},
        {"slug": "sports", "name": "Sports", "hindi": "खेल", "titleCount": 1},
    ]
    assert answer.statements == 2


async def test_the_genres_of_a_title_keep_their_order(catalog: Client) -> None:
    await catalog.store(movie("Amber", genres=(KNOWN_GENRES["sports"], KNOWN_GENRES["action"])))

    data = await catalog.data('{ title(slug: "amber") { genreIds genres { id slug } } }')

    ids = [encode_id("Genre", KNOWN_GENRES[slug].id) for slug in ("sports", "action")]
    assert data["title"] == {
        "genreIds": ids,
        "genres": [{"id": ids[0], "slug": "sports"}, {"id": ids[1], "slug": "action"}],
    }


@pytest.mark.requirement("FF-07")
async def test_a_filmography_lists_each_title_once_the_newest_first(catalog: Client) -> None:
    naina = "Naina Oberai"
    await catalog.store(
        movie("Old", release_date=date(2001, 1, 1), credits=acted_by(naina)),
        movie(
            "New", release_date=date(2021, 1, 1), credits=(CreditRecord(naina, CreditRole.DIRECTOR), *acted_by(naina))
        ),
        movie("Mid", release_date=date(2011, 1, 1), credits=acted_by(naina)),
        movie("Other", credits=acted_by("Omkar Jagtap")),
    )
    query = """query($id: ID!, $after: String) { person(id: $id) { name filmography(first: 2, after: $after) {
        totalCount edges { node { slug } } pageInfo { hasNextPage endCursor } } } }"""
    variables = {"id": encode_id("Person", person_id(naina))}

    first = (await catalog.data(query, variables))["person"]
    cursor = first["filmography"]["pageInfo"].pop("endCursor")
    second = (await catalog.data(query, {**variables, "after": cursor}))["person"]["filmography"]

    assert first == {
        "name": naina,
        "filmography": {
            "totalCount": 3,
            "edges": [{"node": {"slug": "new"}}, {"node": {"slug": "mid"}}],
            "pageInfo": {"hasNextPage": True},
        },
    }
    assert second["edges"] == [{"node": {"slug": "old"}}]


async def test_filmographies_of_a_page_of_people_take_the_same_statements(seeded: Client) -> None:
    query = """query($first: Int!) { titles(first: $first, filter: { kind: [MOVIE] }) { edges { node {
        credits(first: 2) { person { filmography(first: 2) { totalCount edges { node { slug } } } } } } } } }"""

    small = await seeded.ask_again(query, {"first": 2})
    large = await seeded.ask_again(query, {"first": 20})

    # Places, cards, credits, filmographies, their cards, their totals.
    assert (small.errors, large.errors) == ([], [])
    assert (small.statements, large.statements) == (6, 6)


@pytest.mark.requirement("FF-07")
async def test_an_unknown_person_is_null_without_an_error(catalog: Client) -> None:
    data = await catalog.data("query($id: ID!) { person(id: $id) { name } }", {"id": encode_id("Person", UNKNOWN)})

    assert data == {"person": None}
