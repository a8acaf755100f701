"""Who sees what: rating, window, country and publication, by every path there is."""

from datetime import UTC, datetime, timedelta

import pytest

from subgraphs.catalog.models import PlayableKind
from subgraphs.catalog.service.genres import KNOWN_GENRES
from subgraphs.catalog.service.records import TitleRecord, person_id, season_id
from subgraphs.shared.identity import Viewer
from subgraphs.shared.ids import encode_id
from subgraphs.shared.values import MaturityRating
from tests.subgraphs.catalog.support import (
    ADULT,
    KID,
    NOW,
    TEENAGER,
    Client,
    TurnedClock,
    acted_by,
    episode_id_of,
    event,
    id_of,
    movie,
    playable_id_of,
    show,
)

EVERY_PATH = """
query($id: ID!, $slug: String!, $person: ID!, $playable: ID!, $references: [_Any!]!) {
  title(id: $id) { id }
  bySlug: title(slug: $slug) { id }
  playable(id: $playable) { id }
  titles { totalCount edges { node { id } } }
  search(query: "hidden") { totalCount edges { node { ... on Movie { id } ... on Show { id } } } }
  person(id: $person) { filmography { totalCount edges { node { id } } } }
  genres { slug titleCount }
  _entities(representations: $references) { __typename }
}
"""

PERSON = encode_id("Person", person_id("Naina Oberai"))


async def ask_by_every_path(catalog: Client, record: TitleRecord, viewer: Viewer) -> dict[str, object]:
    """Return what each path to the title gives."""
    references = [
        {"__typename": "Title", "id": id_of(record)},
        {"__typename": "Movie", "id": id_of(record)},
        {"__typename": "Playable", "id": playable_id_of(record)},
    ]
    data = await catalog.data(
        EVERY_PATH,
        {
            "id": id_of(record),
            "slug": record.slug,
            "person": PERSON,
            "playable": playable_id_of(record),
            "references": references,
        },
        viewer=viewer,
    )
    return {
        "by id": data["title"] is not None,
        "by slug": data["bySlug"] is not None,
        "playable": data["playable"] is not None,
        "list": (data["titles"]["totalCount"], len(data["titles"]["edges"])),
        "search": (data["search"]["totalCount"], len(data["search"]["edges"])),
        "filmography": (
            data["person"]["filmography"]["totalCount"],
            len(data["person"]["filmography"]["edges"]),
        ),
        "genre count": sum(genre["titleCount"] for genre in data["genres"]),
        "references": [entity is not None for entity in data["_entities"]],
    }


SEEN: dict[str, object] = {
    "by id": True,
    "by slug": True,
    "playable": True,
    "list": (1, 1),
    "search": (1, 1),
    "filmography": (1, 1),
    "genre count": 1,
    "references": [True, True, True],
}
HIDDEN: dict[str, object] = {
    "by id": False,
    "by slug": False,
    "playable": False,
    "list": (0, 0),
    "search": (0, 0),
    "filmography": (0, 0),
    "genre count": 0,
    "references": [False, False, False],
}
ANNOUNCED = {**HIDDEN, "by id": True, "by slug": True, "playable": True, "references": [True, True, True]}
ABROAD = Viewer(country="DE")
SOON = NOW + timedelta(days=3)


@pytest.mark.parametrize(
    ("changes", "viewer", "expected"),
    [
        pytest.param({}, ADULT, SEEN, id="plain"),
        pytest.param({"maturity_rating": MaturityRating.UA_7}, KID, SEEN, id="at the limit"),
        pytest.param({"maturity_rating": MaturityRating.UA_13}, KID, HIDDEN, id="above the limit"),
        pytest.param({"maturity_rating": MaturityRating.UA_13}, TEENAGER, SEEN, id="at a higher limit"),
        pytest.param({"maturity_rating": None}, TEENAGER, HIDDEN, id="unrated for a limited profile"),
        pytest.param({"maturity_rating": None}, ADULT, SEEN, id="unrated without a limit"),
        pytest.param({"countries": ("IN",)}, ADULT, SEEN, id="in the country"),
        pytest.param({"countries": ("IN",)}, ABROAD, HIDDEN, id="outside the country"),
        pytest.param({"published_at": None}, ADULT, HIDDEN, id="not published"),
        pytest.param({"published_at": NOW + timedelta(seconds=1)}, ADULT, HIDDEN, id="published in a second"),
        pytest.param({"published_at": NOW}, ADULT, SEEN, id="published now"),
        pytest.param({"available_from": NOW}, ADULT, SEEN, id="the window begins now"),
        pytest.param({"available_from": NOW + timedelta(seconds=1)}, ADULT, ANNOUNCED, id="begins in a second"),
        pytest.param({"available_until": NOW + timedelta(seconds=1)}, ADULT, SEEN, id="ends in a second"),
        pytest.param({"available_until": NOW}, ADULT, HIDDEN, id="the window ends now"),
        pytest.param({"available_from": SOON, "countries": ("IN",)}, ABROAD, HIDDEN, id="announced elsewhere"),
    ],
)
async def test_every_path_gives_the_same_answer(
    catalog: Client, changes: dict[str, object], viewer: Viewer, expected: dict[str, object]
) -> None:
    record = movie("Hidden", credits=acted_by("Naina Oberai"), genres=(KNOWN_GENRES["action"],), **changes)
    await catalog.store(record)

    answer = await ask_by_every_path(catalog, record, viewer)

    assert answer == expected


async def test_a_title_before_its_window_says_when_it_comes(catalog: Client, clock: TurnedClock) -> None:
    record = movie("Soon", available_from=SOON, available_until=SOON + timedelta(days=40), countries=("IN",))
    await catalog.store(record)
    query = "query($id: ID!) { title(id: $id) { badges availability { status from until countries } } }"

    before = await catalog.data(query, {"id": id_of(record)})
    clock.turn(timedelta(days=3))
    begun = await catalog.data(query, {"id": id_of(record)})

    window = {"from": "2026-03-04T12:00:00+00:00", "until": "2026-04-13T12:00:00+00:00", "countries": ["IN"]}
    assert before["title"] == {"badges": ["COMING_SOON"], "availability": {"status": "COMING_SOON", **window}}
    assert begun["title"] == {"badges": [], "availability": {"status": "AVAILABLE", **window}}


async def test_a_person_all_of_whose_titles_are_hidden_is_not_found_by_a_search(catalog: Client) -> None:
    await catalog.store(movie("Grim", maturity_rating=MaturityRating.A, credits=acted_by("Naina Oberai")))
    query = '{ search(query: "naina oberai") { edges { node { ... on Person { name } } } } }'

    for_adult = await catalog.data(query)
    for_kid = await catalog.data(query, viewer=KID)

    assert {"node": {"name": "Naina Oberai"}} in for_adult["search"]["edges"]
    assert for_kid == {"search": {"edges": []}}


async def test_an_episode_stricter_than_its_show_is_absent_for_a_limited_profile(catalog: Client) -> None:
    record = show("Harbour", episodes=(3,), strict=(1, 2))
    await catalog.store(record)
    query = """query($id: ID!, $strict: ID!, $references: [_Any!]!) {
        title(id: $id) { playableIds ... on Show { episodeCount seasons { episodeCount
          episodes { totalCount edges { node { number next { number } previous { number } } } } } } }
        playable(id: $strict) { maturityRating }
        _entities(representations: $references) { __typename } }"""
    strict = playable_id_of(record, 2)
    references = [
        {"__typename": "Playable", "id": strict},
        {"__typename": "Episode", "id": episode_id_of(record, 1, 2)},
        {"__typename": "Episode", "id": episode_id_of(record, 1, 3)},
    ]
    variables = {"id": id_of(record), "strict": strict, "references": references}

    for_adult = await catalog.data(query, variables)
    for_kid = await catalog.data(query, variables, viewer=KID)

    assert for_adult["playable"] == {"maturityRating": "A"}
    assert for_adult["title"]["playableIds"] == [playable_id_of(record, n) for n in (1, 2, 3)]
    assert [entity is not None for entity in for_adult["_entities"]] == [True, True, True]
    assert for_kid["playable"] is None
    assert for_kid["title"]["playableIds"] == [playable_id_of(record, n) for n in (1, 3)]
    assert for_kid["title"]["episodeCount"] == 2
    assert for_kid["title"]["seasons"] == [
        {
            "episodeCount": 2,
            "episodes": {
                "totalCount": 2,
                "edges": [
                    {"node": {"number": 1, "next": {"number": 3}, "previous": None}},
                    {"node": {"number": 3, "next": None, "previous": {"number": 1}}},
                ],
            },
        }
    ]
    assert [entity is not None for entity in for_kid["_entities"]] == [False, False, True]


async def test_seasons_of_a_hidden_show_are_hidden(catalog: Client) -> None:
    record = show("Grim", maturity_rating=MaturityRating.A)
    await catalog.store(record)
    season = encode_id("Season", season_id(record.id, 1))

    for_adult = await catalog.entities("Season", [season], "number")
    for_kid = await catalog.entities("Season", [season], "number", viewer=KID)

    assert (for_adult.data, for_kid.data) == ([{"number": 1}], [None])


@pytest.mark.parametrize(
    ("kind", "moment", "state", "badge"),
    [
        (PlayableKind.LIVE_EVENT, datetime(2026, 3, 1, 11, 59, 59, tzinfo=UTC), "UPCOMING", []),
        (PlayableKind.LIVE_EVENT, datetime(2026, 3, 1, 12, 0, tzinfo=UTC), "LIVE", ["LIVE"]),
        (PlayableKind.LIVE_EVENT, datetime(2026, 3, 1, 15, 0, tzinfo=UTC), "ENDED", []),
        (PlayableKind.REPLAY, datetime(2026, 3, 1, 15, 0, tzinfo=UTC), "REPLAY", []),
    ],
)
@pytest.mark.requirement("FR-CC-001")
async def test_the_state_of_a_live_event_follows_the_clock(
    catalog: Client, clock: TurnedClock, kind: PlayableKind, moment: datetime, state: str, badge: list[str]
) -> None:
    record = event(
        "Final",
        starts_at=datetime(2026, 3, 1, 12, 0, tzinfo=UTC),
        ends_at=datetime(2026, 3, 1, 15, 0, tzinfo=UTC),
        kind=kind,
    )
    await catalog.store(record)
    clock.now = moment

    data = await catalog.data(
        "query($id: ID!) { title(id: $id) { badges ... on SportsEvent { liveState } } }", {"id": id_of(record)}
    )

    assert data["title"] == {"badges": badge, "liveState": state}
