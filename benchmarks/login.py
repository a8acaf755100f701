"""Signing in under load: `python -m benchmarks.login`, on the real embedded servers, everything in one platform.

Sends logins at a steady rate (open loop: one begins each 1/rate seconds, however long others take) with bcrypt at its
full cost, beside one client that asks for the home page in a closed loop; in turns with rounds without logins. Prints
latencies of both, and what the logins took of the home page. With two cores, 20 logins a second at 0.2 s of bcrypt
each are more than both: then logins wait, or are refused with SERVICE_UNAVAILABLE, and the home page must not feel it.
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

from benchmarks.home import HOME, LOGIN, Stack, started, viewers
from benchmarks.load import Outcome, http_request, run
from stack.seed.accounts import DEMO_PASSWORD, DEMO_PEOPLE

_COST = 12


@dataclass(slots=True)
class Logins:
    """What became of the logins. Latencies in milliseconds, of those that got tokens."""

    latencies_ms: list[float] = field(default_factory=list)
    refused: int = 0
    failed: int = 0

    def percentile_ms(self, percent: float) -> float:
        """Return the latency that `percent` of the logins did not exceed."""
        return Outcome(1.0, self.latencies_ms).percentile_ms(percent)


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


async def measure(stack: Stack, *, rounds: int, seconds: float, per_second: float) -> tuple[Logins, Outcome, Outcome]:
    """Return the logins, and the home page with them and without."""
    body = json.dumps({"query": HOME}).encode()
    requests = [http_request("127.0.0.1", stack.port, body, token=token) for token in viewers(stack, 4)]
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


def bcrypt_ms() -> float:
    """Return the CPU time of one check at the full cost."""
    hashed = bcrypt.hashpw(b"x", bcrypt.gensalt(_COST))
    begun = time.process_time()
    bcrypt.checkpw(b"y", hashed)
    return (time.process_time() - begun) * 1000


def main() -> None:
    """Start a platform, measure, print."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--rounds", type=int, default=3)
    parser.add_argument("--seconds", type=float, default=10.0)
    parser.add_argument("--rate", type=float, nargs="+", default=[5.0, 20.0], help="logins a second")
    options = parser.parse_args()
    os.environ.setdefault("PASSWORD_HASH_COST", str(_COST))
    with tempfile.TemporaryDirectory() as folder, started("login", Path(folder)) as stack:
        print(f"bcrypt {_COST}: {bcrypt_ms():.0f} ms of CPU a check; {os.cpu_count()} cores")
        for rate in options.rate:
            logins, beside, alone = asyncio.run(
                measure(stack, rounds=options.rounds, seconds=options.seconds, per_second=rate)
            )
            print(f"\n{rate:g} logins/s beside the home page")
            print(
                f"  login        p50 {logins.percentile_ms(50):7.1f} ms   p95 {logins.percentile_ms(95):7.1f} ms",
                end="",
            )
            print(f"   {len(logins.latencies_ms)} in, {logins.refused} refused as too many, {logins.failed} failed")
            for name, outcome in (("home, beside", beside), ("home, alone ", alone)):
                print(
                    f"  {name} p50 {outcome.percentile_ms(50):7.1f} ms   p95 {outcome.percentile_ms(95):7.1f} ms",
                    end="",
                )
                print(f"   {outcome.requests_per_second:6.1f} requests/s, {outcome.failures} failures")
            print(f"  home p95 beside/alone {beside.percentile_ms(95) / alone.percentile_ms(95):.2f}")
            if logins.failed or beside.failures or alone.failures:
                sys.exit("Something failed: these figures mean nothing.")


if __name__ == "__main__":
    main()
