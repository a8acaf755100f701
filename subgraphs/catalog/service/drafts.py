"""A title as its editors see it: one document, stored as JSON. What is wrong or missing in it is said by checks."""

from datetime import date, datetime
from typing import Annotated, Any
from uuid import UUID

from pydantic import AfterValidator, BaseModel, ConfigDict

from subgraphs.catalog.models import ContentDescriptor, CreditRole, ImageRole, MarkerKind, PlayableKind, TitleKind
from subgraphs.shared.values import MaturityRating, Tier, language_tag


class _Part(BaseModel):
    model_config = ConfigDict(frozen=True, extra="forbid")


class DraftText(_Part):
    """A name and a description in one language. `formatted` is the description as cleaned HTML, where it has marks."""

    name: str
    description: str = ""
    formatted: str | None = None


def _by_language(texts: dict[str, DraftText]) -> dict[str, DraftText]:
    """Return the texts by tags as they are written now; where an older document has a language twice, the text whose
    tag was written so already."""
    tags = {tag: language_tag(tag) or tag for tag in texts}
    return {known: texts.get(known, texts[tag]) for tag, known in tags.items()}


Texts = Annotated[dict[str, DraftText], AfterValidator(_by_language)]
"""Texts by locale."""


class DraftCredit(_Part):
    """A credited person: by name, or by `person_id`, and then `name` is the one that the person has."""

    name: str
    role: CreditRole
    character: str | None = None
    person_id: UUID | None = None


class DraftMarker(_Part):
    """A moment or stretch of what plays; `end_ms` None is a moment."""

    kind: MarkerKind
    start_ms: int
    end_ms: int | None = None
    label: str | None = None


class DraftImage(_Part):
    """A picture of a title or an episode in its role; `upload_id` None is one that is drawn. Sizes in pixels."""

    role: ImageRole
    upload_id: UUID | None
    width: int
    height: int


class DraftLicence(_Part):
    """A right to show a title: where (None is everywhere), from when until when (excluded), to whom."""

    countries: tuple[str, ...] | None = None
    starts_at: datetime | None = None
    ends_at: datetime | None = None
    tier: Tier = Tier.FREE
    rentable: bool = False


class DraftEpisode(_Part):
    """An episode; without a rating of its own it has its show's."""

    number: int
    texts: Texts = {}
    duration_seconds: int | None = None
    air_date: date | None = None
    maturity_rating: MaturityRating | None = None
    markers: tuple[DraftMarker, ...] = ()
    still: DraftImage | None = None
    video_asset_id: UUID | None = None


class DraftSeason(_Part):
    """A season with its episodes by number."""

    number: int
    texts: Texts = {}
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

    `texts` are by locale; `countries` None means everywhere. Where there are licences, they decide, and tier, rent,
    window and countries of the title itself say nothing.
    """

    kind: TitleKind
    slug: str | None = None
    original_name: str | None = None
    texts: Texts = {}
    release_date: date | None = None
    release_year: int | None = None
    maturity_rating: MaturityRating | None = None
    content_descriptors: tuple[ContentDescriptor, ...] = ()
    required_tier: Tier = Tier.FREE
    rentable: bool = False
    audio_languages: tuple[str, ...] = ()
    subtitle_languages: tuple[str, ...] = ()
    available_from: datetime | None = None
    available_until: datetime | None = None
    countries: tuple[str, ...] | None = None
    licences: tuple[DraftLicence, ...] = ()
    images: tuple[DraftImage, ...] = ()
    trailer_url: str | None = None
    external_ids: tuple[str, ...] = ()
    genre_ids: tuple[UUID, ...] = ()
    credits: tuple[DraftCredit, ...] = ()
    duration_seconds: int | None = None
    playable_kind: PlayableKind = PlayableKind.FEATURE
    video_asset_id: UUID | None = None
    markers: tuple[DraftMarker, ...] = ()
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
