"""A worker in a process of its own, to be killed: `python -m tests.workers.encoding_worker`.

Settings come as JSON on stdin. When half of a film is encoded it says so on stdout, and waits for its end.
"""

import asyncio
import sys

from tests.workers.conftest import MovableClock
from tests.workers.encoding_support import FakeEncoder
from workers.config import Settings
from workers.encoding import encode_next
from workers.services import open_services


async def main() -> None:
    """Encode half of a film."""
    settings = Settings.model_validate_json(sys.stdin.read())
    encoder = FakeEncoder()
    async with open_services(settings, clock=MovableClock()) as services:
        work = asyncio.create_task(encode_next(services, encoder=encoder))
        await encoder.is_half_done.wait()
        print("half done", flush=True)  # noqa: T201  # whoever started it waits for that
        await work


if __name__ == "__main__":
    asyncio.run(main())
