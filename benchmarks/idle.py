"""What a platform that nobody asks costs: `python -m benchmarks.idle`, CPU by role of process, and memory.

Then the delay of an event, from the commit of whoever tells it to the commit of whoever is told: the price of asking
the stores less often would be paid there.
"""

import argparse
import asyncio
import json
import random
import tempfile
import time
from pathlib import Path
from uuid import uuid4

import asyncpg

from benchmarks.platforms import Platform, started
from benchmarks.processes import usage

_SETTLING_SECONDS = 20
_LOOK_SECONDS = 0.02
_PUBLISH = """WITH added AS (
  INSERT INTO outbox (event_id, topic, payload, occurred_at) VALUES ($1, 'benchmarks.nothing', '{}', clock_timestamp())
) SELECT pg_notify('outbox', '')"""
_DELAY = "SELECT extract(epoch FROM relayed_at - occurred_at) * 1000 FROM outbox WHERE event_id = $1"


def main() -> None:
    """Measure and print."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--seconds", type=float, default=30, help="how long nothing is asked")
    parser.add_argument("--events", type=int, default=40)
    arguments = parser.parse_args()
    with tempfile.TemporaryDirectory(prefix="reelgraph-benchmark-") as folder:
        Path(folder).chmod(0o711)
        with started("idle", Path(folder)) as platform:
            time.sleep(_SETTLING_SECONDS)
            _print_usage(platform, arguments.seconds)
            delays = sorted(asyncio.run(_delays(platform, arguments.events)))
            print(f"\n{len(delays)} events: median {delays[len(delays) // 2]:.0f} ms, longest {delays[-1]:.0f} ms")


def _print_usage(platform: Platform, seconds: float) -> None:
    roles = platform.roles()
    before = {role: usage(pids) for role, pids in roles.items()}
    time.sleep(seconds)
    after = {role: usage(pids) for role, pids in roles.items()}
    cpu = {role: (after[role].cpu_seconds - before[role].cpu_seconds) * 1000 / seconds for role in roles}
    print(f"{'process':<16}{'CPU ms/s':>10}{'PSS MB':>10}")
    for role in sorted(roles, key=lambda name: -cpu[name]):
        print(f"{role:<16}{cpu[role]:>10.2f}{after[role].pss_mb:>10.0f}")
    print(f"{'all':<16}{sum(cpu.values()):>10.2f}{sum(each.pss_mb for each in after.values()):>10.0f}")


async def _delays(platform: Platform, count: int) -> list[float]:
    """Return how many milliseconds each of the events took; it is of a topic that nobody wants to know of."""
    url = json.loads((platform.home / "state.json").read_text(encoding="utf-8"))["running"]["stores"]["postgres"]
    connection = await asyncpg.connect(f"{url}/catalog")
    found = []
    for _event in range(count):
        event_id = uuid4()
        await connection.execute(_PUBLISH, event_id)
        while (delay := await connection.fetchval(_DELAY, event_id)) is None:  # noqa: ASYNC110  # it is another process
            await asyncio.sleep(_LOOK_SECONDS)
        found.append(float(delay))
        await asyncio.sleep(random.random())  # at any moment of the worker's second
    await connection.close()
    return found


if __name__ == "__main__":
    main()
