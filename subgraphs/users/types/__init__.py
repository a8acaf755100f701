"""GraphQL types of the users subgraph, a module for each topic.

entities  User, Profile, and who asks
accounts  registration and changes to an account
profiles  managing profiles
sessions  signing in and tokens
"""

from subgraphs.users.types.accounts import AccountInput, AccountPayload, PasswordPolicy, RegisterInput, RegisterPayload
from subgraphs.users.types.entities import Profile, User, Viewer
from subgraphs.users.types.profiles import ProfileInput, ProfilePayload
from subgraphs.users.types.sessions import (
    AccountLocked,
    AccountSuspended,
    AuthResult,
    AuthTokens,
    EmailNotVerified,
    InvalidCredentials,
    LoginInput,
    PinRequired,
    TokenInvalid,
)

__all__ = [
    "AccountInput",
    "AccountLocked",
    "AccountPayload",
    "AccountSuspended",
    "AuthResult",
    "AuthTokens",
    "EmailNotVerified",
    "InvalidCredentials",
    "LoginInput",
    "PasswordPolicy",
    "PinRequired",
    "Profile",
    "ProfileInput",
    "ProfilePayload",
    "RegisterInput",
    "RegisterPayload",
    "TokenInvalid",
    "User",
    "Viewer",
]
