"""A worker in a process of its own, to be killed: `python -m tests.workers.worker_process`.

Settings come as JSON on stdin. In its third batch, with everything written and nothing committed, it says so on stdout
and waits for its end.
"""

import asyncio
import sys
from typing import Any

from subgraphs.catalog.repository import bulk as bulk_statements
from subgraphs.catalog.repository import imports as import_statements
from subgraphs.catalog.service import bulk
from tests.workers.conftest import MovableClock
from workers.config import Settings
from workers.importing import advance_imports
from workers.publishing import advance_bulk_operations
from workers.services import open_services

BATCH = 20
LAST_BATCH = 3


def stop_in(module: Any, name: str) -> None:
    """Let the statement that ends a batch be the last of the third one."""
    statement, calls = getattr(module, name), 0

    async def say_and_wait(*arguments: Any, **named: Any) -> None:
        nonlocal calls
        calls += 1
        await statement(*arguments, **named)
        if calls == LAST_BATCH:
            print("third batch", flush=True)  # noqa: T201  # whoever started it waits for that
            await asyncio.Event().wait()

    setattr(module, name, say_and_wait)


async def main() -> None:
    """Work at imports and bulk operations, in small batches, up to the third."""
    settings = Settings.model_validate_json(sys.stdin.read())
    bulk.BATCH = BATCH
    stop_in(import_statements, "set_counts")
    stop_in(bulk_statements, "finish_if_done")
    async with open_services(settings, clock=MovableClock()) as services:
        await advance_imports(services, batch=BATCH)
        await advance_bulk_operations(services)


if __name__ == "__main__":
    asyncio.run(main())
