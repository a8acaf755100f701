"""users: accounts, profiles, sign-in and tokens.

Entities owned: User, Profile. Both are visible to their own account only.
Stores used: PostgreSQL database `users` (accounts, profiles); Valkey (sessions of refresh tokens, 7 days).
Events published: none yet. Events consumed: none.
Also serves `/.well-known/jwks.json`, the public half of the key that signs access tokens.
"""
