"""One id ties together the answer, the audit log, and every line of the logs."""

import json
import subprocess
import sys
from uuid import uuid4

import pytest

from stack.home import PROJECT
from tests.e2e.platform import Platform

LOGIN = 'mutation { login(input: {email: "nobody@example.com", password: "Wrong-Horse-7"}) { __typename } }'
LOG = """query ($action: String!) {
  auditLog(first: 100, filter: {action: $action}) { edges { node { correlationId ipHash reason } } }
}"""

LOGGING_ROUTER = """
import asyncio, httpx
from router.telemetry import configure_logging
from tests.router.http.kit import app_in_memory, shop

configure_logging("DEBUG")

async def main():
    subgraphs = shop()
    async def broken(request):
        raise RuntimeError("broken")
    subgraphs["accounts"].call = broken
    app = app_in_memory(subgraphs)
    async with httpx.AsyncClient(transport=httpx.ASGITransport(app=app), base_url="http://router.test") as client:
        for query in ("{ me { name } }", "{ nonsense }", "{ topProducts { name } }"):
            answer = await client.post(
                "/graphql", json={"query": query}, headers={"x-correlation-id": "trace-of-this-test"}
            )
            assert answer.headers["x-correlation-id"] == "trace-of-this-test"
    await app.aclose()

asyncio.run(main())
"""


@pytest.mark.requirement("IN-GW-03", "NFR-SEC-006")
async def test_the_id_of_a_request_comes_back_and_is_in_the_audit_log(platform: Platform) -> None:
    trace = f"trace-{uuid4().hex}"

    answer = await platform.http.post("/graphql", json={"query": LOGIN}, headers={"x-correlation-id": trace})

    assert answer.headers["x-correlation-id"] == trace
    log = await platform.data(LOG, {"action": "auth.login"}, token=platform.token("admin"))
    [entry] = [edge["node"] for edge in log["auditLog"]["edges"] if edge["node"]["correlationId"] == trace]
    assert entry["reason"] == "INVALID_CREDENTIALS"
    assert entry["ipHash"]
    assert "127.0.0.1" not in entry["ipHash"]


@pytest.mark.requirement("IN-GW-03")
def test_every_line_of_the_log_of_a_request_has_its_id() -> None:
    done = subprocess.run(
        [sys.executable, "-c", LOGGING_ROUTER], cwd=PROJECT, capture_output=True, text=True, timeout=60, check=False
    )

    assert done.returncode == 0, done.stderr
    lines = [json.loads(line) for line in done.stderr.splitlines()]
    assert {line["correlation_id"] for line in lines} == {"trace-of-this-test"}
    assert [line["event"] for line in lines].count("request") == 3
    assert len(lines) > 3
