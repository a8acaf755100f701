"""Compares our composer with Apollo's over sets of subgraphs: verdict, codes, API schema and join facts."""

import json
import subprocess
import tempfile
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path
from random import Random
from typing import Any

from benchmarks.gateways.graphs import project_subgraphs, shop_subgraphs
from benchmarks.gateways.judges.audit import audit_cases, get_json
from benchmarks.gateways.judges.supergraph_facts import differences
from router.composition import Subgraph, compose
from tests.conformance.random_subgraphs import random_subgraphs

_SECONDS = 1800


@dataclass(frozen=True, slots=True)
class Case:
    """A set of subgraphs."""

    name: str
    subgraphs: tuple[Subgraph, ...]


def cases(*, audit: str | None, randoms: int, seed: int) -> Iterator[Case]:
    """Yield the project's own graphs, those of a running audit, and random ones."""
    yield _case("reelgraph", project_subgraphs())
    yield _case("shop", shop_subgraphs())
    if audit is not None:
        for name in audit_cases(audit):
            found = get_json(f"{audit}/{name}/subgraphs")
            yield Case(f"audit, {name}", tuple(Subgraph(each["name"], each["url"], each["sdl"]) for each in found))
    for number in range(seed, seed + randoms):
        yield _case(f"random, seed {number}", random_subgraphs(Random(number)))


def compare(wanted: Sequence[Case], node: Path) -> list[str]:
    """Return each disagreement in words."""
    found = []
    for case, theirs in zip(wanted, _apollo(wanted, node), strict=True):
        ours = compose(case.subgraphs)
        our_codes, their_codes = sorted({error.code for error in ours.errors}), sorted(set(theirs["codes"]))
        if our_codes != their_codes:
            reasons = "\n".join([*map(str, ours.errors[:2]), *theirs["messages"][:2]])
            found.append(f"{case.name}: {our_codes or 'accepted'} here, {their_codes or 'accepted'} there\n{reasons}")
        elif not our_codes:
            found += [f"{case.name}: {each}" for each in differences(ours.supergraph_sdl, theirs["supergraph"])]
    return found


def _case(name: str, sdl: dict[str, str]) -> Case:
    return Case(name, tuple(Subgraph(graph, f"http://{graph}", text) for graph, text in sdl.items()))


def _apollo(wanted: Sequence[Case], node: Path) -> list[dict[str, Any]]:
    with tempfile.TemporaryDirectory(prefix="reelgraph-judges-") as folder:
        file = Path(folder) / "cases.json"
        content = [
            {
                "id": case.name,
                "subgraphs": [{"name": each.name, "url": each.url, "sdl": each.sdl} for each in case.subgraphs],
            }
            for case in wanted
        ]
        file.write_text(json.dumps(content), encoding="utf-8")
        command = ["node", str(node / "compose.mjs"), str(file)]
        done = subprocess.run(command, check=True, stdout=subprocess.PIPE, timeout=_SECONDS)
    outcomes: list[dict[str, Any]] = json.loads(done.stdout)
    return outcomes
