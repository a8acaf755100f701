"""Refusals about notices and announcements."""

from subgraphs.users.errors.base import AccountRefusalError


class ChannelLockedError(AccountRefusalError):
    """A channel that cannot be switched off for a kind of notice."""

    def __init__(self, kind: str, channel: str) -> None:
        super().__init__(f"{channel} cannot be switched off for {kind}.", path=("input", kind, channel))


class AnnouncementInvalidError(AccountRefusalError):
    """A field of an announcement that cannot be sent as it is."""

    def __init__(self, field: str, message: str) -> None:
        super().__init__(message, path=("input", field))
