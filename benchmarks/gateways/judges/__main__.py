"""The command: `python -m benchmarks.gateways.judges composition|peers|audit|http`.

`composition [--audit ADDRESS] [--random N] [--faulty N] [--seed S]`: our composer and Apollo's, over the project's
graphs, those of a running audit, random ones, and random ones with a mistake.
`peers`: other gateways with the project's supergraph and every operation in schema/operations. What upstream_faults.py
explains is shown and not held against us; an entry there that no longer shows is.
`audit ADDRESS`: the federation gateway audit (github.com/graphql-hive/federation-gateway-audit) that serves there.
`http`: the audits of graphql-http.
"""

import argparse
import asyncio
import sys
from collections import Counter
from pathlib import Path

from benchmarks.gateways import packages
from benchmarks.gateways.judges.audit import run_audit
from benchmarks.gateways.judges.composition import cases, compare
from benchmarks.gateways.judges.http import run_http_audits
from benchmarks.gateways.judges.peers import judge_peers
from benchmarks.gateways.judges.upstream_faults import Answer, explanation, judged

_SAID_EVERY = 500


def main() -> int:
    """Run one judge. Returns 1 if it found anything wrong."""
    arguments = _arguments()
    try:
        node = arguments.packages if arguments.judge == "audit" else packages.install(arguments.packages)
    except packages.PackagesError as error:
        raise SystemExit(str(error)) from error
    if arguments.judge == "composition":
        wrong = _judge_composition(arguments, node)
    elif arguments.judge == "peers":
        wrong = _judge_peers(node)
    elif arguments.judge == "audit":
        count, wrong = asyncio.run(run_audit(arguments.address))
        print(f"{count} tests, each over two supergraphs, {len(wrong)} wrong")
    else:
        audits = run_http_audits(node)
        wrong = [f"{each['status']} {each['id']} {each['name']}" for each in audits if each["status"] != "ok"]
        print(f"{len(audits)} audits: {dict(Counter(each['status'] for each in audits))}")
    print("\n".join(wrong))
    return 1 if wrong else 0


def _judge_composition(arguments: argparse.Namespace, node: Path) -> list[str]:
    wanted = cases(audit=arguments.audit, randoms=arguments.random, faulty=arguments.faulty, seed=arguments.seed)
    count, known, wrong = 0, Counter[str](), []
    for differences in compare(wanted, node):
        count += 1
        known.update({each.known_class for each in differences if each.known_class})
        for each in differences:
            if not each.known_class:
                wrong.append(each.case)
                print(f"{each.case}: {each.text}", flush=True)
        if count % _SAID_EVERY == 0:
            print(f"{count} sets of subgraphs, {len(wrong)} disagreements so far", flush=True)
    print(f"{count} sets of subgraphs, {len(wrong)} disagreements; and {sum(known.values())} that are proved not ours:")
    print("\n".join(f"  {number} times {reason}" for reason, number in known.most_common()))
    return wrong


def _judge_peers(node: Path) -> list[str]:
    answers = []
    for each in judge_peers(node):
        answers.append(each)
        known = explanation(each)
        print(f"{_label(each)}: {each.problem or 'same'}", flush=True)
        if known is not None:
            print(f"  not ours: {known.reason}.", flush=True)
    same = sum(each.problem is None for each in answers)
    verdict = judged(answers)
    explained = len(answers) - same - len(verdict.unexplained)
    print(
        f"{len(answers)} answers: {same} the same, {explained} otherwise and not ours, {len(verdict.unexplained)} wrong"
    )
    return [
        *(f"{_label(each)}: {each.problem}" for each in verdict.unexplained),
        *(
            f"{fault.gateway}, {supergraph}, {fault.operation}: no longer shows; take it out of upstream_faults.py"
            for fault, supergraph in verdict.obsolete
        ),
    ]


def _label(answer: Answer) -> str:
    return f"{answer.gateway}, {answer.supergraph}, {answer.operation}"


def _arguments() -> argparse.Namespace:
    parser = argparse.ArgumentParser(prog="python -m benchmarks.gateways.judges", description=__doc__)
    judges = parser.add_subparsers(dest="judge", required=True)
    composition = judges.add_parser("composition")
    composition.add_argument("--audit", help="address of a running audit, whose subgraphs are compared too")
    composition.add_argument("--random", type=int, default=100, help="how many random sets of subgraphs")
    composition.add_argument("--faulty", type=int, default=100, help="how many random sets with a mistake")
    composition.add_argument("--seed", type=int, default=1, help="of the first random set; the next ones follow")
    judges.add_parser("audit").add_argument("address")
    judges.add_parser("http")
    judges.add_parser("peers")
    for judge in judges.choices.values():
        judge.add_argument("--packages", type=Path, default=packages.default_folder(), help="where npm packages are")
    return parser.parse_args()


if __name__ == "__main__":
    sys.exit(main())
