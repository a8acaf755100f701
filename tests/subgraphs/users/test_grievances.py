"""Complaints: read and decided by the officer, once, within 15 days; told to who complained."""

import asyncio
from datetime import timedelta
from typing import Any

import pytest

from subgraphs.shared.identity import ANONYMOUS, Viewer
from tests.subgraphs.users.conftest import TurnedClock
from tests.subgraphs.users.support import Client

SUBMIT = """mutation ($input: GrievanceInput!) {
  result: grievanceSubmit(input: $input) { grievance { id dueAt status } errors { code } } }"""
LIST = """query ($status: GrievanceStatus, $first: Int, $after: String) {
  result: grievances(status: $status, first: $first, after: $after) {
    edges { node { id reference category text accountId email status dueAt overdue decidedAt decision } }
    pageInfo { hasNextPage endCursor } } }"""
DECIDE = """mutation ($id: ID!, $decision: String!) {
  result: grievanceDecide(id: $id, decision: $decision) {
    grievance { id status decidedAt decision } errors { code path } } }"""


async def officer_of(client: Client) -> Viewer:
    account = await client.newcomer("officer@example.com")
    return Viewer(user_id=account.user_id, scopes=frozenset({"grievances:write"}))


async def complain(client: Client, text: str = "Too loud.", viewer: Viewer = ANONYMOUS, **more: Any) -> dict[str, Any]:
    given = {"category": "CONTENT", "text": text, "email": "ravi@example.com", **more}
    submitted = await client.result(SUBMIT, viewer, input=given)
    assert submitted["errors"] == []
    grievance: dict[str, Any] = submitted["grievance"]
    return grievance


@pytest.mark.requirement("IN-PRIV-1")
async def test_the_officer_reads_what_is_due_first_and_decides_it(client: Client, clock: TurnedClock) -> None:
    officer, asha = await officer_of(client), await client.newcomer()
    first = await complain(client, "An old one.")
    clock.turn(timedelta(days=1))
    second = await complain(client, "A new one.", asha, email=None)

    listed = await client.result(LIST, officer, status="RECEIVED")
    page = await client.result(LIST, officer, first=1)
    rest = await client.result(LIST, officer, first=1, after=page["pageInfo"]["endCursor"])
    clock.turn(timedelta(days=14, seconds=1))
    overdue = [edge["node"]["overdue"] for edge in (await client.result(LIST, officer))["edges"]]
    decided = await client.result(DECIDE, officer, id=first["id"], decision=" We turned it down. ")
    left = await client.result(LIST, officer, status="RECEIVED")

    nodes = [edge["node"] for edge in listed["edges"]]
    assert [(node["id"], node["text"]) for node in nodes] == [
        (first["id"], "An old one."),
        (second["id"], "A new one."),
    ]
    assert [(node["accountId"], node["email"]) for node in nodes] == [
        (None, "ravi@example.com"),
        (asha.user_id, "asha@example.com"),
    ]
    assert [edge["node"]["id"] for each in (page, rest) for edge in each["edges"]] == [first["id"], second["id"]]
    assert overdue == [True, False]
    assert decided == {
        "grievance": {
            "id": first["id"],
            "status": "DECIDED",
            "decidedAt": clock.now.isoformat(),
            "decision": "We turned it down.",
        },
        "errors": [],
    }
    assert [edge["node"]["id"] for edge in left["edges"]] == [second["id"]]


async def test_the_decision_is_written_to_who_complained_and_sealed_on_its_way(client: Client) -> None:
    officer = await officer_of(client)
    grievance = await complain(client)

    await client.result(DECIDE, officer, id=grievance["id"], decision="You are right.")

    [letter] = await client.letters("GRIEVANCE_DECIDED")
    assert (letter["email"], letter["data"]["decision"]) == ("ravi@example.com", "You are right.")
    events, rows = "SELECT payload::text AS text FROM outbox", "SELECT grievances::text FROM grievances"
    stored = await client.sql(f"{events} UNION ALL {rows}")
    assert [row for row in stored if "You are right." in row["text"] or "Too loud." in row["text"]] == []


async def test_of_ten_decisions_at_once_one_counts(client: Client) -> None:
    officer = await officer_of(client)
    grievance = await complain(client)

    results = await asyncio.gather(
        *(client.result(DECIDE, officer, id=grievance["id"], decision=f"No. {number}") for number in range(10))
    )

    codes = [error["code"] for result in results for error in result["errors"]]
    assert codes == ["GRIEVANCE_DECIDED"] * 9
    assert len(await client.letters("GRIEVANCE_DECIDED")) == 1
    recorded = await client.sql(
        "SELECT outcome, count(*) FROM audit_entries WHERE action = 'admin.grievance_decide' GROUP BY outcome"
    )
    assert {row["outcome"]: row["count"] for row in recorded} == {"SUCCESS": 1, "FAILURE": 9}


@pytest.mark.parametrize(
    ("change", "code", "path"),
    [
        ({"decision": " "}, "DECISION_INVALID", ["decision"]),
        ({"decision": "x" * 5001}, "DECISION_INVALID", ["decision"]),
        ({"id": "R3JpZXZhbmNlOjAwMDAwMDAwLTAwMDAtMDAwMC0wMDAwLTAwMDAwMDAwMDAwMA"}, "GRIEVANCE_UNKNOWN", ["id"]),
    ],
)
async def test_a_decision_without_words_or_complaint_changes_nothing(
    client: Client, change: dict[str, str], code: str, path: list[str]
) -> None:
    officer = await officer_of(client)
    grievance = await complain(client)

    refused = await client.result(DECIDE, officer, **{"id": grievance["id"], "decision": "Yes.", **change})

    assert refused == {"grievance": None, "errors": [{"code": code, "path": path}]}
    assert (await client.result(LIST, officer))["edges"][0]["node"]["status"] == "RECEIVED"


async def test_nobody_else_reads_or_decides_complaints(client: Client) -> None:
    asha = await client.newcomer()
    grievance = await complain(client, viewer=asha)

    read = await client.run(LIST, asha)
    decided = await client.run(DECIDE, asha, id=grievance["id"], decision="Yes.")

    assert [each["errors"][0]["extensions"]["code"] for each in (read, decided)] == ["FORBIDDEN"] * 2
    assert await client.letters("GRIEVANCE_DECIDED") == []
