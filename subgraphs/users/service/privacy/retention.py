"""Deleting what this subgraph has kept long enough.

How long is decided by whoever calls: workers/retention.py.
"""

from datetime import datetime

from subgraphs.shared.postgres import Database
from subgraphs.users.repository import audit, email_tokens, mails, notices, privacy

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
