"""The command: `python -m benchmarks.gateways.judges composition|audit|http`.

`composition [--audit ADDRESS] [--random N] [--seed S]`: our composer and Apollo's, over the project's graphs, those of
a running audit and random ones.
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


def main() -> int:
    """Run one judge. Returns 1 if it found anything wrong."""
    arguments = _arguments()
    try:
        node = arguments.packages if arguments.judge == "audit" else packages.install(arguments.packages)
    except packages.PackagesError as error:
        raise SystemExit(str(error)) from error
    if arguments.judge == "composition":
        wanted = list(cases(audit=arguments.audit, randoms=arguments.random, seed=arguments.seed))
        wrong = compare(wanted, node)
        print(f"{len(wanted)} sets of subgraphs, {len(wrong)} disagreements")
    elif arguments.judge == "audit":
        count, wrong = asyncio.run(run_audit(arguments.address))
        print(f"{count} tests, each over two supergraphs, {len(wrong)} wrong")
    else:
        audits = run_http_audits(node)
        wrong = [f"{each['status']} {each['id']} {each['name']}" for each in audits if each["status"] != "ok"]
        print(f"{len(audits)} audits: {dict(Counter(each['status'] for each in audits))}")
    print("\n".join(wrong))
    return 1 if wrong else 0


def _arguments() -> argparse.Namespace:
    parser = argparse.ArgumentParser(prog="python -m benchmarks.gateways.judges", description=__doc__)
    judges = parser.add_subparsers(dest="judge", required=True)
    composition = judges.add_parser("composition")
    composition.add_argument("--audit", help="address of a running audit, whose subgraphs are compared too")
    composition.add_argument("--random", type=int, default=100, help="how many random sets of subgraphs")
    composition.add_argument("--seed", type=int, default=1, help="of the first random set; the next ones follow")
    judges.add_parser("audit").add_argument("address")
    judges.add_parser("http")
    for judge in judges.choices.values():
        judge.add_argument("--packages", type=Path, default=packages.default_folder(), help="where npm packages are")
    return parser.parse_args()


if __name__ == "__main__":
    sys.exit(main())
