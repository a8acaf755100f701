"""What is kept about people: giving it to them, and parting it from them."""

from collections.abc import Sequence
from datetime import datetime

from subgraphs.billing import repository
from subgraphs.shared.postgres import ReadSession, WriteSession
from subgraphs.shared.privacy import DataSubject, Records


async def export_account(session: ReadSession, subject: DataSubject) -> Records:
    """Return the account's subscriptions, payments and invoices, oldest first."""
    return {
        "subscriptions": [
            {
                "status": row.status.value,
                "period_start": row.current_period_start.isoformat(),
                "period_end": row.current_period_end.isoformat(),
                "price_minor": row.price_minor,
                "currency": row.currency,
                "created_at": row.created_at.isoformat(),
                "cancellation_reason": row.cancellation_reason,
                "billing_state": row.billing_state,
            }
            for row in await repository.subscriptions_of(session, subject.user_id)
        ],
        "payments": [
            {
                "status": row.status.value,
                "amount_minor": row.amount_minor,
                "currency": row.currency,
                "provider": row.provider.value,
                "method": row.method.value if row.method else None,
                "failure_code": row.failure_code,
                "created_at": row.created_at.isoformat(),
            }
            for row in await repository.every_payment_of(session, subject.user_id)
        ],
        "invoices": [
            {
                "number": row.number,
                "issued_at": row.issued_at.isoformat(),
                "total_minor": row.total_minor,
                "currency": row.currency,
                "place_of_supply": row.place_of_supply,
            }
            for row in await repository.every_invoice_of(session, subject.user_id)
        ],
    }


async def forget_accounts(session: WriteSession, subjects: Sequence[DataSubject], *, now: datetime) -> None:
    """Part the accounts from their subscriptions: what was sold stays for the books, to whom does not."""
    await repository.pseudonymise(session, [subject.user_id for subject in subjects], at=now)
