"""A title as its editors see it: one document, what may stand in it, and what is missing before a review.

`TitleDraft` is stored as JSON. A draft may be incomplete, but never wrong: `problems_of` says what is wrong,
`gaps_of` what is still missing (FR-CC-002.1).
"""

from collections.abc import Iterator, Sequence
from datetime import date, datetime
from typing import Any
from uuid import UUID

from pydantic import BaseModel, ConfigDict

from subgraphs.catalog.errors import FieldRefusal
from subgraphs.catalog.models import CreditRole, PlayableKind, TitleKind
from subgraphs.shared.values import MaturityRating, Tier

LONGEST_NAME = 500
LONGEST_DESCRIPTION = 10_000
LONGEST_DURATION_MINUTES = 600
MOST_GENRES = 20
MOST_CREDITS = 500
MOST_EPISODES = 2_000
LAST_NUMBER = 9_999
LAST_YEAR = 9_999
REQUIRED_LOCALES = ("en", "hi")


class _Part(BaseModel):
    model_config = ConfigDict(frozen=True, extra="forbid")


class DraftText(_Part):
    """A name and a description in one language."""

    name: str
    description: str = ""


class DraftCredit(_Part):
    """A credited person: by name, or by `person_id`, and then `name` is the one that the person has."""

    name: str
    role: CreditRole
    character: str | None = None
    person_id: UUID | None = None


class DraftEpisode(_Part):
    """An episode; without a rating of its own it has its show's."""

    number: int
    texts: dict[str, DraftText] = {}
    duration_seconds: int | None = None
    air_date: date | None = None
    maturity_rating: MaturityRating | None = None


class DraftSeason(_Part):
    """A season with its episodes by number."""

    number: int
    texts: dict[str, DraftText] = {}
    release_date: date | None = None
    episodes: tuple[DraftEpisode, ...] = ()


class DraftFixture(_Part):
    """What only a sports event has."""

    sport: str
    competition: str | None = None
    starts_at: datetime
    ends_at: datetime


class TitleDraft(_Part):
    """A title with all that hangs on it, as far as its editors have come.

    `texts` are by locale; `countries` None means everywhere.
    """

    kind: TitleKind
    slug: str | None = None
    original_name: str | None = None
    texts: dict[str, DraftText] = {}
    release_date: date | None = None
    release_year: int | None = None
    maturity_rating: MaturityRating | None = None
    required_tier: Tier = Tier.FREE
    rentable: bool = False
    audio_languages: tuple[str, ...] = ()
    subtitle_languages: tuple[str, ...] = ()
    available_from: datetime | None = None
    available_until: datetime | None = None
    countries: tuple[str, ...] | None = None
    genre_ids: tuple[UUID, ...] = ()
    credits: tuple[DraftCredit, ...] = ()
    duration_seconds: int | None = None
    playable_kind: PlayableKind = PlayableKind.FEATURE
    seasons: tuple[DraftSeason, ...] = ()
    fixture: DraftFixture | None = None

    @property
    def display_name(self) -> str:
        """The name in English, else in any language, else the original one; empty when nobody named it."""
        text = self.texts.get("en") or next(iter(self.texts.values()), None)
        return text.name if text else self.original_name or ""


def read_draft(document: dict[str, Any]) -> TitleDraft:
    """Return the draft that a stored document holds."""
    return TitleDraft.model_validate(document)


def write_draft(draft: TitleDraft) -> dict[str, Any]:
    """Return the document to store."""
    return draft.model_dump(mode="json")


def problems_of(draft: TitleDraft) -> list[FieldRefusal]:
    """Return what is wrong in the draft; missing parts are not wrong."""
    return [*_text_problems(draft), *_duration_problems(draft), *_list_problems(draft), *_time_problems(draft)]


def name_problem(name: str) -> str | None:
    """Return what is wrong with a name; None when nothing is."""
    if 1 <= len(name) <= LONGEST_NAME and not name.isspace() and "\x00" not in name:
        return None
    return f"A name has 1 to {LONGEST_NAME} characters, none of them NUL."


def gaps_of(draft: TitleDraft) -> list[FieldRefusal]:
    """Return what is missing before the draft can be reviewed."""
    missing = [*_missing_facts(draft), *_missing_parts(draft)]
    return [FieldRefusal("REQUIRED_FIELD", f"{what} is missing.", path) for what, path in missing]


_Gap = tuple[str, tuple[str, ...]]


def _missing_facts(draft: TitleDraft) -> Iterator[_Gap]:
    for locale in REQUIRED_LOCALES:
        text = draft.texts.get(locale)
        if text is None:
            yield f"The name in '{locale}'", ("translations", locale, "name")
        if text is None or not text.description:
            yield f"The description in '{locale}'", ("translations", locale, "description")
    if draft.release_date is None:
        yield "The release date", ("releaseDate",)
    if draft.maturity_rating is None:
        yield "The maturity rating", ("maturityRating",)
    if not draft.genre_ids:
        yield "A genre", ("genreIds",)
    if not draft.credits and draft.kind is not TitleKind.SPORTS_EVENT:
        yield "A credit", ("credits",)


def _missing_parts(draft: TitleDraft) -> Iterator[_Gap]:
    if draft.kind is TitleKind.SPORTS_EVENT and draft.fixture is None:
        yield "The fixture", ("fixture",)
    if draft.kind is not TitleKind.SHOW and draft.duration_seconds is None:
        yield "The duration", ("durationMinutes",)
    if draft.kind is TitleKind.SHOW and not any(season.episodes for season in draft.seasons):
        yield "An episode", ("seasons",)
    for season in draft.seasons:
        for episode in season.episodes:
            place = ("seasons", str(season.number), "episodes", str(episode.number))
            if not episode.texts:
                yield "The name of an episode", (*place, "translations")
            if episode.duration_seconds is None:
                yield "The duration of an episode", (*place, "durationMinutes")


def _all_texts(draft: TitleDraft) -> Iterator[tuple[tuple[str, ...], dict[str, DraftText]]]:
    yield (), draft.texts
    for season in draft.seasons:
        place = ("seasons", str(season.number))
        yield place, season.texts
        for episode in season.episodes:
            yield (*place, "episodes", str(episode.number)), episode.texts


def _text_problems(draft: TitleDraft) -> Iterator[FieldRefusal]:
    for place, texts in _all_texts(draft):
        for locale, text in texts.items():
            path = (*place, "translations", locale)
            if not 1 <= len(text.name) <= LONGEST_NAME or text.name.isspace():
                message = f"A name has 1 to {LONGEST_NAME} characters."
                yield FieldRefusal(code="NAME_LENGTH", message=message, path=(*path, "name"))
            if len(text.description) > LONGEST_DESCRIPTION:
                message = f"A description has at most {LONGEST_DESCRIPTION} characters."
                yield FieldRefusal(code="DESCRIPTION_LENGTH", message=message, path=(*path, "description"))
            if "\x00" in text.name + text.description:
                yield FieldRefusal(code="TEXT_INVALID", message="A text holds the character NUL.", path=path)
    names = [("originalName", draft.original_name), *(("credits", credit.name) for credit in draft.credits)]
    names += [("credits", credit.character) for credit in draft.credits]
    for field, name in names:
        if name is not None and (problem := name_problem(name)):
            yield FieldRefusal(code="NAME_LENGTH", message=problem, path=(field,))


def _duration_problems(draft: TitleDraft) -> Iterator[FieldRefusal]:
    durations: list[tuple[tuple[str, ...], int | None]] = [(("durationMinutes",), draft.duration_seconds)]
    durations += [
        (("seasons", str(season.number), "episodes", str(episode.number), "durationMinutes"), episode.duration_seconds)
        for season in draft.seasons
        for episode in season.episodes
    ]
    for path, seconds in durations:
        if seconds is not None and not 1 <= seconds <= LONGEST_DURATION_MINUTES * 60:
            message = f"A duration is 1 to {LONGEST_DURATION_MINUTES} minutes."
            yield FieldRefusal(code="DURATION_OUT_OF_RANGE", message=message, path=path)


def _list_problems(draft: TitleDraft) -> Iterator[FieldRefusal]:
    if len(draft.genre_ids) > MOST_GENRES or len(set(draft.genre_ids)) < len(draft.genre_ids):
        message = f"Genres are at most {MOST_GENRES}, each once."
        yield FieldRefusal(code="GENRES_INVALID", message=message, path=("genreIds",))
    if len(draft.credits) > MOST_CREDITS:
        yield FieldRefusal(code="TOO_MANY", message=f"Credits are at most {MOST_CREDITS}.", path=("credits",))
    if sum(len(season.episodes) for season in draft.seasons) > MOST_EPISODES:
        yield FieldRefusal(code="TOO_MANY", message=f"Episodes are at most {MOST_EPISODES}.", path=("seasons",))
    if draft.seasons and draft.kind is not TitleKind.SHOW:
        yield FieldRefusal(code="KIND_MISMATCH", message="Only a show has seasons.", path=("seasons",))
    if draft.fixture is not None and draft.kind is not TitleKind.SPORTS_EVENT:
        yield FieldRefusal(code="KIND_MISMATCH", message="Only a sports event has a fixture.", path=("fixture",))
    yield from _number_problems([season.number for season in draft.seasons], ("seasons",))
    for season in draft.seasons:
        place = ("seasons", str(season.number), "episodes")
        yield from _number_problems([episode.number for episode in season.episodes], place)


def _number_problems(numbers: Sequence[int], path: tuple[str, ...]) -> Iterator[FieldRefusal]:
    if len(set(numbers)) < len(numbers):
        yield FieldRefusal(code="DUPLICATE_NUMBER", message="Each number may come once.", path=path)
    if any(not 0 <= number <= LAST_NUMBER for number in numbers):
        yield FieldRefusal(code="NUMBER_OUT_OF_RANGE", message=f"Numbers go from 0 to {LAST_NUMBER}.", path=path)


def _time_problems(draft: TitleDraft) -> Iterator[FieldRefusal]:
    begin, end = draft.available_from, draft.available_until
    if begin is not None and end is not None and end <= begin:
        yield FieldRefusal(code="WINDOW_EMPTY", message="The window ends before it begins.", path=("availableUntil",))
    if draft.fixture is not None and draft.fixture.ends_at <= draft.fixture.starts_at:
        yield FieldRefusal(code="WINDOW_EMPTY", message="The event ends before it starts.", path=("fixture", "endsAt"))
    if draft.release_year is not None and not 1 <= draft.release_year <= LAST_YEAR:
        yield FieldRefusal(code="YEAR_OUT_OF_RANGE", message=f"Years go from 1 to {LAST_YEAR}.", path=("releaseYear",))
