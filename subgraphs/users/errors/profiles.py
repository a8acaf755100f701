"""Refusals of what a profile may be."""

from subgraphs.users.errors.base import AccountRefusalError


class NameInvalidError(AccountRefusalError):
    """The profile's name is missing, too long or has control characters."""

    path = ("input", "name")
    text = "A profile's name has 1 to 50 printable characters."


class AvatarUrlInvalidError(AccountRefusalError):
    """The picture's address is no http(s) URL."""

    path = ("input", "avatarUrl")
    text = "The avatar must be an http or https URL of at most 2,048 characters."


class TooManyLanguagesError(AccountRefusalError):
    """More audio languages than a profile keeps."""

    path = ("input", "audioLanguages")
    text = "A profile keeps at most 10 audio languages."


class KidsLimitTooHighError(AccountRefusalError):
    """A kids profile with a limit above UA_7, or with none."""

    path = ("input", "maturityLimit")
    text = "A kids profile has the maturity limit U or UA_7."


class ProfileLimitReachedError(AccountRefusalError):
    """The account has five profiles."""

    text = "An account has at most 5 profiles."


class LastProfileError(AccountRefusalError):
    """The only profile of an account cannot be deleted."""

    text = "An account keeps at least one profile."


class PinInvalidError(AccountRefusalError):
    """Not four to six digits."""

    path = ("pin",)
    text = "A PIN has 4 to 6 digits."
