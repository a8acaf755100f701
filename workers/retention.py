"""How long what is kept, by class of data: one table, enforced once an hour.

Two rules are kept elsewhere: an account that its owner wants gone stays 90 days (users, service/privacy/deletion), and
lines of application logs 30 days (whoever keeps the logs; on one machine `stack.home`). docs/data-map.md explains each.
"""

from collections.abc import Awaitable, Callable, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta

import structlog

from subgraphs.billing import service as billing
from subgraphs.shared.outbox import forget_relayed
from workers.housekeeping import KEEP_RELAYED, forget_old_events
from workers.services import Services

_log = structlog.get_logger()

Enforce = Callable[[Services, datetime], Awaitable[int]]


@dataclass(frozen=True, slots=True)
class Rule:
    """Data of the class older than `keep` go, or lose their person. `enforce` takes the moment before which."""

    data_class: str
    keep: timedelta
    enforce: Enforce


async def _personal_outbox(services: Services, before: datetime) -> int:
    async with services.outboxes["users"].writing() as session:
        return await forget_relayed(session, before=before)


async def _expired_exports(services: Services, _before: datetime) -> int:
    return await services.users.expire_exports()


async def _unconfirmed_accounts(services: Services, before: datetime) -> int:
    """Accounts whose address nobody confirmed; never one that bought something, whoever let it."""
    removed = 0
    after: str | None = None
    while found := await services.users.unconfirmed_accounts(before=before, after=after):
        after = found[-1]
        async with services.outboxes["billing"].reading() as session:
            kept = await billing.subscribers(session, found)
        removed += await services.users.purge_unconfirmed([each for each in found if each not in kept], before=before)
    return removed


_YEAR = timedelta(days=365)

RULES: Sequence[Rule] = (
    Rule("viewing history", 2 * _YEAR, lambda services, before: services.activity.forget_history(before=before)),
    Rule("resume positions", 2 * _YEAR, lambda services, before: services.playback.forget_progress(before=before)),
    Rule("taste", 2 * _YEAR, lambda services, before: services.recommendations.forget_plays(before=before)),
    Rule(
        "viewing analytics",
        timedelta(days=90),
        lambda services, before: services.playback.anonymise_viewings(before=before),
    ),
    Rule("security log", _YEAR, lambda services, before: services.users.forget_security_log(before=before)),
    Rule("letters", timedelta(days=30), lambda services, before: services.users.forget_letters(before=before)),
    Rule("notices", _YEAR, lambda services, before: services.users.forget_notices(before=before)),
    Rule("grievances", 3 * _YEAR, lambda services, before: services.users.forget_grievances(before=before)),
    Rule("unconfirmed accounts", timedelta(days=30), _unconfirmed_accounts),
    Rule("unfinished uploads", timedelta(days=2), lambda services, _before: services.playback.forget_uploads()),
    Rule("data exports", timedelta(days=7), _expired_exports),
    Rule("events about people", timedelta(hours=1), _personal_outbox),
    Rule("events", KEEP_RELAYED, lambda services, _before: forget_old_events(services)),
)


async def enforce_retention(services: Services, *, rules: Sequence[Rule] = RULES) -> dict[str, int]:
    """Enforce every rule and return how many records each changed. One that fails is logged and keeps no other."""
    now = services.clock()
    changed: dict[str, int] = {}
    for rule in rules:
        try:
            changed[rule.data_class] = await rule.enforce(services, now - rule.keep)
        except Exception:  # noqa: BLE001  # a store that does not answer must not keep the other classes
            _log.exception("retention_not_enforced", data_class=rule.data_class)
    return changed
