"""billing: plans, subscriptions, and what they entitle to.

Entities owned: Plan, PlanSubscription (visible to its own account only). Contributes to User: subscription, daysLeft;
to Title: offers.
Stores used: PostgreSQL database `billing`.
Events published: billing.entitlement_changed. Events consumed: none.
"""
