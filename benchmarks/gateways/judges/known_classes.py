"""The classes of disagreement with Apollo's composer that are no fault of ours.

Each is proved for the case at hand, not merely recognised: an operation that one side calls unanswerable is answered
or planned, or GraphQL's reference implementation is asked. What no class accounts for may be a fault of ours.
"""

import asyncio
import json
import re
import subprocess
import tempfile
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path

from tests.conformance.case import InvalidOperationError, Operation, World
from tests.conformance.invented_data import Faults

_SECONDS = 300
_DATA_SEEDS = 5
_UNANSWERABLE = "SATISFIABILITY_ERROR"
_WITNESS_THERE = re.compile(r"supergraph API query:\n(?P<text>.*?)\n\s*cannot be satisfied", re.DOTALL)
_WITNESS_HERE = re.compile(r"cannot be answered:\n(?P<text>.*?)\nIts last step", re.DOTALL)
_OF_SEVERAL_KINDS = {"EMPTY_MERGED_INPUT_TYPE", "REQUIRED_INPUT_FIELD_MISSING_IN_SOME_SUBGRAPH"}


@dataclass(frozen=True, slots=True)
class Disagreement:
    """What both sides say of a set of subgraphs; codes are empty where it was accepted.

    Attributes:
        against_graphql: What GraphQL's reference implementation has against the SDL of the subgraphs as such.
    """

    subgraphs: Mapping[str, str]
    ours: frozenset[str]
    our_messages: tuple[str, ...]
    theirs: frozenset[str]
    their_messages: tuple[str, ...]
    their_supergraph: str | None
    against_graphql: tuple[str, ...]


def known_class(found: Disagreement, node: Path) -> str | None:
    """Return the class that accounts for a disagreement, None if none does."""
    if found.theirs == {"NONE"}:
        return "their composer breaks off with an internal error"
    if not found.ours and found.theirs == {_UNANSWERABLE}:
        return "our router answers what they call unanswerable" if _answers_witnesses(found) else None
    if found.ours == {_UNANSWERABLE} and not found.theirs:
        return "their planner has no plan for what they accept" if _lacks_plans(found, node) else None
    if found.ours == {"INVALID_GRAPHQL"} and found.against_graphql:
        return "GraphQL's reference implementation refuses the SDL, too"
    if found.ours - found.theirs == {"UNSUPPORTED_LINKED_FEATURE"}:
        return "they leave out without a word what is linked for security"
    if found.ours == {"TYPE_KIND_MISMATCH"} and _follows_from_kinds(found):
        return "they go on to merge a type of several kinds"
    return None


def _follows_from_kinds(found: Disagreement) -> bool:
    """Whether all that they say beyond is about the parts of a type that has no one kind."""
    if found.theirs == {"INVALID_GRAPHQL"}:
        return all(re.match(r"Cannot (implement|add) non-", message) for message in found.their_messages)
    return "TYPE_KIND_MISMATCH" in found.theirs and found.theirs - found.ours <= _OF_SEVERAL_KINDS


def _answers_witnesses(found: Disagreement) -> bool:
    """Whether our router answers each operation that they give as a witness, as a single executor does."""
    witnesses = [
        Operation(re.sub(r"(?m)^(\s*)\.\.\.$", r"\1__typename", match["text"]))
        for message in found.their_messages
        for match in _WITNESS_THERE.finditer(message)
    ]
    return bool(witnesses) and asyncio.run(_answers(found.subgraphs, witnesses))


async def _answers(subgraphs: Mapping[str, str], operations: list[Operation]) -> bool:
    world = World(subgraphs)
    try:
        for seed in range(_DATA_SEEDS):
            world.show(seed=seed, faults=Faults())
            for operation in operations:
                comparison = await world.compare(operation)
                if comparison.difference is not None or not comparison.is_clear:
                    return False
    except InvalidOperationError:
        return False
    finally:
        world.close()
    return True


def _lacks_plans(found: Disagreement, node: Path) -> bool:
    """Whether their planner, over their supergraph, has no plan for any operation that we give as a witness."""
    witnesses = [
        match["text"].replace("{ … }", "{ __typename }")
        for message in found.our_messages
        for match in _WITNESS_HERE.finditer(message)
    ]
    content = [{"supergraph": found.their_supergraph, "operations": witnesses}]
    with tempfile.TemporaryDirectory(prefix="reelgraph-judges-") as folder:
        file = Path(folder) / "operations.json"
        file.write_text(json.dumps(content), encoding="utf-8")
        command = ["node", str(node / "plan.mjs"), str(file)]
        done = subprocess.run(command, check=True, stdout=subprocess.PIPE, timeout=_SECONDS)
    return bool(witnesses) and not any(json.loads(done.stdout)[0])
