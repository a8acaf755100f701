"""Storing titles: events, versions, repeats, slugs; ranks of trending titles."""

from dataclasses import replace
from datetime import UTC, date, datetime, timedelta
from typing import Any

import pytest
import sqlalchemy as sa
from sqlalchemy.exc import IntegrityError

from subgraphs.catalog.models import Model, PlayableKind, Title, table
from subgraphs.catalog.service.genres import KNOWN_GENRES
from subgraphs.catalog.service.records import TitleRecord, person_id, title_id
from subgraphs.catalog.service.writing import StoreReport, record_trending, store_titles
from subgraphs.shared.ids import encode_id
from subgraphs.shared.outbox import outbox_table, pending_events
from subgraphs.shared.telemetry import count_statements
from subgraphs.shared.values import MaturityRating
from tests.subgraphs.catalog.support import NOW, Client, acted_by, event, id_of, movie, playable_id_of, show


async def store(catalog: Client, *records: TitleRecord, now: datetime = NOW) -> StoreReport:
    async with catalog.database.writing() as session:
        return await store_titles(session, records, now=now)


async def events_of(catalog: Client) -> list[dict[str, Any]]:
    async with catalog.database.writing() as session:
        pending = await pending_events(session, limit=100)
    assert {event.topic for event in pending} <= {"catalog.title_changed"}
    return [event.payload for event in pending]


async def row_counts(catalog: Client) -> dict[str, int]:
    counts = {}
    async with catalog.database.reading() as session:
        for stored in (*Model.metadata.tables.values(), outbox_table):
            counts[stored.name] = (await session.execute(sa.select(sa.func.count()).select_from(stored))).scalar_one()
    return counts


async def test_a_new_title_is_announced_with_everything_others_may_need(catalog: Client) -> None:
    record = movie(
        "Golden River",
        hindi="सुनहरी नदी",
        genres=(KNOWN_GENRES["drama"],),
        credits=acted_by("Naina Oberai"),
        available_until=datetime(2027, 1, 1, tzinfo=UTC),
        countries=("IN",),
    )

    report = await store(catalog, record)

    (payload,) = await events_of(catalog)
    payload.pop("event_id")
    assert report == StoreReport(inserted=1, updated=0, unchanged=0)
    assert payload == {
        "occurred_at": "2026-03-01T12:00:00Z",
        "title_id": id_of(record),
        "version": 1,
        "published": True,
        "kind": "MOVIE",
        "slug": "golden-river",
        "names": {"en": "Golden River", "hi": "सुनहरी नदी"},
        "genres": [
            {
                "id": encode_id("Genre", KNOWN_GENRES["drama"].id),
                "slug": "drama",
                "names": {"en": "Drama", "hi": "नाटक"},
            }
        ],
        "people": [{"id": encode_id("Person", person_id("Naina Oberai")), "name": "Naina Oberai", "role": "ACTOR"}],
        "audio_languages": ["en"],
        "subtitle_languages": ["hi"],
        "release_date": "2020-05-17",
        "release_year": 2020,
        "maturity_rating": "U",
        "content_descriptors": [],
        "required_tier": "FREE",
        "available_from": None,
        "available_until": "2027-01-01T00:00:00Z",
        "countries": ["IN"],
        "licences": [],
        "published_at": "2026-01-01T12:00:00Z",
        "playables": [
            {
                "id": playable_id_of(record),
                "kind": "FEATURE",
                "duration_seconds": 6000,
                "maturity_rating": "U",
                "season": None,
                "episode": None,
                "video_asset_id": None,
                "markers": [],
            }
        ],
    }


async def test_a_show_is_announced_with_its_episodes_in_playing_order(catalog: Client) -> None:
    record = show("Harbour", episodes=(2, 1), strict=(1, 2), maturity_rating=MaturityRating.UA_7)

    await store(catalog, record)

    (payload,) = await events_of(catalog)
    assert [(p["id"], p["kind"], p["season"], p["episode"], p["maturity_rating"]) for p in payload["playables"]] == [
        (playable_id_of(record, 1), "EPISODE", 1, 1, "UA_7"),
        (playable_id_of(record, 2), "EPISODE", 1, 2, "A"),
        (playable_id_of(record, 3), "EPISODE", 2, 1, "UA_7"),
    ]


async def test_a_title_not_published_yet_is_announced_as_such(catalog: Client) -> None:
    await store(catalog, movie("Draft", published_at=None), movie("Planned", published_at=NOW + timedelta(days=1)))

    assert {payload["slug"]: payload["published"] for payload in await events_of(catalog)} == {
        "draft": False,
        "planned": False,
    }


async def test_the_same_records_again_change_nothing(catalog: Client) -> None:
    starts_at = NOW + timedelta(days=1)
    records = [
        movie("Amber", credits=acted_by("Naina Oberai")),
        show("Birch"),
        event("Cup", starts_at=starts_at, ends_at=starts_at + timedelta(hours=1), kind=PlayableKind.LIVE_EVENT),
    ]
    await store(catalog, *records)
    before = await row_counts(catalog)

    report = await store(catalog, *records, now=NOW + timedelta(days=9))

    assert report == StoreReport(inserted=0, updated=0, unchanged=3)
    assert await row_counts(catalog) == before


async def test_a_changed_record_replaces_the_old_facts_and_raises_the_version(catalog: Client) -> None:
    before = movie(
        "Amber", hindi="अंबर", genres=(KNOWN_GENRES["drama"],), credits=acted_by("Naina Oberai", "Omkar Jagtap")
    )
    after = movie(
        "Amber", genres=(KNOWN_GENRES["action"],), credits=acted_by("Omkar Jagtap"), release_date=date(2021, 1, 2)
    )
    await store(catalog, before)

    report = await store(catalog, after)

    data = await catalog.data(
        '{ title(slug: "amber") { name(locale: "hi") releaseDate genres { slug } playableIds '
        "credits { person { name } } } }"
    )
    assert report == StoreReport(inserted=0, updated=1, unchanged=0)
    assert data["title"] == {
        "name": "Amber",
        "releaseDate": "2021-01-02",
        "genres": [{"slug": "action"}],
        "playableIds": [playable_id_of(before)],
        "credits": [{"person": {"name": "Omkar Jagtap"}}],
    }
    assert [payload["version"] for payload in await events_of(catalog)] == [1, 2]


async def test_a_slug_that_is_taken_gets_the_beginning_of_the_id(catalog: Client) -> None:
    first = movie("Amber")
    second = replace(first, id=title_id("test", "another amber"))
    third = replace(first, id=title_id("test", "a third amber"))
    await store(catalog, first)

    await store(catalog, second, third)

    data = await catalog.data("{ titles(sort: NAME_ASC) { edges { node { slug } } } }")
    slugs = {edge["node"]["slug"] for edge in data["titles"]["edges"]}
    assert slugs == {"amber", f"amber-{second.id.hex[:8]}", f"amber-{third.id.hex[:8]}"}


async def test_the_number_of_statements_does_not_depend_on_the_number_of_titles(catalog: Client) -> None:
    with count_statements() as one:
        await store(catalog, movie("Amber", credits=acted_by("Naina Oberai")))
    with count_statements() as many:
        await store(catalog, *(movie(f"Title {n}", credits=acted_by("Naina Oberai", f"Star {n}")) for n in range(50)))

    assert sum(one.values()) == sum(many.values())


async def test_nothing_is_stored_when_the_transaction_fails(catalog: Client) -> None:
    record = movie("Amber", available_from=NOW, available_until=NOW - timedelta(days=1))

    with pytest.raises(IntegrityError):
        await store(catalog, record)

    assert set((await row_counts(catalog)).values()) == {0}


@pytest.mark.parametrize(
    "changes", [{"age_floor": 7}, {"maturity_rating": "UA_7"}, {"kind": "PODCAST"}, {"required_tier": "GOLD"}]
)
async def test_the_database_refuses_words_and_age_floors_that_do_not_fit(
    catalog: Client, changes: dict[str, Any]
) -> None:
    await store(catalog, movie("Amber", maturity_rating=MaturityRating.UA_13))

    with pytest.raises(IntegrityError):
        async with catalog.database.writing() as session:
            await session.execute(sa.update(table(Title)).values(**changes))


TRENDING = "{ titles(sort: TRENDING) { edges { node { slug } } } }"


async def trending_slugs(catalog: Client) -> list[str]:
    return [edge["node"]["slug"] for edge in (await catalog.data(TRENDING))["titles"]["edges"]]


@pytest.mark.requirement("FR-CC-006.4")
async def test_trending_titles_come_first_in_their_order(catalog: Client) -> None:
    amber, birch, cedar = movie("Amber"), show("Birch"), movie("Cedar", published_at=datetime(2026, 2, 1, tzinfo=UTC))
    await store(catalog, amber, birch, cedar)

    async with catalog.database.writing() as session:
        is_news = await record_trending(
            session, [id_of(birch), "nonsense", id_of(amber), encode_id("Movie", cedar.id)[:-2]], computed_at=NOW
        )

    assert is_news
    assert await trending_slugs(catalog) == ["birch", "amber", "cedar"]


async def test_ranks_that_come_again_or_too_late_change_nothing(catalog: Client) -> None:
    amber, birch = movie("Amber"), movie("Birch")
    await store(catalog, amber, birch)

    outcomes = []
    for ranked, age_hours in (([birch], 1), ([amber], 2), ([amber], 1), ([amber], 0)):
        async with catalog.database.writing() as session:
            outcomes.append(
                await record_trending(
                    session, [id_of(record) for record in ranked], computed_at=NOW - timedelta(hours=age_hours)
                )
            )
        if len(outcomes) == 3:
            assert await trending_slugs(catalog) == ["birch", "amber"]

    assert outcomes == [True, False, False, True]
    assert await trending_slugs(catalog) == ["amber", "birch"]
