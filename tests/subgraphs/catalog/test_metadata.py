"""What pages show of titles, kept between requests: where it is found, and that nothing stale ever is."""

import asyncio
from collections.abc import AsyncIterator
from dataclasses import dataclass
from datetime import timedelta
from typing import Any
from uuid import UUID

import pytest

from subgraphs.catalog.config import METADATA_LIFETIME, METADATA_REST, Settings
from subgraphs.catalog.repository.metadata import Kind, MetadataCache
from subgraphs.catalog.repository.shown import title_cards
from subgraphs.catalog.repository.visibility import Audience
from subgraphs.catalog.service.genres import KNOWN_GENRES
from subgraphs.catalog.service.registers import GenreRequest, upsert_genre
from subgraphs.catalog.service.workflow import Editor
from subgraphs.catalog.service.writing import publish_titles, withdraw_title
from subgraphs.shared.redis import Cache
from subgraphs.shared.telemetry import count_statements
from subgraphs.shared.values import MaturityRating, Tier
from tests.subgraphs.catalog.support import (
    ADULT,
    KID,
    NOW,
    Client,
    TurnedClock,
    id_of,
    movie,
    running_client,
    show,
)

FILM, SERIES = movie("Amber"), show("Birch", strict=(1, 2))


@dataclass
class Note:
    text: str


REFERENCES = "query($r: [_Any!]!) { _entities(representations: $r) { ... on Title { name } } }"
CARD = "query($id: ID!) { title(id: $id) { name requiredTier playableIds genres { name } } }"


@pytest.fixture
def with_valkey(settings: Settings, redis_url: str) -> Settings:
    return settings.model_copy(update={"redis_url": redis_url})


@pytest.fixture
async def first(with_valkey: Settings, clock: TurnedClock) -> AsyncIterator[Client]:
    async with running_client(with_valkey, clock) as client:
        yield client


@pytest.fixture
async def second(with_valkey: Settings, clock: TurnedClock) -> AsyncIterator[Client]:
    """Return another process on the same stores."""
    async with running_client(with_valkey, clock) as client:
        yield client


async def statements(client: Client, *ids: str) -> dict[str, int]:
    """Return the statements that the cards cost, by kind of store."""
    references = [{"__typename": "Title", "id": each} for each in ids]
    with count_statements() as counted:
        await client.app.execute_as(ADULT, REFERENCES, variables={"r": references})
    return {"database": counted[f"postgres:{client.database.name}"], "valkey": counted["redis"]}


async def title_in(client: Client, record_id: str) -> dict[str, object] | None:
    found: dict[str, object] | None = (await client.data(CARD, {"id": record_id}))["title"]
    return found


async def reads(client: Client) -> dict[str, int]:
    """Return what /metrics counts, by where it was found."""
    text = await metrics_of(client)
    lines = [line for line in text.splitlines() if line.startswith("reelgraph_metadata_reads_total")]
    return {line.split('found_in="')[1].split('"')[0]: int(line.rsplit(" ", 1)[1]) for line in lines}


async def metrics_of(client: Client) -> str:
    sent: list[dict[str, object]] = []

    async def receive() -> dict[str, object]:
        return {"type": "http.request", "body": b"", "more_body": False}

    async def send(message: object) -> None:
        assert isinstance(message, dict)
        sent.append(message)

    scope = {"type": "http", "method": "GET", "path": "/metrics", "headers": [], "query_string": b""}
    await client.app({**scope, "raw_path": b"/metrics", "root_path": "", "http_version": "1.1"}, receive, send)
    return b"".join(body for message in sent if isinstance(body := message.get("body"), bytes)).decode()


@pytest.mark.requirement("IN-DB-24")
async def test_a_card_is_read_once_from_the_database_and_then_from_valkey_and_the_process(
    first: Client, second: Client
) -> None:
    await first.store(FILM, SERIES)
    ids = (id_of(FILM), id_of(SERIES))

    cold, from_valkey = await statements(first, *ids), await statements(second, *ids)
    from_process = await statements(first, *ids)

    # One statement always decides what the viewer may see. Valkey is read, and written by who had to ask further.
    assert cold == {"database": 2, "valkey": 2}
    assert from_valkey == {"database": 1, "valkey": 1}
    assert from_process == {"database": 1, "valkey": 0}


@pytest.mark.requirement("FF-09")
async def test_the_hit_ratio_can_be_read(first: Client, second: Client) -> None:
    await first.store(FILM)
    for client in (first, second, first, first):
        await client.entities("Title", [id_of(FILM)], "name")

    assert await reads(first) == {"process": 2, "valkey": 0, "database": 1}
    assert await reads(second) == {"process": 0, "valkey": 1, "database": 0}


async def test_valkey_keeps_a_card_for_a_day(first: Client, redis_url: str) -> None:
    await first.store(FILM)
    await first.entities("Title", [id_of(FILM)], "name")

    cache = Cache(redis_url, "catalog")
    [key] = [key async for key in cache.client.scan_iter(match="catalog:metadata:title:*")]
    lifetime = await cache.client.ttl(key)
    await cache.close()

    assert METADATA_LIFETIME - timedelta(minutes=1) <= timedelta(seconds=lifetime) <= METADATA_LIFETIME


@pytest.mark.requirement("IN-DB-24")
async def test_a_publication_and_its_end_are_seen_at_once_by_another_process(first: Client, second: Client) -> None:
    await first.store(FILM)
    before = await title_in(second, id_of(FILM))

    async with first.database.writing() as session:
        await publish_titles(session, [movie("Amber", required_tier=Tier.PREMIUM)], now=NOW)
    changed = await title_in(second, id_of(FILM))
    async with first.database.writing() as session:
        await withdraw_title(session, FILM, now=NOW)
    withdrawn = await title_in(second, id_of(FILM))
    async with first.database.writing() as session:
        await publish_titles(session, [FILM], now=NOW)
    back = await title_in(second, id_of(FILM))

    assert before is not None
    assert changed == {**before, "requiredTier": "PREMIUM"}
    assert withdrawn is None
    assert back == before


async def test_a_new_name_of_a_genre_is_seen_at_once_by_another_process(first: Client, second: Client) -> None:
    await first.store(FILM)
    genre = KNOWN_GENRES["drama"]
    before = await title_in(second, id_of(FILM))

    async with first.database.writing() as session:
        editor = Editor("u", frozenset({"cms:edit"}))
        await upsert_genre(session, editor, GenreRequest(genre.id, genre.slug, {"en": "Plays"}), now=NOW)
    after = await title_in(second, id_of(FILM))

    assert before is not None
    assert before["genres"] == [{"name": "Drama"}]
    assert after == {**before, "genres": [{"name": "Plays"}]}


async def test_who_may_see_what_is_decided_anew_for_each_viewer_and_moment(first: Client, clock: TurnedClock) -> None:
    strict = movie("Cedar", maturity_rating=MaturityRating.A)
    leaving = movie("Dogwood", available_until=NOW + timedelta(hours=1))
    await first.store(FILM, SERIES, strict, leaving)
    ids = [id_of(each) for each in (FILM, SERIES, strict, leaving)]

    adults = (await first.entities("Title", ids, "playableIds", viewer=ADULT)).data
    kids = (await first.entities("Title", ids, "playableIds", viewer=KID)).data
    clock.turn(timedelta(hours=1))
    later = (await first.entities("Title", ids, "playableIds", viewer=ADULT)).data

    assert [each and len(each["playableIds"]) for each in adults] == [1, 2, 1, 1]
    assert [each and len(each["playableIds"]) for each in kids] == [1, 1, None, 1]
    assert [each and len(each["playableIds"]) for each in later] == [1, 2, 1, None]


async def test_without_valkey_the_database_answers_and_valkey_is_left_alone_for_a_moment(
    catalog: Client, clock: TurnedClock
) -> None:
    await catalog.store(FILM, SERIES)

    away = await statements(catalog, id_of(FILM))
    resting = await statements(catalog, id_of(SERIES))
    kept = await statements(catalog, id_of(FILM), id_of(SERIES))
    await catalog.store(movie("Elm"))
    clock.turn(METADATA_REST)
    asked_again = await statements(catalog, id_of(movie("Elm")))

    assert away == {"database": 2, "valkey": 1}
    assert resting == {"database": 2, "valkey": 0}
    assert kept == {"database": 1, "valkey": 0}
    assert asked_again == {"database": 2, "valkey": 1}


async def test_an_entry_that_cannot_be_read_is_replaced(first: Client, second: Client, redis_url: str) -> None:
    await first.store(FILM)
    await first.entities("Title", [id_of(FILM)], "name")
    cache = Cache(redis_url, "catalog")
    [key] = [key async for key in cache.client.scan_iter(match="catalog:metadata:title:*")]
    await cache.client.set(key, "{}")

    answer = await second.entities("Title", [id_of(FILM)], "name")

    assert answer.data == [{"name": "Amber"}]
    assert await cache.client.get(key) != "{}"
    await cache.close()


@pytest.mark.requirement("FF-09")
async def test_many_who_miss_at_once_cause_one_read(settings: Settings, catalog: Client, clock: TurnedClock) -> None:
    await catalog.store(FILM)
    cache = Cache(settings.redis_url, "catalog")
    metadata = MetadataCache(cache, clock=clock)
    audience = Audience(NOW, "IN", 18)

    with count_statements() as counted:
        found = await asyncio.gather(
            *(title_cards(catalog.database, metadata, [FILM.id], audience=audience) for _ in range(20))
        )

    await cache.close()
    # Each asks whether its viewer may see the title; the card is read for all.
    assert counted[f"postgres:{catalog.database.name}"] == 21
    assert {id(each[FILM.id]) for each in found} == {id(found[0][FILM.id])}


async def test_a_reader_who_gives_up_takes_the_card_from_nobody_else(
    settings: Settings, catalog: Client, clock: TurnedClock
) -> None:
    await catalog.store(FILM)
    cache = Cache(settings.redis_url, "catalog")
    metadata = MetadataCache(cache, clock=clock)
    kind, stamps = Kind("note", Note), {FILM.id: "1"}
    may_land = asyncio.Event()

    async def load(ids: object) -> dict[UUID, tuple[str, Note]]:
        await may_land.wait()
        return {FILM.id: ("1", Note("text"))}

    impatient, patient = (asyncio.create_task(metadata.entries(kind, stamps, load)) for _ in range(2))
    await asyncio.sleep(0)
    impatient.cancel()
    may_land.set()
    found = await patient
    await cache.close()

    assert impatient.cancelled()
    assert found[FILM.id].card == Note("text")


async def test_a_card_that_changed_after_the_decision_is_decided_again(
    settings: Settings, catalog: Client, clock: TurnedClock
) -> None:
    await catalog.store(FILM)
    cache = Cache(settings.redis_url, "catalog")
    audience = Audience(NOW, "IN", 7)

    class Changing(MetadataCache):
        """Rates the film higher between the decision and the reading."""

        async def entries(self, *arguments: Any) -> Any:
            if not self._kept:
                async with catalog.database.writing() as session:
                    await publish_titles(session, [movie("Amber", maturity_rating=MaturityRating.A)], now=NOW)
            return await super().entries(*arguments)

    found = await title_cards(catalog.database, Changing(cache, clock=clock), [FILM.id], audience=audience)
    await cache.close()

    assert found == {}


async def test_the_process_keeps_no_more_than_it_may(settings: Settings, catalog: Client, clock: TurnedClock) -> None:
    films = [movie(f"Film {number}") for number in range(6)]
    await catalog.store(*films)
    cache = Cache(settings.redis_url, "catalog")
    one = MetadataCache(cache, clock=clock)
    await title_cards(catalog.database, one, [films[0].id], audience=Audience(NOW, "IN", 18))
    size = size_of(one)
    few = MetadataCache(cache, clock=clock, most_bytes=size * 3 + size // 2)

    for film in films:
        await title_cards(catalog.database, few, [film.id], audience=Audience(NOW, "IN", 18))
    with count_statements() as newest:
        await title_cards(catalog.database, few, [each.id for each in films[3:]], audience=Audience(NOW, "IN", 18))
    with count_statements() as oldest:
        await title_cards(catalog.database, few, [films[0].id], audience=Audience(NOW, "IN", 18))

    await cache.close()
    store = f"postgres:{catalog.database.name}"
    assert size_of(few) <= size * 3 + size // 2
    assert (newest[store], oldest[store]) == (1, 2)


def size_of(metadata: MetadataCache) -> int:
    return int(metadata.exposition(subgraph="catalog").rsplit(" ", 1)[1])


def test_cards_of_another_form_have_other_keys() -> None:
    @dataclass
    class Longer:
        text: str
        more: str

    assert Kind("note", Note).form != Kind("note", Longer).form
