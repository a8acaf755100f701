"""Signing in under load: `python -m benchmarks.login`, on the real embedded servers, everything in one platform.

Sends logins at a steady rate (open loop: one begins each 1/rate seconds, however long others take) with bcrypt at its
full cost, beside one client that asks for the home page in a closed loop; in turns with rounds without logins. Prints
latencies of both, and what the logins took of the home page. Two cores hash about seven passwords a second: beyond that
logins wait, or are refused with SERVICE_UNAVAILABLE, and the home page must not feel it. A second platform with a cheap
hash shows all of a login that is not bcrypt, at the same rates.
"""

import argparse
import asyncio
import json
import os
import sys
import tempfile
import time
from dataclasses import dataclass, field
from pathlib import Path

import bcrypt
import httpx

from benchmarks.home import HOME
from benchmarks.load import Outcome, http_request, run
from benchmarks.platforms import LOGIN, Platform, started
from stack.seed.accounts import DEMO_PASSWORD, DEMO_PEOPLE

_COSTS = (12, 4)


@dataclass(slots=True)
class Logins:
    """What became of the logins. Latencies in milliseconds, of those that got tokens."""

    latencies_ms: list[float] = field(default_factory=list)
    refused: int = 0
    failed: int = 0


async def send_logins(port: int, logins: Logins, *, per_second: float, seconds: float) -> None:
    """Begin logins of the demo people in turn, at the rate, and wait for the last."""
    async with httpx.AsyncClient(base_url=f"http://127.0.0.1:{port}", timeout=30) as http:
        tasks = []
        started_at = time.perf_counter()
        for number in range(int(per_second * seconds)):
            await asyncio.sleep(max(0.0, started_at + number / per_second - time.perf_counter()))
            email = DEMO_PEOPLE[number % len(DEMO_PEOPLE)].email
            tasks.append(asyncio.create_task(_login(http, email, logins)))
        await asyncio.gather(*tasks)


async def _login(http: httpx.AsyncClient, email: str, logins: Logins) -> None:
    body = {"query": LOGIN, "variables": {"email": email, "password": DEMO_PASSWORD}}
    begun = time.perf_counter()
    text = (await http.post("/graphql", json=body)).text
    if '"accessToken"' in text:
        logins.latencies_ms.append((time.perf_counter() - begun) * 1000)
    elif "SERVICE_UNAVAILABLE" in text:
        logins.refused += 1
    else:
        logins.failed += 1


async def measure(
    stack: Platform, *, rounds: int, seconds: float, per_second: float
) -> tuple[Logins, Outcome, Outcome]:
    """Return the logins, and the home page with them and without."""
    body = json.dumps({"query": HOME}).encode()
    requests = [http_request("127.0.0.1", stack.port, body, token=token) for token in stack.tokens(4)]
    logins, beside, alone = Logins(), Outcome(0.0), Outcome(0.0)
    await run(stack.port, requests, clients=1, seconds=3, expect=b'"trays"')  # warm
    for _ in range(rounds):
        alone.add(await run(stack.port, requests, clients=1, seconds=seconds, expect=b'"trays"'))
        outcome, _ = await asyncio.gather(
            run(stack.port, requests, clients=1, seconds=seconds, expect=b'"trays"'),
            send_logins(stack.port, logins, per_second=per_second, seconds=seconds),
        )
        beside.add(outcome)
    return logins, beside, alone


def bcrypt_ms(cost: int) -> float:
    """Return the CPU time of one check."""
    hashed = bcrypt.hashpw(b"x", bcrypt.gensalt(cost))
    begun = time.process_time()
    bcrypt.checkpw(b"y", hashed)
    return (time.process_time() - begun) * 1000


def main() -> None:
    """Start platforms, measure, print."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--rounds", type=int, default=3)
    parser.add_argument("--seconds", type=float, default=10.0)
    parser.add_argument("--rate", type=float, nargs="+", default=[5.0, 20.0], help="logins a second")
    options = parser.parse_args()
    for cost in _COSTS:
        os.environ["PASSWORD_HASH_COST"] = str(cost)
        with tempfile.TemporaryDirectory() as folder, started(f"login-{cost}", Path(folder)) as stack:
            print(f"\nbcrypt {cost}: {bcrypt_ms(cost):.0f} ms of CPU a check; {os.cpu_count()} cores")
            for rate in options.rate:
                print(f"  {rate:g} logins/s beside the home page")
                report(asyncio.run(measure(stack, rounds=options.rounds, seconds=options.seconds, per_second=rate)))


def report(measured: tuple[Logins, Outcome, Outcome]) -> None:
    """Print the figures of one rate."""
    logins, beside, alone = measured
    print(f"    login        {_latencies(Outcome(1.0, logins.latencies_ms))}", end="")
    print(f"   {len(logins.latencies_ms)} in, {logins.refused} refused as too many, {logins.failed} failed")
    for name, outcome in (("home, beside", beside), ("home, alone ", alone)):
        print(f"    {name} {_latencies(outcome)}", end="")
        print(f"   {outcome.requests_per_second:6.1f} requests/s, {outcome.failures} failures")
    print(f"    home p95 beside/alone {beside.percentile_ms(95) / alone.percentile_ms(95):.2f}")
    if logins.failed or beside.failures or alone.failures:
        sys.exit("Something failed: these figures mean nothing.")


def _latencies(outcome: Outcome) -> str:
    return f"p50 {outcome.percentile_ms(50):7.1f} ms   p95 {outcome.percentile_ms(95):7.1f} ms"


if __name__ == "__main__":
    main()
