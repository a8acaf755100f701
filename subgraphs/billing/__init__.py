"""billing: plans, subscriptions, payments, invoices, and what they entitle to.

Entities owned: Plan; PlanSubscription and Invoice (visible to their own account only). Contributes to User:
subscription, daysLeft, payments, invoices; to Title: offers.
Stores used: PostgreSQL database `billing`. Money is collected through the port `gateways.payments`.
Events published: billing.entitlement_changed, billing.subscription_changed, billing.payment_settled. Events consumed,
through workers: users.account_deletion_requested, users.account_suspended.
"""
