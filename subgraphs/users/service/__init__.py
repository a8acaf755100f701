"""Rules of the users subgraph; no GraphQL here.

batches    what workers call: `open_service`
accounts   e-mail addresses, registration, who signs in
adoption   an account whose address nobody had confirmed, and its owner
audit      recording attempts to sign in, and what was done
passwords  the password policy; hashing beside the event loop
crypto     personal values at rest: sealed, indexed, hashed
mail       letters: written, queued, sent at most once
notifications  notices: kinds, channels, announcements, live
privacy    consents, exports, deletion, grievances, retention
profiles   what a profile may be, how many there are
permissions  the permission matrix
scopes     which scopes each role carries
oauth      the OAuth 2.1 server: clients, codes, tokens of programs
pairing    televisions that sign in by a code
phone_codes  signing in by text message
providers  signing in with Google or Facebook
signing_keys  the private keys that sign tokens, and changing them
standing   where an account stands: active, locked, leaving …
states     the states of India
resealing  moving sealed values to a new key
ended_sessions  the end of sessions, told to open subscriptions
ways       the ways to sign in beside a password, opened once per process
sessions   refresh tokens: opening, rotating and revoking sessions
tokens     access tokens, and the public key that checks them
"""

from subgraphs.users.service.batches import UsersBatches, open_service
from subgraphs.users.service.privacy.exports import PendingExport
from subgraphs.users.service.resealing import Resealed

__all__ = ["PendingExport", "Resealed", "UsersBatches", "open_service"]
