"""The home page under load: `python -m benchmarks.home`, on the real embedded servers, together and apart.

Starts both ways of running side by side on a seeded platform of their own, lets many viewers ask for the home page in
interleaved rounds, and prints requests/s, latencies, CPU per request by role of process, and memory. `--profile` then
says where a process that holds everything spends its time. Read the ratios: the machine is shared with the clients.
"""

import argparse
import asyncio
import contextlib
import json
import os
import signal
import subprocess
import sys
import tempfile
import time
import urllib.request
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from benchmarks.load import Outcome, http_request, run
from benchmarks.processes import Usage, tree, usage
from benchmarks.profile import profile_home
from stack.home import PROJECT
from stack.seed.accounts import DEMO_PASSWORD, DEMO_PEOPLE

HOME = (PROJECT / "schema" / "operations" / "home.graphql").read_text(encoding="utf-8")
LOGIN = """mutation Login($email: String!, $password: String!) {
  login(input: {email: $email, password: $password}) { ... on AuthTokens { accessToken refreshToken } }
}"""
_START_SECONDS = 180


@dataclass(frozen=True, slots=True)
class Stack:
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

    def roles(self) -> dict[str, list[int]]:
        """Return the processes by role; what belongs to no named one counts as `supervisor`."""
        state = json.loads((self.home / "state.json").read_text(encoding="utf-8"))
        every = set(tree(self.pid))
        roles: dict[str, list[int]] = {}
        for name, pid in state["processes"].items():
            mine = set(tree(pid)) & every if name != "fork server" else {pid}
            roles.setdefault(_role(name), []).extend(mine)
            every -= mine
        return roles | {"supervisor": [*roles.get("supervisor", []), *every]}


def _role(process: str) -> str:
    return "supervisor" if process == "fork server" else process.rstrip("-0123456789")


@contextlib.contextmanager
def started(name: str, folder: Path, *options: str) -> Iterator[Stack]:
    """Start a platform, seeded, on a free port, and stop it after the block."""
    home = folder / name
    log = (folder / f"{name}.log").open("wb")
    process = subprocess.Popen(
        [sys.executable, "-m", "stack", "up", "--port", "0", *options],
        # Few viewers ask here as often as many.
        env={**os.environ, "REELGRAPH_HOME": str(home), "ROUTER_RATE_LIMITS": "{}"},
        cwd=PROJECT,
        stdout=log,
        stderr=subprocess.STDOUT,
    )
    try:
        yield Stack(name, _await_port(process, home), process.pid, home)
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


def viewers(stack: Stack, count: int) -> list[str]:
    """Return access tokens for `count` sessions of the demo viewers, one after the other."""
    emails = [DEMO_PEOPLE[number % len(DEMO_PEOPLE)].email for number in range(count)]
    return [stack.post(LOGIN, {"email": email, "password": DEMO_PASSWORD})["login"]["accessToken"] for email in emails]


@dataclass(slots=True)
class Result:
    """One way of running over all rounds."""

    stack: Stack
    requests: Sequence[bytes]
    outcome: Outcome
    cpu_seconds: dict[str, float]

    def measure(self, *, clients: int, seconds: float) -> None:
        """Run one round and add it up."""
        before = {role: usage(pids) for role, pids in self.stack.roles().items()}
        outcome = asyncio.run(run(self.stack.port, self.requests, clients=clients, seconds=seconds, expect=b'"trays"'))
        after = {role: usage(pids) for role, pids in self.stack.roles().items()}
        self.outcome.seconds += outcome.seconds
        self.outcome.latencies_ms += outcome.latencies_ms
        self.outcome.failures += outcome.failures
        for role, used in after.items():
            spent = used.cpu_seconds - before.get(role, Usage(0, 0)).cpu_seconds
            self.cpu_seconds[role] = self.cpu_seconds.get(role, 0) + spent


def main() -> None:
    """Measure and print the tables."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--clients", type=int, default=8, help="connections that ask at the same time")
    parser.add_argument("--viewers", type=int, default=40, help="different people who ask")
    parser.add_argument("--rounds", type=int, default=3)
    parser.add_argument("--seconds", type=float, default=8, help="length of a round")
    parser.add_argument("--profile", action="store_true", help="also say where the time goes")
    arguments = parser.parse_args()
    with tempfile.TemporaryDirectory(prefix="reelgraph-benchmark-") as folder:
        Path(folder).chmod(0o711)
        with (
            started("together", Path(folder)) as together,
            started("apart", Path(folder), "--apart") as apart,
        ):
            results = [_prepare(stack, arguments.viewers) for stack in (together, apart)]
            for number in range(arguments.rounds):
                for result in results if number % 2 == 0 else reversed(results):
                    result.measure(clients=arguments.clients, seconds=arguments.seconds)
            for result in results:
                _print(result, arguments)
            if arguments.profile:
                profile_home(together.home, HOME)


def _prepare(stack: Stack, count: int) -> Result:
    """Return the requests of all viewers; everybody has asked once before anything is measured."""
    body = json.dumps({"query": HOME}).encode()
    requests = [http_request("127.0.0.1", stack.port, body, token=token) for token in viewers(stack, count)]
    asyncio.run(run(stack.port, requests, clients=2, seconds=5, expect=b'"trays"'))
    return Result(stack, requests, Outcome(0), {})


def _print(result: Result, arguments: argparse.Namespace) -> None:
    outcome = result.outcome
    count = len(outcome.latencies_ms)
    print(f"\n{result.stack.name}: {count} requests, {arguments.clients} clients, {arguments.viewers} viewers")
    print(f"  {outcome.requests_per_second:.1f} requests/s, {outcome.failures} failures")
    percentiles = "  ".join(f"p{p} {outcome.percentile_ms(p):.0f} ms" for p in (50, 95, 99))
    print(f"  {percentiles}")
    memory = {role: usage(pids).pss_mb for role, pids in result.stack.roles().items()}
    print(f"  {'process':<16}{'CPU ms/request':>16}{'PSS MB':>10}")
    for role in sorted(memory, key=lambda name: -result.cpu_seconds.get(name, 0)):
        print(f"  {role:<16}{result.cpu_seconds.get(role, 0) * 1000 / count:>16.2f}{memory[role]:>10.0f}")
    total = sum(result.cpu_seconds.values())
    print(f"  {'all':<16}{total * 1000 / count:>16.2f}{sum(memory.values()):>10.0f}")


if __name__ == "__main__":
    main()
