"""Prints what was measured as tables of text, with the ratios that are aimed at."""

from collections.abc import Iterable, Sequence
from itertools import groupby
from typing import Any

from benchmarks.gateways.checks import Checked
from benchmarks.gateways.cold import Timing
from benchmarks.gateways.peers import OURS

# How many times our CPU per request a peer should need at least.
_WANTED = {"apollo": 10, "hive": 15, "hive-rust": 7}
_WANTED_OF_ONE_FETCH = 8
_WANTED_COLD = {"apollo": 1}


def print_checks(checked: Sequence[Checked]) -> None:
    """Print subgraph requests per operation, and each difference in the replies."""
    gateways = list(dict.fromkeys(one.gateway for one in checked))
    print("\nsubgraph requests per operation, one client")
    print(f"  {'operation':<22}{'bytes':>9}" + "".join(f"{name:>14}" for name in gateways))
    for operation, group in groupby(checked, key=lambda one: one.operation):
        found = list(group)
        cells = "".join(f"{one.subgraph_requests:>13}{'!' if one.difference else ' '}" for one in found)
        print(f"  {operation:<22}{found[0].reply_bytes:>9}{cells}")
    for one in checked:
        if one.difference:
            print(f"  ! {one.gateway} answers {one.operation} differently: {one.difference}")


def print_scenarios(rows: Iterable[dict[str, Any]]) -> None:
    """Print one block per scenario; `x ours` is the CPU per request against our router's, `wanted` what is aimed at."""
    for scenario, group in groupby(rows, key=lambda row: str(row["scenario"])):
        found = list(group)
        ours = next((row["cpu_ms_per_request"] for row in found if row["gateway"] == OURS), None)
        print(f"\n{scenario}, {found[0]['clients']} clients")
        print(
            f"  {'gateway':<12}{'req/s':>9}{'p50 ms':>9}{'p99 ms':>9}{'CPU ms/req':>12}{'x ours':>8}{'wanted':>8}"
            f"{'PSS MB':>8}{'subgraph req':>14}{'failed':>8}"
        )
        for row in found:
            print(_scenario_line(row, ours))


def _scenario_line(row: dict[str, Any], ours: float | None) -> str:
    cpu = row["cpu_ms_per_request"]
    ratio = f"{cpu / ours:.1f}" if cpu and ours else "-"
    wanted = _wanted(row)
    return (
        f"  {row['gateway']:<12}{row['requests_per_second']:>9.1f}{row['p50_ms']:>9.1f}{row['p99_ms']:>9.1f}"
        f"{cpu or float('nan'):>12.3f}{ratio:>8}{wanted or '':>8}{row['pss_mb']:>8.0f}"
        f"{row['subgraph_requests_per_request'] or 0:>14.2f}{row['failures']:>8}"
    )


def _wanted(row: dict[str, Any]) -> int | None:
    if row["gateway"] == OURS or row["deduplicate"]:
        return None
    if row["cold"]:
        return _WANTED_COLD.get(row["gateway"])
    return _WANTED_OF_ONE_FETCH if row["operation"] == "me" else _WANTED[row["gateway"]]


def print_timings(timings: Iterable[Timing]) -> None:
    """Print planning and composition."""
    print("\nwithout a server, in ms: the first call of a new process, and the median of those after it")
    print(f"  {'what':<24}{'implementation':<38}{'first':>9}{'median':>9}")
    for timing in timings:
        name = f"{timing.what}, {timing.graph}"
        print(f"  {name:<24}{timing.implementation:<38}{timing.first_ms:>9.1f}{timing.median_ms:>9.1f}")
