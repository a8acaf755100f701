"""What is known of other gateways explains that and nothing else, and may not outlive what it explains."""

from dataclasses import replace

import pytest
from graphql import parse, validate

from benchmarks.gateways.judges.upstream_faults import (
    AS_IT_IS,
    OPEN,
    PROBES,
    START,
    UPSTREAM_FAULTS,
    Answer,
    UpstreamFault,
    explanation,
    judged,
)
from benchmarks.gateways.peers import GATEWAYS, OURS
from router.planning import plan_operation
from router.supergraph import Supergraph
from schema.files import FOLDER

KNOWN = UpstreamFault("Peer", (AS_IT_IS, OPEN), "probe", "x: 1 is expected", "it cannot count")
SHOWN = [
    Answer("Peer", supergraph, "probe", "differs: data.x: 1 is expected, 2 came") for supergraph in (AS_IT_IS, OPEN)
]


def test_nothing_is_wrong_where_all_is_the_same_or_explained() -> None:
    same = Answer("Peer", OPEN, "home", None)

    verdict = judged([*SHOWN, same], [KNOWN])

    assert (verdict.unexplained, verdict.obsolete) == ((), ())
    assert [explanation(each, [KNOWN]) for each in (*SHOWN, same)] == [KNOWN, KNOWN, None]


@pytest.mark.parametrize(
    "change",
    [
        {"gateway": "Other"},
        {"operation": "home"},
        {"problem": "refused: it did not start"},
        {"problem": "differs: data.y"},
    ],
    ids=str,
)
def test_a_problem_that_is_not_exactly_what_is_known_is_wrong(change: dict[str, str]) -> None:
    other = replace(SHOWN[0], **change)

    verdict = judged([*SHOWN, other], [KNOWN])

    assert (verdict.unexplained, verdict.obsolete) == ((other,), ())


def test_a_problem_with_another_supergraph_than_what_is_known_is_wrong() -> None:
    verdict = judged(SHOWN, [replace(KNOWN, supergraphs=(OPEN,))])

    assert verdict.unexplained == (SHOWN[0],)


def test_what_no_longer_shows_with_each_of_its_supergraphs_is_wrong() -> None:
    mended = [replace(SHOWN[0], problem=None), SHOWN[1]]

    verdict = judged(mended, [KNOWN])

    assert (verdict.unexplained, verdict.obsolete) == ((), ((KNOWN, AS_IT_IS),))
    assert judged([], [KNOWN]).obsolete == ((KNOWN, AS_IT_IS), (KNOWN, OPEN))


def test_what_shows_otherwise_than_known_is_wrong_twice() -> None:
    otherwise = replace(SHOWN[0], problem="differs: errors: x is missing")

    verdict = judged([otherwise, SHOWN[1]], [KNOWN])

    assert (verdict.unexplained, verdict.obsolete) == ((otherwise,), ((KNOWN, AS_IT_IS),))


def test_what_is_known_is_of_peers_with_a_reason_and_excuses_no_saved_operation() -> None:
    peers = {each.label for each in GATEWAYS if each.name != OURS}

    assert {each.gateway for each in UPSTREAM_FAULTS} <= peers
    assert {each.operation for each in UPSTREAM_FAULTS} == {START, *PROBES}
    assert all(each.says and each.reason and set(each.supergraphs) <= {AS_IT_IS, OPEN} for each in UPSTREAM_FAULTS)
    assert all(OPEN not in each.supergraphs for each in UPSTREAM_FAULTS if each.operation == START)


def test_probes_fit_the_api_and_have_titles_fetched_from_one_more_subgraph() -> None:
    supergraph = Supergraph.from_sdl((FOLDER / "supergraph.graphql").read_text(encoding="utf-8"))
    documents = [parse(text) for text in PROBES.values()]

    services = [[fetch.subgraph for fetch in plan_operation(supergraph, each).fetches] for each in documents]

    assert [validate(supergraph.api_schema, each) for each in documents] == [[], [], []]
    assert services == [["catalog", "playback"], ["catalog", "playback"], ["recommendations", "catalog"]]
