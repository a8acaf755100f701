"""An account whose address nobody had confirmed goes to who proves the address, without anything of who registered it.

Registering somebody else's address and waiting for the owner to come is an old trick: the owner confirms the address,
resets a password or signs in at a provider, and the other one is still inside. So whoever proves an address without
proving to have chosen the password gets the account empty: see docs/adr/0017.
"""

from datetime import datetime

from subgraphs.shared.ids import encode_id
from subgraphs.shared.postgres import WriteSession
from subgraphs.users.models import AuditAction, TokenPurpose, User
from subgraphs.users.repository import accounts, email_tokens, identities
from subgraphs.users.service import audit
from subgraphs.users.service.audit import Change, Origin
from subgraphs.users.service.privacy import consents


async def adopt(session: WriteSession, user: User, *, origin: Origin, now: datetime) -> None:
    """Make the account that of the address's owner: confirmed, without password, other ways in, letters and consents.

    Its sessions are for the caller to end; it never had any unless something went wrong.
    """
    await accounts.void_password(session, user.id)
    await identities.remove_ways_in(session, user.id)
    await email_tokens.remove_tokens_of(session, user.id, purposes=list(TokenPurpose))
    await consents.forget(session, user.id, now=now)
    subject = encode_id("User", user.id)
    changes = [Change("password", None, "VOID"), Change("emailVerified", "false", "true")]
    await audit.record(session, AuditAction.ACCOUNT_ADOPT, origin=origin, now=now, subject=subject, changes=changes)
    user.email_verified, user.password_hash = True, None
