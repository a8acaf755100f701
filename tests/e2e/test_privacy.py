"""Objecting to personal rows, and live notices, through the router."""

import asyncio
from datetime import UTC, datetime
from types import SimpleNamespace
from typing import cast
from uuid import uuid4

import asyncpg
import pytest

from subgraphs.recommendations import config as recommendations_config
from subgraphs.recommendations.service import open_service as open_recommendations
from subgraphs.shared.ids import decode_id
from subgraphs.users.config import WorkerSettings
from subgraphs.users.events import NotificationKind, NotificationRequested, PersonalizationChanged
from subgraphs.users.service import open_service as open_users
from tests.e2e.platform import Platform, settings_of
from tests.e2e.streaming import PATIENCE_SECONDS, event_stream, wait_for_listener
from workers.routing import ROUTES
from workers.services import Services

OBJECT = """
mutation ($id: ID!, $out: Boolean!) {
  profileUpdate(id: $id, input: {personalizationOptOut: $out}) {
    errors { code } profile { personalizationOptOut } } }"""
ROWS = """
{ viewer { profile { id recommendations(first: 5) { edges { reason { kind } } } } }
  page(slug: HOME) { trays(first: 30) { edges { node { kind isPersonalised } } } } }"""
ME = "{ viewer { account { id } profile { id } } }"
RECEIVE = "subscription { notificationReceived { kind title } }"


async def rows(platform: Platform, token: str) -> tuple[set[str], bool]:
    """Return the kinds of reasons of the viewer's recommendations, and whether any tray is personal."""
    data = await platform.data(ROWS, token=token)
    reasons = {edge["reason"]["kind"] for edge in data["viewer"]["profile"]["recommendations"]["edges"]}
    return reasons, any(edge["node"]["isPersonalised"] for edge in data["page"]["trays"]["edges"])


async def relay_choices(environment: dict[str, str], profile_id: str) -> None:
    """Do what the worker does with the profile's choices: it is not part of this process."""
    with settings_of(environment):
        settings = recommendations_config.Settings()
    connection = await asyncpg.connect(f"{settings.database_url}/users")
    found = await connection.fetch(
        "SELECT payload FROM outbox WHERE topic = $1 AND payload->>'profile_id' = $2",
        PersonalizationChanged.topic,
        profile_id,
    )
    await connection.close()
    events = [PersonalizationChanged.model_validate_json(row["payload"]) for row in found]
    async with open_recommendations(settings) as recommendations:
        services = cast("Services", SimpleNamespace(recommendations=recommendations))
        await ROUTES[PersonalizationChanged.topic].consumers["recommendations"](services, events)


@pytest.mark.requirement("IN-GDPR-1")
async def test_a_profile_that_objects_gets_rows_that_are_the_same_for_everyone(
    platform: Platform, environment: dict[str, str]
) -> None:
    token = platform.token("quarterly")
    profile_id = (await platform.data(ME, token=token))["viewer"]["profile"]["id"]
    before = await rows(platform, token)

    objected = await platform.data(OBJECT, {"id": profile_id, "out": True}, token=token)
    await relay_choices(environment, profile_id)
    without = await rows(platform, token)
    await platform.data(OBJECT, {"id": profile_id, "out": False}, token=token)
    await relay_choices(environment, profile_id)
    after = await rows(platform, token)

    assert objected["profileUpdate"] == {"errors": [], "profile": {"personalizationOptOut": True}}
    assert (before[1], without[1], after[1]) == (True, False, True)
    assert before[0] - {"TRENDING"}
    assert without[0] == {"TRENDING"}
    assert after == before


@pytest.mark.requirement("CL-15")
async def test_a_notice_arrives_at_an_open_event_stream(platform: Platform, environment: dict[str, str]) -> None:
    token = platform.token("monthly")
    user_id = (await platform.data(ME, token=token))["viewer"]["account"]["id"]
    with settings_of(environment):
        settings = WorkerSettings()
    notice = NotificationRequested(
        occurred_at=datetime.now(UTC),
        kind=NotificationKind.SYSTEM,
        user_id=user_id,
        dedup_key=uuid4().hex,
        data={"title": "It works", "body": ""},
    )

    async with event_stream(platform, RECEIVE, token) as events, open_users(settings) as users:
        await wait_for_listener(settings.redis_url, f"users:notices:{decode_id(user_id, 'User').uuid}")
        await users.notify([notice])
        received = await asyncio.wait_for(events.get(), PATIENCE_SECONDS)

    assert received == {"data": {"notificationReceived": {"kind": "SYSTEM", "title": "It works"}}}
