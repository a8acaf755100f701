"""Agreeing to purposes and withdrawing. Each decision is a row: the newest counts, the others are the history."""

import re
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from uuid import UUID

from subgraphs.shared.ids import encode_id
from subgraphs.shared.outbox import publish
from subgraphs.shared.postgres import ReadSession, WriteSession
from subgraphs.users.errors import ConsentRequiredError, ConsentVersionInvalidError, RefusedError
from subgraphs.users.events import ConsentChanged, ConsentPurpose
from subgraphs.users.models import Consent
from subgraphs.users.repository import privacy
from subgraphs.users.service.privacy import personalization

_VERSION = re.compile(r"[A-Za-z0-9][A-Za-z0-9._-]{0,39}")
_NEEDED = frozenset({ConsentPurpose.TERMS})


@dataclass(frozen=True, slots=True)
class Decision:
    """What a person decided about one purpose, having read that version of its text."""

    purpose: ConsentPurpose
    granted: bool
    version: str


async def decide(session: WriteSession, user_id: UUID, decisions: Sequence[Decision], *, now: datetime) -> None:
    """Keep the decisions and tell other domains; one that changes nothing is kept once.

    Raises:
        RefusedError: Withdrawing what an account cannot be without, or a version that is none. Nothing was changed.
    """
    check(decisions)
    await privacy.lock_consents(session, user_id)
    known = {ConsentPurpose(row.purpose): row for row in await privacy.current_consents(session, user_id)}
    changed = [each for each in {each.purpose: each for each in decisions}.values() if _is_new(each, known)]
    session.add_all(
        Consent(user_id=user_id, purpose=each.purpose.value, granted=each.granted, version=each.version, at=now)
        for each in changed
    )
    await publish(session, [_changed(user_id, each, now=now) for each in changed])
    if any(each.purpose is ConsentPurpose.PERSONALIZATION for each in changed):
        await personalization.announce(session, user_id, now=now)


def check(decisions: Sequence[Decision]) -> None:
    """Pass for decisions that can be kept.

    Raises:
        RefusedError: Withdrawing what an account cannot be without, or a version that is none.
    """
    faults = [fault for decision in decisions for fault in _faults(decision)]
    if faults:
        raise RefusedError(*faults)


async def forget(session: WriteSession, user_id: UUID, *, now: datetime) -> None:
    """Delete every decision, because somebody else made them; to other domains that is a withdrawal of each."""
    given = [row for row in await privacy.current_consents(session, user_id) if row.granted]
    await privacy.delete_consents(session, user_id)
    withdrawn = [Decision(ConsentPurpose(row.purpose), granted=False, version=row.version) for row in given]
    await publish(session, [_changed(user_id, each, now=now) for each in withdrawn])
    await personalization.announce(session, user_id, now=now)


async def current(session: ReadSession | WriteSession, user_id: UUID) -> list[Consent]:
    """Return the account's newest decision on each purpose that it decided on, in the order of the purposes."""
    found = {row.purpose: row for row in await privacy.current_consents(session, user_id)}
    return [found[purpose.value] for purpose in ConsentPurpose if purpose.value in found]


def _changed(user_id: UUID, decision: Decision, *, now: datetime) -> ConsentChanged:
    return ConsentChanged(
        occurred_at=now,
        user_id=encode_id("User", user_id),
        purpose=decision.purpose,
        granted=decision.granted,
        version=decision.version,
    )


def _is_new(decision: Decision, known: dict[ConsentPurpose, Consent]) -> bool:
    row = known.get(decision.purpose)
    return row is None or (row.granted, row.version) != (decision.granted, decision.version)


def _faults(decision: Decision) -> list[ConsentRequiredError | ConsentVersionInvalidError]:
    faults: list[ConsentRequiredError | ConsentVersionInvalidError] = []
    if decision.purpose in _NEEDED and not decision.granted:
        faults.append(ConsentRequiredError(decision.purpose.value))
    if not _VERSION.fullmatch(decision.version):
        faults.append(ConsentVersionInvalidError(decision.purpose.value))
    return faults
