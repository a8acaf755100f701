"""Seasons and episodes: pages, neighbours across seasons."""

import pytest

from tests.subgraphs.catalog.support import Client, episode_id_of, show


@pytest.mark.requirement("IN-API-07")
async def test_seasons_list_their_episodes_with_all_facts(catalog: Client) -> None:
    await catalog.store(show("Harbour", episodes=(1, 2)))

    data = await catalog.data(
        """{ title(slug: "harbour") { ... on Show { seasonCount episodeCount seasons { number name releaseDate
             episodeCount show { slug } episodes { totalCount edges { node {
             number name description airDate thumbnail(width: 100) { role width height alt }
             playable { kind durationSeconds } } } } } } } }"""
    )

    def episode(season: int, number: int) -> dict[str, object]:
        name = f"Harbour {season}x{number}"
        return {
            "node": {
                "number": number,
                "name": name,
                "description": f"Part {number}.",
                "airDate": f"202{season}-01-0{number}",
                "thumbnail": {"role": "STILL", "width": 160, "height": 90, "alt": name},
                "playable": {"kind": "EPISODE", "durationSeconds": 3000},
            }
        }

    def season(number: int, count: int) -> dict[str, object]:
        return {
            "number": number,
            "name": f"Season {number}",
            "releaseDate": f"202{number}-01-01",
            "episodeCount": count,
            "show": {"slug": "harbour"},
            "episodes": {"totalCount": count, "edges": [episode(number, n) for n in range(1, count + 1)]},
        }

    assert data["title"] == {"seasonCount": 2, "episodeCount": 3, "seasons": [season(1, 1), season(2, 2)]}


async def test_episodes_come_in_pages(catalog: Client) -> None:
    await catalog.store(show("Harbour", episodes=(5,)))
    query = """query($after: String) { title(slug: "harbour") { ... on Show { seasons {
        episodes(first: 2, after: $after) { edges { node { number } } pageInfo { hasNextPage endCursor } } } } } }"""
    pages, after = [], None

    for _ in range(3):
        page = (await catalog.data(query, {"after": after}))["title"]["seasons"][0]["episodes"]
        pages.append([edge["node"]["number"] for edge in page["edges"]])
        after = page["pageInfo"]["endCursor"]

    assert pages == [[1, 2], [3, 4], [5]]


async def test_a_cursor_of_one_season_is_refused_by_another(catalog: Client) -> None:
    await catalog.store(show("Harbour", episodes=(2, 2)))
    query = """query($after: String) { title(slug: "harbour") { ... on Show { seasons {
        episodes(first: 1, after: $after) { pageInfo { endCursor } } } } } }"""
    cursor = (await catalog.data(query))["title"]["seasons"][0]["episodes"]["pageInfo"]["endCursor"]

    answer = await catalog.ask(query, {"after": cursor})

    assert [(error["path"], error["extensions"]["cause"]) for error in answer.errors] == [
        (["title", "seasons", 1, "episodes"], "INVALID_CURSOR")
    ]


async def test_neighbours_reach_across_seasons(catalog: Client) -> None:
    record = show("Harbour", episodes=(2, 1))
    await catalog.store(record)
    ids = [episode_id_of(record, 1, 1), episode_id_of(record, 1, 2), episode_id_of(record, 2, 1)]

    answer = await catalog.entities("Episode", ids, "previous { name } next { name }")

    first, second, third = ({"name": f"Harbour {place}"} for place in ("1x1", "1x2", "2x1"))
    assert answer.data == [
        {"previous": None, "next": second},
        {"previous": first, "next": third},
        {"previous": second, "next": None},
    ]
    # The episodes and their neighbours' ids; the neighbours themselves are loaded already.
    assert answer.statements == 2
