"""Events that the catalog publishes. A consumer keeps the highest `version` per title or collection."""

from datetime import date, datetime
from typing import ClassVar
from uuid import UUID

from pydantic import BaseModel, ConfigDict

from subgraphs.shared.events import Event


class GenreFacts(BaseModel):
    """A genre of the title, with its name by language."""

    model_config = ConfigDict(frozen=True)

    id: str
    slug: str
    names: dict[str, str]


class PersonFacts(BaseModel):
    """Somebody credited, and as what: ACTOR, DIRECTOR, WRITER."""

    model_config = ConfigDict(frozen=True)

    id: str
    name: str
    role: str


class MarkerFacts(BaseModel):
    """A moment or stretch of a playable, in milliseconds: INTRO, AD_CUE; `end_ms` null is a moment."""

    model_config = ConfigDict(frozen=True)

    kind: str
    start_ms: int
    end_ms: int | None


class LicenceFacts(BaseModel):
    """A right to show a title: where (null is everywhere), from when until when (excluded), to whom."""

    model_config = ConfigDict(frozen=True)

    countries: list[str] | None
    starts_at: datetime | None
    ends_at: datetime | None
    tier: str
    rentable: bool


class PlayableFacts(BaseModel):
    """Something to play; `season` and `episode` are numbers, null unless it is an episode. `video_asset_id` is the
    global id of the film that plays, null where a stand-in does."""

    model_config = ConfigDict(frozen=True)

    id: str
    kind: str
    duration_seconds: int | None
    maturity_rating: str | None
    season: int | None
    episode: int | None
    video_asset_id: str | None = None
    markers: tuple[MarkerFacts, ...] = ()


class TitleChanged(Event):
    """Everything that other subgraphs may need to know of a title. Ids are global ids.

    `countries` null means everywhere. Where there are `licences`, one of them must serve a viewer; window, countries
    and tier of the title itself are then only their envelope, true of whoever any of them serves. Playables come in
    playing order; a playable's rating is never milder than the title's.
    """

    topic: ClassVar[str] = "catalog.title_changed"

    title_id: str
    version: int
    published: bool
    kind: str
    slug: str
    names: dict[str, str]
    genres: list[GenreFacts]
    people: list[PersonFacts]
    audio_languages: list[str]
    subtitle_languages: list[str]
    release_date: date | None
    release_year: int | None
    maturity_rating: str | None
    content_descriptors: tuple[str, ...] = ()
    required_tier: str
    available_from: datetime | None
    available_until: datetime | None
    countries: list[str] | None
    licences: tuple[LicenceFacts, ...] = ()
    published_at: datetime | None
    playables: list[PlayableFacts]


class ReminderDue(Event):
    """What a profile waits for can be watched. `set_at` tells one wait from the next for the same title."""

    topic: ClassVar[str] = "catalog.reminder_due"

    user_id: str
    profile_id: str
    set_at: datetime
    title_id: str
    slug: str
    name: str


class CollectionChanged(Event):
    """Which titles a collection has, in order; none when it was deleted or is not published.

    One that was deleted never comes back. `version` grows with every change, of its rule's findings too. Titles may be
    hidden from some viewers or all: whoever shows them decides by TitleChanged.
    """

    topic: ClassVar[str] = "catalog.collection_changed"

    collection_id: str
    version: int
    title_ids: list[str]
    deleted: bool = False


class SearchDocumentsChanged(Event):
    """Titles and people are found by other words than before, because a genre or a person was renamed; at most a
    thousand of them. What a title itself brings is in TitleChanged."""

    topic: ClassVar[str] = "catalog.search_documents_changed"

    owner_ids: list[UUID]
