"""The rules of billing.

entitlement    what a subscription admits to: one pure function
plans          what plans save, and which is better: pure rules
proration      what a change of plan costs: pure arithmetic
invoicing      taxes and numbers of bills
terms          what the operator decided
subscriptions  starting, cancelling, resuming, ending
changes        another plan: previewing and beginning it
charging       payments: begun, settled once
renewals       what is due when periods end
cashier        asks the provider between two transactions: `open_service` for workers
privacy        exporting and forgetting what is kept about people
"""

from subgraphs.billing.service.cashier import Cashier, open_service
from subgraphs.billing.service.entitlement import (
    FREE,
    Entitlement,
    access_until,
    days_left,
    entitlement_of,
)
from subgraphs.billing.service.plans import PlanBook, discount_percent, plans_to_offer
from subgraphs.billing.service.privacy import export_account, forget_accounts
from subgraphs.billing.service.renewals import Renewal, upcoming_renewals
from subgraphs.billing.service.subscriptions import announce, entitlement_of_user, start_subscription, subscribers

__all__ = [
    "FREE",
    "Cashier",
    "Entitlement",
    "PlanBook",
    "Renewal",
    "access_until",
    "announce",
    "days_left",
    "discount_percent",
    "entitlement_of",
    "entitlement_of_user",
    "export_account",
    "forget_accounts",
    "open_service",
    "plans_to_offer",
    "start_subscription",
    "subscribers",
    "upcoming_renewals",
]
