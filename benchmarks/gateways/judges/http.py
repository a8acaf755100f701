"""Serves a supergraph with our router and runs the audits of graphql-http against it."""

import json
import subprocess
import tempfile
from pathlib import Path
from typing import Any

from benchmarks.gateways.graphs import load_graphs
from benchmarks.gateways.peers import GATEWAYS, OURS, Cores, started
from stack.servers.process import LOOPBACK

_SECONDS = 300


def run_http_audits(node: Path) -> list[dict[str, Any]]:
    """Return id, name, status and reason of each audit."""
    ours = next(gateway for gateway in GATEWAYS if gateway.name == OURS)
    with tempfile.TemporaryDirectory(prefix="reelgraph-judges-") as folder:
        supergraph = Path(folder) / "supergraph.graphql"
        supergraph.write_text(load_graphs()["shop"].supergraph(), encoding="utf-8")
        with (
            (Path(folder) / "router.log").open("wb") as log,
            started(
                ours, supergraph=supergraph, node=node, core=Cores.share().gateway, deduplicate=False, log=log
            ) as router,
        ):
            command = ["node", str(node / "http-audits.mjs"), f"http://{LOOPBACK}:{router.port}/graphql"]
            done = subprocess.run(command, check=True, stdout=subprocess.PIPE, timeout=_SECONDS)
    audits: list[dict[str, Any]] = json.loads(done.stdout)
    return audits
