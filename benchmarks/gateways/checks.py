"""Asks every gateway the same once: whether `data` is equal, and how many subgraph requests it took."""

import http.client
import json
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

from benchmarks.gateways.peers import Running
from stack.servers.process import LOOPBACK

_REPLY_SECONDS = 30


@dataclass(frozen=True, slots=True)
class Checked:
    """What one gateway did with one operation.

    Attributes:
        difference: Where its reply differs from the first gateway's; None if it does not.
        subgraph_requests: How many it took.
        reply_bytes: Size of the body.
    """

    gateway: str
    operation: str
    difference: str | None
    subgraph_requests: int
    reply_bytes: int


def check(gateways: Sequence[Running], *, operation: str, text: str, subgraph_port: int) -> list[Checked]:
    """Ask each gateway and compare with the first one; errors in a reply are a difference, too."""
    found = []
    wanted: Any = None
    for number, running in enumerate(gateways):
        ask(running.port, text)  # some gateways fetch more with the first request
        before = total_requests(subgraph_port)
        body = ask(running.port, text)
        requests = total_requests(subgraph_port) - before
        reply = json.loads(body)
        if number == 0:
            wanted = reply.get("data")
        difference = (
            f"errors: {str(reply['errors'])[:300]}"
            if reply.get("errors")
            else first_difference(wanted, reply.get("data"), path="data")
        )
        found.append(Checked(running.gateway.name, operation, difference, requests, len(body)))
    return found


def ask(port: int, text: str) -> bytes:
    """Return the body of the reply to an operation, whatever its status."""
    connection = http.client.HTTPConnection(LOOPBACK, port, timeout=_REPLY_SECONDS)
    try:
        headers = {"Content-Type": "application/json", "Accept": "application/json"}
        connection.request("POST", "/graphql", json.dumps({"query": text}), headers)
        return connection.getresponse().read()
    finally:
        connection.close()


def total_requests(subgraph_port: int) -> int:
    """Return how many requests all subgraphs together have answered."""
    connection = http.client.HTTPConnection(LOOPBACK, subgraph_port, timeout=_REPLY_SECONDS)
    try:
        connection.request("GET", "/counts")
        counts: dict[str, int] = json.load(connection.getresponse())
    finally:
        connection.close()
    return sum(counts.values())


def first_difference(wanted: Any, found: Any, *, path: str) -> str | None:
    """Return where two JSON values differ, and how; None if they are equal. The order of keys does not matter."""
    if isinstance(wanted, dict) and isinstance(found, dict) and wanted.keys() == found.keys():
        pairs = [(f"{path}.{key}", wanted[key], found[key]) for key in wanted]
    elif isinstance(wanted, list) and isinstance(found, list) and len(wanted) == len(found):
        pairs = [(f"{path}.{index}", *both) for index, both in enumerate(zip(wanted, found, strict=True))]
    elif wanted == found:
        return None
    else:
        return f"{path}: {str(wanted)[:120]} is expected, {str(found)[:120]} came"
    differences = (first_difference(one, other, path=below) for below, one, other in pairs)
    return next((difference for difference in differences if difference is not None), None)
