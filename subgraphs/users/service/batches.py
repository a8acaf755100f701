"""What workers call: letters, notices and announcements. Each method commits once per call, or once per batch."""

import asyncio
from collections.abc import AsyncIterator, Sequence
from contextlib import AsyncExitStack, asynccontextmanager
from datetime import datetime
from email.utils import parseaddr
from uuid import UUID

import structlog

from subgraphs.shared.clock import Clock, system_clock
from subgraphs.shared.ids import decode_ids_leniently, encode_id
from subgraphs.shared.postgres import Database
from subgraphs.shared.privacy import Records
from subgraphs.shared.redis import Cache
from subgraphs.users.config import WorkerSettings
from subgraphs.users.events import MailRequested, NotificationRequested
from subgraphs.users.gateways.smtp import MailGateway, SmtpServer
from subgraphs.users.models import NotificationChannel
from subgraphs.users.repository import privacy
from subgraphs.users.repository.sessions import SessionStore
from subgraphs.users.service import resealing
from subgraphs.users.service.crypto import PersonalData, SealedValueError
from subgraphs.users.service.mail.delivery import BATCH_SIZE, Postman
from subgraphs.users.service.mail.letters import LetterWriter, Sender
from subgraphs.users.service.mail.queue import Letter, accept
from subgraphs.users.service.mail.secrets import open_secrets
from subgraphs.users.service.notifications import announcements
from subgraphs.users.service.notifications.kinds import SAFETY_MAILS
from subgraphs.users.service.notifications.live import LiveNotices
from subgraphs.users.service.notifications.sending import Notice, send
from subgraphs.users.service.privacy import deletion, exports, retention
from subgraphs.users.service.privacy.deletion import Purged
from subgraphs.users.service.privacy.exports import ExportFiles, PendingExport
from subgraphs.users.service.resealing import Resealed

_log = structlog.get_logger()

_IN_APP = frozenset({NotificationChannel.IN_APP})


class UsersBatches:
    """The batch functions over open stores."""

    def __init__(
        self,
        database: Database,
        cache: Cache,
        *,
        sealer: PersonalData,
        postman: Postman | None,
        files: ExportFiles,
        sessions: SessionStore,
        clock: Clock,
    ) -> None:
        self._database = database
        self._sealer = sealer
        self._postman = postman
        self._files = files
        self._sessions = sessions
        self._live = LiveNotices(cache)
        self._clock = clock

    async def accept_mails(self, requested: Sequence[MailRequested]) -> None:
        """Queue the letters that are new; those about an account's safety become notices in the app, too."""
        letters = [letter for each in requested if (letter := self._letter(each)) is not None]
        safety = [
            Notice(
                SAFETY_MAILS[letter.kind],
                letter.user_id,
                letter.dedup_key,
                {**letter.data, "event": letter.kind.value},
                only=_IN_APP,
            )
            for letter in letters
            if letter.kind in SAFETY_MAILS and letter.user_id is not None
        ]
        async with self._database.writing() as session:
            await accept(session, letters, sealer=self._sealer, now=self._clock())
            written = await send(session, safety, sealer=self._sealer, now=self._clock())
        await self._live.announce(written)

    def _letter(self, requested: MailRequested) -> Letter | None:
        """Return the letter; None when what is sealed for it does not open, which only a missing key can cause."""
        try:
            secrets = open_secrets(self._sealer, requested.sealed, dedup_key=requested.dedup_key)
        except SealedValueError:
            _log.exception("mail_secrets_do_not_open", kind=requested.kind.value)
            return None
        return Letter(
            kind=requested.kind,
            user_id=_user_uuid(requested.user_id),
            email=requested.email,
            locale=requested.locale,
            dedup_key=requested.dedup_key,
            data={**requested.data, **secrets},
        )

    async def notify(self, requested: Sequence[NotificationRequested]) -> None:
        """Write the notices that are new to the channels that their readers want; unknown accounts get none."""
        wanted = [
            Notice(each.kind, user_id, each.dedup_key, dict(each.data), each.deep_link)
            for each in requested
            if (user_id := _user_uuid(each.user_id)) is not None
        ]
        async with self._database.writing() as session:
            written = await send(session, wanted, sealer=self._sealer, now=self._clock())
        await self._live.announce(written)

    async def mails_wait(self) -> bool:
        """Return whether `deliver_mails` has something to do; never without a mail server."""
        return self._postman is not None and await self._postman.has_work()

    async def deliver_mails(self, *, most_batches: int = 20) -> int:
        """Send the letters that are due and return how many were tried; without a mail server they wait."""
        if self._postman is None:
            return 0
        total = 0
        for _batch in range(most_batches):
            tried = await self._postman.deliver_due()
            total += tried
            if tried < BATCH_SIZE:
                break
        return total

    async def pending_exports(self) -> list[PendingExport]:
        """Return exports to make, with what this subgraph contributes to each."""
        return await exports.pending(self._database, sealer=self._sealer)

    async def finish_export(self, export: PendingExport, others: Records) -> None:
        """Write the file of the export and tell its owner. One that was made meanwhile is written over, told once."""
        now = self._clock()
        content = exports.document(export, others, now=now)
        await asyncio.to_thread(self._files.write, export.export_id, content)
        async with self._database.writing() as session:
            await exports.offer(session, export.export_id, files=self._files, sealer=self._sealer, now=now)

    async def expire_exports(self) -> int:
        """Delete the files whose time is over and return how many."""
        async with self._database.writing() as session:
            expired = await privacy.expire_exports(session, now=self._clock())
        for export_id in expired:
            await asyncio.to_thread(self._files.delete, export_id)
        return len(expired)

    async def purge_accounts(self, *, most: int = 100) -> int:
        """Remove accounts whose 90 days are over, and forget those of a day ago once more; return how many."""
        total = 0
        for step in (deletion.purge_next, deletion.sweep_next):
            for _account in range(most):
                now = self._clock()
                async with self._database.writing() as session:
                    purged = await step(session, sealer=self._sealer, now=now)
                if purged is None:
                    break
                # After the commit: who comes back before it has nothing to come back to.
                await self._forget_outside(purged, now=now)
                total += 1
        return total

    async def unconfirmed_accounts(self, *, before: datetime, after: str | None = None, limit: int = 500) -> list[str]:
        """Return ids of accounts of before the moment that nobody ever got into, in order, from what follows `after`.

        Their address was never confirmed, and they have no other way in.
        """
        async with self._database.reading() as session:
            found = await privacy.unconfirmed_accounts(session, before=before, after=_user_uuid(after), limit=limit)
        return [encode_id("User", each) for each in found]

    async def purge_unconfirmed(self, user_ids: Sequence[str], *, before: datetime) -> int:
        """Remove those of the accounts that nobody ever got into until now; return how many."""
        total = 0
        for user_id in map(_user_uuid, user_ids):
            now = self._clock()
            async with self._database.writing() as session:
                purged = user_id and await deletion.purge_unconfirmed(
                    session, user_id, before=before, sealer=self._sealer, now=now
                )
            if purged:
                await self._forget_outside(purged, now=now)
                total += 1
        return total

    async def _forget_outside(self, purged: Purged, *, now: datetime) -> None:
        living = await self._sessions.of_user(purged.user_id, now=now)
        await self._sessions.revoke(list(living), user_id=purged.user_id, now=now)
        for export_id in purged.export_ids:
            await asyncio.to_thread(self._files.delete, export_id)

    async def reseal(self, *, most_batches: int | None = None) -> dict[str, Resealed]:
        """Move what is sealed under an older key to the newest one; return what became of each column, by its name."""
        return await resealing.reseal(self._database, sealer=self._sealer, most_batches=most_batches)

    async def forget_security_log(self, *, before: datetime) -> int:
        """Delete entries of the audit log of before the moment and return how many."""
        return await retention.forget_security_log(self._database, before=before)

    async def forget_letters(self, *, before: datetime) -> int:
        """Delete delivery records of letters of before the moment and return how many."""
        return await retention.forget_letters(self._database, before=before)

    async def forget_notices(self, *, before: datetime) -> int:
        """Delete notices of before the moment and return how many."""
        return await retention.forget_notices(self._database, before=before)

    async def forget_grievances(self, *, before: datetime) -> int:
        """Delete complaints of before the moment and return how many."""
        return await retention.forget_grievances(self._database, before=before)

    async def write_announcements(self, *, most_batches: int = 20) -> int:
        """Write announcements that are due and return to how many accounts."""
        total = 0
        for _batch in range(most_batches):
            async with self._database.writing() as session:
                count, written = await announcements.write_next_batch(session, sealer=self._sealer, now=self._clock())
            await self._live.announce(written)
            if not count:
                break
            total += count
        return total


@asynccontextmanager
async def open_service(
    settings: WorkerSettings, *, clock: Clock = system_clock, gateway: MailGateway | None = None
) -> AsyncIterator[UsersBatches]:
    """Open the stores and give the batch functions over them.

    Args:
        settings: Where the stores are, and the mail server.
        clock: The present moment.
        gateway: Hands letters over instead of the settings' mail server.
    """
    timeout_seconds = settings.store_timeout_seconds
    async with AsyncExitStack() as stack:
        database = Database(
            settings.database_url, settings.users_database, pool_size=3, timeout_seconds=timeout_seconds
        )
        stack.push_async_callback(database.close)
        cache = Cache(settings.redis_url, "users", timeout_seconds=timeout_seconds)
        stack.push_async_callback(cache.close)
        sealer = PersonalData(settings.personal_data_keys, lookup_key=settings.personal_data_lookup_key)
        chosen = gateway or (SmtpServer.parse(settings.smtp_url) if settings.smtp_url else None)
        postman = None
        if chosen is not None:
            writer = LetterWriter(Sender(settings.mail_from, settings.web_url))
            postman = Postman(database, sealer, writer, chosen, parseaddr(settings.mail_from)[1], clock)
        files = ExportFiles(
            settings.objects_dir,
            public_url=settings.public_url,
            sealer=sealer,
            link_key=settings.personal_data_lookup_key,
        )
        sessions = SessionStore(cache, denied_tokens_stream=settings.denied_tokens_stream)
        yield UsersBatches(database, cache, sealer=sealer, postman=postman, files=files, sessions=sessions, clock=clock)


def _user_uuid(global_id: str | None) -> UUID | None:
    decoded = decode_ids_leniently([global_id or ""], "User")[0]
    return decoded.uuid if decoded else None
