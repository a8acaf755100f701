"""The home page under load: `python -m benchmarks.home`, on the real embedded servers, together and apart.

Starts both ways of running side by side on a seeded platform of their own, lets many viewers ask for the home page in
interleaved rounds, and prints requests/s, latencies, CPU per request by role of process, and memory. `--profile` then
says where a process that holds everything spends its time. Read the ratios: the machine is shared with the clients.

`--peers` compares something else, in rounds that are interleaved as well: everything together in one process, and the
same subgraphs, each a server of its own with compiled execution off, behind gateways on Node (needs npm).
"""

import argparse
import asyncio
import contextlib
import json
import tempfile
import urllib.request
from collections import Counter
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from benchmarks.home_peers import Peer, peers_before
from benchmarks.load import Outcome, http_request, run
from benchmarks.platforms import STORES, Platform, started
from benchmarks.processes import Usage, usage
from benchmarks.profile import profile_home
from stack.home import PROJECT

HOME = (PROJECT / "schema" / "operations" / "home.graphql").read_text(encoding="utf-8")
_EXPECTED = b'"trays"'


@dataclass(slots=True)
class Result:
    """One way of running over all rounds."""

    target: Platform | Peer
    requests: Sequence[bytes]
    outcome: Outcome
    cpu_seconds: dict[str, float]

    def measure(self, *, clients: int, seconds: float) -> None:
        """Run one round and add it up."""
        before = {role: usage(pids) for role, pids in self.target.roles().items()}
        outcome = asyncio.run(run(self.target.port, self.requests, clients=clients, seconds=seconds, expect=_EXPECTED))
        after = {role: usage(pids) for role, pids in self.target.roles().items()}
        self.outcome.add(outcome)
        for role, used in after.items():
            spent = used.cpu_seconds - before.get(role, Usage(0, 0)).cpu_seconds
            self.cpu_seconds[role] = self.cpu_seconds.get(role, 0) + spent

    def cpu_ms(self, *, with_stores: bool) -> float:
        """Return the CPU time per request of all processes, or of all but the stores."""
        roles = self.cpu_seconds if with_stores else self.cpu_seconds.keys() - STORES
        return sum(self.cpu_seconds[role] for role in roles) * 1000 / len(self.outcome.latencies_ms)


def main() -> None:
    """Measure and print the tables."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--clients", type=int, default=8, help="connections that ask at the same time")
    parser.add_argument("--viewers", type=int, default=40, help="different people who ask")
    parser.add_argument("--rounds", type=int, default=3)
    parser.add_argument("--seconds", type=float, default=8, help="length of a round")
    parser.add_argument("--profile", action="store_true", help="also say where the time goes")
    parser.add_argument("--peers", action="store_true", help="compare with gateways on Node over plain Strawberry")
    arguments = parser.parse_args()
    with tempfile.TemporaryDirectory(prefix="reelgraph-benchmark-") as folder:
        Path(folder).chmod(0o711)
        with _targets(Path(folder), with_peers=arguments.peers) as (together, *others):
            results = _prepared(together, others, arguments.viewers)
            for number in range(arguments.rounds):
                for result in results if number % 2 == 0 else reversed(results):
                    result.measure(clients=arguments.clients, seconds=arguments.seconds)
            for result in results:
                _print(result, arguments)
            if arguments.peers:
                _print_ratios(results)
            if arguments.profile:
                profile_home(together.home, HOME, headers=together.headers(*together.tokens(1)))


@contextlib.contextmanager
def _targets(folder: Path, *, with_peers: bool) -> Iterator[tuple[Platform, *tuple[Platform | Peer, ...]]]:
    """Start what is compared."""
    if not with_peers:
        with started("together", folder) as together, started("apart", folder, "--apart") as apart:
            yield together, apart
        return
    with (
        started("together", folder, "--workers", "1") as together,
        started("plain", folder, "--apart", "--workers", "1", environment={"COMPILED_EXECUTION": "off"}) as plain,
        peers_before(plain, folder) as peers,
    ):
        yield together, *peers


def _prepared(together: Platform, others: Sequence[Platform | Peer], count: int) -> list[Result]:
    """Return the requests of all viewers to each target; everybody has asked once before anything is measured."""
    results: list[Result] = []
    whole: dict[str, Any] | None = None
    for target in (together, *others):
        tokens = (target.platform if isinstance(target, Peer) else target).tokens(count)
        body = json.dumps({"query": HOME}).encode()
        headers = [target.headers(token) for token in tokens]
        requests = [http_request("127.0.0.1", target.port, body, token=None, headers=each) for each in headers]
        answer = _check(target, body, headers[0])
        whole = whole or answer
        _say_how_whole(target, answer, whole)
        asyncio.run(run(target.port, requests, clients=2, seconds=5, expect=_EXPECTED))
        results.append(Result(target, requests, Outcome(0), {}))
    return results


def _check(target: Platform | Peer, body: bytes, headers: Mapping[str, str]) -> dict[str, Any]:
    """Return the answer to a viewer. Exit if it is that of a stranger or, where none are known, has errors."""
    request = urllib.request.Request(
        f"http://127.0.0.1:{target.port}/graphql", body, {"Content-Type": "application/json", **headers}
    )
    with urllib.request.urlopen(request, timeout=30) as reply:
        answer: dict[str, Any] = json.load(reply)
    may_fail = isinstance(target, Peer) and target.may_fail
    if (answer.get("errors") and not may_fail) or answer["data"]["viewer"]["isAnonymous"]:
        raise SystemExit(f"{target.name} does not answer the home page as it should: {answer.get('errors')}")
    return answer


def _say_how_whole(target: Platform | Peer, answer: Mapping[str, Any], whole: Mapping[str, Any]) -> None:
    """Print how much of a whole answer another one holds; on data of its own, a few values differ."""
    errors = answer.get("errors") or ()
    had, wanted = (_count(each["data"]) for each in (answer, whole))
    said = Counter(str(error.get("message"))[:80] for error in errors)
    print(
        f"{target.name}: {had} values where {wanted} are whole, {len(errors)} errors {dict(said.most_common(3)) or ''}"
    )


def _count(value: Any) -> int:
    """Return how many values that are not null a part of an answer holds."""
    if isinstance(value, dict):
        return sum(map(_count, value.values()))
    return sum(map(_count, value)) if isinstance(value, list) else int(value is not None)


def _print(result: Result, arguments: argparse.Namespace) -> None:
    outcome = result.outcome
    count = len(outcome.latencies_ms)
    print(f"\n{result.target.name}: {count} requests, {arguments.clients} clients, {arguments.viewers} viewers")
    print(f"  {outcome.requests_per_second:.1f} requests/s, {outcome.failures} failures")
    percentiles = "  ".join(f"p{p} {outcome.percentile_ms(p):.0f} ms" for p in (50, 95, 99))
    print(f"  {percentiles}")
    memory = {role: usage(pids).pss_mb for role, pids in result.target.roles().items()}
    print(f"  {'process':<16}{'CPU ms/request':>16}{'PSS MB':>10}")
    for role in sorted(memory, key=lambda name: -result.cpu_seconds.get(name, 0)):
        print(f"  {role:<16}{result.cpu_seconds.get(role, 0) * 1000 / count:>16.2f}{memory[role]:>10.0f}")
    print(f"  {'all but stores':<16}{result.cpu_ms(with_stores=False):>16.2f}")
    print(f"  {'all':<16}{result.cpu_ms(with_stores=True):>16.2f}{sum(memory.values()):>10.0f}")


def _print_ratios(results: Sequence[Result]) -> None:
    """Print what the first one needs of each other's CPU time; a tenth without the stores is what we want."""
    ours, *others = results
    print(f"\nCPU per request of {ours.target.name}, as a share of")
    for other in others:
        shares = [ours.cpu_ms(with_stores=each) / other.cpu_ms(with_stores=each) for each in (False, True)]
        print(f"  {other.target.name:<48} 1/{1 / shares[0]:.1f} without the stores, 1/{1 / shares[1]:.1f} with them")


if __name__ == "__main__":
    main()
