"""users: accounts, profiles, ways to sign in, tokens; letters and notices; what the law asks for.

Entities owned: User, Profile. Both are visible to their own account only, and to whoever administers accounts.
Stores used: PostgreSQL database `users`; Valkey (sessions of refresh tokens, one-time codes, counts of attempts, live
notices); the object store (sealed export files).
Events published: mail_requested, notification_requested, account_deletion_requested, account_deleted,
account_suspended, profile_deleted, personalization_changed, consent_changed. Events consumed: its own letters and
notices, billing.subscription_changed, billing.payment_settled.
Also serves `/.well-known/`, `/oauth/` and `/exports/`.
"""
