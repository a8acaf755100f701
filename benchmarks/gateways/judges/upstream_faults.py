"""What other gateways are known to do otherwise than ours through no fault of ours, each with its reason.

Each entry is about the smallest operation over the project's supergraph that shows it, a probe; or about taking the
supergraph at all. None excuses an operation of schema/operations. An entry that no longer shows is a finding as well:
then a peer has mended it, and what router/README.md says of it has to go.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

START = "start"
AS_IT_IS, OPEN = "the supergraph as it is", "without authorisation"

# Both have `Title` as an interface in the catalogue and as an @interfaceObject in other subgraphs.
PROBES: Mapping[str, str] = {
    # `access` comes from an @interfaceObject; `node` is a union of the interface's implementations and others.
    "probe: a field of an @interfaceObject below a union": """{
  search(query: "drama") { edges { node { ... on Title { id access { canPlay } } } } }
}""",
    # `access` comes from an @interfaceObject, and nothing beside the fragment asks for a key.
    "probe: a field of an @interfaceObject in a fragment alone": """{
  titles(first: 2) { edges { node { ... on Title { access { canPlay } } } } }
}""",
    # `kind` comes from the catalogue, `title` from an @interfaceObject; nothing beside the fragment asks for a key.
    "probe: nothing but a named fragment below an @interfaceObject": """{
  page(slug: HOME) {
    trays(first: 2) { edges { node { items(first: 2) { edges { node { ... on TitleItem { title { ...Card } } } } } } } }
  }
}
fragment Card on Title { kind }""",
}
_UNION, _FRAGMENT, _NAMED_FRAGMENT = PROBES


@dataclass(frozen=True, slots=True)
class Answer:
    """What a gateway did with an operation, or with the supergraph itself.

    Attributes:
        operation: Name of a saved operation or of a probe; `START` for the supergraph itself.
        problem: "differs: " and where it does so first, or "refused: " and why; None if it is the same as ours.
    """

    gateway: str
    supergraph: str
    operation: str
    problem: str | None


@dataclass(frozen=True, slots=True)
class UpstreamFault:
    """A problem that is not ours.

    Attributes:
        supergraphs: With which of them it shows; with each.
        says: Part of the problem; a problem of another kind with the same operation is a new one.
        reason: Where it comes from, and what helps.
    """

    gateway: str
    supergraphs: tuple[str, ...]
    operation: str
    says: str
    reason: str

    def explains(self, answer: Answer) -> bool:
        """Return whether this is what the answer shows."""
        return (
            answer.gateway == self.gateway
            and answer.supergraph in self.supergraphs
            and answer.operation == self.operation
            and self.says in (answer.problem or "")
        )


UPSTREAM_FAULTS = (
    UpstreamFault(
        "Apollo Gateway",
        (AS_IT_IS,),
        START,
        "/authenticated/v0.1 is for: SECURITY but is unsupported",
        "it can enforce no demands on viewers, so it rightly refuses a graph that makes some; which features it takes "
        "is a constant there. `router compose --without-authorization` makes a supergraph for it",
    ),
    UpstreamFault(
        "Hive Gateway",
        (AS_IT_IS, OPEN),
        _UNION,
        ".access: ",
        "its planner in JavaScript gets fields of an @interfaceObject only below fields whose type is the interface, "
        "not below unions and implementations. Asking `title` beside `node` helps, and so does its Rust runtime",
    ),
    UpstreamFault(
        "Hive Gateway",
        (AS_IT_IS, OPEN),
        _FRAGMENT,
        ".access: ",
        "its planner in JavaScript adds the key of an interface for fields that are asked, not for fragments. `id` "
        "beside the fragment helps, and so does its Rust runtime",
    ),
    UpstreamFault(
        "Hive Gateway",
        (AS_IT_IS, OPEN),
        _NAMED_FRAGMENT,
        'Abstract type "Title" was resolved to a non-object type',
        "its planner in JavaScript drops a fragment on an interface that the subgraph has as an @interfaceObject, and "
        "adds the key only for fields that stand beside it. `id` beside it helps, and so does its Rust runtime",
    ),
)


@dataclass(frozen=True, slots=True)
class Verdict:
    """What is wrong: problems that no entry explains, and entries that explain nothing (any more)."""

    unexplained: tuple[Answer, ...]
    obsolete: tuple[tuple[UpstreamFault, str], ...]


def explanation(answer: Answer, faults: Sequence[UpstreamFault] = UPSTREAM_FAULTS) -> UpstreamFault | None:
    """Return the entry that explains an answer's problem; None if none does, or there is no problem."""
    if answer.problem is None:
        return None
    return next((fault for fault in faults if fault.explains(answer)), None)


def judged(answers: Sequence[Answer], faults: Sequence[UpstreamFault] = UPSTREAM_FAULTS) -> Verdict:
    """Return what is wrong with all answers together; an entry has to show with each of its supergraphs."""
    shown = {(explanation(answer, faults), answer.supergraph) for answer in answers}
    return Verdict(
        tuple(each for each in answers if each.problem is not None and explanation(each, faults) is None),
        tuple(
            (fault, supergraph)
            for fault in faults
            for supergraph in fault.supergraphs
            if (fault, supergraph) not in shown
        ),
    )
