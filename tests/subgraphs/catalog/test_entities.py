"""Entity references: mixed, missing, doubled, malformed and unknown ones keep order and length, in one statement."""

import pytest

from subgraphs.catalog.service.genres import KNOWN_GENRES
from subgraphs.catalog.service.records import person_id, season_id
from subgraphs.shared.ids import encode_id
from tests.subgraphs.catalog.support import (
    UNKNOWN,
    Client,
    acted_by,
    episode_id_of,
    id_of,
    movie,
    playable_id_of,
    show,
)

FILM = movie("Amber", credits=acted_by("Naina Oberai"))
SERIES = show("Birch", episodes=(2, 1))

REFERENCES = {
    "Movie": ([id_of(FILM)], [id_of(SERIES)], "slug", ["amber"]),
    "Show": ([id_of(SERIES)], [id_of(FILM)], "slug", ["birch"]),
    "Playable": (
        [playable_id_of(FILM), playable_id_of(SERIES, 3)],
        [id_of(FILM)],
        "kind: name",
        ["Amber", "Birch 2x1"],
    ),
    "Season": (
        [encode_id("Season", season_id(SERIES.id, 2)), encode_id("Season", season_id(SERIES.id, 1))],
        [id_of(SERIES)],
        "name",
        ["Season 2", "Season 1"],
    ),
    "Episode": (
        [episode_id_of(SERIES, 1, 2), episode_id_of(SERIES, 2, 1)],
        [id_of(SERIES)],
        "name",
        ["Birch 1x2", "Birch 2x1"],
    ),
    "Genre": ([encode_id("Genre", KNOWN_GENRES["drama"].id)], [id_of(FILM)], "slug", ["drama"]),
    "Person": ([encode_id("Person", person_id("Naina Oberai"))], [id_of(FILM)], "name", ["Naina Oberai"]),
}


@pytest.mark.parametrize("type_name", list(REFERENCES))
async def test_references_keep_order_and_length_in_one_statement(catalog: Client, type_name: str) -> None:
    await catalog.store(FILM, SERIES)
    known, of_another_kind, selection, expected = REFERENCES[type_name]
    unknown = encode_id(type_name, UNKNOWN)
    ids = [unknown, *known, "nonsense", *of_another_kind, known[0]]

    answer = await catalog.entities(type_name, ids, selection, again=True)

    values = [entity and next(iter(entity.values())) for entity in answer.data]
    assert answer.errors == []
    assert values == [None, *expected, None, *[None for _ in of_another_kind], expected[0]]
    assert answer.statements == 1


async def test_titles_of_all_kinds_are_resolved_in_one_statement(catalog: Client) -> None:
    await catalog.store(FILM, SERIES)
    references = [
        {"__typename": "Show", "id": id_of(SERIES)},
        {"__typename": "Title", "id": id_of(FILM)},
        {"__typename": "Title", "id": encode_id("Show", UNKNOWN)},
        {"__typename": "Movie", "id": id_of(FILM)},
        {"__typename": "Title", "id": id_of(SERIES)},
        {"__typename": "Title", "id": encode_id("Show", FILM.id)},
    ]

    answer = await catalog.ask_again(
        "query($r: [_Any!]!) { _entities(representations: $r) { __typename ... on Title { name playableIds } } }",
        {"r": references},
    )

    film = {"__typename": "Movie", "name": "Amber", "playableIds": [playable_id_of(FILM)]}
    series = {"__typename": "Show", "name": "Birch", "playableIds": [playable_id_of(SERIES, n) for n in (1, 2, 3)]}
    assert answer.errors == []
    assert answer.data["_entities"] == [series, film, None, film, series, None]
    assert answer.statements == 1


async def test_an_unknown_type_name_leaves_its_neighbours_alone(catalog: Client) -> None:
    await catalog.store(FILM)

    answer = await catalog.ask(
        "query($r: [_Any!]!) { _entities(representations: $r) { ... on Title { slug } } }",
        {"r": [{"__typename": "Invoice", "id": "x"}, {"__typename": "Title", "id": id_of(FILM)}]},
    )

    assert answer.data == {"_entities": [None, {"slug": "amber"}]}
    assert [error["path"] for error in answer.errors] == [["_entities", 0]]


async def test_what_ads_and_playback_need_of_a_playable_takes_one_statement(catalog: Client) -> None:
    await catalog.store(FILM, SERIES)

    answer = await catalog.entities(
        "Playable",
        [playable_id_of(SERIES), playable_id_of(FILM)],
        "durationSeconds genreIds maturityRating requiredTier kind",
        again=True,
    )

    genre_ids = [encode_id("Genre", KNOWN_GENRES["drama"].id)]
    shared = {"genreIds": genre_ids, "maturityRating": "U", "requiredTier": "FREE"}
    assert answer.data == [
        {"durationSeconds": 3000, "kind": "EPISODE", **shared},
        {"durationSeconds": 6000, "kind": "FEATURE", **shared},
    ]
    assert answer.statements == 1


async def test_a_playable_leads_to_its_episode_season_and_show(catalog: Client) -> None:
    await catalog.store(SERIES)

    answer = await catalog.entities(
        "Playable",
        [playable_id_of(SERIES, 3), playable_id_of(SERIES, 1)],
        "title { slug } episode { number season { number show { slug } } show { slug } }",
        again=True,
    )

    def place(season: int) -> dict[str, object]:
        return {
            "title": {"slug": "birch"},
            "episode": {
                "number": 1,
                "season": {"number": season, "show": {"slug": "birch"}},
                "show": {"slug": "birch"},
            },
        }

    # The playables, the title, the episodes, the seasons.
    assert (answer.data, answer.statements) == ([place(2), place(1)], 4)
