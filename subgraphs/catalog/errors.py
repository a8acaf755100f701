"""Refusals of the catalog.

BadUserInputError
└── EmptyQueryError            a search without a letter or digit
EditorialError                 an editor's request that cannot be done as it stands; reported in a payload's `errors`
├── NotOwnerError              somebody else's title
├── InvalidTransitionError     not from the state in which the title is
├── VersionConflictError       somebody else changed the title meanwhile
├── CommentRequiredError       a rejection without a word of why
├── TitleUnknownError          no such title
├── VersionUnknownError        no such version of the title
├── LicensedError              licences decide on windows and tiers of the title
├── EpisodeUnknownError        no such episode in the draft
├── GenreUnknownError          no such genre
├── PersonUnknownError         no such person
├── CollectionUnknownError     no such collection
├── AlreadyAvailableError      a reminder of what can be watched already
├── TooManyRemindersError      a profile waits for too much
├── TooManyExportsError        as many exports of an editor are not finished as may be
├── IdempotencyKeyReusedError  the key made another title
└── DraftRefusedError          what is wrong in a draft, field by field
ServiceUnavailableError
└── CatalogueUnavailableError  somebody else's catalogue cannot be had, or not whole; no client is told
"""

from collections.abc import Sequence
from typing import NamedTuple

from subgraphs.shared.errors import BadUserInputError, ReelgraphError, ServiceUnavailableError


class EmptyQueryError(BadUserInputError):
    """The search text holds no letter and no digit."""

    def __init__(self) -> None:
        super().__init__("`query` needs at least one letter or digit.")


class CatalogueUnavailableError(ServiceUnavailableError):
    """Somebody else's catalogue cannot be had, or not whole. What was last read of it stays."""


class EditorialError(ReelgraphError):
    """An editor's request that cannot be done as it stands. Nothing was changed."""

    code = "CONFLICT"


class NotOwnerError(EditorialError):
    """The editor may change only titles of their own."""

    code = "FORBIDDEN"

    def __init__(self) -> None:
        super().__init__("You may change only titles that you made.")


class InvalidTransitionError(EditorialError):
    """The action does not start from the state in which the title is."""

    def __init__(self, action: str, state: str) -> None:
        super().__init__(f"{action} is not possible while the title is {state}.")


class VersionConflictError(EditorialError):
    """The editor has seen another version than the newest."""

    def __init__(self, *, expected: int, newest: int) -> None:
        super().__init__(f"You have seen version {expected}, but the newest is {newest}. Load it and try again.")


class CommentRequiredError(EditorialError):
    """A rejection says why."""

    def __init__(self) -> None:
        super().__init__("Say in `comment` what has to change.")


class TitleUnknownError(EditorialError):
    """There is no such title."""

    def __init__(self) -> None:
        super().__init__("There is no such title.")


class VersionUnknownError(EditorialError):
    """There is no such version of the title."""

    def __init__(self, version: int) -> None:
        super().__init__(f"The title has no version {version}.")


class LicensedError(EditorialError):
    """The title has licences, which decide on its windows, countries and tiers."""

    def __init__(self) -> None:
        super().__init__("The title has licences, which decide on window, countries and tier: use `licencesSet`.")


class EpisodeUnknownError(EditorialError):
    """The draft has no such episode."""

    def __init__(self, season: int, number: int) -> None:
        super().__init__(f"The title has no episode {number} in season {season}.")


class GenreUnknownError(EditorialError):
    """There is no such genre."""

    def __init__(self) -> None:
        super().__init__("There is no such genre.")


class PersonUnknownError(EditorialError):
    """There is no such person."""

    def __init__(self) -> None:
        super().__init__("There is no such person.")


class CollectionUnknownError(EditorialError):
    """There is no such collection."""

    def __init__(self) -> None:
        super().__init__("There is no such collection.")


class AlreadyAvailableError(EditorialError):
    """There is nothing to wait for."""

    def __init__(self) -> None:
        super().__init__("The title can be watched already.")


class TooManyRemindersError(EditorialError):
    """The profile waits for as many titles as it may."""

    def __init__(self, most: int) -> None:
        super().__init__(f"A profile waits for {most} titles at most.")


class TooManyExportsError(EditorialError):
    """As many exports of the editor as may be are not finished yet."""

    def __init__(self, most: int) -> None:
        super().__init__(f"{most} exports of yours are not finished yet. Wait for one of them.")


class IdempotencyKeyReusedError(EditorialError):
    """The key was used before, for another title or by somebody else."""

    def __init__(self) -> None:
        super().__init__("`idempotencyKey` was used for another title.")


class FieldRefusal(NamedTuple):
    """What is wrong with one field."""

    code: str
    message: str
    path: tuple[str, ...]


class DraftRefusedError(EditorialError):
    """The draft cannot be stored, or reviewed, as it is."""

    def __init__(self, refusals: Sequence[FieldRefusal]) -> None:
        super().__init__(f"{len(refusals)} fields need mending.")
        self.refusals = tuple(refusals)
