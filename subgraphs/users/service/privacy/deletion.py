"""Deleting an account in two steps: it is asked for and signed out at once, and purged 90 days later.

Until then its owner may sign in as always, sees when the account goes, and may keep it. The purge removes everything
that this subgraph keeps, in one transaction with the event that has every other one do the same; a day later the event
is sent once more, for what was on its way when the account went. The audit log keeps its entries for their own time:
they name the account by a random id alone, which leads to nobody any more.

An account whose address nobody confirmed in time is purged in the same way, without being asked for.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from uuid import UUID

from subgraphs.shared.ids import encode_id
from subgraphs.shared.outbox import forget_about, publish
from subgraphs.shared.postgres import WriteSession
from subgraphs.users.events import AccountDeleted, AccountDeletionRequested, MailKind, MailRequested
from subgraphs.users.models import AccountDeletion, AccountPurge, AuditAction, User
from subgraphs.users.repository import mails, privacy
from subgraphs.users.service import audit
from subgraphs.users.service.crypto import PersonalData
from subgraphs.users.service.mail.queue import RECIPIENT_PURPOSE

GRACE = timedelta(days=90)
SWEEP_AFTER = timedelta(hours=26)
"""Longer than entries stay on a stream and events in this subgraph's outbox."""


@dataclass(frozen=True, slots=True)
class Purged:
    """An account that is gone, with what lies outside the database."""

    user_id: UUID
    profile_ids: Sequence[UUID]
    export_ids: Sequence[UUID]


async def request(session: WriteSession, user: User, *, now: datetime) -> AccountDeletion:
    """Return the deletion that was asked for: the one that runs already, else a new one with a letter about it."""
    running = await privacy.deletion_of(session, user.id)
    if running is not None:
        return running
    deletion = AccountDeletion(user_id=user.id, requested_at=now, purge_after=now + GRACE)
    if not await privacy.add_deletion(session, deletion):
        return await privacy.deletion_of(session, user.id) or deletion
    await publish(session, [AccountDeletionRequested(occurred_at=now, user_id=encode_id("User", user.id))])
    await _write(session, user, MailKind.ACCOUNT_DELETION, {"purge_at": deletion.purge_after.isoformat()}, now=now)
    return deletion


async def cancel(session: WriteSession, user: User, *, now: datetime) -> bool:
    """Keep the account; False, and nothing done, when nobody wanted it gone."""
    if not await privacy.remove_deletion(session, user.id):
        return False
    await _write(session, user, MailKind.ACCOUNT_DELETION_CANCELED, {}, now=now)
    return True


async def purge_next(session: WriteSession, *, sealer: PersonalData, now: datetime) -> Purged | None:
    """Remove the account whose 90 days are over longest; None when there is none.

    Everything of it in this database goes, and every other domain is told, in the session's transaction.
    """
    due = await privacy.due_deletion(session, now=now)
    if due is None:
        return None
    user = await privacy.user_for_update(session, due.user_id)
    return await _purge(session, due.user_id, email=user.email if user else None, sealer=sealer, now=now)


async def purge_unconfirmed(
    session: WriteSession, user_id: UUID, *, before: datetime, sealer: PersonalData, now: datetime
) -> Purged | None:
    """Remove an account of before the moment that nobody ever got into; None when it is none, or no longer."""
    user = await privacy.lock_unconfirmed(session, user_id, before=before)
    if user is None:
        return None
    return await _purge(session, user_id, email=user.email, sealer=sealer, now=now)


async def _purge(
    session: WriteSession, user_id: UUID, *, email: str | None, sealer: PersonalData, now: datetime
) -> Purged:
    profile_ids = await privacy.profile_ids_of(session, user_id)
    export_ids = await privacy.export_ids_of(session, user_id)
    await _forget_own(session, user_id, profile_ids, email=email, sealer=sealer)
    await privacy.delete_user(session, user_id)
    session.add(AccountPurge(user_id=user_id, profile_ids=profile_ids, purged_at=now, sweep_at=now + SWEEP_AFTER))
    await publish(session, [_deleted(user_id, profile_ids, now=now)])
    subject = encode_id("User", user_id)
    await audit.record(session, AuditAction.ACCOUNT_PURGE, origin=audit.SYSTEM, now=now, subject=subject)
    return Purged(user_id, profile_ids, export_ids)


async def sweep_next(session: WriteSession, *, sealer: PersonalData, now: datetime) -> Purged | None:
    """Forget an account that was purged a day ago once more, everywhere; None when there is none."""
    purge = await privacy.due_sweep(session, now=now)
    if purge is None:
        return None
    await _forget_own(session, purge.user_id, purge.profile_ids, email=None, sealer=sealer)
    await publish(session, [_deleted(purge.user_id, purge.profile_ids, now=now)])
    await session.delete(purge)
    return Purged(purge.user_id, purge.profile_ids, [])


async def _forget_own(
    session: WriteSession, user_id: UUID, profile_ids: Sequence[UUID], *, email: str | None, sealer: PersonalData
) -> None:
    index = sealer.index(email.lower(), purpose=RECIPIENT_PURPOSE) if email else None
    await mails.delete_mails_of(session, user_id, recipient_index=index)
    await forget_about(session, _ids(user_id, profile_ids))
    await privacy.delete_grievances_of(session, user_id)


def _deleted(user_id: UUID, profile_ids: Sequence[UUID], *, now: datetime) -> AccountDeleted:
    return AccountDeleted(
        occurred_at=now,
        user_id=encode_id("User", user_id),
        profile_ids=[encode_id("Profile", profile_id) for profile_id in profile_ids],
    )


def _ids(user_id: UUID, profile_ids: Sequence[UUID]) -> list[str]:
    return [encode_id("User", user_id), *(encode_id("Profile", profile_id) for profile_id in profile_ids)]


async def _write(session: WriteSession, user: User, kind: MailKind, data: dict[str, str], *, now: datetime) -> None:
    if user.email is None:
        return
    letter = MailRequested(
        occurred_at=now,
        kind=kind,
        user_id=encode_id("User", user.id),
        email=user.email,
        locale=user.locale,
        dedup_key=f"{kind.value.lower()}:{user.id}:{now.isoformat()}",
        data=data,
    )
    await publish(session, [letter])
