"""The first request of a saved operation is compiled already, and /metrics tells so for each subgraph."""

import re

from tests.e2e.platform import Platform, operation

_RUNS = re.compile(r'compiled_execution_runs_total\{how="(\w+)",reason="[^"]*",subgraph="(\w+)"\} (\d+)')


async def runs(platform: Platform, how: str) -> dict[str, int]:
    """Return by subgraph how many operations ran in that way."""
    text = (await platform.http.get("/metrics")).text
    counts: dict[str, int] = {}
    for found, subgraph, count in _RUNS.findall(text):
        if found == how:
            counts[subgraph] = counts.get(subgraph, 0) + int(count)
    return counts


async def test_a_home_page_runs_compiled_in_every_subgraph(platform: Platform) -> None:
    before = {how: await runs(platform, how) for how in ("compiled", "cold", "fallback")}

    await platform.data(operation("home"), token=platform.token("viewer"))

    after = {how: await runs(platform, how) for how in ("compiled", "cold", "fallback")}
    grown = {name for name, count in after["compiled"].items() if count > before["compiled"][name]}
    assert grown == {"activity", "ads", "billing", "catalog", "playback", "recommendations", "users"}
    assert (after["cold"], after["fallback"]) == (before["cold"], before["fallback"])
    assert len(after["cold"]) == 8


async def test_the_metrics_name_each_family_once(platform: Platform) -> None:
    lines = (await platform.http.get("/metrics")).text.splitlines()

    types = [line for line in lines if line.startswith("# TYPE")]
    assert len(types) == len(set(types))
    assert "# TYPE compiled_execution_runs_total counter" in types
    assert any(line.startswith('compiled_execution_plans_total{subgraph="catalog"} ') for line in lines)
