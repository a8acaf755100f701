"""`reelgraph rebuild-search`: shows how far the new index is. The rebuild itself is in the catalog's `indexing`."""

import asyncio

from rich.console import Console
from rich.progress import BarColumn, MofNCompleteColumn, Progress, TextColumn, TimeRemainingColumn

from subgraphs.catalog.config import Settings
from subgraphs.catalog.service.engines import open_feed
from subgraphs.shared.clock import system_clock


def show_rebuild(settings: Settings, console: Console) -> int:
    """Build the index of search anew and return how many documents it has; none where PostgreSQL searches, whose index
    cannot differ from its rows.

    Raises:
        RebuildBrokenOffError: Documents are missing in the new index, so searches go on in the old one.
        ServiceUnavailableError: The cluster or the database does not answer.
    """
    if not settings.search_url:
        console.print("PostgreSQL searches, and its index is part of it: there is nothing to rebuild.")
        return 0
    columns = (TextColumn("{task.description}"), BarColumn(), MofNCompleteColumn(), TimeRemainingColumn())
    with Progress(*columns, console=console) as bar:
        task = bar.add_task(settings.search_index, total=None)

        async def rebuild() -> int:
            async with open_feed(settings, clock=system_clock) as feed:
                assert feed is not None  # it is, with an address
                return await feed.rebuild(progress=lambda done, of: bar.update(task, completed=done, total=of))

        documents = asyncio.run(rebuild())
    console.print(f"Searches use the new index of {documents:,} titles and people.")
    return documents
