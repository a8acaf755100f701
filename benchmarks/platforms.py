"""Platforms of a benchmark: started on a free port with a home of their own, seeded, and stopped at the end."""

import contextlib
import json
import os
import signal
import subprocess
import sys
import time
import urllib.request
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from benchmarks.processes import tree
from stack.home import PROJECT
from stack.seed.accounts import DEMO_PASSWORD, DEMO_PEOPLE

STORES = frozenset({"documents", "postgres", "valkey"})
"""The roles that are no code of ours."""

LOGIN = """mutation Login($email: String!, $password: String!) {
  login(input: {email: $email, password: $password}) { ... on AuthTokens { accessToken refreshToken } }
}"""
_START_SECONDS = 180

Roles = dict[str, list[int]]
"""Process ids by role."""


@dataclass(frozen=True, slots=True)
class Platform:
    """A running platform."""

    name: str
    port: int
    pid: int
    home: Path

    def post(self, query: str, variables: dict[str, Any]) -> dict[str, Any]:
        """Return the data of one request."""
        body = json.dumps({"query": query, "variables": variables}).encode()
        request = urllib.request.Request(
            f"http://127.0.0.1:{self.port}/graphql", body, {"Content-Type": "application/json"}
        )
        with urllib.request.urlopen(request, timeout=30) as reply:
            data: dict[str, Any] = json.load(reply)["data"]
        return data

    def state(self) -> dict[str, Any]:
        """Return what the platform says of itself: ports, processes, stores."""
        state: dict[str, Any] = json.loads((self.home / "state.json").read_text(encoding="utf-8"))
        return state

    def roles(self) -> Roles:
        """Return the processes by role; what belongs to no named one counts as `supervisor`."""
        every = set(tree(self.pid))
        roles: Roles = {}
        for name, pid in self.state()["processes"].items():
            mine = set(tree(pid)) & every if name != "fork server" else {pid}
            roles.setdefault(_role(name), []).extend(mine)
            every -= mine
        return roles | {"supervisor": [*roles.get("supervisor", []), *every]}

    def headers(self, token: str) -> dict[str, str]:
        """Return the headers of a viewer's requests."""
        return {"Authorization": f"Bearer {token}"}

    def tokens(self, count: int) -> list[str]:
        """Return access tokens for `count` sessions of the demo viewers, one after the other."""
        emails = [DEMO_PEOPLE[number % len(DEMO_PEOPLE)].email for number in range(count)]
        return [
            self.post(LOGIN, {"email": email, "password": DEMO_PASSWORD})["login"]["accessToken"] for email in emails
        ]


def _role(process: str) -> str:
    return "supervisor" if process == "fork server" else process.rstrip("-0123456789")


@contextlib.contextmanager
def started(name: str, folder: Path, *options: str, environment: Mapping[str, str] | None = None) -> Iterator[Platform]:
    """Start a platform, seeded, on a free port, and stop it after the block."""
    home = folder / name
    log = (folder / f"{name}.log").open("wb")
    process = subprocess.Popen(
        [sys.executable, "-m", "stack", "up", "--port", "0", *options],
        # Few viewers ask here as often as many.
        env={**os.environ, "REELGRAPH_HOME": str(home), "ROUTER_RATE_LIMITS": "{}", **(environment or {})},
        cwd=PROJECT,
        stdout=log,
        stderr=subprocess.STDOUT,
    )
    try:
        yield Platform(name, _await_port(process, home), process.pid, home)
    finally:
        process.send_signal(signal.SIGINT)
        process.wait(60)
        log.close()


def _await_port(process: subprocess.Popen[bytes], home: Path) -> int:
    deadline = time.monotonic() + _START_SECONDS
    while time.monotonic() < deadline and process.poll() is None:
        time.sleep(0.2)
        with contextlib.suppress(OSError, ValueError, KeyError):
            url = str(json.loads((home / "state.json").read_text(encoding="utf-8"))["running"]["url"])
            with urllib.request.urlopen(f"{url}/ready", timeout=2):
                return int(url.rsplit(":", 1)[1])
    raise RuntimeError(f"The platform did not start; see {home.parent}.")
