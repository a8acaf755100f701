"""Letters that are due, announcements whose time has come, and plans that renew soon."""

from collections.abc import Mapping
from datetime import datetime, timedelta, timezone

from subgraphs.billing import service as billing
from subgraphs.billing.service import Renewal
from subgraphs.shared.values import DEFAULT_LOCALE
from subgraphs.users.events import NotificationKind, NotificationRequested
from workers.services import Services

_INDIA = timezone(timedelta(hours=5, minutes=30))

REMINDED_WITHIN = timedelta(days=1)
"""Whoever was not reminded in time, because the worker stood still, is reminded up to a day later."""


async def deliver_mails(services: Services) -> int:
    """Send the letters that are due and return how many were tried."""
    return await services.users.deliver_mails()


async def write_announcements(services: Services) -> int:
    """Write announcements that are due and return to how many accounts."""
    return await services.users.write_announcements()


async def remind_renewals(services: Services) -> int:
    """Write of plans that renew as many days from now as the settings say, each renewal once; return how many are due.

    The key of the notice names subscription and period, so that looking again writes nothing more.
    """
    until = services.clock() + services.renewal_notice
    async with services.outboxes["billing"].reading() as session:
        renewals = await billing.upcoming_renewals(session, since=until - REMINDED_WITHIN, until=until)
    if renewals:
        await services.users.notify([_renewal_notice(each, services) for each in renewals])
    return len(renewals)


def _renewal_notice(renewal: Renewal, services: Services) -> NotificationRequested:
    return NotificationRequested(
        occurred_at=services.clock(),
        kind=NotificationKind.RENEWAL_UPCOMING,
        user_id=renewal.user_id,
        dedup_key=f"renewal:{renewal.subscription_id}:{renewal.renews_at.isoformat()}",
        data={
            "plan": renewal.plan_name,
            **by_language("plan", renewal.plan_names),
            "amount": shown_amount(renewal.price_minor, renewal.currency),
            "renews_at": renewal.renews_at.isoformat(),
        },
        deep_link="/account/plan",
    )


def by_language(name: str, texts: Mapping[str, str]) -> dict[str, str]:
    """Return the texts of other locales than English as notices have them: `plan_hi` for a `plan` in Hindi."""
    return {f"{name}_{locale}": text for locale, text in texts.items() if locale != DEFAULT_LOCALE}


def shown_amount(minor: int, currency: str) -> str:
    """Return an amount as people read it: `₹299`, `₹49.50`, `₹12,34,567`, `USD 4.99`."""
    whole, part = divmod(minor, 100)
    is_rupees = currency == "INR"
    number = _indian(whole) if is_rupees else f"{whole:,}"
    number += f".{part:02}" if part else ""
    return f"₹{number}" if is_rupees else f"{currency} {number}"


def shown_date(moment: datetime) -> str:
    """Return the day of a moment as people in India read it: `31-03-2026`."""
    return moment.astimezone(_INDIA).strftime("%d-%m-%Y")


def _indian(whole: int) -> str:
    """Return the number grouped as in India: the last three digits, then pairs."""
    head, tail = divmod(whole, 1000)
    groups = [f"{tail:03}"] if head else [str(tail)]
    while head >= 100:
        head, pair = divmod(head, 100)
        groups.insert(0, f"{pair:02}")
    return ",".join([str(head), *groups] if head else groups)
