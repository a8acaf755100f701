"""A person's data as a file: asked for once at a time, made by the worker, sealed on disk, behind a link that expires.

The link is a capability: whoever has it may read the file, as the letter says. It names the export and its end, and is
signed; the file itself is sealed under the keys for personal data, so that a copy of the disk gives nothing away.
"""

import hashlib
import hmac
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from pathlib import Path
from uuid import UUID

import orjson

from subgraphs.shared.ids import encode_id
from subgraphs.shared.outbox import publish
from subgraphs.shared.postgres import Database, WriteSession
from subgraphs.shared.privacy import DataSubject, Records
from subgraphs.users.events import MailKind, MailRequested
from subgraphs.users.models import DataExport, ExportStatus
from subgraphs.users.repository import privacy
from subgraphs.users.service.crypto import PersonalData, SealedValueError
from subgraphs.users.service.mail.secrets import seal_secrets
from subgraphs.users.service.privacy.own_data import export_account

OFFERED_FOR = timedelta(days=7)
FORMAT = 1
PATH = "/exports"
_BATCH_SIZE = 5


@dataclass(frozen=True, slots=True)
class PendingExport:
    """An export to make, with what this subgraph contributes."""

    export_id: UUID
    subject: DataSubject
    own: Records


class ExportFiles:
    """The sealed files and the links to them."""

    def __init__(self, folder: Path, *, public_url: str, sealer: PersonalData, link_key: str) -> None:
        self._folder = folder / "exports"
        self._public_url = public_url.rstrip("/")
        self._sealer = sealer
        self._link_key = hashlib.sha256(f"export-links:{link_key}".encode()).digest()

    def write(self, export_id: UUID, content: bytes) -> None:
        """Keep the file, complete or not at all; blocking."""
        self._folder.mkdir(mode=0o700, parents=True, exist_ok=True)
        unfinished = self._folder / f"{export_id}.part"
        unfinished.touch(mode=0o600)
        unfinished.write_text(self._sealer.seal(content.decode(), purpose=_purpose(export_id)), encoding="ascii")
        unfinished.rename(self._path(export_id))

    def read(self, export_id: UUID) -> bytes | None:
        """Return the file's content; None when it is gone. Blocking."""
        try:
            sealed = self._path(export_id).read_text(encoding="ascii")
            return self._sealer.open(sealed, purpose=_purpose(export_id)).encode()
        except (FileNotFoundError, SealedValueError):
            return None

    def delete(self, export_id: UUID) -> None:
        """Delete the file; one that is gone is no error. Blocking."""
        self._path(export_id).unlink(missing_ok=True)

    def link(self, export_id: UUID, *, expires_at: datetime) -> str:
        """Return the address of the file, good until that moment."""
        end = int(expires_at.timestamp())
        return f"{self._public_url}{PATH}/{export_id}?expires={end}&signature={self._signature(export_id, end)}"

    def admits(self, export_id: UUID, *, expires: str, signature: str, now: datetime) -> bool:
        """Return whether a link is ours and still good."""
        if not expires.isascii() or not expires.isdigit() or len(expires) > 12:
            return False
        end = int(expires)
        is_ours = hmac.compare_digest(self._signature(export_id, end).encode(), signature.encode())
        return is_ours and now < datetime.fromtimestamp(end, UTC)

    def _signature(self, export_id: UUID, end: int) -> str:
        return hmac.new(self._link_key, f"{export_id}:{end}".encode(), hashlib.sha256).hexdigest()

    def _path(self, export_id: UUID) -> Path:
        return self._folder / f"{export_id}.sealed"


async def request(session: WriteSession, user_id: UUID, *, now: datetime) -> DataExport:
    """Return the export that is being made or can still be fetched, else a new one."""
    await privacy.user_for_update(session, user_id)
    current = await privacy.current_export(session, user_id, now=now)
    if current is not None:
        return current
    export = DataExport(user_id=user_id, status=ExportStatus.PENDING, requested_at=now)
    session.add(export)
    return export


async def pending(database: Database, *, sealer: PersonalData) -> list[PendingExport]:
    """Return some exports to make, oldest first."""
    async with database.reading() as session:
        found = []
        for export, user in await privacy.pending_exports(session, limit=_BATCH_SIZE):
            profile_ids = await privacy.profile_ids_of(session, user.id)
            subject = DataSubject(
                encode_id("User", user.id), tuple(encode_id("Profile", profile_id) for profile_id in profile_ids)
            )
            found.append(PendingExport(export.id, subject, await export_account(session, user, sealer=sealer)))
    return found


def document(export: PendingExport, others: Records, *, now: datetime) -> bytes:
    """Return the file: everything under its name, in a form that programs read."""
    content = {
        "format": FORMAT,
        "created_at": now.isoformat(),
        "account_id": export.subject.user_id,
        "profile_ids": list(export.subject.profile_ids),
        "data": {**export.own, **others},
    }
    return orjson.dumps(content, option=orjson.OPT_INDENT_2)


async def offer(
    session: WriteSession, export_id: UUID, *, files: ExportFiles, sealer: PersonalData, now: datetime
) -> None:
    """Note that the file is there, and write to its owner. Whoever has no address finds the link in the account."""
    expires_at = now + OFFERED_FOR
    if not await privacy.mark_ready(session, export_id, expires_at=expires_at):
        return
    user = await privacy.owner_of_export(session, export_id)
    if user is None or user.email is None:
        return
    dedup_key = f"data_export:{export_id}"
    link = files.link(export_id, expires_at=expires_at)
    letter = MailRequested(
        occurred_at=now,
        kind=MailKind.DATA_EXPORT_READY,
        user_id=encode_id("User", user.id),
        email=user.email,
        locale=user.locale,
        dedup_key=dedup_key,
        data={"expires_at": expires_at.isoformat()},
        sealed=seal_secrets(sealer, {"url": link}, dedup_key=dedup_key),
    )
    await publish(session, [letter])


def _purpose(export_id: UUID) -> str:
    return f"export:{export_id}"
