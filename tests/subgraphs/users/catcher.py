"""A real mail server for tests, whose answers a test can bend."""

import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from email.message import EmailMessage
from email.parser import BytesParser
from email.policy import default
from typing import Any

from aiosmtpd.smtp import SMTP


class Catcher:
    """Keeps what it takes. `rcpt_answer` and `data_answer` replace the usual answers, `hangs_up` ends without one."""

    def __init__(self) -> None:
        self.letters: list[EmailMessage] = []
        self.tries = 0
        self.rcpt_answer: str | None = None
        self.data_answer: str | None = None
        self.hangs_up = False
        self.url = ""

    async def handle_RCPT(  # noqa: N802 - aiosmtpd's name
        self, server: Any, session: Any, envelope: Any, address: str, options: Any
    ) -> str:
        self.tries += 1
        if self.rcpt_answer is not None:
            return self.rcpt_answer
        envelope.rcpt_tos.append(address)
        return "250 OK"

    async def handle_DATA(self, server: Any, session: Any, envelope: Any) -> str:  # noqa: N802 - aiosmtpd's name
        if self.data_answer is not None:
            return self.data_answer
        letter = BytesParser(policy=default).parsebytes(envelope.content)
        assert isinstance(letter, EmailMessage)
        self.letters.append(letter)
        if self.hangs_up:
            server.transport.abort()
        return "250 OK"

    def subjects(self) -> list[str]:
        return [str(letter["Subject"]) for letter in self.letters]


@asynccontextmanager
async def catching() -> AsyncIterator[Catcher]:
    """Listen on a free port for the time of the block."""
    catcher = Catcher()
    loop = asyncio.get_running_loop()
    server = await loop.create_server(lambda: SMTP(catcher, loop=loop), "127.0.0.1", 0)
    catcher.url = f"smtp://127.0.0.1:{server.sockets[0].getsockname()[1]}"
    try:
        yield catcher
    finally:
        server.close()
        await server.wait_closed()
