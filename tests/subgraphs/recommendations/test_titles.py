"""Title as an entity, and the titles like it."""

from typing import Any

import pytest

from subgraphs.recommendations.service import Batches
from subgraphs.shared.graphql.app import SubgraphApp
from subgraphs.shared.identity import ANONYMOUS, Viewer
from subgraphs.shared.telemetry import count_statements
from subgraphs.shared.values import MaturityRating
from tests.subgraphs.recommendations.catalogue import ACTION, COMEDY, DRAMA, FEATURES, movie, person, title_id
from tests.subgraphs.recommendations.support import ask, entities

SIMILAR = """query Similar($references: [_Any!]!, $first: Int! = 10) { _entities(representations: $references) {
  ... on Title { similar(first: $first) { score title { id } reason { kind text because { id } } } } } }"""


async def similar(app: SubgraphApp, viewer: Viewer, *titles: str, first: int = 10) -> list[list[dict[str, Any]]]:
    references = [{"__typename": "Title", "id": title} for title in titles]
    data = await ask(app, viewer, SIMILAR, references=references, first=first)
    return [entity["similar"] for entity in data["_entities"]]


@pytest.mark.requirement("IN-API-21")
async def test_what_shares_most_comes_first(app: SubgraphApp, batches: Batches) -> None:
    star, maker = person("Tara Rao"), person("Dev Sen", "DIRECTOR")
    await batches.project_titles(
        [
            movie(1, genres=[DRAMA, ACTION], people=[star, maker], languages=["hi"]),
            movie(2, genres=[DRAMA, ACTION], people=[star, maker], languages=["hi"]),
            movie(3, genres=[DRAMA, ACTION], people=[], languages=["hi"]),
            movie(4, genres=[COMEDY], people=[star], languages=["en"]),
            movie(5, genres=[COMEDY], people=[], languages=["hi"]),
        ]
    )

    [found] = await similar(app, ANONYMOUS, title_id(1))

    assert [scored["title"]["id"] for scored in found] == [title_id(2), title_id(3), title_id(4)]
    assert [scored["reason"]["kind"] for scored in found] == ["SAME_DIRECTOR", "SAME_GENRE", "SAME_CAST"]
    assert {scored["reason"]["because"]["id"] for scored in found} == {title_id(1)}
    assert all(0 < scored["score"] <= 1 for scored in found)


async def test_similar_titles_never_exceed_the_limit(app: SubgraphApp, filled: Batches) -> None:
    [found] = await similar(app, Viewer(maturity_limit=MaturityRating.UA_7), title_id(6), first=100)

    assert found
    assert max(FEATURES[scored["title"]["id"]].age_floor for scored in found) <= 7


async def test_similar_and_trend_are_one_statement_each_for_any_number_of_titles(
    app: SubgraphApp, filled: Batches
) -> None:
    counts = []
    for size in (2, 20):
        with count_statements() as statements:
            await similar(app, ANONYMOUS, *(title_id(number) for number in range(size)), first=size)
        counts.append(sum(statements.values()))

    assert counts == [2, 2]


async def test_title_references_keep_order_and_length_in_one_statement(app: SubgraphApp, filled: Batches) -> None:
    adult, fine = title_id(4), title_id(1)
    ids = [fine, "nonsense", adult, fine, title_id(999), title_id(3, kind="Show")]
    child = Viewer(maturity_limit=MaturityRating.UA_13)

    with count_statements() as statements:
        response = await entities(app, child, [{"__typename": "Title", "id": one} for one in ids])

    found = [entity and entity["id"] for entity in response["data"]["_entities"]]
    assert found == [fine, None, None, fine, None, ids[5]]
    assert "errors" not in response
    assert sum(statements.values()) == 1


async def test_an_unknown_type_among_references_leaves_its_neighbours_alone(app: SubgraphApp, filled: Batches) -> None:
    references = [{"__typename": "Spaceship", "id": "x"}, {"__typename": "Title", "id": title_id(1)}]

    response = await entities(app, ANONYMOUS, references)

    assert [entity and entity["id"] for entity in response["data"]["_entities"]] == [None, title_id(1)]
    assert [error["path"] for error in response["errors"]] == [["_entities", 0]]


async def test_page_and_tray_references_keep_order_and_length_in_one_round_trip(
    app: SubgraphApp, filled: Batches
) -> None:
    page = (await ask(app, ANONYMOUS, "{ page(slug: HOME) { id trays { edges { node { id } } } } }"))["page"]
    tray = page["trays"]["edges"][1]["node"]["id"]
    await ask(app, ANONYMOUS, '{ tray(id: "%s") { id } }' % tray)  # noqa: UP031  # braces of GraphQL
    pages = [page["id"], "nonsense", tray, page["id"]]
    trays = [tray, "nonsense", page["id"], tray]

    with count_statements() as page_statements:
        found_pages = await entities(app, ANONYMOUS, [{"__typename": "Page", "id": one} for one in pages])
    with count_statements() as tray_statements:
        found_trays = await entities(app, ANONYMOUS, [{"__typename": "Tray", "id": one} for one in trays])

    assert [one and one["id"] for one in found_pages["data"]["_entities"]] == [page["id"], None, None, page["id"]]
    assert [one and one["id"] for one in found_trays["data"]["_entities"]] == [tray, None, None, tray]
    assert dict(page_statements) == dict(tray_statements) == {"redis": 1}
