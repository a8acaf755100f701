"""Keeping the index of a cluster like the database: documents that changed, and the whole index anew.

Every document carries, as its version, how much the statement that read it had seen. The cluster keeps the newest, so
documents may be sent twice, late and in any order. While a new index is built, what changes is written to both; only
when it is complete does the alias, under which searches know the index, move there, in one step.
"""

from collections.abc import Callable, Iterable, Sequence
from typing import Any
from uuid import UUID, uuid4

from subgraphs.catalog.gateways import search_index
from subgraphs.catalog.gateways.search_cluster import SearchCluster
from subgraphs.catalog.repository import search_documents
from subgraphs.catalog.repository.search_documents import DocumentsAtOnce
from subgraphs.shared.errors import ReelgraphError
from subgraphs.shared.postgres import Database

BATCH = 1_000


class RebuildBrokenOffError(ReelgraphError):
    """The new index is not complete; searches go on in the old one."""

    code = "CONFLICT"


class IndexFeed:
    """Writes documents into the index of that name, in as many calls as there are thousands of them."""

    def __init__(self, cluster: SearchCluster, database: Database, *, index: str) -> None:
        self._cluster = cluster
        self._database = database
        self._index = index
        self._next = f"{index}-next"

    async def put(self, owners: Iterable[UUID]) -> None:
        """Write the documents of the owners as they are now: they can be found when this returns.

        Owners without a document are passed over, and everything is while there is no index: building it takes all.

        Raises:
            ServiceUnavailableError: The cluster or the database does not answer; writing them again does no harm.
        """
        for batch in _batches(dict.fromkeys(owners)):
            async with self._database.reading() as session:
                read = await search_documents.documents_of(session, batch)
            await self._write(read, (self._index, self._next), refresh=True)

    async def rebuild(self, *, progress: Callable[[int, int], None]) -> int:
        """Build the index anew from the database and return how many documents it has. Searches go on meanwhile.

        What a rebuild that was broken off left behind is deleted; one that still runs elsewhere is broken off.

        Args:
            progress: Is told how many documents of how many are written.

        Raises:
            RebuildBrokenOffError: Documents are missing in the new index, or another rebuild took over.
            ServiceUnavailableError: The cluster or the database does not answer.
        """
        for left in await self._cluster.indices_of(self._next):
            await self._cluster.delete_index(left)
        new = f"{self._index}-{uuid4().hex}"
        await self._cluster.create_index(new, {**search_index.INDEX, "aliases": {self._next: {}}})
        written = await self._write_all(progress)
        if await self._cluster.indices_of(self._next) != [new] or await self._cluster.count(new) < written:
            raise RebuildBrokenOffError("The new index of search is not complete, so the old one stays. Try again.")
        old = await self._cluster.indices_of(self._index)
        await self._cluster.change_aliases(
            [
                {"remove": {"index": new, "alias": self._next, "must_exist": True}},
                {"add": {"index": new, "alias": self._index}},
                *({"remove_index": {"index": each}} for each in old),
            ]
        )
        return written

    async def _write_all(self, progress: Callable[[int, int], None]) -> int:
        async with self._database.reading() as session:
            total = await search_documents.count_documents(session)
        written, after = 0, None
        progress(0, total)
        while True:
            async with self._database.reading() as session:
                read = await search_documents.documents_after(session, after, limit=BATCH)
            if not read.documents:
                return written
            written += await self._write(read, (self._next,), refresh=False)
            after = read.documents[-1].owner_id
            progress(written, max(total, written))

    async def _write(self, read: DocumentsAtOnce, aliases: Sequence[str], *, refresh: bool) -> int:
        documents: list[tuple[dict[str, Any], dict[str, Any]]] = []
        for document in read.documents:
            fields = search_index.fields_of(document)
            place = {"_id": fields["id"], "version": read.version, "version_type": "external"}
            documents.extend(({"_index": alias, **place}, fields) for alias in aliases)
        return await self._cluster.write(documents, refresh=refresh) if documents else 0


def _batches(owners: Iterable[UUID]) -> Iterable[Sequence[UUID]]:
    every = list(owners)
    return (every[at : at + BATCH] for at in range(0, len(every), BATCH))
