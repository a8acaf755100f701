"""Deleting what this subgraph has kept long enough, and moving what it keeps to the newest key.

How long is decided by whoever calls: workers/retention.py.
"""

from datetime import datetime

from subgraphs.shared.postgres import Database
from subgraphs.users.models import PhoneNumber
from subgraphs.users.repository import audit, email_tokens, mails, notices, privacy
from subgraphs.users.service.crypto import PersonalData, SealedValueError
from subgraphs.users.service.privacy.own_data import phone_purpose

_BATCH_SIZE = 5000


async def forget_security_log(database: Database, *, before: datetime) -> int:
    """Delete entries of the audit log of before the moment and return how many."""
    total = 0
    while True:
        async with database.writing() as session:
            removed = await audit.remove_before(session, before, limit=_BATCH_SIZE)
        total += removed
        if removed < _BATCH_SIZE:
            return total


async def forget_letters(database: Database, *, before: datetime) -> int:
    """Delete delivery records of letters that were written before the moment; return how many.

    Tokens in letters go as well, once they expired before it.
    """
    async with database.writing() as session:
        await email_tokens.remove_expired_tokens(session, before=before)
        return await mails.delete_before(session, before=before)


async def forget_notices(database: Database, *, before: datetime) -> int:
    """Delete notices of before the moment and return how many."""
    async with database.writing() as session:
        return await notices.delete_before(session, before=before)


async def forget_grievances(database: Database, *, before: datetime) -> int:
    """Delete complaints of before the moment and return how many."""
    async with database.writing() as session:
        return await privacy.delete_decided_grievances(session, before=before)


async def reseal_phones(database: Database, *, sealer: PersonalData) -> int:
    """Move phone numbers that are sealed under an older key to the current one; return how many.

    What no configured key opens is left as it is, and counted by nobody: only a missing key can cause it.
    """
    total = 0
    while True:
        async with database.writing() as session:
            rows = await privacy.phones_not_sealed_with(session, sealer.current_prefix, limit=_BATCH_SIZE)
            moved = [row for row in rows if _reseal(row, sealer)]
        total += len(moved)
        if len(rows) < _BATCH_SIZE or not moved:
            return total


def _reseal(row: PhoneNumber, sealer: PersonalData) -> bool:
    try:
        row.sealed_number = sealer.reseal(row.sealed_number, purpose=phone_purpose(row.user_id))
    except SealedValueError:
        return False
    return True
