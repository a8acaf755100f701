"""Sending what is due. Each letter is taken in one transaction, sent outside of any, and recorded in another."""

import asyncio
import random
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from email.message import EmailMessage
from typing import Any

import structlog
from jinja2 import TemplateError

from subgraphs.shared.clock import Clock
from subgraphs.shared.postgres import Database
from subgraphs.users.events import MailKind
from subgraphs.users.gateways.smtp import MailDeferredError, MailGateway, MailInDoubtError, MailRefusedError
from subgraphs.users.models import Mail, MailStatus
from subgraphs.users.repository import mails
from subgraphs.users.service.crypto import PersonalData
from subgraphs.users.service.mail.letters import LetterWriter
from subgraphs.users.service.mail.queue import open_content

BATCH_SIZE = 50
MOST_ATTEMPTS = 10
FIRST_DELAY = timedelta(seconds=5)
LONGEST_DELAY = timedelta(hours=1)
IN_HAND_AT_MOST = timedelta(minutes=10)
"""Far beyond the timeouts of one letter: whoever held it that long is gone."""
_SENT_AT_ONCE = 5

_log = structlog.get_logger()


@dataclass(frozen=True, slots=True)
class Postman:
    """Writes letters and hands them over."""

    database: Database
    sealer: PersonalData
    writer: LetterWriter
    gateway: MailGateway
    sender: str
    clock: Clock

    async def has_work(self) -> bool:
        """Return whether `deliver_due` would find a letter, of whichever kind."""
        now = self.clock()
        return await mails.any_waiting(self.database, now=now, before=now - IN_HAND_AT_MOST)

    async def deliver_due(self) -> int:
        """Send one batch of what is due and return how many letters were tried.

        A letter that a lost worker had in hand is set aside as in doubt, not sent again.
        """
        now = self.clock()
        async with self.database.writing() as session:
            abandoned = await mails.set_aside_abandoned(session, before=now - IN_HAND_AT_MOST)
            taken = await mails.take_due(session, now=now, limit=BATCH_SIZE)
        if abandoned:
            _log.error("mails_in_doubt", count=abandoned, reason="WorkerLost")
        await self._deliver(taken, claimed_at=now)
        return len(taken)

    async def _deliver(self, taken: Sequence[Mail], *, claimed_at: datetime) -> None:
        turn = asyncio.Semaphore(_SENT_AT_ONCE)

        async def deliver(mail: Mail) -> None:
            async with turn:
                values = await self._outcome(mail)
            async with self.database.writing() as session:
                await mails.record_outcome(session, mail.id, claimed_at=claimed_at, values=values)

        await asyncio.gather(*(deliver(mail) for mail in taken))

    async def _outcome(self, mail: Mail) -> dict[str, Any]:
        """Send the letter and return the columns that say what became of it."""
        try:
            letter, recipient = self._write(mail)
        except (ValueError, TemplateError) as error:
            return _given_up(mail, type(error).__name__)
        try:
            await self.gateway.send(letter, sender=self.sender, recipient=recipient)
        except MailRefusedError as error:
            return _given_up(mail, error.reason)
        except MailInDoubtError as error:
            _log.error("mail_in_doubt", mail_id=str(mail.id), kind=mail.kind, reason=error.reason)
            return {"status": MailStatus.IN_DOUBT, "last_error": error.reason}
        except MailDeferredError as error:
            return self._deferred(mail, error.reason)
        return {"status": MailStatus.SENT, "sent_at": self.clock(), "content": None, "last_error": None}

    def _write(self, mail: Mail) -> tuple[EmailMessage, str]:
        content = open_content(mail, self.sealer)
        letter = self.writer.write(
            MailKind(mail.kind),
            mail_id=mail.id,
            recipient=content.email,
            locale=content.locale,
            data=content.data,
            now=self.clock(),
        )
        return letter, content.email

    def _deferred(self, mail: Mail, reason: str) -> dict[str, Any]:
        if mail.attempts >= MOST_ATTEMPTS:
            return _given_up(mail, reason)
        delay = delay_before(mail.attempts + 1)
        _log.warning("mail_deferred", mail_id=str(mail.id), kind=mail.kind, attempt=mail.attempts, reason=reason)
        return {"status": MailStatus.QUEUED, "next_attempt_at": self.clock() + delay, "last_error": reason}


def delay_before(attempt: int) -> timedelta:
    """Return how long to wait before the attempt (2 is the first repetition): doubled each time, with jitter.

    Between 5 and 10 s, 10 and 20 s, …, at most an hour: letters that failed together do not come back together.
    """
    doubled = FIRST_DELAY * (1 << min(attempt - 2, 20))
    return min(doubled * (1 + random.random()), LONGEST_DELAY)  # noqa: S311 - spreads load, keeps no secret


def _given_up(mail: Mail, reason: str) -> dict[str, Any]:
    _log.error("mail_given_up", mail_id=str(mail.id), kind=mail.kind, attempts=mail.attempts, reason=reason)
    return {"status": MailStatus.DEAD, "last_error": reason}
