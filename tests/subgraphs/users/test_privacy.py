"""Consents, export, deletion and complaints, as the owner of an account meets them."""

import asyncio
import json
from collections.abc import AsyncIterator
from datetime import timedelta
from pathlib import Path
from typing import Any
from urllib.parse import parse_qs, urlsplit, urlunsplit

import httpx
import pytest

from subgraphs.shared.graphql.app import SubgraphApp
from subgraphs.shared.identity import ANONYMOUS, Viewer
from subgraphs.users.app import create_app
from subgraphs.users.config import Settings, WorkerSettings
from subgraphs.users.service import UsersBatches, open_service
from tests.subgraphs.users.conftest import TurnedClock
from tests.subgraphs.users.support import PASSWORD, Client

CONSENT = """
mutation ($input: [ConsentInput!]!) {
  result: consentSet(input: $input) {
    errors { code path } account { consents { purpose granted version at } } } }"""
DELETE = """
mutation ($password: String) {
  result: accountDeletionRequest(password: $password) { errors { code path } account { deletionScheduledFor } } }"""
KEEP = "mutation { result: accountDeletionCancel { errors { code } account { deletionScheduledFor } } }"
EXPORT = "mutation { result: dataExportRequest { id status url expiresAt } }"
COMPLAIN = """
mutation ($input: GrievanceInput!) {
  result: grievanceSubmit(input: $input) { errors { code path } grievance { id receivedAt dueAt status } } }"""
SCHEDULED = "{ viewer { account { id deletionScheduledFor } } }"


@pytest.fixture(name="settings")
async def _settings(settings: Settings, tmp_path: Path) -> Settings:
    return settings.model_copy(update={"objects_dir": tmp_path / "objects", "public_url": "http://platform"})


@pytest.fixture(name="app")
async def _app(settings: Settings, clock: TurnedClock) -> AsyncIterator[SubgraphApp]:
    app = create_app(settings, clock=clock)
    async with app.running():
        yield app


@pytest.fixture(name="service")
async def _service(settings: Settings, clock: TurnedClock) -> AsyncIterator[UsersBatches]:
    async with open_service(WorkerSettings(**settings.model_dump()), clock=clock) as service:
        yield service


@pytest.fixture(name="http")
async def _http(app: SubgraphApp) -> AsyncIterator[httpx.AsyncClient]:
    async with httpx.AsyncClient(transport=httpx.ASGITransport(app)) as http:
        yield http


def agree(purpose: str, *, granted: bool = True, version: str = "2026-01") -> dict[str, Any]:
    return {"purpose": purpose, "granted": granted, "version": version}


async def scheduled(client: Client, viewer: Viewer) -> str | None:
    response = await client.run(SCHEDULED, viewer)
    moment: str | None = response["data"]["viewer"]["account"]["deletionScheduledFor"]
    return moment


async def topics(client: Client) -> list[str]:
    rows = await client.sql("SELECT topic FROM outbox ORDER BY position")
    return [row["topic"].removeprefix("users.") for row in rows]


async def actions(client: Client) -> list[str]:
    rows = await client.sql("SELECT action, outcome FROM audit_entries WHERE action LIKE 'account.%' ORDER BY position")
    return [f"{row['action']} {row['outcome']}" for row in rows]


@pytest.mark.requirement("IN-GDPR-1")
async def test_each_decision_is_kept_and_the_newest_counts(client: Client, clock: TurnedClock) -> None:
    asha = await client.newcomer()

    await client.result(CONSENT, asha, input=[agree("ANALYTICS"), agree("TERMS")])
    clock.turn(timedelta(days=1))
    withdrawn = await client.result(CONSENT, asha, input=[agree("ANALYTICS", granted=False, version="2026-02")])
    await client.result(CONSENT, asha, input=[agree("ANALYTICS", granted=False, version="2026-02")])

    history = await client.sql("SELECT purpose, granted, version FROM consents ORDER BY position")
    assert withdrawn["account"]["consents"] == [
        {"purpose": "TERMS", "granted": True, "version": "2026-01", "at": "2026-03-01T09:30:00+00:00"},
        {"purpose": "ANALYTICS", "granted": False, "version": "2026-02", "at": "2026-03-02T09:30:00+00:00"},
    ]
    assert [tuple(row) for row in history] == [
        ("ANALYTICS", True, "2026-01"),
        ("TERMS", True, "2026-01"),
        ("ANALYTICS", False, "2026-02"),
    ]
    assert (await topics(client)).count("consent_changed") == 3
    assert await actions(client) == 3 * ["account.consent_set SUCCESS"]


async def test_a_consent_that_cannot_be_is_refused_whole(client: Client) -> None:
    asha = await client.newcomer()

    refused = await client.result(
        CONSENT, asha, input=[agree("TERMS", granted=False), agree("PUSH", version="new line\n"), agree("ANALYTICS")]
    )

    assert refused["errors"] == [
        {"code": "CONSENT_REQUIRED", "path": ["input", "TERMS", "granted"]},
        {"code": "CONSENT_VERSION_INVALID", "path": ["input", "PUSH", "version"]},
    ]
    assert await client.sql("SELECT 1 FROM consents") == []


@pytest.mark.requirement("IN-GDPR-1")
async def test_asking_for_deletion_ends_every_session_and_names_the_day(client: Client) -> None:
    asha = await client.newcomer()
    elsewhere = await client.login()

    asked = await client.result(DELETE, asha, password=PASSWORD)

    refreshed = await client.refresh(elsewhere["refreshToken"])
    assert asked == {"errors": [], "account": {"deletionScheduledFor": "2026-05-30T09:30:00+00:00"}}
    assert refreshed["__typename"] == "TokenInvalid"
    assert await actions(client) == ["account.deletion_request SUCCESS"]
    (letter,) = await client.letters("ACCOUNT_DELETION")
    assert letter["data"] == {"purge_at": "2026-05-30T09:30:00+00:00"}


async def test_nothing_is_announced_to_who_leaves(client: Client, service: UsersBatches) -> None:
    asha, _ravi = await client.newcomer(), await client.newcomer("ravi@example.com")
    await client.result(DELETE, asha, password=PASSWORD)
    announcer = Viewer(user_id=asha.user_id, scopes=frozenset({"notify:write"}))
    announce = 'mutation { result: announcementSend(input: {title: "t", body: "b", channels: [IN_APP]}) { ok } }'

    sent = await client.result(announce, announcer)

    assert sent == {"ok": True}
    assert await service.write_announcements() == 1


async def test_asking_again_changes_nothing(client: Client, clock: TurnedClock) -> None:
    asha = await client.newcomer()
    await client.result(DELETE, asha, password=PASSWORD)
    clock.turn(timedelta(days=10))

    await asyncio.gather(*(client.result(DELETE, asha, password=PASSWORD) for _ in range(3)))

    assert await scheduled(client, asha) == "2026-05-30T09:30:00+00:00"
    assert len(await client.letters("ACCOUNT_DELETION")) == 1


async def test_a_wrong_password_deletes_nothing(client: Client) -> None:
    asha = await client.newcomer()

    refused = await client.result(DELETE, asha, password="Wrong-Horse-7")

    assert refused == {"errors": [{"code": "PASSWORD_WRONG", "path": ["password"]}], "account": None}
    assert await scheduled(client, asha) is None
    assert await actions(client) == ["account.deletion_request FAILURE"]


@pytest.mark.requirement("IN-GDPR-1")
async def test_the_owner_can_sign_in_again_and_keep_the_account(
    client: Client, service: UsersBatches, clock: TurnedClock
) -> None:
    asha = await client.newcomer()
    await client.result(DELETE, asha, password=PASSWORD)
    clock.turn(timedelta(days=89))

    back = client.viewer_of(await client.login())
    kept = await client.result(KEEP, back)
    again = await client.result(KEEP, back)
    clock.turn(timedelta(days=30))
    purged = await service.purge_accounts()

    assert kept == {"errors": [], "account": {"deletionScheduledFor": None}}
    assert again["errors"] == [{"code": "NO_DELETION"}]
    assert purged == 0
    assert len(await client.letters("ACCOUNT_DELETION_CANCELED")) == 1


@pytest.mark.requirement("NFR-SEC-006")
async def test_after_90_days_the_address_is_free_again_and_the_old_account_cannot_be_signed_in_to(
    client: Client, service: UsersBatches, clock: TurnedClock
) -> None:
    asha = await client.newcomer()
    await client.result(DELETE, asha, password=PASSWORD)
    clock.turn(timedelta(days=90) - timedelta(seconds=1))
    early = await service.purge_accounts()
    signed_in = await client.login()
    clock.turn(timedelta(seconds=1))

    purged = await service.purge_accounts()

    refused = await client.login()
    refreshed = await client.refresh(signed_in["refreshToken"])
    registered = await client.register()
    assert (early, purged) == (0, 1)
    assert (refused["__typename"], refreshed["__typename"]) == ("InvalidCredentials", "TokenInvalid")
    assert registered["user"]["id"] != asha.user_id
    assert (await topics(client)).count("account_deleted") == 1


async def test_a_kids_profile_can_do_nothing_to_the_account(client: Client) -> None:
    asha = await client.newcomer()
    kid = Viewer(user_id=asha.user_id, profile_id=asha.profile_id, is_kids=True)

    for query, variables in ((DELETE, {"password": PASSWORD}), (EXPORT, {}), (CONSENT, {"input": []}), (KEEP, {})):
        response = await client.run(query, kid, **variables)
        assert [error["extensions"]["code"] for error in response["errors"]] == ["FORBIDDEN"]
    assert await client.sql("SELECT 1 FROM account_deletions UNION SELECT 1 FROM data_exports") == []


async def make_export(client: Client, service: UsersBatches, viewer: Viewer) -> dict[str, Any]:
    await client.result(EXPORT, viewer)
    for export in await service.pending_exports():
        await service.finish_export(export, {"elsewhere": []})
    return await client.result(EXPORT, viewer)


@pytest.mark.requirement("IN-GDPR-1")
async def test_an_export_is_a_file_behind_a_link_that_expires(
    client: Client, service: UsersBatches, http: httpx.AsyncClient, clock: TurnedClock
) -> None:
    asha = await client.newcomer()
    pending = await client.result(EXPORT, asha)

    ready = await make_export(client, service, asha)
    fetched = await http.get(ready["url"])
    (letter,) = await client.letters("DATA_EXPORT_READY")
    clock.turn(timedelta(days=7))
    late = await http.get(ready["url"])
    expired = await service.expire_exports()
    anew = await client.result(EXPORT, asha)

    assert (pending["status"], pending["url"], ready["status"]) == ("PENDING", None, "READY")
    assert pending["id"] == ready["id"] != anew["id"]
    assert ready["expiresAt"] == "2026-03-08T09:30:00+00:00"
    assert json.loads(fetched.content)["data"]["account"][0]["email"] == "asha@example.com"
    assert fetched.headers["content-disposition"].startswith("attachment;")
    assert fetched.headers["cache-control"] == "no-store"
    assert letter["data"]["url"] == ready["url"]
    assert (late.status_code, expired, anew["status"]) == (404, 1, "PENDING")
    assert "account.data_export_read SUCCESS" in await actions(client)


async def test_no_other_link_opens_an_export(client: Client, service: UsersBatches, http: httpx.AsyncClient) -> None:
    asha, ravi = await client.newcomer(), await client.newcomer("ravi@example.com")
    hers = urlsplit((await make_export(client, service, asha))["url"])
    his = urlsplit((await make_export(client, service, ravi))["url"])
    query = parse_qs(hers.query)
    later = f"expires={int(query['expires'][0]) + 1}&signature={query['signature'][0]}"
    forged = [
        hers._replace(path=his.path),
        hers._replace(query=""),
        hers._replace(query=later),
        hers._replace(query=hers.query.replace("expires=", "expires=-")),
        hers._replace(query=hers.query[:-1] + "é"),
        hers._replace(path="/exports/00000000-0000-4000-8000-000000000000"),
    ]

    answers = [(await http.get(urlunsplit(each))).status_code for each in forged]

    assert answers == 6 * [404]
    assert (await http.get(urlunsplit(hers))).status_code == 200


async def test_the_file_lies_sealed_on_disk(client: Client, service: UsersBatches, settings: Settings) -> None:
    asha = await client.newcomer()
    await make_export(client, service, asha)

    (path,) = (settings.objects_dir / "exports").iterdir()
    assert "asha" not in path.read_text()
    assert path.stat().st_mode & 0o777 == 0o600


async def test_a_complaint_is_acknowledged_at_once_and_due_in_15_days(client: Client) -> None:
    asha = await client.newcomer()

    answer = await client.result(COMPLAIN, asha, input={"category": "PRIVACY", "text": "Who reads this?"})
    stranger = await client.result(
        COMPLAIN, ANONYMOUS, input={"category": "CONTENT", "text": "Too loud.", "email": "Ravi@example.com"}
    )

    letters = await client.letters("GRIEVANCE_RECEIVED")
    stored = await client.sql("SELECT content FROM grievances")
    assert answer["errors"] == stranger["errors"] == []
    assert answer["grievance"]["receivedAt"] == "2026-03-01T09:30:00+00:00"
    assert answer["grievance"]["dueAt"] == "2026-03-16T09:30:00+00:00"
    assert [letter["email"] for letter in letters] == ["asha@example.com", "ravi@example.com"]
    assert not any("reads" in row["content"] for row in stored)


@pytest.mark.parametrize(
    ("given", "errors"),
    [
        ({"category": "RAGE", "text": "x", "email": "a@example.com"}, ["GRIEVANCE_INVALID category"]),
        ({"category": "OTHER", "text": " ", "email": "a@example.com"}, ["GRIEVANCE_INVALID text"]),
        ({"category": "OTHER", "text": "x" * 5001}, ["GRIEVANCE_INVALID text", "GRIEVANCE_INVALID email"]),
        ({"category": "OTHER", "text": "x", "email": "nobody"}, ["EMAIL_INVALID email"]),
    ],
)
async def test_a_complaint_that_cannot_be_answered_is_refused(
    client: Client, given: dict[str, str], errors: list[str]
) -> None:
    refused = await client.result(COMPLAIN, ANONYMOUS, input=given)

    assert [f"{error['code']} {error['path'][-1]}" for error in refused["errors"]] == errors
    assert await client.sql("SELECT 1 FROM grievances") == []


@pytest.mark.requirement("IN-GDPR-1")
async def test_objecting_to_personal_recommendations_is_told_to_other_domains(client: Client) -> None:
    asha = await client.newcomer()
    update = (
        "mutation ($id: ID!, $out: Boolean!) { result: profileUpdate(id: $id, input: {personalizationOptOut: $out}) "
        "{ errors { code } profile { personalizationOptOut } } }"
    )

    out = await client.result(update, asha, id=asha.profile_id, out=True)
    back = await client.result(update, asha, id=asha.profile_id, out=False)

    assert out["profile"] == {"personalizationOptOut": True}
    assert back["profile"] == {"personalizationOptOut": False}
    rows = await client.sql(
        "SELECT payload FROM outbox WHERE topic = 'users.personalization_changed' ORDER BY position"
    )
    payloads = [json.loads(row["payload"]) for row in rows]
    assert [(each["profile_id"], each["opted_out"]) for each in payloads] == [
        (asha.profile_id, True),
        (asha.profile_id, False),
    ]
