"""Refusals of the playback subgraph.

ReelgraphError
└── PlaybackRefusedError     this viewer may not play it now; each is a member of StartPlaybackResult
    ├── LoginRequiredError       an account is needed: premium, or for adults only
    ├── UpgradeRequiredError     a subscription is needed
    ├── GeoBlockedError          not licensed for the viewer's country
    ├── MaturityBlockedError     above the profile's maturity limit
    ├── NotYetAvailableError     the window opens later
    ├── TitleExpiredError        the window has closed
    └── TitleNotAvailableError   unknown, unpublished, or without a stream

TrackUnknownError says that a stream has no track in a language; reported in a payload's `errors`.
SessionEndedError (a member of HeartbeatResult) is no refusal to play, but the end of a session.
MediaRefusedError is what an editor has to mend about an upload or a film; reported in a payload's `errors`.
"""

from datetime import datetime

from subgraphs.shared.errors import ReelgraphError
from subgraphs.shared.values import MaturityRating, Tier


class PlaybackRefusedError(ReelgraphError):
    """This viewer may not play this now."""

    code = "FORBIDDEN"


class LoginRequiredError(PlaybackRefusedError):
    """Nobody is signed in, and this does not play for just anyone."""

    def __init__(self) -> None:
        super().__init__("Sign in to play this.")


class UpgradeRequiredError(PlaybackRefusedError):
    """The account's tier is too low."""

    def __init__(self, required_tier: Tier) -> None:
        super().__init__("A subscription is needed to play this.")
        self.required_tier = required_tier


class GeoBlockedError(PlaybackRefusedError):
    """Not licensed for the country of the request."""

    def __init__(self, country: str) -> None:
        super().__init__(f"This is not available in {country}.")
        self.country = country


class MaturityBlockedError(PlaybackRefusedError):
    """Above the profile's limit; `rating` None is an unrated title."""

    def __init__(self, rating: MaturityRating | None) -> None:
        super().__init__("This is above the maturity limit of the profile.")
        self.rating = rating


class NotYetAvailableError(PlaybackRefusedError):
    """The window opens later."""

    def __init__(self, available_from: datetime | None) -> None:
        super().__init__("This cannot be played yet.")
        self.available_from = available_from


class TitleExpiredError(PlaybackRefusedError):
    """The window has closed."""

    def __init__(self) -> None:
        super().__init__("This can no longer be played.")


class TitleNotAvailableError(PlaybackRefusedError):
    """Unknown, unpublished, or without a stream."""

    def __init__(self) -> None:
        super().__init__("This cannot be played.")


class SessionEndedError(ReelgraphError):
    """The session was stopped, or is none of this viewer's."""

    code = "CONFLICT"

    def __init__(self) -> None:
        super().__init__("The playback session has ended. Start a new one.")


class MediaRefusedError(ReelgraphError):
    """What an editor wants of an upload or a film cannot be done as it stands. Nothing was changed.

    `fault` is the stable code that the payload shows, `path` the input field at fault.
    """

    code = "BAD_USER_INPUT"

    def __init__(self, fault: str, message: str, *path: str) -> None:
        super().__init__(message)
        self.fault = fault
        self.path = path


class TrackUnknownError(ReelgraphError):
    """The stream has no such track; `path` is the argument at fault."""

    code = "BAD_USER_INPUT"

    def __init__(self, language: str, path: str) -> None:
        super().__init__(f"There is no {path} track in {language!r}.")
        self.path = path
