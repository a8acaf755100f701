"""Every statement of the billing subgraph. What belongs to an account is visible to that account only.

subscriptions  plans, subscriptions, and what each account was told to be entitled to
payments       payments, invoices and their numbers
privacy        parting an account from what it bought
"""

from subgraphs.billing.repository.payments import (
    add_payment,
    every_invoice_of,
    every_payment_of,
    has_pending_payment,
    invoices_page,
    lock_payment,
    next_invoice_number,
    payments_page,
    pending_payments,
    visible_invoices,
)
from subgraphs.billing.repository.privacy import pseudonymise
from subgraphs.billing.repository.subscriptions import (
    add_subscription,
    current_subscriptions,
    lock_due,
    lock_living_subscription,
    lock_subscription,
    next_entitlement_version,
    plan_on_sale,
    plans,
    plans_to_show,
    renewals_between,
    subscription_to_show,
    subscriptions_of,
    visible_subscriptions,
)

__all__ = [
    "add_payment",
    "add_subscription",
    "current_subscriptions",
    "every_invoice_of",
    "every_payment_of",
    "has_pending_payment",
    "invoices_page",
    "lock_due",
    "lock_living_subscription",
    "lock_payment",
    "lock_subscription",
    "next_entitlement_version",
    "next_invoice_number",
    "payments_page",
    "pending_payments",
    "plan_on_sale",
    "plans",
    "plans_to_show",
    "pseudonymise",
    "renewals_between",
    "subscription_to_show",
    "subscriptions_of",
    "visible_invoices",
    "visible_subscriptions",
]
