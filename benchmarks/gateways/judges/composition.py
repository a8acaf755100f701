"""Compares our composer with Apollo's over sets of subgraphs: verdict, codes, API schema and join facts.

Where they disagree, `known_classes.py` says whether one of the classes that it knows accounts for it.
"""

import json
import subprocess
import tempfile
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from itertools import islice
from pathlib import Path
from random import Random
from typing import Any

from benchmarks.gateways.graphs import project_subgraphs, shop_subgraphs
from benchmarks.gateways.judges.audit import audit_cases, get_json
from benchmarks.gateways.judges.faults import with_fault
from benchmarks.gateways.judges.known_classes import Disagreement, known_class
from benchmarks.gateways.judges.supergraph_facts import differences
from router.composition import CompositionResult, Subgraph, compose
from tests.conformance.random_subgraphs import random_subgraphs

_SECONDS = 1800
_AT_ONCE = 100


@dataclass(frozen=True, slots=True)
class Case:
    """A set of subgraphs."""

    name: str
    subgraphs: tuple[Subgraph, ...]


@dataclass(frozen=True, slots=True)
class Difference:
    """Where the composers differ over a set of subgraphs.

    Attributes:
        known_class: Why that is no fault of ours, proved for this case; None if it may be one.
    """

    case: str
    text: str
    known_class: str | None = None


def cases(*, audit: str | None, randoms: int, faulty: int, seed: int) -> Iterator[Case]:
    """Yield the project's own graphs, those of a running audit, random ones, and random ones with a mistake."""
    yield _case("reelgraph", project_subgraphs())
    yield _case("shop", shop_subgraphs())
    if audit is not None:
        for name in audit_cases(audit):
            found = get_json(f"{audit}/{name}/subgraphs")
            yield Case(f"audit, {name}", tuple(Subgraph(each["name"], each["url"], each["sdl"]) for each in found))
    for number in range(seed, seed + randoms):
        yield _case(f"random, seed {number}", random_subgraphs(Random(number)))
    for number in range(seed, seed + faulty):
        random = Random(number)
        yield _case(f"faulty, seed {number}", with_fault(random_subgraphs(random), random))


def compare(wanted: Iterable[Case], node: Path) -> Iterator[list[Difference]]:
    """Yield the differences of each case; it has none when the composers agree."""
    remaining = iter(wanted)
    while some := list(islice(remaining, _AT_ONCE)):
        for case, theirs in zip(some, _apollo(some, node), strict=True):
            yield list(_differences(case, compose(case.subgraphs), theirs, node))


def _differences(case: Case, ours: CompositionResult, theirs: dict[str, Any], node: Path) -> Iterator[Difference]:
    our_codes, their_codes = {error.code for error in ours.errors}, set(theirs["codes"])
    if our_codes != their_codes:
        messages = [str(error) for error in ours.errors]
        found = Disagreement(
            subgraphs={each.name: each.sdl for each in case.subgraphs},
            ours=frozenset(our_codes),
            our_messages=tuple(messages),
            theirs=frozenset(their_codes),
            their_messages=tuple(theirs["messages"]),
            their_supergraph=theirs["supergraph"],
            against_graphql=tuple(theirs["graphql"]),
        )
        reasons = "\n".join([*messages[:2], *theirs["messages"][:2]])
        text = f"{_said(our_codes)} here, {_said(their_codes)} there\n{reasons}"
        yield Difference(case.name, text, known_class(found, node))
    elif not our_codes:
        for text in differences(ours.supergraph_sdl, theirs["supergraph"]):
            yield Difference(case.name, text)


def _said(codes: set[str]) -> str:
    return ", ".join(sorted(codes)) or "accepted"


def _case(name: str, sdl: dict[str, str]) -> Case:
    return Case(name, tuple(Subgraph(graph, f"http://{graph}", text) for graph, text in sdl.items()))


def _apollo(wanted: list[Case], node: Path) -> list[dict[str, Any]]:
    content = [
        {
            "id": case.name,
            "subgraphs": [{"name": each.name, "url": each.url, "sdl": each.sdl} for each in case.subgraphs],
        }
        for case in wanted
    ]
    with tempfile.TemporaryDirectory(prefix="reelgraph-judges-") as folder:
        file = Path(folder) / "cases.json"
        file.write_text(json.dumps(content), encoding="utf-8")
        command = ["node", str(node / "compose.mjs"), str(file)]
        done = subprocess.run(command, check=True, stdout=subprocess.PIPE, timeout=_SECONDS)
    outcomes: list[dict[str, Any]] = json.loads(done.stdout)
    return outcomes
