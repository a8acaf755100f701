"""Personal rows: what a profile's own history brings up, and why."""

from datetime import timedelta
from typing import Any

import pytest

from subgraphs.recommendations.service import Batches, Engagement
from subgraphs.shared.graphql.app import SubgraphApp
from subgraphs.shared.telemetry import count_statements
from subgraphs.shared.values import MaturityRating
from tests.subgraphs.recommendations.catalogue import COMEDY, DRAMA, NOW, movie, person, profile_id, title_id
from tests.subgraphs.recommendations.support import ask, entities, play, viewer, watch

RECOMMENDATIONS = """query R($references: [_Any!]!, $first: Int! = 20, $after: String, $locale: Locale) {
  _entities(representations: $references) { ... on Profile { recommendations(first: $first, after: $after) {
    degraded pageInfo { hasNextPage endCursor }
    edges { cursor score trackingToken node { id } reason { kind text(locale: $locale) because { id } } } } } } }"""
ASHA = viewer("asha")


async def recommended(app: SubgraphApp, who: Any = ASHA, **variables: object) -> dict[str, Any]:
    references = [{"__typename": "Profile", "id": who.profile_id}]
    data = await ask(app, who, RECOMMENDATIONS, references=references, **variables)
    connection: dict[str, Any] = data["_entities"][0]["recommendations"]
    return connection


def ids_of(connection: dict[str, Any]) -> list[str]:
    return [edge["node"]["id"] for edge in connection["edges"]]


@pytest.mark.requirement("FR-PR-003.1")
@pytest.mark.requirement("CS-12")
@pytest.mark.requirement("IN-API-20")
async def test_each_title_comes_with_the_reason_that_holds(app: SubgraphApp, batches: Batches) -> None:
    star, maker = person("Tara Rao"), person("Dev Sen", "DIRECTOR")
    other = person("Nobody")
    await batches.project_titles(
        [
            movie(1, genres=[DRAMA], people=[star, maker], languages=["hi"]),
            movie(2, genres=[COMEDY], people=[star], languages=["en"]),
            movie(3, genres=[COMEDY], people=[maker], languages=["en"]),
            movie(4, genres=[DRAMA], people=[other], languages=["en"]),
            movie(5, genres=[COMEDY], people=[other], languages=["hi"]),
            movie(6, genres=[COMEDY], people=[other], languages=["en"]),
        ]
    )
    await watch(batches, "asha", title_id(1))

    english = await recommended(app, locale="en")
    hindi = await recommended(app, locale="hi")

    reasons = {edge["node"]["id"]: edge["reason"] for edge in english["edges"]}
    assert {title: (reason["kind"], reason["text"]) for title, reason in reasons.items()} == {
        title_id(2): ("SAME_CAST", "With Tara Rao, as in Movie 1"),
        title_id(3): ("SAME_DIRECTOR", "Directed by Dev Sen, like Movie 1"),
        title_id(4): ("SAME_GENRE", "More Drama, like Movie 1"),
        title_id(5): ("LANGUAGE_MATCH", "In Hindi, like Movie 1"),
    }
    assert {reason["because"]["id"] for reason in reasons.values()} == {title_id(1)}
    assert "फ़िल्म 1 जैसा और ड्रामा" in {edge["reason"]["text"] for edge in hindi["edges"]}
    assert ids_of(english)[0] == title_id(4)


@pytest.mark.requirement("FR-PR-003.1")
async def test_nothing_played_or_disliked_comes_up(app: SubgraphApp, filled: Batches) -> None:
    await watch(filled, "asha", title_id(4), title_id(8), completion=0.6)
    before = ids_of(await recommended(app, first=100))
    disliked = before[:3]
    said = [Engagement(kind="RATED", profile_id=profile_id("asha"), at=NOW, title_id=t, value=-1) for t in disliked]

    await filled.record_engagement(said)

    after = ids_of(await recommended(app, first=100))
    assert not {title_id(4), title_id(8)} & set(before)
    assert after
    assert not {*disliked, title_id(4), title_id(8)} & set(after)


async def test_rows_become_stale_when_a_play_begins_or_counts_more_and_not_while_it_goes_on(filled: Batches) -> None:
    stale = [
        await filled.record_plays([play("asha", title_id(4), at=NOW, completion=completion)])
        for completion in (0.1, 0.2, 0.49, 0.5, 0.6, 0.9, 0.95, 0.1)
    ]

    asha = {profile_id("asha")}
    assert stale == [asha, set(), set(), asha, set(), asha, set(), set()]


async def test_a_rating_changes_the_list_at_once(app: SubgraphApp, filled: Batches) -> None:
    await watch(filled, "asha", title_id(4))
    first = await recommended(app)
    assert {edge["reason"]["because"]["id"] for edge in first["edges"]} == {title_id(4)}

    await filled.record_engagement(
        [Engagement(kind="RATED", profile_id=profile_id("asha"), at=NOW, title_id=title_id(1), value=1)]
    )

    second = await recommended(app)
    assert title_id(1) in {edge["reason"]["because"]["id"] for edge in second["edges"]}


async def test_a_late_rating_does_not_undo_a_newer_one(app: SubgraphApp, filled: Batches) -> None:
    await watch(filled, "asha", title_id(4))
    target = ids_of(await recommended(app))[0]

    def rated(value: int, hours: int) -> Engagement:
        at = NOW - timedelta(hours=hours)
        return Engagement(kind="RATED", profile_id=profile_id("asha"), at=at, title_id=target, value=value)

    await filled.record_engagement([rated(-1, 1)])
    await filled.record_engagement([rated(0, 2)])

    assert target not in ids_of(await recommended(app, first=100))


async def test_a_cleared_history_is_forgotten_also_when_plays_arrive_late(app: SubgraphApp, filled: Batches) -> None:
    await watch(filled, "asha", title_id(4))
    cleared = Engagement(kind="HISTORY_CLEARED", profile_id=profile_id("asha"), at=NOW)
    await filled.record_engagement([cleared])

    changed = await filled.record_plays([play("asha", title_id(8), at=NOW - timedelta(minutes=5))])

    connection = await recommended(app)
    assert changed == set()
    assert {edge["reason"]["kind"] for edge in connection["edges"]} == {"TRENDING"}


async def test_a_new_profile_gets_what_is_trending(app: SubgraphApp, filled: Batches) -> None:
    await filled.record_plays([play("somebody", title_id(4), at=NOW)])
    await filled.compute_trending()

    connection = await recommended(app, first=3)

    assert ids_of(connection)[0] == title_id(4)
    assert {edge["reason"]["kind"] for edge in connection["edges"]} == {"TRENDING"}
    assert connection["degraded"] is False


async def test_a_kids_profile_is_not_profiled(app: SubgraphApp, filled: Batches) -> None:
    await watch(filled, "kid", title_id(6), title_id(12))

    connection = await recommended(app, viewer("kid", maturity_limit=MaturityRating.UA_7, is_kids=True))

    assert connection["edges"]
    assert {edge["reason"]["kind"] for edge in connection["edges"]} == {"TRENDING"}


async def test_a_lowered_limit_holds_at_once(app: SubgraphApp, filled: Batches) -> None:
    await watch(filled, "asha", title_id(4))
    await recommended(app)

    limited = await recommended(app, viewer("asha", maturity_limit=MaturityRating.UA_13), first=100)

    limits = {movie(number).title_id: movie(number).age_floor for number in range(120)}
    assert all(limits.get(title, 0) <= 13 for title in ids_of(limited))


async def test_recommendations_page_without_gap_or_repetition(app: SubgraphApp, filled: Batches) -> None:
    await watch(filled, "asha", title_id(4), title_id(8))
    whole = ids_of(await recommended(app, first=100))

    first = await recommended(app, first=7)
    rest = await recommended(app, first=100, after=first["pageInfo"]["endCursor"])

    assert ids_of(first) + ids_of(rest) == whole
    assert len(whole) == 40


async def test_another_profile_gets_null_and_forbidden(app: SubgraphApp, filled: Batches) -> None:
    references = [{"__typename": "Profile", "id": profile_id(name)} for name in ("ravi", "asha")]

    response = await app.execute_as(ASHA, RECOMMENDATIONS, variables={"references": references})

    foreign, own = response["data"]["_entities"]
    assert foreign["recommendations"] is None
    assert own["recommendations"]["edges"]
    assert [(error["path"], error["extensions"]["code"]) for error in response["errors"]] == [
        (["_entities", 0, "recommendations"], "FORBIDDEN")
    ]


async def test_profile_references_keep_order_and_length(app: SubgraphApp, filled: Batches) -> None:
    ids = [profile_id("asha"), "nonsense", title_id(1), profile_id("asha"), profile_id("ghost")]

    with count_statements() as statements:
        response = await entities(app, ASHA, [{"__typename": "Profile", "id": one} for one in ids])

    assert [entity and entity["id"] for entity in response["data"]["_entities"]] == [ids[0], None, None, ids[0], ids[4]]
    assert dict(statements) == {}


async def test_a_warm_list_costs_one_round_trip(app: SubgraphApp, filled: Batches) -> None:
    await watch(filled, "asha", title_id(4), title_id(8))
    await recommended(app)
    await watch(filled, "asha", title_id(12))

    counts = []
    for first in (2, 20):
        with count_statements() as statements:
            await recommended(app, first=first)
        counts.append(dict(statements))

    assert counts == [{"redis": 1}, {"redis": 1}]
