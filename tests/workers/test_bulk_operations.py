"""One change to many titles: what is refused is said title by title, nothing is doubled or lost."""

import asyncio
from collections.abc import AsyncIterator
from typing import Any

import pytest

from subgraphs.catalog import config as catalog_config
from subgraphs.catalog.app import create_app
from subgraphs.catalog.service import bulk, editing
from subgraphs.catalog.service.bulk import BulkChange
from subgraphs.catalog.service.drafts import TitleDraft
from subgraphs.catalog.service.editing import Request
from subgraphs.catalog.service.genres import KNOWN_GENRES
from subgraphs.catalog.service.writing import publish_titles, store_titles
from subgraphs.shared.graphql.app import SubgraphApp
from subgraphs.shared.identity import Viewer
from subgraphs.shared.ids import encode_id
from subgraphs.shared.telemetry import count_statements
from subgraphs.users.models import Role
from subgraphs.users.service.scopes import scopes_of
from tests.subgraphs.catalog.support import id_of, movie, show
from tests.workers.conftest import NOW, MovableClock
from tests.workers.test_publishing import EDITOR, draft
from workers.config import Settings
from workers.publishing import advance_bulk_operations
from workers.services import Services

ADMIN = Viewer(user_id="admin", scopes=frozenset(scopes_of([Role.ADMIN.value])))
FILMS = [movie(f"Film {number}") for number in range(120)]
UPDATE = """mutation($input: BulkUpdateInput!) { titlesBulkUpdate(input: $input) {
  operation { id total done failed percent finishedAt } errors { code path }
} }"""
OPERATION = (
    "query($id: ID!) { bulkOperation(id: $id) { total done failed percent finishedAt failures { titleId code } } }"
)
COMEDY = encode_id("Genre", KNOWN_GENRES["comedy"].id)
DRAMA = encode_id("Genre", KNOWN_GENRES["drama"].id)


@pytest.fixture
async def catalog(worker_settings: Settings, services: Services, clock: MovableClock) -> AsyncIterator[SubgraphApp]:
    async with services.outboxes["catalog"].writing() as session:
        await store_titles(session, [*FILMS, show("Series", genres=(KNOWN_GENRES["comedy"],))], now=NOW)
    settings = catalog_config.Settings(**worker_settings.model_dump())
    async with create_app(settings, clock=clock).running() as app:
        yield app


async def ask(app: SubgraphApp, query: str, viewer: Viewer = ADMIN, **variables: Any) -> Any:
    response = await app.execute_as(viewer, query, variables=variables)
    assert "errors" not in response, response["errors"]
    return response["data"]


async def request(app: SubgraphApp, **given: Any) -> Any:
    return (await ask(app, UPDATE, input={"idempotencyKey": "k", **given}))["titlesBulkUpdate"]


async def genres_of(app: SubgraphApp, title_id: str) -> list[str]:
    title = (await ask(app, "query($id: ID!) { title(id: $id) { genres { slug } } }", id=title_id))["title"]
    return [genre["slug"] for genre in title["genres"]]


@pytest.mark.requirement("FR-CMS-005")
async def test_titles_that_viewers_see_show_the_change_when_the_worker_has_been_there(
    catalog: SubgraphApp, services: Services
) -> None:
    ids = [id_of(film) for film in FILMS]

    asked = await request(catalog, titleIds=ids, addGenreIds=[COMEDY], removeGenreIds=[DRAMA], tier="PREMIUM")
    assert asked["operation"] | {"id": ""} == {
        "id": "", "total": 120, "done": 0, "failed": 0, "percent": 0.0, "finishedAt": None
    }  # fmt: skip
    assert await genres_of(catalog, ids[0]) == ["drama"]
    assert await advance_bulk_operations(services) == 120

    done = (await ask(catalog, OPERATION, id=asked["operation"]["id"]))["bulkOperation"]
    assert done == {
        "total": 120, "done": 120, "failed": 0, "percent": 100.0, "finishedAt": NOW.isoformat(), "failures": []
    }  # fmt: skip
    premium = '{ titles(filter: {genre: ["comedy"], tier: PREMIUM}, first: 1) { totalCount } }'
    assert (await ask(catalog, premium))["titles"]["totalCount"] == 120
    states = (
        "{ cmsTitles(filter: {state: [PUBLISHED]}, first: 1) { totalCount edges { node { version liveVersion } } } }"
    )
    shown = (await ask(catalog, states))["cmsTitles"]
    assert shown == {"totalCount": 121, "edges": [{"node": {"version": 2, "liveVersion": 2}}]}


@pytest.mark.requirement("FR-CMS-005")
async def test_each_title_that_cannot_be_changed_is_named_with_its_reason(
    catalog: SubgraphApp, services: Services
) -> None:
    async with services.outboxes["catalog"].writing() as session:
        made = await editing.create(session, EDITOR, draft("In Review"), now=NOW, idempotency_key=None)
        await editing.submit(session, Request(EDITOR, made.title_id, NOW))
    in_review = encode_id("Movie", made.title_id)
    unknown = encode_id("Movie", KNOWN_GENRES["drama"].id)

    asked = await request(catalog, titleIds=[in_review, id_of(FILMS[0]), unknown], tier="PREMIUM")
    await advance_bulk_operations(services)

    done = (await ask(catalog, OPERATION, id=asked["operation"]["id"]))["bulkOperation"]
    assert (done["done"], done["failed"], done["finishedAt"]) == (1, 2, NOW.isoformat())
    assert done["failures"] == [
        {"titleId": in_review, "code": "INVALID_TRANSITION"},
        {"titleId": unknown, "code": "TITLE_UNKNOWN"},
    ]


async def test_a_draft_in_work_takes_the_change_without_being_shown(catalog: SubgraphApp, services: Services) -> None:
    own = id_of(FILMS[0])
    edit = """mutation($id: ID!) {
      titleUpdate(id: $id, expectedVersion: 1, input: {rentable: true}) { errors { code } }
    }"""
    await ask(catalog, edit, id=own)

    await request(catalog, titleIds=[own], addGenreIds=[COMEDY])
    await advance_bulk_operations(services)

    query = "query($id: ID!) { cmsTitle(id: $id) { state version liveVersion genres { slug } } }"
    assert (await ask(catalog, query, id=own))["cmsTitle"] == {
        "state": "DRAFT", "version": 3, "liveVersion": 1, "genres": [{"slug": "drama"}, {"slug": "comedy"}]
    }  # fmt: skip
    assert await genres_of(catalog, own) == ["drama"]


async def test_titles_are_put_away_and_taken_back(catalog: SubgraphApp, services: Services) -> None:
    own = id_of(FILMS[0])
    for archive, state in ((True, "ARCHIVED"), (False, "DRAFT")):
        await request(catalog, titleIds=[own], archive=archive, idempotencyKey=state)
        await advance_bulk_operations(services)

        query = "query($id: ID!) { cmsTitle(id: $id) { state } title(id: $id) { id } }"
        assert await ask(catalog, query, id=own) == {"cmsTitle": {"state": state}, "title": None}


@pytest.mark.requirement("FR-CMS-005")
async def test_the_same_key_makes_one_operation_and_two_workers_share_it(
    catalog: SubgraphApp, services: Services
) -> None:
    ids = [id_of(film) for film in FILMS]
    asked = [await request(catalog, titleIds=ids, addGenreIds=[COMEDY]) for _ in range(2)]
    other = await request(catalog, titleIds=ids, addGenreIds=[DRAMA])
    assert asked[0] == asked[1]
    assert [error["code"] for error in other["errors"]] == ["IDEMPOTENCY_KEY_REUSED"]

    counts = await asyncio.gather(advance_bulk_operations(services), advance_bulk_operations(services))

    assert sum(counts) == 120
    versions = "{ cmsTitles(first: 100, filter: {state: [PUBLISHED], kind: [MOVIE]}) { edges { node { version } } } }"
    shown = (await ask(catalog, versions))["cmsTitles"]["edges"]
    assert {edge["node"]["version"] for edge in shown} == {2}


async def test_many_titles_take_as_many_statements_as_few(catalog: SubgraphApp, services: Services) -> None:
    await request(catalog, titleIds=[id_of(film) for film in FILMS[:22]], addGenreIds=[COMEDY], tier="PREMIUM")
    counts = []

    for limit in (2, 20):
        with count_statements() as statements:
            async with services.outboxes["catalog"].writing() as session:
                assert (await bulk.advance(session, now=NOW, limit=limit)).titles == limit
        counts.append(statements["postgres:catalog"])

    assert counts[0] == counts[1]


async def test_what_is_noted_as_live_is_what_viewers_see_even_where_a_later_part_is_refused(
    catalog: SubgraphApp, services: Services
) -> None:
    own = id_of(FILMS[0])

    asked = await request(catalog, titleIds=[own], addGenreIds=[COMEDY], archive=False)
    await advance_bulk_operations(services)

    done = (await ask(catalog, OPERATION, id=asked["operation"]["id"]))["bulkOperation"]
    assert done["failures"] == [{"titleId": own, "code": "INVALID_TRANSITION"}]
    query = "query($id: ID!) { cmsTitle(id: $id) { version liveVersion } }"
    assert (await ask(catalog, query, id=own))["cmsTitle"] == {"version": 2, "liveVersion": 2}
    assert await genres_of(catalog, own) == ["drama", "comedy"]


async def test_a_worker_that_dies_in_a_batch_leaves_it_undone_for_the_next(
    catalog: SubgraphApp, services: Services, monkeypatch: pytest.MonkeyPatch
) -> None:
    ids = [id_of(film) for film in FILMS]
    await request(catalog, titleIds=ids, addGenreIds=[COMEDY])
    calls = []

    async def die_in_the_second_batch(*arguments: Any, **named: Any) -> None:
        calls.append(1)
        if len(calls) == 2:
            raise asyncio.CancelledError
        await publish_titles(*arguments, **named)

    with monkeypatch.context() as patch:
        patch.setattr("subgraphs.catalog.service.bulk.publish_titles", die_in_the_second_batch)
        with pytest.raises(asyncio.CancelledError):
            await advance_bulk_operations(services)
    assert await genres_of(catalog, ids[0]) == ["drama", "comedy"]
    assert await genres_of(catalog, ids[119]) == ["drama"]

    assert await advance_bulk_operations(services) == 20
    assert await genres_of(catalog, ids[119]) == ["drama", "comedy"]


async def test_a_title_that_fails_for_no_foreseen_reason_does_not_hold_up_the_others(
    catalog: SubgraphApp, services: Services, monkeypatch: pytest.MonkeyPatch
) -> None:
    ids = [id_of(film) for film in FILMS[:3]]
    asked = await request(catalog, titleIds=ids, addGenreIds=[COMEDY])
    applied_to = BulkChange.applied_to

    def fail_for_the_second(change: BulkChange, draft: TitleDraft) -> TitleDraft:
        if draft.slug == FILMS[1].slug:
            raise RuntimeError("nobody foresaw this")
        return applied_to(change, draft)

    monkeypatch.setattr(BulkChange, "applied_to", fail_for_the_second)
    assert await advance_bulk_operations(services) == 3

    done = (await ask(catalog, OPERATION, id=asked["operation"]["id"]))["bulkOperation"]
    assert (done["done"], done["failed"]) == (2, 1)
    assert done["failures"] == [{"titleId": ids[1], "code": "INTERNAL"}]


@pytest.mark.parametrize(
    ("given", "code"),
    [
        ({"titleIds": [], "tier": "FREE"}, "TITLES_INVALID"),
        ({"titleIds": [id_of(FILMS[0])]}, "NOTHING_TO_CHANGE"),
    ],
)
async def test_what_makes_no_sense_is_refused(catalog: SubgraphApp, given: Any, code: str) -> None:
    refused = await request(catalog, **given)

    assert refused["operation"] is None
    assert [error["code"] for error in refused["errors"]] == [code]


async def test_only_who_has_the_scope_may_ask_for_it(catalog: SubgraphApp, services: Services) -> None:
    creator = Viewer(user_id="creator", scopes=frozenset(scopes_of([Role.CREATOR.value])))
    given = {"titleIds": [id_of(FILMS[0])], "tier": "PREMIUM", "idempotencyKey": "k"}

    answer = await catalog.execute_as(creator, UPDATE, variables={"input": given})

    assert [error["extensions"]["code"] for error in answer["errors"]] == ["FORBIDDEN"]
    assert await advance_bulk_operations(services) == 0
