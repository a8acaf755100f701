"""Recording what was done: every attempt to prove who one is, and every act on an account that is not one's own.

An entry holds no password, no token, no address in clear and no name: ids, the code of a refusal, the digest of the IP
address, and which fields changed. An act that is done is recorded in its own transaction. One that was refused rolled
its transaction back, so its entry gets a transaction of its own: `Context.record_failure`.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from uuid import UUID

from subgraphs.shared.postgres import WriteSession
from subgraphs.users.models import AuditAction, AuditEntry, AuditOutcome
from subgraphs.users.repository import audit


@dataclass(frozen=True, slots=True)
class Change:
    """A field that an act changed. Values are shown to whoever reads the log: roles and states, never personal ones."""

    field: str
    before: str | None
    after: str | None


@dataclass(frozen=True, slots=True)
class Origin:
    """Where an act comes from.

    Attributes:
        actor_id: The signed-in account; None for somebody who is not.
        ip_hash: `PersonalData.hash_ip` of the client's address; None for workers.
        correlation_id: Of the request; None outside one.
    """

    actor_id: UUID | None = None
    ip_hash: str | None = None
    correlation_id: str | None = None


SYSTEM = Origin()
"""The platform itself: workers and schedules."""


async def record(
    session: WriteSession,
    action: AuditAction,
    *,
    origin: Origin,
    now: datetime,
    subject: str | None = None,
    failure: str | None = None,
    changes: Sequence[Change] = (),
) -> None:
    """Add an entry to the audit log in the session's transaction.

    Args:
        session: Commits or rolls back with everything else in it.
        action: What was done or attempted.
        origin: Who did it, from where.
        now: When.
        subject: Global id of what it was done to: an account, profile or session id. None for an unknown account.
        failure: Code of the refusal, `INVALID_CREDENTIALS`; None when it was done.
        changes: What it changed.
    """
    entry = AuditEntry(
        at=now,
        action=action.value,
        outcome=AuditOutcome.SUCCESS if failure is None else AuditOutcome.FAILURE,
        reason=failure,
        actor_id=origin.actor_id,
        subject_id=subject,
        ip_hash=origin.ip_hash,
        correlation_id=origin.correlation_id,
        changes=[{"field": change.field, "before": change.before, "after": change.after} for change in changes],
    )
    await audit.add(session, entry)
