"""What administrators may do to accounts of others: suspend, reactivate, unlock, give and take roles.

Rights are judged by what the database says now, not by a token that may be minutes old. Nobody acts on their own
account, nor on one that holds more than they do: support cannot lock out an administrator, nobody raises themselves,
and the last administrator remains, because only another one could take that role away.
"""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime
from uuid import UUID

from subgraphs.shared.errors import ForbiddenError
from subgraphs.shared.ids import encode_id
from subgraphs.shared.outbox import publish
from subgraphs.shared.postgres import WriteSession
from subgraphs.users.errors import (
    AccountUnknownError,
    OwnAccountError,
    ReasonInvalidError,
    RefusedError,
)
from subgraphs.users.events import AccountSuspended, MailKind
from subgraphs.users.models import AccountStatus, AuditAction, Role, User
from subgraphs.users.repository import accounts, administration
from subgraphs.users.service import audit
from subgraphs.users.service.audit import Change, Origin
from subgraphs.users.service.scopes import scopes_of
from subgraphs.users.service.verification import letter_to

LONGEST_REASON = 500

_NOT_ALLOWED = "Your account does not hold the right to do this any more."
_HOLDS_MORE = "This account holds rights that yours does not."


@dataclass(frozen=True, slots=True)
class Administrator:
    """Who acts, from where. `origin.actor_id` is the account that acts."""

    user_id: UUID
    origin: Origin


async def suspend(session: WriteSession, actor: Administrator, user_id: UUID, *, reason: str, now: datetime) -> User:
    """Return the account, which may not sign in from now on. Its sessions are for the caller to end.

    Billing is told: nobody pays for a next period of what they may not use. What is paid for runs to its end, so that
    an account that is reactivated before has lost nothing; its owner may then have the subscription go on.

    Raises:
        RefusedError: No such account, one's own, or no reason.
        ForbiddenError: The actor may not, or the account holds more than the actor.
    """
    text = reason.strip()
    if not 1 <= len(text) <= LONGEST_REASON:
        raise RefusedError(ReasonInvalidError())
    user = await _held(session, actor, user_id, scope="users:write")
    if user.status is AccountStatus.SUSPENDED:
        return user
    suspended = await administration.update_user(session, user.id, {"status": AccountStatus.SUSPENDED})
    changes = [_status_change(user, suspended), Change("reason", None, text)]
    await _record(session, actor, AuditAction.USER_SUSPEND, user.id, changes=changes, now=now)
    await publish(session, [AccountSuspended(occurred_at=now, user_id=encode_id("User", user.id))])
    if user.email:
        key = f"suspended:{user.id}:{now.isoformat()}"
        letter = letter_to(user, MailKind.ACCOUNT_SUSPENDED, email=user.email, dedup_key=key, now=now)
        await publish(session, [letter])
    return suspended


async def reactivate(session: WriteSession, actor: Administrator, user_id: UUID, *, now: datetime) -> User:
    """Return the account, which may sign in again.

    Raises:
        RefusedError: No such account, or one's own.
        ForbiddenError: The actor may not, or the account holds more than the actor.
    """
    user = await _held(session, actor, user_id, scope="users:write")
    if user.status is not AccountStatus.SUSPENDED:
        return user
    active = await administration.update_user(session, user.id, {"status": AccountStatus.ACTIVE})
    changes = [_status_change(user, active)]
    await _record(session, actor, AuditAction.USER_REACTIVATE, user.id, changes=changes, now=now)
    return active


async def unlock(session: WriteSession, actor: Administrator, user_id: UUID, *, now: datetime) -> User:
    """Return the account whose wrong guesses the caller is to forget.

    Raises:
        RefusedError: No such account, or one's own.
        ForbiddenError: The actor may not, or the account holds more than the actor.
    """
    user = await _held(session, actor, user_id, scope="users:write")
    await accounts.note_lock(session, user.id, until=None)
    await _record(session, actor, AuditAction.USER_UNLOCK, user.id, changes=[], now=now)
    return user


async def set_roles(
    session: WriteSession, actor: Administrator, user_id: UUID, *, roles: Iterable[Role], now: datetime
) -> User:
    """Return the account with exactly these roles, USER always among them.

    Raises:
        RefusedError: No such account, or one's own.
        ForbiddenError: The actor may not, or the account holds more than the actor, or would.
    """
    wanted = {Role.USER, *roles}
    names = [role.value for role in Role if role in wanted]
    user = await _held(session, actor, user_id, scope="users:roles", also=names)
    if names == user.roles:
        return user
    changed = await administration.update_user(session, user.id, {"roles": names})
    changes = [Change("roles", " ".join(user.roles), " ".join(names))]
    await _record(session, actor, AuditAction.USER_ROLES_SET, user.id, changes=changes, now=now)
    return changed


async def _held(
    session: WriteSession, actor: Administrator, user_id: UUID, *, scope: str, also: Iterable[str] = ()
) -> User:
    """Return the account to act on, as it was read, if the actor may; both are held until the transaction ends."""
    users = await administration.lock_users(session, [actor.user_id, user_id])
    acting, user = users.get(actor.user_id), users.get(user_id)
    if acting is None or acting.status is not AccountStatus.ACTIVE or scope not in scopes_of(acting.roles):
        raise ForbiddenError(_NOT_ALLOWED)
    if user is None:
        raise RefusedError(AccountUnknownError())
    if user.id == actor.user_id:
        raise RefusedError(OwnAccountError())
    if not {*scopes_of(user.roles), *scopes_of(also)} <= {*scopes_of(acting.roles)}:
        raise ForbiddenError(_HOLDS_MORE)
    return User(**user.model_dump())  # a copy: what is written next must not change it


def _status_change(before: User, after: User) -> Change:
    return Change("status", before.status.value, after.status.value)


async def _record(
    session: WriteSession,
    actor: Administrator,
    action: AuditAction,
    user_id: UUID,
    *,
    changes: list[Change],
    now: datetime,
) -> None:
    subject = encode_id("User", user_id)
    await audit.record(session, action, origin=actor.origin, now=now, subject=subject, changes=changes)
