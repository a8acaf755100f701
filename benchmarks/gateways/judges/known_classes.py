"""The classes of disagreement with Apollo's composer that are no fault of ours.

Each is proved for the case at hand, not merely recognised: an operation that one side calls unanswerable is answered
or planned, or GraphQL's reference implementation is asked. What no class accounts for may be a fault of ours.
"""

import asyncio
import json
import re
import subprocess
import tempfile
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path

from router.execution.transport import SubgraphRequest
from tests.conformance.case import InvalidOperationError, NotComposableError, Operation, World
from tests.conformance.invented_data import Faults, InventedData
from tests.conformance.invented_subgraph import InventedSubgraph
from tests.conformance.subgraph_model import SubgraphModel
from tests.conformance.subgraph_server import SubgraphServer

_SECONDS = 300
_DATA_SEEDS = 5
_UNANSWERABLE = "SATISFIABILITY_ERROR"
_WITNESS_THERE = re.compile(r"supergraph API query:\n(?P<text>.*?)\n\s*cannot be satisfied", re.DOTALL)
_WITNESS_HERE = re.compile(r"cannot be answered:\n(?P<text>.*?)\nIts last step", re.DOTALL)
_MISMATCHED = "SHAREABLE_HAS_MISMATCHED_RUNTIME_TYPES"
_KEY_THERE = re.compile(r'\[(?P<subgraph>\w+)\] On type "(?P<type>\w+)", for @key')
_OF_A_WRONG_KIND = re.compile(r"Cannot (implement|add) non-|Invalid (input|output) type")
_OF_SEVERAL_KINDS = {
    *("EMPTY_MERGED_INPUT_TYPE", "REQUIRED_INPUT_FIELD_MISSING_IN_SOME_SUBGRAPH", "EXTERNAL_MISSING_ON_BASE"),
    *("INTERFACE_OBJECT_USAGE_ERROR", "INTERFACE_KEY_MISSING_IMPLEMENTATION_TYPE", "EMPTY_MERGED_ENUM_TYPE"),
    *("NO_QUERIES", "FIELD_TYPE_MISMATCH"),
}
# What a viewer has to be is no matter of whether subgraphs can answer.
_DEMAND = re.compile(r"(?<!\")@(authenticated|policy\(policies: [^)]*\)|requiresScopes\(scopes: [^)]*\))")


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
    if found.theirs - found.ours == {_UNANSWERABLE} and found.ours <= {_MISMATCHED}:
        return "our router answers what they call unanswerable" if _answers_witnesses(found) else None
    if found.ours == {_UNANSWERABLE} and not found.theirs:
        return "their planner has no right plan for what they accept" if _lacks_plans(found, node) else None
    only_here, only_there = found.ours - found.theirs, found.theirs - found.ours
    if only_here == {"INVALID_GRAPHQL"} and (found.against_graphql or _is_of_2025(found)):
        return "GraphQL's specification forbids it"
    if only_here == {"UNSUPPORTED_LINKED_FEATURE"}:
        return "they leave out without a word what is linked for security"
    if "TYPE_KIND_MISMATCH" in found.ours and not (only_here - {"TYPE_KIND_MISMATCH"}):
        return "they go on to merge a type of several kinds" if _follows_from_kinds(found, only_there) else None
    if only_here and not only_there and _breaks_off(found):
        return "they stop checking a subgraph at one of its errors"
    return None


def _is_of_2025(found: Disagreement) -> bool:
    """Whether the rule is newer than the edition that the reference implementation of their version follows."""
    messages = [message for message in found.our_messages if message.startswith("INVALID_GRAPHQL")]
    return all(message.endswith("must not be deprecated.") for message in messages)


def _follows_from_kinds(found: Disagreement, only_there: frozenset[str]) -> bool:
    """Whether all that they say beyond is about the parts of a type that has no one kind."""
    if found.theirs == {"INVALID_GRAPHQL"}:
        return all(_OF_A_WRONG_KIND.match(message) for message in found.their_messages)
    return "TYPE_KIND_MISMATCH" in found.theirs and only_there <= _OF_SEVERAL_KINDS


def _breaks_off(found: Disagreement) -> bool:
    """Whether all that they say is of the two kinds that end their check of a subgraph at once."""
    if found.theirs == {"EXTERNAL_COLLISION_WITH_ANOTHER_DIRECTIVE"}:
        return True
    return found.theirs <= {"KEY_INVALID_FIELDS", "KEY_INVALID_FIELDS_TYPE"} and all(
        (match := _KEY_THERE.match(message)) and f"interface {match['type']} " in found.subgraphs[match["subgraph"]]
        for message in found.their_messages
    )


def _answers_witnesses(found: Disagreement) -> bool:
    """Whether our router answers each operation that they give as a witness, as a single executor does.

    A shared field that both sides refuse for its types is left out first, else nothing could be served.
    """
    witnesses = [
        Operation(re.sub(r"(?m)^(\s*)\.\.\.$", r"\1__typename", match["text"]))
        for message in found.their_messages
        for match in _WITNESS_THERE.finditer(message)
    ]
    shared = {
        match["field"] for message in found.our_messages for match in re.finditer(r'"\w+\.(?P<field>\w+)" is', message)
    }
    subgraphs = {
        name: "".join(line for line in _DEMAND.sub("", sdl).splitlines(keepends=True) if not _declares(line, shared))
        for name, sdl in found.subgraphs.items()
    }
    return bool(witnesses) and asyncio.run(_answers(subgraphs, witnesses))


def _declares(line: str, fields: set[str]) -> bool:
    return (match := re.match(r"\s+(\w+)[(:]", line)) is not None and match[1] in fields


async def _answers(subgraphs: Mapping[str, str], operations: list[Operation]) -> bool:
    try:
        world = World(subgraphs)
    except NotComposableError:
        return False
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
    """Whether their planner, over their supergraph, has no right plan for any operation that we give as a witness.

    A plan is not right either if it asks a subgraph for what that declares external and nothing above provides.
    """
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
    plans = json.loads(done.stdout)[0]
    return bool(witnesses) and all(plan is None or asyncio.run(_asks_for_external(found, plan)) for plan in plans)


async def _asks_for_external(found: Disagreement, requests: Sequence[Mapping[str, str]]) -> bool:
    """Whether a subgraph refuses one of the requests that a plan begins with, because a field is external there."""
    models = {name: SubgraphModel(name, sdl) for name, sdl in found.subgraphs.items()}
    for seed in range(_DATA_SEEDS):
        data = InventedData(list(models.values()), seed=seed)
        for request in requests:
            model = models[request["subgraph"]]
            server = SubgraphServer(model, InventedSubgraph(data, model), [])
            text = request["text"]
            reply = await server.send(
                SubgraphRequest(
                    document=text,
                    document_json=json.dumps(text).encode(),
                    operation_name=None,
                    variables={},
                    headers={},
                    is_query=True,
                )
            )
            if any(error["message"].endswith("is external") for error in reply.get("errors", ())):
                return True
    return False
