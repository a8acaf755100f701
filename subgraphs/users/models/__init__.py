"""Tables of the users subgraph, a module for each topic.

accounts  accounts, their roles and status
audit     who did what, how it ended
devices   what an account is signed in on
letters   mails and their delivery
notices   notices in the app, preferences, announcements
privacy   consents, deletion, exports, grievances
profiles  the people of an account
signin    identities at providers, phone numbers, OAuth clients
tokens    what letters carry
"""

from subgraphs.users.models.accounts import AccountStatus, Role, User
from subgraphs.users.models.audit import AuditAction, AuditEntry, AuditOutcome
from subgraphs.users.models.base import Model
from subgraphs.users.models.devices import Device
from subgraphs.users.models.letters import Mail, MailStatus
from subgraphs.users.models.notices import (
    Announcement,
    AnnouncementStatus,
    Notification,
    NotificationChannel,
    NotificationPreference,
)
from subgraphs.users.models.privacy import (
    AccountDeletion,
    AccountPurge,
    Consent,
    DataExport,
    ExportStatus,
    Grievance,
    GrievanceStatus,
)
from subgraphs.users.models.profiles import Profile, QualityPreference
from subgraphs.users.models.signin import Identity, IdentityProvider, OAuthClient, PhoneNumber
from subgraphs.users.models.tokens import EmailToken, TokenPurpose

__all__ = [
    "AccountDeletion",
    "AccountPurge",
    "AccountStatus",
    "Announcement",
    "AnnouncementStatus",
    "AuditAction",
    "AuditEntry",
    "AuditOutcome",
    "Consent",
    "DataExport",
    "Device",
    "EmailToken",
    "ExportStatus",
    "Grievance",
    "GrievanceStatus",
    "Identity",
    "IdentityProvider",
    "Mail",
    "MailStatus",
    "Model",
    "Notification",
    "NotificationChannel",
    "NotificationPreference",
    "OAuthClient",
    "PhoneNumber",
    "Profile",
    "QualityPreference",
    "Role",
    "TokenPurpose",
    "User",
]
