"""Where an account stands, from everything that is known about it."""

from datetime import datetime
from enum import Enum

from subgraphs.users.models import AccountStatus, User


class Standing(Enum):
    """The first that applies, in the order of importance for who looks at the account; ACTIVE when none does."""

    SUSPENDED = "SUSPENDED"
    PENDING_DELETION = "PENDING_DELETION"
    LOCKED = "LOCKED"
    PENDING_VERIFICATION = "PENDING_VERIFICATION"
    ACTIVE = "ACTIVE"


def standing_of(user: User, *, is_leaving: bool, now: datetime) -> Standing:
    """Return where the account stands; `is_leaving` when its owner asked for its deletion."""
    if user.status is AccountStatus.SUSPENDED:
        return Standing.SUSPENDED
    if is_leaving:
        return Standing.PENDING_DELETION
    if user.locked_until is not None and user.locked_until > now:
        return Standing.LOCKED
    if user.email is not None and not user.email_verified:
        return Standing.PENDING_VERIFICATION
    return Standing.ACTIVE
