"""An adapter with its cluster of memory, over a database."""

from dataclasses import dataclass
from typing import Any
from uuid import UUID

from subgraphs.catalog.gateways.search_cluster import SearchCluster
from subgraphs.catalog.service.cluster_search import ClusterSearch
from subgraphs.catalog.service.indexing import IndexFeed
from subgraphs.shared.postgres import Database
from tests.subgraphs.catalog.support import TurnedClock, acted_by, movie
from tests.subgraphs.catalog.test_search_contract import ADULT, EVERYTHING
from tests.support.search_cluster import FakeCluster

INDEX = "films"
RIVER = movie("Golden River", credits=acted_by("Golda Mir"))
FILMS = (RIVER, movie("Silver River"), movie("Dragon"))


def quietly(_done: int, _of: int) -> None:
    """Nobody is told how far it is."""


@dataclass
class Bench:
    """A cluster with the adapter for it, over a database."""

    fake: FakeCluster
    cluster: SearchCluster
    database: Database
    engine: ClusterSearch
    feed: IndexFeed
    clock: TurnedClock


async def found(bench: Bench, query: str, **options: Any) -> list[UUID]:
    options = {"audience": ADULT, "limit": 5, "after": None, **options}
    return [hit.id for hit in (await bench.engine.find(query, EVERYTHING, **options)).hits]
