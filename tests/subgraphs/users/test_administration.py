"""Administrators: finding accounts, suspending, unlocking, roles, and the log of it all."""

import asyncio
from datetime import timedelta
from typing import Any

import pytest

from subgraphs.shared.identity import Viewer
from subgraphs.shared.ids import decode_id
from subgraphs.users.models import Role
from subgraphs.users.service.scopes import ROLE_SCOPES
from tests.subgraphs.users.conftest import TurnedClock
from tests.subgraphs.users.support import PASSWORD, Client

USERS = """
query ($filter: UserFilter, $first: Int! = 20, $after: String) {
  users(filter: $filter, first: $first, after: $after) {
    totalCount edges { node { email status roles } } pageInfo { hasNextPage endCursor }
  }
}"""
USER = "query ($id: ID!) { user(id: $id) { id email profiles { name } } }"
LOG = """
query ($filter: AuditFilter, $first: Int! = 50, $after: String) {
  auditLog(filter: $filter, first: $first, after: $after) {
    edges { node { action outcome reason actorId subjectId ipHash changes { field before after } } }
    pageInfo { hasNextPage endCursor }
  }
}"""
_PAYLOAD = "{ account { status roles } errors { code path } }"
SUSPEND = (
    f'mutation ($id: ID!, $reason: String! = "spam") {{ result: userSuspend(id: $id, reason: $reason) {_PAYLOAD} }}'
)
REACTIVATE = f"mutation ($id: ID!) {{ result: userReactivate(id: $id) {_PAYLOAD} }}"
UNLOCK = f"mutation ($id: ID!) {{ result: userUnlock(id: $id) {_PAYLOAD} }}"
SET_ROLES = f"mutation ($id: ID!, $roles: [Role!]!) {{ result: userRolesSet(id: $id, roles: $roles) {_PAYLOAD} }}"


async def staff(client: Client, role: Role, email: str | None = None) -> Viewer:
    """Return an account with the role, with the rights that its token would carry."""
    address = email or f"{role.value.lower().replace('_', '-')}@example.com"
    await client.register(address)
    await client.sql("UPDATE users SET roles = $1 WHERE email = $2", [Role.USER.value, role.value], address)
    return client.viewer_of(await client.login(address))


async def log(client: Client, *, action: str = "") -> list[tuple[str, str, str | None, str | None]]:
    rows = await client.sql(
        "SELECT action, outcome, reason, subject_id FROM audit_entries WHERE action LIKE $1 ORDER BY position",
        f"{action}%",
    )
    return [(row["action"], row["outcome"], row["reason"], row["subject_id"]) for row in rows]


def errors_of(payload: dict[str, Any]) -> list[tuple[str, list[str] | None]]:
    assert payload["account"] is None
    return [(error["code"], error["path"]) for error in payload["errors"]]


@pytest.mark.requirement("CL-03")
async def test_finds_accounts_by_address_status_and_role_in_pages(client: Client, clock: TurnedClock) -> None:
    for name in ("asha", "ashok", "ravi"):
        await client.register(f"{name}@example.com")
        clock.turn(timedelta(seconds=1))
    support = await staff(client, Role.SUPPORT)

    async def found(first: int = 20, after: str | None = None, **given: Any) -> list[str]:
        answer = await client.run(USERS, support, filter=given or None, first=first, after=after)
        assert "errors" not in answer, answer
        return [edge["node"]["email"] for edge in answer["data"]["users"]["edges"]]

    assert await found() == ["support@example.com", "ravi@example.com", "ashok@example.com", "asha@example.com"]
    assert await found(query="ASH") == ["ashok@example.com", "asha@example.com"]
    assert await found(query="%") == []
    assert await found(query=support.user_id) == ["support@example.com"]
    assert await found(role="SUPPORT") == ["support@example.com"]
    assert await found(status="SUSPENDED") == []
    page = (await client.run(USERS, support, first=3))["data"]["users"]
    assert (page["totalCount"], page["pageInfo"]["hasNextPage"]) == (4, True)
    assert await found(first=3, after=page["pageInfo"]["endCursor"]) == ["asha@example.com"]


async def test_shows_one_account_and_records_who_looked(client: Client) -> None:
    asha = await client.newcomer()
    support = await staff(client, Role.SUPPORT)

    answer = await client.run(USER, support, id=asha.user_id)
    nobody = await client.run(USER, support, id="VXNlcjowMDAwMDAwMC0wMDAwLTAwMDAtMDAwMC0wMDAwMDAwMDAwMDA")

    assert answer["data"]["user"] == {"id": asha.user_id, "email": "asha@example.com", "profiles": [{"name": "asha"}]}
    assert nobody == {"data": {"user": None}}
    assert (await log(client, action="admin."))[0] == ("admin.user_read", "SUCCESS", None, asha.user_id)


@pytest.mark.requirement("CS-09", "IN-8.1-b")
async def test_a_suspended_account_loses_its_sessions_and_cannot_sign_in(client: Client, clock: TurnedClock) -> None:
    await client.register()
    tokens = await client.login()
    asha = client.viewer_of(tokens)
    support = await staff(client, Role.SUPPORT)

    payload = await client.result(SUSPEND, support, id=asha.user_id, reason=" Sells accounts ")

    assert payload == {"account": {"status": "SUSPENDED", "roles": ["USER"]}, "errors": []}
    assert (await client.refresh(tokens["refreshToken"]))["__typename"] == "TokenInvalid"
    assert (await client.login())["__typename"] == "AccountSuspended"
    [letter] = await client.letters("ACCOUNT_SUSPENDED")
    assert letter["email"] == "asha@example.com"
    [row] = await client.sql("SELECT * FROM audit_entries WHERE action = 'admin.user_suspend'")
    assert str(row["actor_id"]) == str(decode_id(support.user_id or "", "User").uuid)
    assert row["subject_id"] == asha.user_id
    assert '"Sells accounts"' in row["changes"]

    assert (await client.result(SUSPEND, support, id=asha.user_id))["errors"] == []
    assert len(await client.letters("ACCOUNT_SUSPENDED")) == 1
    back = await client.result(REACTIVATE, support, id=asha.user_id)
    assert back["account"]["status"] == "ACTIVE"
    assert (await client.login())["__typename"] == "AuthTokens"


async def test_unlocking_forgets_wrong_passwords(client: Client) -> None:
    asha = await client.newcomer()
    support = await staff(client, Role.SUPPORT)
    for _ in range(5):
        await client.login(password="Wrong-Horse-7")
    assert (await client.login())["__typename"] == "AccountLocked"

    payload = await client.result(UNLOCK, support, id=asha.user_id)

    assert payload["errors"] == []
    assert (await client.login(password=PASSWORD))["__typename"] == "AuthTokens"
    assert ("admin.user_unlock", "SUCCESS", None, asha.user_id) in await log(client)


@pytest.mark.requirement("IN-RBAC-1")
async def test_roles_are_what_the_next_token_carries(client: Client) -> None:
    await client.register()
    tokens = await client.login()
    asha = client.viewer_of(tokens)
    admin = await staff(client, Role.ADMIN)

    payload = await client.result(SET_ROLES, admin, id=asha.user_id, roles=["REVIEWER", "REVIEWER", "CREATOR"])

    assert payload == {"account": {"status": "ACTIVE", "roles": ["USER", "CREATOR", "REVIEWER"]}, "errors": []}
    fresh = client.viewer_of(await client.refresh(tokens["refreshToken"]))
    assert fresh.scopes == ROLE_SCOPES[Role.CREATOR] | ROLE_SCOPES[Role.REVIEWER]
    [row] = await client.sql("SELECT changes FROM audit_entries WHERE action = 'admin.user_roles_set'")
    assert '"after": "USER CREATOR REVIEWER"' in row["changes"]


async def test_nobody_acts_on_themselves(client: Client) -> None:
    admin = await staff(client, Role.ADMIN)

    assert errors_of(await client.result(SET_ROLES, admin, id=admin.user_id, roles=["CREATOR"])) == [
        ("OWN_ACCOUNT", ["id"])
    ]
    assert errors_of(await client.result(SUSPEND, admin, id=admin.user_id)) == [("OWN_ACCOUNT", ["id"])]
    assert errors_of(await client.result(UNLOCK, admin, id=admin.user_id)) == [("OWN_ACCOUNT", ["id"])]
    [row] = await client.sql("SELECT roles, status FROM users")
    assert (row["roles"], row["status"]) == (["USER", "ADMIN"], "ACTIVE")
    assert ("admin.user_suspend", "FAILURE", "OWN_ACCOUNT", admin.user_id) in await log(client)


async def test_nobody_acts_on_who_holds_more(client: Client) -> None:
    admin, support = await staff(client, Role.ADMIN), await staff(client, Role.SUPPORT)

    answer = await client.run(SUSPEND, support, id=admin.user_id)

    assert (answer["data"], [error["extensions"]["code"] for error in answer["errors"]]) == (None, ["FORBIDDEN"])
    assert (await client.sql("SELECT status FROM users WHERE email = 'admin@example.com'"))[0]["status"] == "ACTIVE"
    assert ("admin.user_suspend", "FAILURE", "FORBIDDEN", admin.user_id) in await log(client)


async def test_two_admins_who_take_each_others_role_leave_one(client: Client) -> None:
    one, two = await staff(client, Role.ADMIN, "one@example.com"), await staff(client, Role.ADMIN, "two@example.com")

    answers = await asyncio.gather(
        client.run(SET_ROLES, one, id=two.user_id, roles=["USER"]),
        client.run(SET_ROLES, two, id=one.user_id, roles=["USER"]),
    )

    outcomes = sorted(answer["errors"][0]["extensions"]["code"] if "errors" in answer else "done" for answer in answers)
    assert outcomes == ["FORBIDDEN", "done"]
    rows = await client.sql("SELECT 1 FROM users WHERE 'ADMIN' = ANY(roles)")
    assert len(rows) == 1


async def test_rights_that_were_taken_away_count_at_once_whatever_the_token_says(client: Client) -> None:
    asha = await client.newcomer()
    admin = await staff(client, Role.ADMIN)
    await client.sql("UPDATE users SET roles = '{USER}' WHERE email = 'admin@example.com'")

    answer = await client.run(SET_ROLES, admin, id=asha.user_id, roles=["ADMIN"])

    assert [error["extensions"]["code"] for error in answer["errors"]] == ["FORBIDDEN"]
    assert (await client.sql("SELECT roles FROM users WHERE email = 'asha@example.com'"))[0]["roles"] == ["USER"]


@pytest.mark.parametrize(
    ("mutation", "more", "error"),
    [
        (SUSPEND, {"reason": "  "}, ("REASON_INVALID", ["reason"])),
        (SUSPEND, {"reason": "x" * 501}, ("REASON_INVALID", ["reason"])),
        (SUSPEND, {}, ("ACCOUNT_UNKNOWN", ["id"])),
        (REACTIVATE, {}, ("ACCOUNT_UNKNOWN", ["id"])),
        (SET_ROLES, {"roles": []}, ("ACCOUNT_UNKNOWN", ["id"])),
    ],
)
async def test_what_cannot_be_done_is_an_error_of_the_form(
    client: Client, mutation: str, more: dict[str, Any], error: tuple[str, list[str]]
) -> None:
    admin = await staff(client, Role.ADMIN)
    unknown = "VXNlcjowMDAwMDAwMC0wMDAwLTAwMDAtMDAwMC0wMDAwMDAwMDAwMDA"

    assert errors_of(await client.result(mutation, admin, id=unknown, **more)) == [error]


@pytest.mark.requirement("FF-02", "NFR-SEC-006")
async def test_every_attempt_to_sign_in_is_in_the_log_without_address_or_password(client: Client) -> None:
    asha = await client.newcomer()
    await client.login(password="Wrong-Horse-7")
    await client.login("nobody@example.com", "Secret-Horse-9")
    admin = await staff(client, Role.ADMIN)
    here = Viewer(user_id=admin.user_id, session_id=admin.session_id, scopes=admin.scopes, client_ip="203.0.113.9")

    answer = await client.run(LOG, here, filter={"action": "auth.login"})

    nodes = [edge["node"] for edge in answer["data"]["auditLog"]["edges"]]
    seen = [(node["outcome"], node["reason"], node["subjectId"]) for node in nodes]
    assert seen == [
        ("SUCCESS", None, admin.user_id),
        ("FAILURE", "INVALID_CREDENTIALS", None),
        ("FAILURE", "INVALID_CREDENTIALS", asha.user_id),
        ("SUCCESS", None, asha.user_id),
    ]
    whole = str(await client.sql("SELECT * FROM audit_entries"))
    for secret in ("nobody@example.com", "asha@example.com", "Wrong-Horse", "Secret-Horse", PASSWORD):
        assert secret not in whole
    again = await client.run(LOG, here, filter={"action": "admin."})
    [own] = [edge["node"] for edge in again["data"]["auditLog"]["edges"]]
    assert (own["action"], own["actorId"]) == ("admin.audit_read", admin.user_id)
    assert own["ipHash"].startswith("2026-03.")


async def test_the_log_is_read_in_pages_and_narrowed(client: Client) -> None:
    asha = await client.newcomer()
    await client.newcomer("ravi@example.com")
    admin = await staff(client, Role.ADMIN)

    own = await client.run(LOG, admin, filter={"subjectId": asha.user_id, "outcome": "SUCCESS"}, first=1)
    more = await client.run(
        LOG,
        admin,
        filter={"subjectId": asha.user_id},
        first=100,
        after=own["data"]["auditLog"]["pageInfo"]["endCursor"],
    )

    assert own["data"]["auditLog"]["pageInfo"]["hasNextPage"] is True
    assert {edge["node"]["subjectId"] for edge in more["data"]["auditLog"]["edges"]} == {asha.user_id}


@pytest.mark.parametrize("query", [USERS, LOG, '{ user(id: "x") { id } }'])
async def test_a_viewer_without_the_scope_is_refused_by_the_subgraph_itself(client: Client, query: str) -> None:
    asha = await client.newcomer()

    signed_in = await client.run(query, asha)
    anonymous = await client.run(query)

    assert [error["extensions"]["code"] for error in signed_in["errors"]] == ["FORBIDDEN"]
    assert [error["extensions"]["code"] for error in anonymous["errors"]] == ["UNAUTHENTICATED"]
    assert await log(client, action="admin.") == []


@pytest.mark.requirement("CL-08")
async def test_a_viewer_is_told_its_permissions(client: Client) -> None:
    support = await staff(client, Role.SUPPORT)

    answers = [await client.run("{ viewer { permissions } }", viewer) for viewer in (support, await client.newcomer())]

    assert [answer["data"]["viewer"]["permissions"] for answer in answers] == [sorted(ROLE_SCOPES[Role.SUPPORT]), []]
