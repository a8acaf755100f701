"""GraphQL types of the billing subgraph.

money          amounts
plans          plans and what they include
subscriptions  subscriptions, previews and payloads of changes
payments       payments and invoices
accounts       what billing adds to accounts
titles         what billing adds to titles
"""

from subgraphs.billing.types.accounts import User
from subgraphs.billing.types.payments import Invoice
from subgraphs.billing.types.plans import Plan
from subgraphs.billing.types.subscriptions import BillingError, ChangePreview, PlanSubscription, SubscriptionPayload
from subgraphs.billing.types.titles import Title

__all__ = [
    "BillingError",
    "ChangePreview",
    "Invoice",
    "Plan",
    "PlanSubscription",
    "SubscriptionPayload",
    "Title",
    "User",
]
