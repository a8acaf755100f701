"""Rules of the users subgraph; no GraphQL here.

accounts   e-mail addresses, registration, who signs in
audit      recording attempts to sign in, and what was done
passwords  the password policy; hashing beside the event loop
profiles   what a profile may be, how many there are
scopes     which scopes each role carries
sessions   refresh tokens: opening, rotating and revoking sessions
tokens     access tokens, and the public key that checks them
"""
