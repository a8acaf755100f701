"""Events of the users subgraph, in its outbox. All ids are global ids.

A mail or a notice is asked for by an event in the transaction that causes it; workers do the rest. `dedup_key` names
the cause: whatever has a key that came before is not sent again, so repeating an event is safe.
"""

from enum import Enum
from typing import ClassVar

from pydantic import Field

from subgraphs.shared.events import Event


class MailKind(Enum):
    """Letters that we write. A kind has a template per language in service/mail/templates; nothing else knows it."""

    EMAIL_VERIFICATION = "EMAIL_VERIFICATION"
    """sealed: token. data: expires_at"""
    REGISTRATION_ATTEMPT = "REGISTRATION_ATTEMPT"
    """Somebody tried to register with an address that has an account. data: none"""
    PASSWORD_RESET = "PASSWORD_RESET"  # noqa: S105 - the name of a letter
    """sealed: token. data: expires_at"""
    PASSWORD_CHANGED = "PASSWORD_CHANGED"  # noqa: S105 - the name of a letter
    """data: at"""
    EMAIL_CHANGE_VERIFICATION = "EMAIL_CHANGE_VERIFICATION"
    """Goes to the new address. sealed: token. data: expires_at"""
    EMAIL_CHANGED = "EMAIL_CHANGED"
    """Goes to the old address. data: at"""
    PHONE_CHANGED = "PHONE_CHANGED"
    """data: at"""
    NEW_DEVICE = "NEW_DEVICE"
    """data: device, at"""
    ACCOUNT_LOCKED = "ACCOUNT_LOCKED"
    """data: until"""
    ACCOUNT_SUSPENDED = "ACCOUNT_SUSPENDED"
    """data: none"""
    ACCOUNT_DELETION = "ACCOUNT_DELETION"
    """data: purge_at"""
    ACCOUNT_DELETION_CANCELED = "ACCOUNT_DELETION_CANCELED"
    """data: none"""
    DATA_EXPORT_READY = "DATA_EXPORT_READY"
    """sealed: url. data: expires_at"""
    ANNOUNCEMENT = "ANNOUNCEMENT"
    """data: title, body, deep_link"""
    PAYMENT_SUCCEEDED = "PAYMENT_SUCCEEDED"
    """data: amount (as shown), plan"""
    PAYMENT_FAILED = "PAYMENT_FAILED"
    """data: amount (as shown), plan"""
    SUBSCRIPTION_STATUS = "SUBSCRIPTION_STATUS"
    """Says what the notice says. data: title, body"""
    RENEWAL_UPCOMING = "RENEWAL_UPCOMING"
    """data: plan, amount (as shown), renews_at"""
    GRIEVANCE_RECEIVED = "GRIEVANCE_RECEIVED"
    """data: reference, due_at"""
    GRIEVANCE_DECIDED = "GRIEVANCE_DECIDED"
    """sealed: decision. data: reference"""


class NotificationKind(Enum):
    """What a notice is about. Its texts and channels are in service/notifications/kinds.py."""

    NEW_EPISODE = "NEW_EPISODE"
    EXPIRING_SOON = "EXPIRING_SOON"
    REMINDER_LIVE = "REMINDER_LIVE"
    PAYMENT_SUCCEEDED = "PAYMENT_SUCCEEDED"
    PAYMENT_FAILED = "PAYMENT_FAILED"
    SUBSCRIPTION_STATUS = "SUBSCRIPTION_STATUS"
    RENEWAL_UPCOMING = "RENEWAL_UPCOMING"
    NEW_DEVICE = "NEW_DEVICE"
    SECURITY = "SECURITY"
    EDITORIAL = "EDITORIAL"
    SYSTEM = "SYSTEM"


class ConsentPurpose(Enum):
    """What a person agrees to, each on its own."""

    TERMS = "TERMS"
    PERSONALIZATION = "PERSONALIZATION"
    TARGETED_ADS = "TARGETED_ADS"
    MARKETING_EMAIL = "MARKETING_EMAIL"
    PUSH = "PUSH"
    ANALYTICS = "ANALYTICS"
    PARENTAL = "PARENTAL"


class MailRequested(Event):
    """A letter to one address, whatever the person's preferences: for what must arrive.

    Letters about safety (PASSWORD_CHANGED, EMAIL_CHANGED, PHONE_CHANGED, NEW_DEVICE, ACCOUNT_LOCKED) put a notice in
    the app as well.
    `user_id` is None for an address without an account. Moments in `data` are ISO 8601 texts. Whatever opens something,
    a token or a link that needs no signing in, is not in `data` but in `sealed`: events are kept for days.
    """

    topic: ClassVar[str] = "users.mail_requested"

    kind: MailKind
    user_id: str | None
    email: str
    locale: str
    dedup_key: str
    data: dict[str, str] = Field(default_factory=dict)
    sealed: str | None = None
    """More data, sealed: see service/mail/secrets.py."""


class NotificationRequested(Event):
    """A notice to an account, on the channels that its preferences name for the kind.

    A value of `data` may have a sibling in another language: `plan_hi` is the `plan` of who reads Hindi.
    """

    topic: ClassVar[str] = "users.notification_requested"

    kind: NotificationKind
    user_id: str
    dedup_key: str
    data: dict[str, str] = Field(default_factory=dict)
    deep_link: str | None = None


class AccountDeleted(Event):
    """The grace time is over: forget everything kept under these ids. `profile_ids` are all that it ever had."""

    topic: ClassVar[str] = "users.account_deleted"

    user_id: str
    profile_ids: list[str]


class AccountDeletionRequested(Event):
    """An account is to go after its grace time: begin nothing more that costs its owner money.

    Its owner may still keep it. Then what ended has to be begun anew, by hand.
    """

    topic: ClassVar[str] = "users.account_deletion_requested"

    user_id: str


class AccountSuspended(Event):
    """An account may not be used until an administrator says otherwise: begin nothing more that costs its owner money.

    What ended meanwhile has to be begun anew, by hand, once the account may be used again.
    """

    topic: ClassVar[str] = "users.account_suspended"

    user_id: str


class ProfileDeleted(Event):
    """A profile is gone, its account is not: forget what the profile did."""

    topic: ClassVar[str] = "users.profile_deleted"

    user_id: str
    profile_id: str


class PersonalizationChanged(Event):
    """A profile objects to personal recommendations, or no longer does. The newest `occurred_at` counts."""

    topic: ClassVar[str] = "users.personalization_changed"

    user_id: str
    profile_id: str
    opted_out: bool


class ConsentChanged(Event):
    """An account agreed to a purpose, or withdrew. The newest `occurred_at` counts."""

    topic: ClassVar[str] = "users.consent_changed"

    user_id: str
    purpose: ConsentPurpose
    granted: bool
    version: str
