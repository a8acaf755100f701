"""The audit log: who did what to whom, how it ended, from where. Rows are added, never changed."""

from datetime import datetime
from enum import Enum
from typing import Any
from uuid import UUID, uuid4

import sqlalchemy as sa
from sqlalchemy.dialects.postgresql import JSONB
from sqlmodel import Field

from subgraphs.users.models.base import Model


class AuditAction(Enum):
    """What is recorded. `auth.*` are attempts to prove who one is, `admin.*` acts on others, the rest acts on oneself.

    The value is what is stored and shown; adding a member needs no migration.
    """

    REGISTER = "auth.register"
    EMAIL_VERIFY = "auth.email_verify"
    LOGIN = "auth.login"
    PROVIDER_LOGIN = "auth.provider_login"
    OTP_REQUEST = "auth.otp_request"
    OTP_VERIFY = "auth.otp_verify"
    PAIRING_APPROVE = "auth.pairing_approve"
    PAIRING_LOGIN = "auth.pairing_login"
    OAUTH_AUTHORIZE = "auth.oauth_authorize"
    OAUTH_TOKEN = "auth.oauth_token"  # noqa: S105 - the name of an act
    TOKEN_REFRESH = "auth.token_refresh"  # noqa: S105 - the name of an act
    PROFILE_SWITCH = "auth.profile_switch"
    LOGOUT = "auth.logout"
    PASSWORD_RESET_REQUEST = "auth.password_reset_request"  # noqa: S105 - the name of an act
    PASSWORD_RESET = "auth.password_reset"  # noqa: S105 - the name of an act
    PASSWORD_CHANGE = "auth.password_change"  # noqa: S105 - the name of an act
    SESSION_REVOKE = "auth.session_revoke"
    DEVICE_REVOKE = "auth.device_revoke"

    ACCOUNT_UPDATE = "account.update"
    ACCOUNT_ADOPT = "account.adopt"
    ACCOUNT_DELETION_REQUEST = "account.deletion_request"
    ACCOUNT_DELETION_CANCEL = "account.deletion_cancel"
    ACCOUNT_PURGE = "account.purge"
    CONSENT_SET = "account.consent_set"
    DATA_EXPORT_REQUEST = "account.data_export_request"
    DATA_EXPORT_READ = "account.data_export_read"
    IDENTITY_LINK = "account.identity_link"
    IDENTITY_UNLINK = "account.identity_unlink"
    PROFILE_CREATE = "profile.create"
    PROFILE_UPDATE = "profile.update"
    PROFILE_DELETE = "profile.delete"
    PROFILE_PIN_SET = "profile.pin_set"

    USERS_SEARCH = "admin.users_search"
    USER_READ = "admin.user_read"
    USER_SUSPEND = "admin.user_suspend"
    USER_REACTIVATE = "admin.user_reactivate"
    USER_UNLOCK = "admin.user_unlock"
    USER_ROLES_SET = "admin.user_roles_set"
    AUDIT_READ = "admin.audit_read"
    ANNOUNCEMENT_SEND = "admin.announcement_send"
    GRIEVANCES_READ = "admin.grievances_read"
    GRIEVANCE_DECIDE = "admin.grievance_decide"
    OAUTH_CLIENT_SET = "admin.oauth_client_set"


class AuditOutcome(Enum):
    """How an attempt ended."""

    SUCCESS = "SUCCESS"
    FAILURE = "FAILURE"


class AuditEntry(Model, table=True):
    """One act. It names accounts by their ids only, which say nothing once the account is gone.

    Neither actor nor subject is a foreign key: the entry outlives both. The database itself refuses changes, and
    removal except by `repository.audit.remove_before`.
    """

    __tablename__ = "audit_entries"
    __table_args__ = (
        sa.Index("ix_audit_entries_actor_id_position", "actor_id", "position"),
        sa.Index("ix_audit_entries_subject_id_position", "subject_id", "position"),
        sa.Index("ix_audit_entries_action_position", "action", "position"),
        sa.Index("ix_audit_entries_at", "at"),
    )

    id: UUID = Field(default_factory=uuid4, primary_key=True)
    position: int | None = Field(
        default=None, sa_column=sa.Column(sa.BigInteger, sa.Identity(), nullable=False, unique=True)
    )
    at: datetime = Field(sa_type=sa.DateTime(timezone=True))
    action: str = Field(sa_type=sa.Text)
    outcome: AuditOutcome = Field(sa_type=sa.Enum(AuditOutcome, native_enum=False, length=10))
    reason: str | None = Field(default=None, sa_type=sa.Text)
    actor_id: UUID | None = None
    subject_id: str | None = Field(default=None, sa_type=sa.Text)
    ip_hash: str | None = Field(default=None, sa_type=sa.Text)
    correlation_id: str | None = Field(default=None, sa_type=sa.Text)
    changes: list[dict[str, Any]] = Field(sa_type=JSONB)
