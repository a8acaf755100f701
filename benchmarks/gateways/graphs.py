"""The two graphs that are measured, and the operations over them."""

import re
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from pathlib import Path

from benchmarks.gateways.answers import Source, Subgraph
from benchmarks.gateways.home_data import HomeSource
from benchmarks.gateways.shop_data import ShopSource
from router.composition import Subgraph as SubgraphSdl
from router.composition import compose
from stack.home import PROJECT

_SHOP = Path(__file__).parent / "shop"
_OPERATIONS = PROJECT / "schema" / "operations"
_GRAPH_ADDRESS = re.compile(r'@join__graph\(name: "(?P<name>[^"]+)", url: "[^"]*"\)')


@dataclass(frozen=True, slots=True)
class Operation:
    """An operation that is measured.

    Attributes:
        alias: A field that begins a line of the text. Under another alias, the text is a new one that asks the same.
        expect: Part of every good reply.
    """

    name: str
    text: str
    alias: str
    expect: bytes

    def cold_text(self, number: int) -> str:
        """Return the operation as a text that differs from all others of another number, and so does its reply."""
        return re.sub(rf"(?m)^( +){self.alias}\b", rf"\g<1>{self.alias}_{number}: {self.alias}", self.text, count=1)


@dataclass(frozen=True, slots=True)
class Graph:
    """A supergraph, its subgraphs' SDL by name, and where their values come from."""

    name: str
    sdl: Mapping[str, str]
    supergraph: Callable[[], str]
    source: Source
    operations: tuple[Operation, ...]
    corpus: Mapping[str, str]

    def subgraphs(self) -> dict[str, Subgraph]:
        """Return all subgraphs, ready to answer."""
        return {name: Subgraph(text, self.source) for name, text in self.sdl.items()}

    def supergraph_at(self, addresses: Mapping[str, str]) -> str:
        """Return the supergraph with the subgraphs' addresses."""
        return at(addresses, self.supergraph())


def at(addresses: Mapping[str, str], supergraph: str) -> str:
    """Return a supergraph with the addresses of its subgraphs."""
    return _GRAPH_ADDRESS.sub(
        lambda found: f'@join__graph(name: "{found["name"]}", url: "{addresses[found["name"]]}")', supergraph
    )


def _files(folder: Path) -> dict[str, str]:
    return {file.stem: file.read_text(encoding="utf-8") for file in sorted(folder.glob("*.graphql"))}


def composed(sdl: Mapping[str, str], *, with_authorization: bool = True) -> str:
    """Return the supergraph of subgraphs.

    Raises:
        ValueError: They do not compose.
    """
    subgraphs = [SubgraphSdl(name, "http://subgraph", text) for name, text in sdl.items()]
    result = compose(subgraphs, with_authorization=with_authorization)
    if result.errors:
        raise ValueError("\n".join(str(error) for error in result.errors))
    return result.supergraph_sdl


def shop_subgraphs() -> dict[str, str]:
    """Return the shop's SDL by subgraph."""
    return _files(_SHOP / "subgraphs")


def project_subgraphs() -> dict[str, str]:
    """Return the platform's SDL by subgraph, with what it demands of viewers."""
    return _files(PROJECT / "schema" / "subgraphs")


def _shop() -> Graph:
    sdl = shop_subgraphs()
    texts = _files(_SHOP / "operations")
    operations = (
        Operation("test-query", texts["test-query"], "topProducts", b'"topProducts'),
        Operation("me", texts["me"], "username", b'"me":{'),
    )
    return Graph("shop", sdl, lambda: composed(sdl), ShopSource(), operations, texts)


def _home() -> Graph:
    texts = _files(_OPERATIONS)
    sdl = project_subgraphs()
    # Apollo Gateway refuses every supergraph with demands: only Apollo's router can enforce them.
    return Graph(
        "home",
        sdl,
        lambda: composed(sdl, with_authorization=False),
        HomeSource(),
        (Operation("home", texts["home"], "isAnonymous", b'"page":{'),),
        texts,
    )


def load_graphs() -> dict[str, Graph]:
    """Return the graphs by name."""
    return {graph.name: graph for graph in (_shop(), _home())}
