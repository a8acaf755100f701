"""Takes letters over SMTP. What it takes goes to the folder and nowhere else."""

import asyncio
import signal
from collections.abc import AsyncGenerator, Callable
from contextlib import AbstractAsyncContextManager, asynccontextmanager
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

from aiosmtpd.smtp import SMTP

from stack.mail_catcher.letters import LetterFolder

_LARGEST_LETTER_BYTES = 1_000_000


class Catching:
    """aiosmtpd's handler: keeps each letter."""

    def __init__(self, folder: LetterFolder) -> None:
        self._folder = folder

    async def handle_DATA(self, _server: Any, _session: Any, envelope: Any) -> str:  # noqa: N802 - aiosmtpd's name
        """Keep the letter and say so."""
        await asyncio.to_thread(self._folder.add, envelope.content, at=datetime.now(UTC))
        return "250 Caught"


async def listen(folder: Path, *, host: str, port: int) -> asyncio.Server:
    """Return the listening server; 0 takes any free port."""
    loop = asyncio.get_running_loop()
    handler = Catching(LetterFolder(folder))
    return await loop.create_server(
        lambda: SMTP(handler, loop=loop, data_size_limit=_LARGEST_LETTER_BYTES, ident="reelgraph"), host, port
    )


@asynccontextmanager
async def catching(folder: Path, *, host: str, port: int) -> AsyncGenerator[None]:
    """Take letters while the context is open."""
    server = await listen(folder, host=host, port=port)
    try:
        yield
    finally:
        server.close()


async def catch_until_stopped(catcher: AbstractAsyncContextManager[None], *, announce: Callable[[], None]) -> None:
    """Take letters until SIGTERM or SIGINT; `announce` is called when the first may come."""
    stopped = asyncio.Event()
    loop = asyncio.get_running_loop()
    for number in (signal.SIGTERM, signal.SIGINT):
        loop.add_signal_handler(number, stopped.set)
    async with catcher:
        announce()
        await stopped.wait()
