"""What is wrong in a draft, and what is still missing before a review (FR-CC-002.1).

A draft may be incomplete, but never wrong: `problems_of` is asked whenever one is stored, `gaps_of` before a review.
"""

import re
from collections.abc import Iterator, Sequence
from urllib.parse import urlsplit

from subgraphs.catalog.errors import FieldRefusal
from subgraphs.catalog.models import ImageRole, MarkerKind, TitleKind
from subgraphs.catalog.service.drafts import DraftMarker, DraftText, TitleDraft
from subgraphs.catalog.service.external_ids import external_id_problems
from subgraphs.catalog.service.richtext import LONGEST_FORMATTED

LONGEST_NAME = 500
LONGEST_DESCRIPTION = 10_000
LONGEST_DURATION_MINUTES = 600
MOST_GENRES = 20
MOST_CREDITS = 500
MOST_EPISODES = 2_000
LAST_NUMBER = 9_999
LAST_YEAR = 9_999
REQUIRED_LOCALES = ("en", "hi")
MOST_MARKERS = 200
LONGEST_LABEL = 200
MOST_LICENCES = 50
LONGEST_ADDRESS = 2_000
LONGEST_COMMENT = 2_000
LONGEST_SLUG = 200
MOST_LANGUAGES = 100
MOST_COUNTRIES = 300
MOST_TRANSLATIONS = 200
_CONTROL = re.compile("[\x00-\x1f\x7f-\x9f\ud800-\udfff]")
_CONTROL_IN_TEXT = re.compile("[\x00-\x08\x0b\x0c\x0e-\x1f\x7f-\x9f\ud800-\udfff]")
"""What a text of several lines does not hold, either."""
_ADDRESS = re.compile(r"https://[!-~]+")
STRETCHES = frozenset({MarkerKind.INTRO, MarkerKind.RECAP, MarkerKind.CREDITS, MarkerKind.PREVIEW})
"""Kinds that a viewer skips over, and so have an end."""


def problems_of(draft: TitleDraft) -> list[FieldRefusal]:
    """Return what is wrong in the draft; missing parts are not wrong."""
    checks = (
        _text_problems,
        _duration_problems,
        _list_problems,
        _time_problems,
        _marker_problems,
        _licence_problems,
        _address_problems,
    )
    return [
        *(refusal for check in checks for refusal in check(draft)),
        *(
            FieldRefusal("EXTERNAL_ID_INVALID", each, ("externalIds",))
            for each in external_id_problems(draft.external_ids)
        ),
    ]


def name_problem(name: str) -> str | None:
    """Return what is wrong with a name; None when nothing is."""
    if 1 <= len(name) <= LONGEST_NAME and not name.isspace() and not _CONTROL.search(name):
        return None
    return f"A name has 1 to {LONGEST_NAME} characters, none of them a control character."


def is_plain(text: str) -> bool:
    """Return whether a text of several lines has no other control characters than those that end lines, and tabs."""
    return not _CONTROL_IN_TEXT.search(text)


def comment_problem(comment: str) -> FieldRefusal | None:
    """Return what is wrong with what an editor says of a title; None when nothing is."""
    if len(comment) <= LONGEST_COMMENT and is_plain(comment):
        return None
    message = f"A comment has at most {LONGEST_COMMENT} characters, none of them a control character."
    return FieldRefusal("COMMENT_INVALID", message, ("comment",))


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
    for role in (ImageRole.POSTER, ImageRole.THUMBNAIL):
        if all(image.role is not role for image in draft.images):
            yield f"The {role.value.lower()}", ("images", role.value)
    if draft.trailer_url is None:
        yield "The trailer", ("trailerUrl",)
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
            if len(text.description) > LONGEST_DESCRIPTION or len(text.formatted or "") > LONGEST_FORMATTED:
                message = f"A description has at most {LONGEST_DESCRIPTION} characters, with marks {LONGEST_FORMATTED}."
                yield FieldRefusal(code="DESCRIPTION_LENGTH", message=message, path=(*path, "description"))
            if _CONTROL.search(text.name) or not is_plain(text.description):
                yield FieldRefusal(code="TEXT_INVALID", message="A text holds a control character.", path=path)
    names: list[tuple[tuple[str, ...], str | None]] = [(("originalName",), draft.original_name)]
    # Whoever is credited by an id that nobody has is said to be unknown, not to lack a name.
    names += [(("credits",), credit.name) for credit in draft.credits if credit.name or credit.person_id is None]
    names += [(("credits",), credit.character) for credit in draft.credits]
    if draft.fixture is not None:
        names += [(("fixture", "sport"), draft.fixture.sport), (("fixture", "competition"), draft.fixture.competition)]
    for place, name in names:
        if name is not None and (problem := name_problem(name)):
            yield FieldRefusal(code="NAME_LENGTH", message=problem, path=place)


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
    for field, values, most in (
        ("audioLanguages", draft.audio_languages, MOST_LANGUAGES),
        ("subtitleLanguages", draft.subtitle_languages, MOST_LANGUAGES),
        ("countries", draft.countries or (), MOST_COUNTRIES),
        ("translations", draft.texts, MOST_TRANSLATIONS),
    ):
        if len(values) > most:
            yield FieldRefusal(code="TOO_MANY", message=f"There may be {most} at most.", path=(field,))
    if len(draft.credits) > MOST_CREDITS:
        yield FieldRefusal(code="TOO_MANY", message=f"Credits are at most {MOST_CREDITS}.", path=("credits",))
    if any(image.role is ImageRole.AVATAR for image in draft.images):
        path = ("images", ImageRole.AVATAR.value)
        yield FieldRefusal(code="KIND_MISMATCH", message="Only a person has an avatar.", path=path)
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


def _licence_problems(draft: TitleDraft) -> Iterator[FieldRefusal]:
    if len(draft.licences) > MOST_LICENCES:
        yield FieldRefusal(code="TOO_MANY", message=f"Licences are at most {MOST_LICENCES}.", path=("licences",))
    for index, licence in enumerate(draft.licences):
        path = ("licences", str(index))
        if licence.starts_at is not None and licence.ends_at is not None and licence.ends_at <= licence.starts_at:
            message = "The window ends before it begins."
            yield FieldRefusal(code="WINDOW_EMPTY", message=message, path=(*path, "until"))
        if licence.countries is not None and not licence.countries:
            message = "A licence holds somewhere; null means everywhere."
            yield FieldRefusal(code="REQUIRED_FIELD", message=message, path=(*path, "countries"))


def _address_problems(draft: TitleDraft) -> Iterator[FieldRefusal]:
    if draft.trailer_url is None:
        return
    address = urlsplit(draft.trailer_url) if _ADDRESS.fullmatch(draft.trailer_url) else None
    if address is None or len(draft.trailer_url) > LONGEST_ADDRESS or not address.hostname or address.username:
        message = f"An address begins with https:// and has at most {LONGEST_ADDRESS} characters."
        yield FieldRefusal(code="URL_INVALID", message=message, path=("trailerUrl",))


def _marker_problems(draft: TitleDraft) -> Iterator[FieldRefusal]:
    if draft.markers and draft.kind is TitleKind.SHOW:
        message = "A show has markers in its episodes."
        yield FieldRefusal(code="KIND_MISMATCH", message=message, path=("markers",))
    yield from _problems_of_markers(draft.markers, draft.duration_seconds, ())
    for season in draft.seasons:
        for episode in season.episodes:
            place = ("seasons", str(season.number), "episodes", str(episode.number))
            yield from _problems_of_markers(episode.markers, episode.duration_seconds, place)


def _is_label(text: str) -> bool:
    return 1 <= len(text) <= LONGEST_LABEL and not _CONTROL.search(text)


def _problems_of_markers(
    markers: Sequence[DraftMarker], duration_seconds: int | None, place: tuple[str, ...]
) -> Iterator[FieldRefusal]:
    last_ms = 1000 * (duration_seconds or LONGEST_DURATION_MINUTES * 60)
    if len(markers) > MOST_MARKERS:
        message = f"Markers are at most {MOST_MARKERS}."
        yield FieldRefusal(code="TOO_MANY", message=message, path=(*place, "markers"))
    ends: dict[MarkerKind, int] = {}
    for index, marker in sorted(enumerate(markers), key=lambda each: each[1].start_ms):
        path = (*place, "markers", str(index))
        end_ms = marker.start_ms if marker.end_ms is None else marker.end_ms
        if marker.start_ms < 0 or end_ms > last_ms:
            message = f"A marker lies between 0 and {last_ms} ms."
            yield FieldRefusal(code="MARKER_OUT_OF_RANGE", message=message, path=path)
        if marker.end_ms is None and marker.kind in STRETCHES:
            yield FieldRefusal(code="REQUIRED_FIELD", message="The end is missing.", path=(*path, "endMs"))
        elif marker.end_ms is not None and marker.end_ms <= marker.start_ms:
            message = "The marker ends before it begins."
            yield FieldRefusal(code="MARKER_EMPTY", message=message, path=(*path, "endMs"))
        elif marker.start_ms < ends.get(marker.kind, marker.start_ms):
            message = "Two markers of one kind overlap."
            yield FieldRefusal(code="MARKERS_OVERLAP", message=message, path=path)
        if marker.label is not None and not _is_label(marker.label):
            message = f"A label has 1 to {LONGEST_LABEL} characters, none of them NUL."
            yield FieldRefusal(code="LABEL_LENGTH", message=message, path=(*path, "label"))
        ends[marker.kind] = max(ends.get(marker.kind, end_ms), end_ms)
